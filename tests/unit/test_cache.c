/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers that are kept: which question finds which answer again, what is never kept, that the file
 * tells nothing to who does not know the question, and that a broken one stops no work.
 */
#include "tests/unit/paid_stage.h"

#include <imgrecog/check.h>

#include "core/base/database.h"
#include "core/base/seal.h"
#include "tests/unit/event_frames.h"

/* ---- tasks ------------------------------------------------------------------------------- */

static void test_twice(void **state)
{
    struct ir_client_options options = paid_options();
    struct paid_stage stage;
    struct ir_usage usage = {0};
    (void)state;
    paid_open(&stage, &options);
    paid_answer(&stage, PAID_LABELS);
    assert_int_equal(paid_labels(&stage, &usage), 0);
    assert_int_equal(usage.requests, 1);
    assert_int_equal(usage.cached, 0);
    assert_true(fabs(usage.cost_usd - 0.001) < 1e-12);
    assert_int_equal(paid_labels(&stage, &usage), 0);
    assert_int_equal(usage.requests, 0);
    assert_int_equal(usage.cached, 1);
    assert_true(usage.cost_usd == 0.0);
    assert_int_equal(stage.transport.call_count, 1);
    /* another process later: there is nobody to ask, and nobody is asked */
    assert_int_equal(paid_reopen(&stage, &options), 0);
    assert_int_equal(paid_labels(&stage, &usage), 0);
    assert_int_equal(usage.cached, 1);
    assert_int_equal(stage.transport.call_count, 0);
    assert_non_null(strstr(stage.log, "answered from the cache"));
    paid_close(&stage);
}

struct anew_row {
    const char *name;
    bool no_cache, refresh;
    unsigned days, pass_days; /* how old answers may be; how old this one is */
    const char *endpoint, *region;
    double min_confidence_pct;
    bool other_picture;
    unsigned asked; /* requests of the second time */
};

static const struct anew_row anew_rows[] = {
    {.name = "the same", .asked = 0},
    {.name = "without the cache", .no_cache = true, .asked = 1},
    {.name = "refreshed", .refresh = true, .asked = 1},
    {.name = "too old", .days = 7, .pass_days = 8, .asked = 1},
    {.name = "not too old", .days = 7, .pass_days = 6, .asked = 0},
    {.name = "however old", .pass_days = 3000, .asked = 0},
    {.name = "another endpoint", .endpoint = "http://127.0.0.1:9", .asked = 1},
    {.name = "another region", .region = "us-east-1", .asked = 1},
    {.name = "another parameter", .min_confidence_pct = 56, .asked = 1},
    {.name = "another picture", .other_picture = true, .asked = 1},
};

static void test_anew(void **state)
{
    const struct anew_row *row = *state;
    struct ir_client_options options = paid_options();
    struct ir_labels_options labels = IR_LABELS_OPTIONS_INIT;
    struct ir_result *result = NULL;
    struct paid_stage stage;
    struct ir_usage usage = {0};
    paid_open(&stage, &options);
    paid_answer(&stage, PAID_LABELS);
    assert_int_equal(paid_labels(&stage, &usage), 0);
    options.cache = !row->no_cache;
    options.refresh = row->refresh;
    options.cache_days = row->days;
    options.endpoint = row->endpoint;
    options.region = row->region;
    stage.world.unix_ms += row->pass_days * INT64_C(86400000);
    assert_int_equal(paid_reopen(&stage, &options), 0);
    paid_answer(&stage, PAID_LABELS);
    if (row->min_confidence_pct > 0)
        labels.min_confidence_pct = row->min_confidence_pct;
    if (row->other_picture) {
        ir_picture_free(stage.picture);
        stage.picture = fake_picture_new(stage.picture_data, 100, 101, 400, 1);
    }
    assert_int_equal(ir_labels(stage.client, stage.picture, &labels, &result, &stage.err), 0);
    assert_int_equal(stage.transport.call_count, row->asked);
    assert_int_equal(ir_result_get_usage(result).cached, 1 - row->asked);
    ir_result_free(result);
    paid_close(&stage);
}

