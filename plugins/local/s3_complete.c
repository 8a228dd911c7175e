/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CompleteMultipartUpload: copies the parts that the request names, in their order, into one file,
 * which then takes its name as any other object does. ETag: MD5 of the parts' MD5s, "-", their
 * number.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/base64.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/uri.h"
#include "core/base/xml.h"
#include "plugins/local/s3_upload.h"

#define MIN_PART_BYTES (UINT64_C(5) << 20)

/* The object that is being put together. */
struct assembly {
    struct s3_temporary *file;
    struct s3_meta *meta;
    struct checksum parts_md5; /* of the parts' MD5s */
    struct checksum sum;       /* of the bytes, or of the parts' sums */
    long last_number;
    uint64_t last_bytes;
};

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Takes a part's sums into the whole's. */
static int sum_part(struct assembly *assembly, const struct s3_meta *part, struct ir_error *err)
{
    unsigned char md5[S3_MD5_BYTES];
    unsigned char raw[S3_SUM_BYTES];
    size_t raw_bytes = 0;
    for (size_t i = 0; i < S3_MD5_BYTES; i++)
        md5[i] =
            (unsigned char)(hex_digit(part->etag[2 * i]) * 16 + hex_digit(part->etag[2 * i + 1]));
    checksum_update(&assembly->parts_md5, md5, sizeof md5);
    if (!assembly->meta->sum_is_composite || assembly->meta->sum_kind == CHECKSUM_NONE)
        return 0;
    if (part->sum_kind != assembly->meta->sum_kind)
        return refuse(err, &refuse_request,
                      "The upload was created using a %s checksum. The complete request must "
                      "include the checksum for each part; a part was sent without.",
                      checksum_name(assembly->meta->sum_kind));
    if (ir_base64_decode(part->sum, strlen(part->sum), raw, &raw_bytes) != 0)
        return refuse_nomem(err);
    checksum_update(&assembly->sum, raw, raw_bytes);
    return 0;
}

/* Whether the request's <Part> agrees with the part that is there. */
static bool part_matches(const struct ir_xml_element *element, const struct s3_meta *part)
{
    const char *etag = ir_xml_child_text(element, "ETag", "");
    size_t bytes = strlen(etag);
    if (bytes >= 2 && *etag == '"' && etag[bytes - 1] == '"') {
        etag++;
        bytes -= 2;
    }
    if (bytes != strlen(part->etag) || strncmp(etag, part->etag, bytes) != 0)
        return false;
    if (part->sum_kind == CHECKSUM_NONE)
        return true;
    const char *sum = ir_xml_child_text(element, checksum_element(part->sum_kind), part->sum);
    return strcmp(sum, part->sum) == 0;
}

static int add_part(struct assembly *assembly, const struct s3_upload *upload,
                    const struct ir_xml_element *element, struct ir_error *err)
{
    struct checksum nothing = {.kind = CHECKSUM_NONE};
    char path[S3_PART_PATH_BYTES];
    struct s3_object part;
    char *end;
    const char *text = ir_xml_child_text(element, "PartNumber", "");
    long number = strtol(text, &end, 10);
    if (end == text || *end != '\0' || number < 1 || number > S3_MAX_PARTS)
        return refuse(err, &s3_malformed_xml, "A PartNumber is not a number from 1 to %d.",
                      S3_MAX_PARTS);
    if (number <= assembly->last_number)
        return refuse(err, &s3_invalid_part_order,
                      "The list of parts was not in ascending order. Parts must be ordered by part "
                      "number.");
    if (assembly->last_number > 0 && assembly->last_bytes < MIN_PART_BYTES)
        return refuse(err, &s3_entity_too_small,
                      "Your proposed upload is smaller than the minimum allowed size.");
    s3_part_path(number, path);
    int rc = s3_object_open(upload->folder_fd, path, &part, err);
    if (rc != 0 || !part_matches(element, &part.meta)) {
        if (rc == 0)
            s3_object_release(&part);
        return refuse(err, &s3_invalid_part,
                      "One or more of the specified parts could not be found. The part might not "
                      "have been uploaded, or the specified entity tag might not have matched the "
                      "part's entity tag: part %ld.",
                      number);
    }
    bool sums_bytes = !assembly->meta->sum_is_composite;
    rc = sum_part(assembly, &part.meta, err);
    if (rc == 0 && s3_copy_bytes(part.fd, part.meta.bytes, s3_temporary_fd(assembly->file),
                                 &nothing, sums_bytes ? &assembly->sum : &nothing) != 0)
        rc = s3_refuse_errno(err, "putting parts together");
    assembly->last_number = number;
    assembly->last_bytes = part.meta.bytes;
    assembly->meta->bytes += part.meta.bytes;
    assembly->meta->part_count++;
    s3_object_release(&part);
    return rc;
}

