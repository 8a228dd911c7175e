/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the sorts of failures. A row holds for a code, for the beginning of AWS's code and for words
 * of the message; the first that fits counts. What AWS writes where a permission is missing:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
#include "plugins/gimp/failure.h"

#include <string.h>

#include "plugins/gimp/hint.h"
#include "plugins/gimp/i18n.h"

#define LINE_BYTES 1536            /* whatever an error holds fits */
#define RUN "Run: "                /* how the core's hints begin that are a command */
#define CHARGED "so it is charged" /* in a hint of the core's, of what was answered */
#define DENIED "AccessDenied"      /* and AccessDeniedException */
#define ACTION_MAX_CHARS 80        /* "rekognition:DetectModerationLabels" and longer ones */

#define LOCAL (1U << 0)
#define SETTINGS (1U << 1)
#define TEST (1U << 2)

#define STEP_CREDENTIALS                                                                           \
    N_("Look at the profile in the settings, and whether its credentials still hold.")
#define STEP_SIGN_IN N_("Sign in again in a terminal, then try again.")
#define STEP_MODEL N_("Choose another model in the settings.")
#define STEP_SIGNATURE                                                                             \
    N_("Check the profile's secret key, and that this computer's clock is right.")
#define STEP_REGION N_("Choose one in the settings, under “Region”.")
#define STEP_PROFILE N_("Choose another in the settings, or make it in a terminal.")
#define STEP_NETWORK N_("Look at the network and the address, then try again.")
#define STEP_CERTIFICATES                                                                          \
    N_("Name the authority's certificates in ~/.aws/config, as ca_bundle of the profile, and "     \
       "check this computer's clock.")
#define STEP_WORDS N_("Change the words or the picture; the same would be held back again.")

