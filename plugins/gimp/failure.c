/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the sorts of failures. A row holds for a code, for the beginning of AWS's code and for words
 * of the message; the first that fits counts. What AWS writes where a permission is missing:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
#include "plugins/gimp/failure.h"

#include <string.h>

#include "plugins/gimp/i18n.h"

#define ERROR_LINE_BYTES 1536
#define ACTION_MAX_CHARS 80 /* "rekognition:DetectModerationLabels" and longer ones */

#define LOCAL (1U << 0)
#define SETTINGS (1U << 1)
#define TEST (1U << 2)

static const struct row {
    int code;
    const char *aws_code; /* its beginning */
    const char *words;    /* in the message */
    const char *heading;
    unsigned offers;
} rows[] = {
    {IR_ERR_AUTH, "ExpiredToken", "", N_("Your sign-in to AWS has ended."),
     LOCAL | SETTINGS | TEST},
    {IR_ERR_AUTH, "AccessDenied", "access to the model",
     N_("This model is not enabled for your AWS account."), LOCAL | SETTINGS},
    {IR_ERR_AUTH, "AccessDenied", "", N_("Your AWS account is not allowed to do this."),
     LOCAL | SETTINGS | TEST},
    {IR_ERR_AUTH, "", "expired", N_("Your sign-in to AWS has ended."), LOCAL | SETTINGS | TEST},
    {IR_ERR_AUTH, "", "", N_("There are no AWS credentials that are accepted."),
     LOCAL | SETTINGS | TEST},
    {IR_ERR_NET, "", "", N_("The service cannot be reached."), LOCAL | SETTINGS | TEST},
    {IR_ERR_TIMEOUT, "", "", N_("The service did not answer in time."), LOCAL | TEST},
    {IR_ERR_THROTTLED, "", "", N_("The service asks to wait: there are too many requests."), LOCAL},
    {IR_ERR_BUDGET, "", "", N_("This would pass your spending limit. Nothing was sent."),
     LOCAL | SETTINGS},
    {IR_ERR_SERVICE, "", "filter", N_("A content filter held the answer back."), 0},
    {IR_ERR_SERVICE, "", "guardrail", N_("A content filter held the answer back."), 0},
    {IR_ERR_SERVICE, "", "declined", N_("The model declined to answer."), 0},
    {IR_ERR_SERVICE, "", "end of its life", N_("This model is no longer offered."),
     LOCAL | SETTINGS},
    {IR_ERR_SERVICE, "", "on-demand throughput", N_("This model cannot be asked by that name."),
     LOCAL | SETTINGS},
    {IR_ERR_SERVICE, "NoSuchBucket", "", N_("There is no such bucket."), 0},
    {IR_ERR_SERVICE, "PreconditionFailed", "", N_("The bucket has an object of this name already."),
     0},
    {IR_ERR_SERVICE, "", "", N_("The service refused the request."), LOCAL | SETTINGS},
    {IR_ERR_RESPONSE, "", "", N_("The answer could not be understood."), TEST},
    {IR_ERR_TOO_LARGE, "", "", N_("This is too large."), 0},
    {IR_ERR_NOMEM, "", "", N_("There is not enough memory."), 0},
    {IR_ERR_ARG, "", "was not sent", N_("Nothing was sent: this computer found something private."),
     SETTINGS},
    {IR_ERR_ARG, "", "", NULL, SETTINGS},
};

/* "not authorized to perform: rekognition:DetectLabels on resource…" (g_free); NULL = not told. */
static char *missing_action(const char *message)
{
    const char *at = strstr(message, "to perform: ");
    size_t chars;

    if (at == NULL)
        return NULL;
    at += strlen("to perform: ");
    chars = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-");
    return chars > 0 && chars <= ACTION_MAX_CHARS ? g_strndup(at, chars) : NULL;
}

struct failure failure_of(const struct ir_error *err)
{
    struct failure failure = {NULL, false, false, false};
    const struct row *row = NULL;
    char *action;

    for (size_t i = 0; row == NULL && i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].code == err->code && g_str_has_prefix(err->aws_code, rows[i].aws_code) &&
            strstr(err->message, rows[i].words) != NULL)
            row = &rows[i];
    }
    if (row == NULL)
        return failure;
    action = g_str_has_prefix(err->aws_code, "AccessDenied") ? missing_action(err->message) : NULL;
    failure.heading = action != NULL
                          ? g_strdup_printf(_("Your AWS account lacks the permission %s."), action)
                          : g_strdup(row->heading != NULL ? _(row->heading) : NULL);
    failure.offers_local = (row->offers & LOCAL) != 0;
    failure.offers_settings = (row->offers & SETTINGS) != 0;
    failure.offers_test = (row->offers & TEST) != 0;
    g_free(action);
    return failure;
}

char *failure_words(const struct failure *failure, const struct ir_error *err)
{
    char line[ERROR_LINE_BYTES];
    const char *words = failure->heading != NULL && *err->hint != '\0'
                            ? err->hint
                            : ir_error_line(err, line, sizeof line);

    return err->maybe_served
               ? g_strconcat(words, " ", _("The request had been sent: it may be charged."), NULL)
               : g_strdup(words);
}
