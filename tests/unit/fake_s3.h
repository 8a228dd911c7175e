/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A transport that is a small S3 with one bucket: it keeps of each object and part what a receiver
 * can check, refuses what S3 refuses, and does wrong what a test asks it to. Threads may call it at
 * once. Its own memory is not the core's.
 */
#ifndef TESTS_UNIT_FAKE_S3_H
#define TESTS_UNIT_FAKE_S3_H

#include <pthread.h>

#include "core/aws/http.h"
#include "core/base/world.h"
#include "core/task/client.h"

#define FAKE_S3_MAX_PARTS 16
#define FAKE_S3_MAX_SEEN 128

enum fake_s3_kind {
    FAKE_S3_PUT,
    FAKE_S3_HEAD,
    FAKE_S3_CREATE,
    FAKE_S3_PART,
    FAKE_S3_LIST_PARTS,
    FAKE_S3_COMPLETE,
    FAKE_S3_ABORT,
    FAKE_S3_KIND_COUNT,
};

/* One thing that goes wrong. */
struct fake_s3_fault {
    bool is_set;
    enum fake_s3_kind kind;
    unsigned at;    /* the how-manieth of its kind, from 1; 0 = every one */
    bool does_work; /* the server does what was asked for, and the answer is lost */
    int rc;         /* the line fails with this; 0 = an answer with this status and body */
    int status;
    const char *body;
};
#define FAKE_S3_MAX_FAULTS 4

struct fake_s3_stored {
    bool exists;
    uint64_t bytes;
    uint32_t crc32;
};

struct fake_s3_seen {
    enum fake_s3_kind kind;
    uint64_t bytes;
    char content_type[64];
};

struct fake_s3 {
    struct ir_world world;
    atomic_uint sleeps;
    pthread_mutex_t mutex;
    struct fake_s3_stored object;
    char object_checksum[64];
    struct fake_s3_stored parts[FAKE_S3_MAX_PARTS];
    bool is_open; /* an upload in parts */
    unsigned upload_number;
    unsigned counts[FAKE_S3_KIND_COUNT];
    struct fake_s3_seen seen[FAKE_S3_MAX_SEEN];
    size_t seen_count;
    struct fake_s3_fault faults[FAKE_S3_MAX_FAULTS];
    bool has_no_checksums;
    bool has_no_full_checksums;
    bool stores_wrong_crc32;
    unsigned stalls_at;    /* this part is not read until its request is cancelled; 0 = none */
    const char *complaint; /* what a request did wrong; NULL = nothing */
    /* Called before a request is answered, without the lock. NULL = nobody. */
    void (*on_request)(void *context, enum fake_s3_kind kind, unsigned count);
    void *context;
};

void fake_s3_init(struct fake_s3 *fake);
void fake_s3_release(struct fake_s3 *fake);
/* Whether it keeps parts of an upload that was neither completed nor aborted. */
bool fake_s3_has_parts(const struct fake_s3 *fake);
/* Waits until so many requests of a kind have come; without the lock. */
void fake_s3_await(struct fake_s3 *fake, enum fake_s3_kind kind, unsigned count);
/* A client of it. */
struct ir_client *fake_s3_client(struct fake_s3 *fake);
struct ir_transport fake_s3_transport(struct fake_s3 *fake);

#endif
