/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Registers the procedures with GIMP and holds nothing else: what a procedure does stands in its
 * own file.
 *
 * GIMP asks for the names (query) once for each build of the binary and for each language, and
 * keeps the answer; it asks for a procedure (create) at that time and again in the process that
 * runs it.
 */
#include "plugins/gimp/plugin.h"

#include "plugins/gimp/i18n.h"
#include "plugins/gimp/procedure.h"
#include "plugins/gimp/settings_dialog.h"
#include "plugins/gimp/task.h"

static const struct task_kind *const kinds[] = {
    &labels_kind, &caption_kind, &ask_kind, &check_kind, &generate_kind, &upload_kind,
};

struct _ImgrecogPlugIn {
    GimpPlugIn parent_instance;
};
G_DECLARE_FINAL_TYPE(ImgrecogPlugIn, imgrecog_plug_in, IMGRECOG, PLUG_IN, GimpPlugIn)
G_DEFINE_FINAL_TYPE(ImgrecogPlugIn, imgrecog_plug_in, GIMP_TYPE_PLUG_IN)

static GList *query_procedures(GimpPlugIn *plug_in)
{
    GList *names = NULL;

    (void)plug_in;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        names = g_list_append(names, g_strdup(kinds[i]->procedure));
    return g_list_append(names, g_strdup(SETTINGS_PROCEDURE));
}

static GimpProcedure *create_procedure(GimpPlugIn *plug_in, const char *name)
{
    if (g_str_equal(name, SETTINGS_PROCEDURE))
        return settings_procedure_create(plug_in);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (g_str_equal(kinds[i]->procedure, name))
            return procedure_create(plug_in, kinds[i]);
    }
    return NULL;
}

/* GIMP binds the catalogues that stand beside the program. */
static gboolean set_i18n(GimpPlugIn *plug_in, const gchar *procedure_name, gchar **gettext_domain,
                         gchar **catalog_dir)
{
    (void)plug_in;
    (void)procedure_name;
    *gettext_domain = g_strdup(GETTEXT_PACKAGE);
    *catalog_dir = g_strdup(I18N_CATALOG_DIR);
    return TRUE;
}

static void imgrecog_plug_in_class_init(ImgrecogPlugInClass *class)
{
    GimpPlugInClass *plug_in_class = GIMP_PLUG_IN_CLASS(class);

    plug_in_class->query_procedures = query_procedures;
    plug_in_class->create_procedure = create_procedure;
    plug_in_class->set_i18n = set_i18n;
}

static void imgrecog_plug_in_init(ImgrecogPlugIn *plug_in)
{
    (void)plug_in;
}

GIMP_MAIN(imgrecog_plug_in_get_type())
