/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Other programs: finding one on PATH, and running it for what it prints. */
#ifndef PLUGINS_BATCH_CHILD_H
#define PLUGINS_BATCH_CHILD_H

#include <stdbool.h>
#include <stddef.h>

#include <imgrecog/client.h>

#define CHILD_PATH_BYTES 4096
#define CHILD_TEXT_BYTES (64U * 1024)
#define CHILD_TIMEOUT_MS 20000

/* The first of `names` (NULL ends) that a folder of PATH holds; false: none. */
bool child_find(const char *const *names, char out[CHILD_PATH_BYTES]);

/*
 * Runs `argv` (a full path first, NULL ends) with nothing to read and keeps the first
 * CHILD_TEXT_BYTES - 1 bytes that it prints on both streams. Its exit code; -1: it could not be
 * run, was killed, took longer than CHILD_TIMEOUT_MS, or `cancel` (may be NULL) was set.
 */
int child_run(const char *const *argv, const struct ir_cancel *cancel, char out[CHILD_TEXT_BYTES]);

#endif