static const struct row {
    int code;
    const char *aws_code; /* its beginning */
    const char *words;    /* in the message */
    const char *heading;
    const char *step; /* where the core's own would be in a foreign language */
    unsigned offers;
} rows[] = {
    {IR_ERR_AUTH, "ExpiredToken", "", N_("Your sign-in to AWS has ended."), STEP_SIGN_IN,
     LOCAL | SETTINGS | TEST},
    {IR_ERR_AUTH, "AccessDenied", "access to the model",
     N_("This model is not enabled for your AWS account."),
     N_("Ask for access to it in the Bedrock console, or choose another model in the settings."),
     LOCAL | SETTINGS},
    {IR_ERR_AUTH, "AccessDenied", "", N_("Your AWS account is not allowed to do this."),
     N_("Have whoever looks after the account allow it in IAM."), LOCAL | SETTINGS | TEST},
    {IR_ERR_AUTH, "AuthorizationHeaderMalformed", "", N_("The bucket lies in another region."),
     STEP_REGION, SETTINGS},
    {IR_ERR_AUTH, "InvalidSignature", "", N_("AWS does not accept the signature."), STEP_SIGNATURE,
     LOCAL | SETTINGS | TEST},
    {IR_ERR_AUTH, "SignatureDoesNotMatch", "", N_("AWS does not accept the signature."),
     STEP_SIGNATURE, LOCAL | SETTINGS | TEST},
    {IR_ERR_AUTH, "", "expired", N_("Your sign-in to AWS has ended."), STEP_SIGN_IN,
     LOCAL | SETTINGS | TEST},
    {IR_ERR_AUTH, "", "", N_("There are no AWS credentials that are accepted."), STEP_CREDENTIALS,
     LOCAL | SETTINGS | TEST},
    {IR_ERR_NET, "", "authority that is not known", N_("The service's certificate is not trusted."),
     STEP_CERTIFICATES, LOCAL | SETTINGS | TEST},
    {IR_ERR_NET, "", "cannot be trusted", N_("The service's certificate is not trusted."),
     STEP_CERTIFICATES, LOCAL | SETTINGS | TEST},
    {IR_ERR_NET, "", "the program is not at",
     N_("The recogniser of this computer is not installed."),
     N_("Install imgrecog-local, or choose another service."), SETTINGS | TEST},
    {IR_ERR_NET, "", " for its socket ", N_("The recogniser of this computer cannot be started."),
     N_("Make the folder that the details name your own, or remove it."), SETTINGS | TEST},
    {IR_ERR_NET, "", " broke", N_("The connection broke off."), STEP_NETWORK,
     LOCAL | SETTINGS | TEST},
    {IR_ERR_NET, "", "closed the connection", N_("The connection broke off."), STEP_NETWORK,
     LOCAL | SETTINGS | TEST},
    {IR_ERR_NET, "", "", N_("The service cannot be reached."),
     N_("Look at the network, the region and the address, then try again."),
     LOCAL | SETTINGS | TEST},
    {IR_ERR_TIMEOUT, "", "was started but does not answer",
     N_("The recogniser of this computer does not answer."),
     N_("Try again, or choose another service."), SETTINGS | TEST},
    {IR_ERR_TIMEOUT, "", "", N_("The service did not answer in time."), N_("Try again later."),
     LOCAL | TEST},
    {IR_ERR_THROTTLED, "", "", N_("The service asks to wait: there are too many requests."),
     N_("Wait a minute, then try again."), LOCAL},
    {IR_ERR_BUDGET, "", "cannot be kept",
     N_("The monthly limit cannot be watched. Nothing was sent."),
     N_("Make room on the disk, or take the limit out of the settings."), LOCAL | SETTINGS},
    {IR_ERR_BUDGET, "", "", N_("This would pass your spending limit. Nothing was sent."),
     N_("Raise the monthly limit in the settings, or choose a cheaper model."), LOCAL | SETTINGS},
    {IR_ERR_SERVICE, "", "filter", N_("A content filter held the answer back."), STEP_WORDS, 0},
    {IR_ERR_SERVICE, "", "guardrail", N_("A content filter held the answer back."), STEP_WORDS, 0},
    {IR_ERR_SERVICE, "", "declined", N_("The model declined to answer."), STEP_WORDS, 0},
    {IR_ERR_SERVICE, "", "end of its life", N_("This model is no longer offered."), STEP_MODEL,
     LOCAL | SETTINGS},
    {IR_ERR_SERVICE, "", "on-demand throughput", N_("This model cannot be asked by that name."),
     STEP_MODEL, LOCAL | SETTINGS},
    {IR_ERR_SERVICE, "NoSuchBucket", "", N_("There is no such bucket."),
     N_("Check the bucket's name."), 0},
    {IR_ERR_SERVICE, "PermanentRedirect", "", N_("The bucket lies in another region."), STEP_REGION,
     SETTINGS},
    {IR_ERR_SERVICE, "TemporaryRedirect", "", N_("The bucket lies in another region."), STEP_REGION,
     SETTINGS},
    {IR_ERR_SERVICE, "IllegalLocation", "", N_("The bucket lies in another region."), STEP_REGION,
     SETTINGS},
    {IR_ERR_SERVICE, "", "there is no bucket", N_("There is no such bucket."),
     N_("Check the bucket's name."), 0},
    {IR_ERR_SERVICE, "PreconditionFailed", "", N_("The bucket has an object of this name already."),
     N_("Give the object another key, or allow it to be replaced."), 0},
    {IR_ERR_SERVICE, "", "", N_("The service refused the request."),
     N_("The details say why, in the service's words."), LOCAL | SETTINGS},
    {IR_ERR_RESPONSE, "", "", N_("The answer could not be understood."),
     N_("Check the address, and whether the network asks you to sign in."), TEST},
    {IR_ERR_TOO_LARGE, "", "", N_("This is too large."), N_("Make the image smaller."), 0},
    {IR_ERR_NOMEM, "", "", N_("There is not enough memory."), N_("Close other programs."), 0},
    {IR_ERR_ARG, "", "could not look",
     N_("Nothing was sent: this computer could not look at the picture first."),
     N_("To send it all the same, change “Check here first” in the settings."), SETTINGS},
    {IR_ERR_ARG, "", "was not sent", N_("Nothing was sent: this computer found something private."),
     N_("To send it all the same, change “Check here first” in the settings."), SETTINGS},
    {IR_ERR_ARG, "", " is neither in ", N_("There is no such AWS profile."), STEP_PROFILE,
     SETTINGS},
    {IR_ERR_ARG, "", "no region is set", N_("No AWS region is set."), STEP_REGION, SETTINGS},
    {IR_ERR_ARG, "", "not the name of a region", N_("There is no such AWS region."), STEP_REGION,
     SETTINGS},
    {IR_ERR_ARG, "", "no certificates can be read", N_("The certificates cannot be read."),
     STEP_CERTIFICATES, SETTINGS},
    {IR_ERR_ARG, "", "path of its socket is longer",
     N_("The recogniser of this computer cannot be started."),
     N_("Start GIMP with a shorter XDG_RUNTIME_DIR, or choose another service."), SETTINGS},
    {IR_ERR_ARG, "", "English and Korean only",
     N_("The recogniser of this computer writes English and Korean only."),
     N_("Choose one of these languages, or ask AWS."), SETTINGS},
    {IR_ERR_ARG, "", "edits nothing but by a mask",
     N_("The recogniser of this computer edits nothing but by a mask."),
     N_("Select what is to be replaced, or ask AWS."), SETTINGS},
    {IR_ERR_ARG, "", "the model is none whose", N_("This model is not known to make pictures."),
     STEP_MODEL, SETTINGS},
    {IR_ERR_ARG, "", "SDXL has no edits", N_("This model edits no pictures."), STEP_MODEL,
     SETTINGS},
    {IR_ERR_ARG, "", "from words only", N_("This model makes pictures from words only."),
     STEP_MODEL, SETTINGS},
    {IR_ERR_ARG, "", "needs the ledger",
     N_("The monthly limit cannot be watched. Nothing was sent."),
     N_("Take the limit out of the settings, or “ledger” out of the configuration file."),
     SETTINGS},
    {IR_ERR_ARG, "", "none of SDXL's sizes", N_("This model takes no picture of this size."),
     STEP_MODEL, SETTINGS},
    {IR_ERR_ARG, "", "there is no setting ", N_("A setting is not known."),
     N_("Correct it where the details say that it stands."), 0},
    {IR_ERR_ARG, "", "endpoint is ", N_("This is no address of a service."),
     N_("It begins with https://, http:// or unix:/."), SETTINGS},
    {IR_ERR_ARG, "", "monthly-limit is ", N_("This is no amount of money."),
     N_("Enter a number of US dollars, such as 5, or nothing."), SETTINGS},
    {IR_ERR_ARG, "", "", NULL, NULL, SETTINGS},
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

static bool is_of(const struct row *row, const struct ir_error *err)
{
    return row->code == err->code &&
           strncmp(err->aws_code, row->aws_code, strlen(row->aws_code)) == 0 &&
           strstr(err->message, row->words) != NULL;
}

static const struct row *row_of(const struct ir_error *err)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (is_of(&rows[i], err))
            return &rows[i];
    }
    return NULL;
}

