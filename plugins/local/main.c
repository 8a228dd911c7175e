/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * imgrecog-local: the embedded AWS-compatible endpoint. Reads the command line, takes the lock,
 * loads the recognisers, serves until it is idle for long enough or is told to end. Started by the
 * core when endpoint=local, or by hand.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/aws/embedded.h"
#include "core/base/error.h"
#include "core/base/world.h"
#include "plugins/local/deadline.h"
#include "plugins/local/listen.h"
#include "plugins/local/local.h"
#include "plugins/local/server.h"

#define SERVICE "imgrecog-local"
#define DEFAULT_IDLE_S 300
#define MAX_IDLE_S 86400
#define DEFAULT_DEADLINE_MS 6000
#define MAX_DEADLINE_MS 60000
#define MAX_PICTURES 4
/* In this time, connections that the kernel has accepted reach a thread. */
#define DRAIN_MS 100
#define MAX_DRAIN_MS 90000
#define MAX_SLEEP_MS 1000 /* how long a newer version of the program may wait for its turn */

struct options {
    const char *socket_path; /* NULL: the user's own */
    int port;                /* -1: Unix socket */
    long idle_s;             /* 0: never ends by itself */
    const char *languages;   /* NULL: what is installed */
    int ready_fd;            /* -1: none */
    long deadline_ms;
    const char *s3_folder; /* NULL: the user's own */
};

static const char help_text[] =
    "Usage: imgrecog-local [--socket PATH | --port N] [--idle SECONDS] [--languages LIST]\n"
    "                      [--deadline-ms N] [--s3-folder DIR] [--ready-fd N]\n"
    "\n"
    "Answers AWS calls on this machine, and refuses what it cannot know or do:\n"
    "  Rekognition  DetectLabels, DetectText, DetectFaces from the pixels alone: frontal faces,\n"
    "               text, bar codes, colours; pictures inline or in the local S3\n"
    "  S3           buckets and objects in a folder, multipart uploads, presigned URLs\n"
    "  Bedrock      imgrecog.local-describer-v1 says in words or JSON what was found, and does "
    "not\n"
    "               reason; imgrecog.local-standin-sdxl-v1 and imgrecog.local-standin-image-v1\n"
    "               draw a picture that says that it is a stand-in\n"
    "  SageMaker    imgrecog-local-classifier: probabilities of portrait, document, code, other\n"
    "  CloudWatch Logs into files in $XDG_STATE_HOME/imgrecog/logs; STS GetCallerIdentity\n"
    "\n"
    "  --socket PATH     listen on this Unix socket, which only you can open (default: your own\n"
    "                    in $XDG_RUNTIME_DIR/imgrecog; one server for a socket)\n"
    "  --port N          listen on 127.0.0.1, port N; 0 takes any. Prints the port. Every user of\n"
    "                    this machine can then use the server, its buckets and its logs, since\n"
    "                    its key is no secret. For another program:\n"
    "                      export AWS_ENDPOINT_URL=http://127.0.0.1:N AWS_REGION=us-east-1\n"
    "                      export AWS_ACCESS_KEY_ID=" IR_EMBEDDED_ACCESS_KEY_ID "\n"
    "                      export AWS_SECRET_ACCESS_KEY=" IR_EMBEDDED_SECRET_KEY "\n"
    "  --idle SECONDS    end after so long without a request (default 300; 0: never)\n"
    "  --languages LIST  languages of text, as Tesseract names them (default: eng+kor, or eng\n"
    "                    where Korean is not installed)\n"
    "  --deadline-ms N   time for looking at one picture (default 6000); what is not finished\n"
    "                    then is said in the answer\n"
    "  --s3-folder DIR   where buckets are kept (default: $XDG_DATA_HOME/imgrecog/s3, made when\n"
    "                    it is first needed)\n"
    "  --ready-fd N      write the socket or port and a line feed to this descriptor when ready\n"
    "  --help, --version\n"
    "\n"
    "Environment: IMGRECOG_LOCAL_SOCKET the socket; IMGRECOG_LOCAL_CASCADE the face cascade.\n"
    "A program that uses imgrecog with endpoint=local starts this by itself.\n";

static int report(const struct ir_error *err)
{
    char line[1536];
    fprintf(stderr, "%s\n", ir_error_line(err, line, sizeof line));
    return 1;
}

/* ---- command line ------------------------------------------------------------------------ */

