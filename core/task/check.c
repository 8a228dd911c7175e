/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The check task: which looks are taken, and what their outcomes add up to. A look that failed is
 * never counted as one that found nothing.
 */
#include <imgrecog/check.h>

#include <stdio.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/task/check_looks.h"
#include "core/task/converse.h"
#include "core/task/document.h"
#include "core/task/language.h"
#include "core/base/personal.h"
#include "core/task/precheck.h"

#define SERVICE "check"
#define MAX_REASON_BYTES 2048
#define MAX_MODEL_REASON_BYTES 1500
#define MAX_MASKED_BYTES (2U * IR_CONVERSE_MAX_ANSWER_BYTES)
#define MAX_LINE_BYTES 1024

static const struct look {
    enum ir_check_look bit;
    const char *name;
    ir_check_look_fn look;
} looks[] = {
    {IR_CHECK_METADATA, "metadata", ir_check_look_metadata},
    {IR_CHECK_FACES, "faces", ir_check_look_faces},
    {IR_CHECK_TEXT, "text", ir_check_look_text},
    {IR_CHECK_CODES, "codes", ir_check_look_codes},
    {IR_CHECK_MODERATION, "moderation", ir_check_look_moderation},
    {IR_CHECK_MODEL, "model", ir_check_look_model},
};
#define LOOK_COUNT (sizeof looks / sizeof looks[0])

static int check_options(const struct ir_check_options *options, struct ir_error *err)
{
    if (options->version != IR_CHECK_OPTIONS_VERSION)
        return ir_fail(err, IR_ERR_ARG, "check options of version %u are not known",
                       options->version);
    if (options->looks == 0 || (options->looks & ~(unsigned)IR_CHECK_ALL) != 0)
        return ir_fail_with(err, IR_ERR_ARG, SERVICE,
                            "no place to look is named, or one that does not exist",
                            "Name some, or leave look-for out.");
    if (!(options->min_confidence_pct >= 0.0 && options->min_confidence_pct <= 100.0))
        return ir_fail_with(err, IR_ERR_ARG, SERVICE, "min-confidence must be between 0 and 100",
                            "Correct it, or leave it out.");
    int rc = ir_language_check(options->language, SERVICE, err);
    return rc == 0 ? ir_converse_check_max_tokens(options->max_tokens, SERVICE, err) : rc;
}

/*
 * Whether the task cannot go on, whatever the other looks would say. A right that is missing for
 * one service is that look's own failure.
 */
static bool ends_task(const struct ir_check_job *job, const struct ir_error *err)
{
    const struct ir_result_usage *usage = &job->result->usage;
    bool lacks_right = strncmp(err->aws_code, "AccessDenied", strlen("AccessDenied")) == 0;
    /* What has been paid for is told, also when the money then ends. */
    bool is_broke = err->code == IR_ERR_BUDGET && usage->requests + usage->cached == 0;
    return err->code == IR_ERR_NOMEM || err->code == IR_ERR_CANCELLED || is_broke ||
           (err->code == IR_ERR_AUTH && !lacks_right);
}

static int note(struct ir_check_job *job, const char *name, const char *why, struct ir_error *err)
{
    char line[MAX_LINE_BYTES];
    snprintf(line, sizeof line, "%s: %s", name, why);
    return ir_result_add_not_checked(job->result, line) == 0 ? 0 : ir_fail_nomem(err);
}

