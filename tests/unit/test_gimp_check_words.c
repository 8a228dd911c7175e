/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the dialogs say of a check and of the doctor's lines, in English. */
#include "tests/unit/unit.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#include "plugins/gimp/check_safe.h"
#include "plugins/gimp/check_words.h"
#include "plugins/gimp/doctor_words.h"

#define MOST 5

static const struct row {
    const char *name;
    const char *kinds[MOST];
    enum ir_verdict verdict;
    const char *model_reason;
    const char *not_checked[MOST];
    const char *words;
} rows[] = {
    {"nothing, and all was looked at", {NULL}, IR_VERDICT_NO, NULL, {NULL}, ""},
    {"one", {"face"}, IR_VERDICT_YES, NULL, {NULL}, "Found: 1 face."},
    {"several, of a kind together",
     {"face", "otp-secret", "face", "person-name"},
     IR_VERDICT_YES,
     NULL,
     {NULL},
     "Found: 2 faces, 1 secret of one-time passwords in a code, 1 person's name in the metadata."},
    {"the model alone is not counted",
     {"model"},
     IR_VERDICT_YES,
     "A passport.",
     {NULL},
     "The model says: A passport."},
    {"a kind that is not known", {"novelty"}, IR_VERDICT_YES, NULL, {NULL}, "Found: 1 novelty."},
    {"what was left out, in one line",
     {"face"},
     IR_VERDICT_YES,
     NULL,
     {"text: not asked for", "codes: not asked for"},
     "Found: 1 face.\nNot chosen, so not looked at: text, codes."},
    {"what failed, in a line each",
     {NULL},
     IR_VERDICT_UNKNOWN,
     NULL,
     {"moderation: The local recogniser cannot know whether a picture is unsafe",
      "faces: too many requests", "text: not asked for"},
     "Nothing was found where it could be looked.\n"
     "Could not be looked at: nudity and violence (the recogniser on this computer cannot judge "
     "that)\n"
     "Could not be looked at: faces (“too many requests”)\n"
     "Not chosen, so not looked at: text."},
    {"what is held back here",
     {"face"},
     IR_VERDICT_YES,
     NULL,
     {"model: not sent, since this machine's recogniser found something"},
     "Found: 1 face.\n"
     "Could not be looked at: the model's judgement (not sent, since this computer found "
     "something)"},
    {"a look that is not known",
     {NULL},
     IR_VERDICT_UNKNOWN,
     NULL,
     {"smell: no nose"},
     "Nothing was found where it could be looked.\nCould not be looked at: smell: no nose"},
};

static void test_check(void **state)
{
    const struct row *row = *state;
    struct ir_finding findings[MOST];
    struct ir_check check = {.verdict = row->verdict,
                             .reason = "",
                             .model_reason = row->model_reason,
                             .findings = findings,
                             .not_checked = row->not_checked};
    char *words;

    memset(findings, 0, sizeof findings);
    for (; check.finding_count < MOST && row->kinds[check.finding_count] != NULL;
         check.finding_count++)
        findings[check.finding_count].kind = row->kinds[check.finding_count];
    while (check.not_checked_count < MOST && row->not_checked[check.not_checked_count] != NULL)
        check.not_checked_count++;
    words = check_words_reason(&check);
    assert_string_equal(words, row->words);
    g_free(words);
}

static void test_failed(void **state)
{
    static const char *const lines[] = {
        "moderation: The local recogniser cannot know whether a picture is unsafe",
        "text: not asked for", "faces: too many requests", "smell: no nose"};
    struct ir_check check = {.reason = "", .not_checked = lines, .not_checked_count = 4};
    char *words = check_words_failed(&check);

    (void)state;
    assert_string_equal(words, "nudity and violence (the recogniser on this computer cannot judge "
                               "that), faces (“too many requests”), smell: no nose");
    g_free(words);
    check.not_checked = lines + 1;
    check.not_checked_count = 1;
    words = check_words_failed(&check);
    assert_string_equal(words, "");
    g_free(words);
}

