/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine's floor: the least work that brings a picture to DetectLabels.
 *
 *     bench-floor PORT FOLDER COUNT THREADS [source-hash] [openssl-base64]
 *
 * Each thread reads a picture of FOLDER, makes its base64 in pieces that stay in the cache, hashes
 * them, and writes head and body with blocking calls to a connection of its own. There is no
 * signature, no checking of the picture, no reading of the answer beyond its end: no client that
 * does the job can be faster by more than the noise. `source-hash` adds the SHA-256 of the
 * picture's own bytes, which result documents hold by default; `openssl-base64` takes OpenSSL's
 * encoder instead of the core's, which is faster. `bench-floor limits` prints what one core does.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "core/base/base64.h"
#include "tests/bench/bench.h"

#define PIECE_BYTES (36U * 1024) /* a multiple of 3 */
#define HEAD_BYTES 1024
#define LIMIT_BYTES ((size_t)1500000) /* a multiple of 3 */
#define LIMIT_REPEATS 200

static const char before[] = "{\"Image\":{\"Bytes\":\"";
static const char behind[] = "\"},\"MaxLabels\":100,\"MinConfidence\":55}";

struct job {
    const struct bench_pictures *pictures;
    in_port_t port;
    size_t count;
    atomic_size_t next;
    atomic_bool failed;
    bool hashes_source;
    bool uses_openssl;
};

/* ---- one picture ------------------------------------------------------------------------- */

static size_t encode(const struct job *job, const unsigned char *data, size_t bytes, char *out)
{
    if (job->uses_openssl)
        return (size_t)EVP_EncodeBlock((unsigned char *)out, data, (int)bytes);
    return ir_base64_encode(data, bytes, out);
}

/* The request's body to `out`, hashed on the way. */
static size_t make_body(const struct job *job, const struct bench_file *file, char *out,
                        unsigned char digest[EVP_MAX_MD_SIZE])
{
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    EVP_DigestInit_ex(hash, EVP_sha256(), NULL);
    memcpy(out, before, sizeof before - 1);
    size_t written = sizeof before - 1;
    EVP_DigestUpdate(hash, out, written);
    for (size_t at = 0; at < file->bytes; at += PIECE_BYTES) {
        size_t left_bytes = file->bytes - at;
        size_t piece = encode(job, file->data + at,
                              left_bytes < PIECE_BYTES ? left_bytes : PIECE_BYTES, out + written);
        EVP_DigestUpdate(hash, out + written, piece);
        written += piece;
    }
    memcpy(out + written, behind, sizeof behind - 1);
    EVP_DigestUpdate(hash, behind, sizeof behind - 1);
    EVP_DigestFinal_ex(hash, digest, NULL);
    EVP_MD_CTX_free(hash);
    return written + sizeof behind - 1;
}

static size_t make_head(const unsigned char digest[EVP_MAX_MD_SIZE], size_t body_bytes,
                        char head[HEAD_BYTES])
{
    int bytes = snprintf(head, HEAD_BYTES,
                         "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                         "Content-Type: application/x-amz-json-1.1\r\n"
                         "X-Amz-Target: RekognitionService.DetectLabels\r\n"
                         "Content-Length: %zu\r\nX-Amz-Content-Sha256: ",
                         body_bytes);
    for (size_t i = 0; i < 32; i++)
        bytes += snprintf(head + bytes, HEAD_BYTES - (size_t)bytes, "%02x", digest[i]);
    bytes += snprintf(head + bytes, HEAD_BYTES - (size_t)bytes, "\r\n\r\n");
    return (size_t)bytes;
}

static bool send_all(int fd, const char *head, size_t head_bytes, const char *body,
                     size_t body_bytes)
{
    size_t done = 0;
    while (done < head_bytes + body_bytes) {
        struct iovec parts[2] = {{(char *)head + done, 0}, {(char *)body, body_bytes}};
        if (done < head_bytes) {
            parts[0].iov_len = head_bytes - done;
        } else {
            parts[1].iov_base = (char *)body + (done - head_bytes);
            parts[1].iov_len = body_bytes - (done - head_bytes);
        }
        ssize_t sent = writev(fd, parts, 2);
        if (sent <= 0)
            return false;
        done += (size_t)sent;
    }
    return true;
}

