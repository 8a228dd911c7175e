/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a model and the service that is asked go together: AWS has none of this computer's
 * models, and this computer none of AWS's. At another address both may be.
 */
#ifndef PLUGINS_GIMP_MODEL_FIT_H
#define PLUGINS_GIMP_MODEL_FIT_H

#include <stdbool.h>

#include <libgimp/gimp.h>

#include <imgrecog/settings.h>

#include "plugins/gimp/where.h"

/* Whether an argument of this name is a model. */
bool model_fit_is_model(const char *name);
/* `model` NULL or "" is the one that suits, and fits everywhere. */
bool model_fits(const char *model, enum where where);
/* IR_ERR_ARG: it does not fit; the message names it. */
IR_MUST_CHECK int model_check(const char *model, enum where where, struct ir_error *err);

/*
 * In a dialog: a model of the config that `where` does not have gives way to the one that was set
 * for good, or in `settings` (NULL = none), where that fits, else to none. With `fills` also none
 * gives way to that.
 */
void model_fit_config(GimpProcedureConfig *config, const struct ir_settings *settings,
                      enum where where, bool fills);

#endif
