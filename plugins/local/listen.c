/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One server for a socket. The lock file beside it ("local.sock.lock") is held by flock for the
 * life of the process, so it is free again however the process ended, and whoever holds it may take
 * a socket away that a dead server has left. The lock file itself stays: removing it would let two
 * servers hold locks on two files of the same name.
 *
 *   start   lock -> remove what is left -> bind -> listen
 *   end     remove the socket -> unlock -> serve those who are connected -> exit
 *
 * Who finds the lock taken waits until the other one listens, or until the lock is free because the
 * other one was ending. So there is no moment at which a client's new server gives up and the old
 * one is gone as well.
 */
#include "plugins/local/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "core/base/error.h"
#include "plugins/local/deadline.h"

#define SERVICE "imgrecog-local"
#define BACKLOG 64
#define LOCK_SUFFIX ".lock"
#define LOCK_WAIT_MS 10000
#define LOCK_POLL_MS 20
#define ONLY_OWNER_UMASK 0177

static int fail_system(struct ir_error *err, int code, const char *what, const char *path)
{
    int rc = ir_fail(err, code, "%s %s: %s", what, path, strerror(errno));
    ir_error_set_service(err, SERVICE);
    return rc;
}

static struct sockaddr_un unix_address(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    ir_text_copy(address.sun_path, sizeof address.sun_path, path);
    return address;
}

/* Until the lock is ours (0), or another server listens (out_other). */
static int wait_for_lock(int lock_fd, const char *path, bool *out_other, struct ir_error *err)
{
    int64_t deadline_ms = deadline_now_ms() + LOCK_WAIT_MS;
    while (flock(lock_fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fail_system(err, IR_ERR_ARG, "cannot lock", path);
        if (ir_embedded_listens(path)) {
            *out_other = true;
            return 0;
        }
        if (deadline_passed(deadline_ms)) {
            int rc = ir_fail(err, IR_ERR_TIMEOUT,
                             "another process holds the lock of %s but does not listen", path);
            ir_error_set_service(err, SERVICE);
            ir_error_set_hint(err, "Find it with: fuser %s" LOCK_SUFFIX, path);
            return rc;
        }
        const struct timespec pause = {.tv_nsec = LOCK_POLL_MS * 1000000L};
        nanosleep(&pause, NULL);
    }
    *out_other = false;
    return 0;
}

int listener_lock(struct listener *listener, const char *path, bool *out_other,
                  struct ir_error *err)
{
    char lock_path[IR_EMBEDDED_PATH_BYTES + sizeof LOCK_SUFFIX];
    if (strlen(path) >= sizeof listener->path) {
        int rc = ir_fail(err, IR_ERR_ARG, "the path of the socket is longer than %zu bytes",
                         sizeof listener->path - 1);
        ir_error_set_service(err, SERVICE);
        return rc;
    }
    snprintf(lock_path, sizeof lock_path, "%s" LOCK_SUFFIX, path);
    int lock_fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock_fd < 0)
        return fail_system(err, IR_ERR_ARG, "cannot open the lock file", lock_path);
    int rc = wait_for_lock(lock_fd, path, out_other, err);
    if (rc != 0 || *out_other) {
        close(lock_fd);
        return rc;
    }
    listener->lock_fd = lock_fd;
    ir_text_copy(listener->path, sizeof listener->path, path);
    return 0;
}

/* What a dead server left is removed; anything but a socket is somebody's file and stays. */
static int clear_path(const char *path, struct ir_error *err)
{
    struct stat status;
    if (lstat(path, &status) != 0)
        return errno == ENOENT ? 0 : fail_system(err, IR_ERR_ARG, "cannot look at", path);
    if (!S_ISSOCK(status.st_mode)) {
        int rc = ir_fail(err, IR_ERR_ARG, "%s is there and is not a socket", path);
        ir_error_set_service(err, SERVICE);
        ir_error_set_hint(err, "Name another socket.");
        return rc;
    }
    if (unlink(path) != 0)
        return fail_system(err, IR_ERR_ARG, "cannot remove the old socket", path);
    return 0;
}

int listener_open_unix(struct listener *listener, struct ir_error *err)
{
    int rc = clear_path(listener->path, err);
    if (rc != 0)
        return rc;
    struct sockaddr_un address = unix_address(listener->path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail_system(err, IR_ERR_NET, "cannot make the socket", listener->path);
    mode_t before = umask(ONLY_OWNER_UMASK);
    int bound = bind(fd, (const struct sockaddr *)&address, sizeof address);
    umask(before);
    if (bound != 0 || listen(fd, BACKLOG) != 0) {
        rc = fail_system(err, IR_ERR_NET, "cannot listen on", listener->path);
        close(fd);
        return rc;
    }
    listener->socket_fd = fd;
    return 0;
}

int listener_open_tcp(struct listener *listener, int port, struct ir_error *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t address_bytes = sizeof address;
    int yes = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail_system(err, IR_ERR_NET, "cannot make a socket on", "127.0.0.1");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &address_bytes) != 0) {
        char name[32];
        snprintf(name, sizeof name, "127.0.0.1:%d", port);
        int rc = fail_system(err, IR_ERR_NET, "cannot listen on", name);
        close(fd);
        return rc;
    }
    listener->socket_fd = fd;
    listener->port = ntohs(address.sin_port);
    return 0;
}

void listener_withdraw(struct listener *listener)
{
    if (listener->lock_fd < 0)
        return;
    if (listener->socket_fd >= 0)
        unlink(listener->path);
    close(listener->lock_fd);
    listener->lock_fd = -1;
}