/* (g_free); NULL where the error's own words say it all. */
static char *heading_of(const struct row *row, const struct ir_error *err)
{
    char *action =
        strncmp(err->aws_code, DENIED, strlen(DENIED)) == 0 ? missing_action(err->message) : NULL;
    char *heading = NULL;

    if (row != NULL && action != NULL)
        heading = g_strdup_printf(_("Your AWS account lacks the permission %s."), action);
    else if (row != NULL && row->heading != NULL)
        heading = g_strdup(_(row->heading));
    g_free(action);
    return heading;
}

/* The row's step, with the command that the core names (g_free); NULL when there is none. */
static char *own_step(const struct row *row, const struct ir_error *err)
{
    if (row == NULL || row->step == NULL)
        return NULL;
    return strncmp(err->hint, RUN, strlen(RUN)) == 0
               ? g_strdup_printf("%s (%s)", _(row->step), err->hint + strlen(RUN))
               : g_strdup(_(row->step));
}

static bool is_translated(const char *words)
{
    return _(words) != words;
}

/*
 * The next step (g_free): in English what can be done in GIMP of the core's, which knows more; else
 * the row's. NULL where none is known.
 */
static char *step_of(const struct row *row, const struct ir_error *err)
{
    char *hint = hint_for_gimp(err->hint);

    if (*hint != '\0' && (row == NULL || row->step == NULL || !is_translated(row->step)))
        return hint;
    g_free(hint);
    return *err->hint != '\0' || (row != NULL && row->step != NULL && is_translated(row->step))
               ? own_step(row, err)
               : NULL;
}

