/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AWS STS: GetCallerIdentity, and AWS's error for everything else. */
#ifndef PLUGINS_LOCAL_STS_H
#define PLUGINS_LOCAL_STS_H

#include "plugins/local/request.h"

#define STS_MAX_BODY_BYTES (64U << 10)

IR_MUST_CHECK int sts_serve(struct request *request, struct answer *answer, struct ir_error *err);

#endif
