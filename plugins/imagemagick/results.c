/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the artifacts that a run leaves. All that have one name are there after every run, since
 * ImageMagick warns of one that is asked for and not there; those of single labels are as many as
 * there are labels. What another task left in an earlier run stays while it is about this picture;
 * of the same task nothing does. Properties would be written into files.
 */
#include "plugins/imagemagick/results.h"

#include <math.h>
#include <string.h>

#include <imgrecog/settings.h>

#include "plugins/common/fail.h"
#include "plugins/common/magick_outgoing.h"

#define LABEL_PREFIX "imgrecog:label-"
#define LABEL_COUNT LABEL_PREFIX "count"
/* Labels with artifacts of their own; all are in the document. */
#define MAX_LABELS 1000
#define NAME_BYTES 64
#define VALUE_BYTES 64

#define ARTIFACT_ERROR "imgrecog:error"
#define ARTIFACT_MODEL_OF "imgrecog:model-of"

#define EVERY_RUN ~0U

/* In the order of `values` in results_publish(). */
static const struct artifact {
    const char *name;
    unsigned tasks; /* that set it, to "" where they have nothing to say */
} artifacts[] = {
    {"imgrecog:json", EVERY_RUN},
    {"imgrecog:labels", IR_SETTING_LABELS},
    {"imgrecog:caption", IR_SETTING_CAPTION},
    {"imgrecog:alt-text", IR_SETTING_CAPTION},
    {"imgrecog:title", IR_SETTING_CAPTION},
    {"imgrecog:keywords", IR_SETTING_CAPTION},
    {"imgrecog:verdict", IR_SETTING_CHECK},
    {"imgrecog:reason", IR_SETTING_CHECK},
    {"imgrecog:answer", IR_SETTING_ASK},
    {ARTIFACT_MODEL, EVERY_RUN}, /* an earlier run's too, while something of it is there */
    {ARTIFACT_MODEL_OF, EVERY_RUN},
    {"imgrecog:cost-usd", EVERY_RUN},
    {"imgrecog:cached", EVERY_RUN},
    {"imgrecog:uri", IR_SETTING_UPLOAD},
    {ARTIFACT_ERROR, EVERY_RUN},
};
#define ARTIFACT_COUNT (sizeof artifacts / sizeof artifacts[0])

/* What the document names a model of. */
static const struct model_task {
    const char *word;
    unsigned bit;
    enum ir_model_work work;
} model_tasks[] = {{"caption", IR_SETTING_CAPTION, IR_MODEL_OF_CAPTION},
                   {"ask", IR_SETTING_ASK, IR_MODEL_OF_ANSWER},
                   {"generate", IR_SETTING_GENERATE, IR_MODEL_OF_PICTURE}};
#define MODEL_TASK_COUNT (sizeof model_tasks / sizeof model_tasks[0])

bool results_is_artifact(const char *name)
{
    for (size_t i = 0; i < ARTIFACT_COUNT; i++)
        if (strcmp(artifacts[i].name, name) == 0)
            return true;
    if (strncmp(name, LABEL_PREFIX, strlen(LABEL_PREFIX)) != 0)
        return false;
    return strcmp(name, LABEL_COUNT) == 0 ||
           (name[strlen(LABEL_PREFIX)] >= '0' && name[strlen(LABEL_PREFIX)] <= '9');
}

/* NULL when the image itself has none. GetImageArtifact finds a definition of that name, too. */
static const char *own_artifact(const Image *image, const char *name)
{
    return image->artifacts != NULL ? GetValueFromSplayTree(image->artifacts, name) : NULL;
}

bool results_are_on(const Image *image)
{
    return own_artifact(image, artifacts[0].name) != NULL;
}

void results_print_names(FILE *out)
{
    for (size_t i = 0; i < ARTIFACT_COUNT; i++)
        fprintf(out, "%%[%s], ", artifacts[i].name);
    fprintf(out, "%%[" LABEL_COUNT "], %%[" LABEL_PREFIX "0-name], -confidence, -box\n");
}

static bool set_label(Image *image, size_t label_index, const char *what, const char *value)
{
    char name[NAME_BYTES];

    snprintf(name, sizeof name, LABEL_PREFIX "%zu-%s", label_index, what);
    return SetImageArtifact(image, name, value) != MagickFalse;
}

/* The box as -crop takes it; "" without one. */
static void format_box(const Image *image, const struct ir_label *label, char out[VALUE_BYTES])
{
    struct ir_box box = label->box;
    struct ir_rect rect;

    out[0] = '\0';
    if (!label->has_box || !ir_box_clamp(&box))
        return;
    rect = ir_box_to_pixels(ir_box_upright_to_stored(box, outgoing_orientation(image)),
                            (int)image->columns, (int)image->rows);
    snprintf(out, VALUE_BYTES, "%dx%d+%d+%d", rect.width_px, rect.height_px, rect.left_px,
             rect.top_px);
}

