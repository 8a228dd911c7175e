/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A transport that answers from a script and remembers what it was asked. It holds every request to
 * what a server would see: the body's length and hash are those that the request states, and the
 * headers are there once.
 */
#ifndef TESTS_UNIT_FAKE_TRANSPORT_H
#define TESTS_UNIT_FAKE_TRANSPORT_H

#include "core/aws/http.h"
#include "tests/unit/fake_world.h"

#define FAKE_TRANSPORT_MAX_ANSWERS 64
#define FAKE_TRANSPORT_MAX_CALLS 64
#define FAKE_TRANSPORT_MAX_HEADERS 64

struct fake_answer {
    int rc;                /* 0: an answer came; else the line failed with this code */
    bool retryable;        /* of a failed line */
    bool maybe_served;     /* of a failed line */
    int status;            /* 0 = 200 */
    const char *header;    /* lines, as a server sends them; NULL = none */
    const char *body;      /* NULL = empty */
    size_t body_bytes;     /* 0 = up to the NUL */
    const char *target;    /* only for the request with this X-Amz-Target; NULL = for any */
    const char *method;    /* only for a request with this method; NULL = for any */
    const char *url_end;   /* only for a request whose URL ends so; NULL = for any */
    const char *url_part;  /* only for a request in whose URL this stands; NULL = for any */
    const char *body_part; /* only for a request in whose body this stands; NULL = for any */
    long takes_ms;         /* the world's clocks go on by this */
};

struct fake_seen {
    char method[8];
    char url[2048];
    char unix_socket[128];
    char *headers[FAKE_TRANSPORT_MAX_HEADERS]; /* "name: value" */
    size_t header_count;
    char *body;
    size_t body_bytes;
    int64_t deadline_ms;
    unsigned slowest_bytes_per_ms;
};

struct fake_transport {
    struct fake_world *world;
    struct fake_answer answers[FAKE_TRANSPORT_MAX_ANSWERS];
    bool used[FAKE_TRANSPORT_MAX_ANSWERS];
    size_t answer_count;
    struct fake_seen seen[FAKE_TRANSPORT_MAX_CALLS];
    size_t call_count;
    unsigned releases;
    const char *complaint; /* what was wrong with a request; NULL = nothing */
};

/* `world` is borrowed. */
void fake_transport_init(struct fake_transport *fake, struct fake_world *world);
/* Strings are borrowed. After the last fitting answer it is given again and again. */
void fake_transport_add(struct fake_transport *fake, struct fake_answer answer);
/* What the core gets; refers to `fake`. */
struct ir_transport fake_transport_get(struct fake_transport *fake);
/* A header's value in the call of this index; NULL when it was not sent. `name` in any case. */
const char *fake_transport_header(const struct fake_transport *fake, size_t call_index,
                                  const char *name);
/* Forgets the calls, frees what they left. */
void fake_transport_reset(struct fake_transport *fake);

#endif
