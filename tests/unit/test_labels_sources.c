/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Labels from each source: what is asked, what is made of the answer, and what is refused before
 * anything is sent or told after it was paid for.
 */
#include "tests/unit/unit.h"

#include <math.h>

#include <imgrecog/labels.h>

#include "core/base/buf.h"
#include "core/result/result.h"
#include "core/task/picture.h"
#include "tests/unit/fake_client.h"

#define SAID(text)                                                                                 \
    "{\"output\":{\"message\":{\"content\":[{\"text\":\"" text                                     \
    "\"}]}},\"stopReason\":\"end_turn\",\"usage\":{\"inputTokens\":5,\"outputTokens\":5}}"
#define TWO                                                                                        \
    "{\\\"labels\\\":[{\\\"name\\\":\\\"Cat\\\",\\\"confidence\\\":90,\\\"box\\\":{"               \
    "\\\"left\\\":0,\\\"top\\\":0,\\\"right\\\":100,\\\"bottom\\\":50}},{\\\"name\\\":"            \
    "\\\"Sky\\\",\\\"confidence\\\":60}]}"
#define AUTO_WITH_BOX                                                                              \
    "{\"Name\":\"Auto\",\"Confidence\":70,\"Aliases\":[{\"Name\":\"Automobile\"}],\"Instances\":[" \
    "{"                                                                                            \
    "\"BoundingBox\":{\"Left\":0,\"Top\":0,\"Width\":0.5,\"Height\":0.5},\"Confidence\":66}]}"
#define LABELS(list) "{\"Labels\":[" list "]}"
#define LABEL(name, pct) "{\"Name\":\"" name "\",\"Confidence\":" pct "}"

static const char words_file[] = "# ours\n"
                                 "Animal; ko: 동물\n"
                                 "  Dog = hound, puppy; ko: 개\n"
                                 "  Cat; ko: 고양이\n"
                                 "Vehicle > Car = automobile\n";

struct row {
    const char *name;
    const char *from;
    const char *answer;
    /* options; 0 and NULL = as they are */
    const char *model, *prompt, *language, *content_type, *class_names, *vocabulary;
    const char *include_labels, *exclude_labels, *exclude_categories;
    double min_pct, fail_below_pct;
    unsigned max_labels;
    int max_colors;
    bool properties, vocabulary_only;
    int width_px; /* 0 = 200, twice as wide as high */
    /* outcome */
    const char *labels; /* "name[/parents][ confidence][ left,top,width,height]; ... ! errors" */
    const char *source;
    const char *asked; /* stands in the request's URL or body; NULL = anything */
    int code;
    const char *says;
    bool is_paid;
};

#define BEDROCK .from = "bedrock", .source = "eu.anthropic.claude-haiku-4-5-20251001-v1:0"
#define SAGEMAKER .from = "sagemaker:cats", .source = "sagemaker:cats"
#define LAMBDA .from = "lambda:look", .source = "lambda:look"
#define REKOGNITION .source = "rekognition"