static bool read_count(const char *option, long minimum, long maximum, long *out)
{
    char *end;
    errno = 0;
    long number = strtol(optarg, &end, 10);
    if (errno == 0 && end != optarg && *end == '\0' && number >= minimum && number <= maximum) {
        *out = number;
        return true;
    }
    fprintf(stderr, "imgrecog-local: %s takes a number from %ld to %ld, not \"%s\"\n", option,
            minimum, maximum, optarg);
    return false;
}

/* 0: go on; else exit with `*out_status`. */
static int read_option(int letter, struct options *options, int *out_status)
{
    long number = 0;
    bool good = true;
    switch (letter) {
    case 's':
        options->socket_path = optarg;
        break;
    case 'p':
        good = read_count("--port", 0, 65535, &number);
        options->port = (int)number;
        break;
    case 'i':
        good = read_count("--idle", 0, MAX_IDLE_S, &options->idle_s);
        break;
    case 'l':
        options->languages = optarg;
        break;
    case 'd':
        good = read_count("--deadline-ms", 1, MAX_DEADLINE_MS, &options->deadline_ms);
        break;
    case 'r':
        good = read_count("--ready-fd", 0, 1023, &number);
        options->ready_fd = (int)number;
        break;
    case 'f':
        options->s3_folder = optarg;
        break;
    case 'h':
        *out_status = fputs(help_text, stdout) < 0;
        return 1;
    case 'v':
        *out_status = puts("imgrecog-local " IR_VERSION) < 0;
        return 1;
    default:
        good = false;
        break;
    }
    *out_status = 2;
    return good ? 0 : 1;
}

static int read_options(int argc, char **argv, struct options *options, int *out_status)
{
    static const struct option known[] = {
        {"socket", required_argument, NULL, 's'},    {"port", required_argument, NULL, 'p'},
        {"idle", required_argument, NULL, 'i'},      {"languages", required_argument, NULL, 'l'},
        {"ready-fd", required_argument, NULL, 'r'},  {"deadline-ms", required_argument, NULL, 'd'},
        {"s3-folder", required_argument, NULL, 'f'}, {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},         {NULL, 0, NULL, 0},
    };
    int letter;
    while ((letter = getopt_long(argc, argv, "", known, NULL)) != -1)
        if (read_option(letter, options, out_status) != 0)
            return 1;
    *out_status = 2;
    if (optind < argc) {
        fprintf(stderr, "imgrecog-local: unexpected argument \"%s\"; see --help\n", argv[optind]);
        return 1;
    }
    if (options->socket_path != NULL && options->port >= 0) {
        fputs("imgrecog-local: --socket and --port exclude each other\n", stderr);
        return 1;
    }
    if (options->ready_fd >= 0 && fcntl(options->ready_fd, F_GETFD) < 0) {
        fprintf(stderr, "imgrecog-local: --ready-fd %d is not open\n", options->ready_fd);
        return 1;
    }
    return 0;
}

/* ---- recognisers ------------------------------------------------------------------------- */

static int count_pictures(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > MAX_PICTURES ? MAX_PICTURES : (int)processors;
}

static int load_recognisers(const struct options *options, struct cascade **out_cascade,
                            struct text_reader **out_reader, struct ir_error *err)
{
    const char *path = ir_world_getenv(ir_world_system(), "IMGRECOG_LOCAL_CASCADE");
    int rc = cascade_load(path != NULL ? path : IR_LOCAL_CASCADE, out_cascade, err);
    if (rc == 0)
        rc = text_reader_new(options->languages, count_pictures(), out_reader, err);
    return rc;
}

/* ---- serving ----------------------------------------------------------------------------- */

static void tell_ready(const struct options *options, const struct listener *listener)
{
    if (listener->port > 0) {
        printf("%d\n", listener->port);
        fflush(stdout);
    }
    if (options->ready_fd < 0)
        return;
    if (listener->port > 0)
        dprintf(options->ready_fd, "%d\n", listener->port);
    else
        dprintf(options->ready_fd, "%s\n", listener->path);
    close(options->ready_fd);
}

/* Sleeps until one of `signals` comes (true) or `timeout_ms` has passed. */
static bool wait_signal(const sigset_t *signals, int64_t timeout_ms)
{
    if (timeout_ms > MAX_SLEEP_MS)
        timeout_ms = MAX_SLEEP_MS;
    const struct timespec timeout = {.tv_sec = (time_t)(timeout_ms / 1000),
                                     .tv_nsec = (long)(timeout_ms % 1000) * 1000000L};
    return sigtimedwait(signals, NULL, &timeout) > 0;
}

