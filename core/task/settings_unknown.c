/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a key means that is spelt in another way, and the message about one that is none. */
#include <stdio.h>
#include <string.h>

#include "core/base/ascii.h"
#include "core/base/error.h"
#include "core/task/settings.h"
#include "core/task/settings_table.h"

static unsigned min_of(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Letters to add, leave out or change until one is the other (Levenshtein's distance). */
static unsigned distance(const char *from, const char *to)
{
    unsigned row[IR_SETTING_MAX_KEY_BYTES + 1];
    size_t columns = strlen(to);
    if (columns > IR_SETTING_MAX_KEY_BYTES)
        return IR_SETTING_MAX_KEY_BYTES;
    for (size_t i = 0; i <= columns; i++)
        row[i] = (unsigned)i;
    for (size_t i = 0; from[i] != '\0'; i++) {
        unsigned diagonal = row[0]++;
        for (size_t j = 0; j < columns; j++) {
            unsigned above = row[j + 1];
            unsigned changed = diagonal + (from[i] == to[j] ? 0 : 1);
            row[j + 1] = min_of(changed, min_of(above, row[j]) + 1);
            diagonal = above;
        }
    }
    return row[columns];
}

/* The setting that was meant, by its spelling; NULL when none is near. */
static const char *nearest_key(unsigned tasks, const char *key)
{
    const char *nearest = NULL;
    unsigned best =
        (unsigned)strnlen(key, IR_SETTING_MAX_KEY_BYTES) / 3 + 1; /* more is another word */
    for (size_t i = 0; i < KEY_COUNT && strlen(key) <= IR_SETTING_MAX_KEY_BYTES; i++) {
        const struct ir_setting_info *info = &ir_settings_table[i].info;
        unsigned away = (info->tasks & tasks) != 0 ? distance(key, info->key) : best;
        if (away >= best)
            continue;
        best = away;
        nearest = info->key;
    }
    return nearest;
}

static bool is_spelt(const char *text, size_t bytes, const char *key)
{
    for (size_t i = 0; i < bytes && key[i] != '\0'; i++)
        if ((text[i] == '_' ? '-' : ir_ascii_lower(text[i])) != key[i])
            return false;
    return bytes == strlen(key);
}

const struct ir_setting_info *ir_setting_find(const char *text, size_t bytes)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (is_spelt(text, bytes, ir_settings_table[i].info.key))
            return &ir_settings_table[i].info;
    return NULL;
}

const char *ir_setting_meant(const char *text, size_t bytes)
{
    char key[IR_SETTING_MAX_KEY_BYTES + 1];
    const struct ir_setting_info *info = ir_setting_find(text, bytes);
    if (info != NULL)
        return info->key;
    if (bytes >= sizeof key)
        return NULL;
    memcpy(key, text, bytes);
    key[bytes] = '\0';
    return nearest_key(~0U, key);
}

/* The keys that may be set, as many as there is room for. */
static void list_keys(unsigned tasks, char *out, size_t out_bytes)
{
    static const char more[] = " and more, which `imgrecog config` lists";
    size_t used = 0;
    for (size_t i = 0; i < KEY_COUNT; i++) {
        const struct ir_setting_info *info = &ir_settings_table[i].info;
        const char *between = used > 0 ? ", " : "";
        size_t bytes = strlen(between) + strlen(info->key);
        if ((info->tasks & tasks) == 0)
            continue;
        if (used + bytes + sizeof more > out_bytes) {
            snprintf(out + used, out_bytes - used, "%s", more);
            return;
        }
        snprintf(out + used, out_bytes - used, "%s%s", between, info->key);
        used += bytes;
    }
}

int ir_settings_fail_unknown(unsigned tasks, const char *key, const char *origin,
                             struct ir_error *err)
{
    char known[300] = "";
    char shown[IR_SETTING_MAX_SHOWN_BYTES];
    const char *nearest = nearest_key(tasks, key);
    ir_text_copy(shown, sizeof shown, key);
    int rc = ir_fail(err, IR_ERR_ARG, "%s: there is no setting \"%s\"", origin, shown);
    ir_error_set_service(err, IR_SETTINGS_SERVICE);
    if (nearest != NULL) {
        ir_error_set_hint(err, "Is %s meant? `imgrecog config` lists all.", nearest);
    } else {
        list_keys(tasks, known, sizeof known);
        ir_error_set_hint(err, "The settings are: %s.", known);
    }
    return rc;
}
