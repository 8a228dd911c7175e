/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Part of the build, not installed: copies the man page, with all options in place of the line
 * OPTIONS_LINE, as the tables of settings and options have them, so that it always tells the truth.
 * Source: man(7), groff_char(7) (a minus is "\\-").
 */
#include <stdio.h>
#include <string.h>

#include "plugins/batch/options.h"

#define OPTIONS_LINE ".\\\" OPTIONS"
#define LINE_BYTES 4096
/* Settings that no command of this program takes. */
#define HOSTS                                                                                      \
    ((unsigned)IR_SETTING_OVERLAY | IR_SETTING_REDACT | IR_SETTING_METADATA | IR_SETTING_LIST |    \
     IR_SETTING_OPERAND)

/* Words as they are to be read, whatever they begin with. */
static void put(const char *words)
{
    for (; *words != '\0'; words++) {
        if (*words == '\\')
            fputs("\\e", stdout);
        else if (*words == '-')
            fputs("\\-", stdout);
        else
            putchar(*words);
    }
}

static void put_head(const char *name, const char *value)
{
    printf(".TP\n\\fB");
    put(name);
    printf("\\fP");
    if (value != NULL) {
        printf(" \\fI");
        put(value);
        printf("\\fP");
    }
    printf("\n\\&");
}

/* Of which commands a setting is; nothing when of all. */
static void put_commands(unsigned tasks)
{
    static const struct {
        unsigned task;
        const char *command;
    } commands[] = {
        {IR_SETTING_LABELS, "labels"},     {IR_SETTING_CAPTION, "caption"},
        {IR_SETTING_CHECK, "check"},       {IR_SETTING_ASK, "ask"},
        {IR_SETTING_GENERATE, "generate"},
    };
    int count = 0;

    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if ((tasks & commands[i].task) != 0)
            printf("%s%s", count++ == 0 ? "Of " : ", ", commands[i].command);
    if (count > 0)
        printf(".\n");
    else if ((tasks & ~HOSTS) == 0)
        printf("Of the ImageMagick module; here for config alone.\n");
}

static void put_setting(const struct ir_setting_info *info)
{
    char name[64];
    bool flag = strcmp(info->values, OPTIONS_FLAG_VALUES) == 0;
    bool is_on = flag && strcmp(info->preset, "true") == 0;

    snprintf(name, sizeof name, "--%s%s", is_on ? "[no-]" : "", info->key);
    put_head(name, flag ? NULL : "VALUE");
    put(info->summary);
    printf("%s\n", is_on ? " Not set: true." : "");
    if (!flag) {
        printf("\\fIVALUE\\fP: ");
        put(info->values);
        if (*info->preset != '\0') {
            printf("; not set: ");
            put(info->preset);
        }
        printf(".\n");
    }
    put_commands(info->tasks);
}

static void put_options(void)
{
    const struct ir_setting_info *info;
    struct option_about about;
    const char *last = "";

    for (size_t i = 0; options_about(i, &about); i++) {
        if (strcmp(about.name, last) == 0) /* the other command's word for the same */
            continue;
        put_head(about.name, about.value);
        put(about.help);
        printf("\n");
        last = about.name;
    }
    printf(".SS \"Options that are settings\"\n");
    for (size_t i = 0; (info = ir_setting_get_info(i)) != NULL; i++)
        put_setting(info);
}

int main(int argc, char **argv)
{
    char line[LINE_BYTES];
    FILE *page = argc == 2 ? fopen(argv[1], "r") : NULL;
    bool is_put = false;

    if (page == NULL) {
        fprintf(stderr, "man: the page cannot be read\n");
        return 1;
    }
    while (fgets(line, sizeof line, page) != NULL) {
        if (strcmp(line, OPTIONS_LINE "\n") == 0) {
            put_options();
            is_put = true;
        } else {
            fputs(line, stdout);
        }
    }
    fclose(page);
    if (!is_put)
        fprintf(stderr, "man: the page has no line for the options\n");
    return is_put && fflush(stdout) == 0 ? 0 : 1;
}
