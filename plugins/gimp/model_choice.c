/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns how models look in a list, and the asking for them. */
#include "plugins/gimp/model_choice.h"

#include <math.h>

#include "plugins/gimp/failure.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/layout.h"
#include "plugins/gimp/model_fit.h"

#define WORDS_SCALE 0.85
#define ENTRY_WIDTH_CHARS 24

enum { COLUMN_ID, COLUMN_TITLE, COLUMN_WORDS, COLUMN_COUNT };

/* ---- words ------------------------------------------------------------------------------- */

static char *price_words(const struct ir_model_info *model)
{
    if (model->kind == IR_MODEL_WORDS)
        return isnan(model->input_usd) || isnan(model->output_usd)
                   ? g_strdup(_("price not known"))
                   : g_strdup_printf(_("$%.2f in, $%.2f out per million tokens"), model->input_usd,
                                     model->output_usd);
    return isnan(model->image_usd) ? g_strdup(_("price not known"))
                                   : g_strdup_printf(_("$%.3f per picture"), model->image_usd);
}

/* "" while it is offered and no end is known. */
static char *life_words(const struct ir_model_info *model)
{
    const char *instead = model->replacement;
    char *life, *words;

    if (model->life == IR_MODEL_ENDED)
        life = model->ends != NULL ? g_strdup_printf(_("ended on %s"), model->ends)
                                   : g_strdup(_("no longer offered"));
    else if (model->ends != NULL)
        life = g_strdup_printf(_("ends on %s"), model->ends);
    else
        life = g_strdup(model->life == IR_MODEL_LEGACY ? _("will end") : "");
    words = *life != '\0' && instead != NULL
                ? g_strdup_printf("%s, %s %s", life, _("then use"), instead)
                : g_strdup(life);
    g_free(life);
    return words;
}

static char *words_of(const struct ir_model_info *model)
{
    char *price = price_words(model);
    char *life = life_words(model);
    char *words = g_strdup_printf("%s%s%s", price, *life != '\0' ? "; " : "", life);

    g_free(price);
    g_free(life);
    return words;
}

/* ---- widgets ----------------------------------------------------------------------------- */

/* What is known of the id in the entry. */
static void on_changed(struct model_choice *choice)
{
    GtkTreeModel *model = GTK_TREE_MODEL(choice->store);
    const char *wanted = gtk_entry_get_text(GTK_ENTRY(choice->entry));
    char *shown = NULL;
    GtkTreeIter iter;
    gboolean more = gtk_tree_model_get_iter_first(model, &iter);

    for (; more && shown == NULL; more = gtk_tree_model_iter_next(model, &iter)) {
        char *id = NULL, *title = NULL, *words = NULL;

        gtk_tree_model_get(model, &iter, COLUMN_ID, &id, COLUMN_TITLE, &title, COLUMN_WORDS, &words,
                           -1);
        if (g_str_equal(id, wanted))
            shown = g_strdup_printf("%s: %s", title, words);
        g_free(id);
        g_free(title);
        g_free(words);
    }
    gtk_label_set_text(GTK_LABEL(choice->words), shown != NULL ? shown : "");
    gtk_widget_set_visible(choice->words, shown != NULL);
    g_free(shown);
}

/* The list shows titles where GTK has put the ids, which go into the entry; the words stand below
 * them, so that it is not wider than the window. */
static GtkWidget *new_combo(struct model_choice *choice)
{
    GtkCellArea *area =
        g_object_new(GTK_TYPE_CELL_AREA_BOX, "orientation", GTK_ORIENTATION_VERTICAL, NULL);
    GtkWidget *combo = g_object_new(GTK_TYPE_COMBO_BOX, "model", choice->store, "has-entry", TRUE,
                                    "cell-area", area, NULL);
    GtkCellRenderer *words = gtk_cell_renderer_text_new();
    GList *cells;

    gtk_combo_box_set_entry_text_column(GTK_COMBO_BOX(combo), COLUMN_ID);
    cells = gtk_cell_layout_get_cells(GTK_CELL_LAYOUT(combo));
    gtk_cell_layout_set_attributes(GTK_CELL_LAYOUT(combo), cells->data, "text", COLUMN_TITLE, NULL);
    g_list_free(cells);
    g_object_set(words, "scale", WORDS_SCALE, "xalign", 0.0F, NULL);
    gtk_cell_layout_pack_start(GTK_CELL_LAYOUT(combo), words, FALSE);
    gtk_cell_layout_add_attribute(GTK_CELL_LAYOUT(combo), words, "text", COLUMN_WORDS);
    return combo;
}

void model_choice_init(struct model_choice *choice, unsigned kinds, const char *name,
                       const char *placeholder)
{
    GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, LAYOUT_ROW_SPACE_PX);

    choice->kinds = kinds;
    choice->store = gtk_list_store_new(COLUMN_COUNT, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
    choice->combo = new_combo(choice);
    g_object_unref(choice->store);
    choice->entry = gtk_bin_get_child(GTK_BIN(choice->combo));
    gtk_entry_set_placeholder_text(GTK_ENTRY(choice->entry), placeholder);
    gtk_entry_set_activates_default(GTK_ENTRY(choice->entry), TRUE);
    gtk_entry_set_width_chars(GTK_ENTRY(choice->entry), ENTRY_WIDTH_CHARS);
    atk_object_set_name(gtk_widget_get_accessible(choice->combo), name);
    choice->fill = gtk_button_new_from_icon_name(GIMP_ICON_VIEW_REFRESH, GTK_ICON_SIZE_BUTTON);
    atk_object_set_name(gtk_widget_get_accessible(choice->fill), _("List the account's models"));
    gimp_help_set_help_data(choice->fill,
                            _("Asks which models the account has, with their prices, and until "
                              "when. This costs nothing and sends no picture."),
                            NULL);
    choice->words = layout_new_words_beside(NULL);
    choice->box = gtk_box_new(GTK_ORIENTATION_VERTICAL, LAYOUT_ROW_SPACE_PX / 2);
    gtk_box_pack_start(GTK_BOX(row), choice->combo, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(row), choice->fill, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(choice->box), row, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(choice->box), choice->words, FALSE, FALSE, 0);
    gtk_widget_show_all(choice->box);
    gtk_widget_hide(choice->words);
    gtk_widget_set_no_show_all(choice->words, TRUE);
    g_signal_connect_swapped(choice->entry, "changed", G_CALLBACK(on_changed), choice);
}