/* Takes all looks; *out_unfinished counts those that failed, `first_err` is why the first did. */
static int take_looks(struct ir_check_job *job, size_t *out_unfinished, struct ir_error *first_err,
                      struct ir_error *err)
{
    *out_unfinished = 0;
    for (size_t i = 0; i < LOOK_COUNT; i++) {
        struct ir_error look_err = {0};
        if ((job->options->looks & looks[i].bit) == 0) {
            int rc = note(job, looks[i].name, IR_CHECK_NOT_ASKED_FOR, err);
            if (rc != 0)
                return rc;
            continue;
        }
        int rc = looks[i].look(job, &look_err);
        if (rc == 0 || rc == IR_PAID_DRY)
            continue;
        if (ends_task(job, &look_err)) {
            *err = look_err;
            return rc;
        }
        if ((*out_unfinished)++ == 0)
            *first_err = look_err;
        rc = note(job, looks[i].name, look_err.message, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* ---- the verdict ------------------------------------------------------------------------- */

/* What was found, in words for the reason. */
static const struct {
    const char *kind;
    const char *one;
    const char *many;
} kind_words[] = {
    {"face", "face", "faces"},
    {"email", "e-mail address", "e-mail addresses"},
    {"payment-card", "payment card number", "payment card numbers"},
    {"iban", "bank account", "bank accounts"},
    {"national-id", "person's number", "persons' numbers"},
    {"phone", "telephone number", "telephone numbers"},
    {"wifi-password", "Wi-Fi password in a code", "Wi-Fi passwords in codes"},
    {"otp-secret", "secret of one-time passwords in a code",
     "secrets of one-time passwords in codes"},
    {"contact", "contact in a code", "contacts in codes"},
    {"payment", "payment in a code", "payments in codes"},
    {"code", "bar or QR code", "bar or QR codes"},
    {"moderation", "moderation label", "moderation labels"},
    {"gps", "position in the file", "positions in the file"},
    {"owner", "owner's name in the file", "owners' names in the file"},
    {"person-name", "person's name in the file", "persons' names in the file"},
    {"serial-number", "serial number in the file", "serial numbers in the file"},
};

static const char *words_for(const char *kind, bool is_one)
{
    for (size_t i = 0; i < sizeof kind_words / sizeof kind_words[0]; i++)
        if (strcmp(kind_words[i].kind, kind) == 0)
            return is_one ? kind_words[i].one : kind_words[i].many;
    return kind;
}

void ir_check_put_counts(const struct ir_result_check *check, struct ir_buf *out)
{
    for (size_t i = 0; i < check->finding_count; i++) {
        const char *kind = check->findings[i].kind;
        size_t count = 0;
        bool is_first = true;
        for (size_t j = 0; j < check->finding_count; j++) {
            bool is_same = strcmp(check->findings[j].kind, kind) == 0;
            is_first = is_first && !(is_same && j < i);
            count += is_same ? 1 : 0;
        }
        if (is_first && strcmp(kind, IR_CHECK_KIND_MODEL) != 0)
            ir_buf_appendf(out, "%s%zu %s", out->bytes > 0 ? ", " : "", count,
                           words_for(kind, count == 1));
    }
}

/* Puts the model's words into `out`, without what it was asked not to repeat, should it have done
 * so, and cuts them where they are long. */
static int put_model_reason(const char *text, struct ir_buf *out, struct ir_error *err)
{
    char words[MAX_MODEL_REASON_BYTES];
    struct ir_personal match;
    struct ir_buf masked;
    size_t from = 0;
    ir_buf_init(&masked, MAX_MASKED_BYTES);
    for (; ir_personal_find(text, from, &match); from = match.at + match.bytes) {
        ir_buf_append(&masked, text + from, match.at - from);
        ir_buf_append_text(&masked, match.shown);
    }
    ir_buf_append_text(&masked, text + from);
    int rc = ir_buf_check(&masked, "the model's reason", err);
    if (rc == 0) {
        ir_text_copy(words, sizeof words, ir_buf_text(&masked));
        ir_buf_append_text(out, words);
    }
    ir_buf_release(&masked);
    return rc;
}

/* NO is said of what all was looked at, and of nothing else. */
static enum ir_verdict verdict_of(const struct ir_result_check *check)
{
    if (check->finding_count > 0)
        return IR_VERDICT_YES;
    return check->not_checked.count > 0 ? IR_VERDICT_UNKNOWN : IR_VERDICT_NO;
}

static int conclude(struct ir_check_job *job, struct ir_error *err)
{
    const struct ir_result_check *check = &job->result->check;
    enum ir_verdict verdict = verdict_of(check);
    struct ir_buf reason;
    struct ir_buf of_model;
    int rc = 0;
    ir_buf_init(&reason, MAX_REASON_BYTES);
    ir_buf_init(&of_model, MAX_MODEL_REASON_BYTES);
    ir_check_put_counts(check, &reason);
    /* The model's words, where they speak for the verdict. */
    if (job->model_reason != NULL && job->model_reason[0] != '\0' && verdict == job->model_verdict)
        rc = put_model_reason(job->model_reason, &of_model, err);
    if (of_model.bytes > 0)
        ir_buf_appendf(&reason, "%s%s", reason.bytes > 0 ? "; the model says: " : "",
                       ir_buf_text(&of_model));
    if (reason.bytes == 0)
        ir_buf_append_text(&reason, verdict == IR_VERDICT_NO
                                        ? "nothing was found"
                                        : "nothing was found where it could be looked");
    if (rc == 0)
        rc = ir_buf_check(&of_model, "the model's reason", err);
    if (rc == 0)
        rc = ir_buf_check(&reason, "the reason", err);
    if (rc == 0 && ir_result_finish_check(job->result, verdict, ir_buf_text(&reason),
                                          of_model.bytes > 0 ? ir_buf_text(&of_model) : NULL) != 0)
        rc = ir_fail_nomem(err);
    ir_buf_release(&of_model);
    ir_buf_release(&reason);
    return rc;
}

/* ---- what this machine says -------------------------------------------------------------- */

/* Whether this machine's recogniser has found something and the picture is not to be sent then. */
static bool holds_back(const struct ir_check_job *job)
{
    return job->client->precheck_mode == IR_PRECHECK_BLOCK &&
           job->result->precheck.finding_count > 0;
}

/*
 * Its findings are the check's, however sure: they held the picture back. With the file's own
 * metadata they are all that was looked at.
 */
static int take_precheck(struct ir_check_job *job, struct ir_error *err)
{
    const struct ir_result_check *precheck = &job->result->precheck;
    int rc = 0;
    job->result->is_held_back = true;
    for (size_t i = 0; rc == 0 && i < precheck->finding_count; i++)
        rc = ir_check_add_any(job, &precheck->findings[i], err);
    for (size_t i = 0; rc == 0 && i < LOOK_COUNT; i++) {
        struct ir_error look_err = {0};
        const char *why = "not sent, since this machine's recogniser found something";
        bool is_wanted = (job->options->looks & looks[i].bit) != 0;
        if (looks[i].bit == IR_CHECK_METADATA && is_wanted) {
            if (looks[i].look(job, &look_err) == 0)
                continue;
            why = look_err.message;
        }
        rc = note(job, looks[i].name, is_wanted ? why : IR_CHECK_NOT_ASKED_FOR, err);
    }
    return rc;
}

static size_t count_looks(unsigned bits)
{
    size_t count = 0;
    for (size_t i = 0; i < LOOK_COUNT; i++)
        count += (bits & looks[i].bit) != 0 ? 1 : 0;
    return count;
}

int ir_check(struct ir_client *client, const struct ir_picture *picture,
             const struct ir_check_options *options, struct ir_result **out, struct ir_error *err)
{
    struct ir_check_job job = {.client = client, .picture = picture, .options = options};
    struct ir_error own_error = {0};
    struct ir_error first_err = {0};
    size_t unfinished = 0;
    if (err == NULL)
        err = &own_error;
    int rc = check_options(options, err);
    if (rc == 0)
        rc = ir_document_new(client, &ir_service_rekognition, picture, options->sha256, &job.result,
                             err);
    if (rc == 0)
        rc = ir_precheck_look(client, picture, options->cancel, job.result, err);
    if (rc == 0 && holds_back(&job))
        rc = take_precheck(&job, err);
    else if (rc == 0)
        rc = ir_precheck_judge(client, job.result, err);
    if (rc == 0 && !holds_back(&job))
        rc = take_looks(&job, &unfinished, &first_err, err);
    /* With no look that came to its end there is no answer at all, only the error. */
    if (rc == 0 && unfinished == count_looks(options->looks)) {
        *err = first_err;
        rc = first_err.code;
    }
    /* A dry run looked at nothing: it has no verdict at all. */
    if (rc == 0 && !client->paid.is_dry)
        rc = conclude(&job, err);
    ir_free(job.model_reason);
    if (rc != 0 && job.result != NULL && job.result->usage.requests > 0)
        err->maybe_served = true; /* what was answered is charged, whatever failed then */
    if (rc == 0)
        *out = job.result;
    else
        ir_result_free(job.result);
    return rc;
}
