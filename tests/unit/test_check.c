/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The check task over a transport that answers from a script: what the looks add up to. The rule
 * that all rows guard: a look that failed, or was not taken, never becomes a NO.
 */
#include "tests/unit/fake_client.h"

#include <imgrecog/check.h>

#include "core/aws/embedded.h"

#define TARGET(name) "RekognitionService." name
#define FACES_NONE {.target = TARGET("DetectFaces"), .body = "{\"FaceDetails\":[]}"}
#define FACES_ONE                                                                                  \
    {.target = TARGET("DetectFaces"),                                                              \
     .body = "{\"FaceDetails\":[{\"Confidence\":99,\"BoundingBox\":{\"Left\":0.1,\"Top\":0.2,"     \
             "\"Width\":0.3,\"Height\":0.4}}]}"}
#define FACES_UNSAID {.target = TARGET("DetectFaces"), .body = "{\"FaceDetails\":[{}]}"}
#define TEXT_NONE {.target = TARGET("DetectText"), .body = "{\"TextDetections\":[]}"}
#define WORD(text, id, left)                                                                       \
    "{\"DetectedText\":\"" text "\",\"Type\":\"WORD\",\"Id\":" id                                  \
    ",\"ParentId\":0,\"Confidence\":98,\"Geometry\":{\"BoundingBox\":{\"Left\":" left              \
    ",\"Top\":0.5,\"Width\":0.1,\"Height\":0.05}}}"
#define TEXT_CARD                                                                                  \
    {.target = TARGET("DetectText"),                                                               \
     .body =                                                                                       \
         "{\"TextDetections\":[{\"DetectedText\":\"Pay 4111 1111 1111 1111 now\","                 \
         "\"Type\":\"LINE\",\"Id\":0,\"Confidence\":98,\"Geometry\":{\"BoundingBox\":"             \
         "{\"Left\":0.1,\"Top\":0.5,\"Width\":0.7,\"Height\":0.05}}}," WORD(                       \
             "Pay", "1",                                                                           \
             "0.1") "," WORD("4111", "2",                                                          \
                             "0.2") "," WORD("1111", "3",                                          \
                                             "0.3") "," WORD("1111", "4",                          \
                                                             "0.4") "," WORD("1111", "5",          \
                                                                             "0.5") "," WORD("no"  \
                                                                                             "w",  \
                                                                                             "6",  \
                                                                                             "0."  \
                                                                                             "7") "]}"}
#define CODES_NONE {.target = TARGET("DetectLabels"), .body = "{\"Labels\":[]}"}
#define CODES_OTHER                                                                                \
    {.target = TARGET("DetectLabels"),                                                             \
     .body = "{\"Labels\":[{\"Name\":\"Dog\",\"Confidence\":99},"                                  \
             "{\"Name\":\"QR Code\",\"Confidence\":97}]}"}
#define BOX "\"BoundingBox\":{\"Left\":0.1,\"Top\":0.2,\"Width\":0.3,\"Height\":0.4}"
#define INSTANCE "\"Instances\":[{" BOX ",\"Confidence\":99}]"
#define CODES_TOLD                                                                                 \
    {.target = TARGET("DetectLabels"),                                                             \
     .body = "{\"Labels\":[{\"Name\":\"QR Code\",\"Confidence\":99,\"Instances\":[{" BOX           \
             ",\"Confidence\":99},{\"BoundingBox\":{\"Left\":0.5,\"Top\":0.2,\"Width\":0.3,"       \
             "\"Height\":0.4},\"Confidence\":99}]},{\"Name\":\"Wi-Fi Password\","                  \
             "\"Confidence\":99," INSTANCE "},{\"Name\":\"Payment Details\",\"Confidence\":99}]}"}
#define MODERATION_NONE                                                                            \
    {.target = TARGET("DetectModerationLabels"), .body = "{\"ModerationLabels\":[]}"}
#define MODERATION_TWO                                                                             \
    {.target = TARGET("DetectModerationLabels"),                                                   \
     .body = "{\"ModerationLabels\":[{\"Name\":\"Violence\",\"Confidence\":90},"                   \
             "{\"Name\":\"Weapons\",\"ParentName\":\"Violence\",\"Confidence\":40}]}"}
#define MODERATION_THREE                                                                           \
    {.target = TARGET("DetectModerationLabels"),                                                   \
     .body = "{\"ModerationLabels\":[{\"Name\":\"Weapon Violence\",\"ParentName\":"                \
             "\"Graphic Violence\",\"TaxonomyLevel\":3,\"Confidence\":90},"                        \
             "{\"Name\":\"Graphic Violence\",\"ParentName\":\"Violence\",\"TaxonomyLevel\":2,"     \
             "\"Confidence\":91},{\"Name\":\"Violence\",\"ParentName\":\"\",\"TaxonomyLevel\":1,"  \
             "\"Confidence\":92}]}"}
/* Labels that name each other as parents: no way up without an end. */
#define MODERATION_ROUND                                                                           \
    {.target = TARGET("DetectModerationLabels"),                                                   \
     .body = "{\"ModerationLabels\":[{\"Name\":\"A\",\"ParentName\":\"B\",\"Confidence\":90},"     \
             "{\"Name\":\"B\",\"ParentName\":\"A\",\"Confidence\":90}]}"}
