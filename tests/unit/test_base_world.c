/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real world: files, sleep and cancel, dates; and the helpers on a world that the test makes.
 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/world.h"

#define SECRET "aws_secret_access_key=hunter2"

#define NOBODY 65534

static char folder[] = "/tmp/imgrecog-test-XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, size_t bytes)
{
    FILE *file = fopen(in_folder(name), "w");
    if (file == NULL)
        fail_msg("%s cannot be written", in_folder(name));
    for (size_t i = 0; i < bytes; i++)
        fputc('a' + (int)(i % 26), file);
    assert_int_equal(fclose(file), 0);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"empty", "file", "pipe", "private"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unlink(in_folder(names[i]));
    return rmdir(folder);
}

static int read_file(const char *path, struct ir_buf *out, bool *out_missing, struct ir_error *err)
{
    const struct ir_world *world = ir_world_system();
    return world->read_file(world->context, path, out, out_missing, err);
}

struct size_row {
    const char *name;
    size_t bytes;
    size_t max_bytes;
    int result;
};

static const struct size_row size_rows[] = {
    {"empty file", 0, 10, 0},
    {"empty file, maximum 0", 0, 0, 0},
    {"one byte", 1, 10, 0},
    {"a piece", 16384, 100000, 0},
    {"a piece and one byte", 16385, 100000, 0},
    {"at the maximum", 50000, 50000, 0},
    {"over the maximum", 50001, 50000, IR_ERR_TOO_LARGE},
};

static void test_file_size(void **state)
{
    const struct size_row *row = *state;
    struct ir_buf out;
    struct ir_error err;
    bool missing = true;
    write_file("file", row->bytes);
    ir_buf_init_secret(&out, row->max_bytes);
    assert_int_equal(read_file(in_folder("file"), &out, &missing, &err), row->result);
    assert_false(missing);
    if (row->result) {
        assert_non_null(strstr(err.message, in_folder("file")));
        assert_int_equal(out.bytes, 0); /* half a file is none */
    } else {
        assert_int_equal(out.bytes, row->bytes);
        for (size_t i = 0; i < out.bytes; i++)
            assert_int_equal(out.data[i], 'a' + i % 26);
    }
    ir_buf_release(&out);
}

struct bad_row {
    const char *name;
    const char *path;
    bool missing;
    const char *message;
};

static const struct bad_row bad_rows[] = {
    {"missing", "/nonexistent/file", true,
     "cannot read /nonexistent/file: No such file or directory"},
    {"below a file", "/etc/passwd/x", true, "cannot read /etc/passwd/x: Not a directory"},
    {"folder", "/tmp", false, "cannot read /tmp: Is a directory"},
    {"empty path", "", true, "cannot read : No such file or directory"},
};

static void test_file_bad(void **state)
{
    const struct bad_row *row = *state;
    struct ir_buf out;
    struct ir_error err;
    bool missing = !row->missing;
    ir_buf_init(&out, 100);
    ir_buf_append_text(&out, "kept");
    assert_int_equal(read_file(row->path, &out, &missing, &err), IR_ERR_ARG);
    assert_int_equal(missing, row->missing);
    assert_string_equal(err.message, row->message);
    assert_string_equal(ir_buf_text(&out), "kept");
    ir_buf_release(&out);
}

