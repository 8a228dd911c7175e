/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The caption's words out of a JSON text that comes in pieces of any size. */
#include "tests/unit/unit.h"

#include "core/task/caption_words.h"

struct row {
    const char *name;
    const char *json;
    const char *words;
};

static const struct row rows[] = {
    {"plain", "{\"caption\":\"A dog.\",\"alt_text\":\"x\"}", "A dog."},
    {"behind others", "{ \"title\" : \"The caption\", \"caption\" : \"A dog.\" }", "A dog."},
    {"the word as a value first", "{\"title\":\"caption\",\"caption\":\"A dog.\"}", "A dog."},
    {"a member whose name ends so", "{\"my caption\":\"no\",\"caption\":\"A dog.\"}", "A dog."},
    {"quotes before the name", "{\"\"caption\":\"A dog.\"}", "A dog."},
    {"escapes", "{\"caption\":\"a \\\"b\\\" \\\\ \\/ c\"}", "a \"b\" \\ / c"},
    {"line feeds and other controls", "{\"caption\":\"a\\nb\\u001b[0m\\u009bc\"}", "a b [0m c"},
    {"controls as they are", "{\"caption\":\"a\033b\177c\\\nd\\\033e\"}", "a b c d e"},
    {"Korean as it is and escaped", "{\"caption\":\"한\\uad6d\"}", "한국"},
    {"a surrogate pair", "{\"caption\":\"\\ud83d\\ude00!\"}", "\xf0\x9f\x98\x80!"},
    {"a half pair", "{\"caption\":\"\\ud83d!\"}", "\xef\xbf\xbd!"},
    {"two first halves", "{\"caption\":\"\\ud83d\\ud83d\\ude00\"}", "\xef\xbf\xbd\xf0\x9f\x98\x80"},
    {"a second half alone", "{\"caption\":\"\\ude00\"}", "\xef\xbf\xbd"},
    {"a broken escape ends it", "{\"caption\":\"ab\\u12x4cd\"}", "ab"},
    {"not a string", "{\"caption\":12,\"caption\":\"A dog.\"}", "A dog."},
    {"cut off", "{\"caption\":\"A do", "A do"},
    {"no caption", "{\"title\":\"x\"}", ""},
    {"prose", "A dog, with a caption.", ""},
    {"over the buffer",
     "{\"caption\":\""
     "가나다라마바사아자차카타파하가나다라마바사아자차카타파하가나다라마바사아자차카타파하"
     "가나다라마바사아자차카타파하가나다라마바사아자차카타파하가나다라마바사아자차카타파하"
     "x가나다라마바사아자차카타파하\"}",
     "가나다라마바사아자차카타파하가나다라마바사아자차카타파하가나다라마바사아자차카타파하"
     "가나다라마바사아자차카타파하가나다라마바사아자차카타파하가나다라마바사아자차카타파하"
     "x가나다라마바사아자차카타파하"},
};

struct heard {
    char text[1024];
    size_t bytes;
    bool cut; /* a piece began or ended inside a character */
};

static void hear(void *context, const char *text, size_t bytes)
{
    struct heard *heard = context;
    assert_true(bytes > 0 && heard->bytes + bytes < sizeof heard->text);
    heard->cut |= ((unsigned char)text[0] & 0xc0) == 0x80;
    memcpy(heard->text + heard->bytes, text, bytes);
    heard->bytes += bytes;
}

static void test_row(void **state)
{
    const struct row *row = *state;
    size_t bytes = strlen(row->json);
    for (size_t piece = 1; piece <= bytes; piece++) {
        struct ir_caption_words words;
        struct heard heard = {.bytes = 0};
        ir_caption_words_init(&words, hear, &heard);
        for (size_t at = 0; at < bytes; at += piece)
            ir_caption_words_take(&words, row->json + at, at + piece < bytes ? piece : bytes - at);
        assert_string_equal(heard.text, row->words);
        assert_int_equal(words.has_told, *row->words != '\0');
        /* Pieces of a stream hold whole characters; this one is a whole text. */
        if (piece == bytes)
            assert_false(heard.cut);
    }
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_row, rows);
    return unit_run(&list, "caption-words");
}
