/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is uploaded, read where it lies. A file is opened once and read by offset, so that threads
 * need no lock; its size and time of change, taken when it is opened, tell whether somebody writes
 * to it. What is changed between being hashed and being sent, the server finds by the hash.
 */
#include "core/task/upload_job.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"

#define HEAD_BYTES 64

/* ---- opening ----------------------------------------------------------------------------- */

static int fail_file(const char *path, int error_number, struct ir_error *err)
{
    char text[128];
    int rc = ir_fail(err, IR_ERR_ARG, "cannot read %s: %s", path,
                     strerror_r(error_number, text, sizeof text));
    ir_error_set_service(err, "upload");
    ir_error_set_hint(err, "Check the path and who may read it.");
    return rc;
}

int ir_upload_content_open(struct ir_upload_content *content, const char *path,
                           struct ir_error *err)
{
    struct stat about;
    /* Without O_NONBLOCK a pipe would wait for its writer before it can be refused. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return fail_file(path, errno, err);
    if (fstat(file, &about) != 0) {
        int rc = fail_file(path, errno, err);
        close(file);
        return rc;
    }
    if (!S_ISREG(about.st_mode)) {
        close(file);
        int rc = ir_fail(err, IR_ERR_ARG, "%s is not a regular file", path);
        ir_error_set_service(err, "upload");
        ir_error_set_hint(err, "Copy its content into a file first.");
        return rc;
    }
    *content = (struct ir_upload_content){
        .path = path, .file = file, .bytes = (uint64_t)about.st_size, .modified = about.st_mtim};
    return 0;
}

void ir_upload_content_release(struct ir_upload_content *content)
{
    if (content->data == NULL && content->path != NULL)
        close(content->file);
}

int ir_upload_content_check(struct ir_upload_content *content, struct ir_error *err)
{
    struct stat about;
    int trouble = atomic_load(&content->trouble);
    if (content->path == NULL)
        return 0;
    if (trouble > 0)
        return fail_file(content->path, trouble, err);
    if (fstat(content->file, &about) != 0)
        return fail_file(content->path, errno, err);
    if (trouble == 0 && (uint64_t)about.st_size == content->bytes &&
        about.st_mtim.tv_sec == content->modified.tv_sec &&
        about.st_mtim.tv_nsec == content->modified.tv_nsec)
        return 0;
    int rc = ir_fail(err, IR_ERR_ARG, "%s has changed while it was uploaded", content->path);
    ir_error_set_service(err, "upload");
    ir_error_set_hint(err, "Upload it again when nobody writes to it.");
    return rc;
}

/* ---- reading ----------------------------------------------------------------------------- */

/* False with content->trouble set. */
static bool read_file_at(struct ir_upload_content *content, uint64_t offset, char *out,
                         size_t bytes)
{
    while (bytes > 0) {
        ssize_t got = pread(content->file, out, bytes, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            atomic_store(&content->trouble, got < 0 ? errno : IR_UPLOAD_SHORT_READ);
            return false;
        }
        out += got;
        offset += (uint64_t)got;
        bytes -= (size_t)got;
    }
    return true;
}

bool ir_upload_content_read(struct ir_upload_content *content, uint64_t offset, char *out,
                            size_t bytes)
{
    if (content->path != NULL)
        return read_file_at(content, offset, out, bytes);
    if (bytes > 0) /* nothing may lie at NULL */
        memcpy(out, content->data + offset, bytes);
    return true;
}

static bool read_piece(void *context, uint64_t offset, char *out, size_t bytes)
{
    const struct ir_upload_piece *piece = context;
    /* Hashing some GiB must end as soon as sending them. */
    return !ir_cancel_is_set(piece->cancel) &&
           ir_upload_content_read(piece->content, piece->offset + offset, out, bytes);
}

void ir_upload_piece_init(struct ir_upload_piece *piece, struct ir_upload_content *content,
                          uint64_t offset, uint64_t bytes, const struct ir_cancel *cancel)
{
    piece->content = content;
    piece->offset = offset;
    piece->cancel = cancel;
    piece->source =
        (struct ir_body_source){.context = piece, .bytes = bytes, .read_at = read_piece};
    piece->body.pieces[0] = (struct ir_body_piece){.source = &piece->source};
    piece->body.piece_count = bytes > 0 ? 1 : 0;
}

int ir_upload_piece_sum(const struct ir_upload_piece *piece, struct ir_body_sums *out,
                        struct ir_error *err)
{
    int rc = ir_body_sum(&piece->body, out);
    if (rc == 0)
        return 0;
    if (rc == IR_ERR_NOMEM) {
        ir_fail_nomem(err);
        return IR_ERR_NOMEM;
    }
    if (ir_cancel_is_set(piece->cancel))
        return ir_fail(err, IR_ERR_CANCELLED, "cancelled");
    rc = ir_upload_content_check(piece->content, err);
    return rc != 0 ? rc : ir_fail(err, IR_ERR_ARG, "what was to be sent could not be read");
}

/* ---- what it is -------------------------------------------------------------------------- */

/* A row fits when the bytes at its offset are these. */
static const struct {
    size_t offset;
    const char *bytes;
    size_t count;
    const char *media_type;
} signatures[] = {
    {0, "\xFF\xD8\xFF", 3, "image/jpeg"}, {0, "\x89PNG\r\n\x1A\n", 8, "image/png"},
    {0, "GIF87a", 6, "image/gif"},        {0, "GIF89a", 6, "image/gif"},
    {0, "II*\0", 4, "image/tiff"},        {0, "MM\0*", 4, "image/tiff"},
    {0, "II+\0", 4, "image/tiff"}, /* BigTIFF */
    {0, "MM\0+", 4, "image/tiff"},        {4, "ftypavif", 8, "image/avif"},
    {4, "ftypavis", 8, "image/avif"},     {4, "ftypheic", 8, "image/heic"},
    {4, "ftypheix", 8, "image/heic"},     {4, "ftyphevc", 8, "image/heic"},
    {4, "ftyphevx", 8, "image/heic"},
};

static size_t skip_space(const char *head, size_t at, size_t bytes)
{
    while (at < bytes && (head[at] == ' ' || (head[at] >= '\t' && head[at] <= '\r')))
        at++;
    return at;
}

/* An object or array begins, and what follows can stand there. */
static bool looks_like_json(const char *head, size_t bytes)
{
    size_t at = skip_space(head, 0, bytes);
    if (at == bytes || (head[at] != '{' && head[at] != '['))
        return false;
    const char *next = head[at] == '{' ? "\"}" : "{[\"]-0123456789tfn";
    at = skip_space(head, at + 1, bytes);
    return at < bytes && head[at] != '\0' && strchr(next, head[at]) != NULL;
}

static bool is_webp(const char *head, size_t bytes)
{
    return bytes >= 12 && memcmp(head, "RIFF", 4) == 0 && memcmp(head + 8, "WEBP", 4) == 0;
}

/* ISO files whose first brand is a general one name what they are among the others. */
static const char *by_other_brands(const char *head, size_t bytes)
{
    if (bytes < 16 ||
        (memcmp(head + 4, "ftypmif1", 8) != 0 && memcmp(head + 4, "ftypmsf1", 8) != 0))
        return NULL;
    for (size_t at = 16; at + 4 <= bytes; at += 4) {
        if (memcmp(head + at, "avif", 4) == 0)
            return "image/avif";
        if (memcmp(head + at, "heic", 4) == 0 || memcmp(head + at, "heix", 4) == 0)
            return "image/heic";
    }
    return "image/heif";
}

const char *ir_upload_media_type(struct ir_upload_content *content)
{
    char head[HEAD_BYTES];
    size_t bytes = content->bytes < sizeof head ? (size_t)content->bytes : sizeof head;
    if (bytes == 0 || !ir_upload_content_read(content, 0, head, bytes))
        return "application/octet-stream";
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++)
        if (bytes >= signatures[i].offset + signatures[i].count &&
            memcmp(head + signatures[i].offset, signatures[i].bytes, signatures[i].count) == 0)
            return signatures[i].media_type;
    if (is_webp(head, bytes))
        return "image/webp";
    const char *iso = by_other_brands(head, bytes);
    if (iso != NULL)
        return iso;
    return looks_like_json(head, bytes) ? "application/json" : "application/octet-stream";
}
