/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client's side of the embedded endpoint: the socket's place, and starting the server.
 *
 * The server is started detached (two forks, a session of its own), so that it outlives the host,
 * gets no Ctrl-C meant for it and leaves no zombie. Between fork and exec only functions that are
 * safe after a fork of a threaded program are called. That there is one server is the server's own
 * doing (it holds a lock file): a second one that is started ends at once.
 */
#include "core/aws/embedded.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/world.h"

#define SERVICE "imgrecog-local"
#define PROGRAM_NAME "imgrecog-local"
#define POLL_MS 20

static const char *environment(const char *name)
{
    return ir_world_getenv(ir_world_system(), name);
}

/* ---- the socket's place ------------------------------------------------------------------ */

/* Makes `folder` (0700), or accepts it when it is ours and nobody else's to write. */
static int own_folder(const char *folder, struct ir_error *err)
{
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        int rc = ir_fail(err, IR_ERR_NET, "the folder %s for its socket cannot be made: %s", folder,
                         strerror(errno));
        ir_error_set_service(err, SERVICE);
        return rc;
    }
    struct stat status;
    if (lstat(folder, &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != geteuid() ||
        (status.st_mode & 0022) != 0) {
        int rc = ir_fail(err, IR_ERR_NET,
                         "the folder %s for its socket belongs to another user, "
                         "or others may write to it",
                         folder);
        ir_error_set_service(err, SERVICE);
        ir_error_set_hint(err, "Remove the folder, or name a socket in IMGRECOG_LOCAL_SOCKET.");
        return rc;
    }
    return 0;
}

static int socket_path_too_long(struct ir_error *err)
{
    int rc = ir_fail(err, IR_ERR_ARG, "the path of its socket is longer than %d bytes",
                     IR_EMBEDDED_PATH_BYTES - 1);
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "Name a shorter one in IMGRECOG_LOCAL_SOCKET.");
    return rc;
}

int ir_embedded_socket_path(char out[IR_EMBEDDED_PATH_BYTES], struct ir_error *err)
{
    char path[IR_EMBEDDED_PATH_BYTES];
    char folder[IR_EMBEDDED_PATH_BYTES];
    const char *given = environment("IMGRECOG_LOCAL_SOCKET");
    if (given != NULL) {
        if (strlen(given) >= sizeof path)
            return socket_path_too_long(err);
        ir_text_copy(out, IR_EMBEDDED_PATH_BYTES, given);
        return 0;
    }
    const char *runtime = environment("XDG_RUNTIME_DIR");
    struct stat status;
    int chars;
    /* A relative path is not valid there: https://specifications.freedesktop.org/basedir-spec/ */
    if (runtime != NULL && *runtime == '/' && stat(runtime, &status) == 0 &&
        S_ISDIR(status.st_mode))
        chars = snprintf(folder, sizeof folder, "%s/imgrecog", runtime);
    else
        chars = snprintf(folder, sizeof folder, "/tmp/imgrecog-%lu", (unsigned long)geteuid());
    if (chars < 0 || (size_t)chars >= sizeof folder)
        return socket_path_too_long(err);
    chars = snprintf(path, sizeof path, "%s/local.sock", folder);
    if (chars < 0 || (size_t)chars >= sizeof path)
        return socket_path_too_long(err);
    int rc = own_folder(folder, err);
    if (rc == 0)
        ir_text_copy(out, IR_EMBEDDED_PATH_BYTES, path);
    return rc;
}

/* ---- starting it ------------------------------------------------------------------------- */

bool ir_embedded_listens(const char *socket_path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(socket_path) >= sizeof address.sun_path)
        return false;
    ir_text_copy(address.sun_path, sizeof address.sun_path, socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    int rc;
    do {
        rc = connect(fd, (const struct sockaddr *)&address, sizeof address);
    } while (rc != 0 && errno == EINTR);
    /* A full queue is a listener too. */
    bool listens = rc == 0 || errno == EAGAIN;
    close(fd);
    return listens;
}

/* The first folder of PATH that holds the program. */
static bool find_on_path(char out[IR_EMBEDDED_PROGRAM_BYTES])
{
    const char *path = environment("PATH");
    while (path != NULL && *path != '\0') {
        size_t bytes = strcspn(path, ":");
        int chars =
            snprintf(out, IR_EMBEDDED_PROGRAM_BYTES, "%.*s/%s", (int)bytes, path, PROGRAM_NAME);
        if (bytes > 0 && chars > 0 && chars < IR_EMBEDDED_PROGRAM_BYTES && access(out, X_OK) == 0)
            return true;
        path += bytes;
        if (*path == ':')
            path++;
    }
    return false;
}

