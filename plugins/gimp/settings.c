/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the procedure imgrecog-settings; the window is settings_dialog.c's. */
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/plugin.h"
#include "plugins/gimp/procedure.h"
#include "plugins/gimp/remember.h"
#include "plugins/gimp/settings_dialog.h"

static GimpValueArray *run(GimpProcedure *procedure, GimpProcedureConfig *config, gpointer data)
{
    GimpRunMode run_mode;

    (void)data;
    g_object_get(config, "run-mode", &run_mode, NULL);
    if (run_mode == GIMP_RUN_NONINTERACTIVE) {
        remember_save_all(config);
        return gimp_procedure_new_return_values(procedure, GIMP_PDB_SUCCESS, NULL);
    }
    remember_load(config);
    gimp_ui_init(PLUGIN_BINARY);
    return gimp_procedure_new_return_values(
        procedure, settings_dialog_run(NULL, config, false) ? GIMP_PDB_SUCCESS : GIMP_PDB_CANCEL,
        NULL);
}

GimpProcedure *settings_procedure_create(GimpPlugIn *plug_in)
{
    GimpProcedure *procedure =
        gimp_procedure_new(plug_in, SETTINGS_PROCEDURE, GIMP_PDB_PROC_TYPE_PLUGIN, run, NULL, NULL);

    procedure_describe(
        procedure, _("_Settings..."), GIMP_ICON_PREFERENCES_SYSTEM,
        _("Choose who is asked: AWS, this computer or another address"),
        _("Keeps endpoint, AWS profile, AWS region, models, monthly limit and precheck for the "
          "dialogs of Image Recognition. \"\" means: as environment and configuration files say. "
          "Keys are never asked for nor kept."));
    gimp_procedure_add_enum_argument(procedure, "run-mode", _("Run mode"), _("The run mode"),
                                     GIMP_TYPE_RUN_MODE, GIMP_RUN_INTERACTIVE, G_PARAM_READWRITE);
    procedure_add_connection(procedure);
    procedure_add_precheck(procedure);
    gimp_procedure_add_string_argument(procedure, ARG_MODEL, _("Model for words"),
                                       _("A Bedrock model, inference profile or ARN; \"\" as the "
                                         "configuration says, else the preset"),
                                       "", PROCEDURE_PRIVATE);
    gimp_procedure_add_string_argument(procedure, ARG_IMAGE_MODEL, _("Model for pictures"),
                                       _("A Bedrock image model or service; \"\" as the "
                                         "configuration says, else one that fits the task"),
                                       "", PROCEDURE_PRIVATE);
    return procedure;
}
