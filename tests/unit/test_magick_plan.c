/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line in which ImageMagick's module tells what a dry run would have sent. */
#include "tests/unit/unit.h"

#include <math.h>

#include "core/result/result.h"
#include "plugins/imagemagick/plan.h"

#define LINE_BYTES 4096
#define MAX_REQUESTS 4
#define STORED "s3://my-bucket/in/"
#define BEGIN "Dry run, nothing was sent: "

static const struct ir_planned_request labels = {.service = "Rekognition",
                                                 .operation = "DetectLabels",
                                                 .host = "rekognition.aws",
                                                 .request_bytes = 1000,
                                                 .cost_usd = 0.001};
static const struct ir_planned_request labels_cached = {.service = "Rekognition",
                                                        .operation = "DetectLabels",
                                                        .host = "rekognition.aws",
                                                        .request_bytes = 1000,
                                                        .cost_usd = 0.001,
                                                        .is_cached = true};
static const struct ir_planned_request unpriced = {.service = "Bedrock",
                                                   .operation = "Converse",
                                                   .model = "new-v1",
                                                   .host = "bedrock.aws",
                                                   .request_bytes = 70,
                                                   .cost_usd = NAN};
static const struct ir_planned_request unpriced_cached = {.service = "Bedrock",
                                                          .operation = "Converse",
                                                          .model = "new-v1",
                                                          .host = "bedrock.aws",
                                                          .request_bytes = 70,
                                                          .cost_usd = NAN,
                                                          .is_cached = true};
static const struct ir_planned_request here = {
    .service = "Recogniser", .operation = "look", .host = "this machine", .request_bytes = 5};

static const struct line_row {
    const char *name;
    const struct ir_planned_request *requests[MAX_REQUESTS];
    size_t uploads;
    const char *line;
} lines[] = {
    {"nothing", {NULL}, 0, BEGIN "there would be nothing to send."},
    {"an upload alone",
     {NULL},
     1,
     BEGIN "1 picture would be stored at " STORED "; what S3 takes for that is not counted."},
    {"two uploads and a request",
     {&labels},
     2,
     BEGIN "it would cost at most $0.001 (prices of 2026-01). 2 pictures would be stored at " STORED
           "; what S3 takes for that is not counted. Rekognition DetectLabels: 1 request, 1000 "
           "bytes, to rekognition.aws."},
    {"one kind is one row",
     {&labels, &labels},
     0,
     BEGIN
     "it would cost at most $0.002 (prices of 2026-01). Rekognition DetectLabels: 2 requests, "
     "2000 bytes, to rekognition.aws."},
    {"cached and sent",
     {&labels, &labels_cached},
     0,
     BEGIN "it would cost at most $0.001 (prices of 2026-01). Rekognition DetectLabels: 1 request, "
           "1000 bytes, to rekognition.aws; 1 answer in the cache."},
    {"all cached",
     {&labels_cached, &labels_cached},
     0,
     BEGIN "it would cost nothing. Rekognition DetectLabels: 2 answers in the cache."},
    {"a price that is not known",
     {&labels, &unpriced},
     0,
     BEGIN "it would cost what is not known. Bedrock Converse (new-v1): 1 request, 70 bytes, to "
           "bedrock.aws. Rekognition DetectLabels: 1 request, 1000 bytes, to rekognition.aws."},
    {"one that is not known, but cached",
     {&labels, &unpriced_cached},
     0,
     BEGIN "it would cost at most $0.001 (prices of 2026-01). Bedrock Converse (new-v1): 1 answer "
           "in the cache. Rekognition DetectLabels: 1 request, 1000 bytes, to rekognition.aws."},
    {"this machine",
     {&here},
     0,
     BEGIN "it would cost nothing. Recogniser look: 1 request, 5 bytes, to this machine."},
};

static void add_request(struct plan *plan, const struct ir_planned_request *request)
{
    struct ir_result *result = ir_result_new();

    assert_non_null(result);
    assert_int_equal(ir_result_usage_plan(&result->usage, request), 0);
    plan_add(plan, result);
    ir_result_free(result);
}

static void plan_begin(struct plan *plan)
{
    plan_init(plan);
    snprintf(plan->prices_of, sizeof plan->prices_of, "2026-01");
}

static void test_line(void **state)
{
    const struct line_row *row = *state;
    char line[LINE_BYTES];
    struct plan plan;

    plan_begin(&plan);
    for (size_t i = 0; i < MAX_REQUESTS && row->requests[i] != NULL; i++)
        add_request(&plan, row->requests[i]);
    for (size_t i = 0; i < row->uploads; i++)
        plan_add_upload(&plan);
    plan_line(&plan, STORED, line, sizeof line);
    assert_string_equal(line, row->line);
    plan_release(&plan);
}

/* More kinds of requests than there are rows: all are in the sum, and those left out are counted.
 */
static void fill(struct plan *plan, size_t count)
{
    char operation[16];

    for (size_t i = 0; i < count; i++) {
        struct ir_planned_request request = labels;

        snprintf(operation, sizeof operation, "Op%02zu", count - i);
        request.operation = operation;
        add_request(plan, &request);
    }
}

static void test_more_rows(void **state)
{
    char line[LINE_BYTES];
    struct plan plan;
    (void)state;

    plan_begin(&plan);
    fill(&plan, PLAN_MAX_ROWS + 1);
    plan_line(&plan, STORED, line, sizeof line);
    assert_non_null(strstr(line, "at most $0.017 ("));
    assert_non_null(strstr(line, "aws. And 1 more request."));
    fill(&plan, PLAN_MAX_ROWS + 1); /* what has a row finds it, in the order of their names */
    plan_line(&plan, STORED, line, sizeof line);
    assert_non_null(strstr(line, "at most $0.034 ("));
    assert_non_null(strstr(line, "). Rekognition Op02: 2 requests, 2000 bytes, to rekognition.aws. "
                                 "Rekognition Op03: 2 requests"));
    assert_non_null(strstr(line, "aws. And 2 more requests."));
    plan_release(&plan);
}

/* Of every size there is, the beginning that fits, terminated. */
static void test_cut(void **state)
{
    char whole[LINE_BYTES];
    char line[LINE_BYTES];
    struct plan plan;
    (void)state;

    plan_begin(&plan);
    fill(&plan, 3);
    plan_add_upload(&plan);
    plan_line(&plan, STORED, whole, sizeof whole);
    for (size_t room = 1; room <= strlen(whole) + 1; room++) {
        memset(line, 'x', sizeof line);
        plan_line(&plan, STORED, line, room);
        assert_int_equal(strlen(line), room - 1);
        assert_memory_equal(line, whole, room - 1);
        assert_int_equal(line[room], 'x');
    }
    plan_release(&plan);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_line, lines);
    unit_add(&list, "more kinds than rows", test_more_rows);
    unit_add(&list, "cut anywhere", test_cut);
    return unit_run(&list, "magick-plan");
}
