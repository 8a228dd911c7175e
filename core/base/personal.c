/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each kind is a function that says how many bytes match at a place, 0 for none. They are tried in
 * an order in which the surer go first: a card's number must not be taken for a telephone's.
 *
 * Sources: ISO/IEC 7812 (Luhn, lengths and prefixes), the IBAN registry (lengths), RFC 5321
 * (addresses), E.164 (at most 15 digits), the US Social Security Administration's rules for numbers
 * that are never given, HMRC's for prefixes of insurance numbers.
 */
#include "core/base/personal.h"

#include <stdio.h>
#include <string.h>

#include "core/base/ascii.h"

#define MAX_DIGITS 20
#define MAX_IBAN_CHARS 34
#define MAX_LOCAL_BYTES 64
#define MAX_DOMAIN_BYTES 253
#define SHOWN_CHARS 4
#define PHONE_MARKS " -./"

static bool is_letter(char c)
{
    c = ir_ascii_lower(c);
    return c >= 'a' && c <= 'z';
}

static bool is_alnum(char c)
{
    return is_letter(c) || ir_ascii_is_digit(c);
}

/* Nothing that belongs to a longer word or number may stand before or behind. */
static bool is_free_before(const char *text, size_t at)
{
    return at == 0 || !is_alnum(text[at - 1]);
}

static bool is_free_behind(const char *text, size_t at)
{
    return !is_alnum(text[at]);
}

/* ---- digits in groups -------------------------------------------------------------------- */

/* Digits with marks between them: "4111 1111-1111 1111". */
struct digits {
    char value[MAX_DIGITS + 1]; /* as '0'..'9', terminated */
    size_t count;
    size_t groups[MAX_DIGITS]; /* sizes */
    size_t ends[MAX_DIGITS];   /* of the groups, in bytes from the first digit */
    size_t group_count;
    size_t bytes;
};

/* A hyphen, or one of the dashes that readers of pictures take it for (U+2010..2015, U+2212). */
static size_t dash_bytes(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    if (c[0] == '-')
        return 1;
    bool is_dash = c[0] == 0xe2 && ((c[1] == 0x80 && c[2] >= 0x90 && c[2] <= 0x95) ||
                                    (c[1] == 0x88 && c[2] == 0x92));
    return is_dash ? 3 : 0;
}

/* One mark, blanks on either side of it allowed, and a digit behind it; 0 = the digits end. */
static size_t mark_bytes(const char *text, const char *marks)
{
    size_t bytes = *text == ' ' ? 1 : 0;
    size_t mark = strchr(marks, '-') != NULL ? dash_bytes(text + bytes) : 0;
    if (mark == 0 && text[bytes] != '\0' && text[bytes] != ' ' &&
        strchr(marks, text[bytes]) != NULL)
        mark = 1;
    if (mark == 0)
        return bytes > 0 && strchr(marks, ' ') != NULL && ir_ascii_is_digit(text[1]) ? 1 : 0;
    bytes += mark;
    bytes += text[bytes] == ' ' ? 1 : 0;
    return ir_ascii_is_digit(text[bytes]) ? bytes : 0;
}

/*
 * Reads whole groups as long as there is room: what stands behind a number in its line does not
 * hide it. False when there are none.
 */
static bool read_digits(const char *text, size_t at, const char *marks, struct digits *out)
{
    const char *start = text + at;
    const char *p = start;
    *out = (struct digits){.count = 0};
    for (;;) {
        size_t group = 0;
        while (ir_ascii_is_digit(p[group]) && out->count + group <= MAX_DIGITS)
            group++;
        if (group == 0 || out->count + group > MAX_DIGITS)
            break;
        memcpy(out->value + out->count, p, group);
        out->count += group;
        out->groups[out->group_count++] = group;
        p += group;
        out->bytes = (size_t)(p - start);
        out->ends[out->group_count - 1] = out->bytes;
        size_t mark = mark_bytes(p, marks);
        if (mark == 0)
            break;
        p += mark;
    }
    return out->count > 0;
}

/* Without its last group. */
static void drop_group(struct digits *digits)
{
    digits->group_count--;
    digits->count -= digits->groups[digits->group_count];
    digits->bytes = digits->group_count > 0 ? digits->ends[digits->group_count - 1] : 0;
}

static int number_of(const char *digits, size_t count)
{
    int value = 0;
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (digits[i] - '0');
    return value;
}

/* ---- payment cards ----------------------------------------------------------------------- */

static bool passes_luhn(const struct digits *digits)
{
    int sum = 0;
    for (size_t i = 0; i < digits->count; i++) {
        int value = digits->value[digits->count - 1 - i] - '0';
        if (i % 2 == 1)
            value = value > 4 ? value * 2 - 9 : value * 2;
        sum += value;
    }
    return sum % 10 == 0;
}

