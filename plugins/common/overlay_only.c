/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the setting `only`: names of labels with commas between, in letters of either case, with or
 * without blanks around them. A label fits a name that is its own, or that of what it belongs to.
 */
#include "plugins/common/overlay_private.h"

#include <string.h>
#include <strings.h>

bool overlay_only_next(const char **io_rest, struct overlay_name *out)
{
    const char *at = *io_rest + strspn(*io_rest, " ,");
    size_t bytes = strcspn(at, ",");

    *io_rest = at + bytes;
    while (bytes > 0 && at[bytes - 1] == ' ')
        bytes--;
    *out = (struct overlay_name){at, bytes};
    return bytes > 0;
}

static bool is_name(const struct overlay_name *name, const char *text)
{
    return strlen(text) == name->bytes && strncasecmp(text, name->text, name->bytes) == 0;
}

bool overlay_only_fits(const struct overlay_name *name, const struct ir_label *label)
{
    if (is_name(name, label->name))
        return true;
    for (size_t i = 0; i < label->parent_count; i++)
        if (is_name(name, label->parents[i]))
            return true;
    return false;
}
