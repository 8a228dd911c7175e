/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the module's own grammar: [labels|help] [key=value ...], and where definitions are found.
 * What keys exist and what they take is the core's business (imgrecog/settings.h).
 *
 * ImageMagick splits the text after -process at blanks and expands percent escapes in it before it
 * calls a filter. A -define lies in the ImageInfo that an image points to; -set and programs put
 * the same keys into the image's own artifacts. GetImageArtifact looks in both, the image's first.
 */
#include "plugins/imagemagick/arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/fail.h"

#define DEFINE_PREFIX "imgrecog:"
#define DEFINE_PREFIX_BYTES (sizeof DEFINE_PREFIX - 1)
#define ORIGIN_BYTES 160
#define TASKS (IR_SETTING_CONNECTION | IR_SETTING_LABELS) /* whose settings count here */

static bool is_result_artifact(const char *name)
{
    return strcmp(name, ARTIFACT_JSON) == 0 || strcmp(name, ARTIFACT_LABELS) == 0 ||
           strcmp(name, ARTIFACT_ERROR) == 0;
}

/* Takes the definition `name`; other names than ours, and results of an earlier run, pass. */
static int take_define(struct arguments *arguments, const Image *image, const char *name,
                       struct ir_error *err)
{
    const char *key = name + DEFINE_PREFIX_BYTES;
    const char *value;
    char origin[ORIGIN_BYTES];

    if (strncmp(name, DEFINE_PREFIX, DEFINE_PREFIX_BYTES) != 0 || is_result_artifact(name))
        return 0;
    value = GetImageArtifact(image, name);
    if (value == NULL)
        return 0;
    snprintf(origin, sizeof origin, "-define %s", name);
    return ir_settings_set(arguments->settings, key, value, origin, err);
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

static int fail_word(const char *word, struct ir_error *err)
{
    const struct ir_setting_info *info;

    for (size_t i = 0; (info = ir_setting_get_info(i)) != NULL; i++)
        if (strcmp(info->key, word) == 0)
            return common_fail(err, IR_ERR_ARG, "Write key=value, without blanks.",
                               "The setting '%.80s' has no value; it takes %s.", word,
                               info->values);
    return common_fail(err, IR_ERR_ARG,
                       "Write -process 'imgrecog labels key=value ...'; "
                       "-process 'imgrecog help' lists the keys.",
                       "There is no task '%.80s'. The tasks are: labels, help.", word);
}

/* Takes a word; only the first may name a task. */
static int take_word(struct arguments *arguments, const char *word, bool is_first,
                     struct ir_error *err)
{
    const char *equals = strchr(word, '=');
    char origin[ORIGIN_BYTES];
    char *key;
    int rc;

    if (equals == NULL) {
        if (!is_first || (strcmp(word, "labels") != 0 && strcmp(word, "help") != 0))
            return fail_word(word, err);
        arguments->help = strcmp(word, "help") == 0;
        return 0;
    }
    key = strndup(word, (size_t)(equals - word));
    if (key == NULL)
        return common_fail_nomem(err);
    snprintf(origin, sizeof origin, "-process 'imgrecog %.100s=...'", key);
    rc = ir_settings_set(arguments->settings, key, equals + 1, origin, err);
    free(key);
    return rc;
}

int arguments_init(struct arguments *out, const Image *image, int word_count,
                   const char *const *words, struct ir_error *err)
{
    bool is_first = true;
    int rc;

    memset(out, 0, sizeof *out);
    rc = ir_settings_new(&out->settings, err);
    if (rc == 0) {
        ir_settings_limit(out->settings, TASKS);
        rc = take_defines(out, image, err);
    }
    for (int i = 0; i < word_count && rc == 0; i++) {
        if (words[i] == NULL || words[i][0] == '\0')
            continue;
        rc = take_word(out, words[i], is_first, err);
        is_first = false;
    }
    return rc;
}

void arguments_release(struct arguments *arguments)
{
    ir_settings_free(arguments->settings);
    arguments->settings = NULL;
}

void arguments_print_help(void)
{
    const struct ir_setting_info *info;

    fputs("-process 'imgrecog [labels] [key=value ...]', or -define imgrecog:key=value. Keys:\n",
          stderr);
    for (size_t i = 0; (info = ir_setting_get_info(i)) != NULL; i++) {
        if ((info->tasks & TASKS) == 0)
            continue;
        fprintf(stderr, "  %s=%s", info->key, info->values);
        if (info->preset[0] != '\0')
            fprintf(stderr, " (default: %s)", info->preset);
        fprintf(stderr, "\n      %s\n", info->summary);
    }
    fputs("Results: %[" ARTIFACT_JSON "], %[" ARTIFACT_LABELS "]; after a failure %[" ARTIFACT_ERROR
          "].\n",
          stderr);
}