static const struct safe_row {
    const char *name;
    const char *kinds[MOST];
    bool has_box[MOST];
    const char *not_checked;
    const char *words;       /* NULL: safe */
    const char *first_name;  /* of the first finding; NULL = none */
    const char *layer_words; /* for a layer; NULL = `words`, too */
} safe_rows[] = {
    {"nothing", {NULL}, {false}, NULL, NULL},
    {"what has a place", {"face", "model"}, {true, false}, NULL, NULL},
    {"metadata",
     {"gps"},
     {false},
     NULL,
     NULL,
     NULL,
     "A layer covers no metadata, so this is still in the image: Position (GPS) in the metadata."},
    {"metadata beside what has a place",
     {"face", "gps"},
     {true, false},
     NULL,
     NULL,
     NULL,
     "A layer covers no metadata, so this is still in the image: Position (GPS) in the metadata."},
    {"the model alone",
     {"model"},
     {false},
     NULL,
     "What was found cannot be covered, since nobody says where it is: What the model says."},
    {"moderation beside a face",
     {"face", "moderation"},
     {true, false},
     NULL,
     "What was found cannot be covered, since nobody says where it is: Content for moderation."},
    {"the model beside metadata",
     {"gps", "model"},
     {false},
     NULL,
     "What was found cannot be covered, since nobody says where it is: What the model says."},
    {"what has a name",
     {"moderation"},
     {false},
     NULL,
     "What was found cannot be covered, since nobody says where it is: Content for moderation, "
     "Violence.",
     "Violence"},
    {"left out", {NULL}, {false}, "text: not asked for", NULL},
    {"failed",
     {"face"},
     {true},
     "text: no route",
     "Not all that was asked for could be looked for: text (“no route”)."},
};

static void expect_safe(const struct ir_check *check, enum check_made made, const char *wanted)
{
    char *words = check_safe_words(check, made, MOST);
    struct ir_error err;

    if (wanted == NULL) {
        assert_null(words);
        assert_int_equal(check_safe(check, made, "Done.", &err), 0);
    } else {
        assert_string_equal(words, wanted);
        assert_int_equal(check_safe(check, made, "Done.", &err), IR_ERR_ARG);
        assert_memory_equal(err.message, "Done. ", 6);
        assert_string_equal(err.message + 6, wanted);
        assert_int_equal(strstr(err.hint, "make-copy") != NULL,
                         strstr(wanted, "metadata, so") != NULL);
    }
    g_free(words);
}

static void test_safe(void **state)
{
    const struct safe_row *row = *state;
    struct ir_finding findings[MOST];
    struct ir_check check = {.reason = "",
                             .findings = findings,
                             .not_checked = &row->not_checked,
                             .not_checked_count = row->not_checked != NULL};

    memset(findings, 0, sizeof findings);
    for (; check.finding_count < MOST && row->kinds[check.finding_count] != NULL;
         check.finding_count++) {
        findings[check.finding_count].kind = row->kinds[check.finding_count];
        findings[check.finding_count].source =
            g_str_equal(row->kinds[check.finding_count], "gps") ? "file" : "rekognition";
        findings[check.finding_count].has_box = row->has_box[check.finding_count];
    }
    findings[0].name = row->first_name;
    expect_safe(&check, CHECK_MADE_COPY, row->words);
    expect_safe(&check, CHECK_MADE_LAYER, row->layer_words != NULL ? row->layer_words : row->words);
}

/* What is not ticked in the dialog's list. */
static void test_left(void **state)
{
    const char *failed = "text: no route";
    struct ir_finding findings[] = {
        {.kind = "face", .has_box = true, .source = "rekognition"},
        {.kind = "face", .has_box = true, .source = "rekognition"},
        {.kind = "gps", .source = "file"},
    };
    struct ir_check check = {.reason = "", .findings = findings, .finding_count = 3};
    char *words = check_safe_words(&check, CHECK_MADE_COPY, 2);

    (void)state;
    assert_null(words);
    words = check_safe_words(&check, CHECK_MADE_COPY, 1);
    assert_string_equal(words, "1 place that was found is not ticked, so this does not cover it.");
    g_free(words);
    check.not_checked = &failed;
    check.not_checked_count = 1;
    words = check_safe_words(&check, CHECK_MADE_COPY, 0);
    assert_string_equal(words, "2 places that were found are not ticked, so this does not cover "
                               "them. Not all that was asked for could be looked for: text (“no "
                               "route”).");
    g_free(words);
}

