/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The providers of the chain, and what they share: the trace, a call of an AWS service or a plain
 * HTTP request on the chain's transport, the reading of answers, and the token caches that AWS's
 * own command keeps in ~/.aws.
 */
#ifndef CORE_AWS_CREDENTIALS_PROVIDER_H
#define CORE_AWS_CREDENTIALS_PROVIDER_H

#include "core/aws/call.h"
#include "core/aws/credentials.h"
#include "core/base/json.h"

/*
 * Looks in one place. 0 with *out set: found. 0 with *out NULL: nothing here, and the trace got one
 * line that says where it looked and what was missing (never a value). Negative: what is there is
 * wrong in a way that must not be passed over (half a key); `err` is filled.
 */
typedef int (*ir_credentials_provide_fn)(const struct ir_credentials_context *context,
                                         struct ir_credentials **out, struct ir_error *err);

int ir_credentials_from_environment(const struct ir_credentials_context *context,
                                    struct ir_credentials **out, struct ir_error *err);
int ir_credentials_from_role(const struct ir_credentials_context *context,
                             struct ir_credentials **out, struct ir_error *err);
int ir_credentials_from_web_identity(const struct ir_credentials_context *context,
                                     struct ir_credentials **out, struct ir_error *err);
int ir_credentials_from_sso(const struct ir_credentials_context *context,
                            struct ir_credentials **out, struct ir_error *err);
int ir_credentials_from_credentials_file(const struct ir_credentials_context *context,
                                         struct ir_credentials **out, struct ir_error *err);
int ir_credentials_from_login(const struct ir_credentials_context *context,
                              struct ir_credentials **out, struct ir_error *err);
int ir_credentials_from_process(const struct ir_credentials_context *context,
                                struct ir_credentials **out, struct ir_error *err);
int ir_credentials_from_config_file(const struct ir_credentials_context *context,
                                    struct ir_credentials **out, struct ir_error *err);
int ir_credentials_from_container(const struct ir_credentials_context *context,
                                  struct ir_credentials **out, struct ir_error *err);
int ir_credentials_from_imds(const struct ir_credentials_context *context,
                             struct ir_credentials **out, struct ir_error *err);

/*
 * What a profile gives that another one names as its source: its role only when `with_role`, else
 * everything that stands in files. *out NULL when it gives nothing.
 */
int ir_credentials_find_in_profile(const struct ir_credentials_context *context, bool with_role,
                                   struct ir_credentials **out, struct ir_error *err);

/*
 * Adds a line to the trace: "place (reason)". A reason that begins with IR_CREDENTIALS_NOT_SET_UP
 * is told in the trace only; the error just names the place.
 */
void ir_credentials_say(const struct ir_credentials_context *context, const char *place,
                        const char *reason_format, ...) IR_PRINTF(3, 4);
#define IR_CREDENTIALS_NOT_SET_UP "not set up: "

/* ---- asking others ----------------------------------------------------------------------- */

#define IR_CREDENTIALS_MAX_ANSWER_BYTES (64U * 1024)

/* A call of an AWS service made on the way to credentials. */
struct ir_credentials_call {
    struct ir_aws_request request; /* cancel, time limit and maximum are filled in */
    const char *region;            /* NULL = the configuration's */
    const char *endpoint;          /* as client.h's; NULL = what AWS's settings say */
    struct ir_credentials *signer; /* borrowed; NULL with IR_AUTH_NONE */
    unsigned max_attempts;         /* 0 = the configuration's */
};

/* ir_aws_call with this. `response` is initialised by the caller. */
IR_MUST_CHECK int ir_credentials_call(const struct ir_credentials_context *context,
                                      const struct ir_credentials_call *call,
                                      struct ir_http_response *response, struct ir_error *err);

/* One request past every proxy, within `timeout_ms`. 0 when an answer came, whatever its status. */
IR_MUST_CHECK int ir_credentials_fetch(const struct ir_credentials_context *context,
                                       const struct ir_http_request *request, long timeout_ms,
                                       struct ir_http_response *response, struct ir_error *err);

/* ---- reading what they say --------------------------------------------------------------- */

/* The names that the values have in an answer. */
struct ir_credentials_names {
    const char *access_key_id;
    const char *secret_key;
    const char *session_token;
    const char *expires; /* a date; NULL = the caller sets the end */
    bool is_temporary;   /* token and date must be there */
};

/* IR_ERR_RESPONSE: a value is missing or none; the message names `what` and the member. */
IR_MUST_CHECK int ir_credentials_from_json(const struct ir_json_value *object,
                                           const struct ir_credentials_names *names,
                                           const char *what, const char *provider,
                                           struct ir_credentials **out, struct ir_error *err);

/* ---- token caches ------------------------------------------------------------------------ */

/* A JSON file in which AWS's own command keeps a session. */
struct ir_token_file {
    struct ir_buf path;
    struct ir_buf text;
    struct ir_json_doc *doc; /* NULL: there is none */
};

/* Reads `folder`/`name`.json; a file that is not there leaves doc NULL. Release in any case. */
IR_MUST_CHECK int ir_token_file_read(const struct ir_credentials_context *context,
                                     const char *folder, const char *name,
                                     struct ir_token_file *out, struct ir_error *err);
/*
 * Writes it anew, as a whole and for its owner only. `replace` is asked for each member in turn and
 * writes it (key and value) when it is to change; then it returns true. At the end it is asked with
 * a NULL member, to add what was not there.
 */
IR_MUST_CHECK int ir_token_file_write(const struct ir_credentials_context *context,
                                      const struct ir_token_file *file,
                                      bool (*replace)(void *replace_context, const char *member,
                                                      struct ir_json_writer *writer),
                                      void *replace_context, struct ir_error *err);
void ir_token_file_release(struct ir_token_file *file);

#endif
