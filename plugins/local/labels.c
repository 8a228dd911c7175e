/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From evidence to labels. Names, parents and categories are Rekognition's where they are known
 * (https://docs.aws.amazon.com/rekognition/latest/dg/labels.html); ancestors are labels of their
 * own, as there.
 *
 *   a face        Face with its box; Head and Person without one: the picture shows that they are
 *                 there, but nothing here knows where a head or a body ends
 *   words         Text with a box around each paragraph
 *   a full page   Document (child of Text) without a box: the edges of the sheet are not looked for
 *   a code        QR Code or Barcode with the extent that was read, and where its payload has a
 * form that is known, what it holds, as a child with the same box
 */
#include "plugins/local/labels.h"

#include <stdlib.h>
#include <string.h>

#include "core/aws/embedded.h"

/* A page: this many words on this many lines, spread over this much of the picture, read well. */
#define DOCUMENT_MIN_WORDS 12
#define DOCUMENT_MIN_LINES 3
#define DOCUMENT_MIN_AREA 0.2
#define DOCUMENT_MIN_CONFIDENCE_PCT 75.0

#define PARAGRAPH_MARGIN 0.25
#define CATEGORY_PERSON "Person Description"
#define CATEGORY_TEXT "Text and Documents"

enum fact {
    FACT_FACE,
    FACT_HEAD,
    FACT_PERSON,
    FACT_TEXT,
    FACT_DOCUMENT,
    FACT_BARCODE,
    FACT_QR_CODE,
    FACT_PAYLOAD, /* and the further kinds of payload behind it */
    FACT_COUNT = FACT_PAYLOAD + PAYLOAD_KINDS - 1,
};

static const struct label_fact facts[FACT_COUNT] = {
    [FACT_FACE] = {"Face", CATEGORY_PERSON, LOOK_FACES},
    [FACT_HEAD] = {"Head", CATEGORY_PERSON, LOOK_FACES},
    [FACT_PERSON] = {"Person", CATEGORY_PERSON, LOOK_FACES},
    [FACT_TEXT] = {"Text", CATEGORY_TEXT, LOOK_TEXT},
    [FACT_DOCUMENT] = {"Document", CATEGORY_TEXT, LOOK_TEXT},
    [FACT_BARCODE] = {"Barcode", NULL, LOOK_CODES},
    [FACT_QR_CODE] = {"QR Code", NULL, LOOK_CODES},
    [FACT_PAYLOAD - 1 +
        PAYLOAD_WIFI_PASSWORD] = {IR_EMBEDDED_LABEL_WIFI_PASSWORD, NULL, LOOK_CODES},
    [FACT_PAYLOAD - 1 + PAYLOAD_OTP_SECRET] = {IR_EMBEDDED_LABEL_OTP_SECRET, NULL, LOOK_CODES},
    [FACT_PAYLOAD - 1 + PAYLOAD_CONTACT] = {IR_EMBEDDED_LABEL_CONTACT, NULL, LOOK_CODES},
    [FACT_PAYLOAD - 1 + PAYLOAD_PAYMENT] = {IR_EMBEDDED_LABEL_PAYMENT, NULL, LOOK_CODES},
};
_Static_assert((int)FACT_COUNT <= LABELS_MAX, "a list has room for every label");

const struct label_fact *labels_fact(size_t fact_index)
{
    return fact_index < FACT_COUNT ? &facts[fact_index] : NULL;
}

static struct label *add_label(struct label_list *list, enum fact fact)
{
    struct label *label = &list->items[list->count++];
    memset(label, 0, sizeof *label);
    label->name = facts[fact].name;
    label->category = facts[fact].category;
    return label;
}

/* Also raises the label's own confidence to that of its best instance. */
static void add_instance(struct label *label, struct ir_box box, double confidence_pct)
{
    if (confidence_pct > label->confidence_pct)
        label->confidence_pct = confidence_pct;
    if (label->instance_count == LABEL_MAX_INSTANCES)
        return;
    label->instances[label->instance_count++] = (struct label_instance){box, confidence_pct};
}

static struct ir_box join_boxes(struct ir_box a, struct ir_box b)
{
    double right = a.left_frac + a.width_frac;
    double bottom = a.top_frac + a.height_frac;
    double other_right = b.left_frac + b.width_frac;
    double other_bottom = b.top_frac + b.height_frac;
    double left = a.left_frac < b.left_frac ? a.left_frac : b.left_frac;
    double top = a.top_frac < b.top_frac ? a.top_frac : b.top_frac;
    right = right > other_right ? right : other_right;
    bottom = bottom > other_bottom ? bottom : other_bottom;
    return (struct ir_box){left, top, right - left, bottom - top};
}

static void derive_people(const struct evidence *evidence, struct label_list *list)
{
    if (evidence->faces.count == 0)
        return;
    struct label *face = add_label(list, FACT_FACE);
    face->parents[0] = "Head";
    face->parents[1] = "Person";
    for (int i = 0; i < evidence->faces.count; i++)
        add_instance(face, evidence_face_box(evidence, i), evidence->faces.items[i].confidence_pct);
    struct label *head = add_label(list, FACT_HEAD);
    head->parents[0] = "Person";
    head->confidence_pct = face->confidence_pct;
    struct label *person = add_label(list, FACT_PERSON);
    person->alias = "Human";
    person->confidence_pct = face->confidence_pct;
}

/* The best confidence would make one sure word speak for a doubtful page, so it is the mean. */
static double mean_confidence(const struct text_page *page)
{
    double sum = 0;
    for (int i = 0; i < page->count; i++)
        sum += page->words[i].confidence_pct;
    return page->count > 0 ? sum / page->count : 0;
}

/*
 * Tesseract's boxes end where the ink does, so a frame drawn on one covers the first and last
 * letters. A paragraph's box gets a margin of a quarter of its words' height, cut to the picture.
 */
static struct ir_box with_margin(struct ir_box box, double word_height_frac, double aspect)
{
    double down = PARAGRAPH_MARGIN * word_height_frac;
    double across = down * aspect;
    struct ir_box wide = {box.left_frac - across, box.top_frac - down, box.width_frac + 2 * across,
                          box.height_frac + 2 * down};
    return ir_box_clamp(&wide) ? wide : box;
}

/* `aspect`: the picture's height by its width. */
static void add_paragraphs(const struct text_page *page, double aspect, struct label *label)
{
    for (int first = 0; first < page->count;) {
        struct ir_box box = page->words[first].box;
        double sum = 0;
        double heights_frac = 0;
        int end = first;
        for (; end < page->count && page->words[end].paragraph == page->words[first].paragraph;
             end++) {
            box = join_boxes(box, page->words[end].box);
            sum += page->words[end].confidence_pct;
            heights_frac += page->words[end].box.height_frac;
        }
        int words = end - first;
        add_instance(label, with_margin(box, heights_frac / words, aspect), sum / words);
        first = end;
    }
}

static bool is_document(const struct text_page *page, const struct label *text)
{
    int lines = 0;
    for (int i = 0; i < page->count; i++)
        lines += i == 0 || page->words[i].line != page->words[i - 1].line;
    struct ir_box box = text->instances[0].box;
    for (int i = 1; i < text->instance_count; i++)
        box = join_boxes(box, text->instances[i].box);
    return page->count >= DOCUMENT_MIN_WORDS && lines >= DOCUMENT_MIN_LINES &&
           box.width_frac * box.height_frac >= DOCUMENT_MIN_AREA &&
           mean_confidence(page) >= DOCUMENT_MIN_CONFIDENCE_PCT;
}

static void derive_text(const struct evidence *evidence, struct label_list *list)
{
    const struct text_page *page = &evidence->text;
    if (page->count == 0)
        return;
    struct label *text = add_label(list, FACT_TEXT);
    double aspect = evidence->faces_width_px > 0
                        ? (double)evidence->faces_height_px / evidence->faces_width_px
                        : 1.0;
    add_paragraphs(page, aspect, text);
    if (!is_document(page, text))
        return;
    struct label *document = add_label(list, FACT_DOCUMENT);
    document->parents[0] = text->name;
    document->confidence_pct = mean_confidence(page);
}

static void derive_codes(const struct evidence *evidence, struct label_list *list)
{
    struct label *labels[FACT_COUNT] = {NULL};
    for (int i = 0; i < evidence->codes.count; i++) {
        const struct code *code = &evidence->codes.items[i];
        enum fact kind = code->qr ? FACT_QR_CODE : FACT_BARCODE;
        enum fact payload = (enum fact)(FACT_PAYLOAD - 1 + (int)code->payload);
        if (labels[kind] == NULL)
            labels[kind] = add_label(list, kind);
        add_instance(labels[kind], code->box, code->confidence_pct);
        if (code->payload == PAYLOAD_OTHER)
            continue;
        if (labels[payload] == NULL)
            labels[payload] = add_label(list, payload);
        labels[payload]->parents[0] = facts[kind].name;
        add_instance(labels[payload], code->box, code->confidence_pct);
    }
}

static int more_certain(const void *left, const void *right)
{
    const struct label *a = left;
    const struct label *b = right;
    if (a->confidence_pct != b->confidence_pct)
        return a->confidence_pct < b->confidence_pct ? 1 : -1;
    return strcmp(a->name, b->name);
}

void labels_derive(const struct evidence *evidence, struct label_list *out)
{
    out->count = 0;
    derive_people(evidence, out);
    derive_text(evidence, out);
    derive_codes(evidence, out);
    qsort(out->items, (size_t)out->count, sizeof out->items[0], more_certain);
}
