/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log task: which line is written, and how group and stream come to be. */
#include "tests/unit/fake_client.h"

#include <imgrecog/log.h>

#include "core/result/result.h"

#define TARGET(name) "Logs_20140328." name
#define MISSING                                                                                    \
    .status = 400, .body = "{\"__type\":\"ResourceNotFoundException\",\"message\":\"no such "      \
                           "one\"}"
#define EXISTS                                                                                     \
    .status = 400, .body = "{\"__type\":\"ResourceAlreadyExistsException\",\"message\":\"yes\"}"

/* ---- the line ---------------------------------------------------------------------------- */

struct shown_label {
    const char *name;
    double pct;
};

struct line_row {
    const char *name;
    struct shown_label labels[6];
    const char *caption;
    const char *line; /* as it stands in the request's JSON */
};

static const struct line_row line_rows[] = {
    {"the three surest, each once",
     {{"Dog", 80}, {"Person", 99.06}, {"Dog", 79}, {"Tree", 60}, {"Sky", 90}},
     NULL,
     "\"a.jpg: Person 99.0 %, Sky 90.0 %, Dog 80.0 %\""},
    {"of the same confidence, in order",
     {{"A", 50}, {"B", 50}, {"C", 50}, {"D", 50}},
     NULL,
     "\"a.jpg: A 50.0 %, B 50.0 %, C 50.0 %\""},
    {"one label and a caption",
     {{"Dog", 99.99}},
     "A dog.",
     "\"a.jpg: Dog 99.9 %; caption: A dog.\""},
    {"none", {{NULL, 0}}, NULL, "\"a.jpg: no label\""},
    {"a caption alone", {{NULL, -1}}, "A dog.", "\"a.jpg: caption: A dog.\""},
};

static struct ir_result *make_result(const struct line_row *row)
{
    struct ir_result *result = ir_result_new();
    const struct ir_caption caption = {.text = row->caption};
    assert_non_null(result);
    assert_int_equal(ir_result_set_text(&result->image.source, "a.jpg"), 0);
    result->has_labels = row->labels[0].pct >= 0;
    result->source = "rekognition";
    for (size_t i = 0; row->labels[i].name != NULL; i++) {
        const struct ir_label label = {.name = row->labels[i].name,
                                       .confidence_pct = row->labels[i].pct};
        assert_int_equal(ir_result_add_label(result, &label, NULL), 0);
    }
    if (row->caption != NULL)
        assert_int_equal(ir_result_set_caption(result, &caption), 0);
    return result;
}

static void test_check_line(void **state)
{
    const struct line_row row = {"", {{NULL, -1}}, NULL, NULL};
    struct fixture fixture;
    struct ir_log_options options = IR_LOG_OPTIONS_INIT;
    (void)state;
    set_up(&fixture);
    struct ir_result *result = make_result(&row);
    assert_int_equal(ir_result_finish_check(result, IR_VERDICT_YES, "found: 1 x face", NULL), 0);
    fake_transport_add(&fixture.transport, (struct fake_answer){.body = "{}"});
    options.group = "photos";
    assert_int_equal(ir_log_result(fixture.client, &options, result, &fixture.err), 0);
    assert_non_null(
        strstr(fixture.transport.seen[0].body, "\"a.jpg: check: YES: found: 1 x face\""));
    ir_result_free(result);
    tear_down(&fixture);
}

static void test_line(void **state)
{
    const struct line_row *row = *state;
    struct fixture fixture;
    struct ir_log_options options = IR_LOG_OPTIONS_INIT;
    set_up(&fixture);
    struct ir_result *result = make_result(row);
    fake_transport_add(&fixture.transport, (struct fake_answer){.body = "{}"});
    options.group = "photos/2026";
    if (ir_log_result(fixture.client, &options, result, &fixture.err) != 0)
        fail_msg("%s", fixture.err.message);
    assert_int_equal(fixture.transport.call_count, 1);
    const char *body = fixture.transport.seen[0].body;
    if (strstr(body, row->line) == NULL)
        fail_msg("the request is: %s", body);
    assert_non_null(strstr(body, "\"logGroupName\":\"photos/2026\""));
    assert_non_null(strstr(body, "\"logStreamName\":\"imgrecog\""));
    assert_non_null(strstr(body, "{\\\"schema\\\":\\\"imgrecog/1\\\""));
    ir_result_free(result);
    tear_down(&fixture);
}

/* ---- group and stream -------------------------------------------------------------------- */

struct way_row {
    const char *name;
    struct fake_answer answers[6]; /* by target */
    const char *targets[6];        /* in order; NULL ends */
    int code;
};

#define PUT TARGET("PutLogEvents")
#define GROUP TARGET("CreateLogGroup")
#define STREAM TARGET("CreateLogStream")