static bool is_card_number(const struct digits *digits)
{
    static const struct {
        int low, high; /* the first four digits */
        size_t min_count, max_count;
    } ranges[] = {
        {3400, 3499, 15, 15}, {3700, 3799, 15, 15}, {3000, 3059, 14, 14}, {3600, 3699, 14, 19},
        {3800, 3999, 14, 19}, {3528, 3589, 16, 19}, {4000, 4999, 13, 19}, {5100, 5599, 16, 16},
        {2221, 2720, 16, 16}, {6011, 6011, 16, 19}, {6440, 6599, 16, 19}, {6200, 6299, 16, 19},
        {5000, 5099, 12, 19}, {5600, 5899, 12, 19},
    };
    int prefix = digits->count >= 12 ? number_of(digits->value, 4) : 0;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (prefix >= ranges[i].low && prefix <= ranges[i].high &&
            digits->count >= ranges[i].min_count && digits->count <= ranges[i].max_count)
            return true;
    return false;
}

/* The longest row of groups that is a card's: a date or a check number may stand behind it. */
static size_t match_card(const char *text, size_t at)
{
    struct digits digits;
    if (!read_digits(text, at, " -", &digits))
        return 0;
    for (; digits.group_count > 0; drop_group(&digits))
        if (is_card_number(&digits) && passes_luhn(&digits) &&
            is_free_behind(text, at + digits.bytes))
            return digits.bytes;
    return 0;
}

/* ---- IBAN -------------------------------------------------------------------------------- */

static size_t iban_length(const char *country)
{
    static const struct {
        char country[3];
        size_t chars;
    } lengths[] = {
        {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16},
        {"BG", 22}, {"BH", 22}, {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22},
        {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20},
        {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22},
        {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HN", 28}, {"HR", 21},
        {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26}, {"IT", 27}, {"JO", 30},
        {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20},
        {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20},
        {"MR", 27}, {"MT", 31}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24},
        {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33},
        {"SA", 24}, {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27},
        {"SO", 23}, {"ST", 25}, {"SV", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29},
        {"VA", 22}, {"VG", 24}, {"XK", 20}, {"YE", 30},
    };
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        if (lengths[i].country[0] == country[0] && lengths[i].country[1] == country[1])
            return lengths[i].chars;
    return 0;
}

/* The first four characters go to the end, letters count from 10: the rest by 97 must be 1. */
static bool passes_mod_97(const char *iban, size_t chars)
{
    unsigned rest = 0;
    for (size_t i = 0; i < chars; i++) {
        char c = iban[(i + 4) % chars];
        if (ir_ascii_is_digit(c))
            rest = (rest * 10 + (unsigned)(c - '0')) % 97;
        else
            rest = (rest * 100 + (unsigned)(c - 'A' + 10)) % 97;
    }
    return rest == 1;
}

static size_t match_iban(const char *text, size_t at)
{
    char iban[MAX_IBAN_CHARS] = "";
    char country[2] = {ir_ascii_upper(text[at]), '\0'};
    if (!is_letter(text[at]) || !is_letter(text[at + 1]))
        return 0;
    country[1] = ir_ascii_upper(text[at + 1]);
    size_t wanted = iban_length(country);
    size_t chars = 0;
    const char *p = text + at;
    while (chars < wanted && (is_alnum(*p) || (*p == ' ' && is_alnum(p[1])))) {
        if (*p != ' ')
            iban[chars++] = ir_ascii_upper(*p);
        p++;
    }
    bool is_match = wanted > 0 && chars == wanted && ir_ascii_is_digit(iban[2]) &&
                    ir_ascii_is_digit(iban[3]) && passes_mod_97(iban, chars) &&
                    is_free_behind(p, 0);
    return is_match ? (size_t)(p - (text + at)) : 0;
}

/* ---- e-mail ------------------------------------------------------------------------------ */

static bool is_local_char(char c)
{
    return is_alnum(c) || (c != '\0' && strchr("._%+-", c) != NULL);
}

/* Labels of letters, digits and hyphens with dots between, the last of letters. */
static size_t domain_bytes(const char *text)
{
    size_t bytes = 0;
    size_t label = 0;   /* bytes of the current one */
    size_t letters = 0; /* of the current one */
    size_t end = 0;     /* behind the last label that may be the top one */
    for (; is_alnum(text[bytes]) || text[bytes] == '-' || text[bytes] == '.'; bytes++) {
        if (text[bytes] == '.') {
            if (label == 0)
                break;
            label = 0;
            letters = 0;
            continue;
        }
        label++;
        letters += is_letter(text[bytes]) ? 1 : 0;
        if (label == letters && label >= 2 && label < bytes + 1)
            end = bytes + 1;
    }
    return bytes <= MAX_DOMAIN_BYTES ? end : 0;
}

