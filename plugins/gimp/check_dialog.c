/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the dialog of the check: where to look, the verdict, and redaction of what is ticked in the
 * list of findings.
 */
#include "plugins/gimp/check.h"

#include <imgrecog/check.h>

#include "plugins/gimp/check_safe.h"
#include "plugins/gimp/check_words.h"
#include "plugins/gimp/config.h"
#include "plugins/gimp/findings.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/language.h"
#include "plugins/gimp/remember.h"

#define RESPONSE_REDACT DIALOG_RESPONSE_OWN
#define RESPONSE_COPY (DIALOG_RESPONSE_OWN + 1)
#define LOOK_COUNT 6
#define LOOK_COLUMNS 2 /* more would make the window wider than the others, over the picture */

static const struct {
    const char *name, *label, *tooltip;
} looks[LOOK_COUNT] = {
    {"faces", N_("_Faces"), N_("Faces of people, by Rekognition.")},
    {"text", N_("_Text"),
     N_("E-mail, phone, card, account and personal numbers that can be read.")},
    {"codes", N_("C_odes"), N_("Bar codes and QR codes, which may hold anything.")},
    {"moderation", N_("_Nudity, violence"), N_("Rekognition's labels for moderation.")},
    {"model", N_("A model's _judgement"), N_("A model of Bedrock says yes or no, and why.")},
    {"metadata", N_("_Metadata"), N_("Position, names and serial numbers. Costs nothing.")},
};

struct check_dialog {
    GtkWidget *boxes[LOOK_COUNT];
    GtkWidget *answer; /* all that is shown after a check */
    GtkWidget *verdict_icon, *verdict, *reason;
    struct findings findings;
    GtkWidget *how, *redact, *copy;
    struct task *task; /* the last check; NULL before the first */
};

/* ---- where to look ----------------------------------------------------------------------- */

static void on_box_toggled(struct dialog *d)
{
    struct check_dialog *c = d->own;
    GString *chosen = g_string_new(NULL);

    for (size_t i = 0; i < LOOK_COUNT; i++) {
        if (gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(c->boxes[i])))
            g_string_append_printf(chosen, "%s%s", chosen->len > 0 ? "," : "", looks[i].name);
    }
    g_object_set(d->config, CHECK_ARG_LOOK_FOR, chosen->str, NULL);
    g_string_free(chosen, TRUE);
}

static bool is_any_chosen(const struct check_dialog *c)
{
    for (size_t i = 0; i < LOOK_COUNT; i++) {
        if (gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(c->boxes[i])))
            return true;
    }
    return false;
}

static const char *obstacle(struct dialog *d)
{
    return is_any_chosen(d->own) ? NULL : _("Choose at least one thing to look for.");
}

/* The argument is a list of names, or "all" or "" for all. */
static void show_chosen(struct dialog *d)
{
    struct check_dialog *c = d->own;
    char *chosen = config_text(d->config, CHECK_ARG_LOOK_FOR);
    char **names = g_strsplit(chosen, ",", -1);
    bool all = *chosen == '\0' || g_str_equal(chosen, "all");

    for (size_t i = 0; i < LOOK_COUNT; i++)
        gtk_toggle_button_set_active(
            GTK_TOGGLE_BUTTON(c->boxes[i]),
            all || g_strv_contains((const gchar *const *)names, looks[i].name));
    g_strfreev(names);
    g_free(chosen);
}

static void add_looks(struct dialog *d, struct check_dialog *c)
{
    GtkWidget *frame = gimp_frame_new(_("Look for"));
    GtkWidget *grid = gtk_grid_new();

    gtk_grid_set_row_spacing(GTK_GRID(grid), LAYOUT_ROW_SPACE_PX);
    gtk_grid_set_column_spacing(GTK_GRID(grid), LAYOUT_SPACE_PX);
    gtk_grid_set_column_homogeneous(GTK_GRID(grid), TRUE);
    for (size_t i = 0; i < LOOK_COUNT; i++) {
        c->boxes[i] = gtk_check_button_new_with_mnemonic(_(looks[i].label));
        gimp_help_set_help_data(c->boxes[i], _(looks[i].tooltip), NULL);
        gtk_grid_attach(GTK_GRID(grid), c->boxes[i], (int)i % LOOK_COLUMNS, (int)i / LOOK_COLUMNS,
                        1, 1);
    }
    gtk_container_add(GTK_CONTAINER(frame), grid);
    gtk_widget_show_all(grid);
    gtk_widget_set_margin_top(frame, LAYOUT_ROW_SPACE_PX);
    layout_add_wide(&d->fields, frame, NULL);
    show_chosen(d);
    for (size_t i = 0; i < LOOK_COUNT; i++)
        g_signal_connect_swapped(c->boxes[i], "toggled", G_CALLBACK(on_box_toggled), d);
}

