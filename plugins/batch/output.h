/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file that is there whole or not at all. */
#ifndef PLUGINS_BATCH_OUTPUT_H
#define PLUGINS_BATCH_OUTPUT_H

#include <stddef.h>

#include <imgrecog/error.h>

/*
 * Writes `bytes` at `data` to `path` ("-" is standard output): into a temporary file of the same
 * folder, which is synchronised and renamed; what stood there before is replaced as a whole or
 * left, and its rights stay. A symbolic link is followed, and the file that it leads to replaced;
 * one that leads nowhere is replaced itself. A program that is killed may leave a file
 * NAME.imgrecog-XXXXXX beside it, which nothing reads. What is no file (/dev/stdout, a pipe) is
 * written to. IR_ERR_ARG: it cannot be written; the message says why.
 */
IR_MUST_CHECK int output_write(const char *path, const void *data, size_t bytes,
                               struct ir_error *err);

/*
 * Whether output_write would probably succeed: before something is paid for that it is to keep.
 * Writes nothing. Codes as above.
 */
IR_MUST_CHECK int output_check(const char *path, struct ir_error *err);

#endif
