/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client's side of the embedded endpoint: which places for its socket are taken and refused,
 * and how starting it ends. Programs of the test's own stand in for the server.
 */
#include "tests/unit/unit.h"

#include <ftw.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/aws/embedded.h"
#include "core/base/world.h"

#define LONG_PATH                                                                                  \
    "/tmp/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
    "xxxxxxxxxxxxxxxxxxxx"
#define SOON_MS 3000 /* much less than the time that is allowed */
#define ALLOWED_MS 20000

static char folder[] = "/tmp/imgrecog-embedded-XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static int remove_folder(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int64_t now_ms(void)
{
    const struct ir_world *world = ir_world_system();
    return world->monotonic_ms(world->context);
}

/* ---- the socket's place ------------------------------------------------------------------ */

static void test_given(void **state)
{
    (void)state;
    char path[IR_EMBEDDED_PATH_BYTES] = "";
    struct ir_error err;
    setenv("IMGRECOG_LOCAL_SOCKET", "/run/x.sock", 1);
    assert_int_equal(ir_embedded_socket_path(path, &err), 0);
    assert_string_equal(path, "/run/x.sock");
    setenv("IMGRECOG_LOCAL_SOCKET", LONG_PATH, 1);
    assert_int_equal(ir_embedded_socket_path(path, &err), IR_ERR_ARG);
    assert_non_null(strstr(err.message, "longer than 107 bytes"));
    assert_non_null(strstr(err.hint, "IMGRECOG_LOCAL_SOCKET"));
    assert_string_equal(path, "/run/x.sock");
    unsetenv("IMGRECOG_LOCAL_SOCKET");
}