void model_choice_fill(struct model_choice *choice, const struct ir_model_list *list)
{
    char *chosen = g_strdup(gtk_entry_get_text(GTK_ENTRY(choice->entry)));
    const struct ir_model_info *model;

    gtk_list_store_clear(choice->store);
    for (size_t i = 0; (model = ir_model_list_get(list, i)) != NULL; i++) {
        char *words;

        if ((model->kind & choice->kinds) == 0 ||
            (model->kind == IR_MODEL_WORDS && !model->takes_pictures))
            continue;
        words = words_of(model);
        gtk_list_store_insert_with_values(choice->store, NULL, -1, COLUMN_ID, model->id,
                                          COLUMN_TITLE, model->title, COLUMN_WORDS, words, -1);
        g_free(words);
    }
    gtk_entry_set_text(GTK_ENTRY(choice->entry), chosen);
    on_changed(choice);
    g_free(chosen);
}

/* ---- another service --------------------------------------------------------------------- */

#define ASIDE "imgrecog-aside" /* of the entry: a model of another service */

static const char *aside(const struct model_choice *choice)
{
    const char *model = g_object_get_data(G_OBJECT(choice->entry), ASIDE);

    return model != NULL ? model : "";
}

void model_choice_fit(struct model_choice *choice, enum where where)
{
    char *before = g_strdup(gtk_entry_get_text(GTK_ENTRY(choice->entry)));
    char *other = g_strdup(aside(choice));
    bool stays = model_fits(before, where) && (*before != '\0' || !model_fits(other, where));

    gtk_list_store_clear(choice->store);
    if (!model_fits(before, where))
        g_object_set_data_full(G_OBJECT(choice->entry), ASIDE, g_strdup(before), g_free);
    gtk_entry_set_text(GTK_ENTRY(choice->entry), stays                      ? before
                                                 : model_fits(other, where) ? other
                                                                            : "");
    on_changed(choice);
    g_free(other);
    g_free(before);
}

const char *model_choice_kept(const struct model_choice *choice)
{
    const char *model = gtk_entry_get_text(GTK_ENTRY(choice->entry));

    return *model != '\0' ? model : aside(choice);
}

/* ---- asking ------------------------------------------------------------------------------ */

struct asking {
    struct ir_client *client;
    struct ir_model_list *list;
};

/* In the worker. */
static int ask(struct job *job, void *context, struct ir_error *err)
{
    struct asking *asking = context;
    struct ir_models_options options = IR_MODELS_OPTIONS_INIT;

    job_set_stage(job, _("Asking for the models…"));
    options.cancel = job_get_cancel(job);
    return ir_model_list_new(asking->client, &options, &asking->list, err);
}

static int new_client(const struct connection *connection, struct ir_client **out,
                      struct ir_error *err)
{
    struct ir_settings *settings = NULL;
    struct ir_client_options options;
    int rc = connection_settings(connection, &settings, err);

    if (rc == 0) {
        options = ir_settings_client_options(settings);
        rc = ir_client_new(&options, out, err);
    }
    ir_settings_free(settings);
    return rc;
}

static void say(struct task_view *view, int rc, const struct ir_error *err,
                const struct ir_model_list *list)
{
    struct failure failure;

    if (rc == 0) {
        if (ir_model_list_note(list) != NULL && ir_model_list_source(list) != IR_MODELS_FROM_TABLE)
            task_view_say(view, TASK_NOTICE,
                          _("Your AWS account may not list its inference profiles (in IAM: "
                            "bedrock:ListInferenceProfiles). Their ids are made after what is "
                            "known here; some may not be open to you."));
        else if (ir_model_list_note(list) != NULL)
            task_view_say(view, TASK_NOTICE,
                          _("Your AWS account may not list its models (in IAM: "
                            "bedrock:ListFoundationModels, bedrock:ListInferenceProfiles). These "
                            "are all that are known here; some may not be open to you."));
        return;
    }
    if (rc == IR_ERR_CANCELLED) {
        task_view_say(view, TASK_NOTICE, _("Cancelled. Asking for models costs nothing."));
        return;
    }
    failure = failure_of(err);
    task_view_fail(view, failure.heading, failure.words, failure.details);
    failure_release(&failure);
}

void model_choice_ask(const struct connection *connection, struct task_view *view,
                      struct model_choice *const *choices, size_t count)
{
    struct asking asking = {NULL, NULL};
    struct ir_error err;
    int rc;

    ir_error_clear(&err);
    task_view_begin(view, _("Asking for the models…"));
    rc = new_client(connection, &asking.client, &err);
    if (rc == 0)
        rc = task_view_run(view, ask, &asking, &err);
    task_view_end(view);
    for (size_t i = 0; rc == 0 && i < count; i++)
        model_choice_fill(choices[i], asking.list);
    say(view, rc, &err, asking.list);
    if (rc == 0)
        gtk_combo_box_popup(GTK_COMBO_BOX(choices[0]->combo));
    ir_model_list_free(asking.list);
    ir_client_free(asking.client);
}
