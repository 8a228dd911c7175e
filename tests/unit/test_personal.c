/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Personal data in words: what is found, and the many numbers that are none. */
#include "tests/unit/unit.h"

#include "core/base/utf8.h"
#include "core/base/personal.h"

struct row {
    const char *name;
    const char *text;
    const char *found; /* "kind:match|kind:match"; "" = nothing */
};

static const struct row rows[] = {
    {"e-mail", "Mail jane.doe+x@mail.example.com now", "email:jane.doe+x@mail.example.com"},
    {"e-mail before a full stop", "to a@b.org.", "email:a@b.org"},
    {"e-mail in Korean words", "문의jane@example.co.kr로", "email:jane@example.co.kr"},
    {"e-mail without a top level", "root@localhost and @name", ""},
    {"e-mail whose top level is a number", "a@10.0.0.1", ""},
    {"a price at a place", "2 @ 3.50", ""},
    {"two addresses", "a@b.de;c@d.fr", "email:a@b.de|email:c@d.fr"},
    {"Visa", "4111 1111 1111 1111", "payment-card:4111 1111 1111 1111"},
    {"Visa, one digit wrong", "4111 1111 1111 1112", ""},
    {"Visa without spaces, in words", "card:4012888888881881!", "payment-card:4012888888881881"},
    {"American Express", "3782-822463-10005", "payment-card:3782-822463-10005"},
    {"Mastercard's newer range", "2223 0031 2200 3222", "payment-card:2223 0031 2200 3222"},
    {"Luhn is right, the prefix is nobody's", "0000 0000 0000 0000", ""},
    {"a card's beginning", "4539 1488 0343", ""},
    {"Luhn is right, too long", "41111111111111111111111", ""},
    {"part of a longer number", "x4111111111111111", ""},
    {"IBAN", "IBAN GB82 WEST 1234 5698 7654 32", "iban:GB82 WEST 1234 5698 7654 32"},
    {"IBAN without spaces", "DE89370400440532013000", "iban:DE89370400440532013000"},
    {"IBAN, small letters", "de89370400440532013000", "iban:de89370400440532013000"},
    {"IBAN, check digits wrong", "DE88370400440532013000", ""},
    {"IBAN, too long", "DE893704004405320130001", ""},
    {"IBAN, no such country", "XX89370400440532013000", ""},
    {"words before an IBAN", "at NL91 ABNA 0417 1643 00,", "iban:NL91 ABNA 0417 1643 00"},
    {"social security", "SSN 219-09-9999", "national-id:219-09-9999"},
    {"social security, never given", "000-12-3456 666-12-3456 900-12-3456 219-00-9999", ""},
    {"Korean registration", "900101-1234567", "national-id:900101-1234567"},
    {"Korean registration, no such month", "901301-1234567", ""},
    {"UK insurance", "NINO AB 12 34 56 C", "national-id:AB 12 34 56 C"},
    {"UK insurance, never given", "QQ 12 34 56 C", ""},
    {"phone, international", "Tel. +82 10-1234-5678.", "phone:+82 10-1234-5678"},
    {"phone, with brackets", "+1 (415) 555-0132", "phone:+1 (415) 555-0132"},
    {"phone, American", "call (415) 555-0132 or 415-555-0132",
     "phone:(415) 555-0132|phone:415-555-0132"},
    {"phone, Korean", "010-1234-5678", "phone:010-1234-5678"},
    {"phone, Korean, of nine digits", "02-312-4567", "phone:02-312-4567"},
    {"phone, German", "030 123456-78", "phone:030 123456-78"},
    {"Visa, and the date behind it", "4111 1111 1111 1111 12/27",
     "payment-card:4111 1111 1111 1111"},
    {"Visa, date and check number", "4111 1111 1111 1111 12 27 123",
     "payment-card:4111 1111 1111 1111"},
    {"Visa, read with dashes and blanks", "4111 – 1111 – 1111 – 1111",
     "payment-card:4111 – 1111 – 1111 – 1111"},
    {"IBAN of a newer country", "AZ21NABZ00000000137010001944",
     "iban:AZ21NABZ00000000137010001944"},
    {"Korean registration, read with blanks", "주민등록번호 900101 - 1234567",
     "national-id:900101 - 1234567"},
    {"Korean registration, read with a long dash", "900101–1234567", "national-id:900101–1234567"},
    {"social security, read with blanks", "SSN: 219 - 09 - 9999", "national-id:219 - 09 - 9999"},
    {"phone, Korean, one bracket", "TEL 02)555-1234", "phone:02)555-1234"},
    {"phone, Korean, one bracket and a blank", "전화 031) 123-4567", "phone:031) 123-4567"},
    {"phone, Korean, without marks", "휴대폰 01012345678", "phone:01012345678"},
    {"phone, Korean, read with blanks", "010 - 1234 - 5678", "phone:010 - 1234 - 5678"},
    {"phone, German with a stroke", "Tel. 089/1234567", "phone:089/1234567"},
    {"phone, German with blanks around it", "Tel. 0171 / 23 45 67 89", "phone:0171 / 23 45 67 89"},
    {"phone, with a long dash near its end", "030 12345–67", "phone:030 12345–67"},
    {"phone, from abroad", "0049 89 1234567", "phone:0049 89 1234567"},
    {"phone, American with its 1", "1-800-555-0199", "phone:1-800-555-0199"},
    {"phone, and a postcode behind it", "+49 89 1234567 80331 München", "phone:+49 89 1234567"},
    {"phone, and a date behind it", "+82 10-1234-5678 2026-11-21", "phone:+82 10-1234-5678"},
    {"phone, and a fax behind it", "030 1234567 / 030 1234568",
     "phone:030 1234567|phone:030 1234568"},
    {"phone, nothing but a plus and zeros behind", "+1234567", ""},
    {"a German date and a time", "01.02.2026 14:30 Uhr", ""},
    {"an American date and a time", "02/01/2026 0930", ""},
    {"an order's number", "Order 028-1234567-1234567", ""},
    {"a product's code", "4006381333931", ""},
    {"an ISBN of ten digits", "0-306-40615-2", ""},
    {"prices", "12.50 13.99 0.99", ""},
    {"a version", "10.0.26100.1742", ""},
    {"a date", "2026-11-21 21.11.2026 21/11/2026", ""},
    {"a time and a score", "12:30:45 3-2", ""},
    {"an address on the net", "192.168.0.1", ""},
    {"a long number", "12345678901234567890123", ""},
    {"a sum", "1.234.567,89 + 12", ""},
    {"an ISBN", "978-3-16-148410-0", ""},
    {"an empty text", "", ""},
    {"signs alone", "+(-.@", ""},
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct ir_personal match;
    char found[256] = "";
    size_t used = 0;
    size_t from = 0;
    while (ir_personal_find(row->text, from, &match)) {
        assert_true(match.at >= from && match.bytes > 0);
        used +=
            (size_t)snprintf(found + used, sizeof found - used, "%s%s:%.*s", used > 0 ? "|" : "",
                             ir_personal_name(match.kind), (int)match.bytes, row->text + match.at);
        assert_true(used < sizeof found);
        assert_true(strlen(match.shown) <= 14);
        assert_true(ir_utf8_is_valid(match.shown, strlen(match.shown)));
        assert_null(strstr(row->text, match.shown));
        from = match.at + match.bytes;
    }
    assert_string_equal(found, row->found);
}

/* Every beginning of a text is a text: nothing is read past its end (a sanitizer's work). */
static void test_cut(void **state)
{
    const struct row *row = *state;
    for (size_t bytes = 0; bytes <= strlen(row->text); bytes++) {
        struct ir_personal match;
        char *copy = strndup(row->text, bytes);
        size_t from = 0;
        while (ir_personal_find(copy, from, &match))
            from = match.at + match.bytes;
        assert_true(from <= bytes);
        free(copy);
    }
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_row, rows);
    UNIT_ADD_ROWS(&list, test_cut, rows);
    return unit_run(&list, "personal");
}
