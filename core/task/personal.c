/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each kind is a function that says how many bytes match at a place, 0 for none. They are tried in
 * an order in which the surer go first: a card's number must not be taken for a telephone's.
 *
 * Sources: ISO/IEC 7812 (Luhn, lengths and prefixes), the IBAN registry (lengths), RFC 5321
 * (addresses), E.164 (at most 15 digits), the US Social Security Administration's rules for numbers
 * that are never given, HMRC's for prefixes of insurance numbers.
 */
#include "core/task/personal.h"

#include <stdio.h>
#include <string.h>

#include "core/base/ascii.h"

#define MAX_DIGITS 20
#define MAX_IBAN_CHARS 34
#define MAX_LOCAL_BYTES 64
#define MAX_DOMAIN_BYTES 253

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

/* Digits with single marks between them: "4111 1111-1111 1111". */
struct digits {
    char value[MAX_DIGITS + 1]; /* as '0'..'9', terminated */
    size_t count;
    size_t groups[MAX_DIGITS]; /* sizes */
    size_t group_count;
    size_t bytes;
};

/* Reads as many as there are; false when none, or more than any number has. */
static bool read_digits(const char *text, size_t at, const char *marks, struct digits *out)
{
    const char *start = text + at;
    const char *p = start;
    *out = (struct digits){.count = 0};
    while (ir_ascii_is_digit(*p)) {
        size_t group = 0;
        for (; ir_ascii_is_digit(*p); p++, group++) {
            if (out->count == MAX_DIGITS)
                return false;
            out->value[out->count++] = *p;
        }
        out->groups[out->group_count++] = group;
        out->bytes = (size_t)(p - start);
        if (*p == '\0' || strchr(marks, *p) == NULL)
            break;
        p++;
    }
    return out->count > 0;
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

static size_t match_card(const char *text, size_t at)
{
    struct digits digits;
    bool is_match = read_digits(text, at, " -", &digits) && is_card_number(&digits) &&
                    passes_luhn(&digits) && is_free_behind(text, at + digits.bytes);
    return is_match ? digits.bytes : 0;
}

/* ---- IBAN -------------------------------------------------------------------------------- */

static size_t iban_length(const char *country)
{
    static const struct {
        char country[3];
        size_t chars;
    } lengths[] = {
        {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"BA", 20}, {"BE", 16}, {"BG", 22},
        {"BR", 29}, {"CH", 21}, {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DK", 18}, {"EE", 20},
        {"ES", 24}, {"FI", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23},
        {"GL", 18}, {"GR", 27}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IS", 26},
        {"IT", 27}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LI", 21}, {"LT", 20}, {"LU", 20},
        {"LV", 21}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MT", 31}, {"NL", 18},
        {"NO", 15}, {"PK", 24}, {"PL", 28}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22},
        {"SA", 24}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"TN", 24}, {"TR", 26},
        {"UA", 29}, {"VA", 22},
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
    char iban[MAX_IBAN_CHARS];
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

/* "+82 10-1234-5678", "+1 (415) 555-0132": 8 to 15 digits. */
static size_t match_international(const char *text, size_t at)
{
    size_t digits = 0;
    size_t end = 1;
    size_t marks = 0; /* in a row */
    for (size_t i = 1; text[at + i] != '\0' && marks < 3; i++) {
        char c = text[at + i];
        if (ir_ascii_is_digit(c)) {
            digits++;
            marks = 0;
            end = i + 1;
        } else if (strchr(" -.()/", c) != NULL) {
            marks++;
        } else {
            break;
        }
    }
    return digits >= 8 && digits <= 15 && is_free_behind(text, at + end) ? end : 0;
}

/* "(415) 555-0132" has no digit first: the bracket belongs to it. */
static size_t match_bracketed(const char *text, size_t at)
{
    struct digits area, rest;
    if (!read_digits(text, at + 1, "", &area) || area.count < 2 || area.count > 5 ||
        text[at + 1 + area.bytes] != ')')
        return 0;
    size_t next = at + 1 + area.bytes + 1;
    if (text[next] == ' ')
        next++;
    if (!read_digits(text, next, " -.", &rest) || rest.count < 5 || area.count + rest.count > 12 ||
        !is_free_behind(text, next + rest.bytes))
        return 0;
    return next + rest.bytes - at;
}

/* Groups as a country writes them: 0… in two to five groups, or 3-3-4. A date has none of these. */
static size_t match_national(const char *text, size_t at)
{
    struct digits d;
    /* The middle of a longer row of groups begins nothing. */
    if (at >= 2 && strchr(" -.", text[at - 1]) != NULL && ir_ascii_is_digit(text[at - 2]))
        return 0;
    if (!read_digits(text, at, " -.", &d) || !is_free_behind(text, at + d.bytes) ||
        d.group_count < 2 || d.group_count > 5)
        return 0;
    bool is_trunk = d.value[0] == '0' && d.groups[0] >= 2 && d.count >= 9 && d.count <= 12;
    bool is_nanp = d.group_count == 3 && d.groups[0] == 3 && d.groups[1] == 3 && d.groups[2] == 4 &&
                   d.value[0] >= '2' && d.value[3] >= '2';
    return is_trunk || is_nanp ? d.bytes : 0;
}

static size_t match_phone(const char *text, size_t at)
{
    if (text[at] == '+')
        return match_international(text, at);
    if (text[at] == '(')
        return match_bracketed(text, at);
    return match_national(text, at);
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

/* The last four characters, or the first and nothing more of an address. */
static void show(const char *match, struct ir_personal *out)
{
    if (out->kind == IR_PERSONAL_EMAIL) {
        snprintf(out->shown, sizeof out->shown, "%c…@…", match[0]);
        return;
    }
    snprintf(out->shown, sizeof out->shown, "…%.4s", match + out->bytes - 4);
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
