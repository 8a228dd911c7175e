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
    /* In place of host_prefix and "-fips", in the commercial partition's single-stack hosts. */
    const char *fips_prefix;
    /* Where the plain single-stack host is FIPS's: how those regions' names begin. NULL = nowhere.
     */
    const char *plain_fips_region;
    /* Where the dual-stack host is FIPS's in any case, told in the same way. */
    const char *dualstack_fips_region;
    bool has_s3_paths; /* signed and addressed by S3's rules */
    bool is_global;    /* IAM: one host for all regions of a partition */
};

extern const struct ir_service ir_service_rekognition;
extern const struct ir_service ir_service_bedrock;
extern const struct ir_service ir_service_bedrock_runtime;
extern const struct ir_service ir_service_cloudwatch_logs;
extern const struct ir_service ir_service_execute_api;
extern const struct ir_service ir_service_iam;
extern const struct ir_service ir_service_lambda;
extern const struct ir_service ir_service_s3;
extern const struct ir_service ir_service_sagemaker_runtime;
extern const struct ir_service ir_service_states;

#define IR_HOST_BYTES 300
#define IR_REGION_BYTES 64
#define IR_BUCKET_BYTES 256 /* 63 today; older names may be longer */

struct ir_endpoint {
    char base_url[IR_HOST_BYTES + 20]; /* scheme, host, port; no path */
    char base_path[1024];              /* "" or "/prefix", of a custom URL */
    char host[IR_HOST_BYTES]; /* the Host header, with a port that is not the scheme's own */
    char unix_socket[IR_EMBEDDED_PATH_BYTES]; /* "" = TCP */
    char region[IR_REGION_BYTES];             /* that signs */
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

/*
 * Addresses a bucket of S3: before the host ("virtual-hosted style") where that is AWS's own and
 * the name is one DNS label, else as the path's first segment; s3.addressing_style of the profile
 * (auto, virtual, path) may say otherwise. IR_ERR_ARG: no lawful name, or a kind of bucket that
 * needs another signature (S3 Express, Multi-Region Access Points). Source:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
IR_MUST_CHECK int ir_endpoint_add_bucket(struct ir_endpoint *endpoint,
                                         const struct ir_aws_config *config, const char *bucket,
                                         struct ir_error *err);

/*
 * Goes over to another host of S3 that an answer named for this bucket; false, and nothing changed,
 * when `host` is none of AWS's for S3 in this partition, or not FIPS's where that is asked for.
 */
bool ir_endpoint_take_s3_host(struct ir_endpoint *endpoint, const struct ir_aws_config *config,
                              const char *bucket, const char *host);

/* What AWS's hosts in this region end in; and whether the same keys hold in two regions. */
const char *ir_endpoint_suffix(const char *region);
bool ir_endpoint_is_same_partition(const char *region, const char *other);

/* True for what lies on this machine: a socket, localhost, 127.0.0.0/8, ::1. No proxy is asked. */
bool ir_endpoint_is_on_this_machine(const struct ir_endpoint *endpoint);

/* The custom endpoint that AWS's own settings name for `service`; NULL = AWS itself. Borrowed. */
const char *ir_endpoint_configured_url(const struct ir_aws_config *config,
                                       const struct ir_service *service);

#endif
