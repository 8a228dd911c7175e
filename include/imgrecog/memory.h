/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Giving memory back. */
#ifndef IMGRECOG_MEMORY_H
#define IMGRECOG_MEMORY_H

#include <imgrecog/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Frees a string that this library handed over. NULL is allowed. */
IR_PUBLIC void ir_free(void *memory);

#ifdef __cplusplus
}
#endif
#endif