/* After a refresh the new answer is the one that is kept. */
static void test_refresh_keeps(void **state)
{
    struct ir_client_options options = paid_options();
    struct paid_stage stage;
    struct ir_usage usage = {0};
    const struct ir_labels_options labels = IR_LABELS_OPTIONS_INIT;
    struct ir_result *result = NULL;
    (void)state;
    paid_open(&stage, &options);
    paid_answer(&stage, PAID_LABELS);
    assert_int_equal(paid_labels(&stage, &usage), 0);
    options.refresh = true;
    assert_int_equal(paid_reopen(&stage, &options), 0);
    paid_answer(&stage, "{\"Labels\":[{\"Name\":\"Cat\",\"Confidence\":98}]}");
    assert_int_equal(paid_labels(&stage, &usage), 0);
    options.refresh = false;
    assert_int_equal(paid_reopen(&stage, &options), 0);
    assert_int_equal(ir_labels(stage.client, stage.picture, &labels, &result, &stage.err), 0);
    assert_string_equal(ir_result_get_label(result, 0)->name, "Cat");
    ir_result_free(result);
    paid_close(&stage);
}

/* What is not whole or not good is asked for again. */
struct bad_row {
    const char *name;
    struct fake_answer answer;
    bool fails;
};

static const struct bad_row bad_rows[] = {
    {"not JSON", {.body = "<html>"}, true},
    {"refused", {.status = 400, .body = "{\"__type\":\"InvalidImageFormatException\"}"}, true},
    {"the embedded endpoint ran out of time",
     {.body = PAID_LABELS, .header = "x-imgrecog-not-finished: faces\r\n"},
     false},
};

static void test_bad(void **state)
{
    const struct bad_row *row = *state;
    struct ir_client_options options = paid_options();
    struct paid_stage stage;
    struct ir_usage usage = {0};
    paid_open(&stage, &options);
    fake_transport_add(&stage.transport, row->answer);
    assert_int_equal(paid_labels(&stage, &usage) != 0, row->fails);
    assert_int_equal(paid_reopen(&stage, &options), 0);
    paid_answer(&stage, PAID_LABELS);
    assert_int_equal(paid_labels(&stage, &usage), 0);
    assert_int_equal(stage.transport.call_count, 1);
    paid_close(&stage);
}

/* ---- models ------------------------------------------------------------------------------ */

struct heard {
    char text[256];
};

static void hear(void *context, const char *text, size_t bytes)
{
    struct heard *heard = context;
    strncat(heard->text, text, bytes);
}

static int ask(struct paid_stage *stage, struct heard *heard, struct ir_usage *out_usage)
{
    struct ir_ask_options options = IR_ASK_OPTIONS_INIT;
    struct ir_result *result = NULL;
    options.question = "How many?";
    options.model = PAID_HAIKU;
    options.on_text = heard != NULL ? hear : NULL;
    options.text_context = heard;
    if (heard != NULL)
        *heard = (struct heard){""};
    int rc = ir_ask(stage->client, stage->picture, &options, &result, &stage->err);
    if (rc == 0) {
        assert_string_equal(ir_result_get_answer(result), "Two dogs.");
        paid_take_usage(result, out_usage);
    }
    ir_result_free(result);
    return rc;
}

static void answer_streamed(struct paid_stage *stage, struct ir_buf *frames)
{
    ir_buf_init(frames, FRAME_MAX_BYTES);
    frame_event(frames, "event", "contentBlockDelta",
                "{\"contentBlockIndex\":0,\"delta\":{\"text\":\"Two \"}}");
    frame_event(frames, "event", "contentBlockDelta",
                "{\"contentBlockIndex\":0,\"delta\":{\"text\":\"dogs.\"}}");
    frame_event(frames, "event", "messageStop", "{\"stopReason\":\"end_turn\"}");
    frame_event(frames, "event", "metadata",
                "{\"usage\":{\"inputTokens\":1000,\"outputTokens\":100}}");
    fake_transport_add(&stage->transport,
                       (struct fake_answer){.body = frames->data, .body_bytes = frames->bytes});
}

