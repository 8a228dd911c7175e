/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One upload against a small S3 (fake_s3.h), as the tests of uploads make it: in parts of 5 MiB,
 * three at once, with everything noted that the caller is told.
 */
#ifndef TESTS_UNIT_UPLOAD_RUN_H
#define TESTS_UNIT_UPLOAD_RUN_H

#include "tests/unit/unit.h"

#include <imgrecog/upload.h>

#include "tests/unit/fake_s3.h"

#define MIB (UINT64_C(1) << 20)
#define PART_BYTES (5 * MIB)
#define LAST_BYTES 12345
#define BIG_BYTES (2 * PART_BYTES + LAST_BYTES)

#define DENIED "<Error><Code>AccessDenied</Code><Message>no</Message></Error>"

#define RUN_PATH_BYTES 32

/* BIG_BYTES bytes, the same in a file. */
extern unsigned char *run_big;
extern uint32_t run_big_crc32;
extern char run_big_path[RUN_PATH_BYTES];
int run_set_up(void **state);
int run_tear_down(void **state);

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

struct run *run_new(void);
void run_free(struct run *run);

/* What must hold of every run that gave `rc`. */
void run_check(const struct run *run, int rc);
/* Upload with the run's options, and check. */
int run_upload_data(struct run *run, const void *data, size_t bytes);
int run_upload_big(struct run *run);
int run_upload_path(struct run *run, const char *path);
/* Forgets what was told of an upload before. */
void run_forget(struct run *run);

void run_set_fault(struct run *run, size_t index, struct fake_s3_fault fault);
void run_assert_stored(const struct run *run);
/* Both parts are in the error's words. */
void run_assert_words(const struct run *run, const char *message_part, const char *hint_part);

#endif
