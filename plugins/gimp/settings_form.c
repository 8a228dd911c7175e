/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the three pages of the settings: their controls and words. */
#include "plugins/gimp/settings_form.h"

#include <imgrecog/cost.h>

#include "plugins/gimp/aws_files.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/task.h"

#define LIST_WIDTH_CHARS 28

/* Regions that people use most, below those of their own files. */
static const char *const common_regions[] = {"us-east-1",      "us-east-2",      "us-west-2",
                                             "eu-west-1",      "eu-central-1",   "eu-west-2",
                                             "ap-northeast-2", "ap-northeast-1", "ap-southeast-1",
                                             "ap-southeast-2", "ap-south-1",     "ca-central-1"};

static GtkWidget *new_list(const GPtrArray *names, const char *name, const char *placeholder)
{
    GtkWidget *combo = gtk_combo_box_text_new_with_entry();
    GtkWidget *entry = gtk_bin_get_child(GTK_BIN(combo));

    for (guint i = 0; i < names->len; i++)
        gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(combo), g_ptr_array_index(names, i));
    gtk_entry_set_placeholder_text(GTK_ENTRY(entry), placeholder);
    gtk_entry_set_activates_default(GTK_ENTRY(entry), TRUE);
    gtk_entry_set_width_chars(GTK_ENTRY(entry), LIST_WIDTH_CHARS);
    atk_object_set_name(gtk_widget_get_accessible(combo), name);
    return combo;
}

/* ---- pages ------------------------------------------------------------------------------- */

/* A page of the notebook, with rows and room for what stands below them. */
struct page {
    GtkWidget *box;
    struct layout_rows rows;
};

static void page_init(struct page *page, struct settings_form *f, const char *tab)
{
    GtkWidget *label = gtk_label_new_with_mnemonic(tab);

    page->box = gtk_box_new(GTK_ORIENTATION_VERTICAL, LAYOUT_SPACE_PX);
    layout_rows_init(&page->rows, f->labels);
    gtk_container_set_border_width(GTK_CONTAINER(page->box), LAYOUT_SPACE_PX);
    gtk_box_pack_start(GTK_BOX(page->box), page->rows.grid, FALSE, FALSE, 0);
    gtk_widget_show(page->box);
    gtk_notebook_append_page(GTK_NOTEBOOK(f->notebook), page->box, label);
}

static void page_add_words(struct page *page, const char *text)
{
    GtkWidget *words = layout_new_words(text);

    gtk_box_pack_start(GTK_BOX(page->box), words, FALSE, FALSE, 0);
    gtk_widget_show(words);
}

static void add_account(struct settings_form *f, struct page *page)
{
    GPtrArray *profiles = NULL, *regions = NULL;

    aws_files_read(&profiles, &regions);
    for (size_t i = 0; i < G_N_ELEMENTS(common_regions); i++) {
        if (!g_ptr_array_find_with_equal_func(regions, common_regions[i], g_str_equal, NULL))
            g_ptr_array_add(regions, g_strdup(common_regions[i]));
    }
    f->profile = new_list(profiles, _("AWS profile"), _("AWS_PROFILE, else “default”"));
    layout_add_row(&page->rows, _("_Profile:"), f->profile, gtk_bin_get_child(GTK_BIN(f->profile)),
                   _("The profile in ~/.aws/config whose credentials sign the requests. No key is "
                     "typed in here, and none is stored."));
    f->region = new_list(regions, _("AWS region"), _("as the profile says"));
    layout_add_row(&page->rows, _("_Region:"), f->region, gtk_bin_get_child(GTK_BIN(f->region)),
                   _("The AWS region that is asked, such as eu-west-1."));
    g_ptr_array_unref(profiles);
    g_ptr_array_unref(regions);
}

static void add_connection(struct settings_form *f)
{
    struct page page;

    page_init(&page, f, _("Co_nnection"));
    endpoint_row_init(&f->endpoint, &page.rows, _("Amazon Web Services"), NULL);
    add_account(f, &page);
    f->test = gtk_button_new_with_mnemonic(_("_Test Connection"));
    gtk_widget_set_halign(f->test, GTK_ALIGN_END);
    gimp_help_set_help_data(f->test,
                            _("Looks at settings, credentials and network. Nothing is sent that "
                              "costs, and no picture."),
                            NULL);
    layout_add_below(&page.rows, f->test);
}

