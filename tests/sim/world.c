/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the simulated clocks, environment and files. More than it holds ends the program. */
#include "tests/sim/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/error.h"

#define POLL_MS 100          /* how often a transfer looks at its cancel token, as http_curl.c */
#define SLEEP_LOOK_MS 50     /* how often a sleeper does, as core/base/world.h says */
#define HAND_OVER_LOOKS 2000 /* of a millisecond each */
#define MAX_LINE_BYTES 1024
#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_FACTOR UINT64_C(0x100000001b3)

static void require(bool is_true, const char *what)
{
    if (is_true)
        return;
    printf("Bail out! sim: %s\n", what);
    exit(1);
}

void sim_note(struct sim_world *world, const char *format, ...)
{
    char line[MAX_LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    for (const char *c = line; *c != '\0'; c++)
        world->trace_hash = (world->trace_hash ^ (unsigned char)*c) * FNV_FACTOR;
    world->trace_hash = (world->trace_hash ^ (uint64_t)world->now_ms) * FNV_FACTOR;
    if (world->is_verbose)
        printf("#%9lld  %s\n", (long long)world->now_ms, line);
}

/* ---- time -------------------------------------------------------------------------------- */

static void set_time(struct sim_world *world, int64_t now_ms)
{
    world->server_unix_ms += now_ms - world->now_ms;
    world->now_ms = now_ms;
}

static void cancel_when_due(struct sim_world *world)
{
    if (world->cancel == NULL || world->now_ms < world->cancel_at_ms ||
        ir_cancel_is_set(world->cancel))
        return;
    sim_note(world, "cancel");
    ir_cancel_set(world->cancel);
}

/* Another thread of the core, which is not simulated, hands the caller's wish on. */
static void wait_for_hand_over(const struct ir_cancel *cancel)
{
    static const struct timespec moment = {0, 1000000};
    for (int i = 0; i < HAND_OVER_LOOKS && !ir_cancel_is_set(cancel); i++)
        nanosleep(&moment, NULL);
}

/*
 * Waits until `end_ms`; one who holds the cancel token wakes at its first look, every `look_ms`,
 * after it was set. True when woken by it.
 */
static bool wait_until(struct sim_world *world, int64_t end_ms, int64_t look_ms,
                       const struct ir_cancel *cancel)
{
    bool is_watched = cancel != NULL && cancel == world->cancel;
    if (cancel != NULL && world->cancel != NULL && world->cancel_at_ms < end_ms) {
        int64_t wait_ms =
            world->cancel_at_ms > world->now_ms ? world->cancel_at_ms - world->now_ms : 0;
        int64_t seen_ms = world->now_ms + (wait_ms + look_ms - 1) / look_ms * look_ms;
        set_time(world, seen_ms < end_ms ? seen_ms : end_ms);
    } else {
        set_time(world, end_ms);
    }
    cancel_when_due(world);
    if (cancel != NULL && !is_watched && world->cancel != NULL && ir_cancel_is_set(world->cancel))
        wait_for_hand_over(cancel);
    return ir_cancel_is_set(cancel);
}

int sim_world_pass(struct sim_world *world, long ms, int64_t deadline_ms,
                   const struct ir_cancel *cancel)
{
    int64_t end_ms = world->now_ms + ms;
    bool is_late = end_ms >= deadline_ms;
    if (is_late)
        end_ms = deadline_ms > world->now_ms ? deadline_ms : world->now_ms;
    if (wait_until(world, end_ms, POLL_MS, cancel))
        return IR_ERR_CANCELLED;
    return is_late ? IR_ERR_TIMEOUT : 0;
}

void sim_world_idle(struct sim_world *world, int64_t ms)
{
    set_time(world, world->now_ms + ms);
}

/* ---- what the core asks ------------------------------------------------------------------ */

static int64_t unix_ms(void *context)
{
    struct sim_world *world = context;
    cancel_when_due(world);
    return world->server_unix_ms + world->skew_ms;
}

static int64_t monotonic_ms(void *context)
{
    struct sim_world *world = context;
    cancel_when_due(world);
    return world->now_ms;
}

static bool sleep_ms(void *context, long ms, const struct ir_cancel *cancel)
{
    struct sim_world *world = context;
    require(ms >= 0, "a sleep of less than nothing");
    sim_note(world, "sleep %ld ms", ms);
    return !wait_until(world, world->now_ms + ms, SLEEP_LOOK_MS, cancel);
}

static double chance(void *context)
{
    return sim_fraction(&((struct sim_world *)context)->jitter);
}

static const char *get_variable(void *context, const char *name)
{
    const struct sim_world *world = context;
    for (size_t i = world->variable_count; i-- > 0;)
        if (strcmp(world->variables[i].name, name) == 0)
            return world->variables[i].value;
    return NULL;
}

static int read_file(void *context, const char *path, struct ir_buf *out, bool *out_missing,
                     struct ir_error *err)
{
    const struct sim_world *world = context;
    *out_missing = false;
    for (size_t i = 0; i < world->file_count; i++) {
        if (strcmp(world->files[i].path, path) != 0)
            continue;
        ir_buf_append_text(out, world->files[i].text);
        return ir_buf_check(out, path, err);
    }
    *out_missing = true;
    return ir_fail(err, IR_ERR_ARG, "cannot read %s: No such file or directory", path);
}

/* ---- making it --------------------------------------------------------------------------- */

void sim_world_init(struct sim_world *world, uint64_t seed, bool is_verbose)
{
    memset(world, 0, sizeof *world);
    world->world = (struct ir_world){
        .context = world,
        .unix_ms = unix_ms,
        .monotonic_ms = monotonic_ms,
        .sleep_ms = sleep_ms,
        .chance = chance,
        .getenv = get_variable,
        .read_file = read_file,
    };
    world->jitter.state = sim_mix(seed ^ UINT64_C(0x6a69747465720000));
    world->now_ms = 1000000;
    world->server_unix_ms = SIM_START_UNIX_MS;
    world->cancel_at_ms = SIM_NEVER_MS;
    world->trace_hash = FNV_START;
    world->is_verbose = is_verbose;
    sim_world_setenv(world, "HOME", "/home/ann");
    sim_world_setenv(world, "AWS_EC2_METADATA_DISABLED", "true");
}

void sim_world_setenv(struct sim_world *world, const char *name, const char *value)
{
    require(world->variable_count < SIM_MAX_VARIABLES, "too many variables");
    ir_text_copy(world->variables[world->variable_count].name, sizeof world->variables[0].name,
                 name);
    ir_text_copy(world->variables[world->variable_count].value, sizeof world->variables[0].value,
                 value);
    world->variable_count++;
}

void sim_world_add_file(struct sim_world *world, const char *path, const char *text)
{
    require(world->file_count < SIM_MAX_FILES, "too many files");
    ir_text_copy(world->files[world->file_count].path, sizeof world->files[0].path, path);
    ir_text_copy(world->files[world->file_count].text, sizeof world->files[0].text, text);
    world->file_count++;
}
