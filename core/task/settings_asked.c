/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a setting is asked for where another one is wrong. The file is looked at line by line,
 * since what is wrong may be its form; of a line only `key = value` counts.
 */
#include <string.h>

#include "core/base/ascii.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/world.h"
#include "core/task/settings.h"

#define MAX_PATH_BYTES 4096
#define BLANKS " \t\r"

static bool is_key(const char *text, size_t bytes, const char *key)
{
    for (size_t i = 0; i < bytes && key[i] != '\0'; i++)
        if ((text[i] == '_' ? '-' : ir_ascii_lower(text[i])) != key[i])
            return false;
    return bytes == strlen(key);
}

static size_t without_blanks(const char *text, size_t bytes)
{
    while (bytes > 0 && strchr(BLANKS, text[bytes - 1]) != NULL)
        bytes--;
    return bytes;
}

/* A mistyped value asks, too: who writes the key wants something. */
static bool asks(const char *value, size_t bytes)
{
    char word[8]; /* longer ones are none for no */
    if (bytes == 0 || bytes >= sizeof word)
        return bytes > 0;
    memcpy(word, value, bytes);
    word[bytes] = '\0';
    return !ir_setting_is_no(word);
}

/* The last line that names the key says it. */
static bool file_asks(const char *text, const char *key)
{
    bool is_asked = false;
    while (*text != '\0') {
        size_t line_bytes = strcspn(text, "\n");
        const char *start = text + strspn(text, BLANKS);
        const char *equals = memchr(text, '=', line_bytes);
        if (equals != NULL && start < equals &&
            is_key(start, without_blanks(start, (size_t)(equals - start)), key)) {
            const char *value = equals + 1 + strspn(equals + 1, BLANKS);
            const char *end = text + line_bytes;
            is_asked = asks(value, value < end ? without_blanks(value, (size_t)(end - value)) : 0);
        }
        text += line_bytes + (text[line_bytes] == '\n' ? 1 : 0);
    }
    return is_asked;
}

static bool is_asked_in_file(const struct ir_world *world, const char *key)
{
    struct ir_buf path;
    struct ir_buf text;
    struct ir_error ignored = {0};
    bool missing = false;
    ir_buf_init(&path, MAX_PATH_BYTES);
    ir_buf_init(&text, IR_SETTINGS_MAX_FILE_BYTES);
    bool is_asked = ir_settings_read_file(world, &path, &text, &missing, &ignored) == 0 &&
                    file_asks(ir_buf_text(&text), key);
    ir_buf_release(&text);
    ir_buf_release(&path);
    return is_asked;
}

bool ir_settings_are_asked(const char *key)
{
    const struct ir_world *world = ir_world_system();
    const struct ir_setting_info *info;
    for (size_t i = 0; (info = ir_setting_get_info(i)) != NULL; i++) {
        char variable[IR_SETTING_VARIABLE_BYTES];
        if (strcmp(info->key, key) != 0)
            continue;
        ir_setting_variable(i, variable);
        const char *value = ir_world_getenv(world, variable);
        return value != NULL ? asks(value, strlen(value)) : is_asked_in_file(world, key);
    }
    return false;
}