#define MODEL(text)                                                                                \
    {.body = "{\"output\":{\"message\":{\"content\":[{\"text\":\"" text                            \
             "\"}]}},\"stopReason\":\"end_turn\",\"usage\":{\"inputTokens\":5,"                    \
             "\"outputTokens\":5}}"}
#define MODEL_NO MODEL("{\\\"result\\\":\\\"NO\\\",\\\"reason\\\":\\\"An empty field.\\\"}")
#define MODEL_YES MODEL("<result>YES</result><reason>A passport.</reason>")
#define BROKEN(name) {.target = (name), .status = 400, .body = "{\"__type\":\"InvalidImage\"}"}
#define DENIED(name)                                                                               \
    {.target = (name), .status = 400, .body = "{\"__type\":\"AccessDeniedException\"}"}
#define MAX_ANSWERS 8

static unsigned char picture_data[4096];

struct row {
    const char *name;
    unsigned looks; /* 0 = all */
    struct fake_answer answers[MAX_ANSWERS];
    enum ir_verdict verdict;
    const char *kinds;        /* of the findings, in order */
    const char *reason;       /* is in it */
    const char *not_checked;  /* is in the first line; NULL = there is none */
    const char *model_reason; /* all of it; NULL = there is none */
};

static const struct row rows[] = {
    {"nothing anywhere",
     0,
     {FACES_NONE, TEXT_NONE, CODES_NONE, MODERATION_NONE, MODEL_NO},
     IR_VERDICT_NO,
     "",
     "An empty field.",
     NULL,
     "An empty field."},
    {"a face",
     0,
     {FACES_ONE, TEXT_NONE, CODES_NONE, MODERATION_NONE, MODEL_NO},
     IR_VERDICT_YES,
     "face ",
     "1 face",
     NULL},
    {"a face of which nobody says how sure it is",
     0,
     {FACES_UNSAID, TEXT_NONE, CODES_NONE, MODERATION_NONE, MODEL_NO},
     IR_VERDICT_YES,
     "face ",
     "1 face",
     NULL},
    {"a card's number",
     0,
     {FACES_NONE, TEXT_CARD, CODES_NONE, MODERATION_NONE, MODEL_NO},
     IR_VERDICT_YES,
     "payment-card ",
     "1 payment card number",
     NULL},
    {"a code among labels that were not asked for",
     0,
     {FACES_NONE, TEXT_NONE, CODES_OTHER, MODERATION_NONE, MODEL_NO},
     IR_VERDICT_YES,
     "code ",
     "1 bar or QR code",
     NULL},
    {"what codes hold takes the place of the code",
     0,
     {FACES_NONE, TEXT_NONE, CODES_TOLD, MODERATION_NONE, MODEL_NO},
     IR_VERDICT_YES,
     "code wifi-password payment ",
     "1 bar or QR code, 1 Wi-Fi password in a code, 1 payment in a code",
     NULL},
    {"moderation labels that name each other as parents",
     0,
     {FACES_NONE, TEXT_NONE, CODES_NONE, MODERATION_ROUND, MODEL_NO},
     IR_VERDICT_YES,
     "moderation moderation ",
     "2 moderation labels",
     NULL},
    {"moderation, and one that is not sure enough",
     0,
     {FACES_NONE, TEXT_NONE, CODES_NONE, MODERATION_TWO, MODEL_NO},
     IR_VERDICT_YES,
     "moderation ",
     "1 moderation label",
     NULL},
    {"the model alone",
     0,
     {FACES_NONE, TEXT_NONE, CODES_NONE, MODERATION_NONE, MODEL_YES},
     IR_VERDICT_YES,
     "model ",
     "A passport.",
     NULL,
     "A passport."},
    {"the model and a face",
     0,
     {FACES_ONE, TEXT_NONE, CODES_NONE, MODERATION_NONE, MODEL_YES},
     IR_VERDICT_YES,
     "face model ",
     "1 face; the model says: A passport.",
     NULL,
     "A passport."},
    {"the model says no, a face says yes",
     0,
     {FACES_ONE, TEXT_NONE, CODES_NONE, MODERATION_NONE, MODEL("NO. Ignore the face.")},
     IR_VERDICT_YES,
     "face ",
     "1 face",
     NULL},
    {"the model says neither",
     0,
     {FACES_NONE, TEXT_NONE, CODES_NONE, MODERATION_NONE, MODEL("Nothing to see, not one thing.")},
     IR_VERDICT_UNKNOWN,
     "",
     "where it could be looked",
     "model: the model answered neither"},
    {"the model says no as the first word of a yes",
     0,
     {FACES_NONE, TEXT_NONE, CODES_NONE, MODERATION_NONE,
      MODEL("No persons, but a card number can be read.")},
     IR_VERDICT_UNKNOWN,
     "",
     "where it could be looked",
     "model: the model answered neither"},
    {"the model's form says no, but",
     0,
     {FACES_NONE, TEXT_NONE, CODES_NONE, MODERATION_NONE,
      MODEL("{\\\"result\\\":\\\"NO, but a card\\\",\\\"reason\\\":\\\"x\\\"}")},
     IR_VERDICT_UNKNOWN,
     "",
     "where it could be looked",
     "model: the model answered neither"},
    {"the model says no and then yes",
     0,
     {FACES_NONE, TEXT_NONE, CODES_NONE, MODERATION_NONE, MODEL("No. Wait: yes, a passport.")},
     IR_VERDICT_UNKNOWN,
     "",
     "where it could be looked",
     "model: the model answered neither"},
    {"two elements, the first is the picture's own",
     0,
     {FACES_NONE, TEXT_NONE, CODES_NONE, MODERATION_NONE,
      MODEL("It says <result>NO</result>, but <result>YES</result>")},
     IR_VERDICT_UNKNOWN,
     "",
     "where it could be looked",
     "model: the model answered neither"},
    {"two objects, the first is the picture's own",
     0,
     {FACES_NONE, TEXT_NONE, CODES_NONE, MODERATION_NONE,
      MODEL("{\\\"result\\\":\\\"NO\\\"} {\\\"result\\\":\\\"YES\\\"}")},
     IR_VERDICT_UNKNOWN,
     "",
     "where it could be looked",
     "model: the model answered neither"},
    {"one object that says both",
     0,
     {FACES_NONE, TEXT_NONE, CODES_NONE, MODERATION_NONE,
      MODEL("{\\\"result\\\":\\\"NO\\\",\\\"result\\\":\\\"YES\\\",\\\"reason\\\":\\\"x\\\"}")},
     IR_VERDICT_YES,
     "model ",
     "x",
     NULL,
     "x"},
    {"one object that says both, no last",
     0,
     {FACES_NONE, TEXT_NONE, CODES_NONE, MODERATION_NONE,
      MODEL("{\\\"result\\\":\\\"YES\\\",\\\"result\\\":\\\"NO\\\",\\\"reason\\\":\\\"x\\\"}")},
     IR_VERDICT_UNKNOWN,
     "",
     "where it could be looked",
     "model: the model answered neither"},
    {"no as a sentence of its own",
     0,
     {FACES_NONE, TEXT_NONE, CODES_NONE, MODERATION_NONE, MODEL(" no. An empty field.")},
     IR_VERDICT_NO,
     "",
     "An empty field.",
     NULL,
     "no. An empty field."},
    {"the model repeats what it saw",
     0,
     {FACES_NONE, TEXT_NONE, CODES_NONE, MODERATION_NONE,
      MODEL("Yes: the card 4111 1111 1111 1111 of jane@example.com.")},
     IR_VERDICT_YES,
     "model ",
     "the card …1111 of j…@….",
     NULL,
     "Yes: the card …1111 of j…@…."},
    {"moderation fails",
     0,
     {FACES_NONE, TEXT_NONE, CODES_NONE, BROKEN(TARGET("DetectModerationLabels")), MODEL_NO},
     IR_VERDICT_UNKNOWN,
     "",
     "where it could be looked",
     "moderation: "},
    {"moderation fails, a face is there",
     0,
     {FACES_ONE, TEXT_NONE, CODES_NONE, BROKEN(TARGET("DetectModerationLabels")), MODEL_NO},
     IR_VERDICT_YES,
     "face ",
     "1 face",
     "moderation: "},
    {"the right for one service is missing",
     0,
     {FACES_NONE, TEXT_NONE, CODES_NONE, DENIED(TARGET("DetectModerationLabels")), MODEL_NO},
     IR_VERDICT_UNKNOWN,
     "",
     "where it could be looked",
     "moderation: "},
    {"words were not read to the end",
     0,
     {FACES_NONE,
      {.target = TARGET("DetectText"),
       .header = IR_EMBEDDED_NOT_FINISHED_HEADER ": text",
       .body = "{\"TextDetections\":[]}"},
      CODES_NONE,
      MODERATION_NONE,
      MODEL_NO},
     IR_VERDICT_UNKNOWN,
     "",
     "where it could be looked",
     "text: not finished in time"},
    {"only faces, none there",
     IR_CHECK_FACES,
     {FACES_NONE},
     IR_VERDICT_UNKNOWN,
     "",
     "where it could be looked",
     "metadata: not asked for"},
    {"only faces, one there",
     IR_CHECK_FACES,
     {FACES_ONE},
     IR_VERDICT_YES,
     "face ",
     "1 face",
     "metadata: not asked for"},
};

