/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns what is told of looks that could not be had. A picture without what `only` names is nothing
 * wrong, and neither is another font; but a name that is misspelt must not look like an answer.
 */
#include "plugins/imagemagick/notices.h"

#include <stdio.h>

#define NAMES_BYTES 512 /* of names in one line */

void notices_init(struct notices *out, const struct overlay_style *style)
{
    *out = (struct notices){.style = style};
    pthread_mutex_init(&out->lock, NULL);
}

void notices_release(struct notices *notices)
{
    pthread_mutex_destroy(&notices->lock);
}

/* Takes the next name that something can be told of. */
static bool next_name(const char **io_rest, size_t name_index, struct overlay_name *out)
{
    return *io_rest != NULL && name_index < NOTICES_MAX_NAMES && overlay_only_next(io_rest, out);
}

static bool fits_any(const struct overlay_name *name, const struct ir_result *result)
{
    size_t count = ir_result_label_count(result);

    for (size_t i = 0; i < count; i++)
        if (overlay_only_fits(name, ir_result_get_label(result, i)))
            return true;
    return false;
}

void notices_add(struct notices *notices, const struct ir_result *result)
{
    const char *rest = notices->style->only;
    struct overlay_name name;

    pthread_mutex_lock(&notices->lock);
    notices->has_drawn = true;
    for (size_t i = 0; next_name(&rest, i, &name); i++)
        notices->fits[i] = notices->fits[i] || fits_any(&name, result);
    pthread_mutex_unlock(&notices->lock);
}

/* Puts the names that nothing fits into `out`, with commas between and "…" for want of room. */
static void list_misfits(const struct notices *notices, char out[NAMES_BYTES])
{
    const char *rest = notices->style->only;
    struct overlay_name name;
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; next_name(&rest, i, &name); i++) {
        const char *comma = used > 0 ? ", " : "";

        if (notices->fits[i])
            continue;
        if (name.bytes + 2 * sizeof ", …" > NAMES_BYTES - used) {
            snprintf(out + used, NAMES_BYTES - used, "%s…", comma);
            return;
        }
        used += (size_t)snprintf(out + used, NAMES_BYTES - used, "%s%.*s", comma, (int)name.bytes,
                                 name.text);
    }
}

bool notices_only_line(const struct notices *notices, char *out, size_t out_bytes)
{
    char names[NAMES_BYTES];

    list_misfits(notices, names);
    if (!notices->has_drawn || names[0] == '\0')
        return false;
    snprintf(out, out_bytes,
             "only=%s: neither a label that was found nor what it belongs to is called so, and "
             "nothing was drawn for it. %%[imgrecog:labels] has the names.",
             names);
    return true;
}

bool notices_font_line(const struct notices *notices, char *out, size_t out_bytes)
{
    const struct overlay_style *style = notices->style;
    char used[OVERLAY_FONT_BYTES];

    if (!notices->has_drawn || !overlay_find_substitute(style->fonts, style->font_family, used))
        return false;
    snprintf(out, out_bytes, "font=%s: there is no such family here, so names were drawn in %s.",
             style->font_family, used);
    return true;
}
