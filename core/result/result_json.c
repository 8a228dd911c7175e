/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The result document as JSON, schema "imgrecog/1" (include/imgrecog/result.md). */
#include "core/result/result.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"

#define MAX_DOCUMENT_BYTES (16U << 20)
#define PCT_DECIMALS 4
#define FRAC_DECIMALS 6
#define DEG_DECIMALS 3
#define USD_DECIMALS 9

static void put_box(struct ir_json_writer *out, const struct ir_box *box)
{
    ir_json_key(out, "box");
    ir_json_begin_object(out);
    ir_json_member_put_number(out, "left", box->left_frac, FRAC_DECIMALS);
    ir_json_member_put_number(out, "top", box->top_frac, FRAC_DECIMALS);
    ir_json_member_put_number(out, "width", box->width_frac, FRAC_DECIMALS);
    ir_json_member_put_number(out, "height", box->height_frac, FRAC_DECIMALS);
    ir_json_end_object(out);
}

static void put_strings(struct ir_json_writer *out, const char *member,
                        const struct ir_string_list *list)
{
    ir_json_key(out, member);
    ir_json_begin_array(out);
    for (size_t i = 0; i < list->count; i++)
        ir_json_put_string(out, list->items[i]);
    ir_json_end_array(out);
}

static void put_image(struct ir_json_writer *out, const struct ir_result_image *image)
{
    if (image->width_px == 0) /* a task that saw no picture */
        return;
    ir_json_key(out, "image");
    ir_json_begin_object(out);
    ir_json_member_put_string(out, "source", image->source);
    if (image->sha256_hex[0] != '\0')
        ir_json_member_put_string(out, "sha256", image->sha256_hex);
    ir_json_member_put_integer(out, "width", image->width_px);
    ir_json_member_put_integer(out, "height", image->height_px);
    ir_json_member_put_integer(out, "orientation", image->orientation);
    ir_json_key(out, "sent");
    ir_json_begin_object(out);
    ir_json_member_put_integer(out, "bytes", (long long)image->sent_bytes);
    ir_json_member_put_integer(out, "width", image->sent_width_px);
    ir_json_member_put_integer(out, "height", image->sent_height_px);
    ir_json_member_put_string(out, "media_type", image->sent_media_type);
    ir_json_member_put_string(out, "via", image->sent_uri != NULL ? "s3" : "inline");
    if (image->sent_uri != NULL)
        ir_json_member_put_string(out, "uri", image->sent_uri);
    ir_json_end_object(out);
    ir_json_end_object(out);
}

static void put_colors(struct ir_json_writer *out, const struct ir_color_list *colors)
{
    ir_json_key(out, "dominant_colors");
    ir_json_begin_array(out);
    for (size_t i = 0; i < colors->count; i++) {
        const struct ir_result_color *color = &colors->items[i];
        ir_json_begin_object(out);
        ir_json_member_put_integer(out, "red", color->red);
        ir_json_member_put_integer(out, "green", color->green);
        ir_json_member_put_integer(out, "blue", color->blue);
        ir_json_member_put_string(out, "hex_code", color->hex_code);
        ir_json_member_put_string(out, "css_color", color->css_color);
        ir_json_member_put_string(out, "simplified_color", color->simplified_color);
        ir_json_member_put_number(out, "pixel_percent", color->pixel_pct, PCT_DECIMALS);
        ir_json_end_object(out);
    }
    ir_json_end_array(out);
}

/* A value that the service left out is left out here too. */
static void put_known(struct ir_json_writer *out, const char *member, double pct)
{
    if (isfinite(pct))
        ir_json_member_put_number(out, member, pct, PCT_DECIMALS);
}

static void put_label(struct ir_json_writer *out, const struct ir_label_entry *entry,
                      const char *source)
{
    const struct ir_label *label = &entry->public;
    ir_json_begin_object(out);
    ir_json_member_put_string(out, "name", label->name);
    put_known(out, "confidence", label->confidence_pct);
    if (label->has_box) {
        put_known(out, "label_confidence", label->label_confidence_pct);
        put_box(out, &label->box);
    }
    put_strings(out, "parents", &entry->parents);
    put_strings(out, "categories", &entry->categories);
    put_strings(out, "aliases", &entry->aliases);
    if (entry->colors.count > 0)
        put_colors(out, &entry->colors);
    ir_json_member_put_string(out, "source", source);
    ir_json_end_object(out);
}