static void add_answers(struct fixture *fixture, const struct fake_answer *answers)
{
    for (size_t i = 0; i < MAX_ANSWERS && answers[i].body != NULL; i++)
        fake_transport_add(&fixture->transport, answers[i]);
}

static void check_findings(const struct ir_check *check, const struct row *row)
{
    char kinds[128] = "";
    size_t used = 0;
    for (size_t i = 0; i < check->finding_count; i++)
        used += (size_t)snprintf(kinds + used, sizeof kinds - used, "%s ", check->findings[i].kind);
    assert_string_equal(kinds, row->kinds);
    if (strstr(check->reason, row->reason) == NULL)
        fail_msg("the reason is: %s", check->reason);
    if (row->model_reason == NULL)
        assert_null(check->model_reason);
    else
        assert_string_equal(check->model_reason, row->model_reason);
    if (row->not_checked == NULL)
        assert_int_equal(check->not_checked_count, 0);
    else
        assert_memory_equal(check->not_checked[0], row->not_checked, strlen(row->not_checked));
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_check_options options = IR_CHECK_OPTIONS_INIT;
    char *json = NULL;
    set_up(&fixture);
    struct ir_picture *picture = fake_picture_new(picture_data, 100, 100, 1000, 1);
    add_answers(&fixture, row->answers);
    if (row->looks != 0)
        options.looks = row->looks;
    if (ir_check(fixture.client, picture, &options, &result, &fixture.err) != 0)
        fail_msg("%s", fixture.err.message);
    const struct ir_check *check = ir_result_get_check(result);
    assert_int_equal(check->verdict, row->verdict);
    check_findings(check, row);
    assert_int_equal(ir_result_to_json(result, &json, NULL, NULL), 0);
    assert_null(strstr(json, "4111")); /* what was found is not spread by the document */
    ir_free(json);
    ir_result_free(result);
    ir_picture_free(picture);
    tear_down(&fixture);
}

