/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors on the wire: AWS's shape for each protocol, and the codes that each service uses. */
#ifndef PLUGINS_LOCAL_FAULT_H
#define PLUGINS_LOCAL_FAULT_H

#include <imgrecog/error.h>

#include "plugins/local/answer.h"

enum protocol {
    PROTOCOL_JSON,      /* {"__type","message"}: Rekognition, CloudWatch Logs */
    PROTOCOL_REST_JSON, /* {"message"} and X-Amzn-ErrorType: Bedrock, SageMaker */
    PROTOCOL_REST_XML,  /* <Error>: S3 */
    PROTOCOL_QUERY,     /* <ErrorResponse>: STS */
};

/* Turns `err` into the answer, status included. `resource` is the request's path. */
void fault_write(enum protocol protocol, const struct ir_error *err, const char *resource,
                 const char *request_id, struct answer *answer);

#endif
