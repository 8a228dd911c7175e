/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Base64 of RFC 4648 section 4, with padding, without line breaks. */
#ifndef CORE_BASE_BASE64_H
#define CORE_BASE_BASE64_H

#include <stddef.h>

#include <imgrecog/error.h>

/* Characters that `bytes` become. */
size_t ir_base64_length(size_t bytes);
/* Encodes; `out` holds ir_base64_length(bytes) + 1. Only the last piece of a stream may have a
 * size that is not a multiple of 3. Returns the characters written. */
size_t ir_base64_encode(const unsigned char *data, size_t bytes, char *out);
/*
 * Decodes strictly (padding required, no white space). `out` holds 3 * text_bytes / 4 + 3 bytes.
 * IR_ERR_ARG when `text` is not base64.
 */
IR_MUST_CHECK int ir_base64_decode(const char *text, size_t text_bytes, unsigned char *out,
                                   size_t *out_bytes);

#endif
