/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the hidden image; see hidden.h. GIMP converts a layer that gets into an indexed image. */
#include "plugins/gimp/hidden.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/i18n.h"

#define MARK "imgrecog-hidden" /* a parasite that is not saved: the number of the process */
#define PID_BYTES 24

void hidden_mark(GimpImage *image)
{
    char pid[PID_BYTES];
    GimpParasite *parasite;

    g_snprintf(pid, sizeof pid, "%ld", (long)getpid());
    parasite = gimp_parasite_new(MARK, 0, (guint32)strlen(pid) + 1, pid);
    gimp_image_attach_parasite(image, parasite);
    gimp_parasite_free(parasite);
}

void hidden_unmark(GimpImage *image)
{
    gimp_image_detach_parasite(image, MARK);
}

/* A number that another process was given since hides a death until that has ended, too. */
static bool is_left(GimpImage *image)
{
    GimpParasite *parasite = gimp_image_get_parasite(image, MARK);
    guint32 bytes = 0;
    const char *data;
    long pid = 0;

    if (parasite == NULL)
        return false;
    data = gimp_parasite_get_data(parasite, &bytes);
    if (bytes > 0 && bytes <= PID_BYTES && data[bytes - 1] == '\0')
        pid = strtol(data, NULL, 10);
    gimp_parasite_free(parasite);
    return pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

void hidden_sweep(void)
{
    GimpImage **images = gimp_get_images();

    for (size_t i = 0; images != NULL && images[i] != NULL; i++) {
        if (is_left(images[i]))
            gimp_image_delete(images[i]);
    }
    g_free(images);
}

GimpImage *hidden_new(GimpImage *image)
{
    GimpImageBaseType base = gimp_image_get_base_type(image);
    GimpColorProfile *profile = gimp_image_get_color_profile(image);
    GimpImage *hidden = gimp_image_new_with_precision(
        gimp_image_get_width(image), gimp_image_get_height(image),
        base == GIMP_INDEXED ? GIMP_RGB : base, gimp_image_get_precision(image));

    if (hidden != NULL) {
        hidden_mark(hidden);
        gimp_image_undo_disable(hidden);
        if (profile != NULL)
            gimp_image_set_color_profile(hidden, profile);
    }
    g_clear_object(&profile);
    return hidden;
}

GimpImage *hidden_new_mask(GimpImage *image)
{
    GimpImage *hidden =
        gimp_image_new_with_precision(gimp_image_get_width(image), gimp_image_get_height(image),
                                      GIMP_GRAY, GIMP_PRECISION_U8_LINEAR);

    if (hidden != NULL) {
        hidden_mark(hidden);
        gimp_image_undo_disable(hidden);
    }
    return hidden;
}

GimpImageType hidden_layer_type(GimpImage *image)
{
    switch (gimp_image_get_base_type(image)) {
    case GIMP_GRAY:
        return GIMP_GRAYA_IMAGE;
    case GIMP_INDEXED:
        return GIMP_INDEXEDA_IMAGE;
    default:
        return GIMP_RGBA_IMAGE;
    }
}

int hidden_fail_refused(struct ir_error *err)
{
    return common_fail(err, IR_ERR_ARG, _("Anchor a floating selection first."), "%s",
                       _("GIMP refused a new layer."));
}

/* GIMP calls it a copy. */
GimpLayer *hidden_copy(GimpLayer *layer, GimpImage *image)
{
    GimpLayer *copy = gimp_layer_new_from_drawable(GIMP_DRAWABLE(layer), image);
    char *name;

    if (copy == NULL)
        return NULL;
    name = gimp_item_get_name(GIMP_ITEM(layer));
    gimp_item_set_name(GIMP_ITEM(copy), name);
    g_free(name);
    return copy;
}

/* What has a mask is edited itself, not the mask. */
GimpLayer *hidden_insert(GimpLayer *layer, GimpImage *image, int position)
{
    GimpLayer *copy = hidden_copy(layer, image);

    if (copy == NULL)
        return NULL;
    if (!gimp_image_insert_layer(image, copy, NULL, position)) {
        gimp_item_delete(GIMP_ITEM(copy));
        return NULL;
    }
    if (gimp_layer_get_mask(copy) != NULL)
        gimp_layer_set_edit_mask(copy, FALSE);
    return copy;
}
