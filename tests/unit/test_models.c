/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of models: which id is called, and what an error of a model means. */
#include "tests/unit/unit.h"

#include <imgrecog/models.h>

#include "core/base/error.h"
#include "core/task/models.h"

struct id_row {
    const char *name;
    const char *setting;
    const char *region;
    bool is_embedded;
    const char *id; /* NULL = refused */
    enum ir_model_use use;
};

static const struct id_row id_rows[] = {
    {"preset in Ireland", NULL, "eu-west-1", false, "eu.anthropic.claude-haiku-4-5-20251001-v1:0"},
    {"preset in Oregon", "", "us-west-2", false, "us.anthropic.claude-haiku-4-5-20251001-v1:0"},
    {"GovCloud is not us.", "anthropic.claude-sonnet-4-6", "us-gov-west-1", false,
     "us-gov.anthropic.claude-sonnet-4-6"},
    {"Tokyo", "anthropic.claude-sonnet-4-6", "ap-northeast-1", false,
     "jp.anthropic.claude-sonnet-4-6"},
    {"Seoul has no profile of its own", "anthropic.claude-sonnet-4-6", "ap-northeast-2", false,
     "global.anthropic.claude-sonnet-4-6"},
    {"Sydney", "anthropic.claude-sonnet-4-6", "ap-southeast-2", false,
     "au.anthropic.claude-sonnet-4-6"},
    {"a profile that is named stays", "global.anthropic.claude-sonnet-4-6", "eu-west-1", false,
     "global.anthropic.claude-sonnet-4-6"},
    {"an ARN stays", "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-opus-5",
     "us-east-1", false,
     "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-opus-5"},
    {"a model that needs no profile", "anthropic.claude-3-haiku-20240307-v1:0", "eu-west-1", false,
     "anthropic.claude-3-haiku-20240307-v1:0"},
    {"a model that is not in the table", "meta.llama-9", "eu-west-1", false, "meta.llama-9"},
    {"without a region", "anthropic.claude-sonnet-4-6", NULL, false, "anthropic.claude-sonnet-4-6"},
    {"on this machine", NULL, NULL, true, "imgrecog.local-describer-v1"},
    {"images", NULL, "us-west-2", false, "stability.stable-image-core-v1:1", IR_USE_IMAGES},
    {"an image service", "stability.stable-outpaint-v1:0", "us-west-2", false,
     "us.stability.stable-outpaint-v1:0", IR_USE_IMAGES},
    {"images on this machine", NULL, NULL, true, "imgrecog.local-standin-image-v1", IR_USE_IMAGES},
    {"images from an image", NULL, "us-west-2", false, "stability.sd3-5-large-v1:0",
     IR_USE_IMAGES_FROM_IMAGE},
    {"images from an image on this machine", NULL, NULL, true, "imgrecog.local-standin-image-v1",
     IR_USE_IMAGES_FROM_IMAGE},
    {"a blank", "anthropic claude", "eu-west-1", false, NULL},
    {"a line feed", "anthropic\n", "eu-west-1", false, NULL},
};

static void test_id(void **state)
{
    const struct id_row *row = *state;
    char id[IR_MODEL_ID_BYTES] = "untouched";
    struct ir_error err = {0};
    const struct ir_model_place place = {row->region, row->is_embedded, row->use};
    int rc = ir_model_resolve(row->setting, &place, id, &err);
    assert_int_equal(rc, row->id != NULL ? 0 : IR_ERR_ARG);
    assert_string_equal(id, row->id != NULL ? row->id : "untouched");
    if (rc != 0)
        assert_non_null(strstr(err.hint, "inference profile"));
}

static const struct traits_row {
    const char *name;
    const char *model;
    struct ir_model_traits traits;
} traits_rows[] = {
    {"traits: none", NULL, {false, false, false}},
    {"traits: no name", "", {false, false, false}},
    {"traits: for words", "eu.anthropic.claude-sonnet-4-6", {true, false, false}},
    {"traits: SDXL", "stability.stable-diffusion-xl-v1", {true, false, true}},
    {"traits: SDXL by its ARN",
     "arn:aws:bedrock:us-east-1::foundation-model/stability.stable-diffusion-xl-v1",
     {true, false, true}},
    {"traits: what is only called so", "example.sdxl-and-diffusion-xl-v1", {false, false, false}},
    {"traits: an image service", "us.stability.stable-outpaint-v1:0", {true, false, false}},
    {"traits: the describer here", "imgrecog.local-describer-v1", {true, true, false}},
    {"traits: SDXL here", "imgrecog.local-standin-sdxl-v1", {true, true, true}},
};

