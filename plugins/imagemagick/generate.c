/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns what of an image goes to a model that makes pictures, and how what comes is laid into it.
 *
 *   one colour      -> words alone            -> replaces it
 *   transparent     -> picture over white and a mask (white where anything shines through)
 *                                             -> lies under it
 *   else            -> picture                -> replaces it
 *
 * What comes is sRGB and opaque. An image that is replaced becomes sRGB without a colour profile;
 * one that is painted keeps its colour space. Models see upright pictures: what comes is turned to
 * how the image is stored.
 */
#include "plugins/imagemagick/generate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <imgrecog/generate.h>

#include "plugins/common/fail.h"
#include "plugins/common/magick_error.h"
#include "plugins/common/magick_outgoing.h"
#include "plugins/common/magick_replace.h"
#include "plugins/common/metadata_write.h"
#include "plugins/common/pool.h"
#include "plugins/imagemagick/ink.h"

enum use { USE_CANVAS, USE_PICTURE, USE_TRANSPARENCY };

/* What is sent. */
struct inputs {
    struct outgoing picture;
    struct ir_picture *mask;
    void *mask_png; /* ImageMagick's memory */
};

static void inputs_release(struct inputs *inputs)
{
    ir_picture_free(inputs->mask);
    RelinquishMagickMemory(inputs->mask_png);
    outgoing_release(&inputs->picture);
}

/* ---- what the image is ------------------------------------------------------------------- */

/* True when all pixels of `row` are the one at `first`. */
static bool is_uniform_row(const Image *image, const Quantum *row, const Quantum *first)
{
    size_t channels = GetPixelChannels(image);

    for (size_t x = 0; x < image->columns; x++, row += channels)
        if (memcmp(row, first, channels * sizeof *row) != 0)
            return false;
    return true;
}

static bool has_transparent_pixel(const Image *image, const Quantum *row)
{
    for (size_t x = 0; x < image->columns; x++, row += GetPixelChannels(image))
        if (GetPixelAlpha(image, row) != OpaqueAlpha)
            return true;
    return false;
}

static int find_use(const Image *image, enum use *out, struct ir_error *err)
{
    ExceptionInfo *exception = AcquireExceptionInfo();
    CacheView *view = AcquireVirtualCacheView(image, exception);
    size_t pixel_bytes = GetPixelChannels(image) * sizeof(Quantum);
    Quantum *first = malloc(pixel_bytes);
    bool is_uniform = true;
    bool is_transparent = false;
    bool ok = first != NULL;

    for (size_t y = 0; ok && (is_uniform || !is_transparent) && y < image->rows; y++) {
        const Quantum *row =
            GetCacheViewVirtualPixels(view, 0, (ssize_t)y, image->columns, 1, exception);

        ok = row != NULL;
        if (ok && y == 0)
            memcpy(first, row, pixel_bytes);
        is_uniform = ok && is_uniform && is_uniform_row(image, row, first);
        if (ok && !is_transparent && image->alpha_trait != UndefinedPixelTrait)
            is_transparent = has_transparent_pixel(image, row);
        if (image->alpha_trait == UndefinedPixelTrait && !is_uniform)
            break;
    }
    *out = is_uniform ? USE_CANVAS : is_transparent ? USE_TRANSPARENCY : USE_PICTURE;
    free(first);
    DestroyCacheView(view);
    int rc = ok ? 0 : fail_magick(exception, "read the picture", err);
    DestroyExceptionInfo(exception);
    return rc;
}

/* ---- what is sent ------------------------------------------------------------------------ */

/* An upright gray image of this size, white where `image` is not opaque; NULL on failure. */
static Image *make_mask(const Image *image, size_t width_px, size_t height_px,
                        ExceptionInfo *exception)
{
    Image *mask = CloneImage(image, 0, 0, MagickTrue, exception);
    OrientationType orientation = (OrientationType)outgoing_orientation(image);
    bool ok = mask != NULL;

    ok = ok && StripImage(mask, exception) != MagickFalse;
    ok = ok && SetImageAlphaChannel(mask, ExtractAlphaChannel, exception) != MagickFalse;
    ok = ok && SetImageAlphaChannel(mask, OffAlphaChannel, exception) != MagickFalse;
    ok = ok && NegateImage(mask, MagickFalse, exception) != MagickFalse;
    ok = ok && magick_replace(&mask, AutoOrientImage(mask, orientation, exception));
    ok = ok && magick_replace(&mask, ResizeImage(mask, width_px, height_px, BoxFilter, exception));
    ok = ok && BilevelImage(mask, 0.0, exception) != MagickFalse;
    ok = ok && SetImageDepth(mask, 8, exception) != MagickFalse;
    if (!ok && mask != NULL)
        mask = DestroyImage(mask);
    return mask;
}

