/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tasks see of a client; the public half is imgrecog/client.h. */
#ifndef CORE_TASK_CLIENT_H
#define CORE_TASK_CLIENT_H

#include <imgrecog/client.h>

#include "core/aws/call.h"
#include "core/service/request.h"
#include "core/task/paid.h"

struct ir_client {
    struct ir_aws aws;
    enum ir_precheck precheck_mode;
    struct ir_client *precheck; /* owned: of the embedded endpoint, by our transport; NULL = none */
    struct ir_paid paid;
};

/*
 * ir_client_new with the world and the transport given: the way in for the simulator and the
 * torture tests. `transport` is taken over, on failure too.
 */
IR_MUST_CHECK int ir_client_new_in(const struct ir_client_options *options,
                                   const struct ir_world *world,
                                   const struct ir_transport *transport, struct ir_client **out,
                                   struct ir_error *err);

/*
 * Sends a request that nobody pays for and whose attempts no document counts (paid.h has the way of
 * the others), and releases it. Codes of ir_aws_call.
 */
IR_MUST_CHECK int ir_client_send(struct ir_client *client, struct ir_request *request,
                                 struct ir_http_response *response, struct ir_error *err);

/*
 * The name of where requests to `service` go: "aws", "local" or the URL. AWS's own settings may
 * name another for each service. Borrowed from the client.
 */
const char *ir_client_endpoint_of(const struct ir_client *client, const struct ir_service *service);

#endif
