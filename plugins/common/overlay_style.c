/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the reading of looks from the settings (core/task/settings.c has their rows). */
#include <imgrecog/settings.h>

#include <stdlib.h>
#include <string.h>

#include "plugins/common/fail.h"
#include "plugins/common/overlay_private.h"

#define MAX_FONT_PX 2000.0

/* Bright and evenly spread, for those who see all colours. */
static const unsigned bright[] = {0xFF3B30, 0x34C759, 0x0A84FF, 0xFFCC00, 0xAF52DE, 0x5AC8FA,
                                  0xFF9500, 0xFF2D92, 0x00C7BE, 0xB8E986, 0xA2845E, 0x5856D6};
static const unsigned mono[] = {0xF2F2F2};

/* Whether `word` is one of the words in `list`, which has commas between them. */
static bool has_word(const char *list, const char *word)
{
    size_t word_bytes = strlen(word);

    while (*list != '\0') {
        size_t bytes = strcspn(list, ",");

        if (bytes == word_bytes && strncmp(list, word, bytes) == 0)
            return true;
        list += bytes + (list[bytes] == ',' ? 1 : 0);
    }
    return false;
}

static enum overlay_form read_form(const char *word)
{
    static const char *const words[] = {[OVERLAY_BOXES] = "boxes",
                                        [OVERLAY_CORNERS] = "corners",
                                        [OVERLAY_PLATES] = "plates",
                                        [OVERLAY_LEGEND] = "legend"};

    for (int i = 0; i < OVERLAY_NONE; i++)
        if (strcmp(words[i], word) == 0)
            return (enum overlay_form)i;
    return OVERLAY_NONE;
}

static enum overlay_sort read_sort(const char *word)
{
    if (strcmp(word, "size") == 0)
        return OVERLAY_BY_SIZE;
    return strcmp(word, "name") == 0 ? OVERLAY_BY_NAME : OVERLAY_BY_CONFIDENCE;
}

static unsigned read_show(const char *words)
{
    return (has_word(words, "name") ? OVERLAY_SHOW_NAME : 0U) |
           (has_word(words, "confidence") ? OVERLAY_SHOW_CONFIDENCE : 0U) |
           (has_word(words, "parents") ? OVERLAY_SHOW_PARENTS : 0U);
}

static int fail_palette(struct ir_error *err)
{
    return common_fail(err, IR_ERR_ARG,
                       "Name safe, bright or mono, or up to 64 colours like #e69f00,#56b4e9.",
                       "palette is no such list of colours.");
}

static void take_colors(struct overlay_style *style, const unsigned *colors, size_t count)
{
    for (size_t i = 0; i < count; i++)
        style->colors[i] = overlay_color_from_hex(colors[i]);
    style->color_count = count;
}

/* "#rrggbb,#rrggbb" */
static int read_colors(struct overlay_style *style, const char *text, struct ir_error *err)
{
    while (style->color_count < OVERLAY_MAX_COLORS) {
        char *end = NULL;
        unsigned long color;

        if (text[0] != '#' || strspn(text + 1, "0123456789abcdefABCDEF") != 6)
            return fail_palette(err);
        color = strtoul(text + 1, &end, 16);
        style->colors[style->color_count++] = overlay_color_from_hex((unsigned)color);
        if (*end == '\0')
            return 0;
        if (*end != ',')
            return fail_palette(err);
        text = end + 1;
    }
    return fail_palette(err);
}

static int read_palette(struct overlay_style *style, const char *text, struct ir_error *err)
{
    if (strcmp(text, "bright") == 0)
        take_colors(style, bright, sizeof bright / sizeof bright[0]);
    else if (strcmp(text, "mono") == 0)
        take_colors(style, mono, sizeof mono / sizeof mono[0]);
    else if (strcmp(text, "safe") != 0)
        return read_colors(style, text, err);
    return 0;
}

/* "Family", "Family 20" or "20". Pango takes any family for one it has. */
static int read_font(struct overlay_style *style, const char *text, struct ir_error *err)
{
    size_t bytes = strlen(text);
    size_t family_bytes = bytes;

    while (family_bytes > 0 && strchr("0123456789.", text[family_bytes - 1]) != NULL)
        family_bytes--;
    if (family_bytes < bytes && (family_bytes == 0 || text[family_bytes - 1] == ' ')) {
        style->font_px = g_ascii_strtod(text + family_bytes, NULL);
        if (!(style->font_px >= 1.0 && style->font_px <= MAX_FONT_PX))
            return common_fail(err, IR_ERR_ARG, "Write font='DejaVu Sans 24'.",
                               "font: type can be 1 to 2,000 pixels large.");
        bytes = family_bytes;
    }
    while (bytes > 0 && text[bytes - 1] == ' ')
        bytes--;
    if (bytes >= sizeof style->font_family || !g_utf8_validate(text, (gssize)bytes, NULL))
        return common_fail(err, IR_ERR_ARG, "Write font='DejaVu Sans 24'.",
                           "font: the family's name is too long, or no UTF-8.");
    if (bytes > 0)
        g_snprintf(style->font_family, sizeof style->font_family, "%.*s", (int)bytes, text);
    return 0;
}

int overlay_style_init(struct overlay_style *out, const struct ir_settings *settings,
                       struct ir_error *err)
{
    const char *line_width = ir_settings_get(settings, "line-width");
    const char *font = ir_settings_get(settings, "font");
    int rc;

    *out = (struct overlay_style)OVERLAY_STYLE_INIT;
    out->form = read_form(ir_settings_get(settings, "overlay"));
    out->sort = read_sort(ir_settings_get(settings, "sort"));
    out->show = read_show(ir_settings_get(settings, "show"));
    out->only = ir_settings_get(settings, "only");
    out->line_width_px = line_width != NULL ? g_ascii_strtod(line_width, NULL) : 0;
    out->opacity = g_ascii_strtod(ir_settings_get(settings, "opacity"), NULL);
    if ((out->show & (OVERLAY_SHOW_NAME | OVERLAY_SHOW_CONFIDENCE)) == 0)
        out->show |= OVERLAY_SHOW_NAME;
    rc = read_palette(out, ir_settings_get(settings, "palette"), err);
    if (rc == 0 && font != NULL)
        rc = read_font(out, font, err);
    return rc;
}
