/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns one upload against the small S3, and what must hold of every one. */
#include "tests/unit/upload_run.h"

#include <unistd.h>

#include <zlib.h>

unsigned char *run_big;
uint32_t run_big_crc32;
char run_big_path[RUN_PATH_BYTES] = "/tmp/test_upload.XXXXXX";

int run_set_up(void **state)
{
    (void)state;
    uint32_t value = 1;
    run_big = malloc(BIG_BYTES);
    int file = mkstemp(run_big_path);
    if (run_big == NULL || file < 0)
        return -1;
    for (size_t i = 0; i < BIG_BYTES; i++) {
        value = value * 1103515245 + 12345;
        run_big[i] = (unsigned char)(value >> 16);
    }
    run_big_crc32 = (uint32_t)crc32(0, run_big, BIG_BYTES);
    ssize_t written = write(file, run_big, BIG_BYTES);
    close(file);
    return written == (ssize_t)BIG_BYTES ? 0 : -1;
}

int run_tear_down(void **state)
{
    (void)state;
    unlink(run_big_path);
    free(run_big);
    return 0;
}

/* ---- a run ------------------------------------------------------------------------------- */

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

struct run *run_new(void)
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

void run_free(struct run *run)
{
    ir_client_free(run->client);
    ir_cancel_free(run->cancel);
    fake_s3_release(&run->fake);
    free(run);
}

/* What must hold of every run. */
void run_check(const struct run *run, int rc)
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

int run_upload_data(struct run *run, const void *data, size_t bytes)
{
    int rc = ir_upload_data(run->client, data, bytes, &run->options, &run->result, &run->err);
    run_check(run, rc);
    return rc;
}

/* What was told of an upload before. */
void run_forget(struct run *run)
{
    run->tells = 0;
    run->told_bytes = 0;
    run->told_total = 0;
    ir_error_clear(&run->err);
    memset(&run->result, 0x5a, sizeof run->result);
}

int run_upload_big(struct run *run)
{
    return run_upload_data(run, run_big, BIG_BYTES);
}

int run_upload_path(struct run *run, const char *path)
{
    int rc = ir_upload_file(run->client, path, &run->options, &run->result, &run->err);
    run_check(run, rc);
    return rc;
}

void run_set_fault(struct run *run, size_t index, struct fake_s3_fault fault)
{
    fault.is_set = true;
    run->fake.faults[index] = fault;
}

void run_assert_stored(const struct run *run)
{
    assert_true(run->fake.object.exists);
    assert_int_equal(run->fake.object.bytes, BIG_BYTES);
    assert_int_equal(run->fake.object.crc32, run_big_crc32);
    assert_false(run->fake.is_open);
}

void run_assert_words(const struct run *run, const char *message_part, const char *hint_part)
{
    if (strstr(run->err.message, message_part) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", message_part, run->err.message);
    if (strstr(run->err.hint, hint_part) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", hint_part, run->err.hint);
}