static const struct way_row way_rows[] = {
    {"both are there", {{.target = PUT, .body = "{}"}}, {PUT}, 0},
    {"the stream is missing",
     {{.target = PUT, MISSING}, {.target = PUT, .body = "{}"}, {.target = STREAM}},
     {PUT, STREAM, PUT},
     0},
    {"both are missing",
     {{.target = PUT, MISSING},
      {.target = PUT, .body = "{}"},
      {.target = STREAM, MISSING},
      {.target = STREAM},
      {.target = GROUP}},
     {PUT, STREAM, GROUP, STREAM, PUT},
     0},
    {"others make them meanwhile",
     {{.target = PUT, MISSING},
      {.target = PUT, .body = "{}"},
      {.target = STREAM, MISSING},
      {.target = STREAM, EXISTS},
      {.target = GROUP, EXISTS}},
     {PUT, STREAM, GROUP, STREAM, PUT},
     0},
    {"no right to make the group",
     {{.target = PUT, MISSING},
      {.target = STREAM, MISSING},
      {.target = GROUP, .status = 400, .body = "{\"__type\":\"AccessDeniedException\"}"}},
     {PUT, STREAM, GROUP},
     IR_ERR_AUTH},
    {"it stays missing",
     {{.target = PUT, MISSING}, {.target = PUT, MISSING}, {.target = STREAM}},
     {PUT, STREAM, PUT},
     IR_ERR_SERVICE},
    {"taken and refused",
     {{.target = PUT, .body = "{\"rejectedLogEventsInfo\":{\"tooOldLogEventEndIndex\":2}}"}},
     {PUT},
     IR_ERR_SERVICE},
};

static void test_way(void **state)
{
    const struct way_row *row = *state;
    struct fixture fixture;
    struct ir_log_options options = IR_LOG_OPTIONS_INIT;
    size_t count = 0;
    set_up(&fixture);
    struct ir_result *result = make_result(&line_rows[0]);
    for (size_t i = 0; i < 6 && row->answers[i].target != NULL; i++)
        fake_transport_add(&fixture.transport, row->answers[i]);
    options.group = "photos";
    int rc = ir_log_result(fixture.client, &options, result, &fixture.err);
    if (rc != row->code)
        fail_msg("%d: %s", rc, fixture.err.message);
    for (; count < 6 && row->targets[count] != NULL; count++)
        assert_string_equal(fake_transport_header(&fixture.transport, count, "X-Amz-Target"),
                            row->targets[count]);
    assert_int_equal(fixture.transport.call_count, count);
    ir_result_free(result);
    tear_down(&fixture);
}

/* ---- before anything is paid for --------------------------------------------------------- */

#define DENIED .status = 400, .body = "{\"__type\":\"AccessDeniedException\"}"

static const struct way_row check_rows[] = {
    {"check: the stream is made", {{.target = STREAM}}, {STREAM}, 0},
    {"check: it is there", {{.target = STREAM, EXISTS}}, {STREAM}, 0},
    {"check: the group is made too",
     {{.target = STREAM, MISSING}, {.target = STREAM}, {.target = GROUP}},
     {STREAM, GROUP, STREAM},
     0},
    {"check: who may only put events is let go on", {{.target = STREAM, DENIED}}, {STREAM}, 0},
    {"check: no line", {{.target = STREAM, .rc = IR_ERR_NET}}, {STREAM}, IR_ERR_NET},
};

static void test_check(void **state)
{
    const struct way_row *row = *state;
    struct fixture fixture;
    struct ir_log_options options = IR_LOG_OPTIONS_INIT;
    size_t count = 0;
    set_up(&fixture);
    for (size_t i = 0; i < 6 && row->answers[i].target != NULL; i++)
        fake_transport_add(&fixture.transport, row->answers[i]);
    options.group = "photos";
    assert_int_equal(ir_log_check(fixture.client, &options, &fixture.err), row->code);
    assert_int_equal(fixture.err.code, row->code);
    for (; count < 6 && row->targets[count] != NULL; count++)
        assert_string_equal(fake_transport_header(&fixture.transport, count, "X-Amz-Target"),
                            row->targets[count]);
    assert_int_equal(fixture.transport.call_count, count);
    tear_down(&fixture);
}

static void test_check_dry(void **state)
{
    struct fixture fixture;
    struct ir_client_options dry = IR_CLIENT_OPTIONS_INIT;
    struct ir_log_options options = IR_LOG_OPTIONS_INIT;
    (void)state;
    dry.dry_run = true;
    set_up_with(&fixture, &dry);
    options.group = "photos";
    assert_int_equal(ir_log_check(fixture.client, &options, &fixture.err), 0);
    options.group = "my photos";
    assert_int_equal(ir_log_check(fixture.client, &options, &fixture.err), IR_ERR_ARG);
    assert_int_equal(fixture.transport.call_count, 0);
    tear_down(&fixture);
}

static void test_bad_options(void **state)
{
    struct fixture fixture;
    const struct ir_log_options rows[] = {
        {0, "g", "s", NULL}, {1, "", "s", NULL}, {1, "a group", "s", NULL}, {1, "g", "a:b", NULL}};
    (void)state;
    set_up(&fixture);
    struct ir_result *result = make_result(&line_rows[0]);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(ir_log_result(fixture.client, &rows[i], result, &fixture.err), IR_ERR_ARG);
        assert_int_equal(ir_log_check(fixture.client, &rows[i], &fixture.err), IR_ERR_ARG);
    }
    assert_int_equal(fixture.transport.call_count, 0);
    ir_result_free(result);
    tear_down(&fixture);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_line, line_rows);
    unit_add(&list, "a verdict and its reason", test_check_line);
    UNIT_ADD_ROWS(&list, test_way, way_rows);
    UNIT_ADD_ROWS(&list, test_check, check_rows);
    unit_add(&list, "check: a dry run", test_check_dry);
    unit_add(&list, "options that are wrong", test_bad_options);
    return unit_run(&list, "log");
}