/* The cause, in the core's words, and what can be done about it (g_free). */
static char *cause_and_step(const struct row *row, const struct ir_error *err)
{
    struct ir_error bare = *err;
    char *step = step_of(row, err);

    g_strlcpy(bare.hint, step != NULL ? step : "", sizeof bare.hint);
    g_free(step);
    return failure_line(&bare);
}

/* Takes `words`, and gives them with whether it is or may be charged (g_free). Some of the core's
 * hints say it themselves. */
static char *with_charge(char *words, const struct ir_error *err)
{
    char *all;

    if (!err->maybe_served || strstr(words, "charged") != NULL)
        return words;
    all = g_strconcat(words, " ",
                      strstr(err->hint, CHARGED) != NULL
                          ? _("The request was answered, so it is charged.")
                          : _("The request had been sent: it may be charged."),
                      NULL);
    g_free(words);
    return all;
}

/* Below the heading: the next step, or the cause where none is known, and whether it may be charged
 * (g_free). */
static char *words_of(const struct row *row, const struct ir_error *err)
{
    char *step = row != NULL && row->heading != NULL ? step_of(row, err) : NULL;

    return with_charge(step != NULL ? step : cause_and_step(row, err), err);
}

struct failure failure_of(const struct ir_error *err)
{
    const struct row *row = row_of(err);
    unsigned offers = row != NULL ? row->offers : 0;
    struct failure failure = {.heading = heading_of(row, err), .words = words_of(row, err)};

    if (failure.heading != NULL || hint_is_for_terminal(err->hint))
        failure.details = failure_line(err);
    failure.offers_local = (offers & LOCAL) != 0;
    /* Our own errors name no service: of an image that was closed no setting is the reason. */
    failure.offers_settings =
        (offers & SETTINGS) != 0 && (failure.heading != NULL || *err->service != '\0');
    failure.offers_test = (offers & TEST) != 0;
    return failure;
}

void failure_release(struct failure *failure)
{
    g_free(failure->heading);
    g_free(failure->words);
    g_free(failure->details);
}

char *failure_line(const struct ir_error *err)
{
    char line[LINE_BYTES];

    return g_strdup(ir_error_line(err, line, sizeof line));
}

/*
 * What is told beside our words: what a service said, as a quotation; else the name that the core
 * quotes; else, in English, the core's cause (g_free). NULL = nothing.
 */
static char *quoted_cause(const struct row *row, const struct ir_error *err)
{
    const char *from = err->message + strcspn(err->message, "\"("); /* in brackets it looked */
    const char *to = *from == '"' ? strchr(from + 1, '"') : NULL;

    if (*err->aws_code != '\0')
        return g_strdup_printf("“%s”", err->message);
    if (to != NULL)
        return g_strdup_printf("“%.*s”", (int)(to - from - 1), from + 1);
    return is_translated(row->heading) || hint_is_for_terminal(err->message)
               ? NULL
               : g_strdup(err->message);
}

static char *notice(const struct row *row, const struct ir_error *err, const char *step)
{
    char *cause = quoted_cause(row, err);
    char *words = cause != NULL ? g_strdup_printf("%s %s (%s)", _(row->heading), step, cause)
                                : g_strdup_printf("%s %s", _(row->heading), step);

    g_free(cause);
    return with_charge(words, err);
}

char *failure_notice(const struct ir_error *err)
{
    const struct row *row = row_of(err);

    return row == NULL || row->heading == NULL ? with_charge(cause_and_step(row, err), err)
                                               : notice(row, err, _(row->step));
}

char *failure_notice_in_settings(const struct ir_error *err)
{
    static const char *const steps[][2] = {
        {STEP_REGION, N_("Choose one under “Region”.")},
        {STEP_PROFILE, N_("Choose another, or make it in a terminal.")},
    };
    const struct row *row = row_of(err);

    for (size_t i = 0; row != NULL && row->step != NULL && i < G_N_ELEMENTS(steps); i++) {
        if (g_str_equal(row->step, steps[i][0]))
            return g_strdup_printf("%s %s", _(row->heading), _(steps[i][1]));
    }
    return failure_notice(err);
}