/* ---- the answer -------------------------------------------------------------------------- */

static void show_answer(struct check_dialog *c)
{
    const struct ir_check *check = ir_result_get_check(c->task->result);
    const char *icon = check->verdict == IR_VERDICT_YES  ? GIMP_ICON_DIALOG_WARNING
                       : check->verdict == IR_VERDICT_NO ? GIMP_ICON_DIALOG_INFORMATION
                                                         : GIMP_ICON_DIALOG_QUESTION;
    char *reason = check_safe_reason(check);

    gtk_image_set_from_icon_name(GTK_IMAGE(c->verdict_icon), icon, GTK_ICON_SIZE_LARGE_TOOLBAR);
    gtk_label_set_text(GTK_LABEL(c->verdict), check_words_verdict(check));
    gtk_label_set_text(GTK_LABEL(c->reason), reason);
    gtk_widget_set_visible(c->reason, *reason != '\0');
    g_free(reason);
    findings_show(&c->findings, c->task);
    gtk_widget_show(c->answer);
}

static void on_redact(struct dialog *d)
{
    gtk_dialog_response(GTK_DIALOG(d->window), RESPONSE_REDACT);
}

static void on_copy(struct dialog *d)
{
    gtk_dialog_response(GTK_DIALOG(d->window), RESPONSE_COPY);
}

static GtkWidget *new_redaction(struct dialog *d, struct check_dialog *c)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, LAYOUT_ROW_SPACE_PX);
    GtkWidget *label = gtk_label_new_with_mnemonic(_("Re_dact by:"));
    GtkComboBoxText *how = GTK_COMBO_BOX_TEXT(gtk_combo_box_text_new());
    char *last = remember_get(REMEMBER_REDACT_BY);

    for (int i = CHECK_HOW_FIRST; check_redactions.words[i].word != NULL; i++)
        gtk_combo_box_text_append(how, check_redactions.words[i].word,
                                  _(check_redactions.words[i].label));
    if (!gtk_combo_box_set_active_id(GTK_COMBO_BOX(how), last))
        gtk_combo_box_set_active(GTK_COMBO_BOX(how), 0);
    g_free(last);
    c->how = GTK_WIDGET(how);
    gtk_label_set_mnemonic_widget(GTK_LABEL(label), c->how);
    c->redact = gtk_button_new_with_mnemonic(_("Add _Layer"));
    c->copy = gtk_button_new_with_mnemonic(_("Copy for S_haring"));
    gimp_help_set_help_data(c->redact, _("A layer above what is ticked. The original stays below."),
                            NULL);
    gimp_help_set_help_data(c->copy,
                            _("A new, flattened image without metadata in which what is ticked "
                              "is redacted for good."),
                            NULL);
    g_signal_connect_swapped(c->redact, "clicked", G_CALLBACK(on_redact), d);
    g_signal_connect_swapped(c->copy, "clicked", G_CALLBACK(on_copy), d);
    gtk_box_pack_start(GTK_BOX(box), label, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(box), c->how, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(box), c->redact, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(box), c->copy, FALSE, FALSE, 0);
    return box;
}

static GtkWidget *new_answer(struct dialog *d, struct check_dialog *c)
{
    GtkWidget *answer = gtk_box_new(GTK_ORIENTATION_VERTICAL, LAYOUT_SPACE_PX);
    GtkWidget *head = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, LAYOUT_SPACE_PX);

    c->verdict_icon = gtk_image_new();
    gtk_widget_set_valign(c->verdict_icon, GTK_ALIGN_START);
    c->verdict = layout_new_words(NULL);
    layout_make_bold(c->verdict);
    c->reason = layout_new_words_to_copy(NULL);
    findings_init(&c->findings, d);
    gtk_box_pack_start(GTK_BOX(head), c->verdict_icon, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(head), c->verdict, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(answer), head, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(answer), c->reason, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(answer), c->findings.box, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(answer), new_redaction(d, c), FALSE, FALSE, 0);
    gtk_widget_show_all(answer);
    gtk_widget_hide(answer);
    c->answer = answer;
    return answer;
}

