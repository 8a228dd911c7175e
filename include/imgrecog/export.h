/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Markers that public declarations carry: visibility, and that a result must be looked at. */
#ifndef IMGRECOG_EXPORT_H
#define IMGRECOG_EXPORT_H

#if defined(__GNUC__) || defined(__clang__)
#define IR_PUBLIC __attribute__((visibility("default")))
#define IR_MUST_CHECK __attribute__((warn_unused_result))
#define IR_PRINTF(format_index, first_index)                                                       \
    __attribute__((format(printf, format_index, first_index)))
#else
#define IR_PUBLIC
#define IR_MUST_CHECK
#define IR_PRINTF(format_index, first_index)
#endif

#endif