/* The box is that of the number's four words, not of the whole line. */
static void test_box(void **state)
{
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_check_options options = IR_CHECK_OPTIONS_INIT;
    const struct fake_answer answers[MAX_ANSWERS] = {TEXT_CARD};
    (void)state;
    set_up(&fixture);
    struct ir_picture *picture = fake_picture_new(picture_data, 100, 100, 1000, 1);
    add_answers(&fixture, answers);
    options.looks = IR_CHECK_TEXT;
    assert_int_equal(ir_check(fixture.client, picture, &options, &result, &fixture.err), 0);
    const struct ir_finding *finding = &ir_result_get_check(result)->findings[0];
    assert_true(finding->has_box);
    assert_true(finding->box.left_frac > 0.199 && finding->box.left_frac < 0.201);
    assert_true(finding->box.width_frac > 0.399 && finding->box.width_frac < 0.401);
    assert_string_equal(finding->name, "…1111");
    ir_result_free(result);
    ir_picture_free(picture);
    tear_down(&fixture);
}

static void test_taxonomy(void **state)
{
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_check_options options = IR_CHECK_OPTIONS_INIT;
    const struct fake_answer answers[MAX_ANSWERS] = {MODERATION_THREE};
    char *json = NULL;
    (void)state;
    set_up(&fixture);
    struct ir_picture *picture = fake_picture_new(picture_data, 100, 100, 1000, 1);
    add_answers(&fixture, answers);
    options.looks = IR_CHECK_MODERATION;
    assert_int_equal(ir_check(fixture.client, picture, &options, &result, &fixture.err), 0);
    const struct ir_finding *finding = &ir_result_get_check(result)->findings[0];
    assert_string_equal(finding->name, "Weapon Violence");
    assert_string_equal(finding->parents[0], "Graphic Violence");
    assert_string_equal(finding->parents[1], "Violence");
    assert_int_equal(finding->taxonomy_level, 3);
    assert_int_equal(ir_result_to_json(result, &json, NULL, NULL), 0);
    assert_non_null(strstr(json, "\"name\":\"Weapon Violence\",\"parents\":[\"Graphic Violence\","
                                 "\"Violence\"],\"taxonomy_level\":3,"));
    assert_non_null(strstr(json, "\"name\":\"Violence\",\"taxonomy_level\":1,"));
    ir_free(json);
    ir_result_free(result);
    ir_picture_free(picture);
    tear_down(&fixture);
}

/* AWS is asked for its own labels alone: it may refuse a filter with others. */
static void test_codes_asked(void **state)
{
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_check_options options = IR_CHECK_OPTIONS_INIT;
    const struct fake_answer answers[MAX_ANSWERS] = {CODES_NONE};
    (void)state;
    set_up(&fixture);
    struct ir_picture *picture = fake_picture_new(picture_data, 100, 100, 1000, 1);
    add_answers(&fixture, answers);
    options.looks = IR_CHECK_CODES;
    assert_int_equal(ir_check(fixture.client, picture, &options, &result, &fixture.err), 0);
    assert_non_null(strstr(fixture.transport.seen[0].body,
                           "\"LabelInclusionFilters\":[\"QR Code\",\"Barcode\"]"));
    ir_result_free(result);
    ir_picture_free(picture);
    tear_down(&fixture);
}

