/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sentences, English and Korean. A text from the picture is always in quotes and never followed:
 * it is what was read, not what is said.
 */
#include <string.h>

#include "core/aws/embedded.h"
#include "core/base/ascii.h"
#include "core/base/error.h"
#include "core/base/utf8.h"
#include "core/base/personal.h"
#include "plugins/local/describer.h"

#define QUOTE_BYTES 80
#define ALT_QUOTE_BYTES 24 /* an alt text should have 125 characters at most */
#define MAX_NAMED 12

static const char *number_word(int number)
{
    static const char *const words[MAX_NAMED + 1] = {"no",   "one",    "two",   "three", "four",
                                                     "five", "six",    "seven", "eight", "nine",
                                                     "ten",  "eleven", "twelve"};
    return number <= MAX_NAMED ? words[number] : "many";
}

static bool looked(const struct sight *sight, unsigned recogniser)
{
    return (sight->evidence.finished & recogniser) != 0;
}

/* ---- what is there, as a list ------------------------------------------------------------ */

/* "two faces", joined with ", " and the last with `last`. */
struct list {
    struct ir_buf *out;
    int count;
    int total;
    bool korean;
};

static void begin_item(struct list *list)
{
    if (list->count > 0)
        ir_buf_append_text(list->out, list->korean                     ? ", "
                                      : list->count + 1 == list->total ? " and "
                                                                       : ", ");
    list->count++;
}

static void add_counted(struct list *list, int count, const char *one, const char *korean)
{
    if (count == 0)
        return;
    begin_item(list);
    if (list->korean)
        ir_buf_appendf(list->out, "%s %d개", korean, count);
    else
        ir_buf_appendf(list->out, "%s %s%s", number_word(count), one, count > 1 ? "s" : "");
}

static bool is_document(const struct sight *sight)
{
    for (int i = 0; i < sight->labels->count; i++)
        if (strcmp(sight->labels->items[i].name, "Document") == 0)
            return true;
    return false;
}

static void add_text(struct list *list, const struct sight *sight, size_t quote_bytes)
{
    char line[SIGHT_LINE_BYTES];
    if (!sight_line(sight, 0, line))
        return;
    begin_item(list);
    if (list->korean)
        ir_buf_append_text(list->out, is_document(sight) ? "문서의 글" : "글자");
    else
        ir_buf_append_text(list->out, is_document(sight) ? "a page of text" : "printed text");
    if (quote_bytes == 0)
        return;
    size_t bytes = strlen(line);
    size_t shown = ir_utf8_floor(line, bytes, quote_bytes);
    ir_buf_append_text(list->out, list->korean ? " “" : ": “");
    for (size_t i = 0; i < shown; i++)
        ir_buf_append_char(list->out, line[i] == '"' ? '\'' : line[i]);
    ir_buf_append_text(list->out, shown < bytes || sight_line_count(sight) > 1 ? "…”" : "”");
}

/* With the beginning of a text, of so many bytes. */
static int add_findings(struct list *list, const struct sight *sight, size_t quote_bytes)
{
    int faces = sight->evidence.faces.count;
    int qr = sight_code_count(sight, true);
    int bars = sight_code_count(sight, false);
    list->total = (faces > 0) + (qr > 0) + (bars > 0) + (sight->evidence.text.count > 0);
    add_counted(list, faces, "face", "얼굴");
    add_counted(list, qr, "QR code", "QR 코드");
    add_counted(list, bars, "bar code", "바코드");
    add_text(list, sight, quote_bytes);
    return list->count;
}

/* ---- colours and shape ------------------------------------------------------------------- */

static const char *shape(const struct sight *sight, bool korean)
{
    if (sight->width_px * 20 > sight->height_px * 21)
        return korean ? "가로" : "landscape";
    if (sight->height_px * 20 > sight->width_px * 21)
        return korean ? "세로" : "portrait";
    return korean ? "정사각형" : "square";
}

static const char *color_word(const char *name, bool korean)
{
    static const char *const words[][2] = {
        {"black", "검은색"},  {"white", "흰색"},    {"grey", "회색"},    {"red", "빨간색"},
        {"orange", "주황색"}, {"yellow", "노란색"}, {"green", "초록색"}, {"cyan", "청록색"},
        {"blue", "파란색"},   {"purple", "보라색"}, {"pink", "분홍색"},  {"brown", "갈색"}};
    for (size_t i = 0; korean && i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i][0], name) == 0)
            return words[i][1];
    return name;
}