/* Reads one answer; true when its status is 200. */
static bool read_answer(int fd)
{
    char answer[8192];
    size_t bytes = 0;
    const char *end = NULL;
    size_t wanted = sizeof answer;
    while (bytes < wanted) {
        ssize_t got = recv(fd, answer + bytes, sizeof answer - 1 - bytes, 0);
        if (got <= 0)
            return false;
        bytes += (size_t)got;
        answer[bytes] = '\0';
        end = strstr(answer, "\r\n\r\n");
        const char *length = strstr(answer, "Content-Length: ");
        if (end != NULL && length != NULL)
            wanted = (size_t)(end + 4 - answer) + strtoul(length + 16, NULL, 10);
    }
    return strncmp(answer, "HTTP/1.1 200 ", 13) == 0;
}

/* ---- threads ----------------------------------------------------------------------------- */

static int connect_to(in_port_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static bool send_picture(const struct job *job, const struct bench_file *file, int fd, char *body)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char head[HEAD_BYTES];
    if (job->hashes_source &&
        EVP_Digest(file->data, file->bytes, digest, NULL, EVP_sha256(), NULL) != 1)
        return false;
    size_t body_bytes = make_body(job, file, body, digest);
    size_t head_bytes = make_head(digest, body_bytes, head);
    return send_all(fd, head, head_bytes, body, body_bytes) && read_answer(fd);
}

static void work(void *context)
{
    struct job *job = context;
    struct bench_file file = {0};
    size_t room = ir_base64_length(BENCH_MAX_FILE_BYTES) + sizeof before + sizeof behind;
    char *body = malloc(room);
    int fd = connect_to(job->port);
    bool good = body != NULL && fd >= 0;
    for (size_t i; good && (i = atomic_fetch_add(&job->next, 1)) < job->count;)
        good = bench_read(job->pictures, i, &file) && send_picture(job, &file, fd, body);
    if (!good)
        atomic_store(&job->failed, true);
    if (fd >= 0)
        close(fd);
    free(body);
    bench_file_release(&file);
}

/* ---- what one core does ------------------------------------------------------------------ */

/* GB/s of processor time, so that other load on the machine counts little. */
static double rate(double started_ms, size_t bytes)
{
    return (double)bytes * LIMIT_REPEATS / (bench_cpu_ms() - started_ms) / 1e6;
}

static int print_limits(void)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    static unsigned char data[LIMIT_BYTES];
    static char text[LIMIT_BYTES / 3 * 4 + 1];
    unsigned seed = 1;
    for (size_t i = 0; i < LIMIT_BYTES; i++) {
        seed = seed * 1103515245U + 12345U;
        data[i] = (unsigned char)(seed >> 16);
    }
    double started_ms = bench_cpu_ms();
    for (int i = 0; i < LIMIT_REPEATS; i++)
        EVP_Digest(data, LIMIT_BYTES, digest, NULL, EVP_sha256(), NULL);
    printf("{\"sha256_gb_s\":%.3f,", rate(started_ms, LIMIT_BYTES));
    started_ms = bench_cpu_ms();
    for (int i = 0; i < LIMIT_REPEATS; i++)
        EVP_EncodeBlock((unsigned char *)text, data, (int)LIMIT_BYTES);
    printf("\"openssl_base64_gb_s\":%.3f,", rate(started_ms, LIMIT_BYTES));
    started_ms = bench_cpu_ms();
    for (int i = 0; i < LIMIT_REPEATS; i++)
        ir_base64_encode(data, LIMIT_BYTES, text);
    printf("\"base64_gb_s\":%.3f,\"openssl\":\"%s\"}\n", rate(started_ms, LIMIT_BYTES),
           OpenSSL_version(OPENSSL_VERSION));
    return 0;
}

int main(int argc, char **argv)
{
    struct bench_pictures pictures = {0};
    if (argc == 2 && strcmp(argv[1], "limits") == 0)
        return print_limits();
    if (argc < 5 || !bench_pictures_find(&pictures, argv[2])) {
        fprintf(stderr, "usage: bench-floor PORT FOLDER COUNT THREADS "
                        "[source-hash] [openssl-base64]\n");
        return 2;
    }
    struct job job = {.pictures = &pictures,
                      .port = (in_port_t)strtoul(argv[1], NULL, 10),
                      .count = strtoul(argv[3], NULL, 10)};
    for (int i = 5; i < argc; i++) {
        job.hashes_source |= strcmp(argv[i], "source-hash") == 0;
        job.uses_openssl |= strcmp(argv[i], "openssl-base64") == 0;
    }
    struct bench_span span = bench_begin();
    bool ran = bench_run_threads(strtoul(argv[4], NULL, 10), work, &job);
    if (!ran || atomic_load(&job.failed)) {
        fprintf(stderr, "bench-floor: a request failed\n");
        return 1;
    }
    bench_end(&span, job.count);
    bench_pictures_release(&pictures);
    return 0;
}