static void put_labels(struct ir_json_writer *out, const struct ir_result *result)
{
    if (!result->has_labels)
        return;
    ir_json_key(out, "labels");
    ir_json_begin_array(out);
    for (size_t i = 0; i < result->label_count; i++)
        put_label(out, &result->labels[i],
                  result->label_source != NULL ? result->label_source : result->source);
    ir_json_end_array(out);
    if (result->label_model_version != NULL)
        ir_json_member_put_string(out, "label_model_version", result->label_model_version);
}

static void put_texts(struct ir_json_writer *out, const struct ir_result *result)
{
    if (!result->has_text)
        return;
    ir_json_key(out, "text");
    ir_json_begin_array(out);
    for (size_t i = 0; i < result->text_count; i++) {
        const struct ir_result_text *text = &result->texts[i];
        ir_json_begin_object(out);
        ir_json_member_put_string(out, "text", text->text);
        ir_json_member_put_string(out, "type", text->is_word ? "WORD" : "LINE");
        ir_json_member_put_integer(out, "id", text->id);
        if (text->parent_id >= 0)
            ir_json_member_put_integer(out, "parent_id", text->parent_id);
        put_known(out, "confidence", text->confidence_pct);
        if (text->has_box)
            put_box(out, &text->box);
        ir_json_end_object(out);
    }
    ir_json_end_array(out);
    if (result->text_model_version != NULL)
        ir_json_member_put_string(out, "text_model_version", result->text_model_version);
}

static void put_quality(struct ir_json_writer *out, const struct ir_result_quality *quality)
{
    if (!quality->known)
        return;
    ir_json_key(out, "quality");
    ir_json_begin_object(out);
    put_known(out, "brightness", quality->brightness);
    put_known(out, "sharpness", quality->sharpness);
    put_known(out, "contrast", quality->contrast);
    ir_json_end_object(out);
}

static void put_face(struct ir_json_writer *out, const struct ir_result_face *face)
{
    ir_json_begin_object(out);
    put_known(out, "confidence", face->confidence_pct);
    if (face->has_box)
        put_box(out, &face->box);
    if (face->landmark_count > 0) {
        ir_json_key(out, "landmarks");
        ir_json_begin_array(out);
        for (size_t i = 0; i < face->landmark_count; i++) {
            ir_json_begin_object(out);
            ir_json_member_put_string(out, "type", face->landmarks[i].type);
            ir_json_member_put_number(out, "x", face->landmarks[i].x_frac, FRAC_DECIMALS);
            ir_json_member_put_number(out, "y", face->landmarks[i].y_frac, FRAC_DECIMALS);
            ir_json_end_object(out);
        }
        ir_json_end_array(out);
    }
    if (face->has_pose) {
        ir_json_key(out, "pose");
        ir_json_begin_object(out);
        ir_json_member_put_number(out, "roll", face->roll_deg, DEG_DECIMALS);
        ir_json_member_put_number(out, "yaw", face->yaw_deg, DEG_DECIMALS);
        ir_json_member_put_number(out, "pitch", face->pitch_deg, DEG_DECIMALS);
        ir_json_end_object(out);
    }
    put_quality(out, &face->quality);
    ir_json_end_object(out);
}

static void put_faces(struct ir_json_writer *out, const struct ir_result *result)
{
    if (!result->has_faces)
        return;
    ir_json_key(out, "faces");
    ir_json_begin_array(out);
    for (size_t i = 0; i < result->face_count; i++)
        put_face(out, &result->faces[i]);
    ir_json_end_array(out);
}

static void put_region(struct ir_json_writer *out, const struct ir_result_region *region)
{
    put_quality(out, &region->quality);
    if (region->colors.count > 0)
        put_colors(out, &region->colors);
}

static void put_named_region(struct ir_json_writer *out, const char *member,
                             const struct ir_result_region *region)
{
    if (!region->quality.known && region->colors.count == 0)
        return;
    ir_json_key(out, member);
    ir_json_begin_object(out);
    put_region(out, region);
    ir_json_end_object(out);
}

static void put_properties(struct ir_json_writer *out,
                           const struct ir_result_properties *properties)
{
    if (!properties->known)
        return;
    ir_json_key(out, "properties");
    ir_json_begin_object(out);
    put_region(out, &properties->image);
    put_named_region(out, "foreground", &properties->foreground);
    put_named_region(out, "background", &properties->background);
    ir_json_end_object(out);
}

static void put_given(struct ir_json_writer *out, const char *member, const char *text)
{
    if (text != NULL)
        ir_json_member_put_string(out, member, text);
}

static void put_caption(struct ir_json_writer *out, const struct ir_result_caption *caption)
{
    if (caption->text == NULL)
        return;
    ir_json_key(out, "caption");
    ir_json_begin_object(out);
    ir_json_member_put_string(out, "text", caption->text);
    put_given(out, "alt_text", caption->alt_text);
    put_given(out, "title", caption->title);
    put_strings(out, "keywords", &caption->keywords);
    put_given(out, "language", caption->language);
    put_given(out, "model", caption->model);
    ir_json_end_object(out);
}