static const struct row rows[] = {
    /* Rekognition */
    {"rekognition: filters", REKOGNITION, .answer = LABELS(LABEL("Dog", "98")),
     .include_labels = "Dog, Cat ,", .exclude_labels = "Bird", .exclude_categories = "Pets",
     .labels = "Dog 98",
     .asked =
         "\"Settings\":{\"GeneralLabels\":{\"LabelInclusionFilters\":[\"Dog\",\"Cat\"],"
         "\"LabelExclusionFilters\":[\"Bird\"],\"LabelCategoryExclusionFilters\":[\"Pets\"]}}"},
    {"rekognition: colours", REKOGNITION, .answer = LABELS(""), .properties = true, .max_colors = 3,
     .labels = "", .asked = "\"ImageProperties\":{\"MaxDominantColors\":3}"},
    {"rekognition: by its name", REKOGNITION, .from = "rekognition", .answer = LABELS(""),
     .labels = ""},
    {"rekognition: a vocabulary", REKOGNITION,
     .answer = LABELS(
         LABEL("Puppy", "98") "," LABEL("Hound", "90") "," LABEL("Tree", "80") "," AUTO_WITH_BOX),
     .vocabulary = "/words", .labels = "Dog/Animal 98; Tree 80; Car/Vehicle 66 0,0,0.5,0.5"},
    {"rekognition: two names of one term, the second with a box", REKOGNITION,
     .answer = LABELS(LABEL("Vehicle", "98") "," LABEL("Automobile", "97") "," AUTO_WITH_BOX),
     .vocabulary = "/words", .labels = "Vehicle 98; Car/Vehicle 66 0,0,0.5,0.5"},
    {"rekognition: two names of one term, the first with a box", REKOGNITION,
     .answer = LABELS(AUTO_WITH_BOX "," LABEL("Automobile", "97")), .vocabulary = "/words",
     .labels = "Car/Vehicle 66 0,0,0.5,0.5"},
    {"rekognition: nothing but the vocabulary", REKOGNITION,
     .answer = LABELS(LABEL("Dog", "98") "," LABEL("Tree", "80")), .vocabulary = "/words",
     .vocabulary_only = true, .labels = "Dog/Animal 98"},
    {"rekognition: in Korean, by the vocabulary", REKOGNITION,
     .answer = LABELS(LABEL("Dog", "98") "," LABEL("Car", "80") "," LABEL("Tree", "70")),
     .vocabulary = "/words", .language = "Korean",
     .labels =
         "개/동물 98; Car/Vehicle 80; Tree 70 ! the vocabulary has no word in Korean for: Car, "
         "Tree"},
    {"rekognition: in Korean without one", .answer = "", .language = "ko", .code = IR_ERR_ARG,
     .says = "Rekognition names labels in English"},
    {"rekognition: in French with a Korean one", .answer = "", .language = "fr",
     .vocabulary = "/words", .code = IR_ERR_ARG, .says = "vocabulary has no word"},
    {"rekognition: none is sure enough", .answer = LABELS(LABEL("Dog", "60.5")),
     .fail_below_pct = 93, .code = IR_ERR_SERVICE,
     .says = "no label is as sure as 93 %: the surest, Dog, has 60.5 %", .is_paid = true},
    {"rekognition: one is sure enough", REKOGNITION, .answer = LABELS(LABEL("Dog", "93")),
     .fail_below_pct = 93, .labels = "Dog 93"},
    {"rekognition: nothing seen, and a threshold", .answer = LABELS(""), .fail_below_pct = 1,
     .code = IR_ERR_SERVICE, .says = "there is none", .is_paid = true},
    {"rekognition: a prompt", .answer = "", .prompt = "?", .code = IR_ERR_ARG,
     .says = "a prompt goes to models"},
    {"rekognition: a vocabulary that is not there", .answer = "", .vocabulary = "/none",
     .code = IR_ERR_ARG, .says = "/none"},
    {"rekognition: a vocabulary that is wrong", .answer = "", .vocabulary = "/twice",
     .code = IR_ERR_ARG, .says = "line 1 and line 2"},
    /* Bedrock */
    {"bedrock: with a form", BEDROCK, .answer = SAID(TWO), .labels = "Cat 90 0,0,0.5,0.5; Sky 60",
     .asked = "json_schema"},
    {"bedrock: what the model sees is said", BEDROCK, .answer = SAID(TWO), .width_px = 3000,
     .labels = "Cat 90 0,0,0.0638,0.0638; Sky 60", .asked = "1568 x 784 pixels"},
    {"bedrock: a sharper model sees more", .from = "bedrock", .model = "anthropic.claude-opus-4-8",
     .source = "eu.anthropic.claude-opus-4-8", .answer = SAID(TWO), .width_px = 3000,
     .labels = "Cat 90 0,0,0.0388,0.0388; Sky 60", .asked = "2576 x 1288 pixels"},
    {"bedrock: a model without forms", .from = "bedrock", .model = "meta.llama-9",
     .source = "meta.llama-9", .answer = SAID("Sure: [{label: cat, score: 0.9}]"),
     .labels = "cat 90", .asked = "200 x 100 pixels"},
    {"bedrock: in Korean", BEDROCK, .language = "한국어",
     .answer = SAID("[{\\\"name\\\":\\\"고양이\\\"}]"), .labels = "고양이", .asked = "한국어로"},
    {"bedrock: in French", BEDROCK, .language = "French",
     .answer = SAID("[{\\\"name\\\":\\\"chat\\\"}]"), .labels = "chat", .asked = "name in French"},
    {"bedrock: the user's own words", BEDROCK, .prompt = "What stands where?",
     .answer =
         SAID("[{label: stage, position: {TopLeft: {x: 0, y: 0}, BottomRight: {x: 100, y: 50}}}]"),
     .labels = "stage 0,0,0.5,0.5", .asked = "What stands where?"},
    {"bedrock: the threshold drops", BEDROCK, .answer = SAID(TWO), .min_pct = 61,
     .labels = "Cat 90 0,0,0.5,0.5"},
    {"bedrock: no more names than wanted", BEDROCK,
     .answer = SAID("[{name:a},{name:b},{name:a},{name:c}]"), .max_labels = 2, .labels = "a; b; a"},
    {"bedrock: names wanted", BEDROCK, .answer = SAID(TWO), .include_labels = "cat,dog",
     .labels = "Cat 90 0,0,0.5,0.5"},
    {"bedrock: names not wanted", BEDROCK, .answer = SAID(TWO), .exclude_labels = "CAT",
     .labels = "Sky 60"},
    {"bedrock: a vocabulary, from Korean to Korean", BEDROCK, .language = "ko",
     .answer = SAID("[{name: 개, confidence: 90}, {name: 강아지, confidence: 80}]"),
     .vocabulary = "/words", .labels = "개/동물 90; 강아지 80"},
    {"bedrock: no confidence, and a threshold", .from = "bedrock", .answer = SAID("[{name:a}]"),
     .fail_below_pct = 50, .code = IR_ERR_SERVICE, .says = "none came with a confidence",
     .is_paid = true},
    {"bedrock: prose", .from = "bedrock", .answer = SAID("I see a cat."), .code = IR_ERR_RESPONSE,
     .says = "charged all the same", .is_paid = true},
    {"bedrock: a list that breaks off", .from = "bedrock", .answer = SAID("[{label: cat}, {lab"),
     .code = IR_ERR_RESPONSE, .says = "breaks off", .is_paid = true},
    {"bedrock: categories", .from = "bedrock", .answer = "", .exclude_categories = "Pets",
     .code = IR_ERR_ARG, .says = "categories"},
    {"bedrock: colours", .from = "bedrock", .answer = "", .properties = true, .code = IR_ERR_ARG,
     .says = "Rekognition only"},
    /* SageMaker */
    {"sagemaker: names between commas", SAGEMAKER, .answer = "[0.1,0.7,0.2]", .min_pct = 15,
     .class_names = "dog, cat,bird", .labels = "cat 70; bird 20", .asked = "/endpoints/cats/"},
    {"sagemaker: names in a file", SAGEMAKER, .answer = "[0.1,0.9]", .class_names = "/classes",
     .labels = "a b 90"},
    {"sagemaker: names in a file of the home", SAGEMAKER, .answer = "[0.1,0.9]",
     .class_names = "~/classes", .labels = "yes 90"},
    {"sagemaker: no names", SAGEMAKER, .answer = "[0.1,0.9]", .min_pct = 5,
     .labels = "class 1 90; class 0 10"},
    {"sagemaker: JSON lines", SAGEMAKER, .answer = "{\"prediction\":[0.1,0.9]}\n",
     .labels = "class 1 90"},
    {"sagemaker: a batch of one", SAGEMAKER, .answer = "{\"predictions\":[[0.1,0.9]]}",
     .labels = "class 1 90"},
    {"sagemaker: scores in a list", SAGEMAKER, .answer = "[{\"scores\":[0.1,0.9]}]",
     .labels = "class 1 90"},
    {"sagemaker: names and scores", SAGEMAKER,
     .answer = "[{\"score\":0.9,\"label\":\"tabby\"},{\"score\":0.6,\"label\":\"lynx\"}]",
     .labels = "tabby 90; lynx 60"},
    {"sagemaker: as many as wanted", SAGEMAKER, .answer = "[0.1,0.5,0.4]", .min_pct = 1,
     .max_labels = 2, .labels = "class 1 50; class 2 40"},
    {"sagemaker: another number of names", .from = "sagemaker:cats", .answer = "[0.1,0.7,0.2]",
     .class_names = "dog,cat", .code = IR_ERR_ARG, .says = "3 classes, and class-names names 2",
     .is_paid = true},
    {"sagemaker: no probabilities", .from = "sagemaker:cats", .answer = "[-3.1,7.2]",
     .code = IR_ERR_RESPONSE, .says = "no probabilities", .is_paid = true},
    {"sagemaker: something else", .from = "sagemaker:cats", .answer = "{\"message\":\"hello\"}",
     .code = IR_ERR_RESPONSE, .says = "not a list of probabilities", .is_paid = true},
    {"sagemaker: a file that is not there", .from = "sagemaker:cats", .answer = "",
     .class_names = "/none", .code = IR_ERR_ARG, .says = "/none"},
    {"sagemaker: another type than the picture's", .from = "sagemaker:cats", .answer = "",
     .content_type = "image/jpeg", .code = IR_ERR_ARG, .says = "image/png"},
    {"sagemaker: a type that is none", .from = "sagemaker:cats", .answer = "",
     .content_type = "picture", .code = IR_ERR_ARG, .says = "media type"},
    {"sagemaker: in Korean", .from = "sagemaker:cats", .answer = "", .language = "Korean",
     .code = IR_ERR_ARG, .says = "SageMaker names labels in English"},
    /* Lambda, inline */
    {"lambda: the event", LAMBDA, .answer = "\"[{label: cat, score: 0.9}]\"", .prompt = "Name it.",
     .labels = "cat 90", .asked = "\",\"media_type\":\"image/png\",\"prompt\":\"Name it.\"}"},
    {"lambda: our own words", LAMBDA, .answer = "[\"cat\"]", .labels = "cat",
     .asked = "200 x 100 pixels"},
    {"lambda: plain text", LAMBDA, .answer = "- cat: 90%", .labels = "cat 90"},
    {"lambda: as API Gateway takes it", LAMBDA,
     .answer = "{\"statusCode\":200,\"body\":\"[{\\\"label\\\":\\\"cat\\\",\\\"score\\\":0.9}]\"}",
     .labels = "cat 90"},
    {"lambda: in base64", LAMBDA,
     .answer = "{\"statusCode\":200,\"isBase64Encoded\":true,\"body\":\"WyJjYXQiXQ==\"}",
     .labels = "cat"},
    {"lambda: an object as body", LAMBDA,
     .answer = "{\"statusCode\":200,\"body\":{\"labels\":[{\"name\":\"cat\"}]}}", .labels = "cat"},
    {"lambda: Rekognition's answer handed on", LAMBDA, .answer = LABELS(LABEL("Dog", "98")),
     .labels = "Dog 98"},
    {"lambda: its model sees less", LAMBDA, .model = "anthropic.claude-sonnet-4-6",
     .width_px = 3000, .answer = "[{\"label\":\"a\",\"bbox\":[0,0,784,784]}]",
     .labels = "a 0,0,0.5,1", .asked = "1568 x 784"},
    {"lambda: a status", .from = "lambda:look",
     .answer = "{\"statusCode\":500,\"body\":\"{\\\"message\\\":\\\"no model\\\"}\"}",
     .code = IR_ERR_SERVICE, .says = "status 500: no model", .is_paid = true},
    {"lambda: an ARN", .from = "lambda:arn:aws:lambda:eu-west-1:123456789012:function:look:live",
     .source = "lambda:arn:aws:lambda:eu-west-1:123456789012:function:look:live",
     .answer = "[\"cat\"]", .labels = "cat", .asked = "function%3Alook%3Alive/invocations"},
    /* nobody */
    {"from: nobody", .from = "azure", .answer = "", .code = IR_ERR_ARG, .says = "nobody"},
    {"from: an endpoint without a name", .from = "sagemaker:", .answer = "", .code = IR_ERR_ARG,
     .says = "nobody"},
    {"from: a blank in a name", .from = "lambda:a b", .answer = "", .code = IR_ERR_ARG,
     .says = "nobody"},
    {"from: more behind bedrock", .from = "bedrock:x", .answer = "", .code = IR_ERR_ARG,
     .says = "nobody"},
};

