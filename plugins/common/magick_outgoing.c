/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the choice between a file's own bytes and an encoding, and the conversion of any image to
 * upright 8-bit sRGB over white. Draws nothing, calls no service.
 *
 * Facts relied on (seen with 7.1.1-43):
 * - `taint` is set by whatever writes pixels; IsTaintImage is of no use here, since it also
 * compares the names of all images of the list. What changes only a colour map or the meaning of
 * pixels
 *   (-solarize, -set colorspace, -alpha off) does not set it, so palettes, gray, alpha and other
 *   colour spaces are always encoded.
 * - `extent` is the size of the file as it was read and outlives -auto-orient of an upright
 * picture, where GetBlobSize becomes 0.
 * - -strip and +profile set no taint: for an upload, which keeps the metadata, what the file holds
 * is read anew and compared. PNG's texts and EXIF stand behind the pixels often, where a ping does
 *   not come to.
 * - `magick_filename` is what the user wrote, so it names no file when there is a [0] at its end;
 *   a leading format ("jpeg:") is part of it.
 */
#include "plugins/common/magick_outgoing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "imgrecog/geometry.h"
#include "plugins/common/fail.h"
#include "plugins/common/magick_error.h"
#include "plugins/common/magick_metadata.h"
#include "plugins/common/magick_replace.h"

/* Files above this are encoded: what is left without metadata could hardly be under the limit. */
#define ORIGINAL_MAX_FILE_BYTES (16UL << 20)

int outgoing_orientation(const Image *image)
{
    int orientation = (int)image->orientation;

    return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

int outgoing_inverse(int orientation)
{
    if (orientation == LeftBottomOrientation)
        return RightTopOrientation;
    return orientation == RightTopOrientation ? LeftBottomOrientation : orientation;
}

static bool is_untouched(const Image *image, size_t max_bytes)
{
    return image->taint == MagickFalse && image->storage_class == DirectClass &&
           image->colorspace == sRGBColorspace && image->alpha_trait == UndefinedPixelTrait &&
           image->depth <= 8 && image->extent > 0 && image->extent <= max_bytes;
}

/* The path of the file that the image was read from, or NULL where it is not a plain file name. */
static const char *source_path(const Image *image)
{
    const char *name = image->magick_filename;
    size_t format_bytes = strlen(image->magick);

    if (name[0] == '\0' || strcmp(name, "-") == 0)
        return NULL;
    if (format_bytes > 0 && LocaleNCompare(name, image->magick, format_bytes) == 0 &&
        name[format_bytes] == ':')
        name += format_bytes + 1;
    return name;
}

/*
 * True when `file` is a plain file of the size that was read, and was not written since. Whole
 * seconds, as ImageMagick keeps them.
 */
static bool is_file_as_read(int file, const Image *image)
{
    struct stat status;

    return fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
           (MagickSizeType)status.st_size == image->extent &&
           status.st_mtim.tv_sec <= image->timestamp;
}

/* All `bytes_wanted` bytes of `file`, to be freed; NULL when it has fewer or memory has run out. */
static unsigned char *read_bytes(int file, size_t bytes_wanted)
{
    unsigned char *bytes = malloc(bytes_wanted);
    size_t bytes_read = 0;

    while (bytes != NULL && bytes_read < bytes_wanted) {
        ssize_t n = read(file, bytes + bytes_read, bytes_wanted - bytes_read);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        bytes_read += (size_t)n;
    }
    if (bytes_read == bytes_wanted)
        return bytes;
    free(bytes);
    return NULL;
}

/*
 * The file's bytes, when nothing speaks against sending them as they are; else NULL. They are read,
 * not mapped: a file that another program cuts off meanwhile would end the host by SIGBUS, and
 * reading costs a hundredth of hashing.
 */
static unsigned char *original_bytes(const Image *image, size_t max_bytes)
{
    const char *path = is_untouched(image, max_bytes) ? source_path(image) : NULL;
    struct ir_picture_info info;
    unsigned char *bytes = NULL;
    int file;

    if (path == NULL)
        return NULL;
    file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0)
        return NULL;
    if (is_file_as_read(file, image))
        bytes = read_bytes(file, (size_t)image->extent);
    close(file);
    if (bytes != NULL && ir_picture_probe(bytes, (size_t)image->extent, &info, NULL) == 0 &&
        (size_t)info.width_px == image->columns && (size_t)info.height_px == image->rows &&
        info.orientation == outgoing_orientation(image))
        return bytes;
    free(bytes);
    return NULL;
}

static bool is_within_limits(const struct ir_picture *picture, const Image *image,
                             const struct encode_limits *limits)
{
    size_t max_side_px = (size_t)limits->max_side_px;

    return ir_picture_sent_bytes(picture) <= limits->max_bytes && image->columns <= max_side_px &&
           image->rows <= max_side_px;
}

/* Leaves `out` empty when the original cannot be sent. */
static int try_original(struct outgoing *out, const Image *image,
                        const struct encode_limits *limits, struct ir_error *err)
{
    struct ir_picture *picture = NULL;
    unsigned char *bytes;
    int rc;

    if (limits->upright && outgoing_orientation(image) != 1)
        return 0;
    bytes = original_bytes(image, ORIGINAL_MAX_FILE_BYTES);
    if (bytes == NULL)
        return 0;
    rc = ir_picture_new(bytes, (size_t)image->extent, image->magick_filename, &picture, err);
    if (rc == IR_ERR_ARG) /* damaged where ImageMagick was lenient: what it decoded is encoded */
        rc = 0;
    if (picture != NULL && is_within_limits(picture, image, limits)) {
        out->picture = picture;
        out->bytes = bytes;
        out->byte_count = (size_t)image->extent;
        return 0;
    }
    ir_picture_free(picture);
    free(bytes);
    return rc;
}

