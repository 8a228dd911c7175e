/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The generate task over a transport that answers from a script: which form is spoken, which shape
 * is chosen, what is refused before it costs anything, and that a picture that was held back is
 * never a success.
 */
#include "tests/unit/fake_client.h"

#include <imgrecog/generate.h>

#include <math.h>

#include "core/task/disclosure.h"

/* A PNG of 1 x 1 pixel, and the same in base64. */
static const unsigned char png[] = {0x89, 'P', 'N', 'G',  '\r', '\n', 0x1a, '\n', 0,    0, 0, 13,
                                    'I',  'H', 'D', 'R',  0,    0,    0,    1,    0,    0, 0, 1,
                                    8,    0,   0,   0,    0,    0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0,
                                    10,   'I', 'D', 'A',  'T',  0x78, 0x9c, 0x63, 0x60, 0, 0, 0,
                                    2,    0,   1,   0x48, 0xaf, 0xa4, 0x71, 0,    0,    0, 0, 'I',
                                    'E',  'N', 'D', 0xae, 0x42, 0x60, 0x82};
#define PNG_BASE64                                                                                 \
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
#define STABILITY_ANSWER                                                                           \
    "{\"seeds\":[42],\"finish_reasons\":[null],\"images\":[\"" PNG_BASE64 "\"]}"
#define SDXL_ANSWER                                                                                \
    "{\"result\":\"success\",\"artifacts\":[{\"seed\":7,\"base64\":\"" PNG_BASE64                  \
    "\",\"finishReason\":\"SUCCESS\"}]}"
#define SDXL "stability.stable-diffusion-xl-v1"
#define SD35 "stability.sd3-5-large-v1:0"
#define RECOLOR "stability.stable-image-search-recolor-v1:0"

static void assert_in(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in: %s", part, text);
}

static void assert_inside(const void *data, size_t bytes, const char *part)
{
    if (memmem(data, bytes, part, strlen(part)) == NULL)
        fail_msg("\"%s\" is not in the picture", part);
}

static struct ir_generate_options plain(void)
{
    struct ir_generate_options options = IR_GENERATE_OPTIONS_INIT;
    options.prompt = "a cat running a marathon";
    return options;
}

/* ---- what is sent ------------------------------------------------------------------------ */

struct shape_row {
    const char *name;
    const char *model;
    unsigned width_px, height_px;
    const char *sent; /* in the body */
};

static const struct shape_row shape_rows[] = {
    {"stability: no size", NULL, 0, 0, "{\"prompt\":\"a cat running a marathon\""},
    {"stability: a square", NULL, 500, 500, "\"aspect_ratio\":\"1:1\""},
    {"stability: a wide screen", NULL, 1920, 1080, "\"aspect_ratio\":\"16:9\""},
    {"stability: a photograph", NULL, 6000, 4000, "\"aspect_ratio\":\"3:2\""},
    {"stability: a telephone", NULL, 1170, 2532, "\"aspect_ratio\":\"9:21\""},
    {"stability: wider than any", NULL, 10000, 1, "\"aspect_ratio\":\"21:9\""},
    {"sdxl: no size", SDXL, 0, 0, "\"height\":1024,\"width\":1024"},
    {"sdxl: its own size", SDXL, 1152, 896, "\"height\":896,\"width\":1152"},
    {"sdxl: a wide screen", SDXL, 1920, 1080, "\"height\":768,\"width\":1344"},
    {"sdxl: a tall one", SDXL, 500, 5000, "\"height\":1536,\"width\":640"},
};

static void test_shape(void **state)
{
    const struct shape_row *row = *state;
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_generate_options options = plain();
    set_up(&fixture);
    fake_transport_add(
        &fixture.transport,
        (struct fake_answer){.body = row->model == NULL ? STABILITY_ANSWER : SDXL_ANSWER});
    options.model = row->model;
    options.width_px = row->width_px;
    options.height_px = row->height_px;
    if (ir_generate(fixture.client, &options, &result, &fixture.err) != 0)
        fail_msg("%s", fixture.err.message);
    const char *body = fixture.transport.seen[0].body;
    /* The order of members is the writer's own: look for both, whichever comes first. */
    if (strstr(body, row->sent) == NULL) {
        char other[64];
        const char *comma = strchr(row->sent, ',');
        assert_non_null(comma);
        snprintf(other, sizeof other, "%s,%.*s", comma + 1, (int)(comma - row->sent), row->sent);
        assert_in(body, other);
    }
    if (row->width_px == 0 && row->model == NULL)
        assert_null(strstr(body, "aspect_ratio"));
    ir_result_free(result);
    tear_down(&fixture);
}

