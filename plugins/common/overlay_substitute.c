/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns finding out which family stands in for one that is not there. Pango takes what fontconfig
 * has that is most like what was asked for, and does not say so. A font may have several names, in
 * several languages or for its widths, of which Pango tells the first: fontconfig is asked for all.
 */
#include "plugins/common/overlay_private.h"

#include <string.h>

#include <fontconfig/fontconfig.h>
#include <pango/pangofc-font.h>

#define ASKED_PX 20 /* any size: families have all */

static bool is_generic(const char *name)
{
    /* https://www.w3.org/TR/css-fonts-4/#generic-font-families, and what Pango calls them */
    static const char *const names[] = {"sans-serif", "sans",         "serif",     "monospace",
                                        "mono",       "cursive",      "math",      "fantasy",
                                        "emoji",      "fangsong",     "system-ui", "ui-sans-serif",
                                        "ui-serif",   "ui-monospace", "ui-rounded"};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_ascii_strcasecmp(names[i], name) == 0)
            return true;
    return false;
}

/* The n-th name of the font's family; NULL when it has no more. Borrowed. */
static const char *family_name(PangoFcFont *font, int name_index)
{
    FcChar8 *name = NULL;

    if (FcPatternGetString(pango_fc_font_get_pattern(font), FC_FAMILY, name_index, &name) !=
        FcResultMatch)
        return NULL;
    return (const char *)name;
}

static bool is_of_family(PangoFcFont *font, const char *family)
{
    const char *name;

    for (int i = 0; (name = family_name(font, i)) != NULL; i++)
        if (FcStrCmpIgnoreCase((const FcChar8 *)name, (const FcChar8 *)family) == 0)
            return true;
    return false;
}

/* Whether one of the names with commas between is the font's, or is none of a single family. */
static bool is_asked_for(PangoFcFont *font, const char *families)
{
    char **names = g_strsplit(families, ",", -1);
    bool is_one = false;

    for (char **name = names; *name != NULL && !is_one; name++) {
        g_strstrip(*name);
        is_one = is_generic(*name) || is_of_family(font, *name);
    }
    g_strfreev(names);
    return is_one;
}

bool overlay_find_substitute(struct overlay_fonts *fonts, const char *family,
                             char out[OVERLAY_FONT_BYTES])
{
    struct overlay_text text;
    PangoFont *font;
    bool is_substitute;

    if (is_generic(family))
        return false;
    overlay_text_init(&text, fonts, family, ASKED_PX);
    font = pango_font_map_load_font(text.map, text.context,
                                    pango_layout_get_font_description(text.layout));
    is_substitute = PANGO_IS_FC_FONT(font) && family_name(PANGO_FC_FONT(font), 0) != NULL &&
                    !is_asked_for(PANGO_FC_FONT(font), family);
    if (is_substitute)
        g_strlcpy(out, family_name(PANGO_FC_FONT(font), 0), OVERLAY_FONT_BYTES);
    g_clear_object(&font);
    overlay_text_release(&text);
    return is_substitute;
}
