/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of models. Sources: AWS's model cards and lifecycle page,
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-lifecycle.html, and
 * https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html (prefixes).
 */
#include "core/task/models.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <imgrecog/models.h>

#include "core/base/error.h"

#define SERVICE "Bedrock"
#define PRESET_ID "anthropic.claude-haiku-4-5-20251001-v1:0"
#define IMAGE_PRESET_ID "stability.stable-image-core-v1:1"
#define FROM_IMAGE_PRESET_ID "stability.sd3-5-large-v1:0"
#define CLAUDE_PREFIX "anthropic."
#define PATCH_PX 28.0 /* a side of what Claude counts as a token */
#define STEP 0.9995   /* smaller by so much until the patches fit */
#define MAX_STEPS 400
#define EMBEDDED_PREFIX "imgrecog."
#define EMBEDDED_PRESET_ID EMBEDDED_PREFIX "local-describer-v1"
#define EMBEDDED_IMAGE_PRESET_ID EMBEDDED_PREFIX "local-standin-image-v1"

/* Prices: US dollars a million tokens, in and out. */
#define TOKENS(in, out) {.unit = IR_PRICE_TOKENS, .input_usd = (in), .output_usd = (out)}
/* ... an image. */
#define IMAGES(each) {.unit = IR_PRICE_IMAGES, .each_usd = (each)}
#define FREE {.unit = IR_PRICE_FREE}

#define CLAUDE(id, name, in, out, large)                                                           \
    {.base_id = (id),                                                                              \
     .title = (name),                                                                              \
     .needs_profile = true,                                                                        \
     .has_structured = true,                                                                       \
     .price = TOKENS(in, out),                                                                     \
     .is_dearer_in_region = true,                                                                  \
     .sees_large = (large)}
#define ENDED(id, name, profile, end, next, in, out)                                               \
    {.base_id = (id),                                                                              \
     .title = (name),                                                                              \
     .needs_profile = (profile),                                                                   \
     .end_of_life = (end),                                                                         \
     .replacement = (next),                                                                        \
     .price = TOKENS(in, out)}
#define MAKES(id, name, each, more)                                                                \
    {.base_id = (id),                                                                              \
     .title = (name),                                                                              \
     .family = IR_FAMILY_STABILITY,                                                                \
     .task = IR_STABILITY_GENERATE,                                                                \
     .price = IMAGES(each),                                                                        \
     more}
#define EDITS(id, name, task_, edit_, each)                                                        \
    {.base_id = (id),                                                                              \
     .title = (name),                                                                              \
     .family = IR_FAMILY_STABILITY,                                                                \
     .task = (task_),                                                                              \
     .needs_profile = true,                                                                        \
     .edit = (edit_),                                                                              \
     .price = IMAGES(each)}

/*
 * Prices of IR_MODELS_DATE, from https://aws.amazon.com/bedrock/pricing/ and, for Claude, from
 * https://platform.claude.com/docs/en/about-claude/pricing. Where sources disagree, the higher:
 * Stable Diffusion 3.5 Large is also told as 0.065, Stable Image Ultra as 0.08. Those of models
 * that have ended are history.
 */
