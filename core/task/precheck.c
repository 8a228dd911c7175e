/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the check task at the embedded endpoint by a client of its own, and weighs its outcome. */
#include "core/task/precheck.h"

#include <string.h>

#include <imgrecog/check.h>

#include "core/base/error.h"
#include "core/task/check_looks.h"

#define SERVICE "precheck"
#define MIN_CONFIDENCE_PCT 50.0 /* lower than the check task's: a doubt is enough to warn */
#define MAX_COUNTS_BYTES 2048

static int note(struct ir_result *result, const char *line, struct ir_error *err)
{
    return ir_result_add_precheck_missing(result, line) == 0 ? 0 : ir_fail_nomem(err);
}

/* Takes over what was found; of what was not looked at, what was asked for. */
static int take(struct ir_result *result, const struct ir_check *check, struct ir_error *err)
{
    for (size_t i = 0; i < check->finding_count; i++) {
        int rc = ir_result_add_precheck_finding(result, &check->findings[i]);
        if (rc == IR_ERR_NOMEM)
            return ir_fail_nomem(err);
        if (rc != 0)
            return ir_fail(err, rc, "there are too many findings for one document");
    }
    for (size_t i = 0; i < check->not_checked_count; i++)
        if (ir_check_left_out(check->not_checked[i]) == 0) {
            int rc = note(result, check->not_checked[i], err);
            if (rc != 0)
                return rc;
        }
    return 0;
}

static int finish(struct ir_result *result, struct ir_error *err)
{
    struct ir_buf counts;
    ir_buf_init(&counts, MAX_COUNTS_BYTES);
    ir_check_put_counts(&result->precheck, &counts);
    int rc = ir_buf_check(&counts, "what was found", err);
    if (rc == 0 && ir_result_finish_precheck(result, ir_buf_text(&counts)) != 0)
        rc = ir_fail_nomem(err);
    ir_buf_release(&counts);
    return rc;
}

int ir_precheck_look(struct ir_client *client, const struct ir_picture *picture,
                     const struct ir_cancel *cancel, struct ir_result *result, struct ir_error *err)
{
    struct ir_check_options options = IR_CHECK_OPTIONS_INIT;
    struct ir_result *found = NULL;
    struct ir_error look_err = {0};
    if (client->precheck == NULL || client->paid.is_dry) /* which sends nothing that matters */
        return 0;
    options.looks = IR_CHECK_FACES | IR_CHECK_TEXT | IR_CHECK_CODES;
    options.min_confidence_pct = MIN_CONFIDENCE_PCT;
    options.sha256 = false;
    options.cancel = cancel;
    int rc = ir_check(client->precheck, picture, &options, &found, &look_err);
    if (rc == 0) {
        rc = take(result, ir_result_get_check(found), err);
    } else if (rc == IR_ERR_CANCELLED || rc == IR_ERR_NOMEM) {
        if (err != NULL)
            *err = look_err;
    } else {
        rc = note(result, look_err.message, err);
    }
    ir_result_free(found);
    return rc == 0 ? finish(result, err) : rc;
}

static int refuse(const char *did, const char *what, struct ir_error *err)
{
    ir_fail(err, IR_ERR_ARG, "the picture was not sent: the recogniser on this machine %s: %s", did,
            what);
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "To send it all the same, set precheck to warn.");
    return IR_ERR_ARG;
}

int ir_precheck_judge(const struct ir_client *client, const struct ir_result *result,
                      struct ir_error *err)
{
    const struct ir_check *precheck = ir_result_get_precheck(result);
    if (client->precheck_mode != IR_PRECHECK_BLOCK || precheck == NULL)
        return 0;
    if (precheck->finding_count > 0)
        return refuse("found something", precheck->reason, err);
    if (precheck->not_checked_count > 0)
        return refuse("could not look", precheck->not_checked[0], err);
    return 0;
}

int ir_precheck(struct ir_client *client, const struct ir_picture *picture,
                const struct ir_cancel *cancel, struct ir_result *result, struct ir_error *err)
{
    int rc = ir_precheck_look(client, picture, cancel, result, err);
    return rc == 0 ? ir_precheck_judge(client, result, err) : rc;
}

int ir_precheck_picture(struct ir_client *client, const struct ir_picture *picture,
                        const struct ir_cancel *cancel, struct ir_result **out,
                        struct ir_error *err)
{
    struct ir_result *result = ir_result_new();
    if (result == NULL)
        return ir_fail_nomem(err);
    int rc = ir_precheck(client, picture, cancel, result, err);
    if (rc == 0)
        *out = result;
    else
        ir_result_free(result);
    return rc;
}

int ir_precheck_note(struct ir_result *result, const char *line, struct ir_error *err)
{
    if (ir_result_get_precheck(result) == NULL)
        return 0;
    int rc = note(result, line, err);
    return rc == 0 ? finish(result, err) : rc;
}
