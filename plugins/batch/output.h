/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file that is there whole or not at all. */
#ifndef PLUGINS_BATCH_OUTPUT_H
#define PLUGINS_BATCH_OUTPUT_H

#include <stddef.h>

#include <imgrecog/error.h>

/*
 * Writes `bytes` at `data` to `path` ("-" is standard output): into a temporary file of the same
 * folder, which is synchronised and renamed; what stood there before is replaced as a whole or
 * left. IR_ERR_ARG: it cannot be written; the message says why.
 */
IR_MUST_CHECK int output_write(const char *path, const void *data, size_t bytes,
                               struct ir_error *err);

#endif
