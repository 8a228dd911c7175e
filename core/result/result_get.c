/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What front ends read of a result, and its labels in words. Changes nothing. */
#include "core/result/result.h"

#include <math.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"

#define MAX_LABELS_TEXT_BYTES (4U << 20)

int ir_result_width_px(const struct ir_result *result)
{
    return result->image.width_px;
}

int ir_result_height_px(const struct ir_result *result)
{
    return result->image.height_px;
}

size_t ir_result_label_count(const struct ir_result *result)
{
    return result->label_count;
}

const struct ir_label *ir_result_get_label(const struct ir_result *result, size_t label_index)
{
    return label_index < result->label_count ? &result->labels[label_index].public : NULL;
}

/* The last one is of the document's own making. */
const char *ir_result_get_error(const struct ir_result *result, size_t error_index)
{
    if (error_index < result->errors.count)
        return result->errors.items[error_index];
    return error_index == result->errors.count && result->usage.is_unrecorded
               ? "the ledger could not be written: what this cost is missing there"
               : NULL;
}

struct ir_usage ir_result_get_usage(const struct ir_result *result)
{
    const struct ir_result_usage *usage = &result->usage;
    return (struct ir_usage){
        .requests = usage->requests,
        .retries = usage->retries,
        .cached = usage->cached,
        .input_tokens = usage->input_tokens,
        .output_tokens = usage->output_tokens,
        .cost_usd = usage->is_unpriced ? NAN : usage->cost_usd,
        .maybe_cost_usd = usage->maybe_cost_usd,
        .prices_of = usage->prices_of,
    };
}

const struct ir_planned_request *ir_result_get_planned(const struct ir_result *result,
                                                       size_t request_index)
{
    const struct ir_result_usage *usage = &result->usage;
    return request_index < usage->planned_count ? &usage->planned[request_index].public : NULL;
}

const struct ir_caption *ir_result_get_caption(const struct ir_result *result)
{
    return result->caption.text != NULL ? &result->caption.public : NULL;
}

const struct ir_generated_picture *ir_result_get_generated(const struct ir_result *result)
{
    return result->generated.data != NULL ? &result->generated.public : NULL;
}

const struct ir_check *ir_result_get_check(const struct ir_result *result)
{
    return result->check.known ? &result->check.public : NULL;
}

const struct ir_check *ir_result_get_precheck(const struct ir_result *result)
{
    return result->precheck.known ? &result->precheck.public : NULL;
}

bool ir_result_is_held_back(const struct ir_result *result)
{
    return result->is_held_back;
}

const char *ir_result_get_answer(const struct ir_result *result)
{
    return result->answer.text;
}

const char *ir_result_get_model_of(const struct ir_result *result, enum ir_model_work work)
{
    switch (work) {
    case IR_MODEL_OF_CAPTION:
        return result->caption.model;
    case IR_MODEL_OF_ANSWER:
        return result->answer.model;
    case IR_MODEL_OF_PICTURE:
        return result->generated.model;
    }
    return NULL;
}

const char *ir_result_get_model(const struct ir_result *result)
{
    const char *model = NULL;
    for (int work = IR_MODEL_OF_CAPTION; model == NULL && work <= IR_MODEL_OF_PICTURE; work++)
        model = ir_result_get_model_of(result, (enum ir_model_work)work);
    return model;
}

/* ---- what labels also asks for ----------------------------------------------------------- */

bool ir_result_get_text(const struct ir_result *result, size_t text_index, struct ir_text *out)
{
    if (text_index >= result->text_count)
        return false;
    const struct ir_result_text *text = &result->texts[text_index];
    *out =
        (struct ir_text){text->text, text->is_word, text->confidence_pct, text->has_box, text->box};
    return true;
}

bool ir_result_get_face(const struct ir_result *result, size_t face_index, struct ir_face *out)
{
    if (face_index >= result->face_count)
        return false;
    const struct ir_result_face *face = &result->faces[face_index];
    *out = (struct ir_face){face->confidence_pct, face->has_box, face->box};
    return true;
}

bool ir_result_get_quality(const struct ir_result *result, struct ir_quality *out)
{
    const struct ir_result_quality *quality = &result->properties.image.quality;
    if (!result->properties.known || !quality->known)
        return false;
    *out = (struct ir_quality){quality->brightness, quality->sharpness, quality->contrast};
    return true;
}

bool ir_result_get_color(const struct ir_result *result, size_t color_index, struct ir_color *out)
{
    const struct ir_color_list *colors = &result->properties.image.colors;
    if (!result->properties.known || color_index >= colors->count)
        return false;
    const struct ir_result_color *color = &colors->items[color_index];
    *out = (struct ir_color){color->css_color, color->simplified_color, color->hex_code,
                             color->pixel_pct};
    return true;
}

/* ---- labels in words --------------------------------------------------------------------- */

/* True when an earlier entry has the same name: it has spoken for this one. */
static bool named_before(const struct ir_result *result, size_t label_index)
{
    /* A service gives a label's instances in a row, so the neighbour is the common case. */
    for (size_t i = label_index; i-- > 0;)
        if (strcmp(result->labels[i].name, result->labels[label_index].name) == 0)
            return true;
    return false;
}

/* NaN where no entry of that name has one. */
static double highest_confidence(const struct ir_result *result, size_t label_index)
{
    double highest = NAN; /* which fmax passes over */
    for (size_t i = label_index; i < result->label_count; i++) {
        const struct ir_label *label = &result->labels[i].public;
        if (strcmp(label->name, result->labels[label_index].name) == 0)
            highest = fmax(highest, fmax(label->label_confidence_pct, label->confidence_pct));
    }
    return highest;
}

int ir_result_labels_text(const struct ir_result *result, char **out_text, struct ir_error *err)
{
    struct ir_buf text;
    ir_buf_init(&text, MAX_LABELS_TEXT_BYTES);
    for (size_t i = 0; i < result->label_count && text.failed == 0; i++) {
        if (named_before(result, i))
            continue;
        double pct = highest_confidence(result, i);
        ir_buf_appendf(&text, "%s%s", text.bytes > 0 ? "\n" : "", result->labels[i].name);
        if (isfinite(pct))
            ir_buf_appendf(&text, ": %d%%", (int)floor(pct));
    }
    int rc = ir_buf_check(&text, "the list of labels", err);
    char *taken = rc == 0 ? ir_buf_take(&text) : NULL;
    if (rc == 0 && taken == NULL)
        rc = ir_fail_nomem(err); /* for the empty text's own byte */
    ir_buf_release(&text);
    if (rc == 0)
        *out_text = taken;
    return rc;
}
