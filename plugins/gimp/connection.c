/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns how the doctor's lines look. */
#include "plugins/gimp/connection.h"

#include <imgrecog/doctor.h>

#include "plugins/gimp/doctor_words.h"
#include "plugins/gimp/failure.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/layout.h"
#include "plugins/gimp/task.h"

#define TEST_TIMEOUT_MS 30000L
#define LIST_MOST_PX 180

struct test {
    struct ir_settings *settings;
    struct ir_doctor *doctor;
    unsigned parts;
};

static int set(struct ir_settings *settings, const char *name, const char *value,
               struct ir_error *err)
{
    return value != NULL && *value != '\0' ? ir_settings_set(settings, name, value, name, err) : 0;
}

int connection_settings(const struct connection *connection, struct ir_settings **out,
                        struct ir_error *err)
{
    int rc = ir_settings_new(out, err);

    if (rc == 0)
        rc = set(*out, ARG_ENDPOINT, connection->endpoint, err);
    if (rc == 0)
        rc = set(*out, ARG_PROFILE, connection->profile, err);
    if (rc == 0)
        rc = set(*out, ARG_REGION, connection->region, err);
    return rc;
}

static int init(struct test *test, const struct connection *connection, struct ir_error *err)
{
    int rc = connection_settings(connection, &test->settings, err);

    if (rc == 0)
        rc = ir_doctor_new(NULL, NULL, &test->doctor, err);
    test->parts = g_strcmp0(connection->endpoint, "local") == 0
                      ? IR_DOCTOR_LOCAL
                      : IR_DOCTOR_SETTINGS | IR_DOCTOR_CONNECTION;
    return rc;
}

/* In the worker. */
static int look(struct job *job, void *context, struct ir_error *err)
{
    struct test *test = context;
    struct ir_doctor_options options = IR_DOCTOR_OPTIONS_INIT;

    job_set_stage(job, _("Testing the connection…"));
    options.settings = test->settings;
    options.parts = test->parts;
    options.timeout_ms = TEST_TIMEOUT_MS;
    options.cancel = job_get_cancel(job);
    return ir_doctor_look(test->doctor, &options, err);
}

static GtkWidget *new_line(const struct ir_doctor_line *line)
{
    static const char *const icons[] = {
        [IR_DOCTOR_OK] = TASK_VIEW_ICON_DONE,
        [IR_DOCTOR_WARN] = GIMP_ICON_DIALOG_WARNING,
        [IR_DOCTOR_FAIL] = GIMP_ICON_DIALOG_ERROR,
        [IR_DOCTOR_SKIPPED] = GIMP_ICON_DIALOG_INFORMATION,
    };
    GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, LAYOUT_ROW_SPACE_PX);
    GtkWidget *column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    GtkWidget *icon = gtk_image_new_from_icon_name(icons[line->state], GTK_ICON_SIZE_BUTTON);
    char *heading_words = doctor_words_heading(line);
    char *next = doctor_words_next(line);
    char *what = doctor_words_cause(line->what);
    char *words = g_strconcat(what, *next != '\0' ? "\n" : "", next, NULL);
    GtkWidget *heading = layout_new_words(heading_words);

    layout_make_bold(heading);
    gtk_widget_set_valign(icon, GTK_ALIGN_START);
    gtk_box_pack_start(GTK_BOX(column), heading, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(column), layout_new_words_to_copy(words), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(row), icon, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(row), column, TRUE, TRUE, 0);
    g_free(words);
    g_free(what);
    g_free(next);
    g_free(heading_words);
    return row;
}

static void add_lines(const struct ir_doctor *doctor, bool wrong_ones, GtkWidget *list)
{
    const struct ir_doctor_line *line;

    for (size_t i = 0; (line = ir_doctor_get(doctor, i)) != NULL; i++) {
        if ((line->state == IR_DOCTOR_FAIL || line->state == IR_DOCTOR_WARN) == wrong_ones)
            gtk_box_pack_start(GTK_BOX(list), new_line(line), FALSE, FALSE, 0);
    }
}

/* What is wrong comes first: the rest may have to be scrolled to. */
static void show_lines(const struct ir_doctor *doctor, GtkWidget *box)
{
    GtkWidget *list = gtk_box_new(GTK_ORIENTATION_VERTICAL, LAYOUT_ROW_SPACE_PX);
    GtkWidget *scrolled;
    int height_px = 0;

    layout_empty(box);
    gtk_container_set_border_width(GTK_CONTAINER(list), LAYOUT_ROW_SPACE_PX);
    add_lines(doctor, true, list);
    add_lines(doctor, false, list);
    gtk_widget_show_all(list);
    gtk_widget_get_preferred_height(list, NULL, &height_px);
    scrolled = layout_new_scrolled(list, MIN(height_px, LIST_MOST_PX));
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER,
                                   GTK_POLICY_AUTOMATIC);
    gtk_box_pack_start(GTK_BOX(box), scrolled, TRUE, TRUE, 0);
    gtk_widget_show_all(box);
}

void connection_test(const struct connection *connection, struct task_view *view, GtkWidget *box)
{
    struct test test = {NULL, NULL, 0};
    struct ir_error err;
    char *line;
    int rc;

    ir_error_clear(&err);
    task_view_begin(view, _("Testing the connection…"));
    rc = init(&test, connection, &err);
    if (rc == 0)
        rc = task_view_run(view, look, &test, &err);
    task_view_end(view);
    if (rc == 0 || rc == IR_ERR_CANCELLED)
        show_lines(test.doctor, box);
    if (rc == IR_ERR_CANCELLED)
        task_view_say(view, TASK_NOTICE, _("Cancelled. Nothing is charged for a test."));
    if (rc != 0 && rc != IR_ERR_CANCELLED) {
        line = failure_notice_in_settings(&err);
        task_view_say(view, TASK_ERROR, line);
        g_free(line);
    }
    ir_doctor_free(test.doctor);
    ir_settings_free(test.settings);
}