static void update(struct dialog *d)
{
    struct check_dialog *c = d->own;
    bool is_valid = gimp_image_is_valid(d->image);
    size_t count = 0;

    if (c->task != NULL)
        g_free(findings_ticked(&c->findings, &count));
    gtk_dialog_set_response_sensitive(GTK_DIALOG(d->window), GTK_RESPONSE_OK, d->is_ready);
    gtk_widget_set_sensitive(c->redact, is_valid && count > 0);
    gtk_widget_set_sensitive(c->how, is_valid && count > 0);
    gtk_widget_set_sensitive(c->copy, is_valid);
}

/* ---- responses --------------------------------------------------------------------------- */

/* What Repeat does is what was done here last: a check alone covers nothing. */
static void note_done(struct dialog *d, enum redact_how how, bool is_copy)
{
    g_object_set(d->config, CHECK_ARG_REDACT, check_redactions.words[how].word, CHECK_ARG_COPY,
                 is_copy, NULL);
    if (how != REDACT_NONE)
        remember_set(REMEMBER_REDACT_BY, check_redactions.words[how].word);
}

static bool run_check(struct dialog *d)
{
    struct check_dialog *c = d->own;
    struct task *task = NULL;

    if (dialog_perform(d, NULL, &task) != 0)
        return false;
    task_free(c->task);
    c->task = task;
    g_free(d->json);
    d->json = g_strdup(task->document);
    show_answer(c);
    note_done(d, REDACT_NONE, false); /* which asks for what is ticked in the list */
    dialog_update(d);
    return true;
}

/* What may be there all the same comes first, and then nobody is told to share it. */
static void say_redacted(struct dialog *d, bool is_copy, size_t covered_count)
{
    const struct check_dialog *c = d->own;
    const char *done = is_copy ? _("The copy is a new image with one layer and no metadata.")
                               : _("Covered by a new layer. The original is still below it: "
                                   "whoever gets the XCF can uncover it.");
    const char *next = is_copy ? _("Save or export that one to share it.")
                               : _("To share the picture, make a copy.");
    char *unsafe = check_safe_words(ir_result_get_check(c->task->result),
                                    is_copy ? CHECK_MADE_COPY : CHECK_MADE_LAYER, covered_count);
    char *words = unsafe != NULL
                      ? g_strdup_printf("%s\n%s %s", unsafe, done,
                                        _("Look at the picture yourself before you share it."))
                      : g_strdup_printf("%s %s", done, next);

    dialog_say(d, unsafe != NULL ? TASK_WARNING : TASK_DONE, words);
    g_free(words);
    g_free(unsafe);
}

static void redact(struct dialog *d, bool is_copy)
{
    struct check_dialog *c = d->own;
    int how = (int)CHECK_HOW_FIRST + MAX(0, gtk_combo_box_get_active(GTK_COMBO_BOX(c->how)));
    struct ir_error err;
    size_t count = 0;
    struct ir_rect *rects = findings_ticked(&c->findings, &count);
    struct redact_wish wish = check_wish(c->task, rects, count, (enum redact_how)how);
    GimpImage *copy = NULL;
    int rc = task_check_open(d->image, &err);

    dialog_begin_change(d);
    if (rc == 0)
        rc = task_check_size(c->task, &err);
    if (rc == 0)
        rc = is_copy ? redact_make_copy(d->image, &wish, &copy, &err)
                     : redact_add_layer(d->image, &wish, &err);
    g_free(rects);
    dialog_end_change(d);
    if (rc != 0) {
        dialog_fail(d, &err);
        return;
    }
    if (copy != NULL) {
        gimp_display_new(copy);
        d->made = copy;
    }
    gimp_displays_flush();
    note_done(d, (enum redact_how)how, is_copy);
    say_redacted(d, is_copy, count);
}

bool check_run_dialog(struct dialog *d)
{
    struct check_dialog c = {.task = NULL};
    bool done = false;
    int response;

    d->own = &c;
    d->update = update;
    d->obstacle = obstacle;
    language_prefer(d->config, d->settings);
    dialog_open(d);
    add_looks(d, &c);
    dialog_ready(d, new_answer(d, &c));
    while ((response = dialog_wait(d)) == GTK_RESPONSE_OK || response == RESPONSE_REDACT ||
           response == RESPONSE_COPY) {
        if (response == GTK_RESPONSE_OK)
            done = run_check(d) || done;
        else
            redact(d, response == RESPONSE_COPY);
    }
    dialog_close(d);
    task_free(c.task);
    return done;
}
