/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Uploads in parts that go on where an earlier one ended, or must not. */
#include "tests/unit/upload_run.h"

/* ---- going on ---------------------------------------------------------------------------- */

/* Sends two of three parts and fails. */
static void begin(struct run *run)
{
    run->options.keep_parts = true;
    run->options.jobs = 1;
    run_set_fault(
        run, 0,
        (struct fake_s3_fault){.kind = FAKE_S3_PART, .at = 3, .status = 403, .body = DENIED});
    assert_int_equal(run_upload_path(run, run_big_path), IR_ERR_AUTH);
    run_assert_words(run, "kept, and billed", "up/1+");
    assert_true(run->fake.is_open);
    assert_string_equal(run->upload_id, "up/1+");
    run->fake.faults[0].is_set = false;
    run->options.upload_id = run->upload_id;
    run_forget(run);
}

static void test_resume(void **state)
{
    (void)state;
    struct run *run = run_new();
    begin(run);
    unsigned before = run->fake.counts[FAKE_S3_PART];
    assert_int_equal(run_upload_path(run, run_big_path), 0);
    run_assert_stored(run);
    assert_int_equal(run->fake.counts[FAKE_S3_PART] - before, 1);
    assert_int_equal(run->fake.counts[FAKE_S3_CREATE], 1);
    assert_int_equal(run->fake.counts[FAKE_S3_LIST_PARTS], 2); /* two parts a page */
    assert_int_equal(run->result.crc32, run_big_crc32);
    run_free(run);
}

struct listed_row {
    const char *name;
    size_t index;      /* of the part that is another than was sent */
    int64_t add_bytes; /* to its size */
    uint32_t flip;     /* in its checksum */
    bool has_no_checksums;
};

static const struct listed_row listed_rows[] = {
    {"resume: another checksum, first part", 0, 0, 1, false},
    {"resume: another checksum, second part", 1, 0, 0x80000000, false},
    {"resume: one byte less", 0, -1, 0, false},
    {"resume: one byte more", 1, 1, 0, false},
    {"resume: one byte more, without checksums", 1, 1, 0, true},
};

/* What the server has is compared, each part by size and checksum, and left where it differs. */
static void test_resume_listed(void **state)
{
    const struct listed_row *row = *state;
    struct run *run = run_new();
    run->fake.has_no_checksums = row->has_no_checksums;
    begin(run);
    run->options.keep_parts = false;
    struct fake_s3_stored *part = &run->fake.parts[row->index];
    part->bytes = (uint64_t)((int64_t)part->bytes + row->add_bytes);
    part->crc32 ^= row->flip;
    assert_int_equal(run_upload_path(run, run_big_path), IR_ERR_ARG);
    run_assert_words(run, "another file", "left there");
    assert_int_equal(run->fake.counts[FAKE_S3_COMPLETE], 0);
    assert_int_equal(run->fake.counts[FAKE_S3_ABORT], 0);
    assert_true(run->fake.is_open);
    run_free(run);
}

/* A part that is missing before one that is there. */
static void test_resume_hole(void **state)
{
    (void)state;
    struct run *run = run_new();
    begin(run);
    run->fake.parts[0].exists = false;
    unsigned before = run->fake.counts[FAKE_S3_PART];
    assert_int_equal(run_upload_path(run, run_big_path), 0);
    run_assert_stored(run);
    assert_int_equal(run->fake.counts[FAKE_S3_PART] - before, 2);
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
    assert_int_equal(run_upload_path(run, run_big_path), 0);
    run_assert_stored(run);
    assert_int_equal(run->fake.counts[FAKE_S3_PART] - before, 3);
    run_free(run);
}

static void test_resume_changed(void **state)
{
    (void)state;
    struct run *run = run_new();
    begin(run);
    run->options.keep_parts = false;
    run_big[PART_BYTES + 1] ^= 1;
    int rc = run_upload_big(run);
    run_big[PART_BYTES + 1] ^= 1;
    assert_int_equal(rc, IR_ERR_ARG);
    run_assert_words(run, "another file", "left there");
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
    assert_int_equal(run_upload_path(run, run_big_path), IR_ERR_ARG);
    run_assert_words(run, "another size", "part size");
    assert_true(run->fake.is_open);
    run_forget(run);
    run->options.part_bytes = PART_BYTES;
    assert_int_equal(run_upload_data(run, run_big, 3), IR_ERR_RESPONSE);
    run_assert_words(run, "a part that this object does not have", "start again");
    assert_true(run->fake.is_open);
    run_free(run);
}

static void test_resume_unknown(void **state)
{
    (void)state;
    struct run *run = run_new();
    run->options.upload_id = "up/7+";
    assert_int_equal(run_upload_path(run, run_big_path), IR_ERR_SERVICE);
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
    run_set_fault(run, 0,
                  (struct fake_s3_fault){.kind = FAKE_S3_PART, .status = 403, .body = DENIED});
    assert_int_equal(run_upload_path(run, run_big_path), IR_ERR_AUTH);
    assert_false(run->fake.is_open);
    run_free(run);
}

/* Nothing has no parts, so there is nothing to go on with, and what is there is left alone. */
static void test_resume_empty(void **state)
{
    (void)state;
    struct run *run = run_new();
    run->options.upload_id = "up/1+";
    assert_int_equal(run_upload_data(run, NULL, 0), IR_ERR_ARG);
    run_assert_words(run, "nothing", "id");
    assert_int_equal(run->fake.seen_count, 0);
    run_free(run);
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "resume: nothing", test_resume_empty);
    unit_add(&list, "resume", test_resume);
    UNIT_ADD_ROWS(&list, test_resume_listed, listed_rows);
    unit_add(&list, "resume: a hole", test_resume_hole);
    unit_add(&list, "resume: without checksums", test_resume_no_checksums);
    unit_add(&list, "resume: changed file", test_resume_changed);
    unit_add(&list, "resume: other sizes", test_resume_other_size);
    unit_add(&list, "resume: unknown", test_resume_unknown);
    unit_add(&list, "resume: fails", test_resume_fails);
    return unit_run_with(&list, "upload-resume", run_set_up, run_tear_down);
}
