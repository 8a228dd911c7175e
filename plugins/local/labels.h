/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which labels follow from what the recognisers found, in Rekognition's words. Only labels for
 * which there is evidence: Face, Head, Person, Text, Document, Barcode, QR Code, and in words of
 * our own what a code holds (core/aws/embedded.h).
 */
#ifndef PLUGINS_LOCAL_LABELS_H
#define PLUGINS_LOCAL_LABELS_H

#include <stdbool.h>
#include <stddef.h>

#include <imgrecog/geometry.h>

#include "plugins/local/evidence.h"

#define LABELS_MAX 16
#define LABEL_MAX_INSTANCES 100
#define LABEL_MAX_NAMES 3

struct label_instance {
    struct ir_box box;
    double confidence_pct;
};

struct label {
    const char *name;
    double confidence_pct;
    const char *parents[LABEL_MAX_NAMES]; /* ends with NULL unless full */
    const char *alias;                    /* NULL: none */
    const char *category;                 /* NULL: Rekognition's is not known */
    struct label_instance instances[LABEL_MAX_INSTANCES];
    int instance_count;
};

struct label_list {
    struct label items[LABELS_MAX]; /* most certain first */
    int count;
};

/* A label that may be derived. */
struct label_fact {
    const char *name;
    const char *category; /* as in struct label */
    unsigned looks;       /* the recognisers that it takes; LOOK_... */
};
/* NULL when `fact_index` is past the last. */
const struct label_fact *labels_fact(size_t fact_index);

void labels_derive(const struct evidence *evidence, struct label_list *out);

#endif
