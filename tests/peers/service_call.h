/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the operations of service_call share. See service_call.c. */
#ifndef TESTS_PEERS_SERVICE_CALL_H
#define TESTS_PEERS_SERVICE_CALL_H

#include "core/service/request.h"
#include "core/task/client.h"

#define MAX_BLOBS 24
#define MAX_TEXTS 128

/* One run: the parameters come in, what was understood of the answer goes out as JSON. */
struct run {
    struct ir_client *client;
    const struct ir_json_value *params;
    struct ir_json_writer out;
    struct ir_http_response response;
    unsigned char *blobs[MAX_BLOBS]; /* freed at the end */
    struct ir_span spans[MAX_BLOBS];
    struct ir_body_piece pieces[MAX_BLOBS];
    size_t blob_count;
    const char *texts[MAX_TEXTS]; /* storage of the lists */
    size_t text_count;
};

typedef int (*operation_fn)(struct run *run, struct ir_error *err);

/* A member that is a string; NULL when it is not there. */
const char *text_of(const struct ir_json_value *object, const char *member);
double number_of(const struct ir_json_value *object, const char *member); /* NaN = not there */
bool flag_of(const struct ir_json_value *object, const char *member);
/* A list of strings; its storage is the run's. */
const char *const *texts_of(struct run *run, const struct ir_json_value *array, size_t *out_count);
/* A member that is base64, as bytes to be sent; NULL when it is not there. */
const struct ir_body_piece *blob_of(struct run *run, const struct ir_json_value *object,
                                    const char *member, bool as_base64);
/* Sends and releases the request; the answer is in run->response. */
int send_request(struct run *run, struct ir_request *request, struct ir_error *err);

int run_converse(struct run *run, struct ir_error *err);
int run_converse_stream(struct run *run, struct ir_error *err);
int run_claude(struct run *run, struct ir_error *err);
int run_claude_stream(struct run *run, struct ir_error *err);
int run_stability(struct run *run, struct ir_error *err);
int run_sdxl(struct run *run, struct ir_error *err);
int run_list_models(struct run *run, struct ir_error *err);
int run_get_model(struct run *run, struct ir_error *err);
int run_list_profiles(struct run *run, struct ir_error *err);

int run_labels(struct run *run, struct ir_error *err);
int run_text(struct run *run, struct ir_error *err);
int run_moderation(struct run *run, struct ir_error *err);
int run_faces(struct run *run, struct ir_error *err);
int run_protection(struct run *run, struct ir_error *err);
int run_celebrities(struct run *run, struct ir_error *err);

#endif
