/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the colours: which one a name has, and what can be read on it. A name has a colour of its
 * own, so the same label looks the same in every picture, run and host; only where two names of one
 * picture have the same does the less deserving take another, which is its second choice for good.
 *
 * Contrast and relative luminance: WCAG 2.1, https://www.w3.org/TR/WCAG21/#dfn-relative-luminance.
 * For any colour of luminance L, the better of black and white has at least sqrt(21) = 4.58, since
 * (1.05 / (L + 0.05)) * ((L + 0.05) / 0.05) = 21.
 */
#include "plugins/common/overlay_private.h"

#include <math.h>

/*
 * The seven colours of Okabe and Ito (Color Universal Design, 2008) without black, and five more,
 * chosen one after another from the sRGB cube as the farthest in CIELAB from those before under
 * normal, protanope and deuteranope vision (Machado, Oliveira and Fernandes 2009): their smallest
 * distance is 23, that within the first seven 16.
 */
static const unsigned palette[] = {
    0xE69F00, /* orange */
    0x56B4E9, /* sky blue */
    0x009E73, /* bluish green */
    0xF0E442, /* yellow */
    0x0072B2, /* blue */
    0xD55E00, /* vermilion */
    0xCC79A7, /* reddish purple */
    0x8800FF, /* violet */
    0x662200, /* brown */
    0xCCFFCC, /* mint */
    0x4422AA, /* indigo */
    0x66FF88, /* light green */
};
#define PALETTE_COUNT (sizeof palette / sizeof palette[0])

/*
 * FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/, from another start than its usual one: from
 * this one, the six labels of the embedded endpoint differ, and so do pairs that often stand side
 * by side (Car and Wheel, Man and Woman, Lemon and Lime). Changing it changes everybody's colours.
 */
#define FNV_START 2166139222U
#define FNV_PRIME 16777619U

#define MIN_CONTRAST 4.53 /* 4.5:1 when colours are rounded to 8 bits */
#define OPACITY_STEP 0.01

static uint32_t hash_name(const char *name)
{
    uint32_t hash = FNV_START;

    for (const unsigned char *byte = (const unsigned char *)name; *byte != '\0'; byte++) {
        hash ^= *byte;
        hash *= FNV_PRIME;
    }
    return hash ^ (hash >> 16); /* the low bits alone are weak for short names */
}

struct overlay_color overlay_color_from_hex(unsigned rgb)
{
    return (struct overlay_color){(rgb >> 16 & 0xFF) / 255.0, (rgb >> 8 & 0xFF) / 255.0,
                                  (rgb & 0xFF) / 255.0};
}

static size_t color_count(const struct overlay_style *style)
{
    return style->color_count > 0 ? style->color_count : PALETTE_COUNT;
}

struct overlay_color overlay_color_of(const struct overlay_style *style, const char *name,
                                      bool taken[OVERLAY_MAX_COLORS])
{
    size_t count = color_count(style);
    uint32_t hash = hash_name(name);
    size_t index = hash % count;

    for (size_t i = 0; taken[index] && i < count; i++) { /* else shared: all are taken */
        size_t other = (hash / count + i) % count;

        if (!taken[other])
            index = other;
    }
    taken[index] = true;
    return style->color_count > 0 ? style->colors[index] : overlay_color_from_hex(palette[index]);
}

static double linear(double component)
{
    return component <= 0.04045 ? component / 12.92 : pow((component + 0.055) / 1.055, 2.4);
}

static double luminance(struct overlay_color color)
{
    return 0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue);
}

double overlay_contrast(struct overlay_color a, struct overlay_color b)
{
    double first = luminance(a) + 0.05;
    double second = luminance(b) + 0.05;

    return first > second ? first / second : second / first;
}

struct overlay_color overlay_ink_on(struct overlay_color fill)
{
    const struct overlay_color black = {0, 0, 0};
    const struct overlay_color white = {1, 1, 1};

    return overlay_contrast(fill, black) >= overlay_contrast(fill, white) ? black : white;
}

struct overlay_color overlay_blend(struct overlay_color over, double opacity,
                                   struct overlay_color under)
{
    return (struct overlay_color){
        over.red * opacity + under.red * (1 - opacity),
        over.green * opacity + under.green * (1 - opacity),
        over.blue * opacity + under.blue * (1 - opacity),
    };
}

struct overlay_color overlay_panel_color(void)
{
    return overlay_color_from_hex(0x14161A);
}

struct overlay_color overlay_panel_ink(void)
{
    return overlay_color_from_hex(0xFFFFFF);
}

struct overlay_color overlay_panel_worst(double opacity)
{
    return overlay_blend(overlay_panel_color(), opacity, (struct overlay_color){1, 1, 1});
}

/* Any picture lies between black and white, and so does what it makes of a fill. */
double overlay_readable_opacity(struct overlay_color fill, struct overlay_color ink, double wanted)
{
    double opacity = wanted;

    while (opacity < 1 && overlay_contrast(overlay_blend(fill, opacity, ink), ink) < MIN_CONTRAST)
        opacity += OPACITY_STEP;
    return fmin(opacity, 1);
}
