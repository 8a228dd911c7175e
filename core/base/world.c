/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the real world behind struct ir_world, and the cancel token, which sleeping must see. The
 * token is one lock-free flag, as a signal handler may set it.
 */
#include "core/base/world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include <imgrecog/memory.h>

#include "core/base/alloc.h"
#include "core/base/digest.h"
#include "core/base/error.h"

#define CANCEL_LOOK_MS 50
#define READ_PIECE_BYTES 16384
#define MAX_PATH_BYTES 4096

_Static_assert(ATOMIC_BOOL_LOCK_FREE == 2, "the cancel token must do in a signal handler");

struct ir_cancel {
    atomic_bool is_set;
};

struct ir_cancel *ir_cancel_new(void)
{
    struct ir_cancel *cancel = ir_malloc(sizeof *cancel);
    if (cancel)
        atomic_init(&cancel->is_set, false);
    return cancel;
}

void ir_cancel_set(struct ir_cancel *cancel)
{
    if (cancel)
        atomic_store(&cancel->is_set, true);
}

bool ir_cancel_is_set(const struct ir_cancel *cancel)
{
    return cancel && atomic_load(&cancel->is_set);
}

void ir_cancel_free(struct ir_cancel *cancel)
{
    ir_free(cancel);
}

static int64_t clock_ms(clockid_t clock)
{
    struct timespec now = {0, 0};
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t system_unix_ms(void *context)
{
    (void)context;
    return clock_ms(CLOCK_REALTIME);
}

static int64_t system_monotonic_ms(void *context)
{
    (void)context;
    return clock_ms(CLOCK_MONOTONIC);
}

static bool system_sleep_ms(void *context, long ms, const struct ir_cancel *cancel)
{
    int64_t end_ms = system_monotonic_ms(context) + ms;
    while (!ir_cancel_is_set(cancel)) {
        int64_t left_ms = end_ms - system_monotonic_ms(context);
        if (left_ms <= 0)
            return true;
        if (left_ms > CANCEL_LOOK_MS)
            left_ms = CANCEL_LOOK_MS;
        /* A signal only makes the next look come earlier. */
        struct timespec piece = {0, (long)left_ms * 1000000};
        nanosleep(&piece, NULL);
    }
    return false;
}

static double system_chance(void *context)
{
    uint64_t bits = 0;
    (void)context;
    /* Chance spreads retries; it guards no secret. Without the kernel's, the clock's low bits do.
     */
    if (getrandom(&bits, sizeof bits, 0) != (ssize_t)sizeof bits) {
        struct timespec now = {0, 0};
        clock_gettime(CLOCK_MONOTONIC, &now);
        bits = (uint64_t)now.tv_nsec * 0x9E3779B97F4A7C15U;
    }
    return (double)(bits >> 11) * 0x1p-53;
}

static const char *system_getenv(void *context, const char *name)
{
    (void)context;
    return getenv(name);
}

static const char *const *system_environment(void *context)
{
    (void)context;
    return (const char *const *)environ;
}

/* `doing` is "read" or "write". */
static int fail_file(struct ir_error *err, const char *doing, const char *path, int error_number)
{
    char text[128];
    /* The GNU form: it may answer with a static text instead of writing. */
    return ir_fail(err, IR_ERR_ARG, "cannot %s %s: %s", doing, path,
                   strerror_r(error_number, text, sizeof text));
}

/* Appends everything that `file` holds; 0 or an error. */
static int read_all(int file, const char *path, struct ir_buf *out, struct ir_error *err)
{
    char piece[READ_PIECE_BYTES];
    int result = 0;
    for (;;) {
        ssize_t bytes = read(file, piece, sizeof piece);
        if (bytes < 0 && errno == EINTR)
            continue;
        if (bytes < 0)
            result = fail_file(err, "read", path, errno);
        if (bytes <= 0)
            break;
        ir_buf_append(out, piece, (size_t)bytes);
        result = ir_buf_check(out, path, err);
        if (result)
            break;
    }
    OPENSSL_cleanse(piece, sizeof piece); /* it may be a file of credentials */
    return result;
}

static int system_read_file(void *context, const char *path, struct ir_buf *out, bool *out_missing,
                            struct ir_error *err)
{
    struct stat about;
    int result = 0;
    (void)context;
    *out_missing = false;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        *out_missing = errno == ENOENT || errno == ENOTDIR;
        return fail_file(err, "read", path, errno);
    }
    size_t bytes_before = out->bytes;
    if (fstat(file, &about) < 0)
        result = fail_file(err, "read", path, errno);
    else if (S_ISDIR(about.st_mode))
        result = fail_file(err, "read", path, EISDIR);
    else
        result = read_all(file, path, out, err);
    close(file);
    if (result && out->data) {
        /* Half a file must not be taken for a whole one. */
        out->bytes = bytes_before;
        out->data[bytes_before] = '\0';
    }
    return result;
}

