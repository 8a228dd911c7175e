/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels out of whatever a model or a function says. */
#include "tests/fuzz/fuzz.h"

#include <math.h>

#include "core/base/utf8.h"
#include "core/task/labels_read.h"

static void check_label(const struct ir_label *label)
{
    FUZZ_CHECK(*label->name != '\0' && strlen(label->name) <= IR_LABELS_READ_MAX_NAME_BYTES);
    FUZZ_CHECK(ir_utf8_is_valid(label->name, strlen(label->name)));
    FUZZ_CHECK(isnan(label->confidence_pct) ||
               (label->confidence_pct >= 0.0 && label->confidence_pct <= 100.0));
    if (!label->has_box)
        return;
    const struct ir_box *box = &label->box;
    FUZZ_CHECK(box->left_frac >= -1e-9 && box->top_frac >= -1e-9);
    FUZZ_CHECK(box->width_frac > 0.0 && box->left_frac + box->width_frac <= 1.0 + 1e-9);
    FUZZ_CHECK(box->height_frac > 0.0 && box->top_frac + box->height_frac <= 1.0 + 1e-9);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static const struct ir_labels_view view = {{1000, 500}, {2000, 1000}, {4000, 2000}};
    if (bytes > FUZZ_MAX_BYTES)
        return 0;
    char *text = malloc(bytes + 1); /* of its own, so that a sanitizer sees its end */
    FUZZ_CHECK(text != NULL);
    memcpy(text, data, bytes);
    text[bytes] = '\0';
    struct ir_result *result = ir_result_new();
    struct ir_error err = {0};
    FUZZ_CHECK(result != NULL);
    int rc = ir_labels_read(text, &view, "Bedrock", result, &err);
    FUZZ_CHECK(rc == 0 || (rc == IR_ERR_RESPONSE && err.maybe_served));
    for (size_t i = 0; i < ir_result_label_count(result); i++)
        check_label(ir_result_get_label(result, i));
    ir_result_free(result);
    free(text);
    return 0;
}
