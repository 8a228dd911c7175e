/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ASCII's letters, digits and white space, the same in every locale: tolower() of a Turkish one
 * leaves the I of X-Amzn-RequestId alone, and toupper() has another capital for i.
 */
#ifndef CORE_BASE_ASCII_H
#define CORE_BASE_ASCII_H

#include <stdbool.h>

static inline char ir_ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline char ir_ascii_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static inline bool ir_ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool ir_ascii_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

#endif
