/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the places of a caption.
 *
 * GIMP's comment becomes JPEG COM, Exif UserComment and Exif ImageDescription on export, so that it
 * is off unless asked for.
 */
#include "plugins/gimp/caption_put.h"

#include <math.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/fonts.h"
#include "plugins/gimp/layout.h"
#include "plugins/gimp/metadata.h"
#include "plugins/gimp/selected.h"
#include "plugins/gimp/task.h"

#define ARG_DESCRIPTION "put-description"
#define ARG_ALT_TEXT "put-alt-text"
#define ARG_TITLE "put-title"
#define ARG_KEYWORDS "put-keywords"
#define ARG_COMMENT "put-comment"
#define ARG_TEXT_LAYER "put-text-layer"

#define COLUMNS 2
/* Of a text layer: fractions of the shorter side of the image. */
#define FONT_FRAC 0.04
#define MARGIN_FRAC 0.03
#define LINE_HEIGHT 1.3
#define LIGHTNESS_SAMPLES 6

static const struct {
    const char *name, *label, *tooltip;
    gboolean preset;
    gboolean is_metadata;
} places[CAPTION_PLACES] = {
    {ARG_DESCRIPTION, N_("_Description"), N_("The caption as XMP description and IPTC caption."),
     TRUE, TRUE},
    {ARG_ALT_TEXT, N_("Alt te_xt for screen readers"),
     N_("The alt text as IPTC AltTextAccessibility."), TRUE, TRUE},
    {ARG_TITLE, N_("Title (_metadata)"), N_("The title as XMP title and IPTC object name."), TRUE,
     TRUE},
    {ARG_KEYWORDS, N_("Keywords (m_etadata)"), N_("The keywords, added to those that are there."),
     FALSE, TRUE},
    {ARG_COMMENT, N_("Image comme_nt"),
     N_("The caption as GIMP's comment. On export it replaces Exif's image description."), FALSE,
     TRUE},
    {ARG_TEXT_LAYER, N_("Text layer a_bove the picture"),
     N_("The caption as an editable text layer, light on dark or dark on light."), FALSE, FALSE},
};

void caption_put_add_arguments(GimpProcedure *procedure)
{
    for (size_t i = 0; i < CAPTION_PLACES; i++)
        gimp_procedure_add_boolean_argument(procedure, places[i].name, _(places[i].label),
                                            _(places[i].tooltip), places[i].preset,
                                            G_PARAM_READWRITE);
}

static bool is_chosen(GimpProcedureConfig *config, const char *name)
{
    gboolean chosen = FALSE;

    g_object_get(config, name, &chosen, NULL);
    return chosen;
}

bool caption_put_is_wanted(GimpProcedureConfig *config)
{
    bool wanted = false;

    for (size_t i = 0; i < CAPTION_PLACES; i++)
        wanted = wanted || is_chosen(config, places[i].name);
    return wanted;
}

GtkWidget *caption_put_new_boxes(struct caption_put_boxes *boxes, GimpProcedureConfig *config)
{
    GtkWidget *frame = gimp_frame_new(_("Put into the image"));
    GtkWidget *grid = gtk_grid_new();

    gtk_grid_set_row_spacing(GTK_GRID(grid), LAYOUT_ROW_SPACE_PX);
    gtk_grid_set_column_spacing(GTK_GRID(grid), LAYOUT_SPACE_PX);
    for (size_t i = 0; i < CAPTION_PLACES; i++) {
        GtkWidget *box =
            gimp_prop_check_button_new(G_OBJECT(config), places[i].name, _(places[i].label));

        gimp_help_set_help_data(box, _(places[i].tooltip), NULL);
        gtk_grid_attach(GTK_GRID(grid), box, (int)i % COLUMNS, (int)i / COLUMNS, 1, 1);
    }
    boxes->export_words = layout_new_words_beside(
        _("When you export, tick GIMP's boxes for Exif, XMP and IPTC: without them GIMP "
          "leaves these words out."));
    gtk_widget_set_hexpand(boxes->export_words, TRUE);
    gtk_grid_attach(GTK_GRID(grid), boxes->export_words, 0, CAPTION_PLACES, COLUMNS, 1);
    gtk_container_add(GTK_CONTAINER(frame), grid);
    return frame;
}

void caption_put_update(struct caption_put_boxes *boxes, GimpProcedureConfig *config)
{
    bool has_metadata = false;

    for (size_t i = 0; i < CAPTION_PLACES; i++)
        has_metadata = has_metadata || (places[i].is_metadata && is_chosen(config, places[i].name));
    gtk_widget_set_sensitive(boxes->export_words, has_metadata);
}

/* ---- putting ----------------------------------------------------------------------------- */

static const char *given(const char *text)
{
    return text != NULL && *text != '\0' ? text : NULL;
}