static const struct ir_model_facts models[] = {
    ENDED("anthropic.claude-3-haiku-20240307-v1:0", "Claude 3 Haiku", false, "2026-09-10",
          PRESET_ID, 0.25, 1.25),
    ENDED("anthropic.claude-3-sonnet-20240229-v1:0", "Claude 3 Sonnet", false, "2026-07-30",
          "anthropic.claude-sonnet-4-6", 3, 15),
    ENDED("anthropic.claude-sonnet-4-20250514-v1:0", "Claude Sonnet 4", true, "2026-10-14",
          "anthropic.claude-sonnet-4-6", 3, 15),
    ENDED("anthropic.claude-opus-4-1-20250805-v1:0", "Claude Opus 4.1", true, "2027-01-08",
          "anthropic.claude-opus-4-6-v1", 15, 75),
    CLAUDE(PRESET_ID, "Claude Haiku 4.5", 1, 5, false),
    CLAUDE("anthropic.claude-sonnet-4-5-20250929-v1:0", "Claude Sonnet 4.5", 3, 15, false),
    CLAUDE("anthropic.claude-sonnet-4-6", "Claude Sonnet 4.6", 3, 15, false),
    CLAUDE("anthropic.claude-opus-4-5-20251101-v1:0", "Claude Opus 4.5", 5, 25, false),
    CLAUDE("anthropic.claude-opus-4-6-v1", "Claude Opus 4.6", 5, 25, false),
    CLAUDE("anthropic.claude-opus-4-7", "Claude Opus 4.7", 5, 25, true),
    CLAUDE("anthropic.claude-opus-4-8", "Claude Opus 4.8", 5, 25, true),
    CLAUDE("anthropic.claude-opus-5", "Claude Opus 5", 5, 25, true),
    CLAUDE("anthropic.claude-opus-5-5", "Claude Opus 5.5", 4, 20, true),
    CLAUDE("anthropic.claude-sonnet-5", "Claude Sonnet 5", 3, 15, true),
    CLAUDE("anthropic.claude-sonnet-5-5", "Claude Sonnet 5.5", 2, 10, true),
    {.base_id = EMBEDDED_PRESET_ID,
     .title = "the describer on this machine",
     .has_structured = true,
     .price = FREE},
    {.base_id = "stability.stable-diffusion-xl-v1",
     .title = "Stable Diffusion XL 1.0",
     .family = IR_FAMILY_SDXL,
     .end_of_life = "2025-05-20",
     .replacement = FROM_IMAGE_PRESET_ID,
     .price = IMAGES(0.04)},
    MAKES(FROM_IMAGE_PRESET_ID, "Stable Diffusion 3.5 Large", 0.08, .wants_mode = true),
    MAKES(IMAGE_PRESET_ID, "Stable Image Core", 0.04, .words_only = true),
    MAKES("stability.stable-image-ultra-v1:1", "Stable Image Ultra", 0.14, ),
    EDITS("stability.stable-image-inpaint-v1:0", "Stable Image Inpaint", IR_STABILITY_INPAINT,
          "inpaint", 0.07),
    EDITS("stability.stable-outpaint-v1:0", "Stable Outpaint", IR_STABILITY_OUTPAINT, "outpaint",
          0.06),
    EDITS("stability.stable-image-erase-object-v1:0", "Stable Image Erase Object",
          IR_STABILITY_ERASE_OBJECT, "erase", 0.07),
    EDITS("stability.stable-image-remove-background-v1:0", "Stable Image Remove Background",
          IR_STABILITY_REMOVE_BACKGROUND, "remove-background", 0.07),
    EDITS("stability.stable-image-search-replace-v1:0", "Stable Image Search and Replace",
          IR_STABILITY_SEARCH_REPLACE, "search-replace", 0.07),
    EDITS("stability.stable-image-search-recolor-v1:0", "Stable Image Search and Recolor",
          IR_STABILITY_SEARCH_RECOLOR, "recolor", 0.07),
    EDITS("stability.stable-image-control-sketch-v1:0", "Stable Image Control Sketch",
          IR_STABILITY_CONTROL_SKETCH, "sketch", 0.07),
    EDITS("stability.stable-image-control-structure-v1:0", "Stable Image Control Structure",
          IR_STABILITY_CONTROL_STRUCTURE, "structure", 0.07),
    EDITS("stability.stable-image-style-guide-v1:0", "Stable Image Style Guide",
          IR_STABILITY_STYLE_GUIDE, "style-guide", 0.07),
    EDITS("stability.stable-style-transfer-v1:0", "Stable Style Transfer",
          IR_STABILITY_STYLE_TRANSFER, "style-transfer", 0.08),
    EDITS("stability.stable-creative-upscale-v1:0", "Stable Creative Upscale",
          IR_STABILITY_CREATIVE_UPSCALE, "upscale-creative", 0.60),
    EDITS("stability.stable-conservative-upscale-v1:0", "Stable Conservative Upscale",
          IR_STABILITY_CONSERVATIVE_UPSCALE, "upscale-conservative", 0.40),
    EDITS("stability.stable-fast-upscale-v1:0", "Stable Fast Upscale", IR_STABILITY_FAST_UPSCALE,
          "upscale-fast", 0.03),
    {.base_id = EMBEDDED_PREFIX "local-standin-sdxl-v1",
     .title = "the stand-in on this machine",
     .family = IR_FAMILY_SDXL,
     .price = FREE},
    {.base_id = EMBEDDED_IMAGE_PRESET_ID,
     .title = "the stand-in on this machine",
     .family = IR_FAMILY_STABILITY,
     .task = IR_STABILITY_GENERATE,
     .price = FREE},
};