static void put_answer(struct ir_json_writer *out, const struct ir_result_answer *answer)
{
    if (answer->text == NULL)
        return;
    ir_json_key(out, "answer");
    ir_json_begin_object(out);
    ir_json_member_put_string(out, "text", answer->text);
    put_given(out, "model", answer->model);
    ir_json_end_object(out);
}

static void put_finding(struct ir_json_writer *out, const struct ir_finding *finding)
{
    ir_json_begin_object(out);
    ir_json_member_put_string(out, "kind", finding->kind);
    put_given(out, "name", finding->name);
    if (finding->parents[0] != NULL) {
        ir_json_key(out, "parents");
        ir_json_begin_array(out);
        for (size_t i = 0; i < IR_FINDING_MAX_PARENTS && finding->parents[i] != NULL; i++)
            ir_json_put_string(out, finding->parents[i]);
        ir_json_end_array(out);
    }
    if (finding->taxonomy_level > 0)
        ir_json_member_put_integer(out, "taxonomy_level", finding->taxonomy_level);
    put_known(out, "confidence", finding->confidence_pct);
    if (finding->has_box)
        put_box(out, &finding->box);
    ir_json_member_put_string(out, "source", finding->source);
    ir_json_end_object(out);
}

static void put_findings(struct ir_json_writer *out, const struct ir_result_check *check)
{
    ir_json_key(out, "findings");
    ir_json_begin_array(out);
    for (size_t i = 0; i < check->finding_count; i++)
        put_finding(out, &check->findings[i]);
    ir_json_end_array(out);
    put_strings(out, "not_checked", &check->not_checked);
}

static void put_precheck(struct ir_json_writer *out, const struct ir_result_check *check)
{
    if (!check->known)
        return;
    ir_json_key(out, "precheck");
    ir_json_begin_object(out);
    put_given(out, "reason", check->reason);
    put_findings(out, check);
    ir_json_end_object(out);
}

static void put_check(struct ir_json_writer *out, const struct ir_result_check *check)
{
    static const char *const verdicts[] = {
        [IR_VERDICT_UNKNOWN] = "UNKNOWN", [IR_VERDICT_NO] = "NO", [IR_VERDICT_YES] = "YES"};
    if (!check->known)
        return;
    ir_json_key(out, "check");
    ir_json_begin_object(out);
    ir_json_member_put_string(out, "verdict", verdicts[check->public.verdict]);
    ir_json_member_put_string(out, "reason", check->reason);
    put_findings(out, check);
    if (check->unsure_count > 0)
        ir_json_member_put_integer(out, "unsure", (int64_t)check->unsure_count);
    ir_json_end_object(out);
}

static void put_generated(struct ir_json_writer *out, const struct ir_result_generated *generated)
{
    const struct ir_generated_picture *picture = &generated->public;
    if (generated->data == NULL)
        return;
    ir_json_key(out, "generated");
    ir_json_begin_object(out);
    ir_json_member_put_integer(out, "width", picture->width_px);
    ir_json_member_put_integer(out, "height", picture->height_px);
    ir_json_member_put_string(out, "media_type", "image/png");
    ir_json_member_put_integer(out, "bytes", (long long)picture->data_bytes);
    if (picture->has_seed)
        ir_json_member_put_integer(out, "seed", (long long)picture->seed);
    put_given(out, "model", picture->model);
    ir_json_end_object(out);
}

static void put_cost(struct ir_json_writer *out, const char *member, double usd)
{
    if (isfinite(usd))
        ir_json_member_put_number(out, member, usd, USD_DECIMALS);
}

/* A text that is not known is "" in an upload's result, and left out here. */
static void put_said(struct ir_json_writer *out, const char *member, const char *text)
{
    if (text != NULL && *text != '\0')
        ir_json_member_put_string(out, member, text);
}

static void put_stored(struct ir_json_writer *out, const struct ir_result_stored *stored)
{
    char crc32[sizeof "01234567"];
    if (stored->uri == NULL)
        return;
    snprintf(crc32, sizeof crc32, "%08" PRIx32, stored->crc32);
    ir_json_key(out, "stored");
    ir_json_begin_object(out);
    put_given(out, "source", stored->source);
    ir_json_member_put_string(out, "uri", stored->uri);
    put_said(out, "etag", stored->etag);
    put_said(out, "version_id", stored->version_id);
    put_said(out, "content_type", stored->content_type);
    ir_json_member_put_integer(out, "bytes", (long long)stored->bytes);
    ir_json_member_put_string(out, "crc32", crc32);
    if (stored->parts > 0)
        ir_json_member_put_integer(out, "parts", stored->parts);
    put_given(out, "link", stored->link);
    ir_json_end_object(out);
}

