/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Filter patterns of CloudWatch Logs for unstructured events. */
#ifndef PLUGINS_LOCAL_LOGS_FILTER_H
#define PLUGINS_LOCAL_LOGS_FILTER_H

#include <stdbool.h>

#include <imgrecog/error.h>

/* InvalidParameterException for the forms that are not here: { $.json }, [columns], %regex%. */
IR_MUST_CHECK int logs_filter_check(const char *pattern, struct ir_error *err);
/* Words must all be in the message, case counting; "?word" of several such, one; "-word" none.
 * An empty pattern takes everything. */
bool logs_filter_matches(const char *pattern, const char *message);

#endif