static void add_models(struct settings_form *f)
{
    struct page page;

    page_init(&page, f, _("Mo_dels"));
    model_choice_init(&f->words_model, IR_MODEL_WORDS, _("Model for words"), _("automatic"));
    layout_add_row(
        &page.rows, _("For _words:"), f->words_model.box, f->words_model.entry,
        _("Who writes captions, answers questions and judges pictures: a model of Bedrock, "
          "an inference profile or an ARN."));
    model_choice_init(&f->image_model, IR_MODEL_IMAGE | IR_MODEL_IMAGE_SERVICE,
                      _("Model for pictures"), _("automatic"));
    layout_add_row(&page.rows, _("For p_ictures:"), f->image_model.box, f->image_model.entry,
                   _("A Bedrock image model or service, an inference profile or an ARN."));
    page_add_words(&page,
                   _("Where an entry is empty, each task takes a model that fits it. Its dialog "
                     "names the model and the cost before anything is sent."));
    page_add_words(&page, _("Press the button beside an entry to see which models your account "
                            "has, with their prices, and which of them will end."));
}

static char *spent_words(void)
{
    struct ir_cost *cost = NULL;
    const struct ir_cost_line *total;
    char *money, *maybe, *words;

    if (ir_cost_new(NULL, &cost, NULL) != 0)
        return g_strdup(_("What was paid this month cannot be read."));
    total = ir_cost_total(cost);
    money = task_money_words(total->cost_usd);
    maybe = task_money_words(total->maybe_cost_usd);
    words = total->maybe_cost_usd > 0.0
                ? g_strdup_printf(_("So far this month: about %s; at most %s more may have been "
                                    "charged."),
                                  money, maybe)
                : g_strdup_printf(_("So far this month: about %s."), money);
    g_free(maybe);
    g_free(money);
    ir_cost_free(cost);
    return words;
}

static void add_cost(struct settings_form *f, struct page *page)
{
    char *words = spent_words();
    GtkWidget *spent = layout_new_words_beside(words);

    g_free(words);
    f->limit = gtk_entry_new();
    gtk_entry_set_placeholder_text(GTK_ENTRY(f->limit), _("none"));
    gtk_entry_set_activates_default(GTK_ENTRY(f->limit), TRUE);
    layout_add_row(&page->rows, _("_Monthly limit in US dollars:"), f->limit, NULL,
                   _("A request that would pass it is not sent. Reckoned from a table of prices: "
                     "AWS's bill is what counts."));
    layout_add_below(&page->rows, spent);
}

static void add_limits(struct settings_form *f)
{
    GtkComboBoxText *precheck = GTK_COMBO_BOX_TEXT(gtk_combo_box_text_new());
    struct page page;

    page_init(&page, f, _("Cost and Privac_y"));
    add_cost(f, &page);
    gtk_combo_box_text_append(precheck, "", _("As the configuration says"));
    gtk_combo_box_text_append(precheck, "off", _("No"));
    gtk_combo_box_text_append(precheck, "warn", _("Yes, and tell what was found"));
    gtk_combo_box_text_append(precheck, "block", _("Yes, and send nothing that it finds private"));
    f->precheck = GTK_WIDGET(precheck);
    layout_add_row(&page.rows, _("Check here _first:"), f->precheck, NULL,
                   _("Whether this computer looks for faces, personal words and codes before a "
                     "picture is sent. What it does not find may be there all the same."));
    f->ask_first = gtk_check_button_new_with_mnemonic(_("As_k before anything is sent"));
    gimp_help_set_help_data(f->ask_first,
                            _("Each time, what is sent, where and at what cost is shown once more, "
                              "with a button to go on."),
                            NULL);
    layout_add_below(&page.rows, f->ask_first);
    page_add_words(&page,
                   _("Pictures are sent as they are seen, without position, names or other "
                     "metadata. Each dialog says before you press its button what is sent and "
                     "where."));
}

void settings_form_init(struct settings_form *f)
{
    *f = (struct settings_form){.notebook = gtk_notebook_new(),
                                .labels = gtk_size_group_new(GTK_SIZE_GROUP_HORIZONTAL)};
    add_connection(f);
    add_models(f);
    add_limits(f);
    atk_object_set_name(gtk_widget_get_accessible(f->notebook), _("Settings"));
    gtk_widget_show(f->notebook);
    f->lines = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
}