static int encode_mask(const Image *image, struct inputs *inputs, struct ir_error *err)
{
    struct ir_picture_info info;
    ExceptionInfo *exception;
    ImageInfo *image_info;
    Image *mask;
    size_t bytes = 0;
    int rc = ir_picture_probe(inputs->picture.bytes, inputs->picture.byte_count, &info, err);

    if (rc != 0)
        return rc;
    exception = AcquireExceptionInfo();
    image_info = AcquireImageInfo();
    mask = make_mask(image, (size_t)info.width_px, (size_t)info.height_px, exception);
    if (mask != NULL) {
        snprintf(mask->magick, sizeof mask->magick, "PNG");
        snprintf(image_info->magick, sizeof image_info->magick, "PNG");
        inputs->mask_png = ImageToBlob(image_info, mask, &bytes, exception);
        DestroyImage(mask);
    }
    if (inputs->mask_png == NULL)
        rc = fail_magick(exception, "make the mask of the transparent part", err);
    else
        rc = ir_picture_new(inputs->mask_png, bytes, "mask", &inputs->mask, err);
    DestroyImageInfo(image_info);
    DestroyExceptionInfo(exception);
    return rc;
}

static int encode_inputs(const struct work *work, const Image *image, enum use use,
                         struct inputs *inputs, struct ir_error *err)
{
    int rc = 0;

    if (use == USE_CANVAS)
        return 0;
    pool_take_turn(work->encoders);
    rc = outgoing_init(&inputs->picture, image, &encode_limits_generate, err);
    if (rc == 0 && use == USE_TRANSPARENCY)
        rc = encode_mask(image, inputs, err);
    sem_post(work->encoders);
    return rc;
}

/* ---- what comes -------------------------------------------------------------------------- */

static Image *decode(const struct ir_generated_picture *generated, ExceptionInfo *exception)
{
    ImageInfo *info = AcquireImageInfo();
    Image *made;

    /* Its kind is known: left to guess, ImageMagick would also run scripts. */
    snprintf(info->magick, sizeof info->magick, "PNG");
    snprintf(info->filename, sizeof info->filename, "png:");
    made = BlobToImage(info, generated->data, generated->data_bytes, exception);
    DestroyImageInfo(info);
    return made;
}

/* Scales `*made` until it covers width_px x height_px, and cuts it at the middle. */
static bool cover(Image **made, size_t width_px, size_t height_px, ExceptionInfo *exception)
{
    double scale = fmax((double)width_px / (double)(*made)->columns,
                        (double)height_px / (double)(*made)->rows);
    size_t wide_px = (size_t)fmax(round((double)(*made)->columns * scale), (double)width_px);
    size_t high_px = (size_t)fmax(round((double)(*made)->rows * scale), (double)height_px);
    RectangleInfo area = {width_px, height_px, (ssize_t)(wide_px - width_px) / 2,
                          (ssize_t)(high_px - height_px) / 2};

    if ((wide_px != (*made)->columns || high_px != (*made)->rows) &&
        !magick_replace(made, ResizeImage(*made, wide_px, high_px, LanczosFilter, exception)))
        return false;
    if (wide_px == width_px && high_px == height_px)
        return true;
    return magick_replace(made, ExcerptImage(*made, &area, exception));
}

/* The picture that came as it is to lie on `image`: turned, scaled, cut, in that colour space. */
static Image *prepare(const Image *image, const struct ir_generated_picture *generated,
                      ColorspaceType space, ExceptionInfo *exception)
{
    Image *made = decode(generated, exception);
    bool ok = made != NULL;

    ok = ok && SetImageStorageClass(made, DirectClass, exception) != MagickFalse;
    ok = ok && TransformImageColorspace(made, sRGBColorspace, exception) != MagickFalse;
    ok = ok && magick_replace(
                   &made, AutoOrientImage(
                              made, (OrientationType)outgoing_inverse(outgoing_orientation(image)),
                              exception));
    ok = ok && cover(&made, image->columns, image->rows, exception);
    if (ok && space != sRGBColorspace)
        ok = TransformImageColorspace(made, space, exception) != MagickFalse;
    if (!ok && made != NULL)
        made = DestroyImage(made);
    return made;
}

/* One pixel of the image over the opaque one below it. */
static void lay_over(const Image *image, const Image *made, const Quantum *below, Quantum *pixel)
{
    static const PixelChannel channels[] = {RedPixelChannel, GreenPixelChannel, BluePixelChannel,
                                            BlackPixelChannel};
    bool has_alpha = image->alpha_trait != UndefinedPixelTrait;
    double kept = has_alpha ? (double)GetPixelAlpha(image, pixel) / (double)QuantumRange : 0.0;

    if (kept >= 1.0)
        return;
    for (size_t i = 0; i < sizeof channels / sizeof channels[0]; i++) {
        double under = (double)GetPixelChannel(made, channels[i], below);
        double over = (double)GetPixelChannel(image, channels[i], pixel);

        if (GetPixelChannelTraits(image, channels[i]) != UndefinedPixelTrait)
            SetPixelChannel(image, channels[i], ClampToQuantum(over * kept + under * (1.0 - kept)),
                            pixel);
    }
    SetPixelAlpha(image, OpaqueAlpha, pixel);
}

