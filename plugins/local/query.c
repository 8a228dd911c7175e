/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names are compared as they stand: AWS's are letters, digits and '-', which nobody encodes. */
#include "plugins/local/query.h"

#include <string.h>

#include "core/base/uri.h"

#define MAX_VALUE_BYTES (16U * 1024)

/* The part of this name; its value is from *out_value on, *out_bytes long. */
static bool find(const char *query, const char *name, const char **out_value, size_t *out_bytes)
{
    size_t name_bytes = strlen(name);
    for (const char *part = query; *part != '\0';) {
        size_t bytes = strcspn(part, "&");
        size_t own_bytes = strcspn(part, "=&");
        if (own_bytes == name_bytes && strncmp(part, name, name_bytes) == 0) {
            bool has_value = own_bytes < bytes;
            *out_value = part + own_bytes + has_value;
            *out_bytes = bytes - own_bytes - has_value;
            return true;
        }
        part += bytes + (part[bytes] == '&');
    }
    return false;
}

bool query_has(const char *query, const char *name)
{
    const char *value;
    size_t bytes;
    return find(query, name, &value, &bytes);
}

bool query_get(const char *query, const char *name, struct ir_buf *out)
{
    const char *value;
    size_t bytes;
    if (!find(query, name, &value, &bytes))
        return false;
    ir_uri_decode(out, value, bytes);
    return true;
}

static bool copy_text(const struct ir_buf *decoded, char *out, size_t out_bytes)
{
    bool fits = decoded->failed == 0 && decoded->bytes < out_bytes &&
                strlen(ir_buf_text(decoded)) == decoded->bytes;
    if (fits)
        memcpy(out, ir_buf_text(decoded), decoded->bytes + 1);
    return fits;
}

bool query_text(const char *query, const char *name, char *out, size_t out_bytes)
{
    struct ir_buf decoded;
    ir_buf_init(&decoded, MAX_VALUE_BYTES);
    bool good = query_get(query, name, &decoded) && copy_text(&decoded, out, out_bytes);
    ir_buf_release(&decoded);
    return good;
}

bool form_text(const char *form, const char *name, char *out, size_t out_bytes)
{
    const char *value;
    size_t bytes;
    struct ir_buf plain;
    struct ir_buf decoded;
    if (!find(form, name, &value, &bytes))
        return false;
    ir_buf_init(&plain, MAX_VALUE_BYTES);
    ir_buf_init(&decoded, MAX_VALUE_BYTES);
    for (size_t i = 0; i < bytes; i++)
        ir_buf_append_char(&plain, value[i] == '+' ? ' ' : value[i]);
    ir_uri_decode(&decoded, ir_buf_text(&plain), plain.bytes);
    bool good = plain.failed == 0 && copy_text(&decoded, out, out_bytes);
    ir_buf_release(&plain);
    ir_buf_release(&decoded);
    return good;
}
