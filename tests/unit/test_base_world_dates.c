/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dates as AWS's tools write them, and files that are replaced as a whole. */
#include "tests/unit/unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/base/world.h"

static const struct {
    const char *name;
    const char *text;
    int64_t unix_ms; /* -1 = refused */
} rows[] = {
    {"date", "2026-11-20T21:35:00Z", INT64_C(1795210500000)},
    {"date of 1970", "1970-01-01T00:00:00Z", 0},
    {"date: a leap day", "2028-02-29T00:00:00Z", INT64_C(1835395200000)},
    {"date: a fraction", "2026-11-20T21:35:00.123456Z", INT64_C(1795210500000)},
    {"date: an offset of nothing", "2026-11-20T21:35:00+00:00", INT64_C(1795210500000)},
    {"date: UTC", "2026-11-20T21:35:00UTC", INT64_C(1795210500000)},
    {"date refused: empty", "", -1},
    {"date refused: another zone", "2026-11-20T21:35:00+01:00", -1},
    {"date refused: no zone", "2026-11-20T21:35:00", -1},
    {"date refused: short numbers", "2026-1-2T3:4:5Z", -1},
    {"date refused: a blank", "2026-11-20 21:35:00Z", -1},
    {"date refused: signs", "2026-11-20T-1:35:00Z", -1},
    {"date refused: month 13", "2026-13-20T21:35:00Z", -1},
    {"date refused: month 0", "2026-00-20T21:35:00Z", -1},
    {"date refused: day 0", "2026-11-00T21:35:00Z", -1},
    {"date refused: hour 24", "2026-11-20T24:35:00Z", -1},
    {"date refused: minute 60", "2026-11-20T21:60:00Z", -1},
    {"date refused: before 1970", "1969-12-31T23:59:59Z", -1},
    {"date refused: more", "2026-11-20T21:35:00Z ", -1},
    {"date refused: words", "tomorrow", -1},
};

static void test_date(void **state)
{
    const typeof(rows[0]) *row = *state;
    int64_t unix_ms = 7;
    assert_true(ir_world_parse_iso_date(row->text, &unix_ms) == (row->unix_ms >= 0));
    assert_true(unix_ms == (row->unix_ms >= 0 ? row->unix_ms : 7));
}

static void test_write_date(void **state)
{
    (void)state;
    char text[21];
    ir_world_iso_date(INT64_C(1795210500999), text);
    assert_string_equal(text, "2026-11-20T21:35:00Z");
}

static void test_write_file(void **state)
{
    (void)state;
    const struct ir_world *world = ir_world_system();
    char folder[] = "/tmp/imgrecog-write-XXXXXX";
    char path[64];
    struct ir_error err = {0};
    struct ir_buf text;
    struct stat status;
    bool is_missing = false;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/f", folder);
    ir_buf_init(&text, 100);
    assert_int_equal(world->write_private_file(world->context, path, "old one", 7, &err), 0);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(world->write_private_file(world->context, path, "new", 3, &err), 0);
    assert_int_equal(world->read_file(world->context, path, &text, &is_missing, &err), 0);
    assert_string_equal(ir_buf_text(&text), "new");
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    ir_buf_release(&text);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0); /* nothing else was left in it */
    assert_int_equal(world->write_private_file(world->context, path, "new", 3, &err), IR_ERR_ARG);
    assert_non_null(strstr(err.message, "cannot write /tmp/imgrecog-write-"));
}

/* A folder in the file's place: nothing may be left beside it. */
static void test_write_fails(void **state)
{
    (void)state;
    const struct ir_world *world = ir_world_system();
    char folder[] = "/tmp/imgrecog-write-XXXXXX";
    char path[64];
    struct ir_error err = {0};
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/f", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(world->write_private_file(world->context, path, "new", 3, &err), IR_ERR_ARG);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_date, rows);
    unit_add(&list, "date written", test_write_date);
    unit_add(&list, "file replaced as a whole", test_write_file);
    unit_add(&list, "file that cannot be replaced", test_write_fails);
    return unit_run(&list, "base-world-dates");
}