static void test_seed_three(void **state)
{
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_generate_options options = plain();
    (void)state;
    set_up(&fixture);
    fake_transport_add(&fixture.transport, (struct fake_answer){.body = SDXL_ANSWER});
    options.model = SDXL;
    const struct ir_generate_prompt prompts[] = {{"rain", -0.5}, {"dawn", 2}};
    options.prompts = prompts;
    options.prompt_count = 2;
    options.negative_prompt = "dogs";
    options.clip_guidance_preset = "FAST_BLUE";
    options.cfg_scale = 10;
    options.seed = 0;
    options.steps = 50;
    assert_int_equal(ir_generate(fixture.client, &options, &result, &fixture.err), 0);
    const char *body = fixture.transport.seen[0].body;
    assert_in(body, "[{\"text\":\"a cat running a marathon\",\"weight\":1},"
                    "{\"text\":\"rain\",\"weight\":-0.5},{\"text\":\"dawn\",\"weight\":2},"
                    "{\"text\":\"dogs\",\"weight\":-1}]");
    assert_in(body, "\"clip_guidance_preset\":\"FAST_BLUE\"");
    assert_in(body, "\"cfg_scale\":10");
    assert_in(body, "\"seed\":0");
    assert_in(body, "\"steps\":50");
    assert_in(fixture.transport.seen[0].url, "/model/stability.stable-diffusion-xl-v1/invoke");
    ir_result_free(result);
    tear_down(&fixture);
}

static void test_picture(void **state)
{
    static unsigned char data[2048];
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_generate_options options = plain();
    (void)state;
    set_up(&fixture);
    struct ir_picture *picture = fake_picture_new(data, 1024, 1024, 500, 1);
    fake_transport_add(&fixture.transport, (struct fake_answer){.body = STABILITY_ANSWER});
    fake_transport_add(&fixture.transport, (struct fake_answer){.body = SDXL_ANSWER});
    options.picture = picture;
    options.strength = 0.75;
    options.model = SD35;
    assert_int_equal(ir_generate(fixture.client, &options, &result, &fixture.err), 0);
    assert_in(fixture.transport.seen[0].body, "\"mode\":\"image-to-image\"");
    assert_in(fixture.transport.seen[0].body, "\"strength\":0.75");
    ir_result_free(result);
    result = NULL;
    options.model = SDXL;
    assert_int_equal(ir_generate(fixture.client, &options, &result, &fixture.err), 0);
    assert_in(fixture.transport.seen[1].body, "\"image_strength\":0.25");
    const struct ir_generated_picture *made = ir_result_get_generated(result);
    assert_inside(made->data, made->data_bytes, "compositeWithTrainedAlgorithmicMedia");
    ir_result_free(result);
    ir_picture_free(picture);
    tear_down(&fixture);
}

static void test_recolor(void **state)
{
    static unsigned char data[2048];
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_generate_options options = plain();
    (void)state;
    set_up(&fixture);
    struct ir_picture *picture = fake_picture_new(data, 1024, 1024, 500, 1);
    fake_transport_add(&fixture.transport, (struct fake_answer){.body = STABILITY_ANSWER});
    options.picture = picture;
    options.model = RECOLOR;
    options.search = "the car";
    assert_int_equal(ir_generate(fixture.client, &options, &result, &fixture.err), 0);
    assert_in(fixture.transport.seen[0].body, "\"select_prompt\":\"the car\"");
    assert_in(fixture.transport.seen[0].url, "/model/eu.stability.stable-image-search-recolor");
    ir_result_free(result);
    ir_picture_free(picture);
    tear_down(&fixture);
}

/* ---- refused ----------------------------------------------------------------------------- */

