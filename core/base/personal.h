/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Personal data in words that were read from a picture: what can be told from the characters alone,
 * with the check digits that such numbers carry. Pure; knows no service.
 */
#ifndef CORE_BASE_PERSONAL_H
#define CORE_BASE_PERSONAL_H

#include <stdbool.h>
#include <stddef.h>

enum ir_personal_kind {
    IR_PERSONAL_EMAIL,
    IR_PERSONAL_PAYMENT_CARD, /* a lawful length and prefix, and Luhn's check digit */
    IR_PERSONAL_IBAN,         /* the country's length, and ISO 7064's mod 97 */
    IR_PERSONAL_NATIONAL_ID,  /* US social security, Korean resident registration, UK insurance */
    IR_PERSONAL_PHONE,        /* +…, or groups as they are written in a country */
};

struct ir_personal {
    enum ir_personal_kind kind;
    size_t at;      /* in the text */
    size_t bytes;   /* of the match */
    char shown[24]; /* enough to recognise it by, not to use it: "…1111", "j…@…" */
};

/* The next one in `text` from `from` on; false when there is none. Matches do not overlap. */
bool ir_personal_find(const char *text, size_t from, struct ir_personal *out);

/* "email", "payment-card", "iban", "national-id", "phone" */
const char *ir_personal_name(enum ir_personal_kind kind);

#endif