int ir_embedded_find_program(char out[IR_EMBEDDED_PROGRAM_BYTES], struct ir_error *err)
{
    const char *given = environment("IMGRECOG_LOCAL");
    if (given != NULL)
        snprintf(out, IR_EMBEDDED_PROGRAM_BYTES, "%s", given);
    else
        snprintf(out, IR_EMBEDDED_PROGRAM_BYTES, "%s/%s", IR_LIBEXEC_DIR, PROGRAM_NAME);
    if (access(out, X_OK) == 0)
        return 0;
    char elsewhere[IR_EMBEDDED_PROGRAM_BYTES];
    if (given == NULL && find_on_path(elsewhere)) {
        ir_text_copy(out, IR_EMBEDDED_PROGRAM_BYTES, elsewhere);
        return 0;
    }
    int rc = ir_fail(err, IR_ERR_NET, "the program is not at %s%s", out,
                     given == NULL ? " and not on PATH" : ", which IMGRECOG_LOCAL names");
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "Install imgrecog with its embedded endpoint, or set IMGRECOG_LOCAL to "
                           "the program's path.");
    return rc;
}

/* The server has no use for the user's AWS settings, keys among them. NULL when out of memory. */
static char **environment_without_aws(void)
{
    size_t count = 0;
    while (environ[count] != NULL)
        count++;
    char **kept = ir_calloc(count + 1, sizeof *kept);
    size_t kept_count = 0;
    for (size_t i = 0; kept != NULL && i < count; i++)
        if (strncmp(environ[i], "AWS_", 4) != 0)
            kept[kept_count++] = environ[i];
    return kept;
}

static void exec_detached(const char *program, const char *socket_path, char **variables)
{
    int null_fd = open("/dev/null", O_RDWR);
    if (null_fd < 0 || dup2(null_fd, 0) < 0 || dup2(null_fd, 1) < 0 || dup2(null_fd, 2) < 0)
        _exit(127);
    close_range(3, ~0U, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    const char *const arguments[] = {program, "--socket", socket_path, NULL};
    execve(program, (char *const *)arguments, variables);
    _exit(127);
}

/* 0 when the second process is on its way. */
static int start_detached(const char *program, const char *socket_path, struct ir_error *err)
{
    char **variables = environment_without_aws();
    if (variables == NULL)
        return ir_fail_nomem(err);
    pid_t first = fork();
    if (first == 0) {
        setsid();
        pid_t second = _Fork();
        if (second == 0)
            exec_detached(program, socket_path, variables);
        _exit(second > 0 ? 0 : 1);
    }
    ir_free(variables);
    int status = -1;
    pid_t waited = -1;
    if (first > 0) {
        do {
            waited = waitpid(first, &status, 0);
        } while (waited < 0 && errno == EINTR);
    }
    /* A host that ignores SIGCHLD has it reaped already (ECHILD): whether it runs shows soon. */
    if (first > 0 && (waited < 0 || status == 0))
        return 0;
    int rc = ir_fail(err, IR_ERR_NET, "it could not be started: no further process is allowed");
    ir_error_set_service(err, SERVICE);
    return rc;
}

static int fail_cancelled(struct ir_error *err)
{
    int rc = ir_fail(err, IR_ERR_CANCELLED, "cancelled while it was started");
    ir_error_set_service(err, SERVICE);
    return rc;
}

static int fail_silent(const char *program, const char *socket_path, long timeout_ms,
                       struct ir_error *err)
{
    int rc = ir_fail(err, IR_ERR_TIMEOUT, "%s was started but does not answer on %s within %ld ms",
                     program, socket_path, timeout_ms);
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "Raise the time limit, or run it by hand to see why: %s --socket %s",
                      program, socket_path);
    return rc;
}

int ir_embedded_ensure(const char *socket_path, long timeout_ms, const struct ir_cancel *cancel,
                       struct ir_error *err)
{
    if (ir_embedded_listens(socket_path))
        return 0;
    if (ir_cancel_is_set(cancel))
        return fail_cancelled(err);
    char program[IR_EMBEDDED_PROGRAM_BYTES];
    int rc = ir_embedded_find_program(program, err);
    if (rc != 0)
        return rc;
    rc = start_detached(program, socket_path, err);
    if (rc != 0)
        return rc;
    const struct ir_world *world = ir_world_system();
    int64_t deadline_ms = world->monotonic_ms(world->context) + timeout_ms;
    while (!ir_embedded_listens(socket_path)) {
        if (world->monotonic_ms(world->context) >= deadline_ms)
            return fail_silent(program, socket_path, timeout_ms, err);
        if (!world->sleep_ms(world->context, POLL_MS, cancel))
            return fail_cancelled(err);
    }
    return 0;
}
