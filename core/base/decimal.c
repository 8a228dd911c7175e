/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the reading and writing of decimal numbers without a locale. */
#include "core/base/decimal.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/base/ascii.h"

#define MAX_DIGITS 15
#define MILLIONTHS 1e6
#define MAX_AMOUNT 1e12

/*
 * Digits and power of ten are whole numbers that a double holds, so one division gives the nearest
 * double.
 */
double ir_decimal_parse(const char *text)
{
    double value = 0.0;
    double place = 1.0;
    bool point = false;
    size_t digits = 0;
    for (; *text != '\0'; text++) {
        if (*text == '.' && !point) {
            point = true;
        } else if (ir_ascii_is_digit(*text) && digits < MAX_DIGITS) {
            digits++;
            place *= point ? 10.0 : 1.0;
            value = value * 10.0 + (*text - '0');
        } else {
            return NAN;
        }
    }
    return digits > 0 ? value / place : NAN;
}

void ir_decimal_amount(double amount, char out[IR_DECIMAL_BYTES])
{
    double bounded = fmin(fmax(amount, 0.0), MAX_AMOUNT);
    /* What only rounding put above a whole millionth is none more. */
    long long millionths = (long long)ceil(bounded * MILLIONTHS - 1e-3);
    size_t chars = (size_t)snprintf(out, IR_DECIMAL_BYTES, "%lld.%06lld", millionths / 1000000,
                                    millionths % 1000000);
    /* Cents at least. */
    for (size_t i = 0; i < 4 && out[chars - 1] == '0'; i++)
        out[--chars] = '\0';
}
