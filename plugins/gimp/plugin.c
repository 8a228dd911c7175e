/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Registers the procedures with GIMP and holds nothing else: what a procedure does stands in its
 * own file.
 *
 * GIMP asks for the names (query) once for each build of the binary and keeps the answer; it asks
 * for a procedure (create) at that time and again in the process that runs it.
 */
#include "plugins/gimp/plugin.h"

struct procedure_entry {
    const char *name;
    GimpProcedure *(*create)(GimpPlugIn *plug_in, const char *name);
};

static const struct procedure_entry procedure_entries[] = {
    {LABELS_PROCEDURE, labels_procedure_create},
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
    for (size_t i = 0; i < G_N_ELEMENTS(procedure_entries); i++)
        names = g_list_append(names, g_strdup(procedure_entries[i].name));
    return names;
}

static GimpProcedure *create_procedure(GimpPlugIn *plug_in, const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(procedure_entries); i++) {
        if (g_str_equal(procedure_entries[i].name, name))
            return procedure_entries[i].create(plug_in, name);
    }
    return NULL;
}

/* No catalogue is installed; without this, GIMP looks for one and complains for each procedure. */
static gboolean set_i18n(GimpPlugIn *plug_in, const gchar *procedure_name, gchar **gettext_domain,
                         gchar **catalog_dir)
{
    (void)plug_in;
    (void)procedure_name;
    (void)gettext_domain;
    (void)catalog_dir;
    return FALSE;
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
