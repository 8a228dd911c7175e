/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of models: which id is named, how long a model lives, and what a refusal leaves. */
#include "tests/unit/fake_client.h"

#include <math.h>

#include <imgrecog/memory.h>
#include <imgrecog/models.h>

#include "core/base/json.h"

#define MODEL(id, name, in, out, how, life)                                                        \
    "{\"modelArn\":\"arn:aws:bedrock:eu-west-1::foundation-model/" id "\",\"modelId\":\"" id       \
    "\",\"modelName\":\"" name "\",\"providerName\":\"Made Up\",\"inputModalities\":[" in          \
    "],\"outputModalities\":[" out "],\"inferenceTypesSupported\":[" how                           \
    "],\"modelLifecycle\":{" life "}}"
#define TEXT "\"TEXT\""
#define BOTH "\"TEXT\",\"IMAGE\""
#define IMAGE "\"IMAGE\""
#define ON_DEMAND "\"ON_DEMAND\""
#define BY_PROFILE "\"INFERENCE_PROFILE\""
#define ALIVE "\"status\":\"ACTIVE\""

#define MODELS(...) "{\"modelSummaries\":[" __VA_ARGS__ "]}"
#define PROFILE(id, model)                                                                         \
    "{\"inferenceProfileId\":\"" id "\",\"inferenceProfileArn\":\"arn:x\",\"status\":\"ACTIVE\","  \
    "\"type\":\"SYSTEM_DEFINED\",\"models\":[{\"modelArn\":\"arn:aws:bedrock:eu-north-1::"         \
    "foundation-model/" model "\"}]}"
#define PROFILES(...) "{\"inferenceProfileSummaries\":[" __VA_ARGS__ "]}"

#define HAIKU "anthropic.claude-haiku-4-5-20251001-v1:0"
#define DENIED                                                                                     \
    "{\"message\":\"User: arn:aws:iam::123456789012:user/ann is not authorized to perform: "       \
    "bedrock:ListFoundationModels\"}"

/* Sets up the two answers; a status of 0 is 200. */
static void answer(struct fixture *fixture, const char *models, const char *profiles)
{
    fake_transport_add(&fixture->transport,
                       (struct fake_answer){.url_part = "/foundation-models", .body = models});
    fake_transport_add(&fixture->transport,
                       (struct fake_answer){.url_part = "/inference-profiles", .body = profiles});
}

static struct ir_model_list *list_models(struct fixture *fixture, unsigned kinds)
{
    struct ir_models_options options = IR_MODELS_OPTIONS_INIT;
    struct ir_model_list *list = NULL;
    options.kinds = kinds;
    if (ir_model_list_new(fixture->client, &options, &list, &fixture->err) != 0)
        fail_msg("%s", fixture->err.message);
    return list;
}

static const struct ir_model_info *find(const struct ir_model_list *list, const char *id)
{
    const struct ir_model_info *model;
    for (size_t i = 0; (model = ir_model_list_get(list, i)) != NULL; i++)
        if (strcmp(model->id, id) == 0)
            return model;
    return NULL;
}

/* ---- one model of the service ------------------------------------------------------------ */

struct row {
    const char *name;
    const char *model;    /* as the service lists it */
    const char *profiles; /* "" = none */
    const char *id;       /* NULL = it is not in the list */
    struct ir_model_info is;
};