static const struct reason_row {
    const char *name;
    struct ir_finding finding;
    const char *model_reason;
    const char *words;
} reason_rows[] = {
    {"before covering: it can be",
     {.kind = "face", .has_box = true, .source = "rekognition"},
     NULL,
     ""},
    {"before covering: metadata are not in the picture",
     {.kind = "gps", .source = "file"},
     NULL,
     ""},
    {"before covering: what has no place",
     {.kind = "moderation", .name = "Violence", .source = "rekognition"},
     NULL,
     "What was found cannot be covered, since nobody says where it is: Content for moderation, "
     "Violence."},
    {"before covering: a model without a reason",
     {.kind = "model", .source = "a model"},
     NULL,
     "What was found cannot be covered, since nobody says where it is: What the model says."},
    {"before covering: a model with a reason",
     {.kind = "model", .source = "a model"},
     "A passport.",
     "What was found cannot be covered, since nobody says where it is: What the model says."},
};

static void test_reason(void **state)
{
    const struct reason_row *row = *state;
    struct ir_check check = {.verdict = IR_VERDICT_YES,
                             .reason = "",
                             .model_reason = row->model_reason,
                             .findings = &row->finding,
                             .finding_count = 1};
    char *words = check_safe_reason(&check);

    assert_string_equal(words, row->words);
    g_free(words);
}

/* What stands in the list of the findings. */
static const struct finding_row {
    const char *name;
    struct ir_finding finding;
    const char *words;
} finding_rows[] = {
    {"list: a face", {.kind = "face", .confidence_pct = 88.9}, "Face (88 %)"},
    {"list: what has a name",
     {.kind = "moderation", .name = "Violence", .confidence_pct = NAN},
     "Content for moderation: Violence"},
    {"list: what the model says",
     {.kind = "model", .confidence_pct = NAN},
     "What the model says: A passport."},
};

static void test_finding(void **state)
{
    const struct finding_row *row = *state;
    struct ir_check check = {
        .reason = "", .model_reason = "A passport.", .findings = &row->finding, .finding_count = 1};
    char *words = check_words_finding(&check, 0);

    assert_string_equal(words, row->words);
    g_free(words);
}

static void test_no_model_finding(void **state)
{
    struct ir_check check = {.verdict = IR_VERDICT_NO, .reason = "", .model_reason = "A cat."};
    char *words = check_words_beside_list(&check);

    (void)state;
    assert_string_equal(words, "The model says: A cat.");
    g_free(words);
}

static const struct line_row {
    const char *name;
    struct ir_doctor_line line;
    const char *heading, *next;
} line_rows[] = {
    {"good",
     {"credentials", "credentials", IR_DOCTOR_OK, "from a file", ""},
     "Credentials: good",
     ""},
    {"a host has its own name",
     {"host:sts", "sts.amazonaws.com", IR_DOCTOR_FAIL, "no route", "Look at it."},
     "sts.amazonaws.com: wrong",
     "Look at it."},
    {"all of the hosts",
     {"hosts", "hosts", IR_DOCTOR_SKIPPED, "no region", ""},
     "Hosts: not looked at",
     ""},
    {"variables of a shell: the settings above",
     {"region", "region", IR_DOCTOR_FAIL, "none is set",
      "Set AWS_REGION, for example to us-east-1, or run: aws configure set region us-east-1"},
     "Region: wrong",
     "Choose a region above."},
    {"what is typed into a terminal stays",
     {"credentials", "credentials", IR_DOCTOR_FAIL, "none",
      "Run `aws configure` (keys) or `aws configure sso`, or set AWS_ACCESS_KEY_ID. To try without "
      "an account: imgrecog labels --endpoint local PHOTO"},
     "Credentials: wrong",
     "Choose another profile above, or sign in again in a terminal. (aws configure) (aws configure "
     "sso)"},
    {"but for what GIMP does itself",
     {"model:model", "anthropic.x", IR_DOCTOR_FAIL, "there is none",
      "Set model to one that `imgrecog models` lists."},
     "anthropic.x: wrong",
     "Choose another model in the settings, or ask for access to this one in the Bedrock console."},
    {"a permission's command",
     {"permission:bedrock:InvokeModel", "bedrock:InvokeModel", IR_DOCTOR_SKIPPED, "not tried",
      "Allow bedrock:InvokeModel; or see by: imgrecog ask QUESTION PHOTO, which is charged"},
     "bedrock:InvokeModel: not looked at",
     "Allow bedrock:InvokeModel."},
    {"what is not known",
     {"weather", "weather", IR_DOCTOR_WARN, "rain", "Take an umbrella."},
     "weather: look at this",
     "Take an umbrella."},
};

