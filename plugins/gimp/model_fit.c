/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns what happens to a model that was chosen for another service. */
#include "plugins/gimp/model_fit.h"

#include <imgrecog/models.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/config.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/remember.h"
#include "plugins/gimp/task.h"

bool model_fit_is_model(const char *name)
{
    return g_str_equal(name, ARG_MODEL) || g_str_equal(name, ARG_IMAGE_MODEL);
}

bool model_fits(const char *model, enum where where)
{
    if (model == NULL || *model == '\0' || where == WHERE_ADDRESS)
        return true;
    return ir_model_get_traits(model).is_embedded == (where == WHERE_LOCAL);
}

int model_check(const char *model, enum where where, struct ir_error *err)
{
    if (model_fits(model, where))
        return 0;
    return common_fail(err, IR_ERR_ARG, _("Choose another model, or none."),
                       where == WHERE_LOCAL ? _("The model %s is none of this computer's.")
                                            : _("The model %s is this computer's: AWS has none of "
                                                "that name."),
                       model);
}

static void fit(GimpProcedureConfig *config, const char *name, const struct ir_settings *settings,
                enum where where)
{
    const char *in_force = settings != NULL ? ir_settings_get(settings, name) : NULL;
    char *before = config_text(config, name);
    char *kept = remember_get(name);
    const char *now = "";

    if (*kept != '\0' && model_fits(kept, where))
        now = kept;
    else if (in_force != NULL && model_fits(in_force, where))
        now = in_force;
    if (!g_str_equal(before, now)) /* setting a value tells the dialog, even the same one */
        g_object_set(config, name, now, NULL);
    g_free(kept);
    g_free(before);
}

void model_fit_config(GimpProcedureConfig *config, const struct ir_settings *settings,
                      enum where where, bool fills)
{
    static const char *const names[] = {ARG_MODEL, ARG_IMAGE_MODEL};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        char *model;

        if (!config_has(config, names[i]))
            continue;
        model = config_text(config, names[i]);
        if (!model_fits(model, where) || (fills && *model == '\0'))
            fit(config, names[i], settings, where);
        g_free(model);
    }
}