static size_t match_email(const char *text, size_t at)
{
    size_t local = 0;
    while (local <= MAX_LOCAL_BYTES && is_local_char(text[at + local]))
        local++;
    if (local == 0 || local > MAX_LOCAL_BYTES || text[at + local] != '@' || text[at] == '.')
        return 0;
    size_t domain = domain_bytes(text + at + local + 1);
    return domain > 0 ? local + 1 + domain : 0;
}

/* ---- numbers of persons ------------------------------------------------------------------ */

static size_t match_us_ssn(const char *text, size_t at)
{
    struct digits d;
    if (!read_digits(text, at, "-", &d) || d.count != 9 || d.group_count != 3 || d.groups[0] != 3 ||
        d.groups[1] != 2 || !is_free_behind(text, at + d.bytes))
        return 0;
    int area = number_of(d.value, 3);
    bool is_given = area != 0 && area != 666 && area < 900 && number_of(d.value + 3, 2) != 0 &&
                    number_of(d.value + 5, 4) != 0;
    return is_given ? d.bytes : 0;
}

/* YYMMDD-G…: a date, and a digit for century and sex. The last digit checks those before 2020. */
static size_t match_kr_rrn(const char *text, size_t at)
{
    struct digits d;
    if (!read_digits(text, at, "-", &d) || d.count != 13 || d.group_count != 2 ||
        d.groups[0] != 6 || !is_free_behind(text, at + d.bytes))
        return 0;
    int month = number_of(d.value + 2, 2);
    int day = number_of(d.value + 4, 2);
    bool is_date = month >= 1 && month <= 12 && day >= 1 && day <= 31;
    return is_date && d.value[6] >= '1' && d.value[6] <= '8' ? d.bytes : 0;
}

static size_t match_uk_nino(const char *text, size_t at)
{
    const char *p = text + at;
    char first = *p;
    if (first < 'A' || first > 'Z' || strchr("DFIQUV", first) != NULL)
        return 0;
    char second = p[1];
    if (second < 'A' || second > 'Z' || strchr("DFIOQUV", second) != NULL)
        return 0;
    p += 2;
    size_t digits = 0;
    for (; digits < 6; p++) {
        if (ir_ascii_is_digit(*p))
            digits++;
        else if (*p != ' ')
            return 0;
    }
    if (*p == ' ')
        p++;
    bool is_match = *p >= 'A' && *p <= 'D' && is_free_behind(p, 1);
    return is_match ? (size_t)(p + 1 - (text + at)) : 0;
}

static size_t match_national_id(const char *text, size_t at)
{
    size_t bytes = match_us_ssn(text, at);
    if (bytes == 0)
        bytes = match_kr_rrn(text, at);
    return bytes > 0 ? bytes : match_uk_nino(text, at);
}

/* ---- telephones -------------------------------------------------------------------------- */

/* "+82 10-1234-5678", "+1 (415) 555-0132": 8 to 15 digits. What stands behind does not hide it. */
static size_t match_international(const char *text, size_t at)
{
    size_t digits = 0;
    size_t end = 1;   /* behind the last digit */
    size_t whole = 0; /* behind the last group that may end the number */
    size_t marks = 0; /* in a row */
    for (size_t i = 1; text[at + i] != '\0' && marks < 3 && digits <= 15; i++) {
        char c = text[at + i];
        size_t dash = dash_bytes(text + at + i);
        if (ir_ascii_is_digit(c)) {
            digits++;
            marks = 0;
            end = i + 1;
            continue;
        }
        if (dash == 0 && strchr(" .()/", c) == NULL)
            break;
        if (digits >= 8)
            whole = end;
        marks++;
        i += dash > 1 ? dash - 1 : 0;
    }
    if (digits > 15)
        return whole;
    return digits >= 8 && is_free_behind(text, at + end) ? end : whole;
}

/* Whether a row of groups may end here, though more digits follow: a hyphen holds them together. */
static bool is_end(const char *text, size_t at)
{
    return is_free_behind(text, at) &&
           (text[at] == ' ' || !ir_ascii_is_digit(text[at + mark_bytes(text + at, PHONE_MARKS)]));
}

/* "(415) 555-0132", whose bracket belongs to it, and "02) 555-1234", which has but one. */
static size_t match_bracketed(const char *text, size_t at)
{
    struct digits area, rest;
    size_t open = text[at] == '(' ? 1 : 0;
    if (!read_digits(text, at + open, "", &area) || area.count < 2 || area.count > 5 ||
        text[at + open + area.bytes] != ')' || (open == 0 && area.value[0] != '0'))
        return 0;
    size_t next = at + open + area.bytes + 1;
    if (text[next] == ' ')
        next++;
    if (!read_digits(text, next, PHONE_MARKS, &rest))
        return 0;
    for (; rest.group_count > 0 && rest.count >= 5; drop_group(&rest))
        if (area.count + rest.count <= 12 && is_end(text, next + rest.bytes))
            return next + rest.bytes - at;
    return 0;
}