static const struct row rows[] = {
    {"on demand",
     MODEL("made.up-v1:0", "Up", BOTH, TEXT, ON_DEMAND, ALIVE),
     "",
     "made.up-v1:0",
     {.title = "Up", .provider = "Made Up", .kind = IR_MODEL_WORDS, .takes_pictures = true}},
    {"words alone go in",
     MODEL("made.up-v1:0", "Up", TEXT, TEXT, ON_DEMAND, ALIVE),
     "",
     "made.up-v1:0",
     {.title = "Up", .kind = IR_MODEL_WORDS}},
    {"the region's profile before the world's",
     MODEL(HAIKU, "Claude Haiku 4.5", BOTH, TEXT, BY_PROFILE, ALIVE),
     PROFILE("global." HAIKU, HAIKU) "," PROFILE("us." HAIKU, HAIKU) "," PROFILE("eu." HAIKU,
                                                                                 HAIKU),
     "eu." HAIKU,
     {.title = "Claude Haiku 4.5",
      .kind = IR_MODEL_WORDS,
      .takes_pictures = true,
      .is_preset = true}},
    {"the world's profile before another part's",
     MODEL("made.up-v1:0", "Up", BOTH, TEXT, BY_PROFILE, ALIVE),
     PROFILE("us.made.up-v1:0", "made.up-v1:0") "," PROFILE("global.made.up-v1:0", "made.up-v1:0"),
     "global.made.up-v1:0",
     {.title = "Up", .kind = IR_MODEL_WORDS, .takes_pictures = true}},
    {"only through a profile, and there is none",
     MODEL("made.up-v1:0", "Up", BOTH, TEXT, BY_PROFILE, ALIVE),
     PROFILE("eu.made.up-v2:0", "made.up-v2:0"),
     NULL,
     {0}},
    {"only provisioned",
     MODEL("made.up-v1:0:48k", "Up", BOTH, TEXT, "\"PROVISIONED\"", ALIVE),
     "",
     NULL,
     {0}},
    {"an image model whose form is known",
     MODEL("stability.stable-image-core-v1:1", "Core", TEXT, IMAGE, ON_DEMAND, ALIVE),
     "",
     "stability.stable-image-core-v1:1",
     {.title = "Core", .kind = IR_MODEL_IMAGE, .is_preset = true}},
    {"an image service by profile",
     MODEL("stability.stable-outpaint-v1:0", "Outpaint", BOTH, IMAGE, BY_PROFILE, ALIVE),
     PROFILE("us.stability.stable-outpaint-v1:0", "stability.stable-outpaint-v1:0"),
     "us.stability.stable-outpaint-v1:0",
     {.title = "Outpaint", .kind = IR_MODEL_IMAGE_SERVICE, .takes_pictures = true}},
    {"an image model whose form is not known",
     MODEL("made.paint-v1:0", "Paint", TEXT, IMAGE, ON_DEMAND, ALIVE),
     "",
     NULL,
     {0}},
    {"numbers come out",
     MODEL("made.embed-v1:0", "E", TEXT, "\"EMBEDDING\"", ON_DEMAND, ALIVE),
     "",
     NULL,
     {0}},
    {"legacy, with its dates",
     MODEL("made.up-v1:0", "Up", BOTH, TEXT, ON_DEMAND,
           "\"status\":\"LEGACY\",\"legacyTime\":\"2026-09-01T00:00:00Z\",\"endOfLifeTime\":"
           "\"2027-03-01T00:00:00Z\""),
     "",
     "made.up-v1:0",
     {.title = "Up",
      .kind = IR_MODEL_WORDS,
      .takes_pictures = true,
      .life = IR_MODEL_LEGACY,
      .legacy_from = "2026-09-01",
      .ends = "2027-03-01"}},
    {"past its end",
     MODEL("anthropic.claude-opus-4-1-20250805-v1:0", "Opus", BOTH, TEXT, ON_DEMAND,
           "\"status\":\"LEGACY\",\"endOfLifeTime\":\"2026-11-20T00:00:00Z\""),
     "",
     "anthropic.claude-opus-4-1-20250805-v1:0",
     {.title = "Opus",
      .kind = IR_MODEL_WORDS,
      .takes_pictures = true,
      .life = IR_MODEL_ENDED,
      .ends = "2026-11-20",
      .replacement = "eu.anthropic.claude-opus-4-6-v1"}},
    {"the table's end, where the service has none",
     MODEL("anthropic.claude-opus-4-1-20250805-v1:0", "Opus", BOTH, TEXT, ON_DEMAND,
           "\"status\":\"LEGACY\""),
     "",
     "anthropic.claude-opus-4-1-20250805-v1:0",
     {.title = "Opus",
      .kind = IR_MODEL_WORDS,
      .takes_pictures = true,
      .life = IR_MODEL_LEGACY,
      .ends = "2027-01-08",
      .replacement = "eu.anthropic.claude-opus-4-6-v1"}},
    {"what the service calls active is, whatever the table says",
     MODEL("anthropic.claude-3-haiku-20240307-v1:0", "Haiku", BOTH, TEXT, ON_DEMAND, ALIVE),
     "",
     "anthropic.claude-3-haiku-20240307-v1:0",
     {.title = "Haiku", .kind = IR_MODEL_WORDS, .takes_pictures = true}},
    {"a name that would control the terminal",
     MODEL("made.up-v1:0", "U\\u001b[31mp", BOTH, TEXT, ON_DEMAND, ALIVE),
     "",
     "made.up-v1:0",
     {.title = "U [31mp", .kind = IR_MODEL_WORDS, .takes_pictures = true}},
};

