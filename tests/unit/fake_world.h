/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A world that a test chooses: its clocks move only when somebody sleeps, its environment and files
 * are those that were put in, and it writes down every wait.
 */
#ifndef TESTS_UNIT_FAKE_WORLD_H
#define TESTS_UNIT_FAKE_WORLD_H

#include "core/base/world.h"

#define FAKE_WORLD_MAX_VARIABLES 24
#define FAKE_WORLD_MAX_FILES 8
#define FAKE_WORLD_MAX_SLEEPS 64

/* 2026-11-20T21:35:00Z */
#define FAKE_WORLD_UNIX_MS INT64_C(1795210500000)

struct fake_file {
    const char *path;
    const char *text; /* NULL: it is there and cannot be read */
    size_t bytes;
};

struct fake_world {
    struct ir_world world; /* what the core gets */
    int64_t unix_ms;
    int64_t monotonic_ms;
    double chance; /* what every draw gives */
    struct {
        const char *name;
        const char *value;
    } variables[FAKE_WORLD_MAX_VARIABLES];
    size_t variable_count;
    struct fake_file files[FAKE_WORLD_MAX_FILES];
    size_t file_count;
    long sleeps_ms[FAKE_WORLD_MAX_SLEEPS];
    size_t sleep_count;
    struct ir_cancel *cancel_in_sleep; /* set by the next sleep; NULL = none */
};

/* HOME is /home/ann; nothing else is set. Strings that are put in are borrowed. */
void fake_world_init(struct fake_world *fake);
void fake_world_setenv(struct fake_world *fake, const char *name, const char *value);
void fake_world_add_file(struct fake_world *fake, const char *path, const char *text);

#endif