/* "mostly grey and white", the two most frequent, each named once. */
static void add_colors(const struct sight *sight, bool korean, struct ir_buf *out)
{
    if (sight->colors.count == 0)
        return;
    const char *first = sight->colors.items[0].simplified_name;
    const char *second = NULL;
    for (int i = 1; second == NULL && i < sight->colors.count; i++)
        if (strcmp(sight->colors.items[i].simplified_name, first) != 0)
            second = sight->colors.items[i].simplified_name;
    ir_buf_append_text(out, korean ? "주된 색은 " : "mostly ");
    ir_buf_append_text(out, color_word(first, korean));
    if (second != NULL)
        ir_buf_appendf(out, korean ? "과 %s" : " and %s", color_word(second, korean));
}

static void add_unfinished(const struct sight *sight, bool korean, struct ir_buf *out)
{
    static const struct {
        unsigned recogniser;
        const char *words[2];
    } known[] = {{LOOK_FACES, {"faces", "얼굴"}},
                 {LOOK_TEXT, {"text", "글자"}},
                 {LOOK_CODES, {"codes", "코드"}}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if ((sight_unfinished(sight) & known[i].recogniser) != 0)
            ir_buf_appendf(out,
                           korean ? " 시간이 모자라 %s 찾기를 끝내지 못했습니다."
                                  : " Looking for %s did not finish in time.",
                           known[i].words[korean]);
}

/* ---- captions ---------------------------------------------------------------------------- */

static void caption_english(const struct sight *sight, struct ir_buf *out)
{
    struct list list = {.out = out, .korean = false};
    ir_buf_appendf(out, "A %s picture, ", shape(sight, false));
    add_colors(sight, false, out);
    if (sight->evidence.faces.count + sight->evidence.text.count + sight->evidence.codes.count > 0)
        ir_buf_append_text(out, ", with ");
    if (add_findings(&list, sight, QUOTE_BYTES) == 0)
        ir_buf_append_text(out, ". The local recognisers found no face, text or code in it; what "
                                "else it shows they cannot know");
    ir_buf_append_char(out, '.');
    add_unfinished(sight, false, out);
}

static void caption_korean(const struct sight *sight, struct ir_buf *out)
{
    struct list list = {.out = out, .korean = true};
    ir_buf_appendf(out, "%s 사진입니다. ", shape(sight, true));
    add_colors(sight, true, out);
    ir_buf_append_text(out, "입니다. ");
    if (sight->evidence.faces.count + sight->evidence.text.count + sight->evidence.codes.count > 0)
        ir_buf_append_text(out, "찾은 것: ");
    if (add_findings(&list, sight, QUOTE_BYTES) == 0)
        ir_buf_append_text(
            out, "이 컴퓨터의 인식기는 얼굴, 글자, 코드를 찾지 못했습니다. 그 밖에 무엇이 "
                 "있는지는 알 수 없습니다");
    ir_buf_append_char(out, '.');
    add_unfinished(sight, true, out);
}

void words_caption(const struct sight *sight, const struct wish *wish, struct ir_buf *out)
{
    if (wish->listed) {
        ir_buf_append_text(out, wish->korean ? "사진에 있는 것: " : "A picture with ");
        words_listed(sight->labels, wish->korean, out);
        ir_buf_append_char(out, '.');
        return;
    }
    if (wish->korean)
        caption_korean(sight, out);
    else
        caption_english(sight, out);
}

void words_short(const struct sight *sight, const struct wish *wish, struct ir_buf *out)
{
    struct list list = {.out = out, .korean = wish->korean};
    if (wish->listed) {
        words_listed(sight->labels, wish->korean, out);
        return;
    }
    if (add_findings(&list, sight, 0) > 0)
        return;
    ir_buf_appendf(out, wish->korean ? "%s 사진, " : "%s picture, ", shape(sight, wish->korean));
    add_colors(sight, wish->korean, out);
}

static void alt_english(const struct sight *sight, struct ir_buf *out)
{
    struct list list = {.out = out, .korean = false};
    bool has_any = add_findings(&list, sight, ALT_QUOTE_BYTES) > 0;
    ir_buf_appendf(out, "%s %s picture, ", has_any ? " in a" : "A", shape(sight, false));
    add_colors(sight, false, out);
    ir_buf_append_text(out, has_any ? "." : ", in which no face, text or code was found.");
}

static void alt_korean(const struct sight *sight, struct ir_buf *out)
{
    struct list list = {.out = out, .korean = true};
    ir_buf_appendf(out, "%s 사진에 ", shape(sight, true));
    ir_buf_append_text(out, add_findings(&list, sight, ALT_QUOTE_BYTES) > 0
                                ? " 있음. "
                                : "얼굴, 글자, 코드는 보이지 않음. ");
    add_colors(sight, true, out);
    ir_buf_append_char(out, '.');
}

void words_alt(const struct sight *sight, const struct wish *wish, struct ir_buf *out)
{
    size_t start = out->bytes;
    if (wish->listed) {
        ir_buf_append_text(out, wish->korean ? "보이는 것: " : "It shows ");
        words_listed(sight->labels, wish->korean, out);
        ir_buf_append_char(out, '.');
    } else if (wish->korean) {
        alt_korean(sight, out);
    } else {
        alt_english(sight, out);
    }
    if (out->bytes > start) /* "two faces in a …" begins a sentence */
        out->data[start] = ir_ascii_upper(out->data[start]);
}

/* ---- is there something sensitive? ------------------------------------------------------- */

/* What a line of text or a code may give away, a bit each. */
static const struct {
    const char *words[2];
} private_words[] = {
    [IR_PERSONAL_EMAIL] = {{"an e-mail address", "이메일 주소"}},
    [IR_PERSONAL_PAYMENT_CARD] = {{"a card number", "카드 번호"}},
    [IR_PERSONAL_IBAN] = {{"a bank account", "은행 계좌"}},
    [IR_PERSONAL_NATIONAL_ID] = {{"a person's number", "주민등록번호 등 개인 번호"}},
    [IR_PERSONAL_PHONE] = {{"a telephone number", "전화번호"}},
    [IR_PERSONAL_PHONE + PAYLOAD_WIFI_PASSWORD] = {{"a Wi-Fi password", "와이파이 비밀번호"}},
    [IR_PERSONAL_PHONE +
        PAYLOAD_OTP_SECRET] = {{"a secret of one-time passwords", "일회용 비밀번호의 비밀 키"}},
    [IR_PERSONAL_PHONE + PAYLOAD_CONTACT] = {{"a contact in a code", "코드 안의 연락처"}},
    [IR_PERSONAL_PHONE + PAYLOAD_PAYMENT] = {{"payment details in a code", "코드 안의 결제 정보"}},
};
#define PRIVATE_COUNT (sizeof private_words / sizeof private_words[0])

static unsigned private_kinds(const struct sight *sight)
{
    char line[SIGHT_LINE_BYTES];
    struct ir_personal match;
    unsigned kinds = 0;
    for (int i = 0; sight_line(sight, i, line); i++)
        for (size_t from = 0; ir_personal_find(line, from, &match); from = match.at + match.bytes)
            kinds |= 1U << match.kind;
    for (int i = 0; i < sight->evidence.codes.count; i++)
        if (sight->evidence.codes.items[i].payload != PAYLOAD_OTHER)
            kinds |= 1U << (IR_PERSONAL_PHONE + (int)sight->evidence.codes.items[i].payload);
    return kinds;
}

static void add_kinds(struct list *list, unsigned kinds)
{
    for (size_t i = 0; i < PRIVATE_COUNT; i++)
        if ((kinds & 1U << i) != 0) {
            begin_item(list);
            ir_buf_append_text(list->out, private_words[i].words[list->korean]);
        }
}

const char *words_check(const struct sight *sight, const struct wish *wish,
                        struct ir_buf *out_reason)
{
    unsigned kinds = private_kinds(sight);
    int faces = sight->evidence.faces.count;
    int qr = sight_code_count(sight, true);
    struct list list = {.out = out_reason, .korean = wish->korean};
    bool found = kinds != 0 || faces > 0 || qr > 0;
    list.total = (faces > 0) + (qr > 0);
    for (size_t i = 0; i < PRIVATE_COUNT; i++)
        list.total += (kinds & 1U << i) != 0;
    if (found) {
        ir_buf_append_text(out_reason, wish->korean ? "찾은 것: " : "Found: ");
        add_counted(&list, faces, "face", "얼굴");
        add_counted(&list, qr, "QR code", "QR 코드");
        add_kinds(&list, kinds);
        ir_buf_append_char(out_reason, '.');
    } else if (sight_unfinished(sight) == 0) {
        ir_buf_append_text(
            out_reason, wish->korean ? "얼굴, QR 코드, 개인 정보로 보이는 글자를 찾지 못했습니다."
                                     : "No face, QR code or text that looks personal was found.");
    } else {
        ir_buf_append_text(out_reason, wish->korean ? "확인을 끝내지 못했습니다."
                                                    : "The check could not be finished.");
    }
    ir_buf_append_text(
        out_reason, wish->korean ? " 노출, 폭력 등 그 밖의 내용은 이 컴퓨터에서 판단할 수 없습니다."
                                 : " Nudity, violence and other content cannot be judged on this "
                                   "computer.");
    add_unfinished(sight, wish->korean, out_reason);
    if (found)
        return "YES";
    return looked(sight, LOOK_FACES) && looked(sight, LOOK_TEXT) && looked(sight, LOOK_CODES)
               ? "NO"
               : "UNKNOWN";
}

/* ---- labels ------------------------------------------------------------------------------ */

const char *words_label(const char *name, bool korean)
{
    static const char *const names[][2] = {
        {"Face", "얼굴"},
        {"Head", "머리"},
        {"Person", "사람"},
        {"Text", "글자"},
        {"Document", "문서"},
        {"Barcode", "바코드"},
        {"QR Code", "QR 코드"},
        {IR_EMBEDDED_LABEL_WIFI_PASSWORD, "와이파이 비밀번호"},
        {IR_EMBEDDED_LABEL_OTP_SECRET, "일회용 비밀번호의 비밀 키"},
        {IR_EMBEDDED_LABEL_CONTACT, "연락처"},
        {IR_EMBEDDED_LABEL_PAYMENT, "결제 정보"}};
    for (size_t i = 0; korean && i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i][0], name) == 0)
            return names[i][1];
    return name;
}