static void test_traits(void **state)
{
    const struct traits_row *row = *state;
    struct ir_model_traits traits = ir_model_get_traits(row->model);
    assert_int_equal(traits.is_known, row->traits.is_known);
    assert_int_equal(traits.is_embedded, row->traits.is_embedded);
    assert_int_equal(traits.is_sdxl, row->traits.is_sdxl);
}

struct seen_row {
    const char *name;
    const char *model;
    int width_px, height_px, seen_width_px, seen_height_px;
};

static const struct seen_row seen_rows[] = {
    {"seen: small", "anthropic.claude-sonnet-4-6", 1000, 500, 1000, 500},
    {"seen: the edge", "eu.anthropic.claude-sonnet-4-6", 3136, 1000, 1568, 500},
    {"seen: the patches", "anthropic.claude-sonnet-4-6", 1500, 1500, 1092, 1092},
    {"seen: a sharper model", "anthropic.claude-opus-4-8", 5152, 2000, 2576, 1000},
    {"seen: an ended model", "anthropic.claude-3-haiku-20240307-v1:0", 3136, 1000, 1568, 500},
    {"seen: a line", "anthropic.claude-sonnet-4-6", 8000, 1, 1568, 1},
    {"seen: on this machine", "imgrecog.local-describer-v1", 5000, 4000, 5000, 4000},
    {"seen: who knows", "meta.llama-9", 5000, 4000, 5000, 4000},
};

static void test_seen(void **state)
{
    const struct seen_row *row = *state;
    int width = row->width_px;
    int height = row->height_px;
    ir_model_seen_size(row->model, &width, &height);
    assert_int_equal(width, row->seen_width_px);
    assert_int_equal(height, row->seen_height_px);
}

static void test_long_id(void **state)
{
    char setting[IR_MODEL_ID_BYTES];
    char id[IR_MODEL_ID_BYTES];
    (void)state;
    memset(setting, 'a', sizeof setting);
    setting[sizeof setting - 1] = '\0';
    assert_int_equal(
        ir_model_resolve(setting, &(struct ir_model_place){.region = "eu-west-1"}, id, NULL),
        IR_ERR_ARG);
}

struct hint_row {
    const char *name;
    const char *model_id;
    const char *aws_code;
    const char *message;
    const char *hint; /* is in it; NULL = stays "as it was" */
};

static const struct hint_row hint_rows[] = {
    {"the end of a seed's model", "anthropic.claude-3-haiku-20240307-v1:0",
     "ResourceNotFoundException", "This model version has reached the end of its life.",
     "2026-09-10: set model to eu.anthropic.claude-haiku-4-5"},
    {"the end of one that is not known", "x.y", "ResourceNotFoundException",
     "This model version has reached the end of its life.",
     "`imgrecog models`, as the setting model or image-model"},
    {"the end of an image model", "stability.stable-diffusion-xl-v1", "ResourceNotFoundException",
     "This model version has reached the end of its life.",
     "2025-05-20: set image-model to stability.sd3-5-large-v1:0"},
    {"no such model here", "x.y", "ValidationException",
     "The provided model identifier is invalid.", "`imgrecog models` lists for this region"},
    {"legacy and idle", "anthropic.claude-3-sonnet-20240229-v1:0", "ResourceNotFoundException",
     "Access denied. This Model is marked by provider as Legacy", "eu.anthropic.claude-sonnet-4-6"},
    {"not there at all", "x.y", "ResourceNotFoundException", "Could not resolve the model", NULL},
    {"needs a profile", "x.new-model", "ValidationException",
     "Invocation of model ID x with on-demand throughput isn't supported.", "eu.x.new-model"},
    {"another validation error", "x", "ValidationException", "too long", NULL},
    {"no access", "x.y", "AccessDeniedException", "You don't have access", "bedrock:InvokeModel"},
    {"something else", "x.y", "ThrottlingException", "slow down", NULL},
};

static void test_hint(void **state)
{
    const struct hint_row *row = *state;
    struct ir_error err = {0};
    ir_fail(&err, IR_ERR_SERVICE, "%s", row->message);
    ir_error_set_hint(&err, "as it was");
    ir_text_copy(err.aws_code, sizeof err.aws_code, row->aws_code);
    ir_model_explain(row->model_id, "eu-west-1", &err);
    if (row->hint == NULL)
        assert_string_equal(err.hint, "as it was");
    else if (strstr(err.hint, row->hint) == NULL)
        fail_msg("the hint is: %s", err.hint);
    assert_string_equal(err.message, row->message);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_id, id_rows);
    UNIT_ADD_ROWS(&list, test_traits, traits_rows);
    UNIT_ADD_ROWS(&list, test_seen, seen_rows);
    unit_add(&list, "an id that is too long", test_long_id);
    UNIT_ADD_ROWS(&list, test_hint, hint_rows);
    return unit_run(&list, "models");
}
