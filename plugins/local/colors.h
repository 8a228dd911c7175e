/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colour as people see it (OKLab) and the names of colours. */
#ifndef PLUGINS_LOCAL_COLORS_H
#define PLUGINS_LOCAL_COLORS_H

/* https://bottosson.github.io/posts/oklab/ : lightness 0..1, a and b about -0.4..0.4. */
struct oklab {
    float lightness;
    float a;
    float b;
};

struct oklab oklab_from_srgb(unsigned char red, unsigned char green, unsigned char blue);
void oklab_to_srgb(struct oklab color, unsigned char rgb[3]);
float oklab_distance_squared(struct oklab left, struct oklab right);

/* The nearest of the colours of CSS Color Module Level 4. */
const char *color_css_name(struct oklab color);
/* black, white, grey, red, orange, yellow, green, cyan, blue, purple, pink or brown. */
const char *color_simplified_name(struct oklab color);

#endif
