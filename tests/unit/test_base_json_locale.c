/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers in a locale that is not the machine's: json.c is compiled here with a snprintf that
 * writes what printf writes in locales with another decimal sign, one of two bytes among them.
 */
#include "tests/unit/unit.h"

static const char *decimal_sign = ".";

/* Stands in for snprintf(text, bytes, "%.*f" or "%.*g", decimals, number). */
static int foreign_snprintf(char *text, size_t bytes, const char *format, int decimals,
                            double number)
{
    char plain[64];
    if (!strcmp(format, "%.*f"))
        (snprintf)(plain, sizeof plain, "%.*f", decimals, number);
    else if (!strcmp(format, "%.*g"))
        (snprintf)(plain, sizeof plain, "%.*g", decimals, number);
    else
        fail_msg("an unexpected format: %s", format);
    size_t whole = strcspn(plain, ".");
    const char *sign = plain[whole] ? decimal_sign : "";
    const char *rest = plain[whole] ? plain + whole + 1 : "";
    int written = (snprintf)(text, bytes, "%.*s%s%s", (int)whole, plain, sign, rest);
    assert_true(written > 0 && (size_t)written < bytes);
    return written;
}

#define snprintf foreign_snprintf
#include "core/base/json.c"
#undef snprintf

struct row {
    const char *name;
    const char *sign;
    double number;
    int decimals;
    const char *json;
};

static const struct row rows[] = {
    {"comma", ",", 1.5, 3, "1.5"},
    {"comma, zeros dropped", ",", 2.0, 3, "2"},
    {"comma, minus zero", ",", -0.0001, 3, "0"},
    {"comma, no decimals", ",", 1234, 0, "1234"},
    {"Arabic decimal sign", "\xD9\xAB", -1234.25, 5, "-1234.25"},
    {"the longest text", "\xD9\xAB", -999999999999999.875, 17, "-999999999999999.875"},
    {"an exponent", ",", -1.25e18, 3, "-1.25e+18"},
    {"an exponent, no fraction", ",", 1e21, 3, "1e+21"},
};

static void test_number(void **state)
{
    const struct row *row = *state;
    struct ir_buf out;
    struct ir_json_writer writer;
    decimal_sign = row->sign;
    ir_buf_init(&out, 1000);
    ir_json_writer_init(&writer, &out);
    ir_json_put_number(&writer, row->number, row->decimals);
    assert_string_equal(ir_buf_text(&out), row->json);
    ir_buf_release(&out);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_number, rows);
    return unit_run(&list, "json in another locale");
}
