/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Credentials from a program that the profile names (credential_process). No shell is involved. The
 * program's standard input is empty, its output is bounded, it has as long as the call has. What it
 * writes to standard error is told when it fails, since that is where it says why.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
 */
#include "core/aws/credentials_provider.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/aws/words.h"
#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/utf8.h"

#define PLACE "credential_process"
#define MAX_OUTPUT_BYTES (64U * 1024)
#define MAX_COMPLAINT_BYTES 2048U /* kept of standard error; the rest is read and dropped */
#define MAX_TOLD_BYTES 400U
#define POLL_MS 50
#define REAP_MS 5

extern char **environ;

struct run {
    const struct ir_credentials_context *context;
    pid_t pid;
    int output_fd; /* -1 = at its end */
    int complaint_fd;
    struct ir_buf output;
    struct ir_buf complaint;
    int status; /* of waitpid; -1 = not known, as the host reaps its children itself */
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* ---- starting ---------------------------------------------------------------------------- */

/* No signal is blocked or ignored in it, no file of the host is open in it. 0 or an errno. */
static int spawn(char **words, int output_fd, int complaint_fd, pid_t *out)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int rc = posix_spawn_file_actions_init(&actions);
    if (rc != 0)
        return rc;
    rc = posix_spawnattr_init(&attributes);
    if (rc != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return rc;
    }
    rc = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&actions, output_fd, 1);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&actions, complaint_fd, 2);
    if (rc == 0)
        rc = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (rc == 0)
        rc = posix_spawnattr_setsigmask(&attributes, &none);
    if (rc == 0)
        rc = posix_spawnattr_setsigdefault(&attributes, &all);
    if (rc == 0)
        rc = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (rc == 0)
        rc = posix_spawnp(out, words[0], &actions, &attributes, words, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

/* Pipe ends above the standard ones, which the program's own then cannot collide with. */
static bool make_pipe(int ends[2])
{
    int low[2];
    if (pipe2(low, O_CLOEXEC) != 0)
        return false;
    ends[0] = fcntl(low[0], F_DUPFD_CLOEXEC, 3);
    ends[1] = fcntl(low[1], F_DUPFD_CLOEXEC, 3);
    close(low[0]);
    close(low[1]);
    return ends[0] >= 0 && ends[1] >= 0;
}

static int start(struct run *run, char **words, struct ir_error *err)
{
    int output[2] = {-1, -1};
    int complaint[2] = {-1, -1};
    int error_number = 0;
    char text[128];
    if (!make_pipe(output) || !make_pipe(complaint))
        error_number = errno;
    if (error_number == 0)
        error_number = spawn(words, output[1], complaint[1], &run->pid);
    close_fd(&output[1]);
    close_fd(&complaint[1]);
    run->output_fd = output[0];
    run->complaint_fd = complaint[0];
    if (error_number == 0)
        return 0;
    int rc = ir_fail(err, IR_ERR_AUTH,
                     "the program \"%.200s\" that credential_process of profile "
                     "\"%s\" names cannot be started: %s",
                     words[0], run->context->profile, strerror_r(error_number, text, sizeof text));
    ir_error_set_hint(err, "Correct credential_process: the program's full path, quoted where it "
                           "has blanks.");
    return rc;
}

/* ---- running ----------------------------------------------------------------------------- */

static int check_patience(const struct run *run, struct ir_error *err)
{
    const struct ir_world *world = run->context->config->world;
    if (ir_cancel_is_set(run->context->cancel))
        return ir_fail(err, IR_ERR_CANCELLED, "cancelled while credential_process ran");
    if (world->monotonic_ms(world->context) < run->context->deadline_ms)
        return 0;
    int rc = ir_fail(err, IR_ERR_TIMEOUT,
                     "credential_process of profile \"%s\" did not end within "
                     "the time limit",
                     run->context->profile);
    ir_error_set_hint(err, "Run it by hand to see what it waits for.");
    return rc;
}

/* Takes what is there; closes at the end. */
static void take(int *fd, struct ir_buf *out, bool drop_rest)
{
    char piece[4096];
    ssize_t bytes;
    do {
        bytes = read(*fd, piece, sizeof piece);
    } while (bytes < 0 && errno == EINTR);
    if (bytes > 0) {
        size_t room = out->max_bytes - out->bytes;
        size_t kept = drop_rest && (size_t)bytes > room ? room : (size_t)bytes;
        ir_buf_append(out, piece, kept);
    } else {
        close_fd(fd);
    }
    ir_wipe(piece, sizeof piece);
}

static int read_streams(struct run *run, struct ir_error *err)
{
    while (run->output_fd >= 0 || run->complaint_fd >= 0) {
        int rc = check_patience(run, err);
        if (rc != 0)
            return rc;
        struct pollfd fds[] = {{run->output_fd, POLLIN, 0}, {run->complaint_fd, POLLIN, 0}};
        if (poll(fds, 2, POLL_MS) <= 0)
            continue;
        if (fds[0].revents != 0)
            take(&run->output_fd, &run->output, false);
        if (fds[1].revents != 0)
            take(&run->complaint_fd, &run->complaint, true);
        rc = ir_buf_check(&run->output, "what credential_process writes", err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* True when the program has ended (or is nobody's child any more). */
static bool reap(struct run *run, int flags)
{
    pid_t pid;
    do {
        pid = waitpid(run->pid, &run->status, flags);
    } while (pid < 0 && errno == EINTR);
    if (pid < 0)
        run->status = -1;
    return pid != 0;
}

static int wait_for_end(struct run *run, struct ir_error *err)
{
    const struct timespec pause = {0, REAP_MS * 1000000L};
    while (!reap(run, WNOHANG)) {
        int rc = check_patience(run, err);
        if (rc != 0)
            return rc;
        nanosleep(&pause, NULL);
    }
    return 0;
}

/* Runs the program to its end, or ends it. */
static int run_program(struct run *run, char **words, struct ir_error *err)
{
    int rc = start(run, words, err);
    if (rc == 0) {
        rc = read_streams(run, err);
        if (rc == 0)
            rc = wait_for_end(run, err);
        if (rc != 0) {
            kill(run->pid, SIGKILL);
            reap(run, 0);
        }
    }
    close_fd(&run->output_fd);
    close_fd(&run->complaint_fd);
    return rc;
}

/* ---- what it said ------------------------------------------------------------------------ */

static int fail_run(const struct run *run, struct ir_error *err)
{
    bool has_signal = WIFSIGNALED(run->status);
    char *told = ir_utf8_clean(ir_buf_text(&run->complaint), run->complaint.bytes, MAX_TOLD_BYTES);
    int rc = ir_fail(err, IR_ERR_AUTH, "credential_process of profile \"%s\" ended with %s %d%s%s",
                     run->context->profile, has_signal ? "signal" : "exit code",
                     has_signal ? WTERMSIG(run->status) : WEXITSTATUS(run->status),
                     told != NULL && *told != '\0' ? " and said: " : "", told != NULL ? told : "");
    ir_error_set_hint(err, "Run the program by hand, or correct credential_process.");
    ir_free(told);
    return rc;
}

static int read_answer(const struct run *run, struct ir_credentials **out, struct ir_error *err)
{
    static const struct ir_credentials_names names = {"AccessKeyId", "SecretAccessKey",
                                                      "SessionToken", "Expiration", false};
    struct ir_json_doc *doc = NULL;
    int rc = ir_json_parse_secret(ir_buf_text(&run->output), run->output.bytes,
                                  "the output of credential_process", &doc, err);
    if (rc != 0)
        return rc;
    const struct ir_json_value *root = ir_json_root(doc);
    if (ir_json_number(ir_json_get(root, "Version"), 0.0) != 1.0)
        rc = ir_fail(err, IR_ERR_RESPONSE, "the output of credential_process is not of Version 1");
    else
        rc = ir_credentials_from_json(root, &names, "the output of credential_process", PLACE, out,
                                      err);
    ir_json_free(doc);
    return rc;
}

int ir_credentials_from_process(const struct ir_credentials_context *context,
                                struct ir_credentials **out, struct ir_error *err)
{
    const char *line = ir_aws_profile_get(context->config, context->profile, "credential_process");
    struct run run = {.context = context, .output_fd = -1, .complaint_fd = -1};
    char **words = NULL;
    if (line == NULL) {
        ir_credentials_say(context, PLACE, IR_CREDENTIALS_NOT_SET_UP "profile \"%s\" has none",
                           context->profile);
        return 0;
    }
    int rc = ir_words_split(line, &words, err);
    if (rc == IR_ERR_ARG) {
        struct ir_error cause = *err;
        return ir_fail(err, IR_ERR_AUTH, "credential_process of profile \"%s\" cannot be read: %s",
                       context->profile, cause.message);
    }
    if (rc != 0)
        return rc;
    ir_buf_init_secret(&run.output, MAX_OUTPUT_BYTES);
    ir_buf_init_secret(&run.complaint, MAX_COMPLAINT_BYTES);
    rc = run_program(&run, words, err);
    if (rc == 0 && run.status != 0 && run.status != -1)
        rc = fail_run(&run, err);
    else if (rc == 0)
        rc = read_answer(&run, out, err);
    ir_buf_release(&run.complaint);
    ir_buf_release(&run.output);
    ir_words_free(words);
    return rc;
}