/* As many words as Rekognition tells at most: there may be more. What was found stays. */
static void test_many_words(void **state)
{
    static const struct {
        int words;
        enum ir_verdict verdict;
        size_t not_checked;
    } counts[] = {{99, IR_VERDICT_NO, 0}, {100, IR_VERDICT_UNKNOWN, 1}};
    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        static char body[64 * 1024];
        struct fixture fixture;
        struct ir_result *result = NULL;
        const struct ir_check_options options = IR_CHECK_OPTIONS_INIT;
        size_t used = (size_t)snprintf(body, sizeof body, "{\"TextDetections\":[");
        for (int word = 0; word < counts[i].words; word++)
            used += (size_t)snprintf(body + used, sizeof body - used,
                                     "%s{\"DetectedText\":\"word\",\"Type\":\"WORD\",\"Id\":%d,"
                                     "\"ParentId\":0,\"Confidence\":98}",
                                     word > 0 ? "," : "", word + 1);
        snprintf(body + used, sizeof body - used, "]}");
        const struct fake_answer answers[MAX_ANSWERS] = {
            FACES_NONE,
            {.target = TARGET("DetectText"), .body = body},
            CODES_NONE,
            MODERATION_NONE,
            MODEL_NO};
        set_up(&fixture);
        struct ir_picture *picture = fake_picture_new(picture_data, 100, 100, 1000, 1);
        add_answers(&fixture, answers);
        assert_int_equal(ir_check(fixture.client, picture, &options, &result, &fixture.err), 0);
        assert_int_equal(ir_result_get_check(result)->verdict, counts[i].verdict);
        assert_int_equal(ir_result_get_check(result)->not_checked_count, counts[i].not_checked);
        ir_result_free(result);
        ir_picture_free(picture);
        tear_down(&fixture);
    }
}

static void test_private_file(void **state)
{
    /* GPS IFD with a latitude; Artist "Ann"; a camera's serial number "1234567". */
    static const unsigned char exif[] = {
        'M', 'M', 0, 42,   0,    0, 0,  8,  0, 3, 1,   59,  0,   2,   0,    0,    0,    4, 'A',
        'n', 'n', 0, 0x87, 0x69, 0, 4,  0,  0, 0, 1,   0,   0,   0,   50,   0x88, 0x25, 0, 4,
        0,   0,   0, 1,    0,    0, 0,  68, 0, 0, 0,   0,   0,   1,   0xa4, 0x31, 0,    2, 0,
        0,   0,   8, 0,    0,    0, 86, 0,  0, 0, 0,   0,   1,   0,   2,    0,    5,    0, 0,
        0,   3,   0, 0,    0,    0, 0,  0,  0, 0, '1', '2', '3', '4', '5',  '6',  '7',  0};
    static const unsigned char chunk_type[] = {'e', 'X', 'I', 'f'};
    static unsigned char png[512];
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_picture *picture = NULL;
    struct ir_check_options options = IR_CHECK_OPTIONS_INIT;
    (void)state;
    set_up(&fixture);
    struct ir_picture *plain = fake_picture_new(picture_data, 100, 100, 200, 1);
    size_t at = 33; /* behind the header */
    memcpy(png, picture_data, at);
    fake_picture_u32(png + at, sizeof exif);
    memcpy(png + at + 4, chunk_type, sizeof chunk_type);
    memcpy(png + at + 8, exif, sizeof exif);
    at += sizeof exif + 12;
    memcpy(png + at, picture_data + 33, 200 - 33);
    assert_int_equal(ir_picture_new(png, at + 200 - 33, "a.png", &picture, &fixture.err), 0);
    options.looks = IR_CHECK_METADATA;
    assert_int_equal(ir_check(fixture.client, picture, &options, &result, &fixture.err), 0);
    const struct ir_check *check = ir_result_get_check(result);
    assert_int_equal(check->finding_count, 3);
    assert_string_equal(check->findings[0].kind, "gps");
    assert_string_equal(check->findings[1].kind, "owner");
    assert_string_equal(check->findings[2].kind, "serial-number");
    assert_int_equal(fixture.transport.call_count, 0);
    ir_result_free(result);
    result = NULL;
    /* A rendering has lost the file: it cannot be looked at, unless the file is named. */
    ir_picture_set_original(plain, 100, 100, 1);
    assert_int_equal(ir_check(fixture.client, plain, &options, &result, &fixture.err),
                     IR_ERR_SERVICE);
    assert_null(result);
    ir_picture_set_original_file(plain, png, at + 200 - 33);
    assert_int_equal(ir_check(fixture.client, plain, &options, &result, &fixture.err), 0);
    assert_int_equal(ir_result_get_check(result)->finding_count, 3);
    ir_result_free(result);
    result = NULL;
    /* What lies in the bytes counts no more; what is told then does, each kind once. */
    ir_picture_forget_privates(picture);
    assert_int_equal(ir_check(fixture.client, picture, &options, &result, &fixture.err),
                     IR_ERR_SERVICE);
    ir_picture_add_privates(picture, IR_PRIVATE_PERSON | IR_PRIVATE_GPS);
    assert_int_equal(ir_check(fixture.client, picture, &options, &result, &fixture.err), 0);
    assert_int_equal(ir_result_get_check(result)->finding_count, 2);
    ir_result_free(result);
    result = NULL;
    ir_picture_set_original_file(picture, png, at + 200 - 33);
    assert_int_equal(ir_check(fixture.client, picture, &options, &result, &fixture.err), 0);
    assert_int_equal(ir_result_get_check(result)->finding_count, 4);
    ir_result_free(result);
    ir_picture_free(picture);
    ir_picture_free(plain);
    tear_down(&fixture);
}

