/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Uploads against a small S3 (fake_s3.h): what arrives is what was given, and after every failure
 * nothing is left that nobody was told of.
 */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <imgrecog/upload.h>
#include <zlib.h>

#include "core/service/s3_multipart.h"
#include "tests/unit/fake_s3.h"

#define MIB (UINT64_C(1) << 20)
#define PART_BYTES (5 * MIB)
#define LAST_BYTES 12345
#define BIG_BYTES (2 * PART_BYTES + LAST_BYTES)

static unsigned char *big;
static uint32_t big_crc32;
static char big_path[] = "/tmp/test_upload.XXXXXX";

static int set_up(void **state)
{
    (void)state;
    uint32_t value = 1;
    big = malloc(BIG_BYTES);
    int file = mkstemp(big_path);
    if (big == NULL || file < 0)
        return -1;
    for (size_t i = 0; i < BIG_BYTES; i++) {
        value = value * 1103515245 + 12345;
        big[i] = (unsigned char)(value >> 16);
    }
    big_crc32 = (uint32_t)crc32(0, big, BIG_BYTES);
    ssize_t written = write(file, big, BIG_BYTES);
    close(file);
    return written == (ssize_t)BIG_BYTES ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(big_path);
    free(big);
    return 0;
}

/* ---- a run ------------------------------------------------------------------------------- */

struct run {
    struct fake_s3 fake;
    struct ir_client *client;
    struct ir_upload_options options;
    struct ir_upload_result result;
    struct ir_error err;
    struct ir_cancel *cancel;
    char upload_id[64];
    unsigned ids;
    unsigned tells;
    uint64_t told_bytes;
    uint64_t told_total;
    bool went_back;
    uint64_t cancel_at;
    pthread_t thread; /* that called */
};

static void on_id(void *context, const char *upload_id)
{
    struct run *run = context;
    run->ids++;
    snprintf(run->upload_id, sizeof run->upload_id, "%s", upload_id);
}

static void on_progress(void *context, uint64_t sent_bytes, uint64_t total_bytes)
{
    struct run *run = context;
    run->went_back |= run->tells > 0 && sent_bytes <= run->told_bytes;
    run->went_back |= !pthread_equal(run->thread, pthread_self());
    run->tells++;
    run->told_bytes = sent_bytes;
    run->told_total = total_bytes;
    if (run->cancel_at > 0 && sent_bytes >= run->cancel_at)
        ir_cancel_set(run->cancel);
}

static struct run *run_new(void)
{
    struct run *run = calloc(1, sizeof *run);
    assert_non_null(run);
    const struct ir_upload_options defaults = IR_UPLOAD_OPTIONS_INIT;
    fake_s3_init(&run->fake);
    run->client = fake_s3_client(&run->fake);
    run->cancel = ir_cancel_new();
    run->options = defaults;
    run->options.bucket = "bucket";
    run->options.key = "a/b";
    run->options.threshold_bytes = PART_BYTES;
    run->options.part_bytes = PART_BYTES;
    run->options.jobs = 3;
    run->options.on_upload_id = on_id;
    run->options.progress = on_progress;
    run->options.context = run;
    run->options.cancel = run->cancel;
    run->thread = pthread_self();
    memset(&run->result, 0x5a, sizeof run->result);
    return run;
}

static void run_free(struct run *run)
{
    ir_client_free(run->client);
    ir_cancel_free(run->cancel);
    fake_s3_release(&run->fake);
    free(run);
}

/* What must hold of every run. */
static void check_run(const struct run *run, int rc)
{
    static unsigned char untouched[sizeof run->result];
    char line[2048];
    if (run->fake.complaint != NULL)
        fail_msg("a request is wrong: %s", run->fake.complaint);
    assert_false(run->went_back);
    if (rc == 0)
        return;
    memset(untouched, 0x5a, sizeof untouched);
    assert_memory_equal(&run->result, untouched, sizeof untouched);
    assert_int_equal(run->err.code, rc);
    assert_true(run->err.message[0] != '\0');
    assert_null(strstr(ir_error_line(&run->err, line, sizeof line), "hush"));
    assert_true(run->told_bytes < run->told_total || run->told_total == 0);
}

static int upload_data(struct run *run, const void *data, size_t bytes)
{
    int rc = ir_upload_data(run->client, data, bytes, &run->options, &run->result, &run->err);
    check_run(run, rc);
    return rc;
}

/* What was told of an upload before. */
static void forget(struct run *run)
{
    run->tells = 0;
    run->told_bytes = 0;
    run->told_total = 0;
    ir_error_clear(&run->err);
    memset(&run->result, 0x5a, sizeof run->result);
}

static int upload_big(struct run *run)
{
    return upload_data(run, big, BIG_BYTES);
}

static int upload_path(struct run *run, const char *path)
{
    int rc = ir_upload_file(run->client, path, &run->options, &run->result, &run->err);
    check_run(run, rc);
    return rc;
}

static void set_fault(struct run *run, size_t index, struct fake_s3_fault fault)
{
    fault.is_set = true;
    run->fake.faults[index] = fault;
}

static void assert_stored_big(const struct run *run)
{
    assert_true(run->fake.object.exists);
    assert_int_equal(run->fake.object.bytes, BIG_BYTES);
    assert_int_equal(run->fake.object.crc32, big_crc32);
    assert_false(run->fake.is_open);
}

