/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fills in what every document says of its picture. */
#include "core/task/document.h"

#include "core/base/digest.h"
#include "core/base/error.h"

static int fill(struct ir_result *result, const struct ir_client *client,
                const struct ir_service *service, const struct ir_picture *picture, bool sha256,
                struct ir_error *err)
{
    struct ir_result_image *image = &result->image;
    image->width_px = picture->upright_width_px;
    image->height_px = picture->upright_height_px;
    image->orientation = picture->orientation;
    image->sent_bytes = picture->sent_bytes;
    image->sent_width_px = picture->info.width_px;
    image->sent_height_px = picture->info.height_px;
    image->sent_media_type = picture->info.media_type;
    if (ir_result_set_text(&image->source, picture->source) != 0 ||
        ir_result_set_text(&result->endpoint, ir_client_endpoint_of(client, service)) != 0)
        return ir_fail_nomem(err);
    /* A stand-in's answer must not be taken for Rekognition's. */
    result->source =
        ir_endpoint_is_embedded(client->aws.endpoint_setting) ? "local" : "rekognition";
    if (!sha256)
        return 0;
    unsigned char hash[IR_SHA256_BYTES];
    if (ir_sha256_once(picture->data, picture->data_bytes, hash) != 0)
        return ir_fail_nomem(err);
    ir_hex(hash, sizeof hash, image->sha256_hex);
    return 0;
}

int ir_document_new(const struct ir_client *client, const struct ir_service *service,
                    const struct ir_picture *picture, bool sha256, struct ir_result **out,
                    struct ir_error *err)
{
    struct ir_result *result = ir_result_new();
    if (result == NULL)
        return ir_fail_nomem(err);
    int rc = fill(result, client, service, picture, sha256, err);
    if (rc == 0)
        *out = result;
    else
        ir_result_free(result);
    return rc;
}