/* "21.11.2026 14" and the like: day, month and year, in either order of the first two. */
static bool begins_with_date(const struct digits *d)
{
    if (d->group_count < 3 || d->groups[0] != 2 || d->groups[1] != 2 || d->groups[2] != 4)
        return false;
    int first = number_of(d->value, 2);
    int second = number_of(d->value + 2, 2);
    int year = number_of(d->value + 4, 4);
    bool is_day = first >= 1 && second >= 1 && first <= 31 && second <= 31;
    return is_day && (first <= 12 || second <= 12) && year >= 1900 && year <= 2100;
}

/* 0… in groups, 00… with the country's code, or 3-3-4 with or without the 1 before it. */
static bool is_national(const struct digits *d)
{
    bool is_abroad = d->value[0] == '0' && d->value[1] == '0';
    size_t max_count = is_abroad ? 17 : 12;
    if (is_abroad && d->value[2] == '0')
        return false;
    if (d->value[0] == '0')
        return d->group_count >= 2 && d->group_count <= 6 && d->groups[0] >= 2 && d->count >= 9 &&
               d->count <= max_count;
    size_t code = d->groups[0] == 1 && d->value[0] == '1' ? 1 : 0;
    return d->group_count == code + 3 && d->groups[code] == 3 && d->groups[code + 1] == 3 &&
           d->groups[code + 2] == 4 && d->value[code] >= '2' && d->value[code + 3] >= '2';
}

/* 11 digits without a mark, as forms want them: Korean and German mobile telephones. */
static bool is_mobile(const struct digits *d)
{
    static const char *const prefixes[] = {"010", "015", "016", "017"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (d->groups[0] == 11 && strncmp(d->value, prefixes[i], 3) == 0)
            return true;
    return false;
}

static size_t match_national(const char *text, size_t at)
{
    struct digits d;
    /* The middle of a longer row of groups begins nothing. */
    if (at >= 2 && strchr(PHONE_MARKS, text[at - 1]) != NULL && ir_ascii_is_digit(text[at - 2]))
        return 0;
    if (!read_digits(text, at, PHONE_MARKS, &d) || begins_with_date(&d))
        return 0;
    for (; d.group_count > 0; drop_group(&d)) {
        bool is_match = is_national(&d) || (d.group_count == 1 && is_mobile(&d));
        if (is_match && is_end(text, at + d.bytes))
            return d.bytes;
    }
    return 0;
}

static size_t match_phone(const char *text, size_t at)
{
    if (text[at] == '+')
        return match_international(text, at);
    size_t bytes = match_bracketed(text, at);
    return bytes > 0 || text[at] == '(' ? bytes : match_national(text, at);
}

/* ---- finding ----------------------------------------------------------------------------- */

static const struct {
    const char *name;
    size_t (*match)(const char *text, size_t at);
} kinds[] = {
    [IR_PERSONAL_EMAIL] = {"email", match_email},
    [IR_PERSONAL_PAYMENT_CARD] = {"payment-card", match_card},
    [IR_PERSONAL_IBAN] = {"iban", match_iban},
    [IR_PERSONAL_NATIONAL_ID] = {"national-id", match_national_id},
    [IR_PERSONAL_PHONE] = {"phone", match_phone},
};

const char *ir_personal_name(enum ir_personal_kind kind)
{
    return kinds[kind].name;
}

/* The last four letters or digits, or the first and nothing more of an address. */
static void show(const char *match, struct ir_personal *out)
{
    if (out->kind == IR_PERSONAL_EMAIL) {
        snprintf(out->shown, sizeof out->shown, "%c…@…", match[0]);
        return;
    }
    char last[SHOWN_CHARS + 1] = "";
    size_t place = SHOWN_CHARS;
    for (size_t i = out->bytes; i > 0 && place > 0; i--)
        if (is_alnum(match[i - 1]))
            last[--place] = match[i - 1];
    snprintf(out->shown, sizeof out->shown, "…%s", last + place);
}

bool ir_personal_find(const char *text, size_t from, struct ir_personal *out)
{
    for (size_t at = from; text[at] != '\0'; at++) {
        bool may_begin =
            (is_alnum(text[at]) || text[at] == '+' || text[at] == '(') && is_free_before(text, at);
        for (size_t i = 0; may_begin && i < sizeof kinds / sizeof kinds[0]; i++) {
            size_t bytes = kinds[i].match(text, at);
            if (bytes == 0)
                continue;
            *out = (struct ir_personal){.kind = (enum ir_personal_kind)i, .at = at, .bytes = bytes};
            show(text + at, out);
            return true;
        }
    }
    return false;
}
