/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The simulated S3: two buckets (one lies in another region and says so), objects with their
 * checksums, uploads in parts that stay open until they are completed or aborted.
 */
#include "tests/sim/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "core/base/base64.h"
#include "core/base/error.h"

#define AWAY_REGION "us-west-2"

static void require(bool is_true, const char *what)
{
    if (is_true)
        return;
    printf("Bail out! sim: %s\n", what);
    exit(1);
}

static bool has_query(const char *url, const char *name)
{
    const char *query = strchr(url, '?');
    return query != NULL && strstr(query, name) != NULL;
}

enum sim_op sim_s3_op(const struct ir_http_request *http)
{
    const char *url = http->url;
    if (strcmp(http->method, "PUT") == 0)
        return has_query(url, "partNumber=") ? SIM_UPLOAD_PART : SIM_PUT_OBJECT;
    if (strcmp(http->method, "POST") == 0)
        return has_query(url, "uploadId=") ? SIM_COMPLETE_UPLOAD : SIM_CREATE_UPLOAD;
    if (strcmp(http->method, "DELETE") == 0)
        return has_query(url, "uploadId=") ? SIM_ABORT_UPLOAD : SIM_NO_OP;
    if (strcmp(http->method, "HEAD") == 0)
        return SIM_HEAD_OBJECT;
    return has_query(url, "uploadId=") ? SIM_LIST_PARTS : SIM_GET_OBJECT;
}

/* The last part of the path: the keys of the simulator hold no slash. */
static void read_name(const char *url, char *out, size_t out_bytes)
{
    char text[2048];
    ir_text_copy(text, sizeof text, url);
    text[strcspn(text, "?")] = '\0';
    const char *slash = strrchr(text, '/');
    ir_text_copy(out, out_bytes, slash != NULL ? slash + 1 : "");
}

static void write_crc(const void *data, size_t bytes, char out[16])
{
    uint32_t crc = (uint32_t)crc32_z(0, data, bytes);
    const unsigned char raw[4] = {(unsigned char)(crc >> 24), (unsigned char)(crc >> 16),
                                  (unsigned char)(crc >> 8), (unsigned char)crc};
    ir_base64_encode(raw, sizeof raw, out);
}

bool sim_s3_redirects(const struct sim_arrival *arrival, struct sim_answer *answer)
{
    const char *url = arrival->http->url;
    if (strstr(url, SIM_AWAY_BUCKET) == NULL || strstr(url, AWAY_REGION) != NULL)
        return false;
    sim_answer_line(answer, "x-amz-bucket-region: " AWAY_REGION);
    sim_answer_error(answer, arrival->op, 301, "PermanentRedirect",
                     "The bucket you are attempting to access must be addressed using the "
                     "specified endpoint.");
    return true;
}

/* ---- objects ----------------------------------------------------------------------------- */

const struct sim_object *sim_model_find_object(const struct sim_model *model, const char *name)
{
    for (size_t i = 0; i < model->object_count; i++)
        if (strcmp(model->objects[i].name, name) == 0)
            return &model->objects[i];
    return NULL;
}

/* `data` is taken over. */
static void store(struct sim_model *model, const char *name, char *data, size_t bytes,
                  unsigned token)
{
    struct sim_object *object = (struct sim_object *)sim_model_find_object(model, name);
    if (object == NULL) {
        require(model->object_count < SIM_MAX_OBJECTS, "too many objects");
        object = &model->objects[model->object_count++];
        ir_text_copy(object->name, sizeof object->name, name);
    }
    free(object->data);
    object->data = data;
    object->bytes = bytes;
    object->token = token;
}

static char *copy_of(const char *data, size_t bytes)
{
    char *copy = malloc(bytes + 1);
    require(copy != NULL, "out of memory");
    memcpy(copy, data, bytes);
    return copy;
}

void sim_model_store(struct sim_model *model, const char *name, const void *data, size_t bytes)
{
    store(model, name, copy_of(data, bytes), bytes, ++model->last_token);
}

/* True when the checksum that came with the body is the body's. */
static bool has_right_checksum(const struct sim_arrival *arrival)
{
    char crc[16];
    const char *stated = sim_arrival_header(arrival, "x-amz-checksum-crc32");
    write_crc(arrival->body, arrival->body_bytes, crc);
    return stated != NULL && strcmp(stated, crc) == 0;
}

