/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scenes for the tests of the overlay, by a generator with a seed, and what holds for every overlay
 * of them.
 */
#ifndef TESTS_UNIT_OVERLAY_SCENES_H
#define TESTS_UNIT_OVERLAY_SCENES_H

#include "tests/unit/unit.h"

#include "core/result/result.h"
#include "plugins/common/overlay_private.h"

#define MIN_CONTRAST 4.5
#define NAME_COUNT 24

extern uint64_t random_state; /* the seed, set before a scene is made; not 0 */
/* Of people, things and letters, and what a hostile server might send. */
extern const char *const names[NAME_COUNT];

double random_unit(void); /* 0 to below 1 */
int random_between(int low, int high);

struct ir_result *new_result(void);
void add_label(struct ir_result *result, const char *name, double confidence_pct,
               const struct ir_box *box); /* NULL = without a box */
struct ir_box random_box(double max_frac);
struct ir_result *random_result(int boxed_count, int boxless_count);

struct overlay *lay_out(const struct ir_result *result, int width_px, int height_px);

void assert_holds(const struct ir_rect *outer, const struct ir_rect *inner, const char *what);
void check_overlay(const struct overlay *overlay, const struct ir_result *result);

#endif
