/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The five requests of an upload in parts. Which part is sent when is core/task/upload_parts.c's.
 */
#include "core/service/s3_multipart.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/xml.h"

#define NAMESPACE "http://s3.amazonaws.com/doc/2006-03-01/"
#define MAX_PAGE_PARTS "1000"
#define CRC32_BYTES 4

/* ---- shared ------------------------------------------------------------------------------ */

static int init_upload(struct ir_s3_request *request, const char *method,
                       const struct ir_s3_upload *upload, struct ir_error *err)
{
    if (upload->upload_id == NULL || *upload->upload_id == '\0')
        return ir_s3_fail(err, IR_ERR_ARG, "no upload is named",
                          "Give the id that the beginning of the upload told.");
    if (strlen(upload->upload_id) >= IR_S3_UPLOAD_ID_BYTES)
        return ir_s3_fail(err, IR_ERR_ARG, "the upload's id is too long",
                          "Give the id that the beginning of the upload told.");
    return ir_s3_object_init(request, method, &upload->name, err);
}

static int answer_fail(const char *cause, struct ir_error *err)
{
    return ir_answer_fail(&ir_service_s3, cause, err);
}

/* ---- CreateMultipartUpload --------------------------------------------------------------- */

int ir_s3_create_call(const struct ir_s3_object_name *name,
                      const struct ir_s3_attributes *attributes, struct ir_s3_request *out,
                      struct ir_error *err)
{
    int rc = ir_s3_object_init(out, "POST", name, err);
    if (rc != 0)
        return rc;
    /* It has a name and no value; "uploads=" is its canonical form. */
    ir_request_add_query(&out->http, "uploads", "");
    ir_request_add_header(&out->http, "X-Amz-Checksum-Algorithm", "CRC32");
    ir_request_add_header(&out->http, "X-Amz-Checksum-Type", "FULL_OBJECT");
    rc = ir_s3_add_attributes(out, attributes, err);
    /* S3's own default, said aloud: what carries requests may have another one for POST. */
    if (out->http.aws.content_type == NULL)
        out->http.aws.content_type = "binary/octet-stream";
    if (rc == 0)
        return ir_s3_request_finish(out, NULL, err);
    ir_s3_request_release(out);
    return rc;
}

int ir_s3_create_read(const struct ir_http_response *response, struct ir_s3_created *out,
                      struct ir_error *err)
{
    struct ir_xml_doc *doc = NULL;
    char type[24];
    int rc = ir_s3_parse(response, "InitiateMultipartUploadResult", NULL, &doc, err);
    if (rc != 0)
        return rc;
    const char *id = ir_xml_child_text(ir_xml_root(doc), "UploadId", "");
    if (*id == '\0' || strlen(id) >= IR_S3_UPLOAD_ID_BYTES) {
        rc = answer_fail("the answer holds no upload id, or one that is too long", err);
    } else {
        ir_text_copy(out->upload_id, sizeof out->upload_id, id);
        ir_http_response_header(response, "x-amz-checksum-type", type, sizeof type);
        out->has_full_checksum = strcmp(type, "FULL_OBJECT") == 0;
    }
    ir_xml_free(doc);
    return rc;
}

/* ---- UploadPart -------------------------------------------------------------------------- */

int ir_s3_part_call(const struct ir_s3_upload *upload, unsigned part_number,
                    const struct ir_body *body, const struct ir_body_sums *sums,
                    struct ir_s3_request *out, struct ir_error *err)
{
    char number[16];
    if (part_number < 1 || part_number > IR_S3_MAX_PARTS)
        return ir_s3_fail(err, IR_ERR_ARG, "the part's number is not between 1 and 10,000",
                          "Number the parts from 1.");
    if (sums->bytes > IR_S3_MAX_PART_BYTES)
        return ir_s3_fail(err, IR_ERR_TOO_LARGE, "the part has more than 5 GiB",
                          "Use smaller parts.");
    int rc = init_upload(out, "PUT", upload, err);
    if (rc != 0)
        return rc;
    snprintf(number, sizeof number, "%u", part_number);
    ir_request_add_query(&out->http, "partNumber", number);
    ir_request_add_query(&out->http, "uploadId", upload->upload_id);
    ir_s3_add_sums(out, sums);
    return ir_s3_request_finish(out, body, err);
}

int ir_s3_part_read(const struct ir_http_response *response, const struct ir_body_sums *sums,
                    struct ir_s3_part *out, struct ir_error *err)
{
    char crc32_text[IR_S3_CHECKSUM_BYTES];
    char etag[IR_S3_ETAG_BYTES];
    uint32_t crc32_stored = 0;
    ir_http_response_header(response, "etag", etag, sizeof etag);
    ir_http_response_header(response, "x-amz-checksum-crc32", crc32_text, sizeof crc32_text);
    bool has_crc32 = ir_s3_crc32_read(crc32_text, &crc32_stored);
    if (etag[0] == '\0' || strlen(etag) == sizeof etag - 1)
        return answer_fail("the answer to a part has no ETag, or one that is too long", err);
    if (has_crc32 && crc32_stored != sums->crc32)
        return ir_s3_checksum_fail(
            "the server stores a part with another checksum than it was sent with", err);
    *out = (struct ir_s3_part){
        .bytes = sums->bytes, .crc32 = sums->crc32, .is_there = true, .has_crc32 = has_crc32};
    memcpy(out->etag, etag, sizeof out->etag);
    return 0;
}

