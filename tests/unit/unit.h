/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every unit test program needs: cmocka with its prerequisites, and a list of tests in which
 * each row of a table is a test with a name of its own. TAP on standard output.
 *
 *     static const struct { const char *name; int in, out; } rows[] = {{"zero", 0, 0}};
 *     static void test_double(void **state) { const row *r = *state; ... }
 *     int main(void)
 *     {
 *         static struct unit_list list;
 *         unit_add(&list, "plain", test_plain);
 *         UNIT_ADD_ROWS(&list, test_double, rows);
 *         return unit_run(&list, "numbers");
 *     }
 */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define UNIT_MAX_TESTS 512

struct unit_list {
    struct CMUnitTest tests[UNIT_MAX_TESTS];
    size_t count;
};

static inline void unit_add_row(struct unit_list *list, const char *name, CMUnitTestFunction test,
                                const void *row)
{
    if (list->count >= UNIT_MAX_TESTS) {
        fputs("Bail out! raise UNIT_MAX_TESTS\n", stdout);
        exit(1);
    }
    list->tests[list->count++] = (struct CMUnitTest){name, test, NULL, NULL, (void *)row};
}

static inline void unit_add(struct unit_list *list, const char *name, CMUnitTestFunction test)
{
    unit_add_row(list, name, test, NULL);
}

/* `rows` is an array of structs whose first member is `const char *name`. */
#define UNIT_ADD_ROWS(list, test, rows)                                                            \
    do {                                                                                           \
        for (size_t row_index = 0; row_index < sizeof(rows) / sizeof((rows)[0]); row_index++)      \
            unit_add_row(list, (rows)[row_index].name, test, &(rows)[row_index]);                  \
    } while (0)

/* With something made before the first test and removed after the last. */
static inline int unit_run_with(struct unit_list *list, const char *group, CMFixtureFunction set_up,
                                CMFixtureFunction tear_down)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return _cmocka_run_group_tests(group, list->tests, list->count, set_up, tear_down);
}

static inline int unit_run(struct unit_list *list, const char *group)
{
    return unit_run_with(list, group, NULL, NULL);
}

#endif
