/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the spelling of options. `--key value` and `--key=value` set a setting; one that is true or
 * false may stand alone for true, and with no- before it for false. Which settings there are, and
 * what they take, the core says.
 */
#include "plugins/batch/options.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "plugins/common/fail.h"

#define KEY_BYTES 64
#define NO "no-"

static bool is_flag(const char *key)
{
    const struct ir_setting_info *info;

    for (size_t i = 0; (info = ir_setting_get_info(i)) != NULL; i++)
        if (strcmp(info->key, key) == 0)
            return strcmp(info->values, OPTIONS_FLAG_VALUES) == 0;
    return false;
}

/* "no-cache", where "cache" is true or false. */
static bool is_denied_flag(const char *key)
{
    return strncmp(key, NO, strlen(NO)) == 0 && is_flag(key + strlen(NO));
}

static int fail_option(struct ir_error *err, const char *cause, const char *option)
{
    int rc = common_fail(err, IR_ERR_ARG, "`imgrecog COMMAND --help` lists the options.",
                         "%s: %.80s", cause, option);

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
    if (options->settings == NULL)
        return 0; /* what cannot be read is told; this would change nothing in it */
    snprintf(origin, sizeof origin, "--%.*s", (int)chars, name);
    return ir_settings_set(options->settings, key, value, origin, err);
}

/* ---- options that are no settings -------------------------------------------------------- */

struct own_option {
    const char *name;
    const char *value; /* as the usage shows it; NULL = it takes none */
    const char *help;
    size_t rule;  /* the bool of struct option_rules that allows it */
    size_t place; /* in struct options: a bool, a text or a list */
    bool is_list;
};

#define RULE(member) offsetof(struct option_rules, member)
#define PLACE(member) offsetof(struct options, member)

static const struct own_option own_options[] = {
    {"--output", "FILE", "Where the picture goes, a PNG; - is standard output. Also -o FILE.",
     RULE(pictures), PLACE(output), false},
    {"--image", "FILE", "A picture to start from or to change.", RULE(pictures), PLACE(image),
     false},
    {"--mask", "FILE", "What of it is changed: white.", RULE(pictures), PLACE(mask), false},
    {"--style-picture", "FILE", "The picture whose style is taken.", RULE(pictures),
     PLACE(style_picture), false},
    {"--weighted-prompt", "TEXT:WEIGHT",
     "SDXL: one more prompt, with its weight, where the first one's is 1: \"sunset:0.5\". Below 0 "
     "it is what is not wanted. May be given 8 times.",
     RULE(pictures), PLACE(prompts), true},
    {"--count", "N",
     "So many pictures (1 to 20), each paid for: FILE-1.png, FILE-2.png and so on, with seeds that "
     "follow on --seed, or by chance.",
     RULE(pictures), PLACE(count), false},
    {"--kind", "words|image",
     "Only models that answer in words, or only those that make or change pictures.", RULE(kind),
     PLACE(kind), false},
    {"--upload", "s3://BUCKET/KEY", NULL, RULE(upload), PLACE(upload), false},
    {"--tag", "NAME=VALUE", "A tag of the object. May be given 10 times.", RULE(attributes),
     PLACE(tags), true},
    {"--meta", "NAME=VALUE",
     "The object's own metadata (x-amz-meta-NAME), in ASCII. May be given 30 times.",
     RULE(attributes), PLACE(metadata), true},
    {"--bucket", "NAME", "A bucket of S3 to look at too.", RULE(bucket), PLACE(bucket), false},
    {"--json", NULL, "Print the result document, one line for each picture, instead of words.",
     RULE(json), PLACE(json), false},
    {"--json", NULL, "Print one JSON document instead of words.", RULE(json_once), PLACE(json),
     false},
};
#define OWN_COUNT (sizeof own_options / sizeof own_options[0])

static bool is_allowed(const struct own_option *own, const struct option_rules *rules)
{
    return *(const bool *)((const char *)rules + own->rule);
}

/* The option that `argument` names, with or without "=VALUE"; NULL when it is none of these. */
static const struct own_option *find_own(const struct option_rules *rules, const char *argument)
{
    const char *name = strcmp(argument, "-o") == 0 ? "--output" : argument;
    size_t chars = strcspn(name, "=");

    for (size_t i = 0; i < OWN_COUNT; i++)
        if (strlen(own_options[i].name) == chars &&
            strncmp(own_options[i].name, name, chars) == 0 && is_allowed(&own_options[i], rules))
            return &own_options[i];
    return NULL;
}

static int add_to_list(struct option_list *list, const char *value, const char *argument,
                       struct ir_error *err)
{
    if (list->count == OPTION_LIST_MAX)
        return fail_option(err, "the option is given too often", argument);
    list->items[list->count++] = value;
    return 0;
}

/* Takes the option with its value; steps over that where it stands apart. */
static int take_own(struct options *options, const struct own_option *own, int argc, char **argv,
                    int *index, struct ir_error *err)
{
    const char *argument = argv[*index];
    const char *equals = argument[1] == '-' ? strchr(argument, '=') : NULL;
    char *place = (char *)options + own->place;
    const char *value = equals != NULL ? equals + 1 : NULL;

    if (own->value == NULL) {
        *(bool *)place = true;
        return equals == NULL ? 0 : fail_option(err, "the option takes no value", argument);
    }
    if (value == NULL) {
        if (*index + 1 >= argc)
            return fail_option(err, "the option needs a value", argument);
        value = argv[++*index];
    }
    if (own->is_list)
        return add_to_list((void *)place, value, argument, err);
    *(const char **)(void *)place = value;
    return 0;
}

