/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Uploads against a small S3: what arrives is what was given, what cannot be sent is refused before
 * anything is, and a file that changes meanwhile is found.
 */
#include "tests/unit/upload_run.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "core/service/s3_multipart.h"

/* ---- what goes well ---------------------------------------------------------------------- */

static void test_small(void **state)
{
    (void)state;
    struct run *run = run_new();
    assert_int_equal(run_upload_data(run, "hello", 5), 0);
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
    assert_int_equal(run_upload_data(run, NULL, 0), 0);
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
    assert_int_equal(run_upload_data(run, run_big, PART_BYTES), 0);
    assert_int_equal(run->fake.counts[FAKE_S3_PUT], 1);
    run_forget(run);
    assert_int_equal(run_upload_data(run, run_big, PART_BYTES - 1), 0);
    run_forget(run);
    assert_int_equal(run->fake.counts[FAKE_S3_CREATE], 0);
    assert_int_equal(run_upload_data(run, run_big, PART_BYTES + 1), 0);
    assert_int_equal(run->fake.counts[FAKE_S3_CREATE], 1);
    assert_int_equal(run->fake.counts[FAKE_S3_PART], 2);
    run_free(run);
}

static void check_parts(struct run *run, int rc)
{
    assert_int_equal(rc, 0);
    run_assert_stored(run);
    assert_int_equal(run->result.crc32, run_big_crc32);
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
    check_parts(run, run_upload_big(run));
}

static void test_parts_of_file(void **state)
{
    (void)state;
    struct run *run = run_new();
    check_parts(run, run_upload_path(run, run_big_path));
}

static void test_one_job(void **state)
{
    (void)state;
    struct run *run = run_new();
    run->options.jobs = 1;
    check_parts(run, run_upload_path(run, run_big_path));
}

static void test_no_checksums(void **state)
{
    (void)state;
    struct run *run = run_new();
    run->fake.has_no_checksums = true;
    check_parts(run, run_upload_path(run, run_big_path));
}

static void test_no_full_checksums(void **state)
{
    (void)state;
    struct run *run = run_new();
    run->fake.has_no_full_checksums = true;
    check_parts(run, run_upload_path(run, run_big_path));
}

/* Without options that may be left out, and without an error to fill. */
static void test_bare(void **state)
{
    (void)state;
    struct run *run = run_new();
    run->options.progress = NULL;
    run->options.on_upload_id = NULL;
    run->options.cancel = NULL;
    assert_int_equal(
        ir_upload_data(run->client, run_big, BIG_BYTES, &run->options, &run->result, NULL), 0);
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
    assert_int_equal(run_upload_data(run, row->head, row->bytes), 0);
    assert_string_equal(run->result.content_type, row->media_type);
    assert_string_equal(run->fake.seen[0].content_type, row->media_type);
    run_forget(run);
    run->options.content_type = "text/x-own";
    assert_int_equal(run_upload_data(run, row->head, row->bytes), 0);
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
    static const struct ir_upload_pair entries[31];
    options->metadata = entries;
    options->metadata_count = 31;
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
    {"refused: version", old_version, IR_ERR_ARG, "a version"},
    {"refused: no bucket", no_bucket, IR_ERR_ARG, "no bucket"},
    {"refused: no key", no_key, IR_ERR_ARG, "no key"},
    {"refused: parts under 5 MiB", small_parts, IR_ERR_ARG, "part size"},
    {"refused: parts over 5 GiB", large_parts, IR_ERR_ARG, "part size"},
    {"refused: threshold over 5 GiB", high_threshold, IR_ERR_ARG, "threshold"},
    {"refused: 17 jobs", many_jobs, IR_ERR_ARG, "16"},
    {"refused: 31 metadata entries", many_entries, IR_ERR_TOO_LARGE, "too many"},
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
        assert_int_equal(run_upload_data(run, run_big, is_big ? BIG_BYTES : 10), row->code);
        run_assert_words(run, row->words, "");
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
    char fifo[sizeof run_big_path + 8];
    const char *path = row->path;
    if (path != NULL && strcmp(path, "FIFO") == 0) {
        snprintf(fifo, sizeof fifo, "%s.fifo", run_big_path);
        assert_int_equal(mkfifo(fifo, 0600), 0);
        path = fifo;
    }
    assert_int_equal(run_upload_path(run, path), IR_ERR_ARG);
    run_assert_words(run, row->words, "");
    assert_int_equal(run->fake.seen_count, 0);
    if (path == fifo)
        unlink(fifo);
    run_free(run);
}

static void test_no_data(void **state)
{
    (void)state;
    struct run *run = run_new();
    assert_int_equal(run_upload_data(run, NULL, 1), IR_ERR_ARG);
    run_assert_words(run, "no bytes", "");
    run_free(run);
}

/* 10,000 parts of 8 MiB are not enough for 90 GiB: the parts are 10 MiB. */
static void test_part_size_grows(void **state)
{
    (void)state;
    struct run *run = run_new();
    char path[sizeof run_big_path + 8];
    snprintf(path, sizeof path, "%s.huge", run_big_path);
    int file = open(path, O_CREAT | O_WRONLY, 0600);
    assert_true(file >= 0);
    assert_int_equal(ftruncate(file, (off_t)(90 * 1024 * MIB)), 0);
    close(file);
    run->options.part_bytes = 0;
    run->options.jobs = 1;
    run_set_fault(run, 0,
                  (struct fake_s3_fault){.kind = FAKE_S3_PART,
                                         .status = 403,
                                         .body = "<Error><Code>AccessDenied</Code></Error>"});
    assert_int_equal(run_upload_path(run, path), IR_ERR_AUTH);
    assert_int_equal(run->fake.seen[1].kind, FAKE_S3_PART);
    assert_int_equal(run->fake.seen[1].bytes, 10 * MIB);
    assert_false(run->fake.is_open);
    unlink(path);
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
    char path[sizeof run_big_path + 8];
    struct change change = {row, path};
    snprintf(path, sizeof path, "%s.change", run_big_path);
    int file = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    assert_int_equal(write(file, run_big, BIG_BYTES), BIG_BYTES);
    close(file);
    run->options.threshold_bytes = row->threshold_bytes;
    run->options.jobs = 1;
    run->fake.on_request = change_file;
    run->fake.context = &change;
    int rc = ir_upload_file(run->client, path, &run->options, &run->result, &run->err);
    run->fake.complaint = NULL; /* the body is no longer what was hashed */
    run_check(run, rc);
    assert_int_equal(rc, IR_ERR_ARG);
    run_assert_words(run, "has changed", "again");
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
    UNIT_ADD_ROWS(&list, test_change, change_rows);
    return unit_run_with(&list, "upload", run_set_up, run_tear_down);
}