static bool is_srgb_like(const Image *image)
{
    return image->colorspace == sRGBColorspace || image->colorspace == GRAYColorspace;
}

/* Over white; what an alpha of 0 hides must not leave the machine. */
static bool flatten(Image *image, ExceptionInfo *exception)
{
    if (image->alpha_trait == UndefinedPixelTrait)
        return true;
    return QueryColorCompliance("white", AllCompliance, &image->background_color, exception) !=
               MagickFalse &&
           SetImageAlphaChannel(image, RemoveAlphaChannel, exception) != MagickFalse;
}

/* A copy of `image` as stored, of this size; the caller's is not changed. */
static Image *copy_scaled(const Image *image, size_t width_px, size_t height_px,
                          ExceptionInfo *exception)
{
    if (width_px == image->columns && height_px == image->rows)
        return CloneImage(image, 0, 0, MagickTrue, exception);
    return ResizeImage(image, width_px, height_px, BoxFilter, exception);
}

/* What encode_jpeg hands back to fetch_rgb. */
struct fetch_host {
    const Image *image;
};

/* encode_fetch_fn */
static int fetch_rgb(void *host, int width_px, int height_px, unsigned char *rgb,
                     struct ir_error *err)
{
    const Image *image = ((struct fetch_host *)host)->image;
    int orientation = outgoing_orientation(image);
    bool swaps = ir_orientation_swaps_axes(orientation);
    ExceptionInfo *exception = AcquireExceptionInfo();
    Image *copy = copy_scaled(image, (size_t)(swaps ? height_px : width_px),
                              (size_t)(swaps ? width_px : height_px), exception);
    bool ok = copy != NULL;
    int rc = 0;

    if (ok && !is_srgb_like(copy))
        ok = TransformImageColorspace(copy, sRGBColorspace, exception) != MagickFalse;
    ok = ok && flatten(copy, exception);
    if (ok && orientation != 1)
        ok = magick_replace(&copy, AutoOrientImage(copy, (OrientationType)orientation, exception));
    ok = ok && ExportImagePixels(copy, 0, 0, (size_t)width_px, (size_t)height_px, "RGB", CharPixel,
                                 rgb, exception) != MagickFalse;
    if (!ok)
        rc = fail_magick(exception, "convert the picture for sending", err);
    if (copy != NULL)
        DestroyImage(copy);
    DestroyExceptionInfo(exception);
    return rc;
}

static int encode(struct outgoing *out, const Image *image, const struct encode_limits *limits,
                  struct ir_error *err)
{
    int orientation = outgoing_orientation(image);
    bool swaps = ir_orientation_swaps_axes(orientation);
    int width_px = (int)(swaps ? image->rows : image->columns);
    int height_px = (int)(swaps ? image->columns : image->rows);
    struct fetch_host host = {image};
    size_t jpeg_bytes = 0;
    int rc;

    rc = encode_jpeg(width_px, height_px, limits, fetch_rgb, &host, &out->bytes, &jpeg_bytes, err);
    if (rc != 0)
        return rc;
    out->byte_count = jpeg_bytes;
    rc = ir_picture_new(out->bytes, jpeg_bytes, image->magick_filename, &out->picture, err);
    if (rc == 0)
        ir_picture_set_original(out->picture, width_px, height_px, orientation);
    return rc;
}

int outgoing_init(struct outgoing *out, const Image *image, const struct encode_limits *limits,
                  struct ir_error *err)
{
    int rc;

    memset(out, 0, sizeof *out);
    rc = try_original(out, image, limits, err);
    if (rc == 0 && out->picture == NULL)
        rc = encode(out, image, limits, err);
    if (rc != 0)
        outgoing_release(out);
    return rc;
}

/* The file read anew, without settings of any command; NULL when that fails. */
static Image *read_file(const Image *image, const unsigned char *bytes)
{
    ImageInfo *info = AcquireImageInfo();
    ExceptionInfo *exception = AcquireExceptionInfo();
    size_t byte_count = (size_t)image->extent;
    bool is_jpeg = bytes[0] == 0xff;
    Image *file;

    (void)CopyMagickString(info->magick, is_jpeg ? "JPEG" : "PNG", sizeof info->magick);
    file = is_jpeg ? PingBlob(info, bytes, byte_count, exception)
                   : BlobToImage(info, bytes, byte_count, exception);
    DestroyExceptionInfo(exception);
    DestroyImageInfo(info);
    return file;
}

/* After -strip a file is never taken: it may hold what ImageMagick has not read at all. */
static bool has_metadata_of(const Image *image, const unsigned char *bytes)
{
    Image *file = magick_leaves_texts_out(image) ? NULL : read_file(image, bytes);
    bool is_same = file != NULL && magick_has_same_metadata(image, file);

    if (file != NULL)
        DestroyImageList(file);
    return is_same;
}

unsigned char *outgoing_file(const Image *image, size_t max_bytes, size_t *out_bytes)
{
    unsigned char *bytes = original_bytes(image, max_bytes);

    *out_bytes = (size_t)image->extent;
    if (bytes == NULL || has_metadata_of(image, bytes))
        return bytes;
    free(bytes);
    return NULL;
}

void outgoing_release(struct outgoing *outgoing)
{
    ir_picture_free(outgoing->picture);
    free(outgoing->bytes);
    memset(outgoing, 0, sizeof *outgoing);
}