static void put_object(struct sim_model *model, const struct sim_arrival *arrival,
                       struct sim_answer *answer)
{
    char name[64];
    char crc[16];
    const char *condition = sim_arrival_header(arrival, "If-None-Match");
    read_name(arrival->http->url, name, sizeof name);
    if (!has_right_checksum(arrival)) {
        model->complaint = "an object's checksum is not that of its bytes";
        return;
    }
    if (condition != NULL && sim_model_find_object(model, name) != NULL) {
        sim_answer_error(answer, arrival->op, 412, "PreconditionFailed", "It exists");
        return;
    }
    store(model, name, copy_of(arrival->body, arrival->body_bytes), arrival->body_bytes,
          answer->token);
    write_crc(arrival->body, arrival->body_bytes, crc);
    sim_answer_line(answer, "etag: \"%08x\"", answer->token);
    sim_answer_line(answer, "x-amz-checksum-crc32: %s", crc);
    sim_answer_line(answer, "x-amz-checksum-type: FULL_OBJECT");
}

static void get_object(struct sim_model *model, const struct sim_arrival *arrival,
                       struct sim_answer *answer)
{
    char name[64];
    char crc[16];
    read_name(arrival->http->url, name, sizeof name);
    const struct sim_object *object = sim_model_find_object(model, name);
    if (object == NULL) {
        sim_answer_error(answer, arrival->op, 404, "NoSuchKey", "The key does not exist");
        if (arrival->op == SIM_HEAD_OBJECT)
            ir_buf_clear(&answer->body);
        return;
    }
    write_crc(object->data, object->bytes, crc);
    sim_answer_line(answer, "content-type: image/png");
    sim_answer_line(answer, "content-length: %zu", object->bytes);
    sim_answer_line(answer, "etag: \"%08x\"", object->token);
    sim_answer_line(answer, "x-amz-checksum-crc32: %s", crc);
    sim_answer_line(answer, "x-amz-checksum-type: FULL_OBJECT");
    if (arrival->op == SIM_GET_OBJECT)
        ir_buf_append(&answer->body, object->data, object->bytes);
    answer->needed_bytes = answer->body.bytes;
}

/* ---- uploads in parts -------------------------------------------------------------------- */

static struct sim_upload *find_upload(struct sim_model *model, const struct sim_arrival *arrival,
                                      struct sim_answer *answer)
{
    const char *at = strstr(arrival->http->url, "uploadId=");
    size_t bytes = at != NULL ? strcspn(at + 9, "&") : 0;
    for (size_t i = 0; at != NULL && i < model->upload_count; i++)
        if (strlen(model->uploads[i].id) == bytes &&
            strncmp(model->uploads[i].id, at + 9, bytes) == 0)
            return &model->uploads[i];
    sim_answer_error(answer, arrival->op, 404, "NoSuchUpload", "There is no such upload");
    return NULL;
}

static void create_upload(struct sim_model *model, const struct sim_arrival *arrival,
                          struct sim_answer *answer)
{
    require(model->upload_count < SIM_MAX_UPLOADS, "too many uploads");
    struct sim_upload *upload = &model->uploads[model->upload_count++];
    snprintf(upload->id, sizeof upload->id, "upload-%u", answer->token);
    read_name(arrival->http->url, upload->name, sizeof upload->name);
    upload->is_open = true;
    sim_answer_line(answer, "x-amz-checksum-algorithm: CRC32");
    sim_answer_line(answer, "x-amz-checksum-type: FULL_OBJECT");
    ir_buf_appendf(&answer->body,
                   "<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>%s</Key><UploadId>%s"
                   "</UploadId></InitiateMultipartUploadResult>",
                   upload->name, upload->id);
    answer->needed_bytes = answer->body.bytes;
}

static void upload_part(struct sim_model *model, const struct sim_arrival *arrival,
                        struct sim_answer *answer)
{
    char crc[16];
    struct sim_upload *upload = find_upload(model, arrival, answer);
    const char *at = strstr(arrival->http->url, "partNumber=");
    if (upload == NULL)
        return;
    unsigned long number = strtoul(at + strlen("partNumber="), NULL, 10);
    require(number >= 1 && number <= SIM_MAX_PARTS, "too many parts");
    if (!upload->is_open) {
        sim_answer_error(answer, arrival->op, 404, "NoSuchUpload", "There is no such upload");
        return;
    }
    if (!has_right_checksum(arrival)) {
        model->complaint = "a part's checksum is not that of its bytes";
        return;
    }
    free(upload->parts[number - 1]);
    upload->parts[number - 1] = copy_of(arrival->body, arrival->body_bytes);
    upload->part_bytes[number - 1] = arrival->body_bytes;
    write_crc(arrival->body, arrival->body_bytes, crc);
    sim_answer_line(answer, "etag: \"part-%lu\"", number);
    sim_answer_line(answer, "x-amz-checksum-crc32: %s", crc);
}