static void test_file_no_permission(void **state)
{
    (void)state;
    struct ir_buf out;
    struct ir_error err;
    bool missing = true;
    write_file("empty", 0);
    assert_int_equal(chmod(in_folder("empty"), 0), 0);
    /* Root may read every file, so it becomes nobody for a moment. */
    bool is_root = geteuid() == 0;
    if (is_root)
        assert_int_equal(seteuid(NOBODY), 0);
    ir_buf_init(&out, 100);
    int rc = read_file(in_folder("empty"), &out, &missing, &err);
    if (is_root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(rc, IR_ERR_ARG);
    assert_false(missing); /* there, but not readable: not to be passed over in silence */
    assert_non_null(strstr(err.message, "Permission denied"));
    ir_buf_release(&out);
}

static void *feed_pipe(void *path)
{
    FILE *pipe = fopen(path, "w");
    if (pipe) {
        fputs(SECRET, pipe);
        fclose(pipe);
    }
    return NULL;
}

/* AWS_SHARED_CREDENTIALS_FILE may be <(command). */
static void test_pipe(void **state)
{
    (void)state;
    struct ir_buf out;
    bool missing = true;
    pthread_t thread;
    char path[128];
    snprintf(path, sizeof path, "%s", in_folder("pipe"));
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(pthread_create(&thread, NULL, feed_pipe, path), 0);
    ir_buf_init_secret(&out, 1000);
    assert_int_equal(read_file(path, &out, &missing, NULL), 0);
    pthread_join(thread, NULL);
    assert_string_equal(ir_buf_text(&out), SECRET);
    ir_buf_release(&out);
}

static void test_endless_file(void **state)
{
    (void)state;
    struct ir_buf out;
    bool missing = true;
    ir_buf_init(&out, 100000);
    assert_int_equal(read_file("/dev/zero", &out, &missing, NULL), IR_ERR_TOO_LARGE);
    ir_buf_release(&out);
}

static void test_clocks(void **state)
{
    (void)state;
    const struct ir_world *world = ir_world_system();
    int64_t unix_ms = world->unix_ms(world->context);
    assert_true(unix_ms / 1000 >= time(NULL) - 2 && unix_ms / 1000 <= time(NULL) + 2);
    int64_t before = world->monotonic_ms(world->context);
    assert_true(world->sleep_ms(world->context, 120, NULL));
    int64_t took = world->monotonic_ms(world->context) - before;
    assert_true(took >= 120 && took < 5000);
    assert_true(world->sleep_ms(world->context, 0, NULL));
    assert_true(world->sleep_ms(world->context, -5, NULL));
}

static void *set_soon(void *cancel)
{
    struct timespec pause = {0, 100000000};
    nanosleep(&pause, NULL);
    ir_cancel_set(cancel);
    return NULL;
}

static void test_cancel(void **state)
{
    (void)state;
    const struct ir_world *world = ir_world_system();
    struct ir_cancel *cancel = ir_cancel_new();
    pthread_t thread;
    assert_non_null(cancel);
    assert_false(ir_cancel_is_set(cancel));
    assert_true(world->sleep_ms(world->context, 1, cancel));
    assert_int_equal(pthread_create(&thread, NULL, set_soon, cancel), 0);
    int64_t before = world->monotonic_ms(world->context);
    clock_t used_before = clock();
    assert_false(world->sleep_ms(world->context, 60000, cancel));
    assert_true(world->monotonic_ms(world->context) - before < 5000);
    assert_true(clock() - used_before < CLOCKS_PER_SEC / 100); /* it slept, and did not spin */
    pthread_join(thread, NULL);
    assert_true(ir_cancel_is_set(cancel));
    assert_false(world->sleep_ms(world->context, 60000, cancel));
    assert_false(world->sleep_ms(world->context, 0, cancel));
    ir_cancel_free(cancel);
    ir_cancel_free(NULL);
    ir_cancel_set(NULL);
    assert_false(ir_cancel_is_set(NULL));
}

static void test_chance(void **state)
{
    (void)state;
    const struct ir_world *world = ir_world_system();
    double sum = 0;
    double first = world->chance(world->context);
    unsigned same = 0;
    for (int i = 0; i < 10000; i++) {
        double chance = world->chance(world->context);
        assert_true(chance >= 0 && chance < 1);
        same += chance == first;
        sum += chance;
    }
    assert_true(same < 3);
    assert_true(sum > 4500 && sum < 5500); /* 17 standard deviations */
}

struct date_row {
    const char *name;
    int64_t unix_ms;
    const char *date;
};

static const struct date_row date_rows[] = {
    {"the epoch", 0, "19700101T000000Z"},
    {"milliseconds are dropped", 999, "19700101T000000Z"},
    {"a day of 2026", INT64_C(1795210500000), "20261120T213500Z"},
    {"a leap day", INT64_C(1709210096000), "20240229T123456Z"},
    {"the last second of a year", INT64_C(1767225599999), "20251231T235959Z"},
    {"after 2038", INT64_C(4102444800000), "21000101T000000Z"},
    {"before the epoch", -1, "19700101T000000Z"},
    {"smallest", INT64_MIN, "19700101T000000Z"},
    {"largest", INT64_MAX, "99991231T235959Z"},
};

static void test_date(void **state)
{
    const struct date_row *row = *state;
    char out[17];
    ir_world_amz_date(row->unix_ms, out);
    assert_string_equal(out, row->date);
}

struct http_date_row {
    const char *name;
    const char *text;
    int64_t unix_ms; /* -1: refused */
};

static const struct http_date_row http_date_rows[] = {
    {"http date", "Fri, 20 Nov 2026 21:35:00 GMT", INT64_C(1795210500000)},
    {"http date, the epoch", "Thu, 01 Jan 1970 00:00:00 GMT", 0},
    {"http date, a leap day", "Thu, 29 Feb 2024 12:34:56 GMT", INT64_C(1709210096000)},
    {"http date, the last second", "Wed, 31 Dec 2025 23:59:59 GMT", INT64_C(1767225599000)},
    {"http date, a leap second", "Sat, 31 Dec 2016 23:59:60 GMT", INT64_C(1483228800000)},
    {"http date, nothing", "", -1},
    {"http date, cut", "Fri, 20 Nov 2026 21:35", -1},
    {"http date, no zone", "Fri, 20 Nov 2026 21:35:00", -1},
    {"http date, another zone", "Fri, 20 Nov 2026 21:35:00 CET", -1},
    {"http date, text behind", "Fri, 20 Nov 2026 21:35:00 GMT!", -1},
    {"http date, no month", "Fri, 20 Nox 2026 21:35:00 GMT", -1},
    {"http date, month across two", "Fri, 20 anF 2026 21:35:00 GMT", -1},
    {"http date, day 0", "Fri, 00 Nov 2026 21:35:00 GMT", -1},
    {"http date, day 32", "Fri, 32 Nov 2026 21:35:00 GMT", -1},
    {"http date, hour 24", "Fri, 20 Nov 2026 24:00:00 GMT", -1},
    {"http date, minute 60", "Fri, 20 Nov 2026 21:60:00 GMT", -1},
    {"http date, second 61", "Fri, 20 Nov 2026 21:35:61 GMT", -1},
    {"http date, negative hour", "Fri, 20 Nov 2026 -1:35:00 GMT", -1},
    {"http date, old year", "Fri, 20 Nov 0026 21:35:00 GMT", -1},
    {"http date, RFC 850", "Friday, 20-Nov-26 21:35:00 GMT", -1},
    {"http date, asctime", "Fri Nov 20 21:35:00 2026", -1},
};

static void test_http_date(void **state)
{
    const struct http_date_row *row = *state;
    int64_t unix_ms = -1;
    assert_int_equal(ir_world_parse_http_date(row->text, &unix_ms), row->unix_ms != -1);
    assert_true(unix_ms == row->unix_ms);
}

static const struct http_date_row iso_date_rows[] = {
    {"iso date", "2026-11-20T21:35:00Z", INT64_C(1795210500000)},
    {"iso date, a fraction is cut off", "2026-11-20T21:35:00.999999Z", INT64_C(1795210500000)},
    {"iso date, offset 0", "2026-11-20T21:35:00+00:00", INT64_C(1795210500000)},
    {"iso date, UTC", "2026-11-20T21:35:00UTC", INT64_C(1795210500000)},
    {"iso date, the epoch", "1970-01-01T00:00:00Z", 0},
    {"iso date, nothing", "", -1},
    {"iso date, no zone", "2026-11-20T21:35:00", -1},
    {"iso date, another zone", "2026-11-20T21:35:00+01:00", -1},
    {"iso date, text behind", "2026-11-20T21:35:00Zx", -1},
    {"iso date, cut", "2026-11-20T21:35Z", -1},
    {"iso date, month 13", "2026-13-20T21:35:00Z", -1},
    {"iso date, day 0", "2026-11-00T21:35:00Z", -1},
    {"iso date, hour 24", "2026-11-20T24:35:00Z", -1},
    {"iso date, old year", "1969-11-20T21:35:00Z", -1},
};

static void test_iso_date(void **state)
{
    const struct http_date_row *row = *state;
    int64_t unix_ms = -1;
    assert_int_equal(ir_world_parse_iso_date(row->text, &unix_ms), row->unix_ms != -1);
    assert_true(unix_ms == row->unix_ms);
    if (unix_ms >= 0) {
        char back[21];
        ir_world_iso_date(unix_ms, back);
        assert_memory_equal(back, row->text, 19);
        assert_string_equal(back + 19, "Z");
    }
}

static void test_write_private_file(void **state)
{
    (void)state;
    const struct ir_world *world = ir_world_system();
    struct ir_error err;
    struct ir_buf out;
    struct stat about;
    bool missing = true;
    for (int run = 0; run < 2; run++) { /* new, then over what is there */
        const char *text = run ? "second" : SECRET;
        assert_int_equal(world->write_private_file(world->context, in_folder("private"), text,
                                                   strlen(text), &err),
                         0);
        assert_int_equal(stat(in_folder("private"), &about), 0);
        assert_int_equal(about.st_mode & 0777, 0600);
        ir_buf_init_secret(&out, 1000);
        assert_int_equal(read_file(in_folder("private"), &out, &missing, &err), 0);
        assert_string_equal(ir_buf_text(&out), text);
        ir_buf_release(&out);
    }
    assert_int_equal(
        world->write_private_file(world->context, in_folder("none/private"), SECRET, 1, &err),
        IR_ERR_ARG);
    assert_non_null(strstr(err.message, in_folder("none/private")));
    assert_null(strstr(err.message, "hunter2"));
    assert_int_equal(world->write_private_file(world->context, "/dev/full/x", SECRET, 1, &err),
                     IR_ERR_ARG);
}

static const char *test_getenv(void *context, const char *name)
{
    if (!strcmp(name, "HOME"))
        return context;
    return strcmp(name, "EMPTY") == 0 ? "" : NULL;
}

struct home_row {
    const char *name;
    const char *home;
    const char *path;
    const char *expanded;
};

static const struct home_row home_rows[] = {
    {"home", "/home/x", "~/.aws/config", "/home/x/.aws/config"},
    {"absolute", "/home/x", "/etc/~/x", "/etc/~/x"},
    {"another user's", "/home/x", "~root/x", "~root/x"},
    {"no home", NULL, "~/.aws/config", "~/.aws/config"},
    {"empty home", "", "~/.aws/config", "~/.aws/config"},
    {"empty path", "/home/x", "", ""},
};

static void test_home(void **state)
{
    const struct home_row *row = *state;
    struct ir_world world = {.context = (void *)row->home, .getenv = test_getenv};
    struct ir_buf out;
    ir_buf_init(&out, 100);
    ir_world_expand_home(&world, row->path, &out);
    assert_string_equal(ir_buf_text(&out), row->expanded);
    ir_buf_release(&out);
}

static void test_environment(void **state)
{
    (void)state;
    struct ir_world world = {.context = (void *)"/home/x", .getenv = test_getenv};
    assert_string_equal(ir_world_getenv(&world, "HOME"), "/home/x");
    assert_null(ir_world_getenv(&world, "EMPTY"));
    assert_null(ir_world_getenv(&world, "NONE"));
    setenv("IMGRECOG_TEST_VARIABLE", "v", 1);
    assert_string_equal(ir_world_getenv(ir_world_system(), "IMGRECOG_TEST_VARIABLE"), "v");
    unsetenv("IMGRECOG_TEST_VARIABLE");
    assert_null(ir_world_getenv(ir_world_system(), "IMGRECOG_TEST_VARIABLE"));
}

static double middle(void *context)
{
    (void)context;
    return 0.5;
}

static double highest(void *context)
{
    (void)context;
    return 0x1.fffffffffffffp-1;
}

static void test_uuid(void **state)
{
    (void)state;
    struct ir_world world = {.chance = middle};
    char uuid[IR_UUID_BYTES];
    char other[IR_UUID_BYTES];
    ir_world_uuid(&world, uuid);
    assert_string_equal(uuid, "80808080-8080-4080-8080-808080808080");
    world.chance = highest;
    ir_world_uuid(&world, uuid);
    assert_string_equal(uuid, "ffffffff-ffff-4fff-bfff-ffffffffffff");
    ir_world_uuid(ir_world_system(), uuid);
    ir_world_uuid(ir_world_system(), other);
    assert_string_not_equal(uuid, other);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_file_size, size_rows);
    UNIT_ADD_ROWS(&list, test_file_bad, bad_rows);
    unit_add(&list, "file without permission", test_file_no_permission);
    unit_add(&list, "pipe", test_pipe);
    unit_add(&list, "endless file", test_endless_file);
    unit_add(&list, "clocks and sleep", test_clocks);
    unit_add(&list, "cancel ends a sleep", test_cancel);
    unit_add(&list, "chance", test_chance);
    unit_add(&list, "UUID", test_uuid);
    UNIT_ADD_ROWS(&list, test_date, date_rows);
    UNIT_ADD_ROWS(&list, test_http_date, http_date_rows);
    UNIT_ADD_ROWS(&list, test_iso_date, iso_date_rows);
    unit_add(&list, "private file", test_write_private_file);
    UNIT_ADD_ROWS(&list, test_home, home_rows);
    unit_add(&list, "environment", test_environment);
    return unit_run_with(&list, "world", make_folder, remove_folder);
}