static void put_corner(struct ir_json_writer *writer, const char *name, double x, double y)
{
    ir_json_key(writer, name);
    ir_json_begin_array(writer);
    ir_json_put_integer(writer, (long long)(x + 0.5));
    ir_json_put_integer(writer, (long long)(y + 0.5));
    ir_json_end_array(writer);
}

static void put_box(struct ir_json_writer *writer, const struct sight *sight,
                    const struct wish *wish, struct ir_box box)
{
    double left = box.left_frac * sight->width_px;
    double top = box.top_frac * sight->height_px;
    double width = box.width_frac * sight->width_px;
    double height = box.height_frac * sight->height_px;
    if (wish->corners) {
        put_corner(writer, "TopLeft", left, top);
        put_corner(writer, "TopRight", left + width, top);
        put_corner(writer, "BottomRight", left + width, top + height);
        put_corner(writer, "BottomLeft", left, top + height);
        return;
    }
    ir_json_key(writer, "box");
    ir_json_begin_object(writer);
    ir_json_member_put_integer(writer, "left", (long long)(left + 0.5));
    ir_json_member_put_integer(writer, "top", (long long)(top + 0.5));
    ir_json_member_put_integer(writer, "width", (long long)(width + 0.5));
    ir_json_member_put_integer(writer, "height", (long long)(height + 0.5));
    ir_json_end_object(writer);
}

static void put_label(struct ir_json_writer *writer, const struct sight *sight,
                      const struct wish *wish, const struct label *label,
                      const struct label_instance *instance)
{
    ir_json_begin_object(writer);
    ir_json_member_put_string(writer, wish->corners ? "Label" : "name",
                              words_label(label->name, wish->korean));
    ir_json_member_put_number(writer, wish->corners ? "Confidence" : "confidence",
                              instance != NULL ? instance->confidence_pct : label->confidence_pct,
                              2);
    if (instance != NULL)
        put_box(writer, sight, wish, instance->box);
    ir_json_end_object(writer);
}

void words_labels(const struct sight *sight, const struct wish *wish, struct ir_buf *out)
{
    struct ir_json_writer writer;
    ir_json_writer_init(&writer, out);
    ir_json_begin_array(&writer);
    for (int i = 0; i < sight->labels->count; i++) {
        const struct label *label = &sight->labels->items[i];
        if (label->instance_count == 0)
            put_label(&writer, sight, wish, label, NULL);
        for (int n = 0; n < label->instance_count; n++)
            put_label(&writer, sight, wish, label, &label->instances[n]);
    }
    ir_json_end_array(&writer);
}
