/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The look of this machine's recogniser before a picture is sent: what it costs the tasks that send
 * pictures. The rule that all rows guard: with block, what was found, or could not be looked at,
 * keeps every byte on this machine.
 */
#include "tests/unit/fake_client.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <imgrecog/ask.h>
#include <imgrecog/caption.h>
#include <imgrecog/check.h>
#include <imgrecog/generate.h>
#include <imgrecog/labels.h>

#include "core/aws/embedded.h"

#define TARGET(name) "RekognitionService." name
#define FACES(...) {.target = TARGET("DetectFaces"), .body = "{\"FaceDetails\":[" __VA_ARGS__ "]}"}
#define ONE_FACE                                                                                   \
    "{\"Confidence\":99,\"BoundingBox\":{\"Left\":0.1,\"Top\":0.2,\"Width\":0.3,\"Height\":0.4}}"
#define TEXT_NONE {.target = TARGET("DetectText"), .body = "{\"TextDetections\":[]}"}
#define TEXT_LATE                                                                                  \
    {.target = TARGET("DetectText"),                                                               \
     .header = IR_EMBEDDED_NOT_FINISHED_HEADER ": text",                                           \
     .body = "{\"TextDetections\":[]}"}
#define LABELS_NONE {.target = TARGET("DetectLabels"), .body = "{\"Labels\":[]}"}
#define MODERATION_NONE                                                                            \
    {.target = TARGET("DetectModerationLabels"), .body = "{\"ModerationLabels\":[]}"}
#define PNG_BASE64                                                                                 \
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
#define TEXT_FAILED                                                                                \
    {.target = "RekognitionService.DetectText",                                                    \
     .status = 400,                                                                                \
     .header = "x-amzn-ErrorType: InvalidParameterException",                                      \
     .body = "{\"message\":\"it was not asked for\"}"}
#define MODEL                                                                                      \
    {.body = "{\"output\":{\"message\":{\"content\":[{\"text\":\"No.\"}]}},\"stopReason\":"        \
             "\"end_turn\",\"usage\":{\"inputTokens\":5,\"outputTokens\":5},"                      \
             "\"seeds\":[1],\"finish_reasons\":[null],\"images\":[\"" PNG_BASE64 "\"]}"}
#define MAX_ANSWERS 8

static unsigned char picture_data[4096];

/* ---- the tasks --------------------------------------------------------------------------- */

typedef int (*task_fn)(struct ir_client *client, const struct ir_picture *picture,
                       struct ir_result **out, struct ir_error *err);

static int labels(struct ir_client *client, const struct ir_picture *picture,
                  struct ir_result **out, struct ir_error *err)
{
    const struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    return ir_labels(client, picture, &options, out, err);
}

static int caption(struct ir_client *client, const struct ir_picture *picture,
                   struct ir_result **out, struct ir_error *err)
{
    const struct ir_caption_options options = IR_CAPTION_OPTIONS_INIT;
    return ir_caption(client, picture, &options, out, err);
}

static int caption_from_labels(struct ir_client *client, const struct ir_picture *picture,
                               struct ir_result **out, struct ir_error *err)
{
    struct ir_caption_options options = IR_CAPTION_OPTIONS_INIT;
    options.from_labels = true;
    return ir_caption(client, picture, &options, out, err);
}

static int ask(struct ir_client *client, const struct ir_picture *picture, struct ir_result **out,
               struct ir_error *err)
{
    struct ir_ask_options options = IR_ASK_OPTIONS_INIT;
    options.question = "Who is it?";
    return ir_ask(client, picture, &options, out, err);
}

static int check(struct ir_client *client, const struct ir_picture *picture, struct ir_result **out,
                 struct ir_error *err)
{
    const struct ir_check_options options = IR_CHECK_OPTIONS_INIT;
    return ir_check(client, picture, &options, out, err);
}

