/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns which findings an action is for, and what is said of a picture that must not pass for a safe
 * one. Which that is, is the core's rule (ir_check_find_places).
 */
#include "plugins/imagemagick/hide.h"

#include <stdlib.h>
#include <string.h>

#include <imgrecog/check.h>

#include "plugins/common/fail.h"
#include "plugins/common/metadata_profiles.h"
#include "plugins/common/redact.h"

/* The findings that the action is for. */
struct wanted {
    struct ir_box *boxes;
    size_t box_count;
    struct ir_check_places places;
};

bool hide_is_wanted(const struct arguments *arguments)
{
    return !arguments_has_word(arguments, "action", "report");
}

static bool is_wanted_kind(const void *context, const char *kind)
{
    const struct arguments *arguments = context;

    return arguments_has_word(arguments, "kinds", "all") ||
           arguments_has_word(arguments, "kinds", kind);
}

static bool collect_boxes(const struct arguments *arguments, const struct ir_check *check,
                          struct wanted *out)
{
    out->boxes = calloc(check->finding_count + 1, sizeof *out->boxes);
    if (out->boxes == NULL)
        return false;
    for (size_t i = 0; i < check->finding_count; i++) {
        if (check->findings[i].has_box && is_wanted_kind(arguments, check->findings[i].kind))
            out->boxes[out->box_count++] = check->findings[i].box;
    }
    return true;
}

static enum redact_action action_of(const struct arguments *arguments)
{
    static const struct {
        const char *word;
        enum redact_action action;
    } actions[] = {{"blur", REDACT_BLUR}, {"pixelate", REDACT_PIXELATE}, {"crop", REDACT_CROP}};

    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (arguments_has_word(arguments, "action", actions[i].word))
            return actions[i].action;
    return REDACT_FILL;
}

static int hide(const struct arguments *arguments, const struct wanted *wanted, Image **io_image,
                struct ir_error *err)
{
    double margin_frac = strtod(ir_settings_get(arguments->settings, "margin"), NULL) / 100.0;
    int rc =
        redact(io_image, action_of(arguments), margin_frac, wanted->boxes, wanted->box_count, err);

    if (wanted->places.metadata != NULL)
        metadata_remove_all(*io_image);
    else if (rc == 0)
        rc = metadata_remove_pictures(*io_image, err);
    return rc;
}

static int fail_unfinished(const struct ir_result *result, const char *look, struct ir_error *err)
{
    return common_fail(err, IR_ERR_ARG,
                       ir_result_is_held_back(result)
                           ? "It was not sent, as precheck=block wants. To send it all the same, "
                             "set precheck to warn; endpoint=local looks on this machine alone."
                           : "If you know that it is harmless there, name the other places alone: "
                             "look-for=, some of model,moderation,faces,text,codes,metadata.",
                       "The picture was not checked as a whole. Not checked: %.500s", look);
}

static int fail_nowhere(const struct ir_finding *finding, struct ir_error *err)
{
    return common_fail(err, IR_ERR_ARG,
                       "Look at the picture, or leave that kind out with kinds=....",
                       "What was found cannot be hidden, since nobody says where it is: %.80s%s"
                       "%.200s.",
                       finding->kind, finding->name != NULL ? ", " : "",
                       finding->name != NULL ? finding->name : "");
}

int hide_findings(const struct arguments *arguments, const struct ir_result *result,
                  Image **io_image, bool *out_has_hidden, struct ir_error *err)
{
    const struct ir_check *check = ir_result_get_check(result);
    struct wanted wanted = {.boxes = NULL};
    const char *failed;
    int rc = 0;

    *out_has_hidden = false;
    ir_check_find_places(check, is_wanted_kind, arguments, &wanted.places);
    failed = wanted.places.failed;
    if (!hide_is_wanted(arguments))
        return failed != NULL && arguments->fail_closed ? fail_unfinished(result, failed, err) : 0;
    if (!collect_boxes(arguments, check, &wanted))
        return common_fail_nomem(err);
    *out_has_hidden = wanted.box_count > 0;
    rc = hide(arguments, &wanted, io_image, err);
    if (rc == 0 && failed != NULL)
        rc = fail_unfinished(result, failed, err);
    if (rc == 0 && wanted.places.nowhere != NULL)
        rc = fail_nowhere(wanted.places.nowhere, err);
    free(wanted.boxes);
    return rc;
}