/* Regions to prefixes of inference profiles; the first that begins the region's name counts. */
static const struct {
    const char *region_prefix;
    const char *profile_prefix;
} profiles[] = {
    {"us-gov-", "us-gov."},
    {"us-", "us."},
    {"eu-", "eu."},
    {"ap-northeast-1", "jp."},
    {"ap-northeast-3", "jp."},
    {"ap-southeast-2", "au."},
    {"ap-southeast-4", "au."},
    {"", "global."},
};

static const char *const profile_prefixes[] = {"us-gov.", "us.",   "eu.",    "jp.",
                                               "au.",     "apac.", "global."};

const char *ir_model_profile_prefix(const char *region)
{
    size_t i = 0;
    while (strncmp(region, profiles[i].region_prefix, strlen(profiles[i].region_prefix)) != 0)
        i++;
    return profiles[i].profile_prefix;
}

const char *ir_model_base(const char *model_id)
{
    const char *slash = strrchr(model_id, '/');
    const char *base = slash != NULL ? slash + 1 : model_id;
    for (size_t i = 0; i < sizeof profile_prefixes / sizeof profile_prefixes[0]; i++) {
        size_t chars = strlen(profile_prefixes[i]);
        if (strncmp(base, profile_prefixes[i], chars) == 0)
            return base + chars;
    }
    return base;
}

const struct ir_model_facts *ir_model_find(const char *model_id)
{
    const char *base = ir_model_base(model_id);
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++)
        if (strcmp(models[i].base_id, base) == 0)
            return &models[i];
    return NULL;
}

const struct ir_model_facts *ir_model_at(size_t row_index)
{
    return row_index < sizeof models / sizeof models[0] ? &models[row_index] : NULL;
}

bool ir_model_is_embedded(const struct ir_model_facts *facts)
{
    return strncmp(facts->base_id, EMBEDDED_PREFIX, sizeof EMBEDDED_PREFIX - 1) == 0;
}

struct ir_model_traits ir_model_get_traits(const char *model)
{
    const struct ir_model_facts *facts = model != NULL ? ir_model_find(model) : NULL;
    if (facts == NULL)
        return (struct ir_model_traits){.is_known = false};
    return (struct ir_model_traits){.is_known = true,
                                    .is_embedded = ir_model_is_embedded(facts),
                                    .is_sdxl = facts->family == IR_FAMILY_SDXL};
}

const struct ir_model_facts *ir_model_of_edit(const char *edit)
{
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++)
        if (models[i].edit != NULL && strcmp(models[i].edit, edit) == 0)
            return &models[i];
    return NULL;
}

static int check_id(const char *model_id, struct ir_error *err)
{
    bool has_control = false;
    size_t chars = 0;
    for (; model_id[chars] != '\0'; chars++)
        has_control |= (unsigned char)model_id[chars] <= ' ' || model_id[chars] == 0x7f;
    if (!has_control && chars < IR_MODEL_ID_BYTES - sizeof "us-gov.")
        return 0;
    int rc = ir_fail(err, IR_ERR_ARG, "the model's name is too long or has a blank in it");
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "Name a model's id, an inference profile's id or an ARN.");
    return rc;
}

static const char *preset_of(const struct ir_model_place *place)
{
    static const char *const of_aws[] = {[IR_USE_WORDS] = PRESET_ID,
                                         [IR_USE_IMAGES] = IMAGE_PRESET_ID,
                                         [IR_USE_IMAGES_FROM_IMAGE] = FROM_IMAGE_PRESET_ID};
    if (!place->is_embedded)
        return of_aws[place->use];
    return place->use == IR_USE_WORDS ? EMBEDDED_PRESET_ID : EMBEDDED_IMAGE_PRESET_ID;
}

int ir_model_resolve(const char *setting, const struct ir_model_place *place,
                     char out[IR_MODEL_ID_BYTES], struct ir_error *err)
{
    const char *wanted = setting != NULL && *setting != '\0' ? setting : preset_of(place);
    int rc = check_id(wanted, err);
    if (rc != 0)
        return rc;
    const struct ir_model_facts *facts = ir_model_find(wanted);
    bool is_bare = facts != NULL && strcmp(facts->base_id, wanted) == 0;
    const char *prefix = is_bare && facts->needs_profile && place->region != NULL
                             ? ir_model_profile_prefix(place->region)
                             : "";
    snprintf(out, IR_MODEL_ID_BYTES, "%s%s", prefix, wanted);
    return 0;
}

