/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A description in the four forms in which Bedrock gives it. */
#ifndef PLUGINS_LOCAL_BEDROCK_ANSWER_H
#define PLUGINS_LOCAL_BEDROCK_ANSWER_H

#include <stdint.h>

#include "plugins/local/answer.h"
#include "plugins/local/describer.h"

struct bedrock_said {
    const char *model_id;
    const char *request_id;
    const struct description *description;
    int64_t latency_ms;
};

/* Failures stick in answer->body. */
void bedrock_write_converse(const struct bedrock_said *said, struct answer *answer);
void bedrock_stream_converse(const struct bedrock_said *said, struct answer *answer);
void bedrock_write_claude(const struct bedrock_said *said, struct answer *answer);
void bedrock_stream_claude(const struct bedrock_said *said, struct answer *answer);

#endif