static void change_version(struct ir_generate_options *o)
{
    o->version = 2;
}
static void change_prompt(struct ir_generate_options *o)
{
    o->prompt = NULL;
}
static void change_utf8(struct ir_generate_options *o)
{
    o->negative_prompt = "\xff";
}
static void change_height(struct ir_generate_options *o)
{
    o->width_px = 100;
}
static void change_steps(struct ir_generate_options *o)
{
    o->steps = 50;
}
static void change_cfg(struct ir_generate_options *o)
{
    o->cfg_scale = 7;
}
static void change_left(struct ir_generate_options *o)
{
    o->model = SDXL;
    o->left_px = 0;
}
static void change_seed(struct ir_generate_options *o)
{
    o->seed = 4294967296.0;
}
static void change_words_model(struct ir_generate_options *o)
{
    o->model = "anthropic.claude-sonnet-4-6";
}
static void change_unknown_model(struct ir_generate_options *o)
{
    o->model = "acme.painter";
}
static void change_strength(struct ir_generate_options *o)
{
    o->model = SDXL;
    o->strength = 0.5;
}
static void change_sdxl_prompt(struct ir_generate_options *o)
{
    o->model = SDXL;
    o->prompt = NULL;
}
static void change_sdxl_strength(struct ir_generate_options *o)
{
    o->model = SDXL;
    o->strength = -0.5;
}
static void change_sdxl_fidelity(struct ir_generate_options *o)
{
    o->model = SDXL;
    o->fidelity = -0.5;
}
static void change_negative_cfg(struct ir_generate_options *o)
{
    o->cfg_scale = -2;
}
static void change_negative_seed(struct ir_generate_options *o)
{
    o->seed = -2;
}
static void change_last_seed(struct ir_generate_options *o)
{
    o->seed = 4294967295.0;
}
static void change_sdxl_seed(struct ir_generate_options *o)
{
    o->model = SDXL;
    o->seed = 4294967296.0;
}
static void change_service(struct ir_generate_options *o)
{
    o->model = RECOLOR;
}

static void change_edit(struct ir_generate_options *o)
{
    o->edit = "paint";
}
static void change_weight(struct ir_generate_options *o)
{
    static const struct ir_generate_prompt heavy = {"rain", 10.5};
    o->model = SDXL;
    o->prompts = &heavy;
    o->prompt_count = 1;
}
static void change_weight_nan(struct ir_generate_options *o)
{
    static struct ir_generate_prompt none = {"rain", 0};
    none.weight = NAN;
    o->model = SDXL;
    o->prompts = &none;
    o->prompt_count = 1;
}
static void change_prompt_count(struct ir_generate_options *o)
{
    static const struct ir_generate_prompt many[IR_GENERATE_MAX_PROMPTS + 1];
    o->model = SDXL;
    o->prompts = many;
    o->prompt_count = IR_GENERATE_MAX_PROMPTS + 1;
}
static void change_prompts(struct ir_generate_options *o)
{
    change_weight(o);
    static const struct ir_generate_prompt light = {"rain", 1};
    o->prompts = &light;
    o->model = NULL;
}
static void change_writer(struct ir_generate_options *o)
{
    o->prompt_writer = "\xff";
}
static void change_edit_words(struct ir_generate_options *o)
{
    o->edit = "remove-background";
}
static void change_sdxl_style(struct ir_generate_options *o)
{
    o->model = SDXL;
    o->change_strength = 0.5;
}

static const struct refusal_row {
    const char *name;
    void (*change)(struct ir_generate_options *options);
    const char *says;
} refusal_rows[] = {
    {"refused: version", change_version, "version 2"},
    {"refused: no prompt", change_prompt, "prompt"},
    {"refused: not UTF-8", change_utf8, "UTF-8"},
    {"refused: a width without a height", change_height, "height"},
    {"refused: steps of Stability", change_steps, "steps"},
    {"refused: cfg-scale of Stability", change_cfg, "cfg-scale"},
    {"refused: outpainting by SDXL", change_left, "SDXL takes no"},
    {"refused: a seed over its range", change_seed, "seed"},
    {"refused: a model of words", change_words_model, "none whose"},
    {"refused: a model that is not known", change_unknown_model, "none whose"},
    {"refused: a strength without a picture", change_strength, "picture"},
    {"refused: SDXL without words", change_sdxl_prompt, "prompt"},
    {"refused: a strength below 0", change_sdxl_strength, "strength"},
    {"refused: a fidelity below 0 by SDXL", change_sdxl_fidelity, "SDXL takes no"},
    {"refused: a cfg-scale below 0 by Stability", change_negative_cfg, "cfg-scale"},
    {"refused: a seed below 0", change_negative_seed, "seed"},
    {"refused: Stability's seed ends one earlier", change_last_seed, "seed"},
    {"refused: SDXL's seed over its range", change_sdxl_seed, "seed"},
    {"refused: an edit that there is not", change_edit, "no such edit"},
    {"refused: a weight over its range", change_weight, "weight"},
    {"refused: a weight that is no number", change_weight_nan, "weight"},
    {"refused: more prompts than there may be", change_prompt_count, "too many"},
    {"refused: weighted prompts by Stability", change_prompts, "weighted prompts"},
    {"refused: a writer that is not UTF-8", change_writer, "UTF-8"},
    {"refused: words for an edit that takes none", change_edit_words, "prompt is not taken"},
    {"refused: style strengths by SDXL", change_sdxl_style, "SDXL takes no"},
    {"refused: a service without its picture", change_service, "select_prompt is needed"},
};

