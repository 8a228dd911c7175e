/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the choice of an endpoint, and that the entry for an address is there only where it counts.
 */
#include "plugins/gimp/endpoint_row.h"

#include "plugins/gimp/i18n.h"

#define CHOICE_ADDRESS "address" /* the others' ids are what `endpoint` takes */

static const char *choice_of(const struct endpoint_row *row)
{
    return gtk_combo_box_get_active_id(GTK_COMBO_BOX(row->where));
}

static bool is_address(const struct endpoint_row *row)
{
    return g_strcmp0(choice_of(row), CHOICE_ADDRESS) == 0;
}

static void show_address(struct endpoint_row *row)
{
    gtk_widget_set_visible(row->address_label, is_address(row));
    gtk_widget_set_visible(row->address, is_address(row));
}

void endpoint_row_init(struct endpoint_row *row, struct layout_rows *rows, const char *aws,
                       GtkWidget *beside)
{
    GtkComboBoxText *where = GTK_COMBO_BOX_TEXT(gtk_combo_box_text_new());
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, LAYOUT_ROW_SPACE_PX);

    gtk_combo_box_text_append(where, ENDPOINT_AWS, aws);
    gtk_combo_box_text_append(where, ENDPOINT_LOCAL, _("This computer (offline)"));
    gtk_combo_box_text_append(where, CHOICE_ADDRESS, _("Another address"));
    row->where = GTK_WIDGET(where);
    gtk_box_pack_start(GTK_BOX(box), row->where, TRUE, TRUE, 0);
    if (beside != NULL)
        gtk_box_pack_start(GTK_BOX(box), beside, FALSE, FALSE, 0);
    gtk_widget_show_all(box);
    layout_add_row(rows, _("Ser_vice:"), box, row->where,
                   _("Who does the work. This computer needs no account and sends nothing."));
    row->address = gtk_entry_new();
    gtk_entry_set_placeholder_text(GTK_ENTRY(row->address), _("https://… or unix:/…"));
    gtk_entry_set_activates_default(GTK_ENTRY(row->address), TRUE);
    row->address_label = layout_add_row(rows, _("_Address:"), row->address, NULL,
                                        _("An endpoint that speaks the protocol of AWS."));
    g_signal_connect_swapped(where, "changed", G_CALLBACK(show_address), row);
}

void endpoint_row_connect(struct endpoint_row *row, void (*changed)(void *context), void *context)
{
    g_signal_connect_swapped(row->where, "changed", G_CALLBACK(changed), context);
    g_signal_connect_swapped(row->address, "changed", G_CALLBACK(changed), context);
}

void endpoint_row_set(struct endpoint_row *row, const char *endpoint)
{
    bool is_choice =
        g_strcmp0(endpoint, ENDPOINT_AWS) == 0 || g_strcmp0(endpoint, ENDPOINT_LOCAL) == 0;

    if (!is_choice)
        gtk_entry_set_text(GTK_ENTRY(row->address), endpoint != NULL ? endpoint : "");
    gtk_combo_box_set_active_id(GTK_COMBO_BOX(row->where), is_choice ? endpoint : CHOICE_ADDRESS);
    show_address(row);
}

const char *endpoint_row_get(const struct endpoint_row *row)
{
    return is_address(row) ? gtk_entry_get_text(GTK_ENTRY(row->address)) : choice_of(row);
}

bool endpoint_row_is_local(const struct endpoint_row *row)
{
    return g_strcmp0(choice_of(row), ENDPOINT_LOCAL) == 0;
}
