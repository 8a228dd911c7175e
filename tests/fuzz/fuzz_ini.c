/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The INI dialect: every name that is listed can be looked up; messages name file and line. */
#include "tests/fuzz/fuzz.h"

#include "core/base/error.h"
#include "core/base/ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct ir_ini *ini = NULL;
    struct ir_error err;
    const char *section;
    const char *key;
    if (bytes > FUZZ_MAX_BYTES)
        return 0;
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