bool ir_world_write_all(int file, const void *data, size_t bytes)
{
    const char *next = data;
    while (bytes > 0) {
        ssize_t written = write(file, next, bytes);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            next += written;
            bytes -= (size_t)written;
        }
    }
    return true;
}

/* A new file beside the old one, then a rename: mkostemp makes it 0600. */
static int system_write_private_file(void *context, const char *path, const void *data,
                                     size_t bytes, struct ir_error *err)
{
    char name[MAX_PATH_BYTES];
    (void)context;
    int chars = snprintf(name, sizeof name, "%s.XXXXXX", path);
    if (chars < 0 || (size_t)chars >= sizeof name)
        return fail_file(err, "write", path, ENAMETOOLONG);
    int file = mkostemp(name, O_CLOEXEC);
    if (file < 0)
        return fail_file(err, "write", path, errno);
    int error_number = ir_world_write_all(file, data, bytes) && fsync(file) == 0 ? 0 : errno;
    if (close(file) != 0 && error_number == 0)
        error_number = errno;
    if (error_number == 0 && rename(name, path) != 0)
        error_number = errno;
    if (error_number == 0)
        return 0;
    unlink(name);
    return fail_file(err, "write", path, error_number);
}

const struct ir_world *ir_world_system(void)
{
    static const struct ir_world system_world = {
        .unix_ms = system_unix_ms,
        .monotonic_ms = system_monotonic_ms,
        .sleep_ms = system_sleep_ms,
        .chance = system_chance,
        .getenv = system_getenv,
        .environment = system_environment,
        .read_file = system_read_file,
        .write_private_file = system_write_private_file,
    };
    return &system_world;
}

/* Writes `number` in `digits` decimal digits. */
static char *put_digits(char *out, int number, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        out[i] = (char)('0' + number % 10);
        number /= 10;
    }
    return out + digits;
}

void ir_world_amz_date(int64_t unix_ms, char out[17])
{
    /* The format has four digits for the year: 1970 to 9999. */
    const int64_t last_second = INT64_C(253402300799);
    int64_t second = unix_ms / 1000;
    if (unix_ms < 0)
        second = 0;
    if (second > last_second)
        second = last_second;
    time_t time = (time_t)second;
    struct tm utc;
    memset(&utc, 0, sizeof utc);
    gmtime_r(&time, &utc);
    char *at = put_digits(out, utc.tm_year + 1900, 4);
    at = put_digits(at, utc.tm_mon + 1, 2);
    at = put_digits(at, utc.tm_mday, 2);
    *at++ = 'T';
    at = put_digits(at, utc.tm_hour, 2);
    at = put_digits(at, utc.tm_min, 2);
    at = put_digits(at, utc.tm_sec, 2);
    *at++ = 'Z';
    *at = '\0';
}

/* 1 to 12; 0 when it is none. */
static int month_number(const char *name)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int month = 1; month <= 12; month++)
        if (memcmp(name, names + 3 * (month - 1), 3) == 0)
            return month;
    return 0;
}

/*
 * Milliseconds of 1970 of a date in UTC that was read: tm_year is the year itself, tm_mon 1 to 12.
 * False when a part is out of range; a day that its month does not have runs into the next one.
 */
static bool read_utc(struct tm *utc, int64_t *out_unix_ms)
{
    if (utc->tm_year < 1970 || utc->tm_mon < 1 || utc->tm_mon > 12 || utc->tm_mday < 1 ||
        utc->tm_mday > 31)
        return false;
    if (utc->tm_hour < 0 || utc->tm_hour > 23 || utc->tm_min < 0 || utc->tm_min > 59 ||
        utc->tm_sec < 0 || utc->tm_sec > 60) /* 60: a leap second */
        return false;
    utc->tm_year -= 1900;
    utc->tm_mon -= 1;
    *out_unix_ms = (int64_t)timegm(utc) * 1000;
    return true;
}

