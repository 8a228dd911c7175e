/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What S3's answers say about one object, in headers, and the beginning of reading those that are
 * XML. An answer counts as one of S3's only when it holds what no other server gives by chance: a
 * network's log-in page has status 200 too.
 */
#include "core/service/s3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/ascii.h"
#include "core/base/base64.h"
#include "core/base/error.h"
#include "core/base/xml.h"

#define MAX_XML_BYTES (16U << 20)
#define META_PREFIX "x-amz-meta-"

/* ---- headers ----------------------------------------------------------------------------- */

void ir_s3_crc32_text(uint32_t crc32, char out[IR_S3_CRC32_BYTES])
{
    const unsigned char bytes[] = {(unsigned char)(crc32 >> 24), (unsigned char)(crc32 >> 16),
                                   (unsigned char)(crc32 >> 8), (unsigned char)crc32};
    ir_base64_encode(bytes, sizeof bytes, out);
}

bool ir_s3_crc32_read(const char *text, uint32_t *out)
{
    unsigned char bytes[IR_S3_CRC32_BYTES + 3];
    size_t count = 0;
    if (strlen(text) != IR_S3_CRC32_BYTES - 1 ||
        ir_base64_decode(text, IR_S3_CRC32_BYTES - 1, bytes, &count) != 0 || count != 4)
        return false;
    *out = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    return true;
}

/* The object's size, from "bytes 0-9/2000" where it is there. */
static uint64_t read_bytes(const struct ir_http_response *response)
{
    char text[96];
    ir_http_response_header(response, "content-range", text, sizeof text);
    const char *slash = strchr(text, '/');
    if (slash != NULL && ir_ascii_is_digit(slash[1]))
        return strtoull(slash + 1, NULL, 10);
    ir_http_response_header(response, "content-length", text, sizeof text);
    return ir_ascii_is_digit(text[0]) ? strtoull(text, NULL, 10) : 0;
}

static void read_fields(const struct ir_http_response *response, struct ir_s3_object *out)
{
    const struct {
        const char *name;
        char *out;
        size_t room;
    } fields[] = {
        {"etag", out->etag, sizeof out->etag},
        {"x-amz-version-id", out->version_id, sizeof out->version_id},
        {"content-type", out->content_type, sizeof out->content_type},
        {"cache-control", out->cache_control, sizeof out->cache_control},
        {"content-disposition", out->content_disposition, sizeof out->content_disposition},
        {"last-modified", out->last_modified, sizeof out->last_modified},
        {"x-amz-storage-class", out->storage_class, sizeof out->storage_class},
        {"x-amz-server-side-encryption", out->encryption, sizeof out->encryption},
        {"x-amz-checksum-crc32", out->crc32, sizeof out->crc32},
        {"x-amz-checksum-type", out->checksum_type, sizeof out->checksum_type},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        ir_http_response_header(response, fields[i].name, fields[i].out, fields[i].room);
    out->bytes = read_bytes(response);
}

int ir_s3_read_object(const struct ir_http_response *response, struct ir_s3_object *out,
                      struct ir_error *err)
{
    struct ir_s3_object object;
    read_fields(response, &object);
    if (object.etag[0] == '\0')
        return ir_answer_fail(&ir_service_s3, "the answer has no ETag, so it is not one of S3",
                              err);
    *out = object;
    return 0;
}

int ir_s3_put_read(const struct ir_http_response *response, const struct ir_body_sums *sums,
                   struct ir_s3_object *out, struct ir_error *err)
{
    struct ir_s3_object object;
    uint32_t crc32_stored = 0;
    int rc = ir_s3_read_object(response, &object, err);
    if (rc != 0)
        return rc;
    if (ir_s3_crc32_read(object.crc32, &crc32_stored) && crc32_stored != sums->crc32)
        return ir_s3_checksum_fail(
            "the server stores another checksum than was sent with the object", err);
    *out = object;
    return 0;
}

int ir_s3_read_nothing(const struct ir_http_response *response, struct ir_error *err)
{
    if (response->status == 204)
        return 0;
    return ir_answer_fail(&ir_service_s3, "the answer is not the empty one of S3 (204)", err);
}

void ir_s3_each_metadata(const struct ir_http_response *response,
                         void (*visit)(void *context, const char *name, size_t name_bytes,
                                       const char *value, size_t value_bytes),
                         void *context)
{
    const size_t prefix_bytes = sizeof META_PREFIX - 1;
    for (const char *line = ir_buf_text(&response->headers); *line != '\0';) {
        const char *end = strchr(line, '\n');
        const char *colon = strstr(line, ": ");
        if (end == NULL)
            return;
        if (colon != NULL && colon < end && strncmp(line, META_PREFIX, prefix_bytes) == 0)
            visit(context, line + prefix_bytes, (size_t)(colon - line) - prefix_bytes, colon + 2,
                  (size_t)(end - colon) - 2);
        line = end + 1;
    }
}

/* ---- XML --------------------------------------------------------------------------------- */

static bool is_named(const struct ir_xml_element *element, const char *name)
{
    return name != NULL && strcmp(element->name, name) == 0;
}

int ir_s3_parse(const struct ir_http_response *response, const char *root_name,
                const char *other_name, struct ir_xml_doc **out, struct ir_error *err)
{
    int rc = ir_xml_parse(ir_buf_text(&response->body), response->body.bytes, MAX_XML_BYTES,
                          "the answer", out, err);
    if (rc == IR_ERR_NOMEM)
        return rc;
    if (rc == 0 &&
        (is_named(ir_xml_root(*out), root_name) || is_named(ir_xml_root(*out), other_name)))
        return 0;
    if (rc == 0)
        ir_xml_free(*out);
    *out = NULL;
    char cause[96];
    snprintf(cause, sizeof cause, "the answer is not the <%s> that S3 gives", root_name);
    return ir_answer_fail(&ir_service_s3, cause, err);
}