static void test_line(void **state)
{
    const struct line_row *row = *state;
    char *heading = doctor_words_heading(&row->line);
    char *next = doctor_words_next(&row->line);

    assert_string_equal(heading, row->heading);
    assert_string_equal(next, row->next);
    g_free(next);
    g_free(heading);
}

static const struct what_row {
    const char *name;
    const char *what, *words;
} what_rows[] = {
    {"one name", "no address is known for sts.x.amazonaws.com.",
     "No address is known for sts.x.amazonaws.com."},
    {"several", "from /a/b, profile \"ann\", key ...WXYZ, until 2026-12-01T00:00:00Z",
     "From /a/b, profile “ann”, key …WXYZ, until 2026-12-01T00:00:00Z."},
    {"less of them", "from the environment, profile \"ann\", key ...WXYZ",
     "From the environment, profile “ann”, key …WXYZ."},
    {"a name that has words of its own", "answers after 12 ms, TLS verified",
     "Answers after 12 ms, encrypted and verified (TLS)."},
    {"a path is left out", "/x/imgrecog-local answers; faces by its cascade, text in eng+kor",
     "It answers, and finds faces and text (English and Korean)."},
    {"no settings", "there is no /x/config; none in the environment",
     "There is no file /x/config, and nothing is set in the environment."},
    {"a file of settings", "from /x/config; from the environment: IMGRECOG_MODEL",
     "Read from /x/config. Set in the environment: IMGRECOG_MODEL."},
    {"a region", "eu-west-1, from AWS_REGION", "eu-west-1, from AWS_REGION."},
    {"a region of the profile", "eu-west-1, from the profile", "eu-west-1, from the profile."},
    {"a proxy", "by proxy:8080", "proxy:8080."},
    {"a proxy but for some", "by proxy:8080, but for the hosts of NO_PROXY",
     "proxy:8080, but not for the hosts in NO_PROXY."},
    {"a clock behind",
     "600 s behind the servers'; signatures are made with theirs, but other programs will be "
     "refused",
     "600 s behind the servers' clocks. Here that is allowed for, but other programs will be "
     "refused."},
    {"a clock ahead", "60 s ahead of the servers'; signatures are made with theirs, but other",
     "60 s ahead of the servers' clocks. Here that is allowed for, but other programs will be "
     "refused."},
    {"no bundle", "/x/ca.pem: no such file", "There is no file /x/ca.pem."},
    {"no languages", "/x answers; faces by its cascade, text in languages that it does not tell",
     "It answers, and finds faces and text."},
    {"a name like a hole", "nobody answers at %2$s *", "Nobody answers at %2$s *."},
    {"a service's words", "The token is invalid (InvalidClientTokenId, HTTP 403).",
     "“The token is invalid (InvalidClientTokenId, HTTP 403).”"},
    {"nothing", "", "“”"},
};

static void test_what(void **state)
{
    const struct what_row *row = *state;
    char *words = doctor_words_cause(row->what);

    assert_string_equal(words, row->words);
    g_free(words);
}

static void test_kinds(void **state)
{
    (void)state;
    assert_string_equal(check_words_kind("wifi-password"), "Wi-Fi password in a code");
    assert_string_equal(check_words_kind("novelty"), "novelty");
}

int main(void)
{
    static struct unit_list list;

    UNIT_ADD_ROWS(&list, test_check, rows);
    UNIT_ADD_ROWS(&list, test_safe, safe_rows);
    UNIT_ADD_ROWS(&list, test_reason, reason_rows);
    UNIT_ADD_ROWS(&list, test_finding, finding_rows);
    UNIT_ADD_ROWS(&list, test_line, line_rows);
    UNIT_ADD_ROWS(&list, test_what, what_rows);
    unit_add(&list, "what could not be looked for", test_failed);
    unit_add(&list, "what is not ticked", test_left);
    unit_add(&list, "a model that found nothing", test_no_model_finding);
    unit_add(&list, "kinds", test_kinds);
    return unit_run(&list, "words in GIMP's dialogs");
}
