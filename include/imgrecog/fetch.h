/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Objects of S3 on their way here: into memory, checked, or as a link for somebody else. */
#ifndef IMGRECOG_FETCH_H
#define IMGRECOG_FETCH_H

#include <imgrecog/client.h>
#include <imgrecog/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IR_S3_URI_KEY_BYTES 1025
#define IR_S3_URI_BUCKET_BYTES 256

/* An object's place. */
struct ir_s3_uri {
    char bucket[IR_S3_URI_BUCKET_BYTES];
    char key[IR_S3_URI_KEY_BYTES]; /* as it is, not percent-encoded; may be "" or end in '/' */
};

/* Takes "s3://bucket/key" apart. IR_ERR_ARG: it is none. */
IR_PUBLIC IR_MUST_CHECK int ir_s3_uri_parse(const char *text, struct ir_s3_uri *out,
                                            struct ir_error *err);

struct ir_fetch_options {
    unsigned version;               /* IR_FETCH_OPTIONS_VERSION, set by the INIT macro */
    size_t max_bytes;               /* a larger object is IR_ERR_TOO_LARGE */
    const char *expected_owner;     /* the account that must own the bucket; NULL = any */
    const struct ir_cancel *cancel; /* borrowed; NULL = cannot be cancelled */
};
#define IR_FETCH_OPTIONS_VERSION 1U
#define IR_FETCH_OPTIONS_INIT {IR_FETCH_OPTIONS_VERSION, 512UL << 20, NULL, NULL}

/*
 * Gets the object into memory and compares it with the checksum that S3 keeps of it. `*out_data` is
 * the caller's (ir_free); untouched on failure. The client's time limit counts, with more for the
 * bytes that have come (16 KiB a second on the slowest line).
 * IR_ERR_ARG: no key; IR_ERR_TOO_LARGE; IR_ERR_RESPONSE: not the bytes that S3 stores;
 * IR_ERR_SERVICE: no such object; and the other codes of a call. Source:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
IR_PUBLIC IR_MUST_CHECK int ir_fetch(struct ir_client *client, const struct ir_s3_uri *uri,
                                     const struct ir_fetch_options *options, void **out_data,
                                     size_t *out_bytes, struct ir_error *err);

/*
 * A link with which anybody may get the object for `lifetime_s` seconds (1 to 604,800), but no
 * longer than the credentials live. It is as good as a key: do not log it. `*out_url` is
 * the caller's (ir_free). Sends nothing, but may have to renew credentials. IR_ERR_ARG,
 * IR_ERR_AUTH, IR_ERR_NOMEM.
 */
IR_PUBLIC IR_MUST_CHECK int ir_presign(struct ir_client *client, const struct ir_s3_uri *uri,
                                       long lifetime_s, char **out_url, struct ir_error *err);

#ifdef __cplusplus
}
#endif
#endif