static void test_refusal(void **state)
{
    const struct refusal_row *row = *state;
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_generate_options options = plain();
    set_up(&fixture);
    row->change(&options);
    assert_int_equal(ir_generate(fixture.client, &options, &result, &fixture.err), IR_ERR_ARG);
    assert_null(result);
    assert_in(fixture.err.message, row->says);
    if (row->change != change_version && fixture.err.hint[0] == '\0')
        fail_msg("no next step: %s", fixture.err.message);
    assert_null(strstr(fixture.err.message, "marathon"));
    assert_int_equal(fixture.transport.call_count, 0);
    tear_down(&fixture);
}

/* What a model sees must be what people see. */
static void test_turned(void **state)
{
    static unsigned char data[2048];
    struct fixture fixture;
    (void)state;
    set_up(&fixture);
    struct ir_picture *picture = fake_picture_new(data, 1024, 1024, 500, 6);
    for (int i = 0; i < 3; i++) {
        struct ir_result *result = NULL;
        struct ir_generate_options options = plain();
        options.picture = i == 0 ? picture : NULL;
        options.mask = i == 1 ? picture : NULL;
        options.style_picture = i == 2 ? picture : NULL;
        assert_int_equal(ir_generate(fixture.client, &options, &result, &fixture.err), IR_ERR_ARG);
        assert_in(fixture.err.message, "turned");
    }
    assert_int_equal(fixture.transport.call_count, 0);
    ir_picture_free(picture);
    tear_down(&fixture);
}

