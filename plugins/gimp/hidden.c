/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the hidden image; see hidden.h. GIMP converts a layer that gets into an indexed image. */
#include "plugins/gimp/hidden.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/i18n.h"

/* A parasite that is not saved: the number of the process, and that of the hidden image. */
#define MARK "imgrecog-hidden"
#define MARK_BYTES 48

struct mark {
    long pid;
    long image_id;
};

static bool put_mark(GimpImage *image, int image_id)
{
    char text[MARK_BYTES];
    GimpParasite *parasite;
    bool attached;

    g_snprintf(text, sizeof text, "%ld %d", (long)getpid(), image_id);
    parasite = gimp_parasite_new(MARK, 0, (guint32)strlen(text) + 1, text);
    attached = gimp_image_attach_parasite(image, parasite);
    gimp_parasite_free(parasite);
    return attached;
}

void hidden_mark(GimpImage *image)
{
    put_mark(image, gimp_image_get_id(image));
}

void hidden_unmark(GimpImage *image)
{
    gimp_image_detach_parasite(image, MARK);
}

static bool read_mark(GimpImage *image, struct mark *out)
{
    GimpParasite *parasite = gimp_image_get_parasite(image, MARK);
    guint32 bytes = 0;
    const char *data;
    char *end = NULL;

    *out = (struct mark){0, 0};
    if (parasite == NULL)
        return false;
    data = gimp_parasite_get_data(parasite, &bytes);
    if (bytes > 0 && bytes <= MARK_BYTES && data[bytes - 1] == '\0') {
        out->pid = strtol(data, &end, 10);
        out->image_id = strtol(end, NULL, 10);
    }
    gimp_parasite_free(parasite);
    return out->pid > 0;
}

/* A number that another process was given since hides a death until that has ended, too. */
static bool is_dead(long pid)
{
    return kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

void hidden_sweep(void)
{
    GimpImage **images = gimp_get_images();

    for (size_t i = 0; images != NULL && images[i] != NULL; i++) {
        struct mark mark;

        if (!read_mark(images[i], &mark) || !is_dead(mark.pid))
            continue;
        if (mark.image_id == gimp_image_get_id(images[i]))
            gimp_image_delete(images[i]);
        else
            hidden_unmark(images[i]);
    }
    g_free(images);
}

/* GIMP counts images up. */
static int next_image_id(void)
{
    GimpImage *probe = gimp_image_new(1, 1, GIMP_GRAY);
    int image_id;

    if (probe == NULL)
        return -1;
    image_id = gimp_image_get_id(probe) + 1;
    gimp_image_delete(probe);
    return image_id;
}

GimpImage *hidden_duplicate(GimpImage *image)
{
    int image_id = next_image_id();
    bool marked = image_id > 0 && put_mark(image, image_id);
    GimpImage *copy = gimp_image_duplicate(image);

    if (marked)
        hidden_unmark(image);
    /* Somebody else's copy that came between. */
    if (marked && (copy == NULL || gimp_image_get_id(copy) != image_id) &&
        gimp_image_id_is_valid(image_id))
        hidden_unmark(gimp_image_get_by_id(image_id));
    if (copy != NULL) {
        hidden_mark(copy);
        gimp_image_undo_disable(copy);
    }
    return copy;
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

const char *hidden_refused_hint(GimpImage *image)
{
    bool has_floating = gimp_image_is_valid(image) && gimp_image_get_floating_sel(image) != NULL;

    return has_floating ? _("Anchor a floating selection first.")
                        : _("The picture itself is as it was.");
}

int hidden_fail_refused(GimpImage *image, struct ir_error *err)
{
    return common_fail(err, IR_ERR_ARG, hidden_refused_hint(image), "%s",
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
