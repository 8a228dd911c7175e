/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the words for who is asked. */
#include "plugins/gimp/where.h"

#include "plugins/gimp/i18n.h"

/* AWS itself, under an address that the user set: a VPC endpoint or a FIPS one. */
static gboolean is_aws_host(const char *url)
{
    static const char *const suffixes[] = {".amazonaws.com", ".amazonaws.com.cn", ".api.aws"};
    GUri *uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
    const char *host = uri != NULL ? g_uri_get_host(uri) : NULL;
    gboolean found = FALSE;

    for (size_t i = 0; host != NULL && i < G_N_ELEMENTS(suffixes); i++)
        found = found || g_str_has_suffix(host, suffixes[i]);
    if (uri != NULL)
        g_uri_unref(uri);
    return found;
}

enum where where_of(const char *endpoint)
{
    if (g_str_equal(endpoint, "local"))
        return WHERE_LOCAL;
    if (g_str_equal(endpoint, "aws") || is_aws_host(endpoint))
        return WHERE_AWS;
    return WHERE_ADDRESS;
}

char *where_region_of(const char *host)
{
    char **parts = g_strsplit(host, ".", 4);
    char *region = NULL;

    if (g_strv_length(parts) == 4 &&
        (g_str_equal(parts[2], "amazonaws") || g_str_equal(parts[2], "api")))
        region = g_strdup(parts[1]);
    g_strfreev(parts);
    return region;
}

const char *where_labels_group_name(enum where where)
{
    switch (where) {
    case WHERE_AWS:
        return _("Labels (Rekognition)");
    case WHERE_LOCAL:
        return _("Labels (local)");
    case WHERE_ADDRESS:
        break;
    }
    return _("Labels (other endpoint)");
}

const char *where_waiting(enum where where, const char *service)
{
    char *words;
    const char *kept;

    switch (where) {
    case WHERE_AWS:
        words = g_strdup_printf(_("Waiting for %s…"), service);
        kept = g_intern_string(words); /* a handful in the life of the process */
        g_free(words);
        return kept;
    case WHERE_LOCAL:
        return _("Working on this computer…");
    case WHERE_ADDRESS:
        break;
    }
    return _("Waiting for the endpoint…");
}
