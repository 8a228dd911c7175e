/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the module's own grammar: [TASK ...|help] [key=value ...], and where definitions are found.
 * What keys exist and what they take is the core's business (imgrecog/settings.h).
 *
 * ImageMagick splits the text after -process at blanks and expands percent escapes in it before it
 * calls a filter. A -define lies in the ImageInfo that an image points to; -set and programs put
 * the same keys into the image's own artifacts. GetImageArtifact looks in both, the image's first.
 * Results come back as artifacts under the same prefix, `imgrecog:model` is a setting and a result.
 */
#include "plugins/imagemagick/arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/fail.h"
#include "plugins/imagemagick/asked.h"
#include "plugins/imagemagick/results.h"

#define ORIGIN_BYTES 160
#define KEY_BYTES 32 /* of the settings that are read by themselves */
#define TASKS_ARE "The tasks are: labels, caption, check, ask, generate, upload, help."
#define FAIL_CLOSED "fail-closed"
#define DRY_RUN "dry-run"
#define ALL_TASKS                                                                                  \
    (IR_SETTING_LABELS | IR_SETTING_CAPTION | IR_SETTING_CHECK | IR_SETTING_ASK |                  \
     IR_SETTING_GENERATE | IR_SETTING_UPLOAD)
/* Whose settings count whatever the task is. */
#define ALWAYS (IR_SETTING_CONNECTION | IR_SETTING_METADATA | IR_SETTING_LIST | IR_SETTING_OPERAND)
#define EVERYTHING (ALL_TASKS | ALWAYS | IR_SETTING_OVERLAY | IR_SETTING_REDACT)

static const struct task {
    const char *word;
    unsigned bit;
    unsigned more;       /* bits of settings that the task brings along */
    const char *operand; /* the setting that only this task reads; NULL = none */
} tasks[] = {
    {"labels", IR_SETTING_LABELS, IR_SETTING_OVERLAY, NULL},
    {"caption", IR_SETTING_CAPTION, 0, NULL},
    {"check", IR_SETTING_CHECK, IR_SETTING_REDACT, NULL},
    {"ask", IR_SETTING_ASK, 0, "question"},
    {"generate", IR_SETTING_GENERATE, 0, "prompt"},
    {"upload", IR_SETTING_UPLOAD, 0, "upload"},
};
#define TASK_COUNT (sizeof tasks / sizeof tasks[0])

/* Of the command alone; its environment and file may have them all the same. */
static const struct commands_setting {
    const char *key;
    const char *hint;
    const char *message;
} commands_settings[] = {
    {"presign", "Leave it out, or use `imgrecog upload --presign`.",
     "presign: no link is given here."},
    {"document",
     "Leave it out: %[imgrecog:json] is the document. Or use `imgrecog upload --document`.",
     "document: no document is stored here."},
};
#define COMMANDS_SETTING_COUNT (sizeof commands_settings / sizeof commands_settings[0])

/* ---- definitions ------------------------------------------------------------------------- */

/* The definition `name`, unless it is a result of an earlier run; NULL when there is none. */
static const char *definition(const Image *image, const char *name)
{
    const char *option = image->image_info != NULL ? GetImageOption(image->image_info, name) : NULL;

    if (!results_is_artifact(name))
        return GetImageArtifact(image, name);
    if (strcmp(name, ARTIFACT_MODEL) != 0 || option != NULL)
        return strcmp(name, ARTIFACT_MODEL) == 0 ? option : NULL;
    return results_are_on(image) ? NULL : GetImageArtifact(image, name);
}

/* Takes the definition `name`; other names than ours pass. */
static int take_define(struct arguments *arguments, const Image *image, const char *name,
                       struct ir_error *err)
{
    const char *value;
    char origin[ORIGIN_BYTES];

    if (strncmp(name, DEFINE_PREFIX, DEFINE_PREFIX_BYTES) != 0)
        return 0;
    value = definition(image, name);
    if (value == NULL)
        return 0;
    snprintf(origin, sizeof origin, "-define %s", name);
    return ir_settings_set(arguments->settings, name + DEFINE_PREFIX_BYTES, value, origin, err);
}

