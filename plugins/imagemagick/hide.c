/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns which findings an action is for, and when a picture must not pass for a safe one: a look
 * that failed may have missed what others cannot see, and what has no place cannot be hidden. That
 * the model says YES, too, is taken to be about the places that were found; only where there are
 * none does it count by itself.
 */
#include "plugins/imagemagick/hide.h"

#include <stdlib.h>
#include <string.h>

#include <imgrecog/check.h>

#include "plugins/common/fail.h"
#include "plugins/common/metadata_profiles.h"
#include "plugins/common/redact.h"

#define KIND_MODEL "model"

/* The findings that the action is for. */
struct wanted {
    struct ir_box *boxes;
    size_t box_count;
    bool has_metadata;            /* one lies in the file's metadata */
    const struct ir_finding *odd; /* the first that has no place; NULL = none */
};

bool hide_is_wanted(const struct arguments *arguments)
{
    return !arguments_has_word(arguments, "action", "report");
}

static bool is_in_metadata(const char *kind)
{
    static const char *const kinds[] = {"gps", "owner", "person-name", "serial-number"};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i], kind) == 0)
            return true;
    return false;
}

static bool is_wanted_kind(const struct arguments *arguments, const char *kind)
{
    return arguments_has_word(arguments, "kinds", "all") ||
           arguments_has_word(arguments, "kinds", kind);
}

static bool find_wanted(const struct arguments *arguments, const struct ir_check *check,
                        struct wanted *out)
{
    const struct ir_finding *model = NULL;

    *out = (struct wanted){.boxes = calloc(check->finding_count + 1, sizeof *out->boxes)};
    for (size_t i = 0; out->boxes != NULL && i < check->finding_count; i++) {
        const struct ir_finding *finding = &check->findings[i];

        if (!is_wanted_kind(arguments, finding->kind))
            continue;
        if (finding->has_box)
            out->boxes[out->box_count++] = finding->box;
        else if (is_in_metadata(finding->kind))
            out->has_metadata = true;
        else if (strcmp(finding->kind, KIND_MODEL) == 0)
            model = finding;
        else if (out->odd == NULL)
            out->odd = finding;
    }
    if (out->odd == NULL && out->box_count == 0 && !out->has_metadata)
        out->odd = model;
    return out->boxes != NULL;
}

/* The first look that did not come to its end; NULL when all did that were asked for. */
static const char *unfinished_look(const struct ir_check *check)
{
    for (size_t i = 0; i < check->not_checked_count; i++)
        if (ir_check_left_out(check->not_checked[i]) == 0)
            return check->not_checked[i];
    return NULL;
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

    if (wanted->has_metadata)
        metadata_remove_all(*io_image);
    else if (rc == 0)
        rc = metadata_remove_pictures(*io_image, err);
    return rc;
}

static int fail_unfinished(const char *look, struct ir_error *err)
{
    return common_fail(err, IR_ERR_ARG,
                       "If you know that it is harmless there, name the other places alone: "
                       "look-for=, some of model,moderation,faces,text,codes,metadata.",
                       "The picture was not checked as a whole. Not checked: %.500s", look);
}

static int fail_odd(const struct ir_finding *finding, struct ir_error *err)
{
    return common_fail(err, IR_ERR_ARG,
                       "Look at the picture, or leave that kind out with kinds=....",
                       "What was found cannot be hidden, since nobody says where it is: %.80s%s"
                       "%.200s.",
                       finding->kind, finding->name != NULL ? ", " : "",
                       finding->name != NULL ? finding->name : "");
}

int hide_findings(const struct arguments *arguments, const struct ir_check *check, Image **io_image,
                  bool *out_has_hidden, struct ir_error *err)
{
    const char *unfinished;
    struct wanted wanted;
    int rc = 0;

    *out_has_hidden = false;
    unfinished = unfinished_look(check);
    if (!hide_is_wanted(arguments))
        return unfinished != NULL && arguments->fail_closed ? fail_unfinished(unfinished, err) : 0;
    if (!find_wanted(arguments, check, &wanted))
        return common_fail_nomem(err);
    *out_has_hidden = wanted.box_count > 0;
    rc = hide(arguments, &wanted, io_image, err);
    if (rc == 0 && unfinished != NULL)
        rc = fail_unfinished(unfinished, err);
    if (rc == 0 && wanted.odd != NULL)
        rc = fail_odd(wanted.odd, err);
    free(wanted.boxes);
    return rc;
}
