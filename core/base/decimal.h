/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers that people write, in and out of text, the same in every locale: strtod() and printf()
 * of a German one want a comma. */
#ifndef CORE_BASE_DECIMAL_H
#define CORE_BASE_DECIMAL_H

/*
 * Decimal digits, 15 at most, with at most one point and nothing else; NaN when it is no number.
 */
double ir_decimal_parse(const char *text);

#define IR_DECIMAL_BYTES 32
/* An amount from 0 to 1e12 with two to six digits behind the point, rounded up so that what is paid
 * is never told as less: "0.001234". */
void ir_decimal_amount(double amount, char out[IR_DECIMAL_BYTES]);

#endif