static void assert_words(const struct run *run, const char *message_part, const char *hint_part)
{
    if (strstr(run->err.message, message_part) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", message_part, run->err.message);
    if (strstr(run->err.hint, hint_part) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", hint_part, run->err.hint);
}

/* ---- what goes well ---------------------------------------------------------------------- */

static void test_small(void **state)
{
    (void)state;
    struct run *run = run_new();
    assert_int_equal(upload_data(run, "hello", 5), 0);
    assert_int_equal(run->fake.object.crc32, crc32(0, (const Bytef *)"hello", 5));
    assert_string_equal(run->result.uri, "s3://bucket/a/b");
    assert_string_equal(run->result.etag, "\"3610a686\"");
    assert_string_equal(run->result.version_id, "v1");
    assert_int_equal(run->result.bytes, 5);
    assert_int_equal(run->result.crc32, 0x3610a686);
    assert_int_equal(run->result.parts, 0);
    assert_int_equal(run->result.requests, 1);
    assert_int_equal(run->result.retries, 0);
    assert_int_equal(run->told_bytes, 5);
    assert_int_equal(run->told_total, 5);
    assert_int_equal(run->ids, 0);
    run_free(run);
}

static void test_empty(void **state)
{
    (void)state;
    struct run *run = run_new();
    assert_int_equal(upload_data(run, NULL, 0), 0);
    assert_true(run->fake.object.exists);
    assert_int_equal(run->fake.object.bytes, 0);
    assert_string_equal(run->result.content_type, "application/octet-stream");
    assert_int_equal(run->tells, 1);
    run_free(run);
}

static void test_at_threshold(void **state)
{
    (void)state;
    struct run *run = run_new();
    assert_int_equal(upload_data(run, big, PART_BYTES), 0);
    assert_int_equal(run->fake.counts[FAKE_S3_PUT], 1);
    forget(run);
    assert_int_equal(upload_data(run, big, PART_BYTES - 1), 0);
    forget(run);
    assert_int_equal(run->fake.counts[FAKE_S3_CREATE], 0);
    assert_int_equal(upload_data(run, big, PART_BYTES + 1), 0);
    assert_int_equal(run->fake.counts[FAKE_S3_CREATE], 1);
    assert_int_equal(run->fake.counts[FAKE_S3_PART], 2);
    run_free(run);
}

static void check_parts(struct run *run, int rc)
{
    assert_int_equal(rc, 0);
    assert_stored_big(run);
    assert_int_equal(run->result.crc32, big_crc32);
    assert_int_equal(run->result.parts, 3);
    assert_int_equal(run->result.requests, 5);
    assert_string_equal(run->result.etag, "\"whole-3\"");
    assert_string_equal(run->result.version_id, "v2");
    assert_int_equal(run->ids, 1);
    assert_string_equal(run->upload_id, "up/1+");
    assert_int_equal(run->told_bytes, BIG_BYTES);
    assert_true(run->tells > 2);
    run_free(run);
}

static void test_parts_of_data(void **state)
{
    (void)state;
    struct run *run = run_new();
    check_parts(run, upload_big(run));
}

static void test_parts_of_file(void **state)
{
    (void)state;
    struct run *run = run_new();
    check_parts(run, upload_path(run, big_path));
}

static void test_one_job(void **state)
{
    (void)state;
    struct run *run = run_new();
    run->options.jobs = 1;
    check_parts(run, upload_path(run, big_path));
}

static void test_no_checksums(void **state)
{
    (void)state;
    struct run *run = run_new();
    run->fake.has_no_checksums = true;
    check_parts(run, upload_path(run, big_path));
}

static void test_no_full_checksums(void **state)
{
    (void)state;
    struct run *run = run_new();
    run->fake.has_no_full_checksums = true;
    check_parts(run, upload_path(run, big_path));
}

/* Without options that may be left out, and without an error to fill. */
static void test_bare(void **state)
{
    (void)state;
    struct run *run = run_new();
    run->options.progress = NULL;
    run->options.on_upload_id = NULL;
    run->options.cancel = NULL;
    assert_int_equal(ir_upload_data(run->client, big, BIG_BYTES, &run->options, &run->result, NULL),
                     0);
    assert_int_equal(
        ir_upload_file(run->client, "/nonexistent/x", &run->options, &run->result, NULL),
        IR_ERR_ARG);
    run_free(run);
}

struct type_row {
    const char *name;
    const char *head;
    size_t bytes;
    const char *media_type;
};

static const struct type_row type_rows[] = {
    {"type: JPEG", "\xFF\xD8\xFF\xE0....", 8, "image/jpeg"},
    {"type: PNG", "\x89PNG\r\n\x1A\n....", 12, "image/png"},
    {"type: cut PNG", "\x89PNG\r\n\x1A", 7, "application/octet-stream"},
    {"type: GIF", "GIF89a..", 8, "image/gif"},
    {"type: WebP", "RIFF....WEBPVP8 ", 16, "image/webp"},
    {"type: WAV is not WebP", "RIFF....WAVEfmt ", 16, "application/octet-stream"},
    {"type: WebP without RIFF", "RAFF....WEBPVP8 ", 16, "application/octet-stream"},
    {"type: TIFF, little end first", "II*\0....", 8, "image/tiff"},
    {"type: TIFF, big end first", "MM\0*....", 8, "image/tiff"},
    {"type: BigTIFF", "II+\0....", 8, "image/tiff"},
    {"type: AVIF",
     "\0\0\0\x1C"
     "ftypavif....",
     16, "image/avif"},
    {"type: HEIC",
     "\0\0\0\x1C"
     "ftypheic....",
     16, "image/heic"},
    {"type: AVIF by another brand",
     "\0\0\0\x1C"
     "ftypmif1\0\0\0\0miafavif....",
     28, "image/avif"},
    {"type: HEIC by another brand",
     "\0\0\0\x1C"
     "ftypmif1\0\0\0\0miafheic....",
     28, "image/heic"},
    {"type: HEIF of neither",
     "\0\0\0\x14"
     "ftypmif1\0\0\0\0miaf",
     20, "image/heif"},
    {"type: MP4",
     "\0\0\0\x1C"
     "ftypisom....",
     16, "application/octet-stream"},
    {"type: JSON object", " {\n \"a\": 1}", 11, "application/json"},
    {"type: JSON array", "[1,2]", 5, "application/json"},
    {"type: empty object", "{}", 2, "application/json"},
    {"type: a brace and text", "{hello}", 7, "application/octet-stream"},
    {"type: a bracket alone", "[", 1, "application/octet-stream"},
    {"type: INI", "[section]\n", 10, "application/octet-stream"},
    {"type: text", "hello", 5, "application/octet-stream"},
    {"type: nothing", "", 0, "application/octet-stream"},
};

static void test_type(void **state)
{
    const struct type_row *row = *state;
    struct run *run = run_new();
    assert_int_equal(upload_data(run, row->head, row->bytes), 0);
    assert_string_equal(run->result.content_type, row->media_type);
    assert_string_equal(run->fake.seen[0].content_type, row->media_type);
    forget(run);
    run->options.content_type = "text/x-own";
    assert_int_equal(upload_data(run, row->head, row->bytes), 0);
    assert_string_equal(run->fake.seen[1].content_type, "text/x-own");
    run_free(run);
}

/* ---- what is refused --------------------------------------------------------------------- */

struct refused_row {
    const char *name;
    void (*change)(struct ir_upload_options *options);
    int code;
    const char *words;
};

static void no_bucket(struct ir_upload_options *options)
{
    options->bucket = NULL;
}

static void no_key(struct ir_upload_options *options)
{
    options->key = "";
}

static void old_version(struct ir_upload_options *options)
{
    options->version = 99;
}

static void small_parts(struct ir_upload_options *options)
{
    options->part_bytes = PART_BYTES - 1;
}

static void large_parts(struct ir_upload_options *options)
{
    options->part_bytes = IR_S3_MAX_PART_BYTES + 1;
}

static void high_threshold(struct ir_upload_options *options)
{
    options->threshold_bytes = IR_S3_MAX_PUT_BYTES + 1;
}

static void many_jobs(struct ir_upload_options *options)
{
    options->jobs = 17;
}

static void many_entries(struct ir_upload_options *options)
{
    static const struct ir_upload_pair entries[13];
    options->metadata = entries;
    options->metadata_count = 13;
}

static void entry_without_value(struct ir_upload_options *options)
{
    static const struct ir_upload_pair entry = {"a", NULL};
    options->metadata = &entry;
    options->metadata_count = 1;
}

static void bad_entry(struct ir_upload_options *options)
{
    static const struct ir_upload_pair entry = {"a", "caf\xC3\xA9"};
    options->metadata = &entry;
    options->metadata_count = 1;
}

static void long_id(struct ir_upload_options *options)
{
    static char id[IR_S3_UPLOAD_ID_BYTES + 1];
    memset(id, 'x', sizeof id - 1);
    options->upload_id = id;
}

static const struct refused_row refused_rows[] = {
    {"refused: version", old_version, IR_ERR_ARG, "version 99"},
    {"refused: no bucket", no_bucket, IR_ERR_ARG, "no bucket"},
    {"refused: no key", no_key, IR_ERR_ARG, "no key"},
    {"refused: parts under 5 MiB", small_parts, IR_ERR_ARG, "part size"},
    {"refused: parts over 5 GiB", large_parts, IR_ERR_ARG, "part size"},
    {"refused: threshold over 5 GiB", high_threshold, IR_ERR_ARG, "threshold"},
    {"refused: 17 jobs", many_jobs, IR_ERR_ARG, "16"},
    {"refused: 13 metadata entries", many_entries, IR_ERR_TOO_LARGE, "too many"},
    {"refused: metadata without a value", entry_without_value, IR_ERR_ARG, "no value"},
    {"refused: metadata that is not ASCII", bad_entry, IR_ERR_ARG, "ASCII"},
    {"refused: a long upload id", long_id, IR_ERR_ARG, "too long"},
};

/* Nothing is sent, for small and for large content. */
static void test_refused(void **state)
{
    const struct refused_row *row = *state;
    for (int is_big = 0; is_big < 2; is_big++) {
        struct run *run = run_new();
        row->change(&run->options);
        assert_int_equal(upload_data(run, big, is_big ? BIG_BYTES : 10), row->code);
        assert_words(run, row->words, "");
        assert_int_equal(run->fake.seen_count, 0);
        run_free(run);
    }
}

struct path_row {
    const char *name;
    const char *path;
    const char *words;
};

static const struct path_row path_rows[] = {
    {"path: none", NULL, "no file is named"},
    {"path: missing", "/nonexistent/file", "No such file"},
    {"path: folder", "/tmp", "not a regular file"},
    {"path: device", "/dev/zero", "not a regular file"},
    {"path: pipe", "FIFO", "not a regular file"},
};

static void test_path(void **state)
{
    const struct path_row *row = *state;
    struct run *run = run_new();
    char fifo[sizeof big_path + 8];
    const char *path = row->path;
    if (path != NULL && strcmp(path, "FIFO") == 0) {
        snprintf(fifo, sizeof fifo, "%s.fifo", big_path);
        assert_int_equal(mkfifo(fifo, 0600), 0);
        path = fifo;
    }
    assert_int_equal(upload_path(run, path), IR_ERR_ARG);
    assert_words(run, row->words, "");
    assert_int_equal(run->fake.seen_count, 0);
    if (path == fifo)
        unlink(fifo);
    run_free(run);
}

static void test_no_data(void **state)
{
    (void)state;
    struct run *run = run_new();
    assert_int_equal(upload_data(run, NULL, 1), IR_ERR_ARG);
    assert_words(run, "no bytes", "");
    run_free(run);
}

/* 10,000 parts of 8 MiB are not enough for 90 GiB: the parts are 10 MiB. */
static void test_part_size_grows(void **state)
{
    (void)state;
    struct run *run = run_new();
    char path[sizeof big_path + 8];
    snprintf(path, sizeof path, "%s.huge", big_path);
    int file = open(path, O_CREAT | O_WRONLY, 0600);
    assert_true(file >= 0);
    assert_int_equal(ftruncate(file, (off_t)(90 * 1024 * MIB)), 0);
    close(file);
    run->options.part_bytes = 0;
    run->options.jobs = 1;
    set_fault(run, 0,
              (struct fake_s3_fault){.kind = FAKE_S3_PART,
                                     .status = 403,
                                     .body = "<Error><Code>AccessDenied</Code></Error>"});
    assert_int_equal(upload_path(run, path), IR_ERR_AUTH);
    assert_int_equal(run->fake.seen[1].kind, FAKE_S3_PART);
    assert_int_equal(run->fake.seen[1].bytes, 10 * MIB);
    assert_false(run->fake.is_open);
    unlink(path);
    run_free(run);
}

/* ---- failures ---------------------------------------------------------------------------- */

#define DENIED "<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
#define INTERNAL "<Error><Code>InternalError</Code><Message>oops</Message></Error>"

struct fault_row {
    const char *name;
    struct fake_s3_fault fault;
    int code;         /* 0 = it goes well all the same */
    bool may_be_done; /* err.maybe_served */
};

static const struct fault_row fault_rows[] = {
    {"fault: create refused",
     {.kind = FAKE_S3_CREATE, .status = 403, .body = DENIED},
     IR_ERR_AUTH,
     false},
    {"fault: create fails once", {.kind = FAKE_S3_CREATE, .at = 1, .rc = IR_ERR_NET}, 0, false},
    {"fault: create answers HTML",
     {.kind = FAKE_S3_CREATE, .status = 200, .body = "<html>"},
     IR_ERR_RESPONSE,
     false},
    {"fault: create gives no id",
     {.kind = FAKE_S3_CREATE,
      .status = 200,
      .body = "<InitiateMultipartUploadResult></InitiateMultipartUploadResult>"},
     IR_ERR_RESPONSE,
     false},
    {"fault: a part refused",
     {.kind = FAKE_S3_PART, .at = 2, .status = 403, .body = DENIED},
     IR_ERR_AUTH,
     false},
    {"fault: the last part refused",
     {.kind = FAKE_S3_PART, .at = 3, .status = 403, .body = DENIED},
     IR_ERR_AUTH,
     false},
    {"fault: a part fails once", {.kind = FAKE_S3_PART, .at = 2, .rc = IR_ERR_NET}, 0, false},
    {"fault: a part's answer is lost",
     {.kind = FAKE_S3_PART, .at = 2, .rc = IR_ERR_NET, .does_work = true},
     0,
     false},
    {"fault: parts fail for good", {.kind = FAKE_S3_PART, .rc = IR_ERR_NET}, IR_ERR_NET, false},
    {"fault: parts are throttled",
     {.kind = FAKE_S3_PART, .status = 503, .body = "<Error><Code>SlowDown</Code></Error>"},
     IR_ERR_THROTTLED,
     false},
    {"fault: a part has no ETag",
     {.kind = FAKE_S3_PART, .at = 1, .status = 200},
     IR_ERR_RESPONSE,
     false},
    {"fault: out of time",
     {.kind = FAKE_S3_PART, .at = 1, .rc = IR_ERR_TIMEOUT},
     IR_ERR_TIMEOUT,
     false},
    {"fault: complete refused",
     {.kind = FAKE_S3_COMPLETE, .status = 403, .body = DENIED},
     IR_ERR_AUTH,
     false},
    {"fault: an error inside 200, once",
     {.kind = FAKE_S3_COMPLETE, .at = 1, .status = 200, .body = INTERNAL},
     0,
     false},
    {"fault: an error inside 200, for good",
     {.kind = FAKE_S3_COMPLETE, .status = 200, .body = INTERNAL},
     IR_ERR_SERVICE,
     false},
    {"fault: complete answers HTML",
     {.kind = FAKE_S3_COMPLETE, .status = 200, .body = "<html></html>"},
     IR_ERR_RESPONSE,
     true},
    {"fault: complete answers another checksum",
     {.kind = FAKE_S3_COMPLETE,
      .status = 200,
      .body = "<CompleteMultipartUploadResult><ETag>e</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32>"
              "</CompleteMultipartUploadResult>"},
     IR_ERR_RESPONSE,
     true},
    {"fault: complete's answer is lost",
     {.kind = FAKE_S3_COMPLETE, .at = 1, .rc = IR_ERR_NET, .does_work = true},
     0,
     false},
};

/* Whatever fails, no part is left behind. */
static void test_fault(void **state)
{
    const struct fault_row *row = *state;
    for (unsigned jobs = 1; jobs < 4; jobs++) {
        struct run *run = run_new();
        run->options.jobs = jobs;
        set_fault(run, 0, row->fault);
        assert_int_equal(upload_path(run, big_path), row->code);
        assert_false(run->fake.is_open);
        if (row->code == 0)
            assert_stored_big(run);
        else
            assert_int_equal(run->err.maybe_served, row->may_be_done);
        if (run->err.code != 0)
            assert_null(strstr(run->err.message, "billed"));
        run_free(run);
    }
}

static void test_wrong_crc32(void **state)
{
    (void)state;
    struct run *run = run_new();
    run->fake.stores_wrong_crc32 = true;
    assert_int_equal(upload_big(run), IR_ERR_RESPONSE);
    assert_words(run, "another checksum", "");
    assert_false(run->fake.is_open);
    forget(run);
    assert_int_equal(upload_data(run, "hello", 5), IR_ERR_RESPONSE);
    run_free(run);
}

static void test_abort_fails(void **state)
{
    (void)state;
    struct run *run = run_new();
    set_fault(run, 0,
              (struct fake_s3_fault){.kind = FAKE_S3_PART, .at = 3, .status = 403, .body = DENIED});
    set_fault(run, 1, (struct fake_s3_fault){.kind = FAKE_S3_ABORT, .status = 403, .body = DENIED});
    assert_int_equal(upload_path(run, big_path), IR_ERR_AUTH);
    assert_words(run, "could not be removed, and are billed", "up/1+");
    assert_true(run->fake.is_open);
    run_free(run);
}

/* The server has nothing any more: that is no failure to remove it. */
static void test_abort_of_nothing(void **state)
{
    (void)state;
    struct run *run = run_new();
    set_fault(run, 0,
              (struct fake_s3_fault){.kind = FAKE_S3_PART, .at = 1, .status = 403, .body = DENIED});
    set_fault(run, 1,
              (struct fake_s3_fault){
                  .kind = FAKE_S3_ABORT, .at = 1, .does_work = true, .rc = IR_ERR_NET});
    assert_int_equal(upload_path(run, big_path), IR_ERR_AUTH);
    assert_null(strstr(run->err.message, "billed"));
    assert_int_equal(run->fake.counts[FAKE_S3_ABORT], 2);
    run_free(run);
}

/* ---- only if new ------------------------------------------------------------------------- */

static void test_exists(void **state)
{
    (void)state;
    for (int is_big = 0; is_big < 2; is_big++) {
        struct run *run = run_new();
        run->options.only_if_new = true;
        run->fake.object = (struct fake_s3_stored){true, is_big ? BIG_BYTES : 5, 7};
        assert_int_equal(upload_data(run, big, is_big ? BIG_BYTES : 5), IR_ERR_SERVICE);
        assert_string_equal(run->err.aws_code, "PreconditionFailed");
        assert_words(run, "\"a/b\" exists already in the bucket", "another key");
        assert_int_equal(run->fake.object.crc32, 7);
        assert_int_equal(run->fake.counts[FAKE_S3_HEAD], 0);
        assert_false(run->fake.is_open);
        run_free(run);
    }
}

/* The first answer is lost, the second says that it exists: by this upload's own doing. */
static void test_own_write(void **state)
{
    (void)state;
    for (int is_big = 0; is_big < 2; is_big++) {
        struct run *run = run_new();
        run->options.only_if_new = true;
        set_fault(run, 0,
                  (struct fake_s3_fault){.kind = is_big ? FAKE_S3_COMPLETE : FAKE_S3_PUT,
                                         .at = 1,
                                         .does_work = true,
                                         .rc = IR_ERR_NET});
        assert_int_equal(upload_data(run, big, is_big ? BIG_BYTES : 5), 0);
        assert_int_equal(run->fake.counts[FAKE_S3_HEAD], 1);
        assert_int_equal(run->result.retries, 1);
        assert_true(run->result.etag[0] == '"');
        run_free(run);
    }
}

struct other_row {
    const char *name;
    uint64_t bytes;
    const char *checksum;
    bool is_unknown; /* whose it is */
};

/* That of "hello" is NhCmhg==. */
static const struct other_row other_rows[] = {
    {"only if new: somebody else's", 5, "AAAABw==", false},
    {"only if new: another size", 6, "NhCmhg==", false},
    {"only if new: one without a checksum", 5, "", true},
    {"only if new: a checksum of checksums", 5, "NhCmhg==-1", false},
};

/* Looking fails: then it is not known either. */
static void test_cannot_look(void **state)
{
    (void)state;
    struct run *run = run_new();
    run->options.only_if_new = true;
    set_fault(
        run, 0,
        (struct fake_s3_fault){.kind = FAKE_S3_PUT, .at = 1, .does_work = true, .rc = IR_ERR_NET});
    set_fault(run, 1, (struct fake_s3_fault){.kind = FAKE_S3_HEAD, .status = 403});
    assert_int_equal(upload_data(run, "hello", 5), IR_ERR_SERVICE);
    assert_words(run, "may be this upload that made it", "another key");
    assert_true(run->err.maybe_served);
    run_free(run);
}

/* The line breaks, then it exists: but what is there is another one, or may be. */
static void test_not_own_write(void **state)
{
    const struct other_row *row = *state;
    struct run *run = run_new();
    run->options.only_if_new = true;
    run->fake.object = (struct fake_s3_stored){true, row->bytes, 7};
    snprintf(run->fake.object_checksum, sizeof run->fake.object_checksum, "%s", row->checksum);
    set_fault(run, 0, (struct fake_s3_fault){.kind = FAKE_S3_PUT, .at = 1, .rc = IR_ERR_NET});
    assert_int_equal(upload_data(run, "hello", 5), IR_ERR_SERVICE);
    assert_int_equal(run->fake.counts[FAKE_S3_HEAD], 1);
    assert_string_equal(run->err.aws_code, "PreconditionFailed");
    assert_words(run, row->is_unknown ? "may be this upload that made it" : "exists already", "");
    assert_int_equal(run->err.maybe_served, row->is_unknown);
    run_free(run);
}

#define CONFLICT "<Error><Code>ConditionalRequestConflict</Code></Error>"

static void test_conflict_once(void **state)
{
    (void)state;
    for (int is_big = 0; is_big < 2; is_big++) {
        struct run *run = run_new();
        run->options.only_if_new = true;
        run->options.keep_parts = true; /* not those of an upload that cannot be ended */
        set_fault(run, 0,
                  (struct fake_s3_fault){.kind = is_big ? FAKE_S3_COMPLETE : FAKE_S3_PUT,
                                         .at = 1,
                                         .status = 409,
                                         .body = CONFLICT});
        assert_int_equal(upload_data(run, big, is_big ? BIG_BYTES : 5), 0);
        assert_int_equal(run->fake.counts[FAKE_S3_CREATE], is_big ? 2 : 0);
        assert_int_equal(run->fake.counts[FAKE_S3_ABORT], is_big ? 1 : 0);
        assert_int_equal(run->fake.counts[FAKE_S3_PUT], is_big ? 0 : 2);
        assert_int_equal(run->ids, is_big ? 2 : 0);
        run_free(run);
    }
}

static void test_conflict_for_good(void **state)
{
    (void)state;
    for (int is_big = 0; is_big < 2; is_big++) {
        struct run *run = run_new();
        run->options.only_if_new = true;
        set_fault(run, 0,
                  (struct fake_s3_fault){.kind = is_big ? FAKE_S3_COMPLETE : FAKE_S3_PUT,
                                         .status = 409,
                                         .body = CONFLICT});
        assert_int_equal(upload_data(run, big, is_big ? BIG_BYTES : 5), IR_ERR_SERVICE);
        assert_words(run, "at the same time", "again");
        assert_true(run->err.retryable);
        assert_false(run->fake.is_open);
        run_free(run);
    }
}

/* ---- cancelling -------------------------------------------------------------------------- */

static void test_cancel(void **state)
{
    (void)state;
    for (uint64_t at = 1; at < BIG_BYTES; at += 2 * MIB + 1) {
        struct run *run = run_new();
        run->cancel_at = at;
        assert_int_equal(upload_path(run, big_path), IR_ERR_CANCELLED);
        assert_false(run->fake.is_open);
        assert_false(run->fake.object.exists);
        run_free(run);
    }
}

static void test_cancel_small(void **state)
{
    (void)state;
    struct run *run = run_new();
    ir_cancel_set(run->cancel);
    assert_int_equal(upload_data(run, "hello", 5), IR_ERR_CANCELLED);
    assert_false(run->fake.object.exists);
    run_free(run);
}

static void cancel_at_request(void *context, enum fake_s3_kind kind, unsigned count)
{
    struct run *run = context;
    if (kind == (enum fake_s3_kind)run->ids && count == 1)
        ir_cancel_set(run->cancel);
}

/* In each kind of request; `ids` says which until the first id is told. */
static void test_cancel_in_request(void **state)
{
    (void)state;
    static const enum fake_s3_kind kinds[] = {FAKE_S3_CREATE, FAKE_S3_PART, FAKE_S3_COMPLETE};
    for (size_t i = 0; i < 3; i++) {
        struct run *run = run_new();
        run->options.on_upload_id = NULL;
        run->ids = kinds[i];
        run->fake.on_request = cancel_at_request;
        run->fake.context = run;
        assert_int_equal(upload_path(run, big_path), IR_ERR_CANCELLED);
        assert_false(run->fake.is_open);
        run_free(run);
    }
}

/* A part that the server does not read is given up when it is cancelled, */
static void test_cancel_stalled(void **state)
{
    (void)state;
    struct run *run = run_new();
    run->options.on_upload_id = NULL;
    run->options.jobs = 1;
    run->ids = FAKE_S3_PART;
    run->fake.on_request = cancel_at_request;
    run->fake.context = run;
    run->fake.stalls_at = 1;
    assert_int_equal(upload_path(run, big_path), IR_ERR_CANCELLED);
    assert_int_equal(run->fake.counts[FAKE_S3_PART], 1);
    assert_false(run->fake.is_open);
    run_free(run);
}

/* and when another part has failed. */
static void test_failure_stops_others(void **state)
{
    (void)state;
    struct run *run = run_new();
    run->options.jobs = 2;
    run->fake.stalls_at = 2;
    set_fault(run, 0,
              (struct fake_s3_fault){.kind = FAKE_S3_PART, .at = 1, .status = 403, .body = DENIED});
    assert_int_equal(upload_path(run, big_path), IR_ERR_AUTH);
    assert_int_equal(run->fake.counts[FAKE_S3_PART], 2);
    assert_false(run->fake.is_open);
    run_free(run);
}

/* ---- going on ---------------------------------------------------------------------------- */

/* Sends two of three parts and fails. */
static void begin(struct run *run)
{
    run->options.keep_parts = true;
    run->options.jobs = 1;
    set_fault(run, 0,
              (struct fake_s3_fault){.kind = FAKE_S3_PART, .at = 3, .status = 403, .body = DENIED});
    assert_int_equal(upload_path(run, big_path), IR_ERR_AUTH);
    assert_words(run, "kept, and billed", "up/1+");
    assert_true(run->fake.is_open);
    assert_string_equal(run->upload_id, "up/1+");
    run->fake.faults[0].is_set = false;
    run->options.upload_id = run->upload_id;
    forget(run);
}

static void test_resume(void **state)
{
    (void)state;
    struct run *run = run_new();
    begin(run);
    unsigned before = run->fake.counts[FAKE_S3_PART];
    assert_int_equal(upload_path(run, big_path), 0);
    assert_stored_big(run);
    assert_int_equal(run->fake.counts[FAKE_S3_PART] - before, 1);
    assert_int_equal(run->fake.counts[FAKE_S3_CREATE], 1);
    assert_int_equal(run->fake.counts[FAKE_S3_LIST_PARTS], 2); /* two parts a page */
    assert_int_equal(run->result.crc32, big_crc32);
    run_free(run);
}

/* Without checksums in the list nothing is known of the parts: they are sent again. */
static void test_resume_no_checksums(void **state)
{
    (void)state;
    struct run *run = run_new();
    run->fake.has_no_checksums = true;
    begin(run);
    unsigned before = run->fake.counts[FAKE_S3_PART];
    assert_int_equal(upload_path(run, big_path), 0);
    assert_stored_big(run);
    assert_int_equal(run->fake.counts[FAKE_S3_PART] - before, 3);
    run_free(run);
}

static void test_resume_changed(void **state)
{
    (void)state;
    struct run *run = run_new();
    begin(run);
    run->options.keep_parts = false;
    big[PART_BYTES + 1] ^= 1;
    int rc = upload_big(run);
    big[PART_BYTES + 1] ^= 1;
    assert_int_equal(rc, IR_ERR_ARG);
    assert_words(run, "another file", "left there");
    assert_true(run->fake.is_open); /* they may be the ones that somebody wants */
    assert_int_equal(run->fake.counts[FAKE_S3_ABORT], 0);
    run_free(run);
}

static void test_resume_other_size(void **state)
{
    (void)state;
    struct run *run = run_new();
    begin(run);
    run->options.keep_parts = false;
    run->options.part_bytes = 6 * MIB;
    assert_int_equal(upload_path(run, big_path), IR_ERR_ARG);
    assert_words(run, "another size", "part size");
    assert_true(run->fake.is_open);
    forget(run);
    run->options.part_bytes = PART_BYTES;
    assert_int_equal(upload_data(run, big, 3), IR_ERR_RESPONSE);
    assert_words(run, "a part that this object does not have", "start again");
    assert_true(run->fake.is_open);
    run_free(run);
}

static void test_resume_unknown(void **state)
{
    (void)state;
    struct run *run = run_new();
    run->options.upload_id = "up/7+";
    assert_int_equal(upload_path(run, big_path), IR_ERR_SERVICE);
    assert_string_equal(run->err.aws_code, "NoSuchUpload");
    assert_true(run->err.hint[0] != '\0');
    run_free(run);
}

/* When it fails again and parts are not to be kept, they go. */
static void test_resume_fails(void **state)
{
    (void)state;
    struct run *run = run_new();
    begin(run);
    run->options.keep_parts = false;
    set_fault(run, 0, (struct fake_s3_fault){.kind = FAKE_S3_PART, .status = 403, .body = DENIED});
    assert_int_equal(upload_path(run, big_path), IR_ERR_AUTH);
    assert_false(run->fake.is_open);
    run_free(run);
}

/* ---- a file that changes ----------------------------------------------------------------- */

struct change_row {
    const char *name;
    enum fake_s3_kind at_kind;
    unsigned at_count;
    bool is_cut;
    uint64_t threshold_bytes;
};

static const struct change_row change_rows[] = {
    {"change: written to, in parts", FAKE_S3_PART, 2, false, PART_BYTES},
    {"change: written to, before the end", FAKE_S3_PART, 3, false, PART_BYTES},
    {"change: cut, in parts", FAKE_S3_PART, 2, true, PART_BYTES},
    {"change: cut, in one request", FAKE_S3_PUT, 1, true, 100 * MIB},
    {"change: written to, in one request", FAKE_S3_PUT, 1, false, 100 * MIB},
};

struct change {
    const struct change_row *row;
    const char *path;
};

static void change_file(void *context, enum fake_s3_kind kind, unsigned count)
{
    const struct change *change = context;
    if (kind != change->row->at_kind || count != change->row->at_count)
        return;
    if (change->row->is_cut) {
        assert_int_equal(truncate(change->path, (off_t)(PART_BYTES + 1)), 0);
        return;
    }
    struct stat about;
    int file = open(change->path, O_WRONLY);
    if (file < 0 || fstat(file, &about) != 0)
        fail_msg("cannot open %s", change->path);
    assert_int_equal(pwrite(file, "changed", 7, (off_t)(2 * PART_BYTES)), 7);
    /* Whatever the clock's grain: the seconds differ, or what is behind them. */
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, about.st_mtim};
    if (count == 2)
        times[1].tv_sec -= 10;
    else
        times[1].tv_nsec = (times[1].tv_nsec + 500000000) % 1000000000;
    assert_int_equal(futimens(file, times), 0);
    close(file);
}

static void test_change(void **state)
{
    const struct change_row *row = *state;
    struct run *run = run_new();
    char path[sizeof big_path + 8];
    struct change change = {row, path};
    snprintf(path, sizeof path, "%s.change", big_path);
    int file = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    assert_int_equal(write(file, big, BIG_BYTES), BIG_BYTES);
    close(file);
    run->options.threshold_bytes = row->threshold_bytes;
    run->options.jobs = 1;
    run->fake.on_request = change_file;
    run->fake.context = &change;
    int rc = ir_upload_file(run->client, path, &run->options, &run->result, &run->err);
    run->fake.complaint = NULL; /* the body is no longer what was hashed */
    check_run(run, rc);
    assert_int_equal(rc, IR_ERR_ARG);
    assert_words(run, "has changed", "again");
    assert_false(run->fake.is_open);
    unlink(path);
    run_free(run);
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "small", test_small);
    unit_add(&list, "empty", test_empty);
    unit_add(&list, "threshold", test_at_threshold);
    unit_add(&list, "parts of data", test_parts_of_data);
    unit_add(&list, "parts of a file", test_parts_of_file);
    unit_add(&list, "one job", test_one_job);
    unit_add(&list, "a server without checksums", test_no_checksums);
    unit_add(&list, "a server without checksums of the whole", test_no_full_checksums);
    unit_add(&list, "bare", test_bare);
    UNIT_ADD_ROWS(&list, test_type, type_rows);
    UNIT_ADD_ROWS(&list, test_refused, refused_rows);
    UNIT_ADD_ROWS(&list, test_path, path_rows);
    unit_add(&list, "no data", test_no_data);
    unit_add(&list, "part size grows", test_part_size_grows);
    UNIT_ADD_ROWS(&list, test_fault, fault_rows);
    unit_add(&list, "wrong checksum stored", test_wrong_crc32);
    unit_add(&list, "abort fails", test_abort_fails);
    unit_add(&list, "abort of nothing", test_abort_of_nothing);
    unit_add(&list, "only if new: exists", test_exists);
    unit_add(&list, "only if new: own write", test_own_write);
    UNIT_ADD_ROWS(&list, test_not_own_write, other_rows);
    unit_add(&list, "only if new: cannot look", test_cannot_look);
    unit_add(&list, "only if new: conflict once", test_conflict_once);
    unit_add(&list, "only if new: conflict for good", test_conflict_for_good);
    unit_add(&list, "cancel: from the progress", test_cancel);
    unit_add(&list, "cancel: before a small one", test_cancel_small);
    unit_add(&list, "cancel: in a request", test_cancel_in_request);
    unit_add(&list, "cancel: a part that stalls", test_cancel_stalled);
    unit_add(&list, "a failure stops the other parts", test_failure_stops_others);
    unit_add(&list, "resume", test_resume);
    unit_add(&list, "resume: without checksums", test_resume_no_checksums);
    unit_add(&list, "resume: changed file", test_resume_changed);
    unit_add(&list, "resume: other sizes", test_resume_other_size);
    unit_add(&list, "resume: unknown", test_resume_unknown);
    unit_add(&list, "resume: fails", test_resume_fails);
    UNIT_ADD_ROWS(&list, test_change, change_rows);
    return unit_run_with(&list, "upload", set_up, tear_down);
}