/* 424: what the user's own container said. */
static void test_model_error(void **state)
{
    (void)state;
    static unsigned char picture_data[4096];
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    struct ir_result *result = NULL;
    struct fixture fixture;
    struct ir_picture *picture = fake_picture_new(picture_data, 200, 100, 1000, 1);
    set_up(&fixture);
    fake_transport_add(&fixture.transport,
                       (struct fake_answer){.status = 424,
                                            .header = "x-amzn-errortype: ModelError\n",
                                            .body = "{\"Message\":\"The model failed.\","
                                                    "\"OriginalStatusCode\":503,"
                                                    "\"OriginalMessage\":\"no memory\"}"});
    options.from = "sagemaker:cats";
    assert_int_equal(ir_labels(fixture.client, picture, &options, &result, &fixture.err),
                     IR_ERR_SERVICE);
    assert_string_equal(fixture.err.aws_code, "ModelError");
    assert_non_null(
        strstr(fixture.err.message, "; the model's container answered with status 503: no memory"));
    tear_down(&fixture);
    ir_picture_free(picture);
}

static void write_labels(const struct ir_result *result, struct ir_buf *out)
{
    for (size_t i = 0; i < ir_result_label_count(result); i++) {
        const struct ir_label *label = ir_result_get_label(result, i);
        ir_buf_appendf(out, "%s%s", i > 0 ? "; " : "", label->name);
        for (size_t p = 0; p < label->parent_count; p++)
            ir_buf_appendf(out, "/%s", label->parents[p]);
        if (!isnan(label->confidence_pct))
            ir_buf_appendf(out, " %g", label->confidence_pct);
        if (label->has_box)
            ir_buf_appendf(out, " %.3g,%.3g,%.3g,%.3g", label->box.left_frac, label->box.top_frac,
                           label->box.width_frac, label->box.height_frac);
    }
    for (size_t i = 0; ir_result_get_error(result, i) != NULL; i++)
        ir_buf_appendf(out, " ! %s", ir_result_get_error(result, i));
}

