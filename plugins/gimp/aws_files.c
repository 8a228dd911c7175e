/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the reading of section names. In ~/.aws/config a profile is "[profile NAME]" or "[default]",
 * in ~/.aws/credentials "[NAME]". Source:
 * https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
#include "plugins/gimp/aws_files.h"

#include <string.h>

#define MAX_FILE_BYTES (256U * 1024)
#define MAX_NAMES 500U

static void add(GPtrArray *names, const char *name)
{
    if (*name != '\0' && names->len < MAX_NAMES && g_utf8_validate(name, -1, NULL) &&
        !g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
        g_ptr_array_add(names, g_strdup(name));
}

/* "[profile x]" or "[x]"; other sorts of sections ("[sso-session x]") are no profiles. */
static void add_section(GPtrArray *profiles, char *line, gboolean is_config)
{
    char *end = strchr(line, ']');
    char *name;

    if (end == NULL)
        return;
    *end = '\0';
    name = g_strstrip(line + 1);
    if (is_config && g_str_has_prefix(name, "profile") && g_ascii_isspace(name[7]))
        add(profiles, g_strstrip(name + 7));
    else if (!is_config || g_str_equal(name, "default"))
        add(profiles, name);
}

static void add_region(GPtrArray *regions, char *line)
{
    char *equals = strchr(line, '=');

    if (equals == NULL)
        return;
    *equals = '\0';
    if (g_str_equal(g_strstrip(line), "region"))
        add(regions, g_strstrip(equals + 1));
}

static void read_file(const char *path, gboolean is_config, GPtrArray *profiles, GPtrArray *regions)
{
    char *text = NULL;
    gsize bytes = 0;
    char **lines;

    if (!g_file_get_contents(path, &text, &bytes, NULL))
        return;
    if (bytes > MAX_FILE_BYTES)
        text[MAX_FILE_BYTES] = '\0';
    lines = g_strsplit(text, "\n", -1);
    for (size_t i = 0; lines[i] != NULL; i++) {
        if (lines[i][0] == '[')
            add_section(profiles, lines[i], is_config);
        else if (!g_ascii_isspace(lines[i][0]) && lines[i][0] != '#')
            add_region(regions, lines[i]);
    }
    g_strfreev(lines);
    memset(text, 0, bytes); /* the second file holds keys */
    g_free(text);
}

void aws_files_read(GPtrArray **out_profiles, GPtrArray **out_regions)
{
    static const struct {
        const char *variable, *name;
    } files[] = {{"AWS_CONFIG_FILE", "config"}, {"AWS_SHARED_CREDENTIALS_FILE", "credentials"}};

    *out_profiles = g_ptr_array_new_with_free_func(g_free);
    *out_regions = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        const char *set = g_getenv(files[i].variable);
        char *path = set != NULL && *set != '\0'
                         ? g_strdup(set)
                         : g_build_filename(g_get_home_dir(), ".aws", files[i].name, NULL);

        read_file(path, i == 0, *out_profiles, *out_regions);
        g_free(path);
    }
}
