/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What several operations of the local S3 need: times, conditions, publishing, copying bytes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/base/world.h"
#include "plugins/local/query.h"
#include "plugins/local/s3_call.h"

#define COPY_BUFFER_BYTES (256U * 1024)
#define NUMBER_CHARS 24

/* ---- times ------------------------------------------------------------------------------- */

int64_t s3_now_ms(void)
{
    const struct ir_world *world = ir_world_system();
    return world->unix_ms(world->context);
}

void s3_iso_time(int64_t unix_ms, char out[S3_TIME_BYTES])
{
    time_t seconds = (time_t)(unix_ms / 1000);
    struct tm date;
    gmtime_r(&seconds, &date);
    size_t bytes = strftime(out, S3_TIME_BYTES, "%Y-%m-%dT%H:%M:%S", &date);
    snprintf(out + bytes, S3_TIME_BYTES - bytes, ".%03dZ", (int)(unix_ms % 1000));
}

void s3_http_time(int64_t unix_ms, char out[S3_TIME_BYTES])
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(unix_ms / 1000);
    struct tm date;
    gmtime_r(&seconds, &date);
    snprintf(out, S3_TIME_BYTES, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[date.tm_wday],
             date.tm_mday, months[date.tm_mon], date.tm_year + 1900, date.tm_hour, date.tm_min,
             date.tm_sec);
}

/* ---- conditions -------------------------------------------------------------------------- */

/* Whether the list of a condition ("*" or quoted ETags) names this ETag. */
static bool names_etag(const char *list, const char *etag)
{
    size_t etag_bytes = strlen(etag);
    for (const char *item = list; *item != '\0';) {
        item += strspn(item, " \t,");
        size_t bytes = strcspn(item, ",");
        const char *begin = item;
        item += bytes;
        while (bytes > 0 && strchr(" \t\"", begin[bytes - 1]) != NULL)
            bytes--;
        if (bytes >= 2 && strncmp(begin, "W/", 2) == 0) {
            begin += 2;
            bytes -= 2;
        }
        if (bytes > 0 && *begin == '"') {
            begin++;
            bytes--;
        }
        if ((bytes == 1 && *begin == '*') ||
            (bytes == etag_bytes && strncmp(begin, etag, bytes) == 0))
            return true;
    }
    return false;
}

static int refuse_condition(struct ir_error *err, const char *header)
{
    return refuse(err, &s3_precondition,
                  "At least one of the pre-conditions you specified did not hold: %s.", header);
}

int s3_check_write(const struct s3_call *call, struct ir_error *err)
{
    const char *match = request_header(call->request, "If-Match");
    const char *none = request_header(call->request, "If-None-Match");
    struct s3_object object;
    if (match == NULL && none == NULL)
        return 0;
    if (none != NULL && strcmp(none, "*") != 0)
        return refuse(err, &s3_not_implemented,
                      "If-None-Match of a request that writes can only be *.");
    int rc = s3_object_open(call->bucket.objects_fd, call->path, &object, err);
    bool exists = rc == 0;
    if (!exists && err->http_status != s3_no_such_key.http_status)
        return rc;
    rc = 0;
    if (none != NULL && exists)
        rc = refuse_condition(err, "If-None-Match");
    else if (match != NULL && !exists)
        rc = refuse(err, &s3_no_such_key, "The specified key does not exist.");
    else if (match != NULL && !names_etag(match, object.meta.etag))
        rc = refuse_condition(err, "If-Match");
    if (exists)
        s3_object_release(&object);
    return rc;
}

