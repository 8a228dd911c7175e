/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Uploads that fail, are cancelled, or meet another object: after every failure nothing is left
 * that nobody was told of, and no success is told that did not happen.
 */
#include "tests/unit/upload_run.h"

/* ---- failures ---------------------------------------------------------------------------- */

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
        run_set_fault(run, 0, row->fault);
        assert_int_equal(run_upload_path(run, run_big_path), row->code);
        assert_false(run->fake.is_open);
        if (row->code == 0)
            run_assert_stored(run);
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
    assert_int_equal(run_upload_big(run), IR_ERR_RESPONSE);
    run_assert_words(run, "another checksum", "");
    assert_false(run->fake.is_open);
    run_forget(run);
    assert_int_equal(run_upload_data(run, "hello", 5), IR_ERR_RESPONSE);
    run_free(run);
}

static void test_abort_fails(void **state)
{
    (void)state;
    struct run *run = run_new();
    run_set_fault(
        run, 0,
        (struct fake_s3_fault){.kind = FAKE_S3_PART, .at = 3, .status = 403, .body = DENIED});
    run_set_fault(run, 1,
                  (struct fake_s3_fault){.kind = FAKE_S3_ABORT, .status = 403, .body = DENIED});
    assert_int_equal(run_upload_path(run, run_big_path), IR_ERR_AUTH);
    run_assert_words(run, "could not be removed, and are billed", "up/1+");
    assert_true(run->fake.is_open);
    run_free(run);
}

/* The server has nothing any more: that is no failure to remove it. */
static void test_abort_of_nothing(void **state)
{
    (void)state;
    struct run *run = run_new();
    run_set_fault(
        run, 0,
        (struct fake_s3_fault){.kind = FAKE_S3_PART, .at = 1, .status = 403, .body = DENIED});
    run_set_fault(run, 1,
                  (struct fake_s3_fault){
                      .kind = FAKE_S3_ABORT, .at = 1, .does_work = true, .rc = IR_ERR_NET});
    assert_int_equal(run_upload_path(run, run_big_path), IR_ERR_AUTH);
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
        assert_int_equal(run_upload_data(run, run_big, is_big ? BIG_BYTES : 5), IR_ERR_SERVICE);
        assert_string_equal(run->err.aws_code, "PreconditionFailed");
        run_assert_words(run, "\"a/b\" exists already in the bucket", "another key");
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
        run_set_fault(run, 0,
                      (struct fake_s3_fault){.kind = is_big ? FAKE_S3_COMPLETE : FAKE_S3_PUT,
                                             .at = 1,
                                             .does_work = true,
                                             .rc = IR_ERR_NET});
        assert_int_equal(run_upload_data(run, run_big, is_big ? BIG_BYTES : 5), 0);
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
    run_set_fault(
        run, 0,
        (struct fake_s3_fault){.kind = FAKE_S3_PUT, .at = 1, .does_work = true, .rc = IR_ERR_NET});
    run_set_fault(run, 1, (struct fake_s3_fault){.kind = FAKE_S3_HEAD, .status = 403});
    assert_int_equal(run_upload_data(run, "hello", 5), IR_ERR_SERVICE);
    run_assert_words(run, "may be this upload that made it", "another key");
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
    run_set_fault(run, 0, (struct fake_s3_fault){.kind = FAKE_S3_PUT, .at = 1, .rc = IR_ERR_NET});
    assert_int_equal(run_upload_data(run, "hello", 5), IR_ERR_SERVICE);
    assert_int_equal(run->fake.counts[FAKE_S3_HEAD], 1);
    assert_string_equal(run->err.aws_code, "PreconditionFailed");
    run_assert_words(run, row->is_unknown ? "may be this upload that made it" : "exists already",
                     "");
    assert_int_equal(run->err.maybe_served, row->is_unknown);
    run_free(run);
}