/* Sizes that do not fit together: nothing is stretched. */
static void test_sizes(void **state)
{
    static unsigned char data[2][2048];
    struct fixture fixture;
    (void)state;
    set_up(&fixture);
    struct ir_picture *picture = fake_picture_new(data[0], 1000, 700, 500, 1);
    struct ir_picture *mask = fake_picture_new(data[1], 1000, 699, 500, 1);
    const struct {
        struct ir_picture *mask;
        unsigned side_px;
        const char *model;
        const char *says;
    } rows[] = {
        {mask, 0, NULL, "mask has another size"},
        {NULL, 512, NULL, "that one's size"},
        {NULL, 512, SDXL, "that one's size"},
        {NULL, 0, SDXL, "1000 x 700 pixels, which is none of SDXL's sizes"},
        {NULL, 0, "stability.stable-image-core-v1:1", "words only"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ir_result *result = NULL;
        struct ir_generate_options options = plain();
        options.picture = picture;
        options.mask = rows[i].mask;
        options.model = rows[i].model;
        options.width_px = options.height_px = rows[i].side_px;
        assert_int_equal(ir_generate(fixture.client, &options, &result, &fixture.err), IR_ERR_ARG);
        assert_in(fixture.err.message, rows[i].says);
    }
    assert_in(fixture.err.hint, "image-model");
    assert_int_equal(fixture.transport.call_count, 0);
    ir_picture_free(mask);
    ir_picture_free(picture);
    tear_down(&fixture);
}

/* ---- answers ----------------------------------------------------------------------------- */

static void test_result(void **state)
{
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_generate_options options = plain();
    char *json = NULL;
    (void)state;
    set_up(&fixture);
    fake_transport_add(&fixture.transport, (struct fake_answer){.body = STABILITY_ANSWER});
    assert_int_equal(ir_generate(fixture.client, &options, &result, &fixture.err), 0);
    const struct ir_generated_picture *made = ir_result_get_generated(result);
    assert_int_equal(made->width_px, 1);
    assert_true(made->has_seed && made->seed == 42);
    assert_true(made->data_bytes > sizeof png);
    assert_memory_equal(made->data, png, 33);
    assert_memory_equal((const char *)made->data + made->data_bytes - (sizeof png - 33), png + 33,
                        sizeof png - 33);
    assert_int_equal(ir_result_to_json(result, &json, NULL, NULL), 0);
    assert_in(json, "\"generated\":{\"width\":1,\"height\":1,\"media_type\":\"image/png\"");
    assert_in(json, "\"seed\":42,\"model\":\"stability.stable-image-core-v1:1\"");
    assert_null(strstr(json, "marathon"));
    assert_null(strstr(json, "\"image\":"));
    ir_free(json);
    ir_result_free(result);
    tear_down(&fixture);
}

static const struct answer_row {
    const char *name;
    struct fake_answer answer;
    int code;
    const char *says;
    const char *hint;
} answer_rows[] = {
    {"answer: filtered",
     {.body = "{\"seeds\":[1],\"finish_reasons\":[\"Filter reason: prompt\"],\"images\":[]}"},
     IR_ERR_SERVICE,
     "Filter reason",
     "it is charged"},
    {"answer: empty",
     {.body = "{\"seeds\":[],\"finish_reasons\":[],\"images\":[]}"},
     IR_ERR_RESPONSE,
     "no pictures",
     "it is charged"},
    {"answer: not a PNG",
     {.body = "{\"seeds\":[1],\"finish_reasons\":[null],\"images\":[\"aGVsbG8=\"]}"},
     IR_ERR_RESPONSE,
     "not a PNG",
     ""},
    {"answer: nonsense", {.body = "[]"}, IR_ERR_RESPONSE, "", ""},
    {"answer: the model has ended",
     {.status = 404,
      .header = "x-amzn-errortype: ResourceNotFoundException",
      .body = "{\"message\":\"This model version has reached the end of its life.\"}"},
     IR_ERR_SERVICE,
     "end of its life",
     "imgrecog models"},
};

static void test_answer(void **state)
{
    const struct answer_row *row = *state;
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_generate_options options = plain();
    set_up(&fixture);
    fake_transport_add(&fixture.transport, row->answer);
    assert_int_equal(ir_generate(fixture.client, &options, &result, &fixture.err), row->code);
    assert_null(result);
    assert_in(fixture.err.message, row->says);
    assert_in(fixture.err.hint, row->hint);
    assert_int_equal(fixture.err.maybe_served, row->answer.status == 0);
    assert_int_equal(fixture.transport.call_count, 1);
    tear_down(&fixture);
}

/* ---- the disclosure ---------------------------------------------------------------------- */

static void test_replaced(void **state)
{
    const struct ir_disclosure first = {
        .made_by = IR_MADE_BY_MODEL,
        .system = "A & <B>",
        .version = "\"v\"",
        .prompt = "a\nb\x01\xef\xbf\xbf&",
        .prompt_writer = "Ann",
    };
    const struct ir_disclosure second = {
        .made_by = IR_MADE_BY_ALGORITHM, .system = "C", .version = "d"};
    struct ir_buf once, twice;
    (void)state;
    ir_buf_init(&once, 1U << 20);
    ir_buf_init(&twice, 1U << 20);
    assert_int_equal(ir_disclosure_add(png, sizeof png, &first, &once, NULL), 0);
    assert_int_equal(
        ir_disclosure_add((unsigned char *)once.data, once.bytes, &second, &twice, NULL), 0);
    assert_inside(once.data, once.bytes, "AISystemUsed=\"A &amp; &lt;B>\"");
    assert_inside(once.data, once.bytes, "AISystemVersionUsed=\"&quot;v&quot;\"");
    assert_inside(once.data, once.bytes, "AIPromptInformation=\"a&#10;b  &amp;\"");
    assert_inside(once.data, once.bytes, "AIPromptWriterName=\"Ann\"");
    assert_null(memmem(twice.data, twice.bytes, "AIPrompt", 8));
    assert_null(memmem(twice.data, twice.bytes, "trainedAlgorithmicMedia", 23));
    assert_inside(twice.data, twice.bytes, "/algorithmicMedia\"");
    ir_buf_release(&twice);
    ir_buf_release(&once);
}

static void test_cut(void **state)
{
    const struct ir_disclosure disclosure = {
        .made_by = IR_MADE_BY_MODEL, .system = "a", .version = "b"};
    (void)state;
    for (size_t bytes = 0; bytes < sizeof png; bytes++) {
        struct ir_buf out;
        struct ir_error err = {0};
        unsigned char *copy = malloc(bytes > 0 ? bytes : 1);
        memcpy(copy, png, bytes);
        ir_buf_init(&out, 1U << 20);
        assert_int_equal(ir_disclosure_add(copy, bytes, &disclosure, &out, &err), IR_ERR_RESPONSE);
        ir_buf_release(&out);
        free(copy);
    }
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_shape, shape_rows);
    unit_add(&list, "sdxl: text_prompts, cfg_scale, seed and steps", test_seed_three);
    unit_add(&list, "a picture to start from, in both forms", test_picture);
    unit_add(&list, "a service is told by its model", test_recolor);
    UNIT_ADD_ROWS(&list, test_refusal, refusal_rows);
    unit_add(&list, "refused: a picture that lies turned", test_turned);
    unit_add(&list, "refused: sizes that do not fit together", test_sizes);
    unit_add(&list, "the picture and its document", test_result);
    UNIT_ADD_ROWS(&list, test_answer, answer_rows);
    unit_add(&list, "disclosure: an earlier one is replaced", test_replaced);
    unit_add(&list, "disclosure: a PNG that is cut off anywhere", test_cut);
    return unit_run(&list, "generate");
}