/* An answer that came word by word is told so again, and serves who wants it whole. */
static void test_stream(void **state)
{
    struct ir_client_options options = paid_options();
    struct paid_stage stage;
    struct ir_usage usage = {0};
    struct heard heard;
    struct ir_buf frames;
    (void)state;
    paid_open(&stage, &options);
    answer_streamed(&stage, &frames);
    assert_int_equal(ask(&stage, &heard, &usage), 0);
    assert_string_equal(heard.text, "Two dogs.");
    assert_true(fabs(usage.cost_usd - 0.0015) < 1e-12);
    assert_int_equal(usage.input_tokens, 1000);
    assert_int_equal(paid_reopen(&stage, &options), 0);
    assert_int_equal(ask(&stage, &heard, &usage), 0);
    assert_string_equal(heard.text, "Two dogs.");
    assert_int_equal(usage.cached, 1);
    assert_int_equal(usage.input_tokens, 0);
    assert_int_equal(ask(&stage, NULL, &usage), 0);
    assert_int_equal(usage.cached, 1);
    assert_int_equal(stage.transport.call_count, 0);
    ir_buf_release(&frames);
    paid_close(&stage);
}

/* And the other way round. */
static void test_whole_to_stream(void **state)
{
    struct ir_client_options options = paid_options();
    struct paid_stage stage;
    struct ir_usage usage = {0};
    struct heard heard;
    (void)state;
    paid_open(&stage, &options);
    paid_answer(&stage, PAID_SAID("Two dogs.", "end_turn"));
    assert_int_equal(ask(&stage, NULL, &usage), 0);
    assert_int_equal(ask(&stage, &heard, &usage), 0);
    assert_string_equal(heard.text, "Two dogs.");
    assert_int_equal(stage.transport.call_count, 1);
    paid_close(&stage);
}

static void test_cut_off(void **state)
{
    struct ir_client_options options = paid_options();
    struct paid_stage stage;
    struct ir_usage usage = {0};
    (void)state;
    paid_open(&stage, &options);
    paid_answer(&stage, PAID_SAID("Two", "max_tokens"));
    assert_int_equal(ask(&stage, NULL, &usage), IR_ERR_SERVICE);
    assert_true(stage.err.maybe_served);
    paid_answer(&stage, PAID_SAID("Two dogs.", "end_turn"));
    assert_int_equal(ask(&stage, NULL, &usage), 0);
    assert_int_equal(stage.transport.call_count, 2);
    paid_close(&stage);
}

/* An answer that its task cannot use must not come again and again. */
static void test_useless(void **state)
{
    struct ir_client_options options = paid_options();
    struct ir_check_options check = IR_CHECK_OPTIONS_INIT;
    struct ir_result *result = NULL;
    struct paid_stage stage;
    (void)state;
    check.looks = IR_CHECK_MODEL;
    paid_open(&stage, &options);
    paid_answer(&stage, PAID_SAID("Who knows.", "end_turn"));
    assert_int_equal(ir_check(stage.client, stage.picture, &check, &result, &stage.err),
                     IR_ERR_RESPONSE);
    paid_answer(&stage, PAID_SAID("YES", "end_turn"));
    assert_int_equal(ir_check(stage.client, stage.picture, &check, &result, &stage.err), 0);
    assert_int_equal(ir_result_get_check(result)->verdict, IR_VERDICT_YES);
    assert_int_equal(stage.transport.call_count, 2);
    ir_result_free(result);
    paid_close(&stage);
}

#define PNG_BASE64                                                                                 \
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="

/* Who asks again without a seed, or with 0, wants another picture. */
static void test_seed(void **state)
{
    struct ir_client_options options = paid_options();
    struct ir_generate_options generate = IR_GENERATE_OPTIONS_INIT;
    struct paid_stage stage;
    (void)state;
    generate.prompt = "a cat";
    paid_open(&stage, &options);
    paid_answer(&stage,
                "{\"seeds\":[42],\"finish_reasons\":[null],\"images\":[\"" PNG_BASE64 "\"]}");
    for (unsigned i = 0; i < 6; i++) {
        static const double seeds[] = {IR_GENERATE_UNSET, IR_GENERATE_UNSET, 0, 0, 42, 42};
        struct ir_result *result = NULL;
        generate.seed = seeds[i];
        assert_int_equal(ir_generate(stage.client, &generate, &result, &stage.err), 0);
        assert_int_equal(ir_result_get_usage(result).cached, i == 5 ? 1 : 0);
        assert_non_null(ir_result_get_generated(result));
        ir_result_free(result);
    }
    assert_int_equal(stage.transport.call_count, 5);
    paid_close(&stage);
}