static int generate(struct ir_client *client, const struct ir_picture *picture,
                    struct ir_result **out, struct ir_error *err)
{
    struct ir_generate_options options = IR_GENERATE_OPTIONS_INIT;
    options.prompt = "older";
    options.model = "stability.sd3-5-large-v1:0";
    options.picture = picture;
    options.strength = 0.5;
    return ir_generate(client, &options, out, err);
}

/* ---- this machine's recogniser, as far as a connection shows it -------------------------- */

static int listener = -1;
static struct sockaddr_un address = {.sun_family = AF_UNIX};

static void open_socket(void)
{
    snprintf(address.sun_path, sizeof address.sun_path, "/tmp/imgrecog-precheck-%ld.sock",
             (long)getpid());
    unlink(address.sun_path);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 64) != 0)
        abort();
    setenv("IMGRECOG_LOCAL", "/nonexistent/imgrecog-local", 1);
}

static void use_socket(bool is_there)
{
    setenv("IMGRECOG_LOCAL_SOCKET", is_there ? address.sun_path : "/nonexistent/l.sock", 1);
}

/* ---- rows -------------------------------------------------------------------------------- */

struct row {
    const char *name;
    task_fn task;
    enum ir_precheck mode;
    bool is_absent; /* this machine's recogniser */
    struct fake_answer answers[MAX_ANSWERS];
    int code;
    size_t remote_calls;
    const char *kinds;       /* of the precheck's findings; NULL = the document has no precheck */
    const char *says;        /* is in the error, or in its first line of what was not checked */
    enum ir_verdict verdict; /* of check */
};

/* An answer that is for any request comes last: the second of a kind would get it. */
#define REST LABELS_NONE, LABELS_NONE, MODEL
#define FOUND {FACES(ONE_FACE), TEXT_NONE, REST}
#define NOTHING {FACES(), TEXT_NONE, REST}
#define LATE {FACES(), TEXT_LATE, REST}
#define REMOTE_NO FACES(), TEXT_NONE, TEXT_NONE, LABELS_NONE, LABELS_NONE, MODERATION_NONE, MODEL

static const struct row rows[] = {
    {"labels, off", labels, IR_PRECHECK_OFF, false, FOUND, 0, 1, NULL, NULL, 0},
    {"labels, warn", labels, IR_PRECHECK_WARN, false, FOUND, 0, 1, "face ", NULL, 0},
    {"labels, block", labels, IR_PRECHECK_BLOCK, false, FOUND, IR_ERR_ARG, 0, NULL,
     "found something: 1 face", 0},
    {"labels, block, nothing found", labels, IR_PRECHECK_BLOCK, false, NOTHING, 0, 1, "", NULL, 0},
    {"labels, block, words not read to the end", labels, IR_PRECHECK_BLOCK, false, LATE, IR_ERR_ARG,
     0, NULL, "could not look: text: not finished in time", 0},
    {"labels, warn, words not read to the end", labels, IR_PRECHECK_WARN, false, LATE, 0, 1, "",
     "text: not finished in time", 0},
    {"labels, block, no recogniser", labels, IR_PRECHECK_BLOCK, true, NOTHING, IR_ERR_ARG, 0, NULL,
     "could not look", 0},
    {"labels, warn, no recogniser", labels, IR_PRECHECK_WARN, true, NOTHING, 0, 1, "",
     "imgrecog-local", 0},
    {"labels, block, a look that failed in words of a look left out",
     labels,
     IR_PRECHECK_BLOCK,
     false,
     {FACES(), TEXT_FAILED, REST},
     IR_ERR_ARG,
     0,
     NULL,
     "text: it was not asked for",
     0},
    {"caption, block", caption, IR_PRECHECK_BLOCK, false, FOUND, IR_ERR_ARG, 0, NULL, "1 face", 0},
    {"caption, warn", caption, IR_PRECHECK_WARN, false, FOUND, 0, 1, "face ", NULL, 0},
    {"caption from labels, block", caption_from_labels, IR_PRECHECK_BLOCK, false, FOUND, IR_ERR_ARG,
     0, NULL, "1 face", 0},
    {"ask, block", ask, IR_PRECHECK_BLOCK, false, FOUND, IR_ERR_ARG, 0, NULL, "1 face", 0},
    {"ask, warn", ask, IR_PRECHECK_WARN, false, FOUND, 0, 1, "face ", NULL, 0},
    {"generate from a picture, block", generate, IR_PRECHECK_BLOCK, false, FOUND, IR_ERR_ARG, 0,
     NULL, "1 face", 0},
    {"generate from a picture, warn", generate, IR_PRECHECK_WARN, false, FOUND, 0, 1, "face ", NULL,
     0},
    {"check, block: it has its answer", check, IR_PRECHECK_BLOCK, false, FOUND, 0, 0, "face ", NULL,
     IR_VERDICT_YES},
    {"check, block, words not read to the end", check, IR_PRECHECK_BLOCK, false, LATE, IR_ERR_ARG,
     0, NULL, "could not look", 0},
    {"check, block, nothing found: it goes on",
     check,
     IR_PRECHECK_BLOCK,
     false,
     {FACES(), REMOTE_NO},
     0,
     5,
     "",
     NULL,
     IR_VERDICT_NO},
    {"check, warn: it goes on",
     check,
     IR_PRECHECK_WARN,
     false,
     {FACES(ONE_FACE), REMOTE_NO},
     0,
     5,
     "face ",
     NULL,
     IR_VERDICT_NO},
};