static struct ir_labels_options options_of(const struct row *row)
{
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    options.from = row->from;
    options.model = row->model;
    options.prompt = row->prompt;
    options.language = row->language;
    options.content_type = row->content_type;
    options.class_names = row->class_names;
    options.vocabulary = row->vocabulary;
    options.vocabulary_only = row->vocabulary_only;
    options.include_labels = row->include_labels;
    options.exclude_labels = row->exclude_labels;
    options.exclude_categories = row->exclude_categories;
    options.properties = row->properties;
    options.fail_below_pct = row->fail_below_pct;
    if (row->max_colors > 0)
        options.max_dominant_colors = row->max_colors;
    if (row->min_pct > 0)
        options.min_confidence_pct = row->min_pct;
    if (row->max_labels > 0)
        options.max_labels = row->max_labels;
    return options;
}

static void add_files(struct fixture *fixture)
{
    fake_world_add_file(&fixture->world, "/words", words_file);
    fake_world_add_file(&fixture->world, "/twice", "Dog = hound\nCat = hound\n");
    fake_world_add_file(&fixture->world, "/classes", "dog\r\n a b \r\n\r\n");
    fake_world_add_file(&fixture->world, "/home/ann/classes", "no\nyes");
}

static void assert_asked(const struct fake_seen *seen, const char *words)
{
    bool is_there = strstr(seen->url, words) != NULL ||
                    memmem(seen->body, seen->body_bytes, words, strlen(words)) != NULL;
    if (!is_there)
        fail_msg("the request does not hold %s: %s %.*s", words, seen->url, (int)seen->body_bytes,
                 seen->body);
}

