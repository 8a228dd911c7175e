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

char *check_safe_words(const struct ir_check *check, enum check_made made)
{
    struct ir_check_places places;
    char *words = NULL;

    ir_check_find_places(check, NULL, NULL, &places);
    if (places.failed != NULL) {
        char *failed = check_words_failed(check);

        words = g_strdup_printf(_("Not all that was asked for could be looked for: %s."), failed);
        g_free(failed);
    } else if (places.nowhere != NULL) {
        words = nowhere_words(places.nowhere);
    } else if (places.metadata != NULL && made == CHECK_MADE_LAYER) {
        words = g_strdup_printf(_("A layer covers no metadata, so this is still in the image: %s."),
                                check_words_kind(places.metadata->kind));
    }
    return words;
}

int check_safe(const struct ir_check *check, enum check_made made, const char *done,
               struct ir_error *err)
{
    char *words = check_safe_words(check, made);
    int rc = 0;

    if (words != NULL)
        rc = common_fail(err, IR_ERR_ARG,
                         made == CHECK_MADE_LAYER
                             ? _("Look at the picture yourself. If that is harmless there, name "
                                 "what else to look for in look-for. A copy for sharing "
                                 "(make-copy) has no metadata.")
                             : _("Look at the picture yourself. If that is harmless there, name "
                                 "what else to look for in look-for."),
                         "%s %s", done, words);
    g_free(words);
    return rc;
}

char *check_safe_reason(const struct ir_check *check)
{
    char *reason = check_words_reason(check);
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