int s3_check_read(const struct s3_call *call, const struct s3_meta *meta, bool *out_not_modified,
                  struct ir_error *err)
{
    const char *match = request_header(call->request, "If-Match");
    const char *none = request_header(call->request, "If-None-Match");
    const char *since = request_header(call->request, "If-Modified-Since");
    const char *until = request_header(call->request, "If-Unmodified-Since");
    int64_t modified_ms = meta->modified_ms / 1000 * 1000;
    int64_t date_ms;
    *out_not_modified = false;
    if (match != NULL && !names_etag(match, meta->etag))
        return refuse_condition(err, "If-Match");
    if (match == NULL && until != NULL && ir_world_parse_http_date(until, &date_ms) &&
        modified_ms > date_ms)
        return refuse_condition(err, "If-Unmodified-Since");
    if (none != NULL)
        *out_not_modified = names_etag(none, meta->etag);
    else if (since != NULL && ir_world_parse_http_date(since, &date_ms))
        *out_not_modified = modified_ms <= date_ms;
    return 0;
}

/* ---- publishing -------------------------------------------------------------------------- */

int s3_publish(struct s3_call *call, struct s3_temporary *temporary, const struct s3_meta *meta,
               struct ir_error *err)
{
    int rc = s3_temporary_finish(temporary, meta, err);
    if (rc == 0)
        rc = s3_bucket_lock(&call->bucket, err);
    if (rc == 0)
        rc = s3_check_write(call, err);
    if (rc == 0 && s3_temporary_commit(temporary, call->bucket.objects_fd, call->path) != 0)
        rc = s3_refuse_errno(err, "naming an object");
    s3_bucket_unlock(&call->bucket);
    return rc;
}

int s3_remove(struct s3_call *call, const char *path, struct ir_error *err)
{
    int rc = s3_bucket_lock(&call->bucket, err);
    if (rc == 0 && s3_object_remove(call->bucket.objects_fd, path) != 0)
        rc = s3_refuse_errno(err, "removing an object");
    s3_bucket_unlock(&call->bucket);
    return rc;
}

/* ---- answers ----------------------------------------------------------------------------- */

void s3_answer_etag(struct answer *answer, const char *etag)
{
    char quoted[S3_ETAG_BYTES + 2];
    snprintf(quoted, sizeof quoted, "\"%s\"", etag);
    answer_header(answer, "ETag", quoted);
}

void s3_answer_sums(struct answer *answer, const struct s3_meta *meta)
{
    if (meta->sum_kind == CHECKSUM_NONE)
        return;
    answer_header(answer, checksum_header(meta->sum_kind), meta->sum);
    answer_header(answer, "x-amz-checksum-type",
                  meta->sum_is_composite ? "COMPOSITE" : "FULL_OBJECT");
}

int s3_query_number(const struct s3_call *call, const char *name, long minimum, long maximum,
                    long *in_out, struct ir_error *err)
{
    char text[NUMBER_CHARS];
    char *end = text;
    if (!query_has(call->request->query, name))
        return 0;
    bool fits = query_text(call->request->query, name, text, sizeof text);
    errno = 0;
    long number = fits ? strtol(text, &end, 10) : 0;
    if (!fits || errno != 0 || end == text || *end != '\0' || number < minimum || number > maximum)
        return refuse(err, &s3_invalid_argument, "%s must be an integer between %ld and %ld.", name,
                      minimum, maximum);
    *in_out = number;
    return 0;
}

/* ---- bytes ------------------------------------------------------------------------------- */

int s3_copy_bytes(int from_fd, uint64_t bytes, int to_fd, struct checksum *md5,
                  struct checksum *sum)
{
    char *buffer = ir_malloc(COPY_BUFFER_BYTES);
    uint64_t offset = 0;
    int rc = buffer != NULL ? 0 : -1;
    while (rc == 0 && offset < bytes) {
        uint64_t left = bytes - offset;
        size_t room = left < COPY_BUFFER_BYTES ? (size_t)left : COPY_BUFFER_BYTES;
        ssize_t got = pread(from_fd, buffer, room, (off_t)offset);
        if (got <= 0) {
            if (got == 0)
                errno = EIO; /* shorter than its description says */
            rc = -1;
            break;
        }
        checksum_update(md5, buffer, (size_t)got);
        checksum_update(sum, buffer, (size_t)got);
        rc = ir_world_write_all(to_fd, buffer, (size_t)got) ? 0 : -1;
        offset += (uint64_t)got;
    }
    ir_free(buffer);
    return rc;
}
