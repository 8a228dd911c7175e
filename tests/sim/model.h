/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The simulated AWS: it knows its keys, checks every request as the real one does (who signed it,
 * when, and that the signature and the hash fit what arrived), does what it is asked, and keeps
 * account of what was done and charged. Every answer carries a number of its own (a token), so that
 * a success can be traced to the work behind it. Faults are not its business: faults.h.
 */
#ifndef TESTS_SIM_MODEL_H
#define TESTS_SIM_MODEL_H

#include "core/aws/http.h"
#include "tests/sim/world.h"

#define SIM_BUCKET "photos-of-ann"
#define SIM_AWAY_BUCKET "photos-elsewhere" /* lies in another region than the client's */
#define SIM_READY_OBJECT "ready.png"
#define SIM_MAX_KEYS 64
#define SIM_KEY_BYTES 128
#define SIM_MAX_ANSWER_BYTES (1U << 20)
#define SIM_PROMPT "sesame opens nothing" /* must not be seen in any error */

enum sim_op {
    SIM_LABELS,
    SIM_TEXT,
    SIM_FACES,
    SIM_CONVERSE,
    SIM_CONVERSE_STREAM,
    SIM_INVOKE,
    SIM_INVOKE_STREAM,
    SIM_LAMBDA,
    SIM_PUT_LOGS,
    SIM_START,
    SIM_SAGEMAKER,
    SIM_MODELS,
    SIM_IDENTITY,
    SIM_ASSUME_ROLE,
    SIM_CONTAINER,
    SIM_PUT_OBJECT,
    SIM_GET_OBJECT,
    SIM_CREATE_UPLOAD,
    SIM_UPLOAD_PART,
    SIM_COMPLETE_UPLOAD,
    SIM_ABORT_UPLOAD,
    SIM_LIST_PARTS,
    SIM_HEAD_OBJECT,
    SIM_OP_COUNT,
    SIM_NO_OP = SIM_OP_COUNT,
};

enum sim_shape {
    SIM_JSON,   /* tells by itself when it is cut */
    SIM_XML,    /* so does this */
    SIM_STREAM, /* event stream with checksums */
    SIM_OBJECT, /* an object's bytes with a checksum */
    SIM_RAW,    /* bytes or nothing at all, with no means to tell */
};

struct sim_op_info {
    const char *name;
    const char *host; /* how the URL's host begins; NULL = S3's, told by method and query */
    const char *part; /* of URL, target or body, that is this operation's alone */
    enum sim_shape shape;
    bool is_charged;
};
extern const struct sim_op_info sim_ops[SIM_OP_COUNT];

/* A key that AWS gave out. */
struct sim_key {
    char id[SIM_KEY_BYTES];
    char secret[SIM_KEY_BYTES];
    char token[SIM_KEY_BYTES]; /* "" = for good */
    int64_t ends_unix_ms;
    bool is_revoked;
};

/* A request as it arrived. */
struct sim_arrival {
    enum sim_op op;
    const struct ir_http_request *http;
    char *body; /* terminated; free */
    size_t body_bytes;
    char hash_hex[IR_SHA256_HEX_BYTES];
};

struct sim_answer {
    int status;
    struct ir_buf headers; /* lines */
    struct ir_buf body;
    size_t needed_bytes; /* cut below it, the body is damaged */
    unsigned token;      /* 0 = nothing was done */
};

#define SIM_MAX_OBJECTS 64
#define SIM_MAX_UPLOADS 32
#define SIM_MAX_PARTS 16

struct sim_object {
    char name[64];
    char *data;
    size_t bytes;
    unsigned token; /* of the request that stored it */
};

struct sim_upload {
    char id[24];
    char name[64];
    char *parts[SIM_MAX_PARTS];
    size_t part_bytes[SIM_MAX_PARTS];
    bool is_open;
    bool was_completed;
    bool is_known; /* its id has reached the core */
    bool was_told; /* the error that ended it said that it stays open */
};

struct sim_model {
    struct sim_world *world;
    struct sim_key keys[SIM_MAX_KEYS];
    unsigned key_count;
    long key_life_ms;      /* of temporary ones that it gives out */
    bool session_is_fixed; /* the client has no way to another: it is never revoked for good */
    const char *bearer;
    unsigned last_token;
    unsigned charged[SIM_OP_COUNT];
    char started[64]; /* name of the last named execution; such a start again is the same one */
    unsigned started_token;
    struct sim_object objects[SIM_MAX_OBJECTS];
    size_t object_count;
    struct sim_upload uploads[SIM_MAX_UPLOADS];
    size_t upload_count;
    const char *complaint; /* what was wrong with a request that must never be; NULL = nothing */
};

void sim_model_init(struct sim_model *model, struct sim_world *world);
void sim_model_release(struct sim_model *model);

/* Puts an object there, as somebody else would. */
void sim_model_store(struct sim_model *model, const char *name, const void *data, size_t bytes);

/* A key that AWS gives out; the index. */
unsigned sim_model_add_key(struct sim_model *model, bool is_temporary);
const struct sim_object *sim_model_find_object(const struct sim_model *model, const char *name);

void sim_answer_init(struct sim_answer *answer);
void sim_answer_release(struct sim_answer *answer);
void sim_answer_line(struct sim_answer *answer, const char *format, ...) IR_PRINTF(2, 3);
/* An error as the operation's service words it. */
void sim_answer_error(struct sim_answer *answer, enum sim_op op, int status, const char *aws_code,
                      const char *message);

/* Takes the request in; its body is read whole. */
void sim_arrive(const struct ir_http_request *http, struct sim_arrival *out);
void sim_arrival_release(struct sim_arrival *arrival);
/* A header of it; NULL when it has none. */
const char *sim_arrival_header(const struct sim_arrival *arrival, const char *name);

/* Does what is asked, or refuses it; fills `answer`. */
void sim_model_serve(struct sim_model *model, const struct sim_arrival *arrival,
                     struct sim_answer *answer);
/* Whether the request is one that the model would refuse (its keys, its date). */
bool sim_model_refuses(struct sim_model *model, const struct sim_arrival *arrival,
                       struct sim_answer *answer);

/* model_s3.c: the same for S3's operations. */
enum sim_op sim_s3_op(const struct ir_http_request *http);
void sim_s3_serve(struct sim_model *model, const struct sim_arrival *arrival,
                  struct sim_answer *answer);
bool sim_s3_redirects(const struct sim_arrival *arrival, struct sim_answer *answer);

#endif