static size_t count_remote(const struct fixture *fixture)
{
    size_t count = 0;
    for (size_t i = 0; i < fixture->transport.call_count; i++)
        count += fixture->transport.seen[i].unix_socket[0] == '\0' ? 1 : 0;
    return count;
}

static void check_precheck(const struct ir_result *result, const struct row *row)
{
    const struct ir_check *precheck = ir_result_get_precheck(result);
    char kinds[128] = "";
    size_t used = 0;
    char *json = NULL;
    assert_int_equal(ir_result_to_json(result, &json, NULL, NULL), 0);
    assert_int_equal(strstr(json, "\"precheck\":{") != NULL, row->kinds != NULL);
    ir_free(json);
    assert_int_equal(precheck != NULL, row->kinds != NULL);
    if (precheck == NULL)
        return;
    for (size_t i = 0; i < precheck->finding_count; i++) {
        used +=
            (size_t)snprintf(kinds + used, sizeof kinds - used, "%s ", precheck->findings[i].kind);
        assert_string_equal(precheck->findings[i].source, "local");
    }
    assert_string_equal(kinds, row->kinds);
    assert_string_equal(precheck->reason, used > 0 ? "1 face" : "");
    /* It never says NO. */
    assert_int_equal(precheck->verdict, used > 0 ? IR_VERDICT_YES : IR_VERDICT_UNKNOWN);
    assert_int_equal(precheck->not_checked_count, row->says != NULL ? 1 : 0);
    if (row->says != NULL)
        assert_non_null(strstr(precheck->not_checked[0], row->says));
}

/* A client with these answers to come; the picture is the caller's. */
static struct ir_picture *set_up_answers(struct fixture *fixture,
                                         const struct ir_client_options *options,
                                         const struct fake_answer *answers)
{
    set_up_with(fixture, options);
    for (size_t i = 0; i < MAX_ANSWERS && answers[i].body != NULL; i++)
        fake_transport_add(&fixture->transport, answers[i]);
    return fake_picture_new(picture_data, 100, 100, 1000, 1);
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    struct fixture fixture;
    struct ir_result *result = NULL;
    use_socket(!row->is_absent);
    options.precheck = row->mode;
    struct ir_picture *picture = set_up_answers(&fixture, &options, row->answers);
    assert_int_equal(row->task(fixture.client, picture, &result, &fixture.err), row->code);
    assert_int_equal(count_remote(&fixture), row->remote_calls);
    if (row->code == 0) {
        check_precheck(result, row);
        if (row->task == check)
            assert_int_equal(ir_result_get_check(result)->verdict, row->verdict);
    } else {
        assert_null(result);
        assert_string_equal(fixture.err.service, "precheck");
        assert_non_null(strstr(fixture.err.message, row->says));
        assert_non_null(strstr(fixture.err.hint, "precheck"));
        assert_false(fixture.err.maybe_served);
    }
    ir_result_free(result);
    ir_picture_free(picture);
    tear_down(&fixture);
}

