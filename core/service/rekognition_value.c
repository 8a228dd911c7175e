/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Percentages and boxes of Rekognition's answers. Boxes are ratios of the picture and may reach
 * outside it: they are clamped.
 */
#include "core/service/rekognition_value.h"

#include <math.h>

double ir_rekognition_pct(const struct ir_json_value *object, const char *name)
{
    double pct = ir_json_number(ir_json_get(object, name), 0.0);
    return isfinite(pct) ? fmin(fmax(pct, 0.0), 100.0) : 0.0;
}

double ir_rekognition_pct_if_given(const struct ir_json_value *object, const char *name)
{
    return ir_json_is_number(ir_json_get(object, name)) ? ir_rekognition_pct(object, name) : NAN;
}

bool ir_rekognition_box(const struct ir_json_value *value, int box_orientation, struct ir_box *out)
{
    struct ir_box box = {ir_json_number(ir_json_get(value, "Left"), NAN),
                         ir_json_number(ir_json_get(value, "Top"), NAN),
                         ir_json_number(ir_json_get(value, "Width"), NAN),
                         ir_json_number(ir_json_get(value, "Height"), NAN)};
    if (!ir_box_clamp(&box))
        return false;
    *out = ir_box_stored_to_upright(box, box_orientation);
    return true;
}