static int take_defines(struct arguments *arguments, const Image *image, struct ir_error *err)
{
    const char *name;
    int rc = 0;

    ResetImageArtifactIterator(image);
    while (rc == 0 && (name = GetNextImageArtifact(image)) != NULL)
        rc = take_define(arguments, image, name, err);
    if (image->image_info == NULL)
        return rc;
    ResetImageOptionIterator(image->image_info);
    while (rc == 0 && (name = GetNextImageOption(image->image_info)) != NULL)
        rc = take_define(arguments, image, name, err);
    return rc;
}

/* ---- words ------------------------------------------------------------------------------- */

static const struct task *find_task(const char *word)
{
    for (size_t i = 0; i < TASK_COUNT; i++)
        if (strcmp(tasks[i].word, word) == 0)
            return &tasks[i];
    return NULL;
}

/* The setting that a word with "=" in it is for, or that is spelt like the word; NULL = none. */
static const struct ir_setting_info *setting_of(const char *word)
{
    return ir_setting_find(word, strcspn(word, "="));
}

/* A word that is nothing, and the last setting before it; NULL = none. */
struct odd {
    const char *word;
    const char *setting;
};

/* A value may have ended at a blank where any text may be one, or behind a comma of a list. */
static bool may_be_rest(const struct odd *odd)
{
    const struct ir_setting_info *info = odd->setting != NULL ? setting_of(odd->setting) : NULL;

    return info != NULL && (info->is_text || odd->setting[strlen(odd->setting) - 1] == ',');
}

/* Where the word may be the rest of a value: a blank in it was neither quoted nor in a definition.
 */
static int fail_rest(const struct odd *odd, const struct ir_setting_info *info,
                     struct ir_error *err)
{
    int key_chars = (int)strcspn(odd->setting, "=");
    char also[KEY_BYTES + 32] = "Write ";
    char hint[ORIGIN_BYTES];

    key_chars = key_chars < KEY_BYTES ? key_chars : KEY_BYTES;
    if (info != NULL)
        snprintf(also, sizeof also, "Write %s=VALUE, or ", info->key);
    snprintf(hint, sizeof hint,
             "%sa value with blanks as -define imgrecog:%.*s='...' before -process.", also,
             key_chars, odd->setting);
    if (info != NULL)
        return common_fail(err, IR_ERR_ARG, hint,
                           "The setting '%s' has no value (that of %.*s ended at the blank "
                           "before it); it takes %s.",
                           info->key, key_chars, odd->setting, info->values);
    return common_fail(err, IR_ERR_ARG, hint,
                       "There is no task '%.80s' (the value of %.*s ended at the blank before "
                       "it). " TASKS_ARE,
                       odd->word, key_chars, odd->setting);
}

static int fail_word(const struct odd *odd, struct ir_error *err)
{
    const struct ir_setting_info *info = setting_of(odd->word);
    char hint[ORIGIN_BYTES];

    if (may_be_rest(odd))
        return fail_rest(odd, info, err);
    if (info != NULL) {
        snprintf(hint, sizeof hint, "Write %s=VALUE, without blanks.", info->key);
        return common_fail(err, IR_ERR_ARG, hint, "The setting '%s' has no value; it takes %s.",
                           info->key, info->values);
    }
    return common_fail(err, IR_ERR_ARG,
                       "Write -process 'imgrecog TASK key=value ...'; "
                       "-process 'imgrecog help' lists the keys.",
                       "There is no task '%.80s'. " TASKS_ARE, odd->word);
}

/* A setting without a value is no task that was mistyped. */
static void take_odd(struct arguments *arguments, const char *word, const char *setting,
                     struct odd *io_first)
{
    if (setting_of(word) == NULL)
        arguments->may_mean_check = true;
    if (io_first->word == NULL)
        *io_first = (struct odd){word, setting};
}

/*
 * Finds out which tasks are asked for, all of them, whatever else is wrong: what they left in an
 * earlier run must go. Words with "=" are settings. Returns the first word that is nothing.
 */
static struct odd take_tasks(struct arguments *arguments, int word_count, const char *const *words)
{
    const char *setting = NULL;
    struct odd odd = {NULL, NULL};

    for (int i = 0; i < word_count; i++) {
        const struct task *task;

        if (words[i] == NULL || words[i][0] == '\0')
            continue;
        if (strchr(words[i], '=') != NULL) {
            setting = words[i];
            continue;
        }
        task = find_task(words[i]);
        if (task != NULL)
            arguments->tasks |= task->bit;
        else if (strcmp(words[i], "help") == 0)
            arguments->help = true;
        else
            take_odd(arguments, words[i], setting, &odd);
    }
    if (arguments->tasks == 0 && !arguments->help && odd.word == NULL)
        arguments->tasks = IR_SETTING_LABELS;
    return odd;
}

