/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders 0700, files 0600, every line written whole or not at all as far as a reader can tell. */
#include "plugins/local/logs_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/world.h"
#include "plugins/local/folder.h"
#include "plugins/local/refuse.h"
#include "plugins/local/s3_name.h"

#define GROUP_FILE ".group"
#define OLDER_MARK "~"
#define MAX_NAMES 10000
#define MAX_TURNS 16 /* how often a stream may be cut in halves while a writer waits */
#define HEAD_BYTES 64

struct logs {
    int root_fd;
};

static const struct refusal refuse_exists = {"ResourceAlreadyExistsException", 400};
static const struct refusal refuse_gone = {"ResourceNotFoundException", 400};
static const struct refusal refuse_unavailable = {"ServiceUnavailableException", 500};

int logs_open(struct logs **out, struct ir_error *err)
{
    char path[PATH_MAX];
    struct logs *logs = ir_calloc(1, sizeof *logs);
    if (logs == NULL)
        return ir_fail_nomem(err);
    int rc = folder_of_user("XDG_STATE_HOME", ".local/state", "logs", path, err);
    if (rc == 0)
        rc = folder_open_private(path, &logs->root_fd, err);
    if (rc != 0) {
        ir_free(logs);
        return rc;
    }
    *out = logs;
    return 0;
}

void logs_close(struct logs *logs)
{
    if (logs == NULL)
        return;
    close(logs->root_fd);
    ir_free(logs);
}

static int refuse_errno(struct ir_error *err, const char *what)
{
    return refuse(err, &refuse_unavailable, "The folder of the local logs: %s: %s.", what,
                  strerror(errno));
}

/* ---- names ------------------------------------------------------------------------------- */

/* A name as a file's or, with `mark`, a folder's. */
static int encode_name(const char *name, char mark, char out[S3_PATH_BYTES], struct ir_error *err)
{
    if (strlen(name) > S3_MAX_KEY_BYTES)
        return refuse(err, &refuse_parameter, "The name is longer than 512 characters.");
    s3_key_to_path(name, out);
    size_t bytes = strlen(out);
    if (strchr(out, '/') != NULL)
        return refuse(err, &refuse_parameter,
                      "The name is too long for a file of the local logs: 200 letters are taken, "
                      "fewer where others are among them.");
    out[bytes - 1] = mark;
    return 0;
}

