/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names in S3, the upload of a file or of bytes under one, and what is told of it. */
#ifndef PLUGINS_BATCH_PUT_H
#define PLUGINS_BATCH_PUT_H

#include <imgrecog/fetch.h>
#include <imgrecog/upload.h>

#include "plugins/batch/commands.h"

/*
 * A name that no two calls share: `prefix`, the time as 20261121T013000Z, 8 hexadecimal digits,
 * ".png". IR_ERR_ARG: too long for a key, or no chance is to be had.
 */
IR_MUST_CHECK int put_unique_name(struct ir_s3_uri *uri, struct ir_error *err);

/* What would fail only when all is uploaded is told before. IR_ERR_ARG. */
IR_MUST_CHECK int put_check(const struct session *session, struct ir_error *err);

/* One upload. */
struct put {
    bool is_stored; /* also where what came then failed */
    struct ir_s3_uri uri;
    struct ir_upload_result result;
    char *link; /* owned: presigned, where that was asked for; else NULL */
};

/* Uploads. Release `out` afterwards, on failure too. */
IR_MUST_CHECK int put_file(const struct session *session, const char *path,
                           const struct ir_s3_uri *uri, struct put *out, struct ir_error *err);
struct put_bytes {
    const void *data;
    size_t bytes;
    bool is_own_name; /* the name is meant to be nobody else's, so nothing is replaced */
};
IR_MUST_CHECK int put_data(const struct session *session, const struct put_bytes *data,
                           const struct ir_s3_uri *uri, struct put *out, struct ir_error *err);
void put_release(struct put *put);

/* Notes in the document where the object is. */
IR_MUST_CHECK int put_note(const struct put *put, struct ir_result *result, struct ir_error *err);
/* Puts the document beside the object, as KEY.json, where that was asked for. */
IR_MUST_CHECK int put_document(const struct session *session, const struct put *put,
                               const struct ir_result *result, struct ir_error *err);
/* Adds the link to the document, for standard output: the last that is done with it. */
IR_MUST_CHECK int put_note_link(const struct put *put, struct ir_result *result,
                                struct ir_error *err);
/* For people: the object's address, and the link. */
void put_print(const struct put *put);

#endif
