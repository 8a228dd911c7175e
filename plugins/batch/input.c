/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns reading of files and the choice whether a file can be sent as it is. A file is read, not
 * mapped: one that another program cuts off meanwhile would end us by SIGBUS.
 *
 * ImageMagick is told the kind of the picture, as its first bytes say it: left to guess, it would
 * also run scripts and drawing commands that call themselves a picture.
 */
#include "plugins/batch/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <imgrecog/fetch.h>
#include <imgrecog/geometry.h>

#include "plugins/common/fail.h"
#include "plugins/common/magick_error.h"
#include "plugins/common/magick_outgoing.h"

#define FIRST_READ_BYTES (64UL << 10)
#define LISTEN_MS 100

/* ---- reading ----------------------------------------------------------------------------- */

struct bytes {
    unsigned char *data;
    size_t count;
    size_t capacity;
};

static int fail_read(struct ir_error *err)
{
    return common_fail(err, IR_ERR_ARG, "Check the name and the permissions.",
                       "it cannot be read: %s", strerror(errno));
}

/* Room for more bytes; IR_ERR_TOO_LARGE over the limit. */
static int grow(struct bytes *bytes, struct ir_error *err)
{
    size_t wanted = bytes->capacity > 0 ? bytes->capacity * 2 : FIRST_READ_BYTES;
    unsigned char *moved;

    if (bytes->count < bytes->capacity)
        return 0;
    if (bytes->capacity >= INPUT_MAX_FILE_BYTES)
        return common_fail(err, IR_ERR_TOO_LARGE, "Use a smaller file.",
                           "it has more than 512 MiB");
    moved = realloc(bytes->data, wanted);
    if (moved == NULL)
        return common_fail_nomem(err);
    bytes->data = moved;
    bytes->capacity = wanted;
    return 0;
}

static int fail_cancelled(struct ir_error *err)
{
    return common_fail(err, IR_ERR_CANCELLED, "", "it was cancelled while it was read");
}

/* A pipe or a terminal may have nothing for long: the cancel token is looked at meanwhile. */
static int read_all(int file, const struct ir_cancel *cancel, struct bytes *out,
                    struct ir_error *err)
{
    struct pollfd ready = {.fd = file, .events = POLLIN};

    for (;;) {
        int rc = ir_cancel_is_set(cancel) ? fail_cancelled(err) : grow(out, err);
        ssize_t n;

        if (rc != 0)
            return rc;
        /* Interrupted by the very signal that cancels, too: then reading would wait for ever. */
        if (poll(&ready, 1, LISTEN_MS) <= 0)
            continue;
        n = read(file, out->data + out->count, out->capacity - out->count);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_read(err);
        if (n == 0)
            return 0;
        out->count += (size_t)n;
    }
}

static int read_input(const char *name, const struct ir_cancel *cancel, struct bytes *out,
                      struct ir_error *err)
{
    bool is_stdin = strcmp(name, "-") == 0;
    struct stat status;
    int file = is_stdin ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int rc;

    if (file < 0)
        return ir_cancel_is_set(cancel) ? fail_cancelled(err) : fail_read(err);
    if (!is_stdin && fstat(file, &status) == 0 && S_ISDIR(status.st_mode))
        rc = common_fail(err, IR_ERR_ARG, "Name the pictures in it.", "it is a folder");
    else
        rc = read_all(file, cancel, out, err);
    if (!is_stdin)
        close(file);
    if (rc == 0 && out->count == 0)
        rc = common_fail(err, IR_ERR_ARG, "Check where it comes from.", "it is empty");
    return rc;
}

static int fetch_object(struct input *out, const struct session *session, const char *name,
                        struct bytes *bytes, struct ir_error *err)
{
    struct ir_fetch_options options = IR_FETCH_OPTIONS_INIT;
    struct ir_s3_uri uri;
    int rc = ir_s3_uri_parse(name, &uri, err);

    options.max_bytes = INPUT_MAX_FILE_BYTES;
    options.cancel = session->cancel;
    if (rc == 0)
        rc = ir_fetch(session->client, &uri, &options, &out->object, &bytes->count, err);
    bytes->data = out->object;
    return rc;
}

/* ---- what it is -------------------------------------------------------------------------- */

struct signature {
    size_t offset;
    const char *bytes;
    size_t count;
    const char *magick; /* ImageMagick's name of the kind */
};

#define SIGNATURE(offset, text, magick) {offset, text, sizeof(text) - 1, magick}

static const struct signature signatures[] = {
    SIGNATURE(0, "\xff\xd8\xff", "JPEG"),
    SIGNATURE(0, "\x89PNG\r\n\x1a\n", "PNG"),
    SIGNATURE(0, "II*\0", "TIFF"),
    SIGNATURE(0, "MM\0*", "TIFF"),
    SIGNATURE(8, "WEBP", "WEBP"),
    SIGNATURE(4, "ftypavif", "AVIF"),
    SIGNATURE(4, "ftypavis", "AVIF"),
    SIGNATURE(4, "ftypheic", "HEIC"),
    SIGNATURE(4, "ftypheix", "HEIC"),
    SIGNATURE(4, "ftyphevc", "HEIC"),
    SIGNATURE(4, "ftyphevx", "HEIC"),
    SIGNATURE(4, "ftypheim", "HEIC"),
    SIGNATURE(4, "ftypheis", "HEIC"),
    SIGNATURE(4, "ftypmif1", "HEIC"),
    SIGNATURE(4, "ftypmsf1", "HEIC"),
    SIGNATURE(0, "GIF8", "GIF"),
    SIGNATURE(0, "BM", "BMP"),
    SIGNATURE(0, "\xff\x0a", "JXL"),
    SIGNATURE(0, "\0\0\0\x0cJXL \r\n\x87\n", "JXL"),
    SIGNATURE(0, "\0\0\0\x0cjP  \r\n\x87\n", "JP2"),
    SIGNATURE(0, "8BPS", "PSD"),
};

