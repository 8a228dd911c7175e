/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that call themselves JPEG or PNG: what is read of them, and what is sent of them. */
#include "tests/fuzz/fuzz.h"

#include <imgrecog/picture.h>

#include "core/task/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char date[IR_EXIF_DATE_CHARS + 1] = "untouched";
    struct ir_picture_info info;
    struct ir_picture *picture = NULL;
    if (bytes > FUZZ_MAX_BYTES)
        return 0;
    if (ir_picture_captured(data, bytes, date))
        FUZZ_CHECK(strlen(date) == IR_EXIF_DATE_CHARS &&
                   strspn(date, "0123456789") == IR_EXIF_DATE_CHARS);
    else
        FUZZ_CHECK(!strcmp(date, "untouched"));
    bool is_known = ir_picture_probe(data, bytes, &info, NULL) == 0;
    if (ir_picture_new(data, bytes, "x", &picture, NULL) == 0) {
        FUZZ_CHECK(is_known && info.width_px > 0 && info.height_px > 0);
        FUZZ_CHECK(info.orientation >= 1 && info.orientation <= 8);
        FUZZ_CHECK(ir_picture_sent_bytes(picture) <= bytes + IR_PICTURE_EXIF_BYTES);
        for (size_t i = 0; i < picture->span_count; i++) {
            const unsigned char *span = picture->spans[i].data;
            bool is_own = span == picture->exif;
            FUZZ_CHECK(is_own || (span >= data && span + picture->spans[i].bytes <= data + bytes));
        }
    }
    ir_picture_free(picture);
    return 0;
}