/* ---- where the answer came from ---------------------------------------------------------- */

/* AWS's own settings may send each service elsewhere: one's answer is not another's. */
static void test_service_endpoints(void **state)
{
    struct ir_client_options options = paid_options();
    struct paid_stage stage;
    struct ir_usage usage = {0};
    (void)state;
    paid_open(&stage, &options);
    fake_world_setenv(&stage.world, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://127.0.0.1:1");
    assert_int_equal(paid_reopen(&stage, &options), 0);
    paid_answer(&stage, PAID_SAID("Two dogs.", "end_turn"));
    assert_int_equal(ask(&stage, NULL, &usage), 0);
    fake_world_setenv(&stage.world, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://127.0.0.1:2");
    assert_int_equal(paid_reopen(&stage, &options), 0);
    paid_answer(&stage, PAID_SAID("Two dogs.", "end_turn"));
    assert_int_equal(ask(&stage, NULL, &usage), 0);
    assert_int_equal(usage.cached, 0);
    assert_int_equal(stage.transport.call_count, 1);
    paid_close(&stage);
}

static int classify(struct paid_stage *stage, const char *class_names, struct ir_usage *out_usage)
{
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    struct ir_result *result = NULL;
    options.from = "sagemaker:cats";
    options.class_names = class_names;
    options.min_confidence_pct = 0;
    int rc = ir_labels(stage->client, stage->picture, &options, &result, &stage->err);
    if (rc == 0)
        paid_take_usage(result, out_usage);
    ir_result_free(result);
    return rc;
}

/* A slip in the names of classes costs no second answer. */
static void test_class_names(void **state)
{
    struct ir_client_options options = paid_options();
    struct paid_stage stage;
    struct ir_usage usage = {0};
    (void)state;
    paid_open(&stage, &options);
    paid_answer(&stage, "[0.25,0.75]");
    assert_int_equal(classify(&stage, "cat,dog,bird", &usage), IR_ERR_ARG);
    assert_true(stage.err.maybe_served);
    assert_int_equal(classify(&stage, "cat", &usage), IR_ERR_ARG);
    assert_int_equal(classify(&stage, "cat,dog", &usage), 0);
    assert_int_equal(usage.cached, 1);
    assert_int_equal(stage.transport.call_count, 1);
    paid_close(&stage);
}

/* ---- the file ---------------------------------------------------------------------------- */

static char *read_file(const char *path, size_t *out_bytes)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        abort();
    char *data = malloc(1 << 20);
    *out_bytes = fread(data, 1, 1 << 20, file);
    fclose(file);
    return data;
}

/* Neither what was asked nor what was answered, nor a hash of either, stands there. */
static void test_tells_nothing(void **state)
{
    struct ir_client_options options = paid_options();
    struct paid_stage stage;
    struct ir_usage usage = {0};
    struct stat info;
    (void)state;
    paid_open(&stage, &options);
    paid_answer(&stage, PAID_SAID("Two dogs.", "end_turn"));
    assert_int_equal(ask(&stage, NULL, &usage), 0);
    ir_client_free(stage.client);
    stage.client = NULL;
    static const char *const files[] = {PAID_CACHE, PAID_LEDGER};
    static const char *const words[] = {"Two dogs", "How many", "a.png"};
    for (size_t i = 0; i < 2; i++) {
        size_t bytes = 0;
        char *data = read_file(paid_path(&stage, files[i]), &bytes);
        for (size_t w = 0; w < 3; w++)
            if (memmem(data, bytes, words[w], strlen(words[w])) != NULL)
                fail_msg("\"%s\" stands in %s", words[w], files[i]);
        free(data);
        assert_int_equal(stat(paid_path(&stage, files[i]), &info), 0);
        assert_int_equal(info.st_mode & 0777, 0600);
    }
    assert_int_equal(stat(paid_path(&stage, "imgrecog"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    paid_close(&stage);
}

static const struct ir_database_form any_form = {
    .service = "test", .application_id = 0x69726363, .version = 1, .schema = "", .busy_ms = 1000};

/* Runs one statement on the cache's file, as somebody else would. */
static void meddle(struct paid_stage *stage, const char *sql)
{
    struct ir_database *database = NULL;
    assert_int_equal(
        ir_database_open(paid_path(stage, PAID_CACHE), &any_form, &database, &stage->err), 0);
    assert_int_equal(ir_database_begin(database, true, &stage->err), 0);
    assert_int_equal(ir_database_run(database, sql, NULL, 0, NULL, &stage->err), 0);
    assert_int_equal(ir_database_commit(database, &stage->err), 0);
    ir_database_close(database);
}

struct changed_row {
    const char *name;
    const char *sql;
};

static const struct changed_row changed_rows[] = {
    {"a bit of the answer",
     "UPDATE answers SET sealed=substr(sealed,1,20)||x'00'||substr(sealed,22)"},
    {"shorter", "UPDATE answers SET sealed=substr(sealed,1,27)"},
    {"nothing left", "UPDATE answers SET sealed=x''"},
    {"another's answer", "UPDATE answers SET sealed=randomblob(200)"},
};

/* Who changes the file gets nobody to read what he put there. */
static void test_changed(void **state)
{
    const struct changed_row *row = *state;
    struct ir_client_options options = paid_options();
    struct paid_stage stage;
    struct ir_usage usage = {0};
    paid_open(&stage, &options);
    paid_answer(&stage, PAID_LABELS);
    assert_int_equal(paid_labels(&stage, &usage), 0);
    meddle(&stage, row->sql);
    assert_int_equal(paid_labels(&stage, &usage), 0);
    assert_int_equal(usage.cached, 0);
    assert_int_equal(paid_labels(&stage, &usage), 0);
    assert_int_equal(usage.cached, 1);
    paid_close(&stage);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        abort();
    for (int i = 0; i < 100; i++)
        fputs(text, file);
    fclose(file);
}

/* A file that is no database is set aside, once. */
static void test_damaged(void **state)
{
    struct ir_client_options options = paid_options();
    struct paid_stage stage;
    struct ir_usage usage = {0};
    (void)state;
    paid_open(&stage, &options);
    assert_int_equal(mkdir(paid_path(&stage, "imgrecog"), 0700), 0);
    write_file(paid_path(&stage, PAID_CACHE), "this is no database at all ");
    paid_answer(&stage, PAID_LABELS);
    assert_int_equal(paid_labels(&stage, &usage), 0);
    assert_int_equal(access(paid_path(&stage, PAID_CACHE ".damaged"), F_OK), 0);
    assert_int_equal(paid_labels(&stage, &usage), 0);
    assert_int_equal(usage.cached, 1);
    paid_close(&stage);
}

/* What cannot be opened is done without. */
static void test_no_place(void **state)
{
    struct ir_client_options options = paid_options();
    struct paid_stage stage;
    struct ir_usage usage = {0};
    (void)state;
    options.ledger = false;
    paid_open(&stage, &options);
    fake_world_setenv(&stage.world, "XDG_CACHE_HOME", "/proc/nowhere");
    paid_answer(&stage, PAID_LABELS);
    assert_int_equal(paid_labels(&stage, &usage), 0);
    assert_int_equal(paid_labels(&stage, &usage), 0);
    assert_int_equal(stage.transport.call_count, 2);
    assert_non_null(strstr(stage.log, "cache: /proc/nowhere/imgrecog/cache.sqlite: "));
    paid_close(&stage);
}

/* Another program holds the file: the work is done all the same. */
static void test_locked(void **state)
{
    struct ir_client_options options = paid_options();
    struct ir_database *other = NULL;
    struct paid_stage stage;
    struct ir_usage usage = {0};
    (void)state;
    paid_open(&stage, &options);
    paid_answer(&stage, PAID_LABELS);
    assert_int_equal(paid_labels(&stage, &usage), 0);
    assert_int_equal(ir_database_open(paid_path(&stage, PAID_CACHE), &any_form, &other, &stage.err),
                     0);
    assert_int_equal(ir_database_begin(other, true, &stage.err), 0);
    /* What is there is read all the same; what is new cannot be kept. */
    assert_int_equal(paid_labels(&stage, &usage), 0);
    assert_int_equal(usage.cached, 1);
    assert_null(strstr(stage.log, "database is locked"));
    paid_answer(&stage, PAID_SAID("Two dogs.", "end_turn"));
    assert_int_equal(ask(&stage, NULL, &usage), 0);
    assert_int_equal(usage.requests, 1);
    assert_non_null(strstr(stage.log, "database is locked"));
    ir_database_roll_back(other);
    ir_database_close(other);
    paid_close(&stage);
}

/* ---- room and keys ----------------------------------------------------------------------- */

static struct ir_cache_key key_of(const char *path)
{
    const struct ir_cache_question question = {.service = "x", .path = path, .payload_hash = "00"};
    struct ir_cache_key key;
    assert_int_equal(ir_cache_key_make(&question, &key), 0);
    return key;
}

static void test_room(void **state)
{
    const struct ir_cache_limits limits = {.max_bytes = 64 << 10};
    struct ir_client_options options = paid_options();
    struct ir_cache *cache = NULL;
    struct paid_stage stage;
    char answer[1000] = {0};
    char path[16];
    bool found = false;
    size_t left = 0;
    (void)state;
    paid_open(&stage, &options);
    assert_int_equal(ir_cache_open(&stage.world.world, &limits, &cache, &stage.err), 0);
    const struct ir_cache_key first = key_of("/0");
    for (int i = 0; i < 200; i++) {
        struct ir_buf out;
        snprintf(path, sizeof path, "/%d", i);
        const struct ir_cache_key key = key_of(path);
        assert_int_equal(ir_cache_put(cache, &key, answer, sizeof answer, &stage.err), 0);
        ir_buf_init(&out, 4096);
        assert_int_equal(ir_cache_find(cache, &first, &out, &found, &stage.err), 0);
        assert_true(found); /* who is used stays */
        assert_int_equal(out.bytes, sizeof answer);
        ir_buf_release(&out);
        stage.world.unix_ms += 1000;
    }
    for (int i = 0; i < 200; i++) {
        snprintf(path, sizeof path, "/%d", i);
        const struct ir_cache_key key = key_of(path);
        assert_int_equal(ir_cache_has(cache, &key, &found, &stage.err), 0);
        left += found ? 1 : 0;
    }
    assert_true(left >= 50 && left * (sizeof answer + IR_SEAL_EXTRA_BYTES) <= limits.max_bytes);
    /* what is out of all proportion is not kept */
    char *large = calloc(1, 17 << 10);
    assert_int_equal(ir_cache_put(cache, &first, large, 17 << 10, &stage.err), 0);
    free(large);
    const struct ir_cache_key last = key_of("/199");
    assert_int_equal(ir_cache_has(cache, &last, &found, &stage.err), 0);
    assert_true(found);
    assert_int_equal(ir_cache_forget(cache, &last, &stage.err), 0);
    assert_int_equal(ir_cache_has(cache, &last, &found, &stage.err), 0);
    assert_false(found);
    ir_cache_close(cache);
    paid_close(&stage);
}

/* The id alone, which is in the file, opens nothing. */
static void test_wrong_key(void **state)
{
    const struct ir_cache_limits limits = {.max_bytes = 64 << 10};
    struct ir_client_options options = paid_options();
    struct ir_cache *cache = NULL;
    struct paid_stage stage;
    struct ir_buf out;
    bool found = true;
    (void)state;
    paid_open(&stage, &options);
    assert_int_equal(ir_cache_open(&stage.world.world, &limits, &cache, &stage.err), 0);
    struct ir_cache_key key = key_of("/a");
    assert_int_equal(ir_cache_put(cache, &key, "answer", 6, &stage.err), 0);
    assert_memory_not_equal(key.id, key.secret, sizeof key.id);
    key.secret[0] ^= 1;
    ir_buf_init(&out, 4096);
    assert_int_equal(ir_cache_find(cache, &key, &out, &found, &stage.err), 0);
    assert_false(found);
    assert_int_equal(out.bytes, 0);
    ir_buf_release(&out);
    ir_cache_close(cache);
    paid_close(&stage);
}

/* Parts that are written side by side are not taken for each other. */
static void test_parts(void **state)
{
    const struct ir_header header = {"a", "b"};
    const struct ir_cache_question questions[] = {
        {.service = "ab", .path = "c", .payload_hash = "00"},
        {.service = "a", .path = "bc", .payload_hash = "00"},
        {.service = "a", .path = "b", .query = "c", .payload_hash = "00"},
        {.service = "a", .path = "b", .target = "c", .payload_hash = "00"},
        {.service = "a", .path = "b", .endpoint = "c", .payload_hash = "00"},
        {.service = "a", .path = "b", .region = "c", .payload_hash = "00"},
        {.service = "a", .path = "b", .payload_hash = "00"},
        {.service = "a", .path = "b", .payload_hash = "01"},
        {.service = "a", .path = "b", .headers = &header, .header_count = 1, .payload_hash = "00"},
    };
    struct ir_cache_key keys[sizeof questions / sizeof questions[0]];
    (void)state;
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        assert_int_equal(ir_cache_key_make(&questions[i], &keys[i]), 0);
        for (size_t k = 0; k < i; k++) {
            assert_memory_not_equal(keys[i].id, keys[k].id, sizeof keys[i].id);
            assert_memory_not_equal(keys[i].secret, keys[k].secret, sizeof keys[i].secret);
        }
    }
}

static void test_seal(void **state)
{
    static const unsigned char key[IR_SEAL_KEY_BYTES] = {1};
    static const unsigned char other_key[IR_SEAL_KEY_BYTES] = {2};
    struct ir_seal seal = {key, "label", 5};
    unsigned char sealed[4 + IR_SEAL_EXTRA_BYTES];
    unsigned char again[sizeof sealed];
    unsigned char plain[4] = {0};
    (void)state;
    assert_int_equal(ir_seal_close(&seal, "word", 4, sealed), 0);
    assert_int_equal(ir_seal_close(&seal, "word", 4, again), 0);
    assert_memory_not_equal(sealed, again, sizeof sealed); /* no nonce twice */
    assert_int_equal(ir_seal_open(&seal, sealed, sizeof sealed, plain), 0);
    assert_memory_equal(plain, "word", 4);
    seal.label = "other";
    assert_int_equal(ir_seal_open(&seal, sealed, sizeof sealed, plain), IR_ERR_RESPONSE);
    assert_memory_equal(plain, "\0\0\0\0", 4);
    seal = (struct ir_seal){other_key, "label", 5};
    assert_int_equal(ir_seal_open(&seal, sealed, sizeof sealed, plain), IR_ERR_RESPONSE);
    seal.key = key;
    assert_int_equal(ir_seal_open(&seal, sealed, IR_SEAL_EXTRA_BYTES - 1, plain), IR_ERR_RESPONSE);
    for (size_t i = 0; i < sizeof sealed; i++) {
        sealed[i] ^= 0x80;
        assert_int_equal(ir_seal_open(&seal, sealed, sizeof sealed, plain), IR_ERR_RESPONSE);
        sealed[i] ^= 0x80;
    }
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "the same question is paid for once", test_twice);
    UNIT_ADD_ROWS(&list, test_anew, anew_rows);
    unit_add(&list, "a refreshed answer is kept", test_refresh_keeps);
    UNIT_ADD_ROWS(&list, test_bad, bad_rows);
    unit_add(&list, "words that came one by one come so again", test_stream);
    unit_add(&list, "a whole answer is told to who listens", test_whole_to_stream);
    unit_add(&list, "an answer that was cut off is not kept", test_cut_off);
    unit_add(&list, "an answer that its task cannot use is not kept", test_useless);
    unit_add(&list, "pictures are kept by their seed", test_seed);
    unit_add(&list, "services with endpoints of their own", test_service_endpoints);
    unit_add(&list, "names of classes that do not fit", test_class_names);
    unit_add(&list, "the files tell nothing", test_tells_nothing);
    UNIT_ADD_ROWS(&list, test_changed, changed_rows);
    unit_add(&list, "a file that is none is set aside", test_damaged);
    unit_add(&list, "no place for a cache", test_no_place);
    unit_add(&list, "a cache that is locked", test_locked);
    unit_add(&list, "the least recently used goes first", test_room);
    unit_add(&list, "a wrong key opens nothing", test_wrong_key);
    unit_add(&list, "the parts of a question stand apart", test_parts);
    unit_add(&list, "a seal", test_seal);
    return unit_run(&list, "cache");
}