/* ---- what it sees ------------------------------------------------------------------------ */

struct ir_model_sight ir_model_sight_of(const struct ir_model_facts *facts)
{
    static const struct ir_model_sight small = {1568, 1568};
    static const struct ir_model_sight large = {2576, 4784};
    return facts == NULL || facts->sees_large ? large : small;
}

double ir_model_patches(double width_px, double height_px)
{
    return ceil(width_px / PATCH_PX) * ceil(height_px / PATCH_PX);
}

/*
 * The largest picture of this shape within the edge and the number of patches. AWS and Anthropic
 * name both limits and not how they round, so this is right to within a patch.
 */
void ir_model_seen_size(const char *model_id, int *width_px, int *height_px)
{
    const struct ir_model_facts *facts = ir_model_find(model_id);
    double width = *width_px;
    double height = *height_px;
    if (facts == NULL || strncmp(facts->base_id, CLAUDE_PREFIX, strlen(CLAUDE_PREFIX)) != 0 ||
        width < 1.0 || height < 1.0)
        return;
    const struct ir_model_sight sight = ir_model_sight_of(facts);
    double scale = fmin(1.0, sight.edge_px / fmax(width, height));
    if (ir_model_patches(width * scale, height * scale) > sight.patches)
        scale = fmin(scale, sqrt(sight.patches * PATCH_PX * PATCH_PX / (width * height)));
    for (int i = 0; i < MAX_STEPS && scale < 1.0 &&
                    ir_model_patches(round(width * scale), round(height * scale)) > sight.patches;
         i++)
        scale *= STEP;
    *width_px = (int)fmax(1.0, round(width * scale));
    *height_px = (int)fmax(1.0, round(height * scale));
}

/* ---- what an error means ----------------------------------------------------------------- */

static bool says(const struct ir_error *err, const char *words)
{
    return strstr(err->message, words) != NULL;
}

/* Which setting names such a model. */
static const char *setting_of(const struct ir_model_facts *facts)
{
    if (facts == NULL)
        return "model or image-model";
    return facts->family == IR_FAMILY_WORDS ? "model" : "image-model";
}

static void hint_replacement(const struct ir_model_facts *facts, const char *region,
                             struct ir_error *err)
{
    const struct ir_model_place place = {.region = region};
    char id[IR_MODEL_ID_BYTES];
    if (facts != NULL && facts->replacement != NULL &&
        ir_model_resolve(facts->replacement, &place, id, NULL) == 0)
        ir_error_set_hint(err,
                          "%s came to its end on %s: set %s to %s. `imgrecog models` lists "
                          "all that can be used.",
                          facts->title, facts->end_of_life, setting_of(facts), id);
    else
        ir_error_set_hint(err,
                          "The model is not offered any more: choose another from `imgrecog "
                          "models`, as the setting %s.",
                          setting_of(facts));
}

void ir_model_explain(const char *model_id, const char *region, struct ir_error *err)
{
    if (err == NULL || err->code == 0)
        return;
    const struct ir_model_facts *facts = ir_model_find(model_id);
    bool is_invalid = strcmp(err->aws_code, "ValidationException") == 0;
    if (strcmp(err->aws_code, "ResourceNotFoundException") == 0 &&
        (says(err, "end of its life") || says(err, "Legacy")))
        hint_replacement(facts, region, err);
    else if (is_invalid && says(err, "on-demand throughput"))
        ir_error_set_hint(err,
                          "Name an inference profile as the model: %s%s, or one that `imgrecog "
                          "models` lists.",
                          ir_model_profile_prefix(region != NULL ? region : ""),
                          ir_model_base(model_id));
    else if (is_invalid && says(err, "model identifier is invalid"))
        ir_error_set_hint(err, "Set %s to one that `imgrecog models` lists for this region.",
                          setting_of(facts));
    else if (strcmp(err->aws_code, "AccessDeniedException") == 0)
        ir_error_set_hint(err,
                          "The role needs bedrock:InvokeModel for %s, and the account access "
                          "to the model (Anthropic's need a use-case form once). `imgrecog "
                          "doctor` says which of them is missing.",
                          model_id);
}