static void test_runtime_folder(void **state)
{
    (void)state;
    char path[IR_EMBEDDED_PATH_BYTES];
    struct stat status;
    setenv("XDG_RUNTIME_DIR", folder, 1);
    for (int i = 0; i < 2; i++) { /* made, then found */
        assert_int_equal(ir_embedded_socket_path(path, NULL), 0);
        assert_string_equal(path, in_folder("imgrecog/local.sock"));
    }
    assert_int_equal(lstat(in_folder("imgrecog"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    assert_int_equal(rmdir(in_folder("imgrecog")), 0);
}

/* What somebody else could have put there, or could write to, is not trusted. */
static void test_foreign_folder(void **state)
{
    (void)state;
    char path[IR_EMBEDDED_PATH_BYTES] = "as before";
    struct ir_error err;
    setenv("XDG_RUNTIME_DIR", folder, 1);
    assert_int_equal(symlink("/tmp", in_folder("imgrecog")), 0);
    assert_int_equal(ir_embedded_socket_path(path, &err), IR_ERR_NET);
    assert_non_null(strstr(err.message, "belongs to another user"));
    assert_int_equal(unlink(in_folder("imgrecog")), 0);
    assert_int_equal(mkdir(in_folder("imgrecog"), 0700), 0);
    assert_int_equal(chmod(in_folder("imgrecog"), 0770), 0);
    assert_int_equal(ir_embedded_socket_path(path, &err), IR_ERR_NET);
    assert_non_null(strstr(err.message, "others may write"));
    assert_string_equal(path, "as before");
    assert_int_equal(rmdir(in_folder("imgrecog")), 0);
}

static void test_no_runtime_folder(void **state)
{
    (void)state;
    static const char *const values[] = {"", "relative", "/nonexistent"};
    char expected[64];
    char path[IR_EMBEDDED_PATH_BYTES];
    char here[4096];
    snprintf(expected, sizeof expected, "/tmp/imgrecog-%lu/local.sock", (unsigned long)geteuid());
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(mkdir("relative", 0700), 0);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        setenv("XDG_RUNTIME_DIR", values[i], 1);
        assert_int_equal(ir_embedded_socket_path(path, NULL), 0);
        assert_string_equal(path, expected);
    }
    assert_int_equal(chdir(here), 0);
}

/* ---- starting it ------------------------------------------------------------------------- */

/* A program that starts and never listens. */
static void make_silent_program(void)
{
    FILE *file = fopen(in_folder("silent"), "w");
    if (file == NULL)
        fail_msg("%s cannot be written", in_folder("silent"));
    assert_true(fputs("#!/bin/sh\necho > \"$2.started\"\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(in_folder("silent"), 0700), 0);
    setenv("IMGRECOG_LOCAL", in_folder("silent"), 1);
}

static void test_listens(void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/here.sock", folder);
    setenv("IMGRECOG_LOCAL", "/nonexistent", 1);
    assert_false(ir_embedded_listens(address.sun_path));
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server < 0)
        fail_msg("no socket can be made");
    assert_int_equal(bind(server, (const struct sockaddr *)&address, sizeof address), 0);
    assert_false(ir_embedded_listens(address.sun_path));
    assert_int_equal(listen(server, 1), 0);
    /* Also when its queue is full: nobody accepts. */
    for (int i = 0; i < 4; i++)
        assert_true(ir_embedded_listens(address.sun_path));
    assert_int_equal(ir_embedded_ensure(address.sun_path, ALLOWED_MS, NULL, NULL), 0);
    close(server);
    assert_false(ir_embedded_listens(address.sun_path));
    assert_false(ir_embedded_listens(LONG_PATH));
}

static void test_no_program(void **state)
{
    (void)state;
    struct ir_error err;
    setenv("IMGRECOG_LOCAL", "/nonexistent", 1);
    assert_int_equal(ir_embedded_ensure(in_folder("no.sock"), ALLOWED_MS, NULL, &err), IR_ERR_NET);
    assert_string_equal(err.service, "imgrecog-local");
    assert_string_equal(err.message,
                        "the program is not at /nonexistent, which IMGRECOG_LOCAL names");
}

static void test_silent(void **state)
{
    (void)state;
    char path[128];
    char started[160];
    struct ir_error err;
    make_silent_program();
    snprintf(path, sizeof path, "%s", in_folder("silent.sock"));
    assert_int_equal(ir_embedded_ensure(path, 500, NULL, &err), IR_ERR_TIMEOUT);
    assert_non_null(strstr(err.message, "within 500 ms"));
    assert_non_null(strstr(err.hint, "--socket"));
    snprintf(started, sizeof started, "%s.started", path);
    assert_int_equal(access(started, F_OK), 0);
}

static void *cancel_soon(void *context)
{
    const struct ir_world *world = ir_world_system();
    world->sleep_ms(world->context, 100, NULL);
    ir_cancel_set(context);
    return NULL;
}

static void test_cancelled(void **state)
{
    (void)state;
    struct ir_error err;
    struct ir_cancel *cancel = ir_cancel_new();
    pthread_t thread;
    make_silent_program();
    assert_non_null(cancel);
    int64_t begin_ms = now_ms();
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, cancel), 0);
    assert_int_equal(ir_embedded_ensure(in_folder("cancelled.sock"), ALLOWED_MS, cancel, &err),
                     IR_ERR_CANCELLED);
    assert_true(now_ms() - begin_ms < SOON_MS);
    pthread_join(thread, NULL);
    /* Before anything is started, too. */
    setenv("IMGRECOG_LOCAL", "/nonexistent", 1);
    assert_int_equal(ir_embedded_ensure(in_folder("never.sock"), ALLOWED_MS, cancel, &err),
                     IR_ERR_CANCELLED);
    ir_cancel_free(cancel);
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "place: given", test_given);
    unit_add(&list, "place: runtime folder", test_runtime_folder);
    unit_add(&list, "place: a folder that is not ours alone", test_foreign_folder);
    unit_add(&list, "place: no runtime folder", test_no_runtime_folder);
    unit_add(&list, "who listens", test_listens);
    unit_add(&list, "start: no program", test_no_program);
    unit_add(&list, "start: it never listens", test_silent);
    unit_add(&list, "start: cancelled", test_cancelled);
    return unit_run_with(&list, "aws-embedded", make_folder, remove_folder);
}
