/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SDXL 1.0: {"text_prompts":[{"text","weight"}],"width","height","seed",...} and
 * {"result","artifacts":[{"seed","base64","finishReason"}]}.
 * Stability's image models: {"prompt","aspect_ratio","seed","image","mask","strength",...} and
 * {"seeds":[],"finish_reasons":[null],"images":[]}.
 * Members that ask for another kind of edit are refused, since nothing like it is drawn.
 */
#include <string.h>

#include "plugins/local/refuse.h"
#include "plugins/local/standin.h"

#define MAX_TEXT_CHARS 2000
#define MAX_PROMPT_CHARS 10000
#define MAX_IMAGE_BASE64_BYTES (44U << 20)
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct size {
    const char *aspect;
    int width_px;
    int height_px;
};

/* The sizes of SDXL 1.0, and those of about a million pixels for each aspect of Stability's. */
static const struct size sdxl_sizes[] = {
    {"", 1024, 1024}, {"", 1152, 896}, {"", 1216, 832}, {"", 1344, 768}, {"", 1536, 640},
    {"", 640, 1536},  {"", 768, 1344}, {"", 832, 1216}, {"", 896, 1152},
};
static const struct size aspects[] = {
    {"1:1", 1024, 1024}, {"16:9", 1344, 768}, {"21:9", 1536, 640},
    {"2:3", 832, 1216},  {"3:2", 1216, 832},  {"4:5", 896, 1088},
    {"5:4", 1088, 896},  {"9:16", 768, 1344}, {"9:21", 640, 1536},
};

static int refuse_member(struct ir_error *err, const char *what)
{
    return refuse(err, &refuse_validation, "Malformed input request: %s.", what);
}

/* Characters of UTF-8. */
static size_t count_chars(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static void take_base_size(struct standin *standin)
{
    if (standin->base.rgba == NULL)
        return;
    standin->width_px = standin->base.width_px;
    standin->height_px = standin->base.height_px;
}

/* ---- SDXL -------------------------------------------------------------------------------- */

static int read_sdxl_prompts(const struct ir_json_value *body, struct standin *out,
                             struct ir_error *err)
{
    const struct ir_json_value *prompts = ir_json_get(body, "text_prompts");
    if (ir_json_count(prompts) == 0)
        return refuse_member(err, "text_prompts needs at least one prompt");
    for (size_t i = 0; i < ir_json_count(prompts); i++) {
        const struct ir_json_value *prompt = ir_json_at(prompts, i);
        const char *text = ir_json_member_string(prompt, "text", "");
        double weight = ir_json_number(ir_json_get(prompt, "weight"), 1);
        if (*text == '\0' || count_chars(text) > MAX_TEXT_CHARS)
            return refuse_member(err, "the text of a prompt must have 1 to 2000 characters");
        if (weight <= 0)
            ir_buf_append_text(&out->prompt, "not: ");
        ir_buf_append_text(&out->prompt, text);
        ir_buf_append_char(&out->prompt, ' ');
    }
    return out->prompt.failed != 0 ? refuse_member(err, "the prompts are too long") : 0;
}

static int read_sdxl_size(const struct ir_json_value *body, struct standin *out,
                          struct ir_error *err)
{
    double width = 1024;
    double height = 1024;
    int rc = standin_read_number(body, "width", 1, 4096, &width, err);
    if (rc == 0)
        rc = standin_read_number(body, "height", 1, 4096, &height, err);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < COUNT(sdxl_sizes); i++)
        if (sdxl_sizes[i].width_px == width && sdxl_sizes[i].height_px == height) {
            out->width_px = sdxl_sizes[i].width_px;
            out->height_px = sdxl_sizes[i].height_px;
            return 0;
        }
    return refuse_member(err,
                         "the size must be 1024x1024, 1152x896, 1216x832, 1344x768, 1536x640 or "
                         "one of these the other way round");
}