/* True when another version lies where this program came from: the next caller shall get that. */
static bool is_replaced(void)
{
    static const char mark[] = " (deleted)";
    char path[PATH_MAX];
    ssize_t bytes = readlink("/proc/self/exe", path, sizeof path - 1);
    size_t mark_bytes = sizeof mark - 1;
    return bytes > (ssize_t)mark_bytes &&
           memcmp(path + (size_t)bytes - mark_bytes, mark, mark_bytes) == 0;
}

static void serve(struct server *server, const sigset_t *signals, int64_t idle_ms)
{
    for (;;) {
        int64_t idle_for_ms = server_idle_ms(server);
        int64_t left_ms = idle_ms > 0 ? idle_ms - idle_for_ms : MAX_SLEEP_MS;
        if (left_ms <= 0 || (idle_for_ms > 0 && is_replaced()) || wait_signal(signals, left_ms))
            return;
    }
}

/* After the socket's name is gone: those who had connected are served to the end. */
static void drain(struct server *server, const sigset_t *signals)
{
    int64_t deadline_ms = deadline_now_ms() + MAX_DRAIN_MS;
    do {
        if (wait_signal(signals, DRAIN_MS))
            return;
    } while (server_idle_ms(server) == 0 && !deadline_passed(deadline_ms));
}

static int run(const struct options *options, const sigset_t *signals, struct listener *listener,
               struct ir_error *err)
{
    struct cascade *cascade = NULL;
    struct text_reader *reader = NULL;
    struct server *server = NULL;
    struct local local;
    local_init(&local);
    int rc = load_recognisers(options, &cascade, &reader, err);
    if (rc == 0 && options->s3_folder != NULL)
        rc = local_open_s3(&local, options->s3_folder, err);
    if (rc == 0)
        rc = options->port >= 0 ? listener_open_tcp(listener, options->port, err)
                                : listener_open_unix(listener, err);
    if (rc != 0)
        goto out;
    const struct recognisers recognisers = {
        .cascade = cascade, .reader = reader, .deadline_ms = options->deadline_ms};
    local.recognisers = &recognisers;
    rc = server_start(listener->socket_fd, &local, count_pictures(), &server, err);
    if (rc != 0)
        goto out;
    tell_ready(options, listener);
    serve(server, signals, (int64_t)options->idle_s * 1000);
    listener_withdraw(listener);
    drain(server, signals);
out:
    server_stop(server);
    listener_withdraw(listener);
    local_release(&local);
    text_reader_free(reader);
    cascade_free(cascade);
    return rc;
}

/*
 * Tesseract's OpenMP would use every processor for one page, and waste most of it; requests share
 * them already. The OpenMP library reads its limit when it is loaded, so the program starts anew
 * with the limit set. If that fails, it is only slower.
 */
static void limit_openmp(char **argv)
{
    const char *limit = getenv("OMP_THREAD_LIMIT");
    if (limit != NULL && strcmp(limit, "1") == 0)
        return;
    if (setenv("OMP_THREAD_LIMIT", "1", 1) == 0)
        execv("/proc/self/exe", argv);
}

static int lock_socket(const struct options *options, struct listener *listener, bool *out_other,
                       struct ir_error *err)
{
    char own_path[IR_EMBEDDED_PATH_BYTES];
    const char *path = options->socket_path;
    if (path == NULL) {
        int rc = ir_embedded_socket_path(own_path, err);
        if (rc != 0)
            return rc;
        path = own_path;
    }
    return listener_lock(listener, path, out_other, err);
}

int main(int argc, char **argv)
{
    struct options options = {
        .port = -1, .idle_s = DEFAULT_IDLE_S, .ready_fd = -1, .deadline_ms = DEFAULT_DEADLINE_MS};
    struct listener listener = {.socket_fd = -1, .lock_fd = -1};
    struct ir_error err;
    int status = 0;
    if (read_options(argc, argv, &options, &status) != 0)
        return status;
    limit_openmp(argv);
    signal(SIGPIPE, SIG_IGN);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    bool other = false;
    ir_error_clear(&err);
    if (options.port < 0 && lock_socket(&options, &listener, &other, &err) != 0)
        return report(&err);
    if (other)
        return 0;
    return run(&options, &signals, &listener, &err) == 0 ? 0 : report(&err);
}