static int open_group(struct logs *logs, const char *group, int *out_fd, struct ir_error *err)
{
    char path[S3_PATH_BYTES];
    int rc = encode_name(group, S3_FOLDER_MARK, path, err);
    if (rc != 0)
        return rc;
    int fd = openat(logs->root_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return refuse(err, &refuse_gone, "The specified log group does not exist.");
    *out_fd = fd;
    return 0;
}

/* Makes a file that begins with {"creationTime"}. -1 with errno. */
static int make_file(int folder_fd, const char *path, int64_t now_ms)
{
    char head[HEAD_BYTES];
    int bytes = snprintf(head, sizeof head, "{\"creationTime\":%lld}\n", (long long)now_ms);
    int fd = openat(folder_fd, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    int rc = ir_world_write_all(fd, head, (size_t)bytes) ? 0 : -1;
    int cause = errno;
    close(fd);
    errno = cause;
    return rc;
}

int logs_create_group(struct logs *logs, const char *group, int64_t now_ms, struct ir_error *err)
{
    char path[S3_PATH_BYTES];
    int fd = -1;
    int rc = encode_name(group, S3_FOLDER_MARK, path, err);
    if (rc != 0)
        return rc;
    if (mkdirat(logs->root_fd, path, 0700) != 0)
        return errno == EEXIST
                   ? refuse(err, &refuse_exists, "The specified log group already exists")
                   : refuse_errno(err, "making a log group");
    rc = open_group(logs, group, &fd, err);
    if (rc != 0)
        return rc;
    if (make_file(fd, GROUP_FILE, now_ms) != 0)
        rc = refuse_errno(err, "making a log group");
    close(fd);
    return rc;
}

int logs_create_stream(struct logs *logs, const char *group, const char *stream, int64_t now_ms,
                       struct ir_error *err)
{
    char path[S3_PATH_BYTES];
    int group_fd = -1;
    int rc = encode_name(stream, S3_LEAF_MARK, path, err);
    if (rc == 0)
        rc = open_group(logs, group, &group_fd, err);
    if (rc != 0)
        return rc;
    if (make_file(group_fd, path, now_ms) != 0)
        rc = errno == EEXIST
                 ? refuse(err, &refuse_exists, "The specified log stream already exists")
                 : refuse_errno(err, "making a log stream");
    close(group_fd);
    return rc;
}

/* ---- appending --------------------------------------------------------------------------- */

/* Opens the stream's file with its lock; the file may have been cut in halves while waiting. */
static int lock_stream(int group_fd, const char *path)
{
    for (int turn = 0; turn < MAX_TURNS; turn++) {
        struct stat own;
        struct stat named;
        int rc;
        int fd = openat(group_fd, path, O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
            return -1;
        do
            rc = flock(fd, LOCK_EX);
        while (rc != 0 && errno == EINTR);
        if (rc == 0 && fstat(fd, &own) == 0 &&
            fstatat(group_fd, path, &named, AT_SYMLINK_NOFOLLOW) == 0 && own.st_ino == named.st_ino)
            return fd;
        close(fd);
    }
    errno = EBUSY;
    return -1;
}

/* Makes what is there the older half, in place of the one before it, and begins anew. */
static int turn_over(int group_fd, const char *path, int *fd)
{
    char older[S3_PATH_BYTES + 2];
    char head[HEAD_BYTES] = "";
    snprintf(older, sizeof older, "%s" OLDER_MARK, path);
    ssize_t got = pread(*fd, head, sizeof head - 1, 0);
    char *end = got > 0 ? strchr(head, '\n') : NULL;
    if (end == NULL || renameat(group_fd, path, group_fd, older) != 0)
        return -1;
    int fresh =
        openat(group_fd, path, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fresh < 0)
        return -1;
    close(*fd);
    *fd = fresh;
    if (flock(fresh, LOCK_EX) != 0)
        return -1;
    return ir_world_write_all(fresh, head, (size_t)(end - head) + 1) ? 0 : -1;
}

static int append_lines(int group_fd, const char *path, int *fd, const struct ir_buf *lines)
{
    struct stat status;
    char last = '\n';
    if (fstat(*fd, &status) != 0)
        return -1;
    if (status.st_size + (off_t)lines->bytes > LOGS_STREAM_BYTES &&
        turn_over(group_fd, path, fd) != 0)
        return -1;
    if (fstat(*fd, &status) != 0 ||
        (status.st_size > 0 && pread(*fd, &last, 1, status.st_size - 1) != 1))
        return -1;
    /* A batch that a crash cut off must not swallow this one. */
    if (last != '\n' && !ir_world_write_all(*fd, "\n", 1))
        return -1;
    if (!ir_world_write_all(*fd, ir_buf_text(lines), lines->bytes))
        return -1;
    return fdatasync(*fd);
}

int logs_append(struct logs *logs, const char *group, const char *stream,
                const struct ir_buf *lines, struct ir_error *err)
{
    char path[S3_PATH_BYTES];
    int group_fd = -1;
    int rc = encode_name(stream, S3_LEAF_MARK, path, err);
    if (rc == 0)
        rc = open_group(logs, group, &group_fd, err);
    if (rc != 0)
        return rc;
    int fd = lock_stream(group_fd, path);
    if (fd < 0)
        rc = errno == ENOENT ? refuse(err, &refuse_gone, "The specified log stream does not exist.")
                             : refuse_errno(err, "opening a log stream");
    else if (append_lines(group_fd, path, &fd, lines) != 0)
        rc = refuse_errno(err, "writing events");
    if (fd >= 0)
        close(fd);
    close(group_fd);
    return rc;
}

/* ---- listing ----------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void logs_names_release(struct logs_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        ir_free(names->items[i]);
    ir_free(names->items);
    *names = (struct logs_names){NULL, 0};
}

/* Takes over `folder_fd`. */
static int list_names(int folder_fd, char mark, const char *prefix, struct logs_names *out,
                      struct ir_error *err)
{
    DIR *folder = fdopendir(folder_fd);
    if (folder == NULL) {
        close(folder_fd);
        return refuse_errno(err, "listing");
    }
    struct logs_names names = {ir_calloc(MAX_NAMES, sizeof *names.items), 0};
    int rc = names.items != NULL ? 0 : refuse_nomem(err);
    struct dirent *entry;
    while (rc == 0 && names.count < MAX_NAMES && (entry = readdir(folder)) != NULL) {
        char name[S3_KEY_BYTES];
        size_t bytes = 0;
        if (entry->d_name[strlen(entry->d_name) - 1] != mark ||
            !s3_path_to_key(entry->d_name, name, &bytes) ||
            strncmp(name, prefix, strlen(prefix)) != 0)
            continue;
        names.items[names.count] = ir_strdup(name);
        if (names.items[names.count] == NULL)
            rc = refuse_nomem(err);
        else
            names.count++;
    }
    closedir(folder);
    if (rc != 0) {
        logs_names_release(&names);
        return rc;
    }
    qsort(names.items, names.count, sizeof *names.items, compare_names);
    *out = names;
    return 0;
}

int logs_list_groups(struct logs *logs, const char *prefix, struct logs_names *out,
                     struct ir_error *err)
{
    int fd = openat(logs->root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return refuse_errno(err, "listing");
    return list_names(fd, S3_FOLDER_MARK, prefix, out, err);
}

int logs_list_streams(struct logs *logs, const char *group, const char *prefix,
                      struct logs_names *out, struct ir_error *err)
{
    int fd = -1;
    int rc = open_group(logs, group, &fd, err);
    return rc == 0 ? list_names(fd, S3_LEAF_MARK, prefix, out, err) : rc;
}

/* ---- reading ----------------------------------------------------------------------------- */

/* The lines of a file that are whole JSON objects. A file that is not there has none. */
static int read_lines(int folder_fd, const char *path, logs_visit_fn visit, void *context)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t bytes;
    int fd = openat(folder_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
    if (file == NULL) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    while ((bytes = getline(&line, &room, file)) > 0) {
        struct ir_json_doc *doc = NULL;
        struct ir_error ignored; /* a line that a crash cut off */
        if (line[bytes - 1] != '\n' ||
            ir_json_parse(line, (size_t)bytes - 1, "a line", &doc, &ignored) != 0)
            continue;
        visit(context, ir_json_root(doc));
        ir_json_free(doc);
    }
    free(line); /* getline's */
    (void)fclose(file);
    return 0;
}

static void take_created(void *context, const struct ir_json_value *line)
{
    int64_t *created_ms = context;
    *created_ms = (int64_t)ir_json_number(ir_json_get(line, "creationTime"), 0);
}

int64_t logs_group_created_ms(struct logs *logs, const char *group)
{
    int64_t created_ms = 0;
    struct ir_error ignored; /* a group that went away meanwhile */
    int fd = -1;
    if (open_group(logs, group, &fd, &ignored) != 0)
        return 0;
    if (read_lines(fd, GROUP_FILE, take_created, &created_ms) != 0)
        created_ms = 0;
    close(fd);
    return created_ms;
}

int logs_read(struct logs *logs, const char *group, const char *stream, logs_visit_fn visit,
              void *context, struct ir_error *err)
{
    char path[S3_PATH_BYTES];
    char older[S3_PATH_BYTES + 2];
    int group_fd = -1;
    int rc = encode_name(stream, S3_LEAF_MARK, path, err);
    if (rc == 0)
        rc = open_group(logs, group, &group_fd, err);
    if (rc != 0)
        return rc;
    snprintf(older, sizeof older, "%s" OLDER_MARK, path);
    bool has_older = read_lines(group_fd, older, visit, context) == 0;
    if (read_lines(group_fd, path, visit, context) != 0 && !has_older)
        rc = refuse(err, &refuse_gone, "The specified log stream does not exist.");
    close(group_fd);
    return rc;
}
