/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A row tells a machine (environment, files, services that answer) and what the chain of credential
 * providers makes of it: which key from which provider, what was sent to whom, what was written, or
 * which words the error has. No error and no trace may hold a value: in rows, keys begin with
 * "AKIA" and every other secret with "hush", which no block of memory may hold when it is freed.
 */
#ifndef TESTS_UNIT_CREDENTIALS_ROWS_H
#define TESTS_UNIT_CREDENTIALS_ROWS_H

#include "core/aws/credentials.h"
#include "tests/unit/fake_world.h"

#define ROW_CONFIG_PATH "/home/ann/.aws/config"
#define ROW_CREDENTIALS_PATH "/home/ann/.aws/credentials"
#define ROW_MAX_VARIABLES 6
#define ROW_MAX_FILES 3
#define ROW_MAX_ANSWERS 6
#define ROW_MAX_WORDS 6
#define ROW_MAX_CALLS 16
#define ROW_MAX_SENT_BYTES 8192

struct row_answer {
    const char *for_url; /* part of "METHOD url"; answers are taken in order, the last one stays */
    int status;          /* 0 = 200 */
    const char *body;
    int rc; /* not 0: the line fails */
    bool maybe_served;
};

struct row {
    const char *name;
    const char *profile; /* of the caller */
    struct {
        const char *name;
        const char *value;
    } variables[ROW_MAX_VARIABLES];
    const char *config;
    const char *credentials;
    struct {
        const char *path;
        const char *text;
    } files[ROW_MAX_FILES];
    struct row_answer answers[ROW_MAX_ANSWERS];

    const char *key_id; /* NULL = an error */
    const char *provider;
    int64_t left_ms; /* of the credentials; 0 = do not look, INT64_MAX = they do not end */
    int rc;          /* 0 with no key_id = IR_ERR_AUTH */
    const char *says[ROW_MAX_WORDS]; /* parts of the error's line */
    const char *traces[ROW_MAX_WORDS];
    const char *sent[ROW_MAX_CALLS];      /* the n-th request has this */
    const char *also_sent[ROW_MAX_WORDS]; /* some request has this */
    const char *never_sent;
    const char *writes[ROW_MAX_WORDS];
    int call_count; /* 0 = do not look, -1 = none */
};

/* The machine of a row, and what was seen. */
struct row_machine {
    struct fake_world fake;
    const struct row *row;
    bool used[ROW_MAX_ANSWERS];
    char sent[ROW_MAX_CALLS][ROW_MAX_SENT_BYTES]; /* "METHOD url\nname: value\n…\nbody" */
    bool no_proxy[ROW_MAX_CALLS];
    int call_count;
    char written_path[256];
    char written[ROW_MAX_SENT_BYTES];
    struct ir_aws_config config;
    struct ir_transport transport;
};

void row_set_up(struct row_machine *machine, const struct row *row);
void row_tear_down(struct row_machine *machine);
/* A test function for UNIT_ADD_ROWS. */
void row_test(void **state);

#endif
