/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bar codes and QR codes. Kinds whose check is weak (DataBar, interleaved 2 of 5) are off, because
 * a code that is not there is worse than one that is missed. ZBar gives no probability: a code with
 * a check digit or error correction that has come out right is taken as 99, others as 90.
 */
#include "plugins/local/codes.h"

#include <zbar.h>

#define CHECKED_PCT 99.0
#define UNCHECKED_PCT 90.0

static zbar_image_scanner_t *new_scanner(void)
{
    static const zbar_symbol_type_t off[] = {ZBAR_DATABAR, ZBAR_DATABAR_EXP, ZBAR_I25};
    zbar_image_scanner_t *scanner = zbar_image_scanner_create();
    if (scanner == NULL)
        return NULL;
    for (size_t i = 0; i < sizeof off / sizeof off[0]; i++)
        zbar_image_scanner_set_config(scanner, off[i], ZBAR_CFG_ENABLE, 0);
    return scanner;
}

static bool has_check(zbar_symbol_type_t type)
{
    return type != ZBAR_CODE39 && type != ZBAR_CODABAR;
}

/* The extent of the points that ZBar saw; at least one pixel. */
static bool extent(const zbar_symbol_t *symbol, const struct gray *gray, struct ir_box *out)
{
    unsigned points = zbar_symbol_get_loc_size(symbol);
    int left = gray->width_px;
    int top = gray->height_px;
    int right = 0;
    int bottom = 0;
    for (unsigned i = 0; i < points; i++) {
        int x = zbar_symbol_get_loc_x(symbol, i);
        int y = zbar_symbol_get_loc_y(symbol, i);
        left = x < left ? x : left;
        top = y < top ? y : top;
        right = x + 1 > right ? x + 1 : right;
        bottom = y + 1 > bottom ? y + 1 : bottom;
    }
    if (points == 0)
        return false;
    *out = (struct ir_box){(double)left / gray->width_px, (double)top / gray->height_px,
                           (double)(right - left) / gray->width_px,
                           (double)(bottom - top) / gray->height_px};
    return ir_box_clamp(out);
}

int codes_find(const struct gray *gray, struct code_list *out)
{
    int rc = IR_ERR_NOMEM;
    zbar_image_scanner_t *scanner = new_scanner();
    zbar_image_t *image = zbar_image_create();
    if (scanner == NULL || image == NULL)
        goto out;
    zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
    zbar_image_set_size(image, (unsigned)gray->width_px, (unsigned)gray->height_px);
    zbar_image_set_data(image, gray->pixels,
                        (unsigned long)gray->width_px * (unsigned long)gray->height_px, NULL);
    if (zbar_scan_image(scanner, image) < 0)
        goto out;
    out->count = 0;
    for (const zbar_symbol_t *symbol = zbar_image_first_symbol(image);
         symbol != NULL && out->count < CODES_MAX; symbol = zbar_symbol_next(symbol)) {
        zbar_symbol_type_t type = zbar_symbol_get_type(symbol);
        struct code code = {.qr = type == ZBAR_QRCODE || type == ZBAR_SQCODE,
                            .confidence_pct = has_check(type) ? CHECKED_PCT : UNCHECKED_PCT,
                            .payload = payload_tell(zbar_symbol_get_data(symbol),
                                                    zbar_symbol_get_data_length(symbol))};
        if (type == ZBAR_PARTIAL || !extent(symbol, gray, &code.box))
            continue;
        out->items[out->count++] = code;
    }
    rc = 0;
out:
    if (image != NULL)
        zbar_image_destroy(image);
    if (scanner != NULL)
        zbar_image_scanner_destroy(scanner);
    return rc;
}