static void put_would_store(struct ir_json_writer *out, const struct ir_result_plan *plan)
{
    if (plan->uri == NULL)
        return;
    ir_json_key(out, "would_store");
    ir_json_begin_object(out);
    put_given(out, "source", plan->source);
    ir_json_member_put_string(out, "uri", plan->uri);
    ir_json_end_object(out);
}

static void put_usage(struct ir_json_writer *out, const struct ir_result_usage *usage)
{
    ir_json_key(out, "usage");
    ir_json_begin_object(out);
    ir_json_member_put_integer(out, "requests", usage->requests);
    ir_json_member_put_integer(out, "retries", usage->retries);
    if (usage->input_tokens > 0 || usage->output_tokens > 0) {
        ir_json_member_put_integer(out, "input_tokens", usage->input_tokens);
        ir_json_member_put_integer(out, "output_tokens", usage->output_tokens);
    }
    if (!usage->is_unpriced)
        put_cost(out, "cost_usd", usage->cost_usd);
    if (usage->maybe_cost_usd > 0.0)
        put_cost(out, "maybe_cost_usd", usage->maybe_cost_usd);
    if (usage->prices_of[0] != '\0')
        ir_json_member_put_string(out, "prices_of", usage->prices_of);
    ir_json_member_put_integer(out, "cached", usage->cached);
    ir_json_end_object(out);
}

static void put_planned(struct ir_json_writer *out, const struct ir_planned_request *request)
{
    ir_json_begin_object(out);
    ir_json_member_put_string(out, "service", request->service);
    ir_json_member_put_string(out, "operation", request->operation);
    put_given(out, "model", request->model);
    ir_json_member_put_string(out, "host", request->host);
    ir_json_member_put_integer(out, "bytes", (long long)request->request_bytes);
    put_cost(out, "cost_usd", request->cost_usd);
    ir_json_member_put_bool(out, "cached", request->is_cached);
    ir_json_end_object(out);
}

/* Of a dry run. The sum is missing where a part of it is. */
static void put_estimate(struct ir_json_writer *out, const struct ir_result_usage *usage)
{
    double sum_usd = 0.0;
    if (usage->planned_count == 0)
        return;
    ir_json_key(out, "estimate");
    ir_json_begin_object(out);
    ir_json_key(out, "requests");
    ir_json_begin_array(out);
    for (size_t i = 0; i < usage->planned_count; i++) {
        put_planned(out, &usage->planned[i].public);
        sum_usd += usage->planned[i].public.cost_usd;
    }
    ir_json_end_array(out);
    put_cost(out, "cost_usd", sum_usd);
    ir_json_end_object(out);
}

/* The list of errors, with those that the document makes itself. */
static void put_errors(struct ir_json_writer *out, const struct ir_result *result)
{
    const char *line;
    ir_json_key(out, "errors");
    ir_json_begin_array(out);
    for (size_t i = 0; (line = ir_result_get_error(result, i)) != NULL; i++)
        ir_json_put_string(out, line);
    ir_json_end_array(out);
}

int ir_result_to_json(const struct ir_result *result, char **out_json, size_t *out_bytes,
                      struct ir_error *err)
{
    struct ir_buf text;
    struct ir_json_writer out;
    ir_buf_init(&text, MAX_DOCUMENT_BYTES);
    ir_json_writer_init(&out, &text);
    ir_json_begin_object(&out);
    ir_json_member_put_string(&out, "schema", "imgrecog/1");
    put_image(&out, &result->image);
    put_precheck(&out, &result->precheck);
    put_labels(&out, result);
    put_texts(&out, result);
    put_faces(&out, result);
    put_properties(&out, &result->properties);
    put_caption(&out, &result->caption);
    put_check(&out, &result->check);
    put_answer(&out, &result->answer);
    put_generated(&out, &result->generated);
    put_estimate(&out, &result->usage);
    put_stored(&out, &result->stored);
    put_would_store(&out, &result->would_store);
    put_usage(&out, &result->usage);
    ir_json_member_put_string(&out, "endpoint", result->endpoint);
    put_errors(&out, result);
    ir_json_end_object(&out);

    int rc = ir_buf_check(&text, "the result document", err);
    if (rc == 0) {
        if (out_bytes != NULL)
            *out_bytes = text.bytes;
        *out_json = ir_buf_take(&text);
    }
    ir_buf_release(&text);
    return rc;
}