/*
 * Matches the beginning of `text` with `shape`, in which '0' stands for a digit, '*' for any
 * character and the rest for itself. Each run of digits becomes one of `numbers`.
 */
static bool match_shape(const char *text, const char *shape, int *numbers)
{
    bool in_number = false;
    for (; *shape != '\0'; shape++, text++) {
        bool is_digit = *text >= '0' && *text <= '9';
        if (*text == '\0' || (*shape == '0' && !is_digit) ||
            (*shape != '0' && *shape != '*' && *shape != *text))
            return false;
        if (*shape == '0')
            *numbers = (in_number ? *numbers * 10 : 0) + (*text - '0');
        else if (in_number)
            numbers++;
        in_number = *shape == '0';
    }
    return true;
}

bool ir_world_parse_http_date(const char *text, int64_t *out_unix_ms)
{
    static const char shape[] = "***, 00 *** 0000 00:00:00 GMT";
    int n[5];
    if (!match_shape(text, shape, n) || text[sizeof shape - 1] != '\0')
        return false;
    struct tm utc = {
        .tm_mday = n[0], .tm_year = n[1], .tm_hour = n[2], .tm_min = n[3], .tm_sec = n[4]};
    utc.tm_mon = month_number(text + 8);
    return read_utc(&utc, out_unix_ms);
}

/* What may follow the seconds: a fraction, and a sign of UTC. */
static bool is_utc_end(const char *text)
{
    if (*text == '.')
        text += 1 + strspn(text + 1, "0123456789");
    return strcmp(text, "Z") == 0 || strcmp(text, "UTC") == 0 || strcmp(text, "+00:00") == 0;
}

bool ir_world_parse_iso_date(const char *text, int64_t *out_unix_ms)
{
    static const char shape[] = "0000-00-00T00:00:00";
    int n[6];
    if (!match_shape(text, shape, n) || !is_utc_end(text + sizeof shape - 1))
        return false;
    struct tm utc = {.tm_year = n[0],
                     .tm_mon = n[1],
                     .tm_mday = n[2],
                     .tm_hour = n[3],
                     .tm_min = n[4],
                     .tm_sec = n[5]};
    return read_utc(&utc, out_unix_ms);
}

void ir_world_iso_date(int64_t unix_ms, char out[21])
{
    char date[17]; /* "20261120T213500Z" */
    ir_world_amz_date(unix_ms, date);
    snprintf(out, 21, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", date, date + 4, date + 6, date + 9,
             date + 11, date + 13);
}

void ir_world_uuid(const struct ir_world *world, char out[IR_UUID_BYTES])
{
    unsigned char bytes[16];
    char hex[2 * sizeof bytes + 1];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(world->chance(world->context) * 256.0);
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    ir_hex(bytes, sizeof bytes, hex);
    snprintf(out, IR_UUID_BYTES, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
             hex + 20);
}

const char *ir_world_getenv(const struct ir_world *world, const char *name)
{
    const char *value = world->getenv(world->context, name);
    return value && value[0] ? value : NULL;
}

void ir_world_expand_home(const struct ir_world *world, const char *path, struct ir_buf *out)
{
    const char *home = strncmp(path, "~/", 2) == 0 ? ir_world_getenv(world, "HOME") : NULL;
    if (home) {
        ir_buf_append_text(out, home);
        path++;
    }
    ir_buf_append_text(out, path);
}

void ir_world_user_path(const struct ir_world *world, enum ir_user_folder folder, const char *leaf,
                        struct ir_buf *out)
{
    static const struct {
        const char *variable;
        const char *otherwise;
    } folders[] = {
        [IR_USER_CONFIG] = {"XDG_CONFIG_HOME", "~/.config"},
        [IR_USER_STATE] = {"XDG_STATE_HOME", "~/.local/state"},
        [IR_USER_CACHE] = {"XDG_CACHE_HOME", "~/.cache"},
    };
    const char *path = ir_world_getenv(world, folders[folder].variable);
    if (path != NULL && *path == '/') /* a relative one is not valid, says XDG */
        ir_buf_append_text(out, path);
    else
        ir_world_expand_home(world, folders[folder].otherwise, out);
    ir_buf_append_char(out, '/');
    ir_buf_append_text(out, leaf);
}
