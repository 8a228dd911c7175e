/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns looking for a word in a choice; see choice.h. */
#include "plugins/gimp/choice.h"

#include "plugins/common/fail.h"
#include "plugins/gimp/config.h"
#include "plugins/gimp/i18n.h"

#define NONE (-1)

/* "png, jpeg, webp" (g_free). */
static char *list_of(const struct choice *choice)
{
    GString *list = g_string_new(NULL);

    for (const struct choice_word *at = choice->words; at->word != NULL; at++)
        g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "", at->word);
    return g_string_free(list, FALSE);
}

void choice_add_argument(const struct choice *choice, GimpProcedure *procedure)
{
    char *list = list_of(choice);
    char *blurb = g_strdup_printf("%s: %s", _(choice->blurb), list);

    gimp_procedure_add_string_argument(procedure, choice->argument, _(choice->label), blurb,
                                       choice->words[0].word, G_PARAM_READWRITE);
    g_free(blurb);
    g_free(list);
}

static int find(const struct choice *choice, GimpProcedureConfig *config)
{
    char *word = config_text(config, choice->argument);
    int found = NONE;

    for (int i = 0; found == NONE && choice->words[i].word != NULL; i++) {
        if (g_str_equal(word, choice->words[i].word))
            found = i;
    }
    g_free(word);
    return found;
}

int choice_check(const struct choice *choice, GimpProcedureConfig *config, struct ir_error *err)
{
    char *word, *list, *hint;

    if (find(choice, config) != NONE)
        return 0;
    word = config_text(config, choice->argument);
    list = list_of(choice);
    hint = g_strdup_printf(_("Set it to one of these: %s."), list);
    common_fail(err, IR_ERR_ARG, hint, _("The argument %s cannot be \"%s\"; nothing was sent."),
                choice->argument, word);
    g_free(hint);
    g_free(list);
    g_free(word);
    return IR_ERR_ARG;
}

int choice_of(const struct choice *choice, GimpProcedureConfig *config)
{
    return MAX(0, find(choice, config));
}

GtkWidget *choice_new_combo(const struct choice *choice, GimpProcedureConfig *config)
{
    GtkWidget *combo = gtk_combo_box_text_new();

    for (const struct choice_word *at = choice->words; at->word != NULL; at++)
        gtk_combo_box_text_append(GTK_COMBO_BOX_TEXT(combo), at->word, _(at->label));
    if (find(choice, config) == NONE)
        g_object_set(config, choice->argument, choice->words[0].word, NULL);
    g_object_bind_property(config, choice->argument, combo, "active-id",
                           G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
    return combo;
}