/* Whether a word is a setting of check's alone: the task may have been forgotten. */
static bool has_word_of_check(int word_count, const char *const *words)
{
    const unsigned own = IR_SETTING_CHECK | IR_SETTING_REDACT;

    for (int i = 0; i < word_count; i++) {
        const char *word = words[i] != NULL ? words[i] : "";
        const struct ir_setting_info *info = ir_setting_find(word, strcspn(word, "="));

        if (info != NULL && (info->tasks & own) != 0 && (info->tasks & ~own) == 0)
            return true;
    }
    return false;
}

/* The settings that words may set: one that changes nothing would be believed. */
static unsigned settings_of(const struct arguments *arguments)
{
    unsigned bits = ALWAYS;

    for (size_t i = 0; i < TASK_COUNT; i++)
        if ((arguments->tasks & tasks[i].bit) != 0)
            bits |= tasks[i].bit | tasks[i].more;
    return bits;
}

static int check_operand(const struct arguments *arguments, const char *key, const char *origin,
                         struct ir_error *err)
{
    for (size_t i = 0; i < TASK_COUNT; i++)
        if (tasks[i].operand != NULL && strcmp(tasks[i].operand, key) == 0 &&
            (arguments->tasks & tasks[i].bit) == 0)
            return common_fail(err, IR_ERR_ARG, "Leave it out, or name the task.",
                               "%s: the setting %s belongs to the task %s.", origin, key,
                               tasks[i].word);
    return 0;
}

static int take_setting(struct arguments *arguments, const char *word, struct ir_error *err)
{
    const char *equals = strchr(word, '=');
    char origin[ORIGIN_BYTES];
    char *key = strndup(word, (size_t)(equals - word));
    int rc;

    if (key == NULL)
        return common_fail_nomem(err);
    snprintf(origin, sizeof origin, "-process 'imgrecog %.100s=...'", key);
    rc = check_operand(arguments, key, origin, err);
    if (rc == 0)
        rc = ir_settings_set(arguments->settings, key, equals + 1, origin, err);
    free(key);
    return rc;
}

static int take_words(struct arguments *arguments, int word_count, const char *const *words,
                      struct ir_error *err)
{
    int rc = 0;

    ir_settings_limit(arguments->settings, settings_of(arguments));
    for (int i = 0; i < word_count && rc == 0; i++)
        if (words[i] != NULL && strchr(words[i], '=') != NULL)
            rc = take_setting(arguments, words[i], err);
    return rc;
}

/* ---- what belongs together --------------------------------------------------------------- */

/* What a task cannot do without. Services that need no words exist; they are named. */
static int check_operands(const struct arguments *arguments, struct ir_error *err)
{
    for (size_t i = 0; i < TASK_COUNT; i++) {
        const struct task *task = &tasks[i];
        char hint[ORIGIN_BYTES];

        if (task->operand == NULL || (arguments->tasks & task->bit) == 0 ||
            ir_settings_get(arguments->settings, task->operand) != NULL ||
            (task->bit == IR_SETTING_GENERATE &&
             (ir_settings_get(arguments->settings, "image-model") != NULL ||
              ir_settings_get(arguments->settings, "edit") != NULL)))
            continue;
        snprintf(hint, sizeof hint, "Write -define imgrecog:%s='...' before -process.",
                 task->operand);
        return common_fail(err, IR_ERR_ARG, hint, "The task %s needs the setting %s.", task->word,
                           task->operand);
    }
    return 0;
}

static int check_together(const struct arguments *arguments, struct ir_error *err)
{
    bool changes = !arguments_has_word(arguments, "action", "report");

    if (arguments_has_word(arguments, "metadata", "none") &&
        strcmp(ir_settings_get(arguments->settings, "metadata"), "none") != 0)
        return common_fail(err, IR_ERR_ARG, "Remove it in one run, and write in the next.",
                           "metadata=none cannot be joined with another word.");
    if ((arguments->tasks & IR_SETTING_CHECK) != 0 &&
        (changes || arguments_is_on(arguments, FAIL_CLOSED)) &&
        arguments_has_word(arguments, "frames", "first"))
        return common_fail(err, IR_ERR_ARG, "Leave frames=first out.",
                           "With %s, check has to see every frame.",
                           changes ? "an action" : FAIL_CLOSED);
    if ((arguments->tasks & IR_SETTING_CHECK) != 0 && (arguments->tasks & IR_SETTING_LABELS) != 0 &&
        arguments_has_word(arguments, "action", "crop"))
        return common_fail(err, IR_ERR_ARG, "Crop in one run, and ask for labels in the next.",
                           "Boxes of labels would not fit the picture that action=crop leaves.");
    return check_operands(arguments, err);
}

