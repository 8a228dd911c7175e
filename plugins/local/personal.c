/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looks for forms that a checksum or a shape makes probable; what has neither is not reported. Card
 * numbers: ISO/IEC 7812-1 annex B; accounts: ISO 13616-1 with ISO/IEC 7064 mod 97-10.
 */
#include "plugins/local/personal.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "core/base/ascii.h"

#define MIN_CARD_DIGITS 13
#define MAX_CARD_DIGITS 19
#define MAX_IBAN_CHARS 34
#define MIN_PHONE_DIGITS 8
#define MAX_PHONE_DIGITS 15

static bool is_letter(char c)
{
    char lower = ir_ascii_lower(c);
    return lower >= 'a' && lower <= 'z';
}

static bool is_local_part(char c)
{
    return is_letter(c) || ir_ascii_is_digit(c) || (c != '\0' && strchr("._%+-", c) != NULL);
}

static bool has_email(const char *line)
{
    for (const char *at = strchr(line, '@'); at != NULL; at = strchr(at + 1, '@')) {
        const char *end = at + 1;
        const char *dot = NULL;
        if (at == line || !is_local_part(at[-1]))
            continue;
        for (; is_letter(*end) || ir_ascii_is_digit(*end) || *end == '.' || *end == '-'; end++)
            if (*end == '.' && end > at + 1)
                dot = end;
        while (dot != NULL && end > dot && end[-1] == '.')
            end--;
        if (dot != NULL && end - dot >= 3 && is_letter(dot[1]) && is_letter(dot[2]))
            return true;
    }
    return false;
}

/* The digits of a number written with single blanks or hyphens between groups; their count. */
static size_t gather_digits(const char *text, char *out, size_t room, const char **out_end)
{
    size_t count = 0;
    const char *c = text;
    while (ir_ascii_is_digit(*c) ||
           ((*c == ' ' || *c == '-') && c > text && ir_ascii_is_digit(c[1]))) {
        if (ir_ascii_is_digit(*c)) {
            if (count == room)
                break;
            out[count++] = *c;
        }
        c++;
    }
    *out_end = c;
    return count;
}

static bool luhn_is_right(const char *digits, size_t count)
{
    int sum = 0;
    for (size_t i = 0; i < count; i++) {
        int digit = digits[count - 1 - i] - '0';
        if (i % 2 == 1)
            digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
        sum += digit;
    }
    return sum % 10 == 0;
}

static bool has_card(const char *line)
{
    char digits[MAX_CARD_DIGITS + 1];
    const char *end = line;
    for (const char *c = line; *c != '\0'; c = end > c ? end : c + 1) {
        size_t count = gather_digits(c, digits, sizeof digits, &end);
        bool one_digit = count > 0 && strspn(digits, "0") >= count;
        if (count >= MIN_CARD_DIGITS && count <= MAX_CARD_DIGITS && !one_digit &&
            luhn_is_right(digits, count))
            return true;
    }
    return false;
}

/* The whole length of an account's number in each country that has them and is common. */
static size_t iban_length(const char *country)
{
    static const struct {
        char country[3];
        unsigned char chars;
    } lengths[] = {{"AE", 23}, {"AT", 20}, {"BE", 16}, {"BG", 22}, {"CH", 21}, {"CZ", 24},
                   {"DE", 22}, {"DK", 18}, {"EE", 20}, {"ES", 24}, {"FI", 18}, {"FR", 27},
                   {"GB", 22}, {"GR", 27}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23},
                   {"IT", 27}, {"LT", 20}, {"LU", 20}, {"LV", 21}, {"NL", 18}, {"NO", 15},
                   {"PL", 28}, {"PT", 25}, {"RO", 24}, {"SA", 24}, {"SE", 24}, {"SI", 19},
                   {"SK", 24}, {"TR", 26}};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        if (strncmp(lengths[i].country, country, 2) == 0)
            return lengths[i].chars;
    return 0;
}

/* Letters count 10 to 35; the first four characters go to the end. */
static bool iban_is_right(const char *chars, size_t count)
{
    int rest = 0;
    for (size_t i = 0; i < count; i++) {
        char c = chars[(i + 4) % count];
        int value = ir_ascii_is_digit(c) ? c - '0' : c - 'A' + 10;
        rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
    }
    return rest == 1;
}

static bool has_iban(const char *line)
{
    for (const char *c = line; *c != '\0'; c++) {
        char chars[MAX_IBAN_CHARS];
        size_t count = 0;
        bool starts = (c == line || !(is_letter(c[-1]) || ir_ascii_is_digit(c[-1]))) && *c >= 'A' &&
                      *c <= 'Z' && c[1] >= 'A' && c[1] <= 'Z' && ir_ascii_is_digit(c[2]) &&
                      ir_ascii_is_digit(c[3]);
        if (!starts)
            continue;
        size_t wanted = iban_length(c);
        for (const char *d = c; *d != '\0' && count < wanted; d++) {
            bool taken = ir_ascii_is_digit(*d) || (*d >= 'A' && *d <= 'Z');
            if (!taken && *d != ' ')
                break;
            if (taken)
                chars[count++] = *d;
        }
        if (wanted > 0 && count == wanted && iban_is_right(chars, count))
            return true;
    }
    return false;
}

static bool has_phone(const char *line)
{
    char digits[MAX_PHONE_DIGITS + 1];
    const char *end = line;
    for (const char *c = line; *c != '\0'; c = end > c ? end : c + 1) {
        end = c;
        bool is_international = *c == '+' && ir_ascii_is_digit(c[1]);
        const char *first = c + is_international;
        if (!ir_ascii_is_digit(*first))
            continue;
        size_t count = gather_digits(first, digits, sizeof digits, &end);
        size_t separators = (size_t)(end - first) - count;
        bool is_national = digits[0] == '0' && separators >= 2 && count >= 9 && count <= 11;
        if ((is_international && count >= MIN_PHONE_DIGITS && count <= MAX_PHONE_DIGITS) ||
            is_national)
            return true;
    }
    return false;
}

unsigned personal_find(const char *line)
{
    unsigned found = 0;
    if (has_email(line))
        found |= PERSONAL_EMAIL;
    if (has_card(line))
        found |= PERSONAL_CARD;
    if (has_iban(line))
        found |= PERSONAL_IBAN;
    if (has_phone(line))
        found |= PERSONAL_PHONE;
    return found;
}
