/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every fuzz target needs. A target is one function that takes any bytes; it aborts where a
 * promise is broken. It is built twice: with replay.c, which runs the corpus in every test run, and
 * with libFuzzer (`ninja fuzz-json` in a build with clang), which looks for new inputs.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Larger inputs are passed over: they are slow and find nothing more. */
#define FUZZ_MAX_BYTES 65536

#define FUZZ_CHECK(promise)                                                                        \
    do {                                                                                           \
        if (!(promise)) {                                                                          \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #promise);                  \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#endif