static void test_source(void **state)
{
    static unsigned char picture_data[4096];
    const struct row *row = *state;
    struct ir_labels_options options = options_of(row);
    struct ir_result *result = NULL;
    struct fixture fixture;
    struct ir_buf got;
    int width = row->width_px > 0 ? row->width_px : 200;
    struct ir_picture *picture = fake_picture_new(picture_data, width, width / 2, 1000, 1);
    set_up(&fixture);
    add_files(&fixture);
    fake_transport_add(&fixture.transport, (struct fake_answer){.body = row->answer});
    int rc = ir_labels(fixture.client, picture, &options, &result, &fixture.err);
    if (rc != row->code)
        fail_msg("%d: %s", rc, fixture.err.message);
    assert_int_equal(fixture.transport.call_count, row->code == 0 || row->is_paid ? 1 : 0);
    ir_buf_init(&got, 65536);
    if (row->code == 0) {
        write_labels(result, &got);
        assert_string_equal(ir_buf_text(&got), row->labels);
        assert_string_equal(result->label_source != NULL ? result->label_source : result->source,
                            row->source);
    } else {
        assert_null(result);
        assert_int_equal(fixture.err.maybe_served, row->is_paid);
        if (strstr(fixture.err.message, row->says) == NULL)
            fail_msg("the message does not say \"%s\": %s", row->says, fixture.err.message);
        assert_true(fixture.err.hint[0] != '\0');
        if (row->prompt != NULL)
            assert_null(strstr(fixture.err.message, row->prompt));
    }
    if (row->asked != NULL)
        assert_asked(&fixture.transport.seen[0], row->asked);
    ir_buf_release(&got);
    ir_result_free(result);
    tear_down(&fixture);
    ir_picture_free(picture);
}

