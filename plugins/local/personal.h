/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Personal data in text: e-mail addresses, card numbers, bank accounts, telephone numbers. */
#ifndef PLUGINS_LOCAL_PERSONAL_H
#define PLUGINS_LOCAL_PERSONAL_H

enum personal_kind {
    PERSONAL_EMAIL = 1,
    PERSONAL_CARD = 2,  /* 13 to 19 digits of which Luhn's sum is right */
    PERSONAL_IBAN = 4,  /* of which the remainder by 97 is right */
    PERSONAL_PHONE = 8, /* "+" and 8 to 15 digits, or digits grouped as numbers are written */
};

/* Which kinds are in one line of text (enum personal_kind). */
unsigned personal_find(const char *line);

#endif
