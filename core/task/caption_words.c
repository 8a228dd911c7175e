/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A reader of one string of a JSON text (RFC 8259, section 7) that sees it in pieces:
 *
 *     SEEK -"caption"-> COLON -:-> QUOTE -"-> STRING <-\-> ESCAPE -u-> HEX
 *                                               |"
 *                                             DONE
 *
 * What is not JSON of that form gives no words; the whole answer is read again at its end.
 */
#include "core/task/caption_words.h"

#include <string.h>

#include "core/base/ascii.h"

#define NAME "\"caption\""
#define REPLACEMENT 0xfffdU

enum state { SEEK, COLON, QUOTE, STRING, ESCAPE, HEX, DONE };

void ir_caption_words_init(struct ir_caption_words *words,
                           void (*on_text)(void *context, const char *text, size_t bytes),
                           void *context)
{
    *words = (struct ir_caption_words){.on_text = on_text, .context = context, .state = SEEK};
}

static void tell(struct ir_caption_words *words)
{
    if (words->ready_bytes == 0)
        return;
    words->on_text(words->context, words->ready, words->ready_bytes);
    words->has_told = true;
    words->ready_bytes = 0;
}

static void add_byte(struct ir_caption_words *words, char c)
{
    /* Only before a character's first byte, so that none is cut. */
    bool is_first = ((unsigned char)c & 0xc0) != 0x80;
    if (words->ready_bytes == sizeof words->ready ||
        (is_first && words->ready_bytes > sizeof words->ready - 4))
        tell(words);
    words->ready[words->ready_bytes++] = c;
}

static void add_code(struct ir_caption_words *words, uint32_t code)
{
    bool is_control =
        code < ' ' || (code >= 0x7f && code <= 0x9f) || code == 0x2028 || code == 0x2029;
    if (is_control) {
        add_byte(words, ' ');
    } else if (code < 0x80) {
        add_byte(words, (char)code);
    } else if (code < 0x800) {
        add_byte(words, (char)(0xc0 | code >> 6));
        add_byte(words, (char)(0x80 | (code & 0x3f)));
    } else if (code < 0x10000) {
        add_byte(words, (char)(0xe0 | code >> 12));
        add_byte(words, (char)(0x80 | (code >> 6 & 0x3f)));
        add_byte(words, (char)(0x80 | (code & 0x3f)));
    } else {
        add_byte(words, (char)(0xf0 | code >> 18));
        add_byte(words, (char)(0x80 | (code >> 12 & 0x3f)));
        add_byte(words, (char)(0x80 | (code >> 6 & 0x3f)));
        add_byte(words, (char)(0x80 | (code & 0x3f)));
    }
}

/* A first half that no second one follows is no character. */
static void drop_half(struct ir_caption_words *words)
{
    if (words->high != 0)
        add_code(words, REPLACEMENT);
    words->high = 0;
}

static void end_escape(struct ir_caption_words *words)
{
    uint32_t code = words->code;
    words->state = STRING;
    if (words->high != 0 && code >= 0xdc00 && code <= 0xdfff) {
        add_code(words, 0x10000 + ((words->high - 0xd800) << 10) + (code - 0xdc00));
        words->high = 0;
        return;
    }
    drop_half(words);
    if (code >= 0xd800 && code <= 0xdbff)
        words->high = code;
    else
        add_code(words, code >= 0xdc00 && code <= 0xdfff ? REPLACEMENT : code);
}

static void take_hex(struct ir_caption_words *words, char c)
{
    static const char hex[] = "0123456789abcdef";
    const char *digit = c != '\0' ? strchr(hex, ir_ascii_lower(c)) : NULL;
    if (digit == NULL) {
        words->state = DONE;
        return;
    }
    words->code = words->code << 4 | (uint32_t)(digit - hex);
    if (++words->digits == 4)
        end_escape(words);
}

static bool is_control(char c)
{
    return (unsigned char)c < ' ' || c == 0x7f;
}

static void take_escape(struct ir_caption_words *words, char c)
{
    words->state = STRING;
    if (c == 'u') {
        words->state = HEX;
        words->code = 0;
        words->digits = 0;
        return;
    }
    drop_half(words);
    add_byte(words, is_control(c) || strchr("bfnrt", c) != NULL ? ' ' : c);
}

static void take_string(struct ir_caption_words *words, char c)
{
    if (c == '\\') {
        words->state = ESCAPE;
        return;
    }
    drop_half(words);
    if (c == '"')
        words->state = DONE;
    else
        add_byte(words, is_control(c) ? ' ' : c);
}

static void take_seek(struct ir_caption_words *words, char c)
{
    if (c == NAME[words->matched])
        words->matched++;
    else
        words->matched = c == NAME[0] ? 1 : 0;
    if (words->matched == sizeof NAME - 1)
        words->state = COLON;
}

/* Goes on to `next` at `wanted`, stays at white space; anything else was no member's name. */
static void take_mark(struct ir_caption_words *words, char c, char wanted, enum state next)
{
    if (c == wanted) {
        words->state = (int)next;
    } else if (!ir_ascii_is_space(c)) {
        words->state = SEEK;
        words->matched = c == NAME[0] ? 1 : 0;
    }
}

static void take_char(struct ir_caption_words *words, char c)
{
    switch (words->state) {
    case SEEK:
        take_seek(words, c);
        break;
    case COLON:
        take_mark(words, c, ':', QUOTE);
        break;
    case QUOTE:
        take_mark(words, c, '"', STRING);
        break;
    case STRING:
        take_string(words, c);
        break;
    case ESCAPE:
        take_escape(words, c);
        break;
    case HEX:
        take_hex(words, c);
        break;
    default:
        break;
    }
}

void ir_caption_words_take(void *context, const char *text, size_t bytes)
{
    struct ir_caption_words *words = context;
    for (size_t i = 0; i < bytes && words->state != DONE; i++)
        take_char(words, text[i]);
    tell(words);
}
