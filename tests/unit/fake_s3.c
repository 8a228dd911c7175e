/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the small S3 that the tests of uploads talk to. */
#include "tests/unit/fake_s3.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <openssl/evp.h>
#include <zlib.h>

#include "core/base/error.h"
#include "core/service/s3_multipart.h"

#define CHUNK_BYTES 65521
#define MAX_XML_BYTES 65536
#define STALL_STEP_MS 2
#define MAX_STALL_STEPS 5000

static void require(bool is_true, const char *what)
{
    if (is_true)
        return;
    printf("Bail out! fake_s3: %s\n", what);
    exit(1);
}

static void complain(struct fake_s3 *fake, bool is_good, const char *what)
{
    if (!is_good && fake->complaint == NULL)
        fake->complaint = what;
}

/* ---- the world --------------------------------------------------------------------------- */

static const char *world_getenv(void *context, const char *name)
{
    static const char *const rows[][2] = {
        {"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},  {"AWS_SECRET_ACCESS_KEY", "hush"},
        {"AWS_REGION", "eu-west-1"},           {"AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9"},
        {"AWS_EC2_METADATA_DISABLED", "true"},
    };
    (void)context;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i][0], name) == 0)
            return rows[i][1];
    return NULL;
}

static int world_read_file(void *context, const char *path, struct ir_buf *out, bool *out_missing,
                           struct ir_error *err)
{
    (void)context;
    (void)out;
    *out_missing = true;
    return ir_fail(err, IR_ERR_ARG, "cannot read %s: No such file or directory", path);
}

static bool world_sleep_ms(void *context, long ms, const struct ir_cancel *cancel)
{
    struct fake_s3 *fake = context;
    (void)ms;
    atomic_fetch_add(&fake->sleeps, 1);
    return !ir_cancel_is_set(cancel);
}

/* ---- requests ---------------------------------------------------------------------------- */