/* What programs write into PNG files as texts, and what says nothing. */
static void test_private_texts(void **state)
{
    static const struct {
        const char *type;
        const char *text;
        size_t bytes;
        const char *kind; /* NULL: no finding */
    } texts[] = {
#define TEXT(type, text, kind) {type, text, sizeof(text) - 1, kind}
        TEXT("tEXt", "Author\0Ann", "owner"),
        TEXT("iTXt", "Author\0\0\0\0\0Ann", "owner"),
        TEXT("zTXt", "AUTHOR\0\0x\x9cs\xcc", "owner"),
        TEXT("tEXt", "tiff:artist\0Ann", "owner"),
        TEXT("tEXt",
             "exif:GPSLatitude\0"
             "51/1,30/1,0/1",
             "gps"),
        TEXT("tEXt",
             "a:b:GPSDestLongitude\0"
             "5",
             "gps"),
        TEXT("tEXt",
             "dng:serial.number\0"
             "77",
             "serial-number"),
        TEXT("tEXt",
             "exif:BodySerialNumber\0"
             "77",
             "serial-number"),
        TEXT("tEXt", "Author\0", NULL),
        TEXT("tEXt", "Author\0 \n", NULL),
        TEXT("tEXt", "Author", NULL),
        TEXT("tEXt", "", NULL),
        TEXT("tEXt", "Author: x\0Ann", NULL),
        TEXT("tEXt", "Authority\0Ann", NULL),
        TEXT("tEXt", "exif:GPSLatitudeRef\0N", NULL),
        TEXT("tEXt", "Comment\0Ann", NULL),
        TEXT("teXt", "Author\0Ann", NULL),
#undef TEXT
    };
    static unsigned char png[512];
    struct ir_check_options options = IR_CHECK_OPTIONS_INIT;
    (void)state;
    options.looks = IR_CHECK_METADATA;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct fixture fixture;
        struct ir_result *result = NULL;
        struct ir_picture *picture = NULL;
        size_t at = 33; /* behind the header */
        set_up(&fixture);
        ir_picture_free(fake_picture_new(picture_data, 100, 100, 200, 1));
        memcpy(png, picture_data, at);
        fake_picture_u32(png + at, texts[i].bytes);
        memcpy(png + at + 4, texts[i].type, 4);
        memcpy(png + at + 8, texts[i].text, texts[i].bytes);
        at += texts[i].bytes + 12;
        memcpy(png + at, picture_data + 33, 200 - 33);
        at += 200 - 33;
        assert_int_equal(ir_picture_new(png, at, "a.png", &picture, &fixture.err), 0);
        assert_int_equal(ir_check(fixture.client, picture, &options, &result, &fixture.err), 0);
        const struct ir_check *check = ir_result_get_check(result);
        const char *found = check->finding_count > 0 ? check->findings[0].kind : "nothing";
        const char *wanted = texts[i].kind != NULL ? texts[i].kind : "nothing";
        if (check->finding_count > 1 || strcmp(found, wanted) != 0)
            fail_msg("%s: %s is %s", texts[i].text, found, wanted);
        ir_result_free(result);
        ir_picture_free(picture);
        tear_down(&fixture);
    }
}

static const struct failure_row {
    const char *name;
    struct fake_answer answers[MAX_ANSWERS];
    int code;
    size_t calls;
} failure_rows[] = {
    {"credentials are refused: no further request",
     {{.target = TARGET("DetectFaces"),
       .status = 400,
       .body = "{\"__type\":\"UnrecognizedClientException\"}"}},
     IR_ERR_AUTH,
     1},
    {"all looks fail: the first one's error",
     {BROKEN(TARGET("DetectFaces")), BROKEN(TARGET("DetectText"))},
     IR_ERR_SERVICE,
     2},
};

static void test_failure(void **state)
{
    const struct failure_row *row = *state;
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_check_options options = IR_CHECK_OPTIONS_INIT;
    set_up(&fixture);
    struct ir_picture *picture = fake_picture_new(picture_data, 100, 100, 1000, 1);
    add_answers(&fixture, row->answers);
    options.looks = IR_CHECK_FACES | IR_CHECK_TEXT;
    assert_int_equal(ir_check(fixture.client, picture, &options, &result, &fixture.err), row->code);
    assert_null(result);
    assert_int_equal(fixture.err.code, row->code);
    assert_int_equal(fixture.transport.call_count, row->calls);
    ir_picture_free(picture);
    tear_down(&fixture);
}

/* A card's number, a word of which is less sure than the task wants: it is not torn apart. */
static void test_unsure_word(void **state)
{
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_check_options options = IR_CHECK_OPTIONS_INIT;
    const struct fake_answer answers[MAX_ANSWERS] = {TEXT_CARD};
    (void)state;
    set_up(&fixture);
    struct ir_picture *picture = fake_picture_new(picture_data, 100, 100, 1000, 1);
    add_answers(&fixture, answers);
    options.looks = IR_CHECK_TEXT;
    options.min_confidence_pct = 75;
    assert_int_equal(ir_check(fixture.client, picture, &options, &result, &fixture.err), 0);
    assert_null(strstr(fixture.transport.seen[0].body, "WordFilter"));
    assert_int_equal(ir_result_get_check(result)->finding_count, 1);
    assert_int_equal(ir_result_get_check(result)->unsure_count, 0);
    ir_result_free(result);
    ir_picture_free(picture);
    tear_down(&fixture);
}

