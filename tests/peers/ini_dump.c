/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lets a peer see what the INI reader makes of a file: {"section": {"key": "value"}} on standard
 * output, or exit code 1 and the message on standard error.
 */
#include <stdio.h>

#include "core/base/error.h"
#include "core/base/ini.h"
#include "core/base/json.h"
#include "core/base/world.h"

static void write_section(const struct ir_ini *ini, const char *section,
                          struct ir_json_writer *writer)
{
    const char *key;
    ir_json_begin_object(writer);
    for (size_t i = 0; (key = ir_ini_key_name(ini, section, i)); i++)
        ir_json_member_put_string(writer, key, ir_ini_get(ini, section, key));
    ir_json_end_object(writer);
}

static int dump(const struct ir_buf *text, struct ir_buf *out, struct ir_error *err)
{
    struct ir_ini *ini = NULL;
    struct ir_json_writer writer;
    const char *section;
    int result = ir_ini_parse(ir_buf_text(text), text->bytes, "the file", &ini, err);
    if (result)
        return result;
    ir_json_writer_init(&writer, out);
    ir_json_begin_object(&writer);
    for (size_t i = 0; (section = ir_ini_section_name(ini, i)); i++) {
        ir_json_key(&writer, section);
        write_section(ini, section, &writer);
    }
    ir_json_end_object(&writer);
    ir_ini_free(ini);
    return ir_buf_check(out, "the document", err);
}

int main(int argc, char **argv)
{
    const struct ir_world *world = ir_world_system();
    struct ir_buf text;
    struct ir_buf out;
    struct ir_error err;
    char line[2048];
    bool missing = false;
    int result = IR_ERR_ARG;
    ir_buf_init(&text, IR_INI_MAX_BYTES);
    ir_buf_init(&out, (size_t)8 * IR_INI_MAX_BYTES);
    ir_error_clear(&err);
    if (argc == 2)
        result = world->read_file(world->context, argv[1], &text, &missing, &err);
    if (!result)
        result = dump(&text, &out, &err);
    if (result)
        fprintf(stderr, "%s\n", ir_error_line(&err, line, sizeof line));
    else
        puts(ir_buf_text(&out));
    ir_buf_release(&text);
    ir_buf_release(&out);
    return result ? 1 : 0;
}
