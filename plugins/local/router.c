/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * S3 is checked before its body comes, since the signature covers a header that names the body's
 * hash: nobody without the key can fill the disk. For all others the body is small and in memory,
 * and the signature is checked when it is there.
 */
#include "plugins/local/router.h"

#include <string.h>

#include "core/base/world.h"
#include "plugins/local/bedrock.h"
#include "plugins/local/logs.h"
#include "plugins/local/operation.h"
#include "plugins/local/refuse.h"
#include "plugins/local/s3.h"
#include "plugins/local/s3_store.h"
#include "plugins/local/sagemaker.h"
#include "plugins/local/sts.h"

#define JSON_1_1 "application/x-amz-json-1.1"

static bool always(const struct request *request)
{
    (void)request;
    return true;
}

enum service_index { REKOGNITION, S3, STS, LOGS, BEDROCK, SAGEMAKER };

static const struct service services[] = {
    [REKOGNITION] = {.signing_name = "rekognition",
                     .protocol = PROTOCOL_JSON,
                     .max_body_bytes = OPERATION_MAX_BODY_BYTES,
                     .content_type = JSON_1_1,
                     .looks_at_pictures = always,
                     .run = operation_serve},
    [S3] = {.signing_name = "s3",
            .protocol = PROTOCOL_REST_XML,
            .max_body_bytes = S3_MAX_OBJECT_BYTES,
            .content_type = "application/xml",
            .is_s3 = true,
            .run = s3_serve},
    [STS] = {.signing_name = "sts",
             .protocol = PROTOCOL_QUERY,
             .max_body_bytes = STS_MAX_BODY_BYTES,
             .content_type = "text/xml",
             .run = sts_serve},
    [LOGS] = {.signing_name = "logs",
              .protocol = PROTOCOL_JSON,
              .max_body_bytes = LOGS_MAX_BODY_BYTES,
              .content_type = JSON_1_1,
              .run = logs_serve},
    [BEDROCK] = {.signing_name = "bedrock",
                 .protocol = PROTOCOL_REST_JSON,
                 .max_body_bytes = BEDROCK_MAX_BODY_BYTES,
                 .content_type = "application/json",
                 .looks_at_pictures = bedrock_looks_at_pictures,
                 .run = bedrock_serve},
    [SAGEMAKER] = {.signing_name = "sagemaker",
                   .protocol = PROTOCOL_REST_JSON,
                   .max_body_bytes = SAGEMAKER_MAX_BODY_BYTES,
                   .content_type = "application/json",
                   .looks_at_pictures = always,
                   .run = sagemaker_serve},
};

/* Without a signature: whose errors the client can probably read. */
static const struct service *guess(const struct request *request)
{
    static const char form[] = "application/x-www-form-urlencoded";
    const char *type = request_header(request, "Content-Type");
    const char *target = request_header(request, "X-Amz-Target");
    if (target != NULL && strncmp(target, "Logs_", 5) == 0)
        return &services[LOGS];
    if (type != NULL && strncmp(type, form, sizeof form - 1) == 0)
        return &services[STS];
    if (strncmp(request->path, "/model/", 7) == 0)
        return &services[BEDROCK];
    if (strncmp(request->path, "/endpoints/", 11) == 0)
        return &services[SAGEMAKER];
    if (target != NULL || (strcmp(request->path, "/") == 0 && request_is(request, "POST")))
        return &services[REKOGNITION];
    return &services[S3];
}

static void describe(const struct request *request, struct auth_request *out)
{
    const struct ir_world *world = ir_world_system();
    *out = (struct auth_request){.method = request->method,
                                 .path = request->path,
                                 .query = request->query,
                                 .headers = request->headers,
                                 .header_count = request->header_count,
                                 .now_ms = world->unix_ms(world->context)};
}

const struct service *router_find(const struct request *request)
{
    struct auth_request auth;
    char name[AUTH_NAME_BYTES];
    describe(request, &auth);
    auth_peek_service(&auth, name);
    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++)
        if (strcmp(name, services[i].signing_name) == 0)
            return &services[i];
    return guess(request);
}

static int begin_s3(struct request *request, struct ir_error *err)
{
    struct auth_request auth;
    struct s3_store *store = NULL;
    describe(request, &auth);
    int rc = auth_check(&auth, &request->grant, err);
    bool to_file = rc == 0 && s3_takes_file(request);
    intake_init(&request->body, to_file ? S3_MAX_OBJECT_BYTES : S3_MAX_DOCUMENT_BYTES);
    if (rc == 0)
        rc = intake_expect_s3(&request->body, &auth, &request->grant, err);
    if (rc != 0 || !to_file)
        return rc;
    rc = local_s3(request->local, &store, err);
    if (rc == 0)
        rc = s3_temporary_new(store, &request->upload, err);
    if (rc == 0)
        request->body.fd = s3_temporary_fd(request->upload);
    return rc;
}

int router_begin(const struct service *service, struct request *request, struct ir_error *err)
{
    if (service->is_s3)
        return begin_s3(request, err);
    intake_init(&request->body, service->max_body_bytes);
    return 0;
}

int router_admit(const struct service *service, struct request *request, struct ir_error *err)
{
    struct auth_request auth;
    int rc = intake_end(&request->body, err);
    if (rc != 0)
        return rc;
    if (!service->is_s3) {
        describe(request, &auth);
        auth.body_sha256 = request->body.sha256;
        rc = auth_check(&auth, &request->grant, err);
        return rc;
    }
    if (request->grant.payload == AUTH_PAYLOAD_HASHED &&
        strcmp(request->grant.payload_hash, request->body.sha256) != 0)
        return refuse(err, &refuse_body_hash,
                      "The provided 'x-amz-content-sha256' header does not match what was "
                      "computed.");
    return 0;
}

void router_end(struct request *request)
{
    s3_temporary_free(request->upload);
    request->upload = NULL;
    intake_release(&request->body);
}