static int read_sdxl_mask(const struct ir_json_value *body, struct standin *out,
                          struct ir_error *err)
{
    const char *source = ir_json_member_string(body, "mask_source", NULL);
    if (source == NULL)
        return ir_json_get(body, "mask_image") == NULL
                   ? 0
                   : refuse_member(err, "mask_image needs mask_source");
    if (strcmp(source, "MASK_IMAGE_WHITE") == 0)
        out->mask_kind = STANDIN_MASK_WHITE;
    else if (strcmp(source, "MASK_IMAGE_BLACK") == 0)
        out->mask_kind = STANDIN_MASK_BLACK;
    else if (strcmp(source, "INIT_IMAGE_ALPHA") == 0)
        out->mask_kind = STANDIN_MASK_ALPHA;
    else
        return refuse_member(err, "mask_source is not known");
    return standin_read_picture(body, "mask_image", &out->mask, err);
}

static int read_sdxl(const struct ir_json_value *body, struct standin *out, struct ir_error *err)
{
    double ignored = 0; /* only checked: nothing is sampled */
    int rc = read_sdxl_prompts(body, out, err);
    if (rc == 0)
        rc = standin_read_number(body, "seed", 0, 4294967295.0, &out->seed, err);
    if (rc == 0)
        rc = standin_read_number(body, "cfg_scale", 0, 35, &ignored, err);
    if (rc == 0)
        rc = standin_read_number(body, "steps", 10, 150, &ignored, err);
    if (rc == 0)
        rc = standin_read_number(body, "samples", 1, 1, &ignored, err);
    if (rc == 0)
        rc = standin_read_number(body, "image_strength", 0, 1, &out->base_part, err);
    if (rc == 0)
        rc = read_sdxl_size(body, out, err);
    if (rc == 0)
        rc = standin_read_picture(body, "init_image", &out->base, err);
    if (rc == 0)
        rc = read_sdxl_mask(body, out, err);
    take_base_size(out);
    return rc;
}

int standin_sdxl(const struct ir_json_value *body, struct answer *answer, struct ir_error *err)
{
    struct standin standin;
    struct ir_json_writer writer;
    struct ir_buf base64;
    standin_init(&standin);
    ir_buf_init(&base64, MAX_IMAGE_BASE64_BYTES);
    int rc = read_sdxl(body, &standin, err);
    if (rc == 0)
        rc = standin_paint(&standin, &base64, err);
    if (rc == 0) {
        ir_json_writer_init(&writer, &answer->body);
        ir_json_begin_object(&writer);
        ir_json_member_put_string(&writer, "result", "success");
        ir_json_key(&writer, "artifacts");
        ir_json_begin_array(&writer);
        ir_json_begin_object(&writer);
        ir_json_member_put_integer(&writer, "seed", (long long)standin.seed);
        ir_json_member_put_string(&writer, "base64", ir_buf_text(&base64));
        ir_json_member_put_string(&writer, "finishReason", "SUCCESS");
        ir_json_end_object(&writer);
        ir_json_end_array(&writer);
        ir_json_end_object(&writer);
    }
    ir_buf_release(&base64);
    standin_release(&standin);
    return rc;
}

/* ---- Stability --------------------------------------------------------------------------- */

/* Members of edits that are not drawn here. */
static const char *const other_edits[] = {
    "search_prompt",
    "select_prompt",
    "control_strength",
    "fidelity",
    "style_image",
    "init_image",
    "left",
    "right",
    "up",
    "down",
    "creativity",
    "style_strength",
    "composition_fidelity",
    "change_strength",
};

static int read_aspect(const struct ir_json_value *body, struct standin *out, struct ir_error *err)
{
    const char *aspect = ir_json_member_string(body, "aspect_ratio", "1:1");
    for (size_t i = 0; i < COUNT(aspects); i++)
        if (strcmp(aspect, aspects[i].aspect) == 0) {
            out->width_px = aspects[i].width_px;
            out->height_px = aspects[i].height_px;
            return 0;
        }
    return refuse_member(err, "aspect_ratio must be 16:9, 1:1, 21:9, 2:3, 3:2, 4:5, 5:4, 9:16 or "
                              "9:21");
}