/* ---- all of them ------------------------------------------------------------------------- */

/* Whether a word asks for help, if it is not another option's value. */
static bool is_help(const char *argument)
{
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

static bool may_ask_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (is_help(argv[i]))
            return true;
    return false;
}

/* One argument before any "--". */
static int take_argument(struct options *options, const struct option_rules *rules, int argc,
                         char **argv, int *index, struct ir_error *err)
{
    char *argument = argv[*index];
    const struct own_option *own = find_own(rules, argument);

    if (own != NULL)
        return take_own(options, own, argc, argv, index, err);
    if (is_help(argument))
        options->help = true;
    else if (strncmp(argument, "--", 2) == 0)
        return set_setting(options, argc, argv, index, err);
    else if (argument[0] == '-' && argument[1] != '\0')
        return fail_option(err, "there is no such option", argument);
    else
        options->operands[options->operand_count++] = argument;
    return 0;
}

/* How an upload is made is of no use where nothing is uploaded: then its settings are refused. */
static unsigned tasks_of(const struct option_rules *rules, int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--upload") == 0 || strncmp(argv[i], "--upload=", 9) == 0 ||
            is_help(argv[i]))
            return rules->tasks;
    return rules->upload ? rules->tasks & ~(unsigned)IR_SETTING_UPLOAD : rules->tasks;
}

/* What --upload says, and what is of use with it only. */
static int check_upload(struct options *out, const struct option_rules *rules, struct ir_error *err)
{
    if (out->upload != NULL)
        return ir_s3_uri_parse(out->upload, &out->upload_uri, err);
    if (rules->upload && out->tags.count > 0)
        return fail_option(err, "the option is of no use without --upload", "--tag");
    if (rules->upload && out->metadata.count > 0)
        return fail_option(err, "the option is of no use without --upload", "--meta");
    return 0;
}

int options_init(struct options *out, const struct option_rules *rules, int argc, char **argv,
                 struct ir_error *err)
{
    int rc;

    *out = (struct options){.operands = argv};
    rc = ir_settings_new(&out->settings, err);
    if (rc != 0 && (rules->may_lack_settings || may_ask_help(argc, argv))) {
        out->settings_error = *err;
        rc = 0;
    }
    if (out->settings != NULL)
        ir_settings_limit(out->settings, tasks_of(rules, argc, argv));
    for (int i = 0; i < argc && rc == 0; i++) {
        if (strcmp(argv[i], "--") == 0) {
            for (i++; i < argc; i++)
                out->operands[out->operand_count++] = argv[i];
            break;
        }
        rc = take_argument(out, rules, argc, argv, &i, err);
    }
    if (rc == 0 && !out->help)
        rc = check_upload(out, rules, err);
    if (rc == 0 && out->settings == NULL && !out->help && !rules->may_lack_settings) {
        *err = out->settings_error; /* "--help" was another option's value */
        rc = err->code;
    }
    return rc;
}

void options_release(struct options *options)
{
    ir_settings_free(options->settings);
    options->settings = NULL;
}

/* ---- help -------------------------------------------------------------------------------- */

static void print_setting(const struct ir_setting_info *info)
{
    bool flag = strcmp(info->values, OPTIONS_FLAG_VALUES) == 0;
    bool is_on = flag && strcmp(info->preset, "true") == 0;

    printf("  --%s%s%s\n      %s\n", is_on ? "[no-]" : "", info->key, flag ? "" : " VALUE",
           info->summary);
    if (is_on)
        printf("      Not set: true.\n");
    if (!flag)
        printf("      VALUE: %s%s%s\n", info->values, *info->preset != '\0' ? "; not set: " : "",
               info->preset);
}

static void print_own(const struct own_option *own, const struct option_rules *rules)
{
    const char *help = own->help;

    if (help == NULL && rules->pictures)
        help = "Also to S3, named by the time (UTC) and a random part; -o may be left out.";
    else if (help == NULL && (rules->tasks & IR_SETTING_CHECK) != 0)
        help = "Puts the file there when check says NO; KEY as imgrecog upload takes it.";
    else if (help == NULL)
        help = "First puts the file there; KEY as imgrecog upload takes it.";
    printf("  %s%s%s\n      %s\n", own->name, own->value != NULL ? " " : "",
           own->value != NULL ? own->value : "", help);
}

void options_print(const struct option_rules *rules)
{
    const struct ir_setting_info *info;

    printf("Options, which may also be set in the environment (IMGRECOG_REGION for --region)\n"
           "and in ~/.config/imgrecog/config:\n");
    for (size_t i = 0; (info = ir_setting_get_info(i)) != NULL; i++)
        if ((info->tasks & (rules->tasks | IR_SETTING_CONNECTION)) != 0)
            print_setting(info);
    printf("Others:\n");
    for (size_t i = 0; i < OWN_COUNT; i++)
        if (is_allowed(&own_options[i], rules))
            print_own(&own_options[i], rules);
    printf("  --help\n");
}

bool options_about(size_t index, struct option_about *out)
{
    const struct own_option *own = &own_options[index < OWN_COUNT ? index : 0];

    if (index >= OWN_COUNT)
        return false;
    *out = (struct option_about){own->name, own->value, own->help};
    if (own->help == NULL)
        out->help =
            "Also stores the picture in S3, see KEYS: of labels, caption and ask before "
            "anything is paid for; of check when it says NO; of generate what was made, and "
            "-o may be left out.";
    return true;
}
