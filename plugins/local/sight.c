/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs every recogniser and keeps what each found in one place. */
#include "plugins/local/sight.h"

#include <stdio.h>
#include <string.h>

#include <imgrecog/picture.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "plugins/local/refuse.h"

static void measure(const unsigned char *data, size_t bytes, struct sight *out)
{
    struct ir_picture_info info;
    struct ir_error ignored; /* image_decode has probed the same bytes */
    out->width_px = out->image.width_px;
    out->height_px = out->image.height_px;
    if (ir_picture_probe(data, bytes, &info, &ignored) != 0)
        return;
    bool jpeg = strcmp(info.media_type, "image/jpeg") == 0;
    bool swaps = jpeg && ir_orientation_swaps_axes(info.orientation);
    out->width_px = swaps ? info.height_px : info.width_px;
    out->height_px = swaps ? info.width_px : info.height_px;
}

int sight_look(const struct recognisers *recognisers, const unsigned char *data, size_t bytes,
               struct sight *out, struct ir_error *err)
{
    static const struct ir_box whole = {0, 0, 1, 1};
    memset(out, 0, sizeof *out);
    int rc = image_decode(data, bytes, &out->image, err);
    if (rc != 0)
        return rc;
    measure(data, bytes, out);
    evidence_gather(recognisers, &out->image, LOOK_FACES | LOOK_TEXT | LOOK_CODES, &out->evidence);
    out->labels = ir_calloc(1, sizeof *out->labels);
    if (out->labels == NULL ||
        properties_colors(&out->image, whole, SIGHT_COLORS, &out->colors) != 0) {
        sight_release(out);
        return refuse_nomem(err);
    }
    labels_derive(&out->evidence, out->labels);
    return 0;
}

void sight_release(struct sight *sight)
{
    ir_free(sight->labels);
    evidence_release(&sight->evidence);
    image_release(&sight->image);
}

int sight_line_count(const struct sight *sight)
{
    const struct text_page *page = &sight->evidence.text;
    int lines = 0;
    for (int i = 0; i < page->count; i++)
        lines += i == 0 || page->words[i].line != page->words[i - 1].line;
    return lines;
}

/* The first word of the line; page->count when there are not so many. */
static int first_word(const struct text_page *page, int line_index)
{
    int line = -1;
    for (int i = 0; i < page->count; i++) {
        line += i == 0 || page->words[i].line != page->words[i - 1].line;
        if (line == line_index)
            return i;
    }
    return page->count;
}

bool sight_line(const struct sight *sight, int line_index, char out[SIGHT_LINE_BYTES])
{
    const struct text_page *page = &sight->evidence.text;
    int first = first_word(page, line_index);
    size_t bytes = 0;
    *out = '\0';
    for (int i = first; i < page->count && page->words[i].line == page->words[first].line; i++) {
        if (bytes > 0 && bytes + 1 < SIGHT_LINE_BYTES)
            out[bytes++] = ' ';
        ir_text_copy(out + bytes, SIGHT_LINE_BYTES - bytes, page->words[i].text);
        bytes += strlen(out + bytes);
    }
    return first < page->count;
}

struct ir_box sight_line_box(const struct sight *sight, int line_index)
{
    const struct text_page *page = &sight->evidence.text;
    int first = first_word(page, line_index);
    if (first == page->count)
        return (struct ir_box){0, 0, 0, 0};
    struct ir_box box = page->words[first].box;
    for (int i = first; i < page->count && page->words[i].line == page->words[first].line; i++) {
        const struct ir_box *word = &page->words[i].box;
        double right = box.left_frac + box.width_frac;
        double bottom = box.top_frac + box.height_frac;
        double word_right = word->left_frac + word->width_frac;
        double word_bottom = word->top_frac + word->height_frac;
        box.left_frac = word->left_frac < box.left_frac ? word->left_frac : box.left_frac;
        box.top_frac = word->top_frac < box.top_frac ? word->top_frac : box.top_frac;
        box.width_frac = (word_right > right ? word_right : right) - box.left_frac;
        box.height_frac = (word_bottom > bottom ? word_bottom : bottom) - box.top_frac;
    }
    return box;
}

int sight_code_count(const struct sight *sight, bool qr)
{
    int count = 0;
    for (int i = 0; i < sight->evidence.codes.count; i++)
        count += sight->evidence.codes.items[i].qr == qr;
    return count;
}

unsigned sight_unfinished(const struct sight *sight)
{
    return sight->evidence.wanted & ~sight->evidence.finished;
}