/* ---- by S3 ------------------------------------------------------------------------------- */

#define STORED {.header = "ETag: \"x\"\n", .body = ""}
#define ANSWERED {.body = "\"[{label: cat}]\""}
#define GONE {.status = 204, .body = ""}

struct s3_row {
    const char *name;
    struct fake_answer answers[3];
    size_t answer_count;
    const char *source; /* the picture's; NULL = a.png */
    bool keeps;
    int code;
    size_t calls;
    const char *labels; /* as above; with a code: what the message says */
};

static const struct s3_row s3_rows[] = {
    {"by S3: uploaded and deleted", {STORED, ANSWERED, GONE}, 3, NULL, false, 0, 3, "cat"},
    {"by S3: kept", {STORED, ANSWERED}, 2, NULL, true, 0, 2, "cat"},
    {"by S3: where it lies already", {ANSWERED}, 1, "s3://photos/in/a.png", false, 0, 1, "cat"},
    {"by S3: not stored",
     {{.status = 403, .body = "<Error><Code>AccessDenied</Code></Error>"}},
     1,
     NULL,
     false,
     IR_ERR_AUTH,
     1,
     "AccessDenied"},
    {"by S3: the function fails, and the object goes",
     {STORED,
      {.header = "x-amz-function-error: Unhandled\n",
       .body = "{\"errorMessage\":\"Task timed out\",\"errorType\":\"Sandbox.Timedout\"}"},
      GONE},
     3,
     NULL,
     false,
     IR_ERR_SERVICE,
     3,
     "Task timed out"},
    {"by S3: not deleted, which is told",
     {STORED, ANSWERED, {.status = 403, .body = "<Error><Code>AccessDenied</Code></Error>"}},
     3,
     NULL,
     false,
     0,
     3,
     "cat ! s3://photos/in/20261120T213500Z-80808080-8080-4080-8080-808080808080.png was uploaded "
     "for the function and may still be there"},
};