static void assert_text(const char *got, const char *wanted)
{
    if (wanted == NULL)
        assert_null(got);
    else
        assert_string_equal(got, wanted);
}

static void test_model(void **state)
{
    const struct row *row = *state;
    struct fixture fixture;
    char models[2048];
    char profiles[2048];
    set_up(&fixture);
    snprintf(models, sizeof models, MODELS("%s"), row->model);
    snprintf(profiles, sizeof profiles, PROFILES("%s"), row->profiles);
    answer(&fixture, models, profiles);
    struct ir_model_list *list = list_models(&fixture, 0);
    const struct ir_model_info *model = row->id != NULL ? find(list, row->id) : NULL;
    assert_int_equal(ir_model_list_source(list), IR_MODELS_FROM_SERVICE);
    assert_null(ir_model_list_note(list));
    if (row->id == NULL) {
        for (size_t i = 0; (model = ir_model_list_get(list, i)) != NULL; i++)
            assert_int_equal(model->life, IR_MODEL_ENDED); /* what the table adds, no other */
    } else if (model == NULL) {
        fail_msg("%s is not in the list", row->id);
    } else {
        assert_string_equal(model->title, row->is.title);
        assert_string_equal(model->provider, "Made Up");
        assert_int_equal(model->kind, row->is.kind);
        assert_int_equal(model->life, row->is.life);
        assert_int_equal(model->takes_pictures, row->is.takes_pictures);
        assert_int_equal(model->is_preset, row->is.is_preset);
        assert_text(model->legacy_from, row->is.legacy_from);
        assert_text(model->ends, row->is.ends);
        assert_text(model->replacement, row->is.replacement);
    }
    ir_model_list_free(list);
    tear_down(&fixture);
}

/* ---- the list ---------------------------------------------------------------------------- */

static void test_requests(void **state)
{
    struct fixture fixture;
    (void)state;
    set_up(&fixture);
    answer(&fixture, MODELS(), "{\"inferenceProfileSummaries\":[],\"nextToken\":\"a/b\"}");
    fake_transport_add(&fixture.transport,
                       (struct fake_answer){.url_part = "nextToken", .body = PROFILES()});
    ir_model_list_free(list_models(&fixture, 0));
    assert_int_equal(fixture.transport.call_count, 3);
    assert_string_equal(fixture.transport.seen[0].url,
                        "https://bedrock.eu-west-1.amazonaws.com/foundation-models");
    assert_string_equal(fixture.transport.seen[1].url,
                        "https://bedrock.eu-west-1.amazonaws.com/inference-profiles"
                        "?maxResults=1000&type=SYSTEM_DEFINED");
    assert_string_equal(fixture.transport.seen[2].url,
                        "https://bedrock.eu-west-1.amazonaws.com/inference-profiles"
                        "?maxResults=1000&nextToken=a%2Fb&type=SYSTEM_DEFINED");
    tear_down(&fixture);
}

static void test_no_end(void **state)
{
    const struct ir_models_options options = IR_MODELS_OPTIONS_INIT;
    struct ir_model_list *list = NULL;
    struct fixture fixture;
    (void)state;
    set_up(&fixture);
    answer(&fixture, MODELS(), "{\"inferenceProfileSummaries\":[],\"nextToken\":\"again\"}");
    assert_int_equal(ir_model_list_new(fixture.client, &options, &list, &fixture.err),
                     IR_ERR_RESPONSE);
    assert_null(list);
    assert_non_null(strstr(fixture.err.message, "has no end"));
    assert_int_equal(fixture.transport.call_count, 6);
    tear_down(&fixture);
}

