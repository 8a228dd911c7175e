/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the spelling of options. `--key value` and `--key=value` set a setting; one that is true or
 * false may stand alone for true, and with no- before it for false. Which settings there are, and
 * what they take, the core says.
 */
#include "plugins/batch/options.h"

#include <stdio.h>
#include <string.h>

#include "plugins/common/fail.h"

#define KEY_BYTES 64
#define NO "no-"
#define FLAG_VALUES "true or false" /* what ir_setting_info.values says of such a setting */

static bool is_flag(const char *key)
{
    const struct ir_setting_info *info;

    for (size_t i = 0; (info = ir_setting_get_info(i)) != NULL; i++)
        if (strcmp(info->key, key) == 0)
            return strcmp(info->values, FLAG_VALUES) == 0;
    return false;
}

/* "no-cache", where "cache" is true or false. */
static bool is_denied_flag(const char *key)
{
    return strncmp(key, NO, strlen(NO)) == 0 && is_flag(key + strlen(NO));
}

static int fail_option(struct ir_error *err, const char *cause, const char *option)
{
    int rc = common_fail(err, IR_ERR_ARG, "`imgrecog help` lists the options.", "%s: %.80s", cause,
                         option);

    snprintf(err->service, sizeof err->service, "command line");
    return rc;
}

/* Sets the setting that argv[*index] names; steps over its value where it stands apart. */
static int set_setting(struct options *options, int argc, char **argv, int *index,
                       struct ir_error *err)
{
    const char *name = argv[*index] + 2;
    const char *equals = strchr(name, '=');
    size_t chars = equals != NULL ? (size_t)(equals - name) : strlen(name);
    char key[KEY_BYTES];
    char origin[KEY_BYTES + 2];
    const char *value = equals != NULL ? equals + 1 : NULL;

    if (chars >= sizeof key)
        return fail_option(err, "there is no such option", argv[*index]);
    memcpy(key, name, chars);
    key[chars] = '\0';
    if (value == NULL && is_flag(key)) {
        value = "true";
    } else if (value == NULL && is_denied_flag(key)) {
        value = "false";
        memmove(key, key + strlen(NO), chars - strlen(NO) + 1);
    } else if (value == NULL) {
        if (*index + 1 >= argc)
            return fail_option(err, "the option needs a value", argv[*index]);
        value = argv[++*index];
    }
    snprintf(origin, sizeof origin, "--%.*s", (int)chars, name);
    return ir_settings_set(options->settings, key, value, origin, err);
}

/* The options that are no settings and take a value. */
static const char **value_option(struct options *options, const struct option_rules *rules,
                                 const char *name)
{
    if (rules->upload && strcmp(name, "--upload") == 0)
        return &options->upload;
    if (!rules->pictures)
        return NULL;
    if (strcmp(name, "-o") == 0 || strcmp(name, "--output") == 0)
        return &options->output;
    if (strcmp(name, "--image") == 0)
        return &options->image;
    if (strcmp(name, "--mask") == 0)
        return &options->mask;
    if (strcmp(name, "--style-picture") == 0)
        return &options->style_picture;
    return NULL;
}

/* One argument before any "--". */
static int take_argument(struct options *options, const struct option_rules *rules, int argc,
                         char **argv, int *index, struct ir_error *err)
{
    char *argument = argv[*index];
    const char **value;
    char name[KEY_BYTES];
    size_t chars = strcspn(argument, "=");

    snprintf(name, sizeof name, "%.*s", chars < sizeof name ? (int)chars : 0, argument);
    value = value_option(options, rules, name);
    if (value != NULL && argument[chars] == '=' && argument[1] == '-') {
        *value = argument + chars + 1;
        return 0;
    }
    if (value != NULL) {
        if (*index + 1 >= argc)
            return fail_option(err, "the option needs a value", argument);
        *value = argv[++*index];
        return 0;
    }
    if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0)
        options->help = true;
    else if (rules->json && strcmp(argument, "--json") == 0)
        options->json = true;
    else if (strncmp(argument, "--", 2) == 0)
        return set_setting(options, argc, argv, index, err);
    else if (argument[0] == '-' && argument[1] != '\0')
        return fail_option(err, "there is no such option", argument);
    else
        options->operands[options->operand_count++] = argument;
    return 0;
}

int options_init(struct options *out, const struct option_rules *rules, int argc, char **argv,
                 struct ir_error *err)
{
    int rc;

    *out = (struct options){.operands = argv};
    rc = ir_settings_new(&out->settings, err);
    if (rc == 0)
        ir_settings_limit(out->settings, rules->tasks);
    for (int i = 0; i < argc && rc == 0; i++) {
        if (strcmp(argv[i], "--") == 0) {
            for (i++; i < argc; i++)
                out->operands[out->operand_count++] = argv[i];
            break;
        }
        rc = take_argument(out, rules, argc, argv, &i, err);
    }
    return rc;
}

void options_release(struct options *options)
{
    ir_settings_free(options->settings);
    options->settings = NULL;
}

void options_print_settings(unsigned tasks)
{
    const struct ir_setting_info *info;

    for (size_t i = 0; (info = ir_setting_get_info(i)) != NULL; i++) {
        bool flag = strcmp(info->values, FLAG_VALUES) == 0;
        bool is_on = flag && strcmp(info->preset, "true") == 0;

        if ((info->tasks & (tasks | IR_SETTING_CONNECTION)) == 0)
            continue;
        printf("  --%s%s%s\n      %s\n", is_on ? "[no-]" : "", info->key, flag ? "" : " VALUE",
               info->summary);
        if (is_on)
            printf("      Not set: true.\n");
        if (!flag)
            printf("      VALUE: %s%s%s\n", info->values,
                   *info->preset != '\0' ? "; not set: " : "", info->preset);
    }
}
