/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers that were paid for already, in $XDG_CACHE_HOME/imgrecog/cache.sqlite (where that is not
 * set, ~/.cache). What was asked is known only by its hash, and an answer is encrypted with a key
 * that is made from the hash of the whole request: who has the file but not the same picture and
 * the same question can read none of it.
 */
#ifndef CORE_TASK_CACHE_H
#define CORE_TASK_CACHE_H

#include "core/aws/http.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/world.h"

struct ir_cache;

struct ir_cache_limits {
    uint64_t max_bytes; /* of all answers; the least recently used go first */
    unsigned max_days;  /* an older answer is none; 0 = however old */
};

/* A cache that is damaged is set aside and begun anew. Codes of core/base/database.h. */
IR_MUST_CHECK int ir_cache_open(const struct ir_world *world, const struct ir_cache_limits *limits,
                                struct ir_cache **out, struct ir_error *err);
void ir_cache_close(struct ir_cache *cache);

/* What the answer depends on, besides the request's body. All borrowed; NULL = "". */
struct ir_cache_question {
    const char *service;
    const char *path;
    const char *query;
    const char *target;
    const char *endpoint; /* with its version, where that is this program's */
    const char *region;
    const struct ir_header *headers; /* those that change an answer */
    size_t header_count;
    const char *payload_hash; /* hexadecimal SHA-256 of the body */
};

struct ir_cache_key {
    unsigned char id[IR_SHA256_BYTES];
    unsigned char secret[IR_SHA256_BYTES];
};

/* IR_ERR_NOMEM. */
IR_MUST_CHECK int ir_cache_key_make(const struct ir_cache_question *question,
                                    struct ir_cache_key *out);

/* Appends the answer to `out`; *out_found is false where there is none. */
IR_MUST_CHECK int ir_cache_find(struct ir_cache *cache, const struct ir_cache_key *key,
                                struct ir_buf *out, bool *out_found, struct ir_error *err);
/* Whether there is an answer; it is not read and does not count as used. */
IR_MUST_CHECK int ir_cache_has(struct ir_cache *cache, const struct ir_cache_key *key,
                               bool *out_found, struct ir_error *err);
/* In place of an earlier one. What is larger than a quarter of max_bytes is not kept. */
IR_MUST_CHECK int ir_cache_put(struct ir_cache *cache, const struct ir_cache_key *key,
                               const void *answer, size_t bytes, struct ir_error *err);
IR_MUST_CHECK int ir_cache_forget(struct ir_cache *cache, const struct ir_cache_key *key,
                                  struct ir_error *err);

#endif
