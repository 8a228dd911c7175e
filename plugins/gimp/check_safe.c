/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the words of the reasons: a look that failed, what has no place, and what lies in the
 * metadata of an image that keeps them.
 */
#include "plugins/gimp/check_safe.h"

#include <glib.h>

#include <imgrecog/check.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/check_words.h"
#include "plugins/gimp/i18n.h"

static char *nowhere_words(const struct ir_finding *finding)
{
    return g_strdup_printf(_("What was found cannot be covered, since nobody says where it is: "
                             "%s%s%s."),
                           check_words_kind(finding->kind), finding->name != NULL ? ", " : "",
                           finding->name != NULL ? finding->name : "");
}

enum unsafe { SAFE, UNSAFE_FAILED, UNSAFE_NOWHERE, UNSAFE_METADATA };

static enum unsafe find_reason(const struct ir_check_places *places, enum check_made made)
{
    return places->failed != NULL                                 ? UNSAFE_FAILED
           : places->nowhere != NULL                              ? UNSAFE_NOWHERE
           : places->metadata != NULL && made == CHECK_MADE_LAYER ? UNSAFE_METADATA
                                                                  : SAFE;
}

/* The reason's words (g_free); NULL = it is safe. */
static char *reason_words(const struct ir_check *check, enum check_made made,
                          enum unsafe *out_reason)
{
    struct ir_check_places places;
    char *words = NULL;

    ir_check_find_places(check, NULL, NULL, &places);
    *out_reason = find_reason(&places, made);
    if (*out_reason == UNSAFE_FAILED) {
        char *failed = check_words_failed(check);

        words = g_strdup_printf(_("Not all that was asked for could be looked for: %s."), failed);
        g_free(failed);
    } else if (*out_reason == UNSAFE_NOWHERE) {
        words = nowhere_words(places.nowhere);
    } else if (*out_reason == UNSAFE_METADATA) {
        words = g_strdup_printf(_("A layer covers no metadata, so this is still in the image: %s."),
                                check_words_kind(places.metadata->kind));
    }
    return words;
}

int check_safe(const struct ir_check *check, enum check_made made, const char *done,
               struct ir_error *err)
{
    enum unsafe reason;
    char *words = reason_words(check, made, &reason);
    int rc = 0;

    if (words != NULL)
        rc = common_fail(err, IR_ERR_ARG,
                         reason == UNSAFE_METADATA
                             ? _("A copy for sharing (make-copy) has no metadata. Where they may "
                                 "stay, leave metadata out of look-for.")
                             : _("Look at the picture yourself. If that is harmless there, name "
                                 "what else to look for in look-for."),
                         "%s %s", done, words);
    g_free(words);
    return rc;
}

/* The places that were found and are not among those that were covered (g_free); NULL = none. */
static char *left_words(const struct ir_check *check, size_t covered_count)
{
    struct ir_check_places places;
    int left;

    ir_check_find_places(check, NULL, NULL, &places);
    left = (int)(places.box_count - MIN(covered_count, places.box_count));
    return left == 0 ? NULL
                     : g_strdup_printf(P_("%d place that was found is not ticked, so this does not "
                                          "cover it.",
                                          "%d places that were found are not ticked, so this does "
                                          "not cover them.",
                                          left),
                                       left);
}

char *check_safe_words(const struct ir_check *check, enum check_made made, size_t covered_count)
{
    enum unsafe reason;
    char *left = left_words(check, covered_count);
    char *words = reason_words(check, made, &reason);
    char *both;

    if (left == NULL || words == NULL)
        return left != NULL ? left : words;
    both = g_strconcat(left, " ", words, NULL);
    g_free(words);
    g_free(left);
    return both;
}

char *check_safe_reason(const struct ir_check *check)
{
    char *reason = check_words_beside_list(check);
    struct ir_check_places places;
    char *nowhere, *all;

    ir_check_find_places(check, NULL, NULL, &places);
    if (places.nowhere == NULL)
        return reason;
    nowhere = nowhere_words(places.nowhere);
    all = g_strdup_printf("%s%s%s", reason, *reason != '\0' ? "\n" : "", nowhere);
    g_free(nowhere);
    g_free(reason);
    return all;
}