/* ETag, checksum, and what the request says of them. */
static int seal(const struct s3_call *call, struct assembly *assembly, struct ir_error *err)
{
    unsigned char raw[CHECKSUM_MAX_BYTES];
    struct s3_meta *meta = assembly->meta;
    char text[CHECKSUM_TEXT_BYTES];
    char hex[2 * S3_MD5_BYTES + 1];
    if (checksum_final(&assembly->parts_md5, raw) != S3_MD5_BYTES)
        return refuse_nomem(err);
    ir_hex(raw, S3_MD5_BYTES, hex);
    snprintf(meta->etag, sizeof meta->etag, "%s-%ld", hex, meta->part_count);
    const char *size = request_header(call->request, "x-amz-mp-object-size");
    if (size != NULL && strtoull(size, NULL, 10) != meta->bytes)
        return refuse(err, &refuse_request,
                      "The provided 'x-amz-mp-object-size' header does not match what was "
                      "computed.");
    if (meta->sum_kind == CHECKSUM_NONE)
        return 0;
    size_t bytes = checksum_final(&assembly->sum, raw);
    if (bytes == 0)
        return refuse_nomem(err);
    checksum_text(raw, bytes, text);
    if (meta->sum_is_composite)
        snprintf(meta->sum, sizeof meta->sum, "%s-%ld", text, meta->part_count);
    else
        ir_text_copy(meta->sum, sizeof meta->sum, text);
    const char *claimed = request_header(call->request, checksum_header(meta->sum_kind));
    if (claimed != NULL && strcmp(claimed, meta->sum) != 0)
        return refuse(err, &refuse_bad_digest,
                      "The %s you specified did not match the calculated checksum.",
                      checksum_name(meta->sum_kind));
    return 0;
}

static int assemble(struct s3_call *call, struct s3_upload *upload,
                    const struct ir_xml_element *root, struct assembly *assembly,
                    struct ir_error *err)
{
    int rc = 0;
    for (const struct ir_xml_element *part = root->first_child; rc == 0 && part != NULL;
         part = part->next_sibling)
        if (strcmp(part->name, "Part") == 0)
            rc = add_part(assembly, upload, part, err);
    if (rc == 0 && assembly->meta->part_count == 0)
        rc = refuse(err, &s3_malformed_xml,
                    "The XML you provided was not well-formed or did not validate against our "
                    "published schema: it names no Part.");
    if (rc == 0)
        rc = seal(call, assembly, err);
    if (rc == 0)
        rc = s3_publish(call, assembly->file, assembly->meta, err);
    return rc;
}

static void write_completed(struct s3_call *call, const struct s3_meta *meta)
{
    struct ir_buf *out = &call->answer->body;
    char text[S3_QUOTED_BYTES];
    const char *host = request_header(call->request, "Host");
    struct ir_buf location;
    ir_buf_init(&location, S3_META_HEADER_BYTES);
    ir_buf_appendf(&location, "http://%s/%s/", host != NULL ? host : "localhost",
                   call->bucket_name);
    ir_uri_encode(&location, call->key, strlen(call->key), true);
    xml_declare(out);
    ir_buf_append_text(out, "<CompleteMultipartUploadResult " S3_XMLNS ">");
    xml_text(out, "Location", ir_buf_text(&location));
    xml_text(out, "Bucket", call->bucket_name);
    xml_text(out, "Key", call->key);
    snprintf(text, sizeof text, "\"%s\"", meta->etag);
    xml_text(out, "ETag", text);
    if (meta->sum_kind != CHECKSUM_NONE) {
        xml_text(out, checksum_element(meta->sum_kind), meta->sum);
        xml_text(out, "ChecksumType", meta->sum_is_composite ? "COMPOSITE" : "FULL_OBJECT");
    }
    xml_close(out, "CompleteMultipartUploadResult");
    ir_buf_release(&location);
}

static int complete(struct s3_call *call, struct s3_upload *upload,
                    const struct ir_xml_element *root, struct ir_error *err)
{
    struct s3_meta *meta = &upload->head.meta;
    struct assembly assembly = {.meta = meta};
    int rc = s3_temporary_new(call->store, &assembly.file, err);
    if (rc != 0)
        return rc;
    checksum_init(&assembly.parts_md5, CHECKSUM_MD5);
    checksum_init(&assembly.sum, meta->sum_kind);
    meta->modified_ms = s3_now_ms();
    rc = assemble(call, upload, root, &assembly, err);
    if (rc == 0)
        write_completed(call, meta);
    /* The object is there; what is left of the upload would only lie about. */
    if (rc == 0 && s3_store_remove_tree(call->store, call->bucket.uploads_fd, upload->id) != 0)
        errno = 0;
    checksum_release(&assembly.parts_md5);
    checksum_release(&assembly.sum);
    s3_temporary_free(assembly.file);
    return rc;
}

int s3_complete_upload(struct s3_call *call, struct ir_error *err)
{
    struct ir_xml_doc *doc = NULL;
    struct ir_error cause;
    struct s3_upload upload;
    int rc = s3_upload_open(call, &upload, err);
    if (rc != 0)
        return rc;
    rc = ir_xml_parse(request_text(call->request), call->request->body.memory.bytes,
                      S3_MAX_DOCUMENT_BYTES, "the request", &doc, &cause);
    if (rc == IR_ERR_NOMEM)
        rc = refuse_nomem(err);
    else if (rc != 0 || strcmp(ir_xml_root(doc)->name, "CompleteMultipartUpload") != 0)
        rc = refuse(err, &s3_malformed_xml, "The XML you provided was not well-formed: %s",
                    rc != 0 ? cause.message : "it is no CompleteMultipartUpload");
    if (rc == 0)
        rc = s3_upload_lock(&upload, err);
    if (rc == 0)
        rc = complete(call, &upload, ir_xml_root(doc), err);
    ir_xml_free(doc);
    s3_upload_release(&upload);
    return rc;
}
