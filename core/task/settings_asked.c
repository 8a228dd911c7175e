/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a setting is asked for where another one is wrong. The file is looked at line by line,
 * since what is wrong may be its form; what a line says is the INI reader's business. In doubt it
 * is asked for: the key without a value, with a mistyped one, or in a spelling that means it.
 */
#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/ini.h"
#include "core/base/world.h"
#include "core/task/settings.h"

#define MAX_PATH_BYTES 4096
#define BLANKS " \t\r\v\f"

static bool asks(const char *value, size_t bytes)
{
    char word[8]; /* longer ones are none for no */
    if (bytes >= sizeof word)
        return true;
    memcpy(word, value, bytes);
    word[bytes] = '\0';
    return !ir_setting_is_no(word);
}

static bool is_one_of(char c, const char *characters)
{
    return c != '\0' && strchr(characters, c) != NULL;
}

/* `key: value` and `key value` are no lines of the dialect, but it is plain what they mean. */
static struct ir_ini_line split_anyway(struct ir_ini_line line)
{
    const char *end = line.key + line.key_bytes;
    const char *value = line.key;
    while (value < end && !is_one_of(*value, BLANKS ":"))
        value++;
    line.key_bytes = (size_t)(value - line.key);
    while (value < end && is_one_of(*value, BLANKS ":"))
        value++;
    line.value = value;
    line.value_bytes = (size_t)(end - value);
    return line;
}

/* The last word before the '=': a section's name may stand before it. */
static bool is_of(const struct ir_ini_line *line, const char *key)
{
    size_t start = line->key_bytes;
    while (start > 0 && !is_one_of(line->key[start - 1], BLANKS))
        start--;
    const char *meant = ir_setting_meant(line->key + start, line->key_bytes - start);
    return meant != NULL && strcmp(meant, key) == 0;
}

/*
 * The last line that names the key says it. One that is indented may be the rest of a value: it
 * asks, but takes nothing back. One that is no text says what cannot be known.
 */
static bool file_asks(const struct ir_buf *text, const char *key, bool if_unreadable)
{
    struct ir_ini_line line;
    bool is_asked = false;
    size_t at = 0;
    while (ir_ini_next_line(ir_buf_text(text), text->bytes, &at, &line)) {
        if (line.has_nul) {
            is_asked = is_asked || if_unreadable;
            continue;
        }
        if (line.key != NULL && line.value == NULL)
            line = split_anyway(line);
        if (line.key != NULL && is_of(&line, key))
            is_asked = asks(line.value, line.value_bytes) || (is_asked && line.is_indented);
    }
    return is_asked;
}

static bool is_asked_in_file(const struct ir_world *world, const char *key, bool if_unreadable)
{
    struct ir_buf path;
    struct ir_buf text;
    struct ir_error ignored = {0};
    bool missing = false;
    ir_buf_init(&path, MAX_PATH_BYTES);
    ir_buf_init(&text, IR_SETTINGS_MAX_FILE_BYTES);
    int rc = ir_settings_read_file(world, &path, &text, &missing, &ignored);
    bool is_asked = rc == 0 ? file_asks(&text, key, if_unreadable) : !missing && if_unreadable;
    ir_buf_release(&text);
    ir_buf_release(&path);
    return is_asked;
}

bool ir_settings_are_asked(const char *key, bool if_unreadable)
{
    const struct ir_world *world = ir_world_system();
    const struct ir_setting_info *info;
    for (size_t i = 0; (info = ir_setting_get_info(i)) != NULL; i++) {
        char variable[IR_SETTING_VARIABLE_BYTES];
        if (strcmp(info->key, key) != 0)
            continue;
        ir_setting_variable(i, variable);
        const char *value = ir_world_getenv(world, variable);
        return value != NULL ? asks(value, strlen(value))
                             : is_asked_in_file(world, key, if_unreadable);
    }
    return false;
}
