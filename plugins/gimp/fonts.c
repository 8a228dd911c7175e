/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns finding a font. GIMP lists fontconfig's generic families under names of its own; without any
 * font at all there is no text layer to be made.
 */
#include "plugins/gimp/fonts.h"

#include "plugins/common/fail.h"
#include "plugins/gimp/i18n.h"

GimpFont *fonts_find(const char *family)
{
    GimpFont *font;

    if (g_ascii_strcasecmp(family, "sans-serif") == 0 || g_ascii_strcasecmp(family, "sans") == 0)
        family = "Sans-serif";
    font = gimp_font_get_by_name(family);
    if (font == NULL)
        font = gimp_font_get_by_name("Sans-serif");
    return font != NULL ? font : gimp_context_get_font();
}

int fonts_check(GimpImage *image, struct ir_error *err)
{
    GimpFont *font = fonts_find("sans-serif");
    GimpTextLayer *probe =
        font != NULL ? gimp_text_layer_new(image, "x", font, 10.0, gimp_unit_pixel()) : NULL;

    if (probe == NULL)
        return common_fail(err, IR_ERR_ARG,
                           _("Start GIMP without the option -f, or install a font."), "%s",
                           _("GIMP has no fonts, so words cannot become text layers."));
    gimp_item_delete(GIMP_ITEM(probe));
    return 0;
}
