/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vocabulary files, whatever stands in them: every term is found by its name, and has an end above.
 */
#include "tests/fuzz/fuzz.h"

#include "core/task/vocabulary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct ir_vocabulary *vocabulary = NULL;
    if (bytes > FUZZ_MAX_BYTES)
        return 0;
    char *text = malloc(bytes + 1); /* of its own, so that a sanitizer sees its end */
    FUZZ_CHECK(text != NULL);
    memcpy(text, data, bytes);
    int rc = ir_vocabulary_new(text, bytes, "words", &vocabulary, NULL);
    FUZZ_CHECK((rc == 0) == (vocabulary != NULL) && (rc == 0 || rc == IR_ERR_ARG));
    const char *name;
    for (size_t term = 1;
         vocabulary != NULL && (name = ir_vocabulary_name(vocabulary, term, NULL)) != NULL;
         term++) {
        size_t depth = 0;
        FUZZ_CHECK(ir_vocabulary_find(vocabulary, name) == term);
        for (size_t at = term; at != 0; at = ir_vocabulary_parent(vocabulary, at))
            FUZZ_CHECK(depth++ < IR_VOCABULARY_MAX_DEPTH);
        (void)ir_vocabulary_name(vocabulary, term, "ko");
    }
    ir_vocabulary_free(vocabulary);
    free(text);
    return 0;
}