static const char *kind_of(const struct bytes *bytes)
{
    for (size_t i = 0; bytes->data != NULL && i < sizeof signatures / sizeof signatures[0]; i++) {
        const struct signature *s = &signatures[i];

        if (bytes->count >= s->offset + s->count &&
            memcmp(bytes->data + s->offset, s->bytes, s->count) == 0)
            return s->magick;
    }
    return NULL;
}

/* ---- as a picture ------------------------------------------------------------------------ */

/* Sets out->picture where the file can be sent as it is. */
static int try_file(struct input *out, const struct bytes *bytes, const char *name,
                    const struct encode_limits *limits, struct ir_error *err)
{
    struct ir_picture_info info;
    struct ir_picture *picture = NULL;
    int rc;

    if (ir_picture_probe(bytes->data, bytes->count, &info, NULL) != 0)
        return 0;
    /* CMYK is not everybody's, and what an alpha of 0 hides must not leave the machine. */
    if (info.channels != 1 && info.channels != 3)
        return 0;
    if (info.width_px > limits->max_side_px || info.height_px > limits->max_side_px ||
        (limits->upright && info.orientation != 1))
        return 0;
    rc = ir_picture_new(bytes->data, bytes->count, name, &picture, err);
    if (rc == 0 && ir_picture_sent_bytes(picture) <= limits->max_bytes)
        out->picture = picture;
    else
        ir_picture_free(picture);
    return rc == IR_ERR_ARG ? 0 : rc;
}

static int make_picture(struct input *out, Image *image, const char *name,
                        const struct encode_limits *limits, struct ir_error *err)
{
    struct outgoing outgoing;
    int rc;

    (void)CopyMagickString(image->magick_filename, name, MagickPathExtent); /* for the document */
    image->taint = MagickTrue; /* the file's own bytes have been judged unfit */
    rc = outgoing_init(&outgoing, image, limits, err);
    if (rc != 0)
        return rc;
    out->picture = outgoing.picture;
    out->encoded = outgoing.bytes;
    return 0;
}

/*
 * libjpeg scales by eighths while it decodes, down to no less than is sent: a tenth of the time and
 * memory for a large photograph. (Up as well, so the hint is given for large ones only.)
 */
static bool hint_size(ImageInfo *info, const struct ir_picture_info *jpeg,
                      const struct encode_limits *limits)
{
    char size[32];

    if (jpeg->width_px <= limits->max_side_px && jpeg->height_px <= limits->max_side_px)
        return false;
    (void)FormatLocaleString(size, sizeof size, "%dx%d", limits->max_side_px, limits->max_side_px);
    (void)SetImageOption(info, "jpeg:size", size);
    return true;
}

static int convert(struct input *out, const struct bytes *bytes, const char *kind, const char *name,
                   const struct encode_limits *limits, struct ir_error *err)
{
    ExceptionInfo *exception = AcquireExceptionInfo();
    ImageInfo *info = AcquireImageInfo();
    struct ir_picture_info known;
    bool is_scaled = false;
    Image *image;
    int rc;

    (void)CopyMagickString(info->magick, kind, MagickPathExtent);
    (void)FormatLocaleString(info->filename, MagickPathExtent, "%s:", kind);
    (void)CloneString(&info->scenes, "0");
    info->number_scenes = 1;
    if (ir_picture_probe(bytes->data, bytes->count, &known, NULL) == 0)
        is_scaled = hint_size(info, &known, limits);
    image = BlobToImage(info, bytes->data, bytes->count, exception);
    if (image == NULL)
        rc = fail_magick(exception, "read the picture", err);
    else
        rc = make_picture(out, image, name, limits, err);
    if (rc == 0 && is_scaled) {
        bool swaps = ir_orientation_swaps_axes(known.orientation);

        ir_picture_set_original(out->picture, swaps ? known.height_px : known.width_px,
                                swaps ? known.width_px : known.height_px, known.orientation);
    }
    if (rc == 0)
        ir_picture_set_original_file(out->picture, bytes->data, bytes->count);
    if (image != NULL)
        DestroyImageList(image);
    DestroyImageInfo(info);
    DestroyExceptionInfo(exception);
    return rc;
}

int input_init(struct input *out, const struct session *session, const char *name,
               const struct encode_limits *limits, struct ir_error *err)
{
    struct bytes bytes = {0};
    const char *kind;
    int rc;

    *out = (struct input){0};
    if (strncmp(name, "s3://", strlen("s3://")) == 0) {
        rc = fetch_object(out, session, name, &bytes, err);
    } else {
        rc = read_input(name, session->cancel, &bytes, err);
        out->bytes = bytes.data;
    }
    if (rc != 0)
        return rc;
    out->file = bytes.data;
    out->file_bytes = bytes.count;
    kind = kind_of(&bytes);
    out->is_other = kind == NULL;
    if (kind == NULL)
        return common_fail(err, IR_ERR_ARG, "Convert it first, for example: magick FILE out.jpg",
                           "it is not a picture of a kind that is known here");
    rc = try_file(out, &bytes, name, limits, err);
    if (rc == 0 && out->picture == NULL)
        rc = convert(out, &bytes, kind, name, limits, err);
    return rc;
}

void input_release(struct input *input)
{
    ir_picture_free(input->picture);
    free(input->encoded);
    free(input->bytes);
    ir_free(input->object);
    *input = (struct input){0};
}
