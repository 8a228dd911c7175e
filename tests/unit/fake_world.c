/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the world that tests choose. More variables, files or waits than it holds end the program.
 */
#include "tests/unit/fake_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"

static void require(bool is_true, const char *what)
{
    if (is_true)
        return;
    printf("Bail out! fake_world: %s\n", what);
    exit(1);
}

static int64_t fake_unix_ms(void *context)
{
    return ((struct fake_world *)context)->unix_ms;
}

static int64_t fake_monotonic_ms(void *context)
{
    return ((struct fake_world *)context)->monotonic_ms;
}

static bool fake_sleep_ms(void *context, long ms, const struct ir_cancel *cancel)
{
    struct fake_world *fake = context;
    require(fake->sleep_count < FAKE_WORLD_MAX_SLEEPS, "too many sleeps");
    require(ms >= 0, "a sleep of less than nothing");
    fake->sleeps_ms[fake->sleep_count++] = ms;
    if (fake->cancel_in_sleep != NULL) {
        ir_cancel_set(fake->cancel_in_sleep);
        fake->cancel_in_sleep = NULL;
    }
    if (ir_cancel_is_set(cancel))
        return false;
    fake->unix_ms += ms;
    fake->monotonic_ms += ms;
    return true;
}

static double fake_chance(void *context)
{
    return ((struct fake_world *)context)->chance;
}

static const char *fake_getenv(void *context, const char *name)
{
    const struct fake_world *fake = context;
    for (size_t i = fake->variable_count; i-- > 0;)
        if (strcmp(fake->variables[i].name, name) == 0)
            return fake->variables[i].value;
    return NULL;
}

static int fake_read_file(void *context, const char *path, struct ir_buf *out, bool *out_missing,
                          struct ir_error *err)
{
    const struct fake_world *fake = context;
    *out_missing = false;
    for (size_t i = 0; i < fake->file_count; i++) {
        if (strcmp(fake->files[i].path, path) != 0)
            continue;
        if (fake->files[i].text == NULL)
            return ir_fail(err, IR_ERR_ARG, "cannot read %s: Permission denied", path);
        ir_buf_append(out, fake->files[i].text, fake->files[i].bytes);
        return ir_buf_check(out, path, err);
    }
    *out_missing = true;
    return ir_fail(err, IR_ERR_ARG, "cannot read %s: No such file or directory", path);
}

void fake_world_init(struct fake_world *fake)
{
    memset(fake, 0, sizeof *fake);
    fake->world = (struct ir_world){
        .context = fake,
        .unix_ms = fake_unix_ms,
        .monotonic_ms = fake_monotonic_ms,
        .sleep_ms = fake_sleep_ms,
        .chance = fake_chance,
        .getenv = fake_getenv,
        .read_file = fake_read_file,
    };
    fake->unix_ms = FAKE_WORLD_UNIX_MS;
    fake->monotonic_ms = 1000000;
    fake->chance = 0.5;
    fake_world_setenv(fake, "HOME", "/home/ann");
}

void fake_world_setenv(struct fake_world *fake, const char *name, const char *value)
{
    require(fake->variable_count < FAKE_WORLD_MAX_VARIABLES, "too many variables");
    fake->variables[fake->variable_count].name = name;
    fake->variables[fake->variable_count].value = value;
    fake->variable_count++;
}

void fake_world_add_file(struct fake_world *fake, const char *path, const char *text)
{
    require(fake->file_count < FAKE_WORLD_MAX_FILES, "too many files");
    fake->files[fake->file_count++] =
        (struct fake_file){path, text, text != NULL ? strlen(text) : 0};
}
