/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the two reasons. That the model says YES, too, is taken to be about the places that were
 * found; only where nothing else was does it count by itself. What lies in the metadata is not in
 * the picture: a copy for sharing has none.
 */
#include "plugins/gimp/check_safe.h"

#include <stdbool.h>

#include <glib.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/check_words.h"
#include "plugins/gimp/i18n.h"

#define KIND_MODEL "model"

static bool is_in_metadata(const char *kind)
{
    static const char *const kinds[] = {"gps", "owner", "person-name", "serial-number", NULL};

    return g_strv_contains(kinds, kind);
}

/* The first that nobody can hide; NULL = none. */
static const struct ir_finding *find_odd(const struct ir_check *check)
{
    const struct ir_finding *model = NULL;
    bool has_other = false;

    for (size_t i = 0; i < check->finding_count; i++) {
        const struct ir_finding *finding = &check->findings[i];

        if (finding->has_box || is_in_metadata(finding->kind))
            has_other = true;
        else if (g_str_equal(finding->kind, KIND_MODEL))
            model = finding;
        else
            return finding;
    }
    return has_other ? NULL : model;
}

char *check_safe_words(const struct ir_check *check)
{
    char *failed = check_words_failed(check);
    const struct ir_finding *odd = find_odd(check);
    char *words = NULL;

    if (*failed != '\0')
        words = g_strdup_printf(_("Not all that was asked for could be looked for: %s."), failed);
    else if (odd != NULL)
        words = g_strdup_printf(_("What was found cannot be covered, since nobody says where it "
                                  "is: %s%s%s."),
                                check_words_kind(odd->kind), odd->name != NULL ? ", " : "",
                                odd->name != NULL ? odd->name : "");
    g_free(failed);
    return words;
}

int check_safe(const struct ir_check *check, const char *done, struct ir_error *err)
{
    char *words = check_safe_words(check);
    int rc = 0;

    if (words != NULL)
        rc = common_fail(err, IR_ERR_ARG,
                         _("Look at the picture yourself. If that is harmless there, name what "
                           "else to look for in look-for."),
                         "%s %s", done, words);
    g_free(words);
    return rc;
}