static void test_ended_are_named(void **state)
{
    struct fixture fixture;
    (void)state;
    set_up(&fixture);
    answer(&fixture, MODELS(), PROFILES());
    struct ir_model_list *list = list_models(&fixture, 0);
    const struct ir_model_info *model = find(list, "stability.stable-diffusion-xl-v1");
    assert_non_null(model);
    assert_int_equal(model->life, IR_MODEL_ENDED);
    assert_string_equal(model->ends, "2025-05-20");
    assert_string_equal(model->replacement, "stability.sd3-5-large-v1:0");
    /* Its end is to come, and the service does not have it: it is not to be had here. */
    assert_null(find(list, "eu.anthropic.claude-opus-4-1-20250805-v1:0"));
    ir_model_list_free(list);
    tear_down(&fixture);
}

static void test_kinds(void **state)
{
    const struct ir_model_info *model;
    struct fixture fixture;
    (void)state;
    set_up(&fixture);
    answer(&fixture,
           MODELS(MODEL("made.b-v1:0", "B", BOTH, TEXT, ON_DEMAND, ALIVE) "," MODEL(
               "stability.stable-image-core-v1:1", "Core", TEXT, IMAGE, ON_DEMAND, ALIVE)),
           PROFILES());
    struct ir_model_list *list = list_models(&fixture, IR_MODEL_IMAGE | IR_MODEL_IMAGE_SERVICE);
    for (size_t i = 0; (model = ir_model_list_get(list, i)) != NULL; i++)
        assert_int_not_equal(model->kind, IR_MODEL_WORDS);
    assert_string_equal(ir_model_list_get(list, 0)->title, "Core");
    ir_model_list_free(list);
    tear_down(&fixture);
}

static void test_prices(void **state)
{
    struct fixture fixture;
    (void)state;
    set_up(&fixture);
    fake_world_add_file(&fixture.world, "/home/ann/.config/imgrecog/prices",
                        "[prices]\ndate = 2027-01-05\n[made.b-v1:0]\ninput = 2\noutput = 7\n");
    /* The client has read them when it was made; nobody reads them again. */
    assert_null(fixture.client->paid.prices);
    assert_int_equal(
        ir_prices_load(&fixture.world.world, &fixture.client->paid.prices, &fixture.err), 0);
    fixture.world.file_count = 0;
    answer(&fixture,
           MODELS(MODEL("made.b-v1:0", "B", BOTH, TEXT, ON_DEMAND,
                        ALIVE) "," MODEL("made.c-v1:0", "C", BOTH, TEXT, ON_DEMAND,
                                         ALIVE) "," MODEL("stability.stable-image-core-v1:1",
                                                          "Core", TEXT, IMAGE, ON_DEMAND, ALIVE)),
           PROFILES());
    struct ir_model_list *list = list_models(&fixture, 0);
    const struct ir_model_info *own = find(list, "made.b-v1:0");
    assert_true(own->input_usd == 2 && own->output_usd == 7 && isnan(own->image_usd));
    assert_true(isnan(find(list, "made.c-v1:0")->input_usd));
    const struct ir_model_info *core = find(list, "stability.stable-image-core-v1:1");
    assert_true(core->image_usd == 0.04 && isnan(core->input_usd));
    assert_string_equal(ir_model_list_price_date(list), "2027-01-05");
    ir_model_list_free(list);
    tear_down(&fixture);
}

/* ---- what may not be asked --------------------------------------------------------------- */