static void test_s3(void **state)
{
    static unsigned char picture_data[4096];
    const struct s3_row *row = *state;
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    struct ir_result *result = NULL;
    struct fixture fixture;
    struct ir_buf got;
    char *json = NULL;
    struct ir_picture *made = fake_picture_new(picture_data, 200, 100, 1000, 1);
    struct ir_picture *picture = NULL;
    assert_int_equal(ir_picture_new(made->data, made->data_bytes,
                                    row->source != NULL ? row->source : "a.png", &picture, NULL),
                     0);
    set_up(&fixture);
    for (size_t i = 0; i < row->answer_count; i++)
        fake_transport_add(&fixture.transport, row->answers[i]);
    options.from = "lambda:look";
    options.bucket = "photos";
    options.prefix = "in/";
    options.keep_object = row->keeps;
    int rc = ir_labels(fixture.client, picture, &options, &result, &fixture.err);
    if (rc != row->code)
        fail_msg("%d: %s", rc, fixture.err.message);
    assert_int_equal(fixture.transport.call_count, row->calls);
    ir_buf_init(&got, 65536);
    if (rc == 0) {
        const struct fake_seen *invoked = &fixture.transport.seen[row->source != NULL ? 0 : 1];
        write_labels(result, &got);
        assert_memory_equal(ir_buf_text(&got), row->labels, strlen(row->labels));
        assert_asked(invoked, "{\"Bucket\":\"photos\",\"Key\":\"in/");
        assert_int_equal(ir_result_to_json(result, &json, NULL, NULL), 0);
        assert_non_null(strstr(json, "\"via\":\"s3\",\"uri\":\"s3://photos/in/"));
    } else {
        char line[2048];
        ir_error_line(&fixture.err, line, sizeof line);
        if (strstr(line, row->labels) == NULL)
            fail_msg("%s", line);
    }
    ir_free(json);
    ir_buf_release(&got);
    ir_result_free(result);
    tear_down(&fixture);
    ir_picture_free(picture);
    ir_picture_free(made);
}

/* ---- pictures that lie turned ------------------------------------------------------------ */

static void test_turned(void **state)
{
    (void)state;
    static unsigned char picture_data[4096];
    static const char *const sources[] = {"bedrock", "sagemaker:cats", "lambda:look"};
    struct ir_picture *picture = fake_picture_new(picture_data, 200, 100, 1000, 6);
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
        struct ir_result *result = NULL;
        struct fixture fixture;
        options.from = sources[i];
        set_up(&fixture);
        fake_transport_add(&fixture.transport, (struct fake_answer){.body = "[]"});
        assert_int_equal(ir_labels(fixture.client, picture, &options, &result, &fixture.err),
                         IR_ERR_ARG);
        assert_non_null(strstr(fixture.err.message, "lies turned"));
        assert_int_equal(fixture.transport.call_count, 0);
        tear_down(&fixture);
    }
    ir_picture_free(picture);
}

/* A vocabulary keeps what the service said as another name. */
static void test_aliases(void **state)
{
    (void)state;
    static unsigned char picture_data[4096];
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    struct ir_result *result = NULL;
    struct fixture fixture;
    struct ir_picture *picture = fake_picture_new(picture_data, 200, 100, 1000, 1);
    set_up(&fixture);
    add_files(&fixture);
    fake_transport_add(&fixture.transport,
                       (struct fake_answer){.body = LABELS(LABEL("Puppy", "98"))});
    options.vocabulary = "/words";
    assert_int_equal(ir_labels(fixture.client, picture, &options, &result, &fixture.err), 0);
    assert_string_equal(ir_result_get_label(result, 0)->name, "Dog");
    assert_int_equal(ir_result_get_label(result, 0)->alias_count, 1);
    assert_string_equal(ir_result_get_label(result, 0)->aliases[0], "Puppy");
    ir_result_free(result);
    tear_down(&fixture);
    ir_picture_free(picture);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_source, rows);
    UNIT_ADD_ROWS(&list, test_s3, s3_rows);
    unit_add(&list, "pictures that lie turned", test_turned);
    unit_add(&list, "what the service said is an alias", test_aliases);
    unit_add(&list, "the model's container failed", test_model_error);
    return unit_run(&list, "labels-sources");
}
