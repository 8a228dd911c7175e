/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a service answers: status, headers, and a body in memory or in a file. */
#ifndef PLUGINS_LOCAL_ANSWER_H
#define PLUGINS_LOCAL_ANSWER_H

#include <stdint.h>

#include "core/base/buf.h"

#define ANSWER_MAX_BYTES (48U << 20)
#define ANSWER_MAX_HEADER_BYTES (32U * 1024)

struct answer {
    int status;               /* of success; 200 unless set */
    const char *content_type; /* static; NULL = the service's own */
    struct ir_buf headers;    /* name NUL value NUL ... */
    struct ir_buf body;
    int file_fd; /* -1 = the body is in memory; else owned, and these bytes are sent */
    uint64_t file_offset;
    uint64_t file_bytes;
    unsigned not_finished; /* LOOK_... that ran out of time; what they would say is unknown */
};

void answer_init(struct answer *answer);
void answer_release(struct answer *answer);
/* Forgets all but what did not finish. */
void answer_clear(struct answer *answer);
/* A value with a control character is left out. Failures stick in answer->headers. */
void answer_header(struct answer *answer, const char *name, const char *value);

#endif