/* Without the artifacts of an earlier run's labels. */
static void forget_labels(Image *image)
{
    static const char *const parts[] = {"name", "confidence", "box"};

    for (size_t i = 0; i < MAX_LABELS; i++) {
        char name[NAME_BYTES];

        snprintf(name, sizeof name, LABEL_PREFIX "%zu-%s", i, parts[0]);
        if (own_artifact(image, name) == NULL)
            return;
        for (size_t part = 0; part < sizeof parts / sizeof parts[0]; part++) {
            snprintf(name, sizeof name, LABEL_PREFIX "%zu-%s", i, parts[part]);
            (void)DeleteImageArtifact(image, name);
        }
    }
}

static bool set_labels(Image *image, const struct ir_result *result)
{
    size_t count = result != NULL ? ir_result_label_count(result) : 0;
    char value[VALUE_BYTES];
    bool ok = true;

    forget_labels(image);
    snprintf(value, sizeof value, "%zu", count);
    ok = SetImageArtifact(image, LABEL_COUNT, value) != MagickFalse;
    for (size_t i = 0; ok && i < count && i < MAX_LABELS; i++) {
        const struct ir_label *label = ir_result_get_label(result, i);

        ok = set_label(image, i, "name", label->name);
        snprintf(value, sizeof value, "%.2f",
                 isfinite(label->confidence_pct) ? label->confidence_pct : 0.0);
        ok = ok && set_label(image, i, "confidence", value);
        format_box(image, label, value);
        ok = ok && set_label(image, i, "box", value);
    }
    return ok;
}

static const char *verdict_of(const struct ir_check *check)
{
    static const char *const verdicts[] = {
        [IR_VERDICT_UNKNOWN] = "UNKNOWN", [IR_VERDICT_NO] = "NO", [IR_VERDICT_YES] = "YES"};

    return check != NULL ? verdicts[check->verdict] : NULL;
}

/* What the answers cost, and how many were paid for earlier. */
struct usage_texts {
    char cost_usd[VALUE_BYTES]; /* "" where a price is not known */
    char cached[VALUE_BYTES];
};

static void usage_texts_init(struct usage_texts *out, const struct ir_result *result)
{
    struct ir_usage usage;

    *out = (struct usage_texts){"", ""};
    if (result == NULL)
        return;
    usage = ir_result_get_usage(result);
    if (!isnan(usage.cost_usd))
        snprintf(out->cost_usd, sizeof out->cost_usd, "%.6f", usage.cost_usd);
    snprintf(out->cached, sizeof out->cached, "%u", usage.cached);
}

/* ---- whose model it is ------------------------------------------------------------------- */

struct model {
    const char *name; /* borrowed from the result or the image; NULL = none */
    char of[VALUE_BYTES];
};

/* "caption,ask": those of `tasks` that a model answers. */
static void format_model_tasks(unsigned tasks, char out[VALUE_BYTES])
{
    out[0] = '\0';
    for (size_t i = 0; i < MODEL_TASK_COUNT; i++) {
        size_t used = strlen(out);

        if ((tasks & model_tasks[i].bit) != 0)
            snprintf(out + used, VALUE_BYTES - used, "%s%s", used > 0 ? "," : "",
                     model_tasks[i].word);
    }
}

/* The tasks of earlier runs that the model which stands on the image answered. */
static unsigned model_tasks_on(const Image *image)
{
    const char *of = own_artifact(image, ARTIFACT_MODEL_OF);
    unsigned tasks = 0;

    for (size_t i = 0; of != NULL && i < MODEL_TASK_COUNT; i++)
        if (strstr(of, model_tasks[i].word) != NULL)
            tasks |= model_tasks[i].bit;
    return tasks;
}

/* Those that this model did; another may have done others, and one may have failed. */
static unsigned model_tasks_in(const struct ir_result *result, const char *model)
{
    unsigned tasks = 0;

    for (size_t i = 0; i < MODEL_TASK_COUNT; i++) {
        const char *by = ir_result_get_model_of(result, model_tasks[i].work);

        if (by != NULL && strcmp(by, model) == 0)
            tasks |= model_tasks[i].bit;
    }
    return tasks;
}

/* This run's model; without one, an earlier run's of which `tasks` leave something. Where they are
 * the same, all that it did. */
static struct model model_after(const Image *image, unsigned tasks, const struct ir_result *result)
{
    struct model model = {.name = result != NULL ? ir_result_get_model(result) : NULL};
    unsigned left = model_tasks_on(image) & ~tasks;
    const char *before = left != 0 ? own_artifact(image, ARTIFACT_MODEL) : NULL;
    unsigned now = model.name != NULL ? model_tasks_in(result, model.name) : 0;

    if (model.name == NULL)
        model.name = before;
    else if (before == NULL || strcmp(before, model.name) != 0)
        left = 0;
    format_model_tasks(left | now, model.of);
    return model;
}

