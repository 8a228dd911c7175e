/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which labels follow from which evidence, and counting letters. */
#include <math.h>

#include "tests/unit/unit.h"

#include "plugins/local/labels.h"
#include "plugins/local/text.h"

static const struct label *find(const struct label_list *list, const char *name)
{
    for (int i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return &list->items[i];
    return NULL;
}

static void test_nothing(void **state)
{
    static struct evidence evidence;
    static struct label_list labels;
    (void)state;
    labels_derive(&evidence, &labels);
    assert_int_equal(labels.count, 0);
}

static void test_face(void **state)
{
    static struct evidence evidence;
    static struct label_list labels;
    (void)state;
    evidence.faces_width_px = 200;
    evidence.faces_height_px = 100;
    evidence.faces.count = 2;
    evidence.faces.items[0] = (struct face){{20, 10, 50, 40}, 3.0, 98.0};
    evidence.faces.items[1] = (struct face){{100, 0, 100, 100}, 2.0, 70.0};
    labels_derive(&evidence, &labels);
    assert_int_equal(labels.count, 3);
    const struct label *face = find(&labels, "Face");
    assert_non_null(face);
    assert_int_equal(face->instance_count, 2);
    assert_true(face->confidence_pct == 98.0);
    assert_true(face->instances[0].box.left_frac == 0.1);
    assert_true(face->instances[0].box.height_frac == 0.4);
    assert_string_equal(face->parents[0], "Head");
    assert_string_equal(face->parents[1], "Person");
    assert_string_equal(face->category, "Person Description");
    /* nobody knows where the body ends */
    assert_int_equal(find(&labels, "Person")->instance_count, 0);
    assert_string_equal(find(&labels, "Person")->alias, "Human");
    assert_int_equal(find(&labels, "Head")->instance_count, 0);
}

static void write_words(struct text_word *words, int count, int words_in_line, double confidence)
{
    for (int i = 0; i < count; i++) {
        int line = i / words_in_line;
        words[i] = (struct text_word){
            .confidence_pct = confidence, .line = line, .paragraph = i / (2 * words_in_line)};
        words[i].box =
            (struct ir_box){0.1 + 0.1 * (i % words_in_line), 0.1 + 0.05 * line, 0.09, 0.04};
    }
}

static const struct text_row {
    const char *name;
    int words;
    int words_in_line;
    double confidence;
    int paragraphs;
    bool document;
} text_rows[] = {
    {"one word", 1, 1, 90, 1, false},       {"a line of many words", 24, 24, 90, 1, false},
    {"a page", 56, 7, 90, 4, true},         {"a page read badly", 56, 7, 70, 4, false},
    {"a small block", 12, 4, 90, 2, false},
};

static void test_text(void **state)
{
    const struct text_row *row = *state;
    static struct text_word words[64];
    static struct evidence evidence;
    static struct label_list labels;
    write_words(words, row->words, row->words_in_line, row->confidence);
    evidence.text = (struct text_page){words, row->words, true};
    labels_derive(&evidence, &labels);
    const struct label *text = find(&labels, "Text");
    assert_non_null(text);
    assert_int_equal(text->instance_count, row->paragraphs);
    assert_true(text->confidence_pct == row->confidence);
    /* A quarter of a word's height of air on every side, so that a frame does not lie on letters.
     */
    assert_true(fabs(text->instances[0].box.left_frac - 0.09) < 1e-9);
    assert_true(fabs(text->instances[0].box.top_frac - 0.09) < 1e-9);
    const struct label *document = find(&labels, "Document");
    assert_int_equal(document != NULL, row->document);
    if (document != NULL)
        assert_string_equal(document->parents[0], "Text");
}

static void test_codes(void **state)
{
    static struct evidence evidence;
    static struct label_list labels;
    (void)state;
    evidence.codes.count = 3;
    evidence.codes.items[0] = (struct code){true, 99, {0, 0, 0.1, 0.1}, PAYLOAD_OTHER};
    evidence.codes.items[1] = (struct code){false, 90, {0.5, 0, 0.1, 0.1}, PAYLOAD_OTHER};
    evidence.codes.items[2] = (struct code){true, 99, {0.7, 0, 0.1, 0.1}, PAYLOAD_WIFI_PASSWORD};
    labels_derive(&evidence, &labels);
    assert_int_equal(labels.count, 3);
    assert_string_equal(labels.items[0].name, "QR Code"); /* the most certain first */
    assert_int_equal(labels.items[0].instance_count, 2);
    assert_string_equal(labels.items[1].name, "Wi-Fi Password");
    assert_string_equal(labels.items[1].parents[0], "QR Code");
    assert_int_equal(labels.items[1].instance_count, 1);
    assert_true(labels.items[1].instances[0].box.left_frac == 0.7);
    assert_string_equal(labels.items[2].name, "Barcode");
    assert_null(labels.items[2].category);
}

/* Each label that can come is known with the recogniser that it takes. */
static void test_facts(void **state)
{
    static struct evidence evidence;
    static struct label_list labels;
    const struct label_fact *fact;
    size_t count = 0;
    (void)state;
    evidence.codes.count = 1;
    for (int kind = PAYLOAD_OTHER; kind < PAYLOAD_KINDS; kind++) {
        evidence.codes.items[0] =
            (struct code){true, 99, {0, 0, 0.1, 0.1}, (enum payload_kind)kind};
        labels_derive(&evidence, &labels);
        assert_int_equal(labels.count, kind == PAYLOAD_OTHER ? 1 : 2);
        for (int i = 0; i < labels.count; i++) {
            bool is_known = false;
            for (size_t n = 0; (fact = labels_fact(n)) != NULL; n++)
                is_known |=
                    strcmp(fact->name, labels.items[i].name) == 0 && fact->looks == LOOK_CODES;
            assert_true(is_known);
        }
    }
    while (labels_fact(count) != NULL)
        count++;
    assert_int_equal(count, 7 + PAYLOAD_KINDS - 1);
}

static const struct letters_row {
    const char *name;
    const char *text;
    int letters;
} letters_rows[] = {
    {"empty", "", 0},
    {"a word", "word", 4},
    {"punctuation", "--..!", 0},
    {"digits", "2024-117", 7},
    {"umlaut", "für", 3},
    {"Hangul", "글", 2},
    {"Hangul word", "인식", 4},
    {"typographic dash and quotes", "—“”", 0},
    {"broken UTF-8", "\xFF\xFE", 0},
};

static void test_letters(void **state)
{
    const struct letters_row *row = *state;
    assert_int_equal(text_letters(row->text), row->letters);
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "no evidence, no label", test_nothing);
    unit_add(&list, "faces", test_face);
    UNIT_ADD_ROWS(&list, test_text, text_rows);
    unit_add(&list, "codes", test_codes);
    unit_add(&list, "labels and their recognisers", test_facts);
    UNIT_ADD_ROWS(&list, test_letters, letters_rows);
    return unit_run(&list, "local labels");
}