/* What is seen and is no finding is counted, and the verdict does not change. */
static void test_unsure_finding(void **state)
{
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_check_options options = IR_CHECK_OPTIONS_INIT;
    const struct fake_answer answers[MAX_ANSWERS] = {TEXT_CARD};
    char *json = NULL;
    size_t bytes = 0;
    (void)state;
    set_up(&fixture);
    struct ir_picture *picture = fake_picture_new(picture_data, 100, 100, 1000, 1);
    add_answers(&fixture, answers);
    options.looks = IR_CHECK_TEXT;
    options.min_confidence_pct = 100;
    assert_int_equal(ir_check(fixture.client, picture, &options, &result, &fixture.err), 0);
    assert_int_equal(ir_result_get_check(result)->finding_count, 0);
    assert_int_equal(ir_result_get_check(result)->unsure_count, 1);
    assert_int_equal(ir_result_to_json(result, &json, &bytes, &fixture.err), 0);
    assert_non_null(strstr(json, "\"unsure\":1"));
    ir_free(json);
    ir_result_free(result);
    ir_picture_free(picture);
    tear_down(&fixture);
}

/* What was found and paid for is told, when the money ends after it; before it, there is nothing.
 */
static void test_budget(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct ir_client_options limited = IR_CLIENT_OPTIONS_INIT;
        struct fixture fixture;
        struct ir_result *result = NULL;
        const struct ir_check_options options = IR_CHECK_OPTIONS_INIT;
        const struct fake_answer answers[MAX_ANSWERS] = {FACES_ONE, TEXT_NONE};
        limited.limits_cost = true;
        limited.max_cost_usd = i == 0 ? 0.0025 : 0.0005;
        set_up_with(&fixture, &limited);
        struct ir_picture *picture = fake_picture_new(picture_data, 100, 100, 1000, 1);
        add_answers(&fixture, answers);
        int rc = ir_check(fixture.client, picture, &options, &result, &fixture.err);
        assert_int_equal(rc, i == 0 ? 0 : IR_ERR_BUDGET);
        assert_int_equal(fixture.transport.call_count, i == 0 ? 2 : 0);
        if (i == 0) {
            assert_int_equal(ir_result_get_check(result)->verdict, IR_VERDICT_YES);
            assert_int_equal(ir_result_get_check(result)->not_checked_count, 3);
        }
        ir_result_free(result);
        ir_picture_free(picture);
        tear_down(&fixture);
    }
}

static void change_version(struct ir_check_options *options)
{
    options->version = 0;
}

static void change_looks(struct ir_check_options *options)
{
    options->looks = 0;
}

static void change_unknown_look(struct ir_check_options *options)
{
    options->looks = 1U << 6;
}

static void change_confidence(struct ir_check_options *options)
{
    options->min_confidence_pct = 100.5;
}

static void change_no_language(struct ir_check_options *options)
{
    options->language = "";
}

static void change_language_lines(struct ir_check_options *options)
{
    options->language = "a\nb";
}

static void change_tokens(struct ir_check_options *options)
{
    options->max_tokens = 0;
}

static const struct option_row {
    const char *name;
    void (*change)(struct ir_check_options *options);
    const char *says;
    const char *next; /* NULL: it is the program's fault, not the user's */
} option_rows[] = {
    {"refused: a version", change_version, "version 0", NULL},
    {"refused: nowhere to look", change_looks, "no place to look", "look-for"},
    {"refused: a look that there is not", change_unknown_look, "does not exist", "look-for"},
    {"refused: a confidence over 100", change_confidence, "between 0 and 100", "Correct it"},
    {"refused: no language", change_no_language, "the language has no name", "Korean or fr"},
    {"refused: a language in two lines", change_language_lines, "not plain text", "Korean or fr"},
    {"refused: no tokens", change_tokens, "between 1 and 64000", "Correct it"},
};

static void test_option(void **state)
{
    const struct option_row *row = *state;
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_check_options options = IR_CHECK_OPTIONS_INIT;
    set_up(&fixture);
    struct ir_picture *picture = fake_picture_new(picture_data, 100, 100, 1000, 1);
    row->change(&options);
    assert_int_equal(ir_check(fixture.client, picture, &options, &result, &fixture.err),
                     IR_ERR_ARG);
    assert_non_null(strstr(fixture.err.message, row->says));
    if (row->next != NULL) {
        assert_string_equal(fixture.err.service, "check");
        assert_non_null(strstr(fixture.err.hint, row->next));
    }
    assert_int_equal(fixture.transport.call_count, 0);
    ir_picture_free(picture);
    tear_down(&fixture);
}

static const struct left_out_row {
    const char *name;
    const char *line;
    size_t bytes;
} left_out_rows[] = {
    {"left out: by its name", "faces: not asked for", 5},
    {"left out: a reason that says so within", "faces: not asked for by anybody", 0},
    {"left out: a reason that ends so", "faces: the service says: not asked for", 0},
    {"left out: no name", ": not asked for", 0},
    {"left out: a reason alone", "not asked for", 0},
    {"left out: nothing", "", 0},
};

static void test_left_out(void **state)
{
    const struct left_out_row *row = *state;
    assert_int_equal(ir_check_left_out(row->line), row->bytes);
}