static int put_metadata(GimpImage *image, GimpProcedureConfig *config,
                        const struct caption_words *words, struct ir_error *err)
{
    bool has_description = is_chosen(config, ARG_DESCRIPTION);
    const struct metadata_words put = {
        .description = has_description ? given(words->caption) : NULL,
        .iptc_caption = has_description ? given(words->caption) : NULL,
        .alt_text = is_chosen(config, ARG_ALT_TEXT) ? given(words->alt_text) : NULL,
        .title = is_chosen(config, ARG_TITLE) ? given(words->title) : NULL,
        .keywords = is_chosen(config, ARG_KEYWORDS) ? words->keywords : NULL,
        .comment = is_chosen(config, ARG_COMMENT) ? given(words->caption) : NULL,
    };

    if (put.description == NULL && put.alt_text == NULL && put.title == NULL &&
        put.keywords == NULL && put.comment == NULL)
        return 0;
    return metadata_put(image, &put, err);
}

/* At the bottom of the canvas, as high as its lines need. */
static void shape_text(GimpImage *image, GimpTextLayer *text, double font_px)
{
    int margin_px =
        (int)(MIN(gimp_image_get_width(image), gimp_image_get_height(image)) * MARGIN_FRAC);
    int width_px = MAX(1, gimp_image_get_width(image) - 2 * margin_px);
    int one_line_px = gimp_drawable_get_width(GIMP_DRAWABLE(text));
    /* A line breaks between words, so it is not filled. */
    double lines = ceil(1.15 * one_line_px / width_px);
    int height_px = (int)ceil(MAX(1.0, lines) * font_px * LINE_HEIGHT);

    gimp_text_layer_resize(text, width_px, height_px);
    gimp_layer_set_offsets(GIMP_LAYER(text), margin_px,
                           MAX(0, gimp_image_get_height(image) - height_px - margin_px));
}

/* The mean lightness of the visible picture where the text will stand, 0 to 1. */
static double lightness_below(GimpImage *image, GimpTextLayer *text)
{
    GimpLayer **layers = gimp_image_get_layers(image);
    int width_px = gimp_drawable_get_width(GIMP_DRAWABLE(text));
    int radius_px = MAX(1, gimp_drawable_get_height(GIMP_DRAWABLE(text)) / 2);
    int left_px = 0, top_px = 0;
    double sum = 0.0;
    int count = 0;

    gimp_drawable_get_offsets(GIMP_DRAWABLE(text), &left_px, &top_px);
    for (int i = 1; i < LIGHTNESS_SAMPLES; i++) {
        GeglColor *color = NULL;
        double luma = 0.0;

        if (!gimp_image_pick_color(image, (const GimpDrawable **)layers,
                                   left_px + (double)width_px * i / LIGHTNESS_SAMPLES,
                                   top_px + radius_px, TRUE, TRUE, radius_px, &color))
            continue;
        gegl_color_get_pixel(color, babl_format("Y' double"), &luma);
        g_object_unref(color);
        sum += luma;
        count++;
    }
    g_free(layers);
    return count > 0 ? sum / count : 1.0;
}

static int put_text_layer(GimpImage *image, const char *caption, struct ir_error *err)
{
    GimpFont *font = fonts_find("sans-serif");
    double font_px =
        MAX(8.0, MIN(gimp_image_get_width(image), gimp_image_get_height(image)) * FONT_FRAC);
    struct selected selected = selected_take(image);
    GimpTextLayer *text =
        font != NULL ? gimp_text_layer_new(image, caption, font, font_px, gimp_unit_pixel()) : NULL;
    bool inserted = text != NULL && gimp_image_insert_layer(image, GIMP_LAYER(text), NULL, 0);

    if (inserted) {
        GeglColor *color;

        shape_text(image, text, font_px);
        gimp_item_set_visible(GIMP_ITEM(text), FALSE);
        color = gegl_color_new(lightness_below(image, text) < 0.5 ? "white" : "black");
        gimp_item_set_visible(GIMP_ITEM(text), TRUE);
        gimp_text_layer_set_color(text, color);
        g_object_unref(color);
    }
    selected_restore(image, &selected, NULL);
    return inserted ? 0
                    : common_fail(err, IR_ERR_ARG,
                                  _("Start GIMP without the option -f, or install a font."), "%s",
                                  _("GIMP could not make a text layer."));
}

bool caption_put_wants_layer(GimpProcedureConfig *config)
{
    return is_chosen(config, ARG_TEXT_LAYER);
}

int caption_put(GimpImage *image, GimpProcedureConfig *config, const struct caption_words *words,
                struct ir_error *err)
{
    int rc = task_check_open(image, err);

    if (rc != 0 || !caption_put_is_wanted(config))
        return rc; /* an empty step of undo helps nobody */
    gimp_image_undo_group_start(image);
    rc = put_metadata(image, config, words, err);
    if (rc == 0 && is_chosen(config, ARG_TEXT_LAYER) && given(words->caption) != NULL)
        rc = put_text_layer(image, words->caption, err);
    task_end_step(image);
    return rc;
}
