/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line: `imgrecog COMMAND [OPTION...] [OPERAND...]`. Every setting is an option. */
#ifndef PLUGINS_BATCH_OPTIONS_H
#define PLUGINS_BATCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include <imgrecog/settings.h>

/* What a command takes. */
struct option_rules {
    unsigned tasks; /* whose settings count; enum ir_setting_task */
    bool json;      /* --json */
    bool pictures;  /* -o, --image, --mask, --style-picture */
    bool upload;    /* --upload */
    bool kind;      /* --kind */
    bool bucket;    /* --bucket */
    /* Settings that cannot be read end in options.settings_error instead of an error. */
    bool may_lack_settings;
};

struct options {
    /* Owned: file, environment, and over them the options. NULL: see may_lack_settings. */
    struct ir_settings *settings;
    struct ir_error settings_error;
    bool help;
    bool json;
    const char *upload;        /* --upload s3://bucket/prefix/; NULL = not given; so the next six */
    const char *kind;          /* --kind words|image */
    const char *bucket;        /* --bucket NAME */
    const char *output;        /* -o FILE */
    const char *image;         /* --image FILE */
    const char *mask;          /* --mask FILE */
    const char *style_picture; /* --style-picture FILE */
    char **operands;           /* borrowed from argv: what is no option, in its order */
    int operand_count;
};

/*
 * Reads what follows the command. `argv` is reordered: operands first. "--" ends the options; a
 * lone "-" is an operand. Release `out` afterwards, on failure too. IR_ERR_ARG: no such option, or
 * a value that it does not take; the error names the option.
 */
IR_MUST_CHECK int options_init(struct options *out, const struct option_rules *rules, int argc,
                               char **argv, struct ir_error *err);
void options_release(struct options *options);

/* Writes the settings of `tasks` as options, each with its values and its default. */
void options_print_settings(unsigned tasks);

#endif