/* What the check says of a picture that was held back: this machine's findings, and the rest of the
 * looks as not taken. */
static void test_held_back(void **state)
{
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    const struct fake_answer answers[MAX_ANSWERS] = FOUND;
    struct fixture fixture;
    struct ir_result *result = NULL;
    (void)state;
    use_socket(true);
    options.precheck = IR_PRECHECK_BLOCK;
    struct ir_picture *picture = set_up_answers(&fixture, &options, answers);
    assert_int_equal(check(fixture.client, picture, &result, &fixture.err), 0);
    const struct ir_check *outcome = ir_result_get_check(result);
    assert_string_equal(outcome->reason, "1 face");
    assert_int_equal(outcome->finding_count, 1);
    assert_string_equal(outcome->findings[0].source, "local");
    assert_true(outcome->findings[0].has_box);
    assert_int_equal(outcome->not_checked_count, 5);
    assert_non_null(strstr(outcome->not_checked[4], "model: not sent"));
    ir_result_free(result);
    ir_picture_free(picture);
    tear_down(&fixture);
}

/* However sure the task wants to be: what held the picture back is told, and NO is not said. */
static void test_held_back_unsure(void **state)
{
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    struct ir_check_options task = IR_CHECK_OPTIONS_INIT;
    const struct fake_answer answers[MAX_ANSWERS] = FOUND;
    struct fixture fixture;
    struct ir_result *result = NULL;
    (void)state;
    use_socket(true);
    options.precheck = IR_PRECHECK_BLOCK;
    struct ir_picture *picture = set_up_answers(&fixture, &options, answers);
    task.min_confidence_pct = 100;
    assert_int_equal(ir_check(fixture.client, picture, &task, &result, &fixture.err), 0);
    assert_int_equal(ir_result_get_check(result)->verdict, IR_VERDICT_YES);
    assert_int_equal(ir_result_get_check(result)->finding_count, 1);
    assert_true(ir_result_is_held_back(result));
    assert_int_equal(count_remote(&fixture), 0);
    ir_result_free(result);
    ir_picture_free(picture);
    tear_down(&fixture);
}

/* A picture that is to be uploaded. */
static void test_upload(void **state)
{
    static const struct {
        enum ir_precheck mode;
        struct fake_answer answers[MAX_ANSWERS];
        int code;
        int findings; /* -1 = nobody looked */
    } uploads[] = {{IR_PRECHECK_OFF, FOUND, 0, -1},
                   {IR_PRECHECK_WARN, FOUND, 0, 1},
                   {IR_PRECHECK_BLOCK, NOTHING, 0, 0},
                   {IR_PRECHECK_BLOCK, FOUND, IR_ERR_ARG, 0},
                   {IR_PRECHECK_BLOCK, LATE, IR_ERR_ARG, 0}};
    (void)state;
    use_socket(true);
    for (size_t i = 0; i < sizeof uploads / sizeof uploads[0]; i++) {
        struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
        struct fixture fixture;
        struct ir_result *result = NULL;
        options.precheck = uploads[i].mode;
        struct ir_picture *picture = set_up_answers(&fixture, &options, uploads[i].answers);
        assert_int_equal(ir_precheck_picture(fixture.client, picture, NULL, &result, &fixture.err),
                         uploads[i].code);
        assert_int_equal(count_remote(&fixture), 0);
        if (uploads[i].code != 0)
            assert_null(result);
        else if (uploads[i].findings < 0)
            assert_null(ir_result_get_precheck(result));
        else
            assert_int_equal(ir_result_get_precheck(result)->finding_count, uploads[i].findings);
        ir_result_free(result);
        ir_picture_free(picture);
        tear_down(&fixture);
    }
}