static void end_upload(struct sim_upload *upload)
{
    upload->is_open = false;
    for (size_t i = 0; i < SIM_MAX_PARTS; i++) {
        free(upload->parts[i]);
        upload->parts[i] = NULL;
    }
}

/* A second completion of the same parts is answered as the first was. */
static void complete_upload(struct sim_model *model, const struct sim_arrival *arrival,
                            struct sim_answer *answer)
{
    struct sim_upload *upload = find_upload(model, arrival, answer);
    if (upload == NULL)
        return;
    if (!upload->is_open && !upload->was_completed) {
        sim_answer_error(answer, arrival->op, 404, "NoSuchUpload", "There is no such upload");
        return;
    }
    size_t bytes = 0;
    for (size_t i = 0; i < SIM_MAX_PARTS; i++)
        bytes += upload->parts[i] != NULL ? upload->part_bytes[i] : 0;
    if (upload->is_open) {
        char *whole = malloc(bytes + 1);
        require(whole != NULL, "out of memory");
        size_t at = 0;
        for (size_t i = 0; i < SIM_MAX_PARTS; i++) {
            if (upload->parts[i] == NULL)
                continue;
            memcpy(whole + at, upload->parts[i], upload->part_bytes[i]);
            at += upload->part_bytes[i];
        }
        store(model, upload->name, whole, bytes, answer->token);
        upload->was_completed = true;
        end_upload(upload);
    }
    char crc[16];
    const struct sim_object *object = sim_model_find_object(model, upload->name);
    write_crc(object->data, object->bytes, crc);
    ir_buf_appendf(&answer->body,
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?><CompleteMultipartUploadResult>"
                   "<ETag>\"%08x-2\"</ETag><ChecksumCRC32>%s</ChecksumCRC32><ChecksumType>"
                   "FULL_OBJECT</ChecksumType></CompleteMultipartUploadResult>",
                   object->token, crc);
    answer->needed_bytes = answer->body.bytes;
}

static void abort_upload(struct sim_model *model, const struct sim_arrival *arrival,
                         struct sim_answer *answer)
{
    struct sim_upload *upload = find_upload(model, arrival, answer);
    if (upload == NULL)
        return;
    if (!upload->is_open) {
        sim_answer_error(answer, arrival->op, 404, "NoSuchUpload", "There is no such upload");
        return;
    }
    end_upload(upload);
    answer->status = 204;
}

static void list_parts(struct sim_model *model, const struct sim_arrival *arrival,
                       struct sim_answer *answer)
{
    const struct sim_upload *upload = find_upload(model, arrival, answer);
    if (upload == NULL)
        return;
    if (!upload->is_open) {
        sim_answer_error(answer, arrival->op, 404, "NoSuchUpload", "There is no such upload");
        return;
    }
    ir_buf_append_text(&answer->body, "<ListPartsResult><IsTruncated>false</IsTruncated>"
                                      "<ChecksumAlgorithm>CRC32</ChecksumAlgorithm>"
                                      "<ChecksumType>FULL_OBJECT</ChecksumType>");
    for (size_t i = 0; i < SIM_MAX_PARTS; i++) {
        char crc[16];
        if (upload->parts[i] == NULL)
            continue;
        write_crc(upload->parts[i], upload->part_bytes[i], crc);
        ir_buf_appendf(&answer->body,
                       "<Part><PartNumber>%zu</PartNumber><ETag>\"part-%zu\"</ETag><Size>%zu"
                       "</Size><ChecksumCRC32>%s</ChecksumCRC32></Part>",
                       i + 1, i + 1, upload->part_bytes[i], crc);
    }
    ir_buf_append_text(&answer->body, "</ListPartsResult>");
    answer->needed_bytes = answer->body.bytes;
}

void sim_s3_serve(struct sim_model *model, const struct sim_arrival *arrival,
                  struct sim_answer *answer)
{
    sim_answer_line(answer, "x-amz-request-id: r-%u", answer->token);
    switch (arrival->op) {
    case SIM_PUT_OBJECT:
        put_object(model, arrival, answer);
        break;
    case SIM_GET_OBJECT:
    case SIM_HEAD_OBJECT:
        get_object(model, arrival, answer);
        break;
    case SIM_CREATE_UPLOAD:
        create_upload(model, arrival, answer);
        break;
    case SIM_UPLOAD_PART:
        upload_part(model, arrival, answer);
        break;
    case SIM_COMPLETE_UPLOAD:
        complete_upload(model, arrival, answer);
        break;
    case SIM_ABORT_UPLOAD:
        abort_upload(model, arrival, answer);
        break;
    default:
        list_parts(model, arrival, answer);
        break;
    }
}