static int read_image_prompt(const struct ir_json_value *body, struct standin *out,
                             struct ir_error *err)
{
    const char *prompt = ir_json_member_string(body, "prompt", "");
    const char *negative = ir_json_member_string(body, "negative_prompt", NULL);
    if (*prompt == '\0' || count_chars(prompt) > MAX_PROMPT_CHARS)
        return refuse_member(err, "prompt must have 1 to 10000 characters");
    ir_buf_append_text(&out->prompt, prompt);
    if (negative != NULL)
        ir_buf_appendf(&out->prompt, " not: %s", negative);
    return out->prompt.failed != 0 ? refuse_member(err, "the prompts are too long") : 0;
}

/* The models' strength is how much is changed: 1 is as if there were no picture. */
static int read_image_base(const struct ir_json_value *body, struct standin *out,
                           struct ir_error *err)
{
    const char *mode = ir_json_member_string(body, "mode", NULL);
    double strength = 0.5;
    int rc = standin_read_number(body, "strength", 0, 1, &strength, err);
    if (rc == 0)
        rc = standin_read_picture(body, "image", &out->base, err);
    if (rc == 0)
        rc = standin_read_picture(body, "mask", &out->mask, err);
    if (rc != 0)
        return rc;
    if (mode != NULL && (strcmp(mode, "image-to-image") == 0) != (out->base.rgba != NULL))
        return refuse_member(err, "mode and image do not fit together");
    out->base_part = 1 - strength;
    if (out->mask.rgba != NULL)
        out->mask_kind = STANDIN_MASK_WHITE;
    return 0;
}

static int read_image(const struct ir_json_value *body, struct standin *out, struct ir_error *err)
{
    const char *format = ir_json_member_string(body, "output_format", "png");
    for (size_t i = 0; i < COUNT(other_edits); i++)
        if (ir_json_get(body, other_edits[i]) != NULL)
            return refuse(
                err, &refuse_validation,
                "Malformed input request: the stand-in draws from prompt, image and mask; "
                "it has nothing for %s.",
                other_edits[i]);
    if (strcmp(format, "png") != 0)
        return refuse_member(err, "the stand-in gives png only");
    int rc = read_image_prompt(body, out, err);
    if (rc == 0)
        rc = standin_read_number(body, "seed", 0, 4294967294.0, &out->seed, err);
    if (rc == 0)
        rc = read_aspect(body, out, err);
    if (rc == 0)
        rc = read_image_base(body, out, err);
    take_base_size(out);
    return rc;
}

int standin_image(const struct ir_json_value *body, struct answer *answer, struct ir_error *err)
{
    struct standin standin;
    struct ir_json_writer writer;
    struct ir_buf base64;
    standin_init(&standin);
    ir_buf_init(&base64, MAX_IMAGE_BASE64_BYTES);
    int rc = read_image(body, &standin, err);
    if (rc == 0)
        rc = standin_paint(&standin, &base64, err);
    if (rc == 0) {
        ir_json_writer_init(&writer, &answer->body);
        ir_json_begin_object(&writer);
        ir_json_key(&writer, "seeds");
        ir_json_begin_array(&writer);
        ir_json_put_integer(&writer, (long long)standin.seed);
        ir_json_end_array(&writer);
        ir_json_key(&writer, "finish_reasons");
        ir_json_begin_array(&writer);
        ir_json_put_null(&writer);
        ir_json_end_array(&writer);
        ir_json_key(&writer, "images");
        ir_json_begin_array(&writer);
        ir_json_put_string(&writer, ir_buf_text(&base64));
        ir_json_end_array(&writer);
        ir_json_end_object(&writer);
    }
    ir_buf_release(&base64);
    standin_release(&standin);
    return rc;
}
