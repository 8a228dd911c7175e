/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns what a command says of one setting by itself, for what must hold even where something else
 * in it is wrong. Refuses nothing: in doubt a setting is asked for, and what is wrong is told by
 * others.
 */
#include "plugins/imagemagick/asked.h"

#include <string.h>

#include "plugins/imagemagick/results.h"

/* Whether the first `bytes` of a text are this key, or mean it. */
static bool means(const char *text, size_t bytes, const char *key)
{
    const char *meant = ir_setting_meant(text, bytes);

    return meant != NULL && strcmp(meant, key) == 0;
}

/* What a definition says of a setting, in any spelling that means it; one that asks counts. */
static void take_given(const char *name, const char *key, const Image *image, const char **io_value)
{
    const char *value;

    if (strncmp(name, DEFINE_PREFIX, DEFINE_PREFIX_BYTES) != 0 || results_is_artifact(name) ||
        !means(name + DEFINE_PREFIX_BYTES, strlen(name + DEFINE_PREFIX_BYTES), key))
        return;
    value = GetImageArtifact(image, name);
    if (value != NULL && (*io_value == NULL || ir_setting_is_no(*io_value)))
        *io_value = value;
}

static const char *value_defined(const char *key, const Image *image)
{
    const char *value = NULL;
    const char *name;

    ResetImageArtifactIterator(image);
    while ((name = GetNextImageArtifact(image)) != NULL)
        take_given(name, key, image, &value);
    if (image->image_info == NULL)
        return value;
    ResetImageOptionIterator(image->image_info);
    while ((name = GetNextImageOption(image->image_info)) != NULL)
        take_given(name, key, image, &value);
    return value;
}

const char *asked_value(const char *key, const Image *image, int word_count,
                        const char *const *words)
{
    const char *value = value_defined(key, image);

    for (int i = 0; i < word_count; i++) {
        size_t key_bytes = words[i] != NULL ? strcspn(words[i], "=") : 0;

        if (key_bytes > 0 && means(words[i], key_bytes, key))
            value = words[i] + key_bytes + (words[i][key_bytes] == '=' ? 1 : 0);
    }
    return value;
}

bool asked_for(const struct ir_settings *settings, const char *key, bool if_unreadable,
               const Image *image, int word_count, const char *const *words)
{
    const char *value = asked_value(key, image, word_count, words);

    if (value != NULL)
        return !ir_setting_is_no(value);
    return settings != NULL ? ir_settings_is_true(settings, key)
                            : ir_settings_are_asked(key, if_unreadable);
}