/* ---- ListParts --------------------------------------------------------------------------- */

/*
 * moto 5.2 says "...Response" for "...Result" here and on completion, which the SDKs do not notice:
 * they do not look at a root's name.
 */

int ir_s3_parts_call(const struct ir_s3_upload *upload, unsigned after_part_number,
                     struct ir_s3_request *out, struct ir_error *err)
{
    char marker[16];
    int rc = init_upload(out, "GET", upload, err);
    if (rc != 0)
        return rc;
    snprintf(marker, sizeof marker, "%u", after_part_number);
    ir_request_add_query(&out->http, "max-parts", MAX_PAGE_PARTS);
    ir_request_add_query(&out->http, "part-number-marker", after_part_number > 0 ? marker : NULL);
    ir_request_add_query(&out->http, "uploadId", upload->upload_id);
    return ir_s3_request_finish(out, NULL, err);
}

/* 0 = no number that a part may have. */
static unsigned read_number(const struct ir_xml_element *element)
{
    char *end = NULL;
    const char *text = ir_xml_child_text(element, "PartNumber", "");
    unsigned long number = strtoul(text, &end, 10);
    return end != text && *end == '\0' && number <= IR_S3_MAX_PARTS ? (unsigned)number : 0;
}

static int read_part(const struct ir_xml_element *element, struct ir_s3_part *parts,
                     size_t part_count, unsigned *last_number, struct ir_error *err)
{
    unsigned number = read_number(element);
    const char *etag = ir_xml_child_text(element, "ETag", "");
    if (number == 0 || *etag == '\0' || strlen(etag) >= IR_S3_ETAG_BYTES)
        return answer_fail("a part in the list has no number, or no ETag", err);
    if (number > part_count) {
        ir_s3_fail(err, IR_ERR_RESPONSE, "the upload holds a part that this object does not have",
                   "It belongs to another object, or to parts of another size: start again "
                   "without its id.");
        return IR_ERR_RESPONSE;
    }
    struct ir_s3_part *part = &parts[number - 1];
    *part = (struct ir_s3_part){.is_there = true};
    part->bytes = strtoull(ir_xml_child_text(element, "Size", "0"), NULL, 10);
    part->has_crc32 =
        ir_s3_crc32_read(ir_xml_child_text(element, "ChecksumCRC32", ""), &part->crc32);
    ir_text_copy(part->etag, sizeof part->etag, etag);
    if (number > *last_number)
        *last_number = number;
    return 0;
}

int ir_s3_parts_read(const struct ir_http_response *response, unsigned after_part_number,
                     struct ir_s3_part *parts, size_t part_count, struct ir_s3_parts_page *out,
                     struct ir_error *err)
{
    struct ir_xml_doc *doc = NULL;
    struct ir_s3_parts_page page = {.last_part_number = after_part_number};
    int rc = ir_s3_parse(response, "ListPartsResult", "ListPartsResponse", &doc, err);
    if (rc != 0)
        return rc;
    const struct ir_xml_element *root = ir_xml_root(doc);
    for (const struct ir_xml_element *child = root->first_child; rc == 0 && child != NULL;
         child = child->next_sibling)
        if (strcmp(child->name, "Part") == 0)
            rc = read_part(child, parts, part_count, &page.last_part_number, err);
    page.has_more = strcmp(ir_xml_child_text(root, "IsTruncated", "false"), "true") == 0;
    page.has_full_checksum =
        strcmp(ir_xml_child_text(root, "ChecksumType", ""), "FULL_OBJECT") == 0;
    if (rc == 0 && page.has_more && page.last_part_number <= after_part_number)
        rc = answer_fail("the list of parts does not get on", err);
    if (rc == 0)
        *out = page;
    ir_xml_free(doc);
    return rc;
}

/* ---- CompleteMultipartUpload, AbortMultipartUpload --------------------------------------- */

static void append_escaped(struct ir_buf *xml, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '&')
            ir_buf_append_text(xml, "&amp;");
        else if (*text == '<')
            ir_buf_append_text(xml, "&lt;");
        else if (*text == '>')
            ir_buf_append_text(xml, "&gt;");
        else if (*text == '"')
            ir_buf_append_text(xml, "&quot;");
        else
            ir_buf_append_char(xml, *text);
    }
}

static void append_part(struct ir_buf *xml, const struct ir_s3_part *part, size_t number)
{
    char crc32_text[IR_S3_CRC32_BYTES];
    ir_buf_append_text(xml, "<Part><ETag>");
    append_escaped(xml, part->etag);
    ir_buf_append_text(xml, "</ETag>");
    if (part->has_crc32) {
        ir_s3_crc32_text(part->crc32, crc32_text);
        ir_buf_appendf(xml, "<ChecksumCRC32>%s</ChecksumCRC32>", crc32_text);
    }
    ir_buf_appendf(xml, "<PartNumber>%zu</PartNumber></Part>", number);
}

