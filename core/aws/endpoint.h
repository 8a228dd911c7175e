/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The AWS services that the core calls, and where each is reached. */
#ifndef CORE_AWS_ENDPOINT_H
#define CORE_AWS_ENDPOINT_H

#include "core/aws/config.h"
#include "core/aws/embedded.h"

/* What the wire needs to know of a service. All static. */
struct ir_service {
    const char *title;        /* for people: "Rekognition" */
    const char *host_prefix;  /* "rekognition" */
    const char *signing_name; /* in the scope of SigV4 */
    const char *variable;     /* AWS_ENDPOINT_URL_REKOGNITION */
    const char *section_key;  /* in a [services x] section: "rekognition" */
    const char *fips_prefix;  /* in place of host_prefix and "-fips"; NULL = that */
    bool has_s3_paths;        /* signed and addressed by S3's rules */
};

extern const struct ir_service ir_service_rekognition;
extern const struct ir_service ir_service_bedrock;
extern const struct ir_service ir_service_bedrock_runtime;
extern const struct ir_service ir_service_cloudwatch_logs;
extern const struct ir_service ir_service_execute_api;
extern const struct ir_service ir_service_lambda;
extern const struct ir_service ir_service_sagemaker_runtime;
extern const struct ir_service ir_service_states;

struct ir_endpoint {
    char base_url[320];   /* scheme, host, port; no path */
    char base_path[1024]; /* "" or "/prefix", of a custom URL */
    char host[300];       /* the Host header, with a port that is not the scheme's own */
    char unix_socket[IR_EMBEDDED_PATH_BYTES]; /* "" = TCP */
    char region[64];                          /* that signs */
    bool is_aws;                              /* AWS's own host */
    bool is_embedded;                         /* imgrecog-local: started when needed, its own key */
};

/* True when the setting `endpoint` (may be NULL) names the recogniser on this machine. */
bool ir_endpoint_is_embedded(const char *setting);

/*
 * Finds the endpoint of `service`. `setting` is client.h's `endpoint` (may be NULL); order: it,
 * AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the profile's services section, its endpoint_url,
 * AWS's own host. IR_ERR_ARG: no region, or a URL that is none; the message says whose.
 */
IR_MUST_CHECK int ir_endpoint_resolve(const struct ir_aws_config *config,
                                      const struct ir_service *service, const char *setting,
                                      struct ir_endpoint *out, struct ir_error *err);

/* Puts `prefix` ("sync-", "bucket.") before the host; what does not fit is left out. */
void ir_endpoint_prefix_host(struct ir_endpoint *endpoint, const char *prefix);

/* The custom endpoint that AWS's own settings name for `service`; NULL = AWS itself. Borrowed. */
const char *ir_endpoint_configured_url(const struct ir_aws_config *config,
                                       const struct ir_service *service);

#endif