/* Lays the image over `made`, of its size and colour space. Without alpha it is all covered up. */
static bool lay_under(Image *image, const Image *made, ExceptionInfo *exception)
{
    CacheView *below = AcquireVirtualCacheView(made, exception);
    CacheView *view = AcquireAuthenticCacheView(image, exception);
    bool ok = true;

    for (size_t y = 0; ok && y < image->rows; y++) {
        const Quantum *p =
            GetCacheViewVirtualPixels(below, 0, (ssize_t)y, image->columns, 1, exception);
        Quantum *q = GetCacheViewAuthenticPixels(view, 0, (ssize_t)y, image->columns, 1, exception);

        ok = p != NULL && q != NULL;
        for (size_t x = 0; ok && x < image->columns; x++) {
            lay_over(image, made, p, q);
            p += GetPixelChannels(made);
            q += GetPixelChannels(image);
        }
        ok = ok && SyncCacheViewAuthenticPixels(view, exception) != MagickFalse;
    }
    DestroyCacheView(view);
    DestroyCacheView(below);
    return ok;
}

/* Makes the image one whose pixels all are to be replaced: opaque sRGB of 8 bits, as what comes. */
static bool clear(Image *image, ExceptionInfo *exception)
{
    image->alpha_trait = UndefinedPixelTrait;
    image->type = UndefinedType;
    image->depth = 8;
    (void)DeleteImageProfile(image, "icc");
    return SetImageStorageClass(image, DirectClass, exception) != MagickFalse &&
           SetImageColorspace(image, sRGBColorspace, exception) != MagickFalse;
}

static int lay_in(Image *image, enum use use, const struct ir_generated_picture *generated,
                  struct ir_error *err)
{
    ExceptionInfo *exception = AcquireExceptionInfo();
    bool is_painted = use == USE_TRANSPARENCY;
    Image *made = NULL;
    bool ok = !is_painted || ink_make_room(image, exception);
    int rc = 0;

    if (ok)
        made =
            prepare(image, generated, is_painted ? image->colorspace : sRGBColorspace, exception);
    ok = made != NULL;
    ok = ok && (is_painted || clear(image, exception));
    ok = ok && lay_under(image, made, exception);
    ok = ok &&
         (!is_painted || SetImageAlphaChannel(image, OffAlphaChannel, exception) != MagickFalse);
    if (!ok)
        rc = fail_magick(exception, "lay the generated picture into this one", err);
    else if (GetImageProfile(made, "xmp") != NULL &&
             metadata_write_disclosure(image, made, err) != 0) /* XMP that nobody can read */
        rc = SetImageProfile(image, "xmp", GetImageProfile(made, "xmp"), exception) != MagickFalse
                 ? 0
                 : common_fail_nomem(err);
    if (made != NULL)
        DestroyImage(made);
    DestroyExceptionInfo(exception);
    return rc;
}

/* ---- the task ---------------------------------------------------------------------------- */

static struct ir_generate_options options_for(const struct work *work, const Image *image,
                                              enum use use, const struct inputs *inputs)
{
    const struct ir_settings *settings = work->arguments->settings;
    struct ir_generate_options options = ir_settings_generate_options(settings);
    bool swaps = ir_orientation_swaps_axes(outgoing_orientation(image));

    options.prompt = ir_settings_get(settings, "prompt");
    options.picture = inputs->picture.picture;
    options.mask = inputs->mask;
    options.cancel = work->cancel;
    if (use == USE_CANVAS && options.width_px == 0 && options.height_px == 0) {
        options.width_px = (unsigned)(swaps ? image->rows : image->columns);
        options.height_px = (unsigned)(swaps ? image->columns : image->rows);
    }
    return options;
}

int generate_on(const struct work *work, Image *image, struct ir_result **out, struct ir_error *err)
{
    struct inputs inputs = {0};
    struct ir_result *result = NULL;
    enum use use = USE_CANVAS;
    int rc = find_use(image, &use, err);

    if (rc == 0)
        rc = encode_inputs(work, image, use, &inputs, err);
    if (rc == 0) {
        struct ir_generate_options options = options_for(work, image, use, &inputs);

        rc = ir_generate(work->client, &options, &result, err);
    }
    inputs_release(&inputs);
    if (rc == 0 && ir_result_get_generated(result) != NULL) /* a dry run makes none */
        rc = lay_in(image, use, ir_result_get_generated(result), err);
    if (rc == 0)
        *out = result;
    else
        ir_result_free(result);
    return rc;
}
