/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON: what our scanner takes json-c takes too; what is written can be read and written again. */
#include "tests/fuzz/fuzz.h"

#include <imgrecog/memory.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/utf8.h"

#define MAX_WRITTEN_BYTES ((size_t)64 << 20) /* a number of 5 bytes is written in 300 */

static void write_value(struct ir_json_writer *writer, const struct ir_json_value *value);

static bool write_member(void *context, const char *member, const struct ir_json_value *value)
{
    struct ir_json_writer *writer = context;
    ir_json_key(writer, member);
    write_value(writer, value);
    return true;
}

static void write_value(struct ir_json_writer *writer, const struct ir_json_value *value)
{
    if (ir_json_is_object(value)) {
        ir_json_begin_object(writer);
        ir_json_each(value, write_member, writer);
        ir_json_end_object(writer);
    } else if (ir_json_is_array(value)) {
        ir_json_begin_array(writer);
        for (size_t i = 0; i < ir_json_count(value); i++)
            write_value(writer, ir_json_at(value, i));
        ir_json_end_array(writer);
    } else if (ir_json_is_number(value)) {
        ir_json_put_number(writer, ir_json_number(value, 0), 17);
    } else if (ir_json_is_string(value)) {
        size_t bytes = 0;
        const char *text = ir_json_string(value, &bytes, NULL);
        FUZZ_CHECK(text && ir_utf8_is_valid(text, bytes) && text[bytes] == '\0');
        ir_json_put_string(writer, text);
    } else if (ir_json_bool(value, false) == ir_json_bool(value, true)) {
        ir_json_put_bool(writer, ir_json_bool(value, false));
    } else {
        FUZZ_CHECK(!value);
        ir_json_put_null(writer);
    }
}

/* The document as our writer writes it; to be freed. NULL when it is not JSON. */
static char *rewrite(const char *text, size_t bytes)
{
    struct ir_json_doc *doc = NULL;
    struct ir_error err;
    struct ir_json_writer writer;
    struct ir_buf out;
    int result = ir_json_parse(text, bytes, "it", &doc, &err);
    if (result) {
        FUZZ_CHECK(!doc && err.code == result && result == IR_ERR_RESPONSE);
        FUZZ_CHECK(strncmp(err.message, "json-c", 6) != 0);
        return NULL;
    }
    ir_buf_init(&out, MAX_WRITTEN_BYTES);
    ir_json_writer_init(&writer, &out);
    write_value(&writer, ir_json_root(doc));
    ir_json_free(doc);
    FUZZ_CHECK(!ir_buf_check(&out, "it", &err));
    return ir_buf_take(&out);
}

/* The document copied value by value, read as a secret; to be freed. NULL when it is not JSON. */
static char *copy(const char *text, size_t bytes)
{
    struct ir_json_doc *doc = NULL;
    struct ir_json_writer writer;
    struct ir_buf out;
    if (ir_json_parse_secret(text, bytes, "it", &doc, NULL))
        return NULL;
    ir_buf_init(&out, MAX_WRITTEN_BYTES);
    ir_json_writer_init(&writer, &out);
    ir_json_put_value(&writer, ir_json_root(doc));
    ir_json_free(doc);
    FUZZ_CHECK(!ir_buf_check(&out, "it", NULL));
    return ir_buf_take(&out);
}

static void check_copy(const char *text, size_t bytes, bool is_json)
{
    char *once = copy(text, bytes);
    FUZZ_CHECK((once != NULL) == is_json);
    if (!once)
        return;
    char *twice = copy(once, strlen(once));
    FUZZ_CHECK(twice && !strcmp(once, twice));
    ir_free(once);
    ir_free(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes > FUZZ_MAX_BYTES)
        return 0;
    char *once = rewrite((const char *)data, bytes);
    check_copy((const char *)data, bytes, once != NULL);
    if (!once)
        return 0;
    char *twice = rewrite(once, strlen(once));
    FUZZ_CHECK(twice && !strcmp(once, twice));
    ir_free(once);
    ir_free(twice);
    return 0;
}
