/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text in UTF-8 that has to fit: cut between characters. The core's own helper is hidden. */
#ifndef PLUGINS_COMMON_TEXT_H
#define PLUGINS_COMMON_TEXT_H

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Where text was cut inside a character of UTF-8, the rest of that goes, too. */
static inline void common_cut_at_character(char *text)
{
    size_t bytes = strlen(text);
    size_t tail = 0;
    size_t wanted = 0;
    unsigned char lead;

    while (tail < 3 && tail < bytes && ((unsigned char)text[bytes - 1 - tail] & 0xC0) == 0x80)
        tail++;
    if (tail == bytes)
        return;
    lead = (unsigned char)text[bytes - 1 - tail];
    if (lead >= 0xC0)
        wanted = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (tail < wanted)
        text[bytes - 1 - tail] = '\0';
}

/* Copies what fits of `text`, whole characters. */
static inline void common_put(char *out, size_t out_bytes, const char *text)
{
    if ((size_t)snprintf(out, out_bytes, "%s", text) >= out_bytes)
        common_cut_at_character(out);
}

#endif
