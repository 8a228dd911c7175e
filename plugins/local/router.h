/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which service a request is for, how much it may send, and running it. */
#ifndef PLUGINS_LOCAL_ROUTER_H
#define PLUGINS_LOCAL_ROUTER_H

#include "plugins/local/fault.h"
#include "plugins/local/request.h"

typedef int (*service_run_fn)(struct request *request, struct answer *answer, struct ir_error *err);

struct service {
    const char *signing_name;
    enum protocol protocol;
    uint64_t max_body_bytes;
    const char *content_type; /* of good answers */
    bool is_s3;
    /* Whether it analyses pictures, for which there are few places. NULL = never. */
    bool (*looks_at_pictures)(const struct request *request);
    service_run_fn run;
};

/* By the scope of the signature, or, where there is none to be read, by the request's shape. Never
 * NULL: a request for nobody is taken for Rekognition's, whose errors most clients can read. */
const struct service *router_find(const struct request *request);

/*
 * Called when the headers are there: checks what can be checked before the body and prepares
 * request->body. IR_ERR_SERVICE: refused. The body is then to be thrown away.
 */
IR_MUST_CHECK int router_begin(const struct service *service, struct request *request,
                               struct ir_error *err);
/* Called when the body is there: the rest of the checks. */
IR_MUST_CHECK int router_admit(const struct service *service, struct request *request,
                               struct ir_error *err);
/* Frees what router_begin took. */
void router_end(struct request *request);

#endif