static const char *header(const struct ir_http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (strcasecmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    return NULL;
}

/* What a request's body was; `xml` keeps its beginning. */
struct received {
    uint64_t bytes;
    uint32_t crc32;
    bool is_cancelled;
    bool has_failed;
    char xml[MAX_XML_BYTES];
};

static void receive(struct fake_s3 *fake, const struct ir_http_request *request,
                    struct received *out)
{
    static const struct ir_body empty = {.piece_count = 0};
    char chunk[CHUNK_BYTES];
    unsigned char digest[IR_SHA256_BYTES];
    char hex[IR_SHA256_HEX_BYTES];
    struct ir_body_reader reader;
    const struct ir_body *body = request->body != NULL ? request->body : &empty;
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    require(hash != NULL && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1, "out of memory");
    memset(out, 0, sizeof *out);
    ir_body_reader_init(&reader, body);
    for (size_t bytes; (bytes = ir_body_read(&reader, chunk, sizeof chunk)) > 0;) {
        if (out->bytes + bytes < MAX_XML_BYTES)
            memcpy(out->xml + out->bytes, chunk, bytes);
        EVP_DigestUpdate(hash, chunk, bytes);
        out->crc32 = (uint32_t)crc32(out->crc32, (const Bytef *)chunk, (uInt)bytes);
        out->bytes += bytes;
        if (request->progress != NULL)
            request->progress(request->progress_context, out->bytes, ir_body_length(body));
        out->is_cancelled = ir_cancel_is_set(request->cancel);
        if (out->is_cancelled)
            break;
    }
    out->has_failed = reader.failed;
    EVP_DigestFinal_ex(hash, digest, NULL);
    EVP_MD_CTX_free(hash);
    if (out->is_cancelled || out->has_failed)
        return;
    const char *stated = header(request, "X-Amz-Content-Sha256");
    ir_hex(digest, sizeof digest, hex);
    pthread_mutex_lock(&fake->mutex);
    complain(fake, stated != NULL && strcmp(stated, hex) == 0, "the body's hash is wrong");
    complain(fake, out->bytes == ir_body_length(body), "the body's length is wrong");
    pthread_mutex_unlock(&fake->mutex);
}

static void wait_a_step(void)
{
    const struct timespec step = {.tv_nsec = STALL_STEP_MS * 1000000L};
    nanosleep(&step, NULL);
}

/* Like a server that does not read. It waits only so long as a broken upload would hang. */
static void stall(struct fake_s3 *fake, const struct ir_http_request *request)
{
    for (int i = 0; i < MAX_STALL_STEPS && !ir_cancel_is_set(request->cancel); i++)
        wait_a_step();
    pthread_mutex_lock(&fake->mutex);
    complain(fake, ir_cancel_is_set(request->cancel), "a request was to be cancelled and was not");
    pthread_mutex_unlock(&fake->mutex);
}

void fake_s3_await(struct fake_s3 *fake, enum fake_s3_kind kind, unsigned count)
{
    bool has_come = false;
    for (int i = 0; i < MAX_STALL_STEPS && !has_come; i++) {
        pthread_mutex_lock(&fake->mutex);
        has_come = fake->counts[kind] >= count;
        pthread_mutex_unlock(&fake->mutex);
        if (!has_come)
            wait_a_step();
    }
    pthread_mutex_lock(&fake->mutex);
    complain(fake, has_come, "a request was to come and did not");
    pthread_mutex_unlock(&fake->mutex);
}

static enum fake_s3_kind kind_of(const struct ir_http_request *request)
{
    const char *query = strchr(request->url, '?');
    bool has_id = query != NULL && strstr(query, "uploadId=") != NULL;
    if (strcmp(request->method, "HEAD") == 0)
        return FAKE_S3_HEAD;
    if (strcmp(request->method, "POST") == 0)
        return has_id ? FAKE_S3_COMPLETE : FAKE_S3_CREATE;
    if (strcmp(request->method, "DELETE") == 0)
        return FAKE_S3_ABORT;
    if (strcmp(request->method, "GET") == 0)
        return FAKE_S3_LIST_PARTS;
    return has_id ? FAKE_S3_PART : FAKE_S3_PUT;
}

/* ---- answers ----------------------------------------------------------------------------- */

static void add_header(struct ir_http_response *response, const char *name, const char *value)
{
    char line[256];
    int bytes = snprintf(line, sizeof line, "%s: %s", name, value);
    ir_http_response_add_line(response, line, (size_t)bytes);
}

static void add_etag(struct ir_http_response *response, uint32_t crc32)
{
    char text[32];
    snprintf(text, sizeof text, "\"%08x\"", (unsigned)crc32);
    add_header(response, "ETag", text);
}

static void answer_error(struct ir_http_response *response, int status, const char *code)
{
    response->status = status;
    ir_buf_appendf(&response->body, "<Error><Code>%s</Code><Message>no</Message></Error>", code);
}

static void add_crc32(const struct fake_s3 *fake, const struct ir_http_request *request,
                      struct ir_http_response *response, uint32_t crc32)
{
    char text[IR_S3_CRC32_BYTES];
    if (fake->has_no_checksums || header(request, "X-Amz-Checksum-Crc32") == NULL)
        return;
    ir_s3_crc32_text(fake->stores_wrong_crc32 ? ~crc32 : crc32, text);
    add_header(response, "X-Amz-Checksum-Crc32", text);
}

/* False when the stated checksum is another. */
static bool has_right_crc32(const struct ir_http_request *request, uint32_t crc32)
{
    uint32_t stated = 0;
    const char *text = header(request, "X-Amz-Checksum-Crc32");
    return text != NULL && ir_s3_crc32_read(text, &stated) && stated == crc32;
}

static void store(struct fake_s3 *fake, uint64_t bytes, uint32_t crc32, const char *checksum)
{
    fake->object = (struct fake_s3_stored){true, bytes, crc32};
    snprintf(fake->object_checksum, sizeof fake->object_checksum, "%s",
             fake->has_no_checksums ? "" : checksum);
}

static bool is_refused(struct fake_s3 *fake, const struct ir_http_request *request,
                       struct ir_http_response *response)
{
    const char *condition = header(request, "If-None-Match");
    if (condition == NULL || !fake->object.exists)
        return false;
    answer_error(response, 412, "PreconditionFailed");
    return true;
}

static void answer_put(struct fake_s3 *fake, const struct ir_http_request *request,
                       const struct received *received, struct ir_http_response *response)
{
    char text[IR_S3_CRC32_BYTES];
    if (is_refused(fake, request, response))
        return;
    if (!has_right_crc32(request, received->crc32)) {
        answer_error(response, 400, "BadDigest");
        return;
    }
    ir_s3_crc32_text(received->crc32, text);
    store(fake, received->bytes, received->crc32, text);
    add_etag(response, received->crc32);
    add_header(response, "x-amz-version-id", "v1");
    add_crc32(fake, request, response, received->crc32);
}

static void answer_head(const struct fake_s3 *fake, struct ir_http_response *response)
{
    char text[32];
    if (!fake->object.exists) {
        response->status = 404;
        return;
    }
    snprintf(text, sizeof text, "%" PRIu64, fake->object.bytes);
    add_header(response, "Content-Length", text);
    add_etag(response, fake->object.crc32);
    if (fake->object_checksum[0] != '\0')
        add_header(response, "x-amz-checksum-crc32", fake->object_checksum);
}

bool fake_s3_has_parts(const struct fake_s3 *fake)
{
    for (size_t i = 0; i < FAKE_S3_MAX_PARTS; i++)
        if (fake->is_open && fake->parts[i].exists)
            return true;
    return false;
}

static void answer_create(struct fake_s3 *fake, const struct ir_http_request *request,
                          struct ir_http_response *response)
{
    complain(fake, !fake_s3_has_parts(fake), "an upload is begun while another one has parts");
    memset(fake->parts, 0, sizeof fake->parts);
    fake->is_open = true;
    fake->upload_number++;
    const char *type = header(request, "X-Amz-Checksum-Type");
    if (type != NULL && !fake->has_no_checksums && !fake->has_no_full_checksums)
        add_header(response, "x-amz-checksum-type", type);
    ir_buf_appendf(&response->body,
                   "<?xml version=\"1.0\"?><InitiateMultipartUploadResult><UploadId>up/%u+"
                   "</UploadId></InitiateMultipartUploadResult>",
                   fake->upload_number);
}

/* False when the request names no upload that is open. */
static bool is_known(struct fake_s3 *fake, const struct ir_http_request *request,
                     struct ir_http_response *response)
{
    char id[64];
    snprintf(id, sizeof id, "uploadId=up%%2F%u%%2B", fake->upload_number);
    if (fake->is_open && strstr(request->url, id) != NULL)
        return true;
    answer_error(response, 404, "NoSuchUpload");
    return false;
}

static void answer_part(struct fake_s3 *fake, const struct ir_http_request *request,
                        const struct received *received, struct ir_http_response *response)
{
    const char *number = strstr(request->url, "partNumber=");
    long at = number != NULL ? strtol(number + 11, NULL, 10) : 0;
    if (!is_known(fake, request, response))
        return;
    require(at >= 1 && at <= FAKE_S3_MAX_PARTS, "a part's number is out of range");
    if (!has_right_crc32(request, received->crc32)) {
        answer_error(response, 400, "BadDigest");
        return;
    }
    fake->parts[at - 1] = (struct fake_s3_stored){true, received->bytes, received->crc32};
    add_etag(response, received->crc32);
    add_crc32(fake, request, response, received->crc32);
}

static void answer_list(struct fake_s3 *fake, const struct ir_http_request *request,
                        struct ir_http_response *response)
{
    char text[IR_S3_CRC32_BYTES];
    const char *marker = strstr(request->url, "part-number-marker=");
    long after = marker != NULL ? strtol(marker + 19, NULL, 10) : 0;
    long told = 0;
    if (!is_known(fake, request, response))
        return;
    ir_buf_append_text(&response->body, "<ListPartsResult>");
    if (!fake->has_no_checksums && !fake->has_no_full_checksums)
        ir_buf_append_text(&response->body, "<ChecksumType>FULL_OBJECT</ChecksumType>");
    for (long i = after; i < FAKE_S3_MAX_PARTS && told < 2; i++) {
        const struct fake_s3_stored *part = &fake->parts[i];
        if (!part->exists)
            continue;
        told++;
        ir_buf_appendf(&response->body,
                       "<Part><PartNumber>%ld</PartNumber><Size>%" PRIu64
                       "</Size><ETag>&quot;%08x&quot;</ETag>",
                       i + 1, part->bytes, (unsigned)part->crc32);
        ir_s3_crc32_text(part->crc32, text);
        if (!fake->has_no_checksums)
            ir_buf_appendf(&response->body, "<ChecksumCRC32>%s</ChecksumCRC32>", text);
        ir_buf_append_text(&response->body, "</Part>");
    }
    ir_buf_appendf(&response->body, "<IsTruncated>%s</IsTruncated></ListPartsResult>",
                   told == 2 ? "true" : "false");
}

/* The parts as the list of the request has them must be those that are here. */
static size_t check_list(struct fake_s3 *fake, const char *xml)
{
    char expected[192];
    char crc32_text[IR_S3_CRC32_BYTES];
    size_t count = 0;
    for (const char *at = xml; (at = strstr(at, "<Part>")) != NULL; at++) {
        require(count < FAKE_S3_MAX_PARTS, "too many parts");
        const struct fake_s3_stored *part = &fake->parts[count++];
        ir_s3_crc32_text(part->crc32, crc32_text);
        snprintf(expected, sizeof expected,
                 "<Part><ETag>&quot;%08x&quot;</ETag>%s%s%s<PartNumber>%zu</PartNumber></Part>",
                 (unsigned)part->crc32, fake->has_no_checksums ? "" : "<ChecksumCRC32>",
                 fake->has_no_checksums ? "" : crc32_text,
                 fake->has_no_checksums ? "" : "</ChecksumCRC32>", count);
        complain(fake, part->exists && strncmp(at, expected, strlen(expected)) == 0,
                 "the list of parts is wrong");
    }
    for (size_t i = 0; i + 1 < count; i++)
        complain(fake, fake->parts[i].bytes >= IR_S3_MIN_PART_BYTES, "a part is too small");
    return count;
}

static void answer_complete(struct fake_s3 *fake, const struct ir_http_request *request,
                            const struct received *received, struct ir_http_response *response)
{
    uLong sum = 0;
    uint64_t bytes = 0;
    char text[IR_S3_CRC32_BYTES];
    if (!is_known(fake, request, response) || is_refused(fake, request, response))
        return;
    size_t count = check_list(fake, received->xml);
    for (size_t i = 0; i < count; i++) {
        sum = crc32_combine(sum, fake->parts[i].crc32, (z_off_t)fake->parts[i].bytes);
        bytes += fake->parts[i].bytes;
    }
    const char *size = header(request, "X-Amz-Mp-Object-Size");
    complain(fake, size != NULL && strtoull(size, NULL, 10) == bytes, "the object's size is wrong");
    bool wants_crc32 = !fake->has_no_checksums && !fake->has_no_full_checksums;
    complain(fake, (header(request, "X-Amz-Checksum-Crc32") != NULL) == wants_crc32,
             "the object's checksum is sent to a server that has none, or not to one that has");
    complain(fake, !wants_crc32 || has_right_crc32(request, (uint32_t)sum),
             "the object's checksum is wrong");
    ir_s3_crc32_text((uint32_t)sum, text);
    store(fake, bytes, (uint32_t)sum, wants_crc32 ? text : "AAAAAA==-2");
    fake->is_open = false;
    add_header(response, "x-amz-version-id", "v2");
    ir_buf_appendf(&response->body,
                   "<CompleteMultipartUploadResult><ETag>&quot;whole-%zu&quot;</ETag>", count);
    if (wants_crc32)
        ir_buf_appendf(&response->body, "<ChecksumCRC32>%s</ChecksumCRC32>", text);
    ir_buf_append_text(&response->body, "</CompleteMultipartUploadResult>");
}

static void answer_abort(struct fake_s3 *fake, const struct ir_http_request *request,
                         struct ir_http_response *response)
{
    if (!is_known(fake, request, response))
        return;
    fake->is_open = false;
    memset(fake->parts, 0, sizeof fake->parts);
    response->status = 204;
}

static void answer(struct fake_s3 *fake, enum fake_s3_kind kind,
                   const struct ir_http_request *request, const struct received *received,
                   struct ir_http_response *response)
{
    response->status = 200;
    if (kind == FAKE_S3_PUT)
        answer_put(fake, request, received, response);
    else if (kind == FAKE_S3_HEAD)
        answer_head(fake, response);
    else if (kind == FAKE_S3_CREATE)
        answer_create(fake, request, response);
    else if (kind == FAKE_S3_PART)
        answer_part(fake, request, received, response);
    else if (kind == FAKE_S3_LIST_PARTS)
        answer_list(fake, request, response);
    else if (kind == FAKE_S3_COMPLETE)
        answer_complete(fake, request, received, response);
    else
        answer_abort(fake, request, response);
}

/* ---- the transport ----------------------------------------------------------------------- */

static const struct fake_s3_fault *find_fault(const struct fake_s3 *fake, enum fake_s3_kind kind,
                                              unsigned count)
{
    for (size_t i = 0; i < FAKE_S3_MAX_FAULTS; i++) {
        const struct fake_s3_fault *fault = &fake->faults[i];
        if (fault->is_set && fault->kind == kind && (fault->at == 0 || fault->at == count))
            return fault;
    }
    return NULL;
}

static int fail(const struct fake_s3_fault *fault, struct ir_error *err)
{
    ir_fail(err, fault->rc, "the line failed");
    err->retryable = fault->rc == IR_ERR_NET;
    err->maybe_served = fault->does_work;
    return fault->rc;
}

static void note(struct fake_s3 *fake, enum fake_s3_kind kind,
                 const struct ir_http_request *request, uint64_t bytes)
{
    require(fake->seen_count < FAKE_S3_MAX_SEEN, "too many requests");
    struct fake_s3_seen *seen = &fake->seen[fake->seen_count++];
    const char *type = header(request, "Content-Type");
    seen->kind = kind;
    seen->bytes = bytes;
    snprintf(seen->content_type, sizeof seen->content_type, "%s", type != NULL ? type : "");
}

static int perform(void *context, const struct ir_http_request *request,
                   struct ir_http_response *response, struct ir_error *err)
{
    struct fake_s3 *fake = context;
    struct received *received = malloc(sizeof *received);
    enum fake_s3_kind kind = kind_of(request);
    int rc = 0;
    require(received != NULL, "out of memory");
    pthread_mutex_lock(&fake->mutex);
    unsigned count = ++fake->counts[kind];
    pthread_mutex_unlock(&fake->mutex);
    if (fake->on_request != NULL)
        fake->on_request(fake->context, kind, count);
    if (kind == FAKE_S3_PART && count == fake->stalls_at)
        stall(fake, request);
    ir_http_response_clear(response, request->max_response_bytes);
    receive(fake, request, received);
    pthread_mutex_lock(&fake->mutex);
    note(fake, kind, request, received->bytes);
    const struct fake_s3_fault *fault = find_fault(fake, kind, count);
    if (received->has_failed)
        rc = ir_fail(err, IR_ERR_ARG, "what was to be sent could not be read");
    else if (received->is_cancelled || ir_cancel_is_set(request->cancel))
        rc = ir_fail(err, IR_ERR_CANCELLED, "cancelled");
    if (rc == 0 && (fault == NULL || fault->does_work))
        answer(fake, kind, request, received, response);
    if (rc == 0 && fault != NULL && fault->rc != 0) {
        ir_http_response_clear(response, request->max_response_bytes);
        rc = fail(fault, err);
    } else if (rc == 0 && fault != NULL) {
        response->status = fault->status;
        ir_buf_append_text(&response->body, fault->body != NULL ? fault->body : "");
    }
    pthread_mutex_unlock(&fake->mutex);
    free(received);
    if (rc != 0 || (response->body.failed == 0 && response->headers.failed == 0))
        return rc;
    rc = ir_fail_nomem(err);
    err->maybe_served = true;
    return rc;
}

static void release_transport(void *context)
{
    (void)context;
}

void fake_s3_init(struct fake_s3 *fake)
{
    memset(fake, 0, sizeof *fake);
    fake->world = *ir_world_system();
    fake->world.context = fake;
    fake->world.getenv = world_getenv;
    fake->world.read_file = world_read_file;
    fake->world.sleep_ms = world_sleep_ms;
    pthread_mutex_init(&fake->mutex, NULL);
}

void fake_s3_release(struct fake_s3 *fake)
{
    pthread_mutex_destroy(&fake->mutex);
}

struct ir_transport fake_s3_transport(struct fake_s3 *fake)
{
    return (struct ir_transport){fake, perform, release_transport};
}

struct ir_client *fake_s3_client(struct fake_s3 *fake)
{
    const struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    const struct ir_transport transport = fake_s3_transport(fake);
    struct ir_client *client = NULL;
    struct ir_error err = {0};
    int rc = ir_client_new_in(&options, &fake->world, &transport, &client, &err);
    require(rc == 0, err.message);
    return client;
}
