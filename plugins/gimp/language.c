/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the list of languages, each in its own words. */
#include "plugins/gimp/language.h"

#include "plugins/gimp/config.h"
#include "plugins/gimp/i18n.h"

/* What people in the menu find at once. The first is the core's preset. */
static const struct {
    const char *tag, *name;
} languages[] = {{"en", "English"},   {"ko", "한국어"},  {"ja", "日本語"},     {"zh", "中文"},
                 {"de", "Deutsch"},   {"es", "Español"}, {"fr", "Français"},   {"it", "Italiano"},
                 {"pt", "Português"}, {"ru", "Русский"}, {"vi", "Tiếng Việt"}, {"ar", "العربية"}};

/* The language's name; NULL where it is not in the list. */
static const char *name_of(const char *tag)
{
    for (size_t i = 0; i < G_N_ELEMENTS(languages); i++) {
        if (g_str_equal(tag, languages[i].tag))
            return languages[i].name;
    }
    return NULL;
}

void language_prefer(GimpProcedureConfig *config, const struct ir_settings *settings)
{
    const char *const *wanted = g_get_language_names(); /* "ko_KR.UTF-8", "ko", "C" */
    const char *in_force = settings != NULL ? ir_settings_get(settings, ARG_LANGUAGE) : NULL;
    const char *name = NULL;

    if (g_strcmp0(in_force, languages[0].name) != 0)
        return;
    for (; *wanted != NULL && name == NULL; wanted++) /* the one liked best comes first */
        name = name_of(*wanted);
    config_fill(config, ARG_LANGUAGE, name);
}

void language_add_row(struct layout_rows *rows, GimpProcedureConfig *config)
{
    GtkWidget *combo = gtk_combo_box_text_new_with_entry();
    GtkWidget *entry = gtk_bin_get_child(GTK_BIN(combo));

    for (size_t i = 0; i < G_N_ELEMENTS(languages); i++)
        gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(combo), languages[i].name);
    g_object_bind_property(config, ARG_LANGUAGE, entry, "text",
                           G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
    gtk_entry_set_placeholder_text(GTK_ENTRY(entry), languages[0].name);
    atk_object_set_name(gtk_widget_get_accessible(combo), _("Language"));
    layout_add_row(rows, _("_Language:"), combo, entry,
                   _("In which language the words are written. Any language may be typed."));
}