/* An upload that is gone, and no object: then it was not this upload's own success. */
static void test_gone(void **state)
{
    (void)state;
    struct run *run = run_new();
    run_set_fault(run, 0,
                  (struct fake_s3_fault){.kind = FAKE_S3_COMPLETE, .at = 1, .rc = IR_ERR_NET});
    run_set_fault(run, 1,
                  (struct fake_s3_fault){.kind = FAKE_S3_COMPLETE,
                                         .at = 2,
                                         .status = 404,
                                         .body = "<Error><Code>NoSuchUpload</Code></Error>"});
    assert_int_equal(run_upload_data(run, run_big, BIG_BYTES), IR_ERR_SERVICE);
    assert_int_equal(run->fake.counts[FAKE_S3_HEAD], 1);
    assert_null(strstr(run->err.message, "may be"));
    assert_false(run->err.maybe_served);
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
        run_set_fault(run, 0,
                      (struct fake_s3_fault){.kind = is_big ? FAKE_S3_COMPLETE : FAKE_S3_PUT,
                                             .at = 1,
                                             .status = 409,
                                             .body = CONFLICT});
        assert_int_equal(run_upload_data(run, run_big, is_big ? BIG_BYTES : 5), 0);
        assert_int_equal(run->fake.counts[FAKE_S3_CREATE], is_big ? 2 : 0);
        assert_int_equal(run->fake.counts[FAKE_S3_ABORT], is_big ? 1 : 0);
        assert_int_equal(run->fake.counts[FAKE_S3_PUT], is_big ? 0 : 2);
        assert_int_equal(run->ids, is_big ? 2 : 0);
        run_free(run);
    }
}

/*
 * The first answer is lost, the second attempt is told to wait for the first, the third that the
 * object exists: it is the first one's.
 */
static void test_conflict_with_itself(void **state)
{
    (void)state;
    for (int is_big = 0; is_big < 2; is_big++) {
        const enum fake_s3_kind kind = is_big ? FAKE_S3_COMPLETE : FAKE_S3_PUT;
        struct run *run = run_new();
        run->options.only_if_new = true;
        run_set_fault(
            run, 0,
            (struct fake_s3_fault){.kind = kind, .at = 1, .does_work = true, .rc = IR_ERR_NET});
        run_set_fault(
            run, 1, (struct fake_s3_fault){.kind = kind, .at = 2, .status = 409, .body = CONFLICT});
        assert_int_equal(run_upload_data(run, run_big, is_big ? BIG_BYTES : 5), 0);
        assert_int_equal(run->fake.counts[kind], 3);
        assert_int_equal(run->fake.counts[FAKE_S3_HEAD], 1);
        assert_false(fake_s3_has_parts(&run->fake));
        run_free(run);
    }
}

/* The same, but what is tried again fails: the first attempt may have stored the object. */
static void test_conflict_then_failure(void **state)
{
    (void)state;
    for (int is_big = 0; is_big < 2; is_big++) {
        const enum fake_s3_kind kind = is_big ? FAKE_S3_COMPLETE : FAKE_S3_PUT;
        struct run *run = run_new();
        run->options.only_if_new = true;
        run_set_fault(
            run, 0,
            (struct fake_s3_fault){.kind = kind, .at = 1, .does_work = true, .rc = IR_ERR_NET});
        run_set_fault(
            run, 1, (struct fake_s3_fault){.kind = kind, .at = 2, .status = 409, .body = CONFLICT});
        run_set_fault(run, 2,
                      (struct fake_s3_fault){.kind = is_big ? FAKE_S3_PART : FAKE_S3_PUT,
                                             .at = is_big ? 4 : 3,
                                             .status = 403,
                                             .body = DENIED});
        assert_int_equal(run_upload_data(run, run_big, is_big ? BIG_BYTES : 5), IR_ERR_AUTH);
        assert_true(run->fake.object.exists);
        assert_true(run->err.maybe_served);
        assert_false(fake_s3_has_parts(&run->fake));
        run_free(run);
    }
}

/* The same, but the parts that were sent again cannot be removed. */
static void test_own_write_unremoved(void **state)
{
    (void)state;
    struct run *run = run_new();
    run->options.only_if_new = true;
    run_set_fault(run, 0,
                  (struct fake_s3_fault){
                      .kind = FAKE_S3_COMPLETE, .at = 1, .does_work = true, .rc = IR_ERR_NET});
    run_set_fault(
        run, 1,
        (struct fake_s3_fault){.kind = FAKE_S3_COMPLETE, .at = 2, .status = 409, .body = CONFLICT});
    run_set_fault(
        run, 2,
        (struct fake_s3_fault){.kind = FAKE_S3_ABORT, .at = 2, .status = 403, .body = DENIED});
    run_set_fault(
        run, 3,
        (struct fake_s3_fault){.kind = FAKE_S3_ABORT, .at = 3, .status = 403, .body = DENIED});
    assert_int_equal(run_upload_data(run, run_big, BIG_BYTES), IR_ERR_SERVICE);
    run_assert_words(run, "it is what was to be uploaded", "up/2+");
    run_assert_words(run, "could not be removed, and are billed", "");
    assert_true(run->err.maybe_served);
    assert_true(fake_s3_has_parts(&run->fake));
    run_free(run);
}

