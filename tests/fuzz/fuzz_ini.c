/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The INI dialect: every name that is listed can be looked up; messages name file and line. Lines
 * by themselves lie within the text and hold what the whole is made of. */
#include "tests/fuzz/fuzz.h"

#include "core/base/error.h"
#include "core/base/ini.h"

/* Whether a piece lies between the line's ends. */
static bool is_within(const char *piece, size_t piece_bytes, const char *text, size_t bytes)
{
    return !piece || (piece >= text && piece_bytes <= bytes - (size_t)(piece - text));
}

/* The lines are as many as there are. */
static void check_lines(const char *text, size_t bytes)
{
    struct ir_ini_line line;
    size_t at = 0;
    size_t before = 0;
    size_t count = 0;
    size_t wanted = 0;
    for (size_t i = 0; i < bytes; i++)
        wanted += text[i] == '\n' || i + 1 == bytes;
    while (ir_ini_next_line(text, bytes, &at, &line)) {
        FUZZ_CHECK(at > before && at <= bytes + 1 && (line.key || !line.value));
        FUZZ_CHECK(is_within(line.key, line.key_bytes, text, bytes));
        FUZZ_CHECK(is_within(line.value, line.value_bytes, text, bytes));
        FUZZ_CHECK(!line.key || !memchr(line.key, '=', line.key_bytes));
        before = at;
        count++;
    }
    FUZZ_CHECK(count == wanted || (bytes == 3 && count == 0)); /* a byte-order mark alone */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct ir_ini *ini = NULL;
    struct ir_error err;
    const char *section;
    const char *key;
    if (bytes > FUZZ_MAX_BYTES)
        return 0;
    check_lines((const char *)data, bytes);
    int result = ir_ini_parse((const char *)data, bytes, "/etc/it", &ini, &err);
    if (result) {
        FUZZ_CHECK(!ini && err.code == result && result == IR_ERR_ARG);
        FUZZ_CHECK(!strncmp(err.message, "/etc/it, line ", 14) && err.hint[0]);
        return 0;
    }
    for (size_t i = 0; (section = ir_ini_section_name(ini, i)); i++) {
        FUZZ_CHECK(section[0] && ir_ini_has_section(ini, section));
        for (size_t j = 0; (key = ir_ini_key_name(ini, section, j)); j++) {
            const char *value = ir_ini_get(ini, section, key);
            FUZZ_CHECK(key[0] && value && strlen(value) <= bytes);
        }
    }
    ir_ini_free(ini);
    return 0;
}
