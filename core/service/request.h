/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A request of a service as its builder hands it over: ready for ir_aws_call, with the storage of
 * what was made for it. Path, query and JSON are copies; header values, pictures and raw bodies are
 * borrowed from the builder's options until the request has been sent.
 */
#ifndef CORE_SERVICE_REQUEST_H
#define CORE_SERVICE_REQUEST_H

#include "core/aws/call.h"
#include "core/service/json_body.h"

/* Points into itself once finished: do not copy it. */
struct ir_request {
    struct ir_aws_request aws; /* the sender may set cancel, timeout_ms, sink and progress */
    struct ir_buf path;
    struct ir_buf query;
    struct ir_header headers[IR_AWS_MAX_EXTRA_HEADERS];
    struct ir_json_body json; /* the body, where it is JSON that was built for this request */
    const char *bad_header;   /* the first header that cannot be sent; NULL = none */
};

/* `service`, `method` and `path` ("" = to be appended) are borrowed. */
void ir_request_init(struct ir_request *request, const struct ir_service *service,
                     const char *method, const char *path);
/* The same for services that speak JSON to "/": target and content type are static. */
void ir_request_init_json(struct ir_request *request, const struct ir_service *service,
                          const char *target, const char *content_type);
void ir_request_release(struct ir_request *request);

/* NULL and "" are left out. A value with a control character makes ir_request_finish fail. */
void ir_request_add_header(struct ir_request *request, const char *name, const char *value);
/* NULL is left out; name and value are encoded and copied. */
void ir_request_add_query(struct ir_request *request, const char *name, const char *value);

/*
 * Makes request->aws whole. `body` is sent as it is and borrowed; NULL = what stands in
 * request->json, nothing where that is empty. IR_ERR_NOMEM; IR_ERR_TOO_LARGE: a part is over its
 * maximum; IR_ERR_ARG: a header cannot be sent. On failure the request has been released.
 */
IR_MUST_CHECK int ir_request_finish(struct ir_request *request, const struct ir_body *body,
                                    struct ir_error *err);

/* Copies a member's text into a fixed array: ir_text_copy of ir_json_member_string, "" if none. */
void ir_answer_text(const struct ir_json_value *object, const char *member, char *out,
                    size_t out_bytes);
/* IR_ERR_RESPONSE with `cause` (a whole phrase) and the next step. */
int ir_answer_fail(const struct ir_service *service, const char *cause, struct ir_error *err);
/* ir_json_parse of an answer whose root must be an object. IR_ERR_RESPONSE, IR_ERR_NOMEM. */
IR_MUST_CHECK int ir_answer_parse(const struct ir_service *service, const char *json, size_t bytes,
                                  struct ir_json_doc **out, struct ir_error *err);

#endif