/* ---- all of them ------------------------------------------------------------------------- */

/* All texts at once, so that a failure leaves none of this run's. */
struct texts {
    char *json;
    char *labels;
    char *keywords;
};

/* One a line, to be freed with free(); NULL when out of memory. */
static char *join_keywords(const struct ir_caption *caption)
{
    size_t bytes = 1;
    char *lines, *end;

    for (size_t i = 0; i < caption->keyword_count; i++)
        bytes += strlen(caption->keywords[i]) + 1;
    lines = malloc(bytes);
    if (lines == NULL)
        return NULL;
    *lines = '\0';
    end = lines;
    for (size_t i = 0; i < caption->keyword_count; i++)
        end = stpcpy(stpcpy(end, i > 0 ? "\n" : ""), caption->keywords[i]);
    return lines;
}

static int texts_init(struct texts *out, const struct ir_result *result, struct ir_error *err)
{
    const struct ir_caption *caption = result != NULL ? ir_result_get_caption(result) : NULL;
    size_t bytes = 0;
    int rc;

    *out = (struct texts){NULL, NULL, NULL};
    if (result == NULL)
        return 0;
    if (caption != NULL) {
        out->keywords = join_keywords(caption);
        if (out->keywords == NULL)
            return common_fail_nomem(err);
    }
    rc = ir_result_to_json(result, &out->json, &bytes, err);
    return rc == 0 ? ir_result_labels_text(result, &out->labels, err) : rc;
}

/* Of other tasks than this run's only what is not there yet is set. */
static bool set_artifact(Image *image, const struct artifact *artifact, unsigned tasks,
                         const char *value)
{
    if (value == NULL && artifact->tasks != EVERY_RUN && (artifact->tasks & tasks) == 0 &&
        own_artifact(image, artifact->name) != NULL)
        return true;
    return SetImageArtifact(image, artifact->name, value != NULL ? value : "") != MagickFalse;
}

/* Without memory it is gone, which is better than wrong. */
static void empty_artifact(Image *image, const char *name)
{
    (void)DeleteImageArtifact(image, name);
    (void)SetImageArtifact(image, name, "");
}

int results_publish(Image *image, unsigned tasks, const struct ir_result *result, const char *uri,
                    const char *error, struct ir_error *err)
{
    bool has_labels = (tasks & IR_SETTING_LABELS) != 0 || own_artifact(image, LABEL_COUNT) == NULL;
    const struct ir_caption *caption = result != NULL ? ir_result_get_caption(result) : NULL;
    const struct ir_check *check = result != NULL ? ir_result_get_check(result) : NULL;
    const struct model model = model_after(image, tasks, result);
    struct usage_texts usage;
    struct texts texts;
    int rc = texts_init(&texts, result, err);
    const char *const values[ARTIFACT_COUNT] = {
        texts.json,
        (tasks & IR_SETTING_LABELS) != 0 ? texts.labels : NULL,
        caption != NULL ? caption->text : NULL,
        caption != NULL ? caption->alt_text : NULL,
        caption != NULL ? caption->title : NULL,
        texts.keywords,
        verdict_of(check),
        check != NULL ? check->reason : NULL,
        result != NULL ? ir_result_get_answer(result) : NULL,
        model.name,
        model.of,
        usage.cost_usd,
        usage.cached,
        uri,
        error,
    };
    bool ok = rc == 0 && (!has_labels || set_labels(image, result));

    usage_texts_init(&usage, result);
    for (size_t i = 0; ok && i < ARTIFACT_COUNT; i++)
        ok = set_artifact(image, &artifacts[i], tasks, values[i]);
    if (rc == 0 && !ok)
        rc = common_fail_nomem(err);
    ir_free(texts.json);
    ir_free(texts.labels);
    free(texts.keywords);
    return rc;
}

void results_forget(Image *image, unsigned tasks)
{
    const struct model model = model_after(image, tasks, NULL);

    if (tasks == 0)
        return;
    for (size_t i = 0; i < ARTIFACT_COUNT; i++)
        if (artifacts[i].tasks != EVERY_RUN && (artifacts[i].tasks & tasks) != 0)
            empty_artifact(image, artifacts[i].name);
    if (model.name == NULL)
        empty_artifact(image, ARTIFACT_MODEL);
    (void)SetImageArtifact(image, ARTIFACT_MODEL_OF, model.of);
    if ((tasks & IR_SETTING_LABELS) != 0)
        (void)set_labels(image, NULL);
}

void results_set_error(Image *image, const char *error)
{
    (void)SetImageArtifact(image, ARTIFACT_ERROR, error);
}

void results_publish_error(Image *image, unsigned tasks, const char *error)
{
    struct ir_error err;

    if (results_publish(image, tasks, NULL, NULL, error, &err) != 0)
        results_set_error(image, error);
}