/* ---- public ------------------------------------------------------------------------------ */

static int check_none_of_commands(const Image *image, int word_count, const char *const *words,
                                  struct ir_error *err)
{
    for (size_t i = 0; i < COMMANDS_SETTING_COUNT; i++) {
        const struct commands_setting *setting = &commands_settings[i];

        if (asked_value(setting->key, image, word_count, words) != NULL)
            return common_fail(err, IR_ERR_ARG, setting->hint, "%s", setting->message);
    }
    return 0;
}

int arguments_init(struct arguments *out, const Image *image, int word_count,
                   const char *const *words, struct ir_error *err)
{
    struct odd odd;
    int rc = 0;

    memset(out, 0, sizeof *out);
    odd = take_tasks(out, word_count, words);
    if (has_word_of_check(word_count, words))
        out->may_mean_check = true;
    if (!out->help)
        rc = ir_settings_new(&out->settings, err);
    out->fail_closed = asked_for(out->settings, FAIL_CLOSED, true, image, word_count, words);
    out->dry_run = asked_for(out->settings, DRY_RUN, false, image, word_count, words);
    if (rc != 0)
        return rc;
    if (odd.word != NULL)
        return fail_word(&odd, err);
    if (out->help)
        return 0;
    ir_settings_limit(out->settings, EVERYTHING);
    rc = take_defines(out, image, err);
    if (rc == 0)
        rc = take_words(out, word_count, words, err);
    if (rc == 0)
        rc = check_none_of_commands(image, word_count, words, err);
    if (rc == 0)
        rc = check_together(out, err);
    if (rc != 0)
        return rc;
    out->fail_closed = arguments_is_on(out, FAIL_CLOSED);
    out->dry_run = arguments_is_on(out, DRY_RUN);
    return 0;
}

void arguments_release(struct arguments *arguments)
{
    ir_settings_free(arguments->settings);
    arguments->settings = NULL;
}

bool arguments_is_on(const struct arguments *arguments, const char *key)
{
    return ir_settings_is_true(arguments->settings, key);
}

bool arguments_has_word(const struct arguments *arguments, const char *key, const char *word)
{
    const char *value = ir_settings_get(arguments->settings, key);
    size_t word_bytes = strlen(word);

    while (value != NULL && *value != '\0') {
        size_t bytes = strcspn(value, ",");

        if (bytes == word_bytes && strncmp(value, word, bytes) == 0)
            return true;
        value += bytes + (value[bytes] == ',' ? 1 : 0);
    }
    return false;
}

bool arguments_want_blank(const struct arguments *arguments)
{
    return arguments->fail_closed && !arguments->dry_run &&
           ((arguments->tasks & IR_SETTING_CHECK) != 0 || arguments->may_mean_check);
}

static bool is_commands(const char *key)
{
    bool is = false;

    for (size_t i = 0; !is && i < COMMANDS_SETTING_COUNT; i++)
        is = strcmp(commands_settings[i].key, key) == 0;
    return is;
}

void arguments_print_help(const struct arguments *arguments)
{
    unsigned bits = arguments->tasks != 0 ? settings_of(arguments) : EVERYTHING;
    const struct ir_setting_info *info;

    fputs(
        "-process 'imgrecog [TASK ...] [key=value ...]', or -define imgrecog:key=value before "
        "it.\n"
        "Tasks: labels (without a task), caption, check, ask, generate, upload. `help TASK` lists "
        "the keys\nof that task alone. Keys:\n",
        stderr);
    for (size_t i = 0; (info = ir_setting_get_info(i)) != NULL; i++) {
        if ((info->tasks & bits) == 0 || is_commands(info->key))
            continue;
        fprintf(stderr, "  %s=%s", info->key, info->values);
        if (info->preset[0] != '\0')
            fprintf(stderr, " (default: %s)", info->preset);
        fprintf(stderr, "\n      %s\n", info->summary);
    }
    fputs("Results: ", stderr);
    results_print_names(stderr);
}