/* What the caller knows is told where somebody looked, and there alone. */
static void test_note(void **state)
{
    static const enum ir_precheck modes[] = {IR_PRECHECK_OFF, IR_PRECHECK_WARN};
    const struct fake_answer answers[MAX_ANSWERS] = FOUND;
    (void)state;
    use_socket(true);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
        struct fixture fixture;
        struct ir_result *result = NULL;
        options.precheck = modes[i];
        struct ir_picture *picture = set_up_answers(&fixture, &options, answers);
        assert_int_equal(ir_precheck_picture(fixture.client, picture, NULL, &result, &fixture.err),
                         0);
        assert_int_equal(ir_precheck_note(result, "layers: some are hidden", &fixture.err), 0);
        const struct ir_check *precheck = ir_result_get_precheck(result);
        if (modes[i] == IR_PRECHECK_OFF) {
            assert_null(precheck);
        } else {
            assert_int_equal(precheck->finding_count, 1);
            assert_string_equal(precheck->reason, "1 face");
            assert_string_equal(precheck->not_checked[precheck->not_checked_count - 1],
                                "layers: some are hidden");
        }
        ir_result_free(result);
        ir_picture_free(picture);
        tear_down(&fixture);
    }
}

/* Where the recogniser of this machine is the one that is asked, there is nothing to look at first.
 */
static void test_local(void **state)
{
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    const struct fake_answer answers[MAX_ANSWERS] = FOUND;
    struct fixture fixture;
    struct ir_result *result = NULL;
    (void)state;
    use_socket(true);
    options.precheck = IR_PRECHECK_BLOCK;
    options.endpoint = "local";
    struct ir_picture *picture = set_up_answers(&fixture, &options, answers);
    assert_int_equal(labels(fixture.client, picture, &result, &fixture.err), 0);
    assert_int_equal(fixture.transport.call_count, 1);
    assert_null(ir_result_get_precheck(result));
    ir_result_free(result);
    ir_picture_free(picture);
    tear_down(&fixture);
}

/* A cancelled look is a cancelled task, and no warning. */
static void test_cancelled(void **state)
{
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    struct ir_labels_options task = IR_LABELS_OPTIONS_INIT;
    struct ir_cancel *cancel = ir_cancel_new();
    struct fixture fixture;
    struct ir_result *result = NULL;
    (void)state;
    use_socket(true);
    assert_non_null(cancel);
    options.precheck = IR_PRECHECK_WARN;
    set_up_with(&fixture, &options);
    struct ir_picture *picture = fake_picture_new(picture_data, 100, 100, 1000, 1);
    task.cancel = cancel;
    ir_cancel_set(cancel);
    assert_int_equal(ir_labels(fixture.client, picture, &task, &result, &fixture.err),
                     IR_ERR_CANCELLED);
    assert_int_equal(count_remote(&fixture), 0);
    ir_picture_free(picture);
    tear_down(&fixture);
    ir_cancel_free(cancel);
}

static void test_mode(void **state)
{
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    struct ir_client *client = NULL;
    struct ir_error err = {0};
    (void)state;
    options.precheck = (enum ir_precheck)3;
    assert_int_equal(ir_client_new(&options, &client, &err), IR_ERR_ARG);
    assert_null(client);
    assert_non_null(strstr(err.message, "no mode 3"));
}

int main(void)
{
    static struct unit_list list;
    open_socket();
    UNIT_ADD_ROWS(&list, test_row, rows);
    unit_add(&list, "what the check says of a picture that was held back", test_held_back);
    unit_add(&list, "held back by what is less sure than the task wants", test_held_back_unsure);
    unit_add(&list, "a picture that is to be uploaded", test_upload);
    unit_add(&list, "what the caller adds", test_note);
    unit_add(&list, "at the endpoint of this machine", test_local);
    unit_add(&list, "cancelled", test_cancelled);
    unit_add(&list, "no such mode", test_mode);
    int rc = unit_run(&list, "precheck");
    close(listener);
    unlink(address.sun_path);
    return rc;
}