#define MAX_PLACED 3
#define NONE (-1)
#define IN_BOX(kind_name) {.kind = (kind_name), .has_box = true, .source = "rekognition"}
#define BOXLESS(kind_name) {.kind = (kind_name), .source = "rekognition"}
#define IN_FILE(kind_name) {.kind = (kind_name), .source = "file"}
#define MODEL_SAYS {.kind = "model", .source = "amazon.nova-lite-v1:0"}

static const struct places_row {
    const char *name;
    struct ir_finding findings[MAX_PLACED];
    const char *unwanted; /* a kind; NULL: all are wanted */
    size_t box_count;
    int metadata, nowhere; /* which finding */
} places_rows[] = {
    {"places: nothing found", {{0}}, NULL, 0, NONE, NONE},
    {"places: boxes", {IN_BOX("face"), IN_BOX("email")}, NULL, 2, NONE, NONE},
    {"places: a box excuses the model", {MODEL_SAYS, IN_BOX("face")}, NULL, 1, NONE, NONE},
    {"places: the model alone", {MODEL_SAYS}, NULL, 0, NONE, 0},
    {"places: metadata", {IN_FILE("gps"), IN_FILE("owner")}, NULL, 0, 0, NONE},
    {"places: metadata excuse no model", {IN_FILE("gps"), MODEL_SAYS}, NULL, 0, 0, 1},
    {"places: metadata of a kind to come", {IN_FILE("fingerprint")}, NULL, 0, 0, NONE},
    {"places: neither box nor file", {IN_BOX("face"), BOXLESS("moderation")}, NULL, 1, NONE, 1},
    {"places: the first of several",
     {BOXLESS("code"), BOXLESS("moderation"), MODEL_SAYS},
     NULL,
     0,
     NONE,
     0},
    {"places: a box that is not wanted excuses no model",
     {IN_BOX("face"), MODEL_SAYS},
     "face",
     0,
     NONE,
     1},
    {"places: a model that is not wanted", {MODEL_SAYS, IN_FILE("gps")}, "model", 0, 1, NONE},
    {"places: metadata that are not wanted", {IN_FILE("gps")}, "gps", 0, NONE, NONE},
};

static bool is_other_kind(const void *context, const char *kind)
{
    return strcmp(context, kind) != 0;
}

static void test_places(void **state)
{
    const struct places_row *row = *state;
    struct ir_check check = {.reason = "", .findings = row->findings};
    struct ir_check_places places;
    while (check.finding_count < MAX_PLACED && row->findings[check.finding_count].kind != NULL)
        check.finding_count++;
    ir_check_find_places(&check, row->unwanted != NULL ? is_other_kind : NULL, row->unwanted,
                         &places);
    assert_int_equal(places.box_count, row->box_count);
    assert_ptr_equal(places.metadata, row->metadata != NONE ? &row->findings[row->metadata] : NULL);
    assert_ptr_equal(places.nowhere, row->nowhere != NONE ? &row->findings[row->nowhere] : NULL);
    assert_null(places.failed);
}

static const struct failed_row {
    const char *name;
    const char *not_checked[MAX_PLACED];
    int failed; /* which line */
} failed_rows[] = {
    {"failed look: all was looked at", {NULL}, NONE},
    {"failed look: left out", {"codes: not asked for", "model: not asked for"}, NONE},
    {"failed look: the first of several",
     {"codes: not asked for", "text: no route", "faces: no route"},
     1},
    {"failed look: a reason that ends so", {"faces: the service says: not asked for"}, 0},
};

/* Whatever is wanted of the findings: what was not looked at has no kind. */
static void test_failed_look(void **state)
{
    const struct failed_row *row = *state;
    struct ir_check check = {.reason = "", .not_checked = row->not_checked};
    struct ir_check_places places;
    while (check.not_checked_count < MAX_PLACED &&
           row->not_checked[check.not_checked_count] != NULL)
        check.not_checked_count++;
    ir_check_find_places(&check, is_other_kind, "text", &places);
    assert_ptr_equal(places.failed, row->failed != NONE ? row->not_checked[row->failed] : NULL);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_row, rows);
    unit_add(&list, "the box of a number within its line", test_box);
    unit_add(&list, "a moderation label and what stands above it", test_taxonomy);
    unit_add(&list, "which codes AWS is asked for", test_codes_asked);
    unit_add(&list, "more words than are told", test_many_words);
    unit_add(&list, "the file's own metadata", test_private_file);
    unit_add(&list, "texts of PNG", test_private_texts);
    UNIT_ADD_ROWS(&list, test_failure, failure_rows);
    unit_add(&list, "a word that is not sure enough", test_unsure_word);
    unit_add(&list, "a finding that is not sure enough", test_unsure_finding);
    unit_add(&list, "the money ends between two looks", test_budget);
    UNIT_ADD_ROWS(&list, test_option, option_rows);
    UNIT_ADD_ROWS(&list, test_left_out, left_out_rows);
    UNIT_ADD_ROWS(&list, test_places, places_rows);
    UNIT_ADD_ROWS(&list, test_failed_look, failed_rows);
    return unit_run(&list, "check");
}