static void test_table(void **state)
{
    struct fixture fixture;
    char *json = NULL;
    (void)state;
    set_up(&fixture);
    fake_transport_add(&fixture.transport,
                       (struct fake_answer){.status = 403,
                                            .header = "x-amzn-ErrorType: AccessDeniedException",
                                            .body = DENIED});
    struct ir_model_list *list = list_models(&fixture, 0);
    assert_int_equal(fixture.transport.call_count, 1);
    assert_int_equal(ir_model_list_source(list), IR_MODELS_FROM_TABLE);
    assert_non_null(strstr(ir_model_list_note(list), "not asked, table of 2026-11-20"));
    assert_non_null(strstr(ir_model_list_note(list), "Allow bedrock:ListFoundationModels"));
    assert_true(find(list, "eu." HAIKU)->is_preset);
    assert_int_equal(find(list, "anthropic.claude-3-haiku-20240307-v1:0")->life, IR_MODEL_ENDED);
    assert_int_equal(find(list, "eu.anthropic.claude-opus-4-1-20250805-v1:0")->life,
                     IR_MODEL_LEGACY);
    assert_null(find(list, "imgrecog.local-describer-v1"));
    assert_int_equal(ir_model_list_to_json(list, &json, &fixture.err), 0);
    assert_non_null(strstr(json, "\"source\":\"table\",\"table_of\":\"2026-11-20\""));
    assert_non_null(strstr(json, "\"note\":\"not asked"));
    ir_free(json);
    ir_model_list_free(list);
    tear_down(&fixture);
}

static void test_no_profiles(void **state)
{
    struct fixture fixture;
    (void)state;
    set_up(&fixture);
    fake_transport_add(
        &fixture.transport,
        (struct fake_answer){.url_part = "/foundation-models",
                             .body = MODELS(MODEL(HAIKU, "Haiku", BOTH, TEXT, BY_PROFILE, ALIVE))});
    fake_transport_add(&fixture.transport,
                       (struct fake_answer){.url_part = "/inference-profiles",
                                            .status = 403,
                                            .header = "x-amzn-ErrorType: AccessDeniedException",
                                            .body = DENIED});
    struct ir_model_list *list = list_models(&fixture, 0);
    assert_int_equal(ir_model_list_source(list), IR_MODELS_FROM_SERVICE);
    assert_non_null(strstr(ir_model_list_note(list), "Allow bedrock:ListInferenceProfiles on *"));
    assert_non_null(find(list, "eu." HAIKU));
    ir_model_list_free(list);
    tear_down(&fixture);
}

struct failure_row {
    const char *name;
    struct fake_answer answer;
    int code;
};

static const struct failure_row failure_rows[] = {
    {"a key that is none",
     {.status = 403,
      .header = "x-amzn-ErrorType: UnrecognizedClientException",
      .body = "{\"message\":\"The security token included in the request is invalid.\"}"},
     IR_ERR_AUTH},
    {"no list", {.body = "{\"models\":[]}"}, IR_ERR_RESPONSE},
    {"no JSON", {.body = "<html>"}, IR_ERR_RESPONSE},
};

static void test_failure(void **state)
{
    const struct failure_row *row = *state;
    const struct ir_models_options options = IR_MODELS_OPTIONS_INIT;
    struct ir_model_list *list = NULL;
    struct fixture fixture;
    set_up(&fixture);
    fake_transport_add(&fixture.transport, row->answer);
    assert_int_equal(ir_model_list_new(fixture.client, &options, &list, &fixture.err), row->code);
    assert_null(list);
    assert_string_equal(fixture.err.service, "Bedrock");
    assert_string_not_equal(fixture.err.hint, "");
    tear_down(&fixture);
}

static void test_options(void **state)
{
    struct ir_models_options options = IR_MODELS_OPTIONS_INIT;
    struct ir_model_list *list = NULL;
    struct fixture fixture;
    (void)state;
    set_up(&fixture);
    options.kinds = 8;
    assert_int_equal(ir_model_list_new(fixture.client, &options, &list, &fixture.err), IR_ERR_ARG);
    options.version = 77;
    assert_int_equal(ir_model_list_new(fixture.client, &options, &list, &fixture.err), IR_ERR_ARG);
    assert_null(list);
    ir_model_list_free(NULL);
    tear_down(&fixture);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_model, rows);
    unit_add(&list, "the requests, page by page", test_requests);
    unit_add(&list, "pages without end", test_no_end);
    unit_add(&list, "an ended model is named with its replacement", test_ended_are_named);
    unit_add(&list, "kinds that are wanted", test_kinds);
    unit_add(&list, "prices, the user's own too", test_prices);
    unit_add(&list, "no right to list: the table, marked", test_table);
    unit_add(&list, "no right to list profiles", test_no_profiles);
    UNIT_ADD_ROWS(&list, test_failure, failure_rows);
    unit_add(&list, "options", test_options);
    return unit_run(&list, "model list");
}
