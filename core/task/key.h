/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Key templates, filled in from what is known of a file; the public half is imgrecog/key.h. */
#ifndef CORE_TASK_KEY_H
#define CORE_TASK_KEY_H

#include <imgrecog/key.h>

#include "core/task/exif.h"

struct ir_key_facts {
    const char
        *name; /* of the file, without folders; its ending is what stands behind the last '.' */
    const char *media_type;            /* names the ending where the name has none */
    const char *sha256_hex;            /* NULL = not reckoned, since the template has none */
    char date[IR_EXIF_DATE_CHARS + 1]; /* "YYYYMMDDHHMMSS" */
};

/* Whether the template wants the content's hash. */
bool ir_key_has_hash(const char *template);

/* Codes of ir_key_of_file. `out` is untouched on failure. */
IR_MUST_CHECK int ir_key_expand(const char *template, const struct ir_key_facts *facts,
                                char out[IR_KEY_BYTES], struct ir_error *err);

#endif
