/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all of Rekognition's answers have: percentages and boxes. Pure; takes any JSON. */
#ifndef CORE_SERVICE_REKOGNITION_VALUE_H
#define CORE_SERVICE_REKOGNITION_VALUE_H

#include <stdbool.h>

#include <imgrecog/geometry.h>

#include "core/base/json.h"

/* A member from 0 to 100; 0 when it is no number. */
double ir_rekognition_pct(const struct ir_json_value *object, const char *name);
/* The same; NaN when it is no number: what was not said is not 0, and nothing may be left out for
 * it. */
double ir_rekognition_pct_if_given(const struct ir_json_value *object, const char *name);
/* A BoundingBox, upright and clamped; false, and `out` as it was, when there is none to use. */
bool ir_rekognition_box(const struct ir_json_value *value, int box_orientation, struct ir_box *out);

#endif