/* Without having removed the parts, another upload would leave them behind with nobody told. */
static void test_conflict_unremoved(void **state)
{
    (void)state;
    struct run *run = run_new();
    run->options.only_if_new = true;
    run_set_fault(
        run, 0,
        (struct fake_s3_fault){.kind = FAKE_S3_COMPLETE, .at = 1, .status = 409, .body = CONFLICT});
    run_set_fault(run, 1,
                  (struct fake_s3_fault){.kind = FAKE_S3_ABORT, .status = 403, .body = DENIED});
    assert_int_equal(run_upload_data(run, run_big, BIG_BYTES), IR_ERR_SERVICE);
    run_assert_words(run, "could not be removed, and are billed", "up/1+");
    assert_int_equal(run->fake.counts[FAKE_S3_CREATE], 1);
    assert_true(run->fake.is_open);
    run_free(run);
}

static void test_conflict_for_good(void **state)
{
    (void)state;
    for (int is_big = 0; is_big < 2; is_big++) {
        struct run *run = run_new();
        run->options.only_if_new = true;
        run_set_fault(run, 0,
                      (struct fake_s3_fault){.kind = is_big ? FAKE_S3_COMPLETE : FAKE_S3_PUT,
                                             .status = 409,
                                             .body = CONFLICT});
        assert_int_equal(run_upload_data(run, run_big, is_big ? BIG_BYTES : 5), IR_ERR_SERVICE);
        run_assert_words(run, "at the same time", "again");
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
        assert_int_equal(run_upload_path(run, run_big_path), IR_ERR_CANCELLED);
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
    assert_int_equal(run_upload_data(run, "hello", 5), IR_ERR_CANCELLED);
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
        assert_int_equal(run_upload_path(run, run_big_path), IR_ERR_CANCELLED);
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
    assert_int_equal(run_upload_path(run, run_big_path), IR_ERR_CANCELLED);
    assert_int_equal(run->fake.counts[FAKE_S3_PART], 1);
    assert_false(run->fake.is_open);
    run_free(run);
}

/* The first part is not answered before the second one is under way. */
static void await_second_part(void *context, enum fake_s3_kind kind, unsigned count)
{
    struct run *run = context;
    if (kind == FAKE_S3_PART && count == 1)
        fake_s3_await(&run->fake, FAKE_S3_PART, 2);
}

/* and when another part has failed. */
static void test_failure_stops_others(void **state)
{
    (void)state;
    struct run *run = run_new();
    run->options.jobs = 2;
    run->fake.stalls_at = 2;
    run->fake.on_request = await_second_part;
    run->fake.context = run;
    run_set_fault(
        run, 0,
        (struct fake_s3_fault){.kind = FAKE_S3_PART, .at = 1, .status = 403, .body = DENIED});
    assert_int_equal(run_upload_path(run, run_big_path), IR_ERR_AUTH);
    assert_int_equal(run->fake.counts[FAKE_S3_PART], 2);
    assert_false(run->fake.is_open);
    run_free(run);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_fault, fault_rows);
    unit_add(&list, "wrong checksum stored", test_wrong_crc32);
    unit_add(&list, "abort fails", test_abort_fails);
    unit_add(&list, "abort of nothing", test_abort_of_nothing);
    unit_add(&list, "only if new: exists", test_exists);
    unit_add(&list, "only if new: own write", test_own_write);
    UNIT_ADD_ROWS(&list, test_not_own_write, other_rows);
    unit_add(&list, "only if new: cannot look", test_cannot_look);
    unit_add(&list, "only if new: gone", test_gone);
    unit_add(&list, "only if new: conflict once", test_conflict_once);
    unit_add(&list, "only if new: conflict with itself", test_conflict_with_itself);
    unit_add(&list, "only if new: conflict, then a failure", test_conflict_then_failure);
    unit_add(&list, "only if new: own write, parts left", test_own_write_unremoved);
    unit_add(&list, "only if new: conflict, parts left", test_conflict_unremoved);
    unit_add(&list, "only if new: conflict for good", test_conflict_for_good);
    unit_add(&list, "cancel: from the progress", test_cancel);
    unit_add(&list, "cancel: before a small one", test_cancel_small);
    unit_add(&list, "cancel: in a request", test_cancel_in_request);
    unit_add(&list, "cancel: a part that stalls", test_cancel_stalled);
    unit_add(&list, "a failure stops the other parts", test_failure_stops_others);
    return unit_run_with(&list, "upload-failure", run_set_up, run_tear_down);
}