/* What the server is to check the whole by. */
static void add_whole(struct ir_s3_request *out, const struct ir_s3_complete_options *options)
{
    char text[32];
    uint64_t bytes = 0;
    for (size_t i = 0; i < options->part_count; i++)
        bytes += options->parts[i].bytes;
    int chars = snprintf(text, sizeof text, "%" PRIu64, bytes);
    ir_request_add_header(&out->http, "X-Amz-Mp-Object-Size", ir_s3_keep(out, text, (size_t)chars));
    if (!options->has_full_checksum)
        return;
    ir_s3_crc32_text(ir_s3_full_crc32(options->parts, options->part_count), text);
    ir_request_add_header(&out->http, "X-Amz-Checksum-Crc32", ir_s3_keep(out, text, strlen(text)));
    ir_request_add_header(&out->http, "X-Amz-Checksum-Type", "FULL_OBJECT");
}

int ir_s3_complete_call(const struct ir_s3_complete_options *options, struct ir_s3_request *out,
                        struct ir_error *err)
{
    if (options->part_count < 1 || options->part_count > IR_S3_MAX_PARTS)
        return ir_s3_fail(err, IR_ERR_ARG, "an upload has between 1 and 10,000 parts",
                          "Use parts of another size.");
    int rc = init_upload(out, "POST", &options->upload, err);
    if (rc != 0)
        return rc;
    ir_request_add_query(&out->http, "uploadId", options->upload.upload_id);
    out->http.aws.content_type = "application/xml";
    out->http.aws.may_fail_in_200 = true;
    out->only_if_new = options->only_if_new;
    if (options->only_if_new)
        ir_request_add_header(&out->http, "If-None-Match", "*");
    add_whole(out, options);
    ir_buf_append_text(&out->xml, "<CompleteMultipartUpload xmlns=\"" NAMESPACE "\">");
    for (size_t i = 0; i < options->part_count; i++)
        append_part(&out->xml, &options->parts[i], i + 1);
    ir_buf_append_text(&out->xml, "</CompleteMultipartUpload>");
    return ir_s3_request_finish(out, NULL, err);
}

int ir_s3_complete_read(const struct ir_http_response *response, struct ir_s3_object *out,
                        struct ir_error *err)
{
    struct ir_xml_doc *doc = NULL;
    int rc = ir_s3_parse(response, "CompleteMultipartUploadResult",
                         "CompleteMultipartUploadResponse", &doc, err);
    if (rc != 0)
        return rc;
    const struct ir_xml_element *root = ir_xml_root(doc);
    *out = (struct ir_s3_object){.bytes = 0};
    ir_text_copy(out->etag, sizeof out->etag, ir_xml_child_text(root, "ETag", ""));
    ir_text_copy(out->crc32, sizeof out->crc32, ir_xml_child_text(root, "ChecksumCRC32", ""));
    ir_text_copy(out->checksum_type, sizeof out->checksum_type,
                 ir_xml_child_text(root, "ChecksumType", ""));
    ir_http_response_header(response, "x-amz-version-id", out->version_id, sizeof out->version_id);
    ir_http_response_header(response, "x-amz-server-side-encryption", out->encryption,
                            sizeof out->encryption);
    ir_xml_free(doc);
    return 0;
}

int ir_s3_abort_call(const struct ir_s3_upload *upload, struct ir_s3_request *out,
                     struct ir_error *err)
{
    int rc = init_upload(out, "DELETE", upload, err);
    if (rc != 0)
        return rc;
    ir_request_add_query(&out->http, "uploadId", upload->upload_id);
    return ir_s3_request_finish(out, NULL, err);
}

/* ---- checksums --------------------------------------------------------------------------- */

uint32_t ir_s3_full_crc32(const struct ir_s3_part *parts, size_t part_count)
{
    uLong sum = crc32(0, Z_NULL, 0);
    for (size_t i = 0; i < part_count; i++)
        sum = crc32_combine(sum, parts[i].crc32, (z_off_t)parts[i].bytes);
    return (uint32_t)sum;
}

void ir_s3_composite_crc32(const struct ir_s3_part *parts, size_t part_count,
                           char out[IR_S3_CHECKSUM_BYTES])
{
    char text[IR_S3_CRC32_BYTES];
    uLong sum = crc32(0, Z_NULL, 0);
    for (size_t i = 0; i < part_count; i++) {
        uint32_t part = parts[i].crc32;
        const Bytef bytes[CRC32_BYTES] = {(Bytef)(part >> 24), (Bytef)(part >> 16),
                                          (Bytef)(part >> 8), (Bytef)part};
        sum = crc32(sum, bytes, sizeof bytes);
    }
    ir_s3_crc32_text((uint32_t)sum, text);
    snprintf(out, IR_S3_CHECKSUM_BYTES, "%s-%zu", text, part_count);
}
