/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line: `imgrecog COMMAND [OPTION...] [OPERAND...]`. Every setting is an option. */
#ifndef PLUGINS_BATCH_OPTIONS_H
#define PLUGINS_BATCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include <imgrecog/fetch.h>
#include <imgrecog/settings.h>

#define OPTION_LIST_MAX 32

/* What a command takes besides --help. */
struct option_rules {
    unsigned tasks;  /* whose settings count; enum ir_setting_task */
    bool json;       /* --json */
    bool pictures;   /* -o, --image, --mask, --style-picture, --prompt, --count */
    bool upload;     /* --upload, and only with it the settings of uploads */
    bool attributes; /* --tag, --meta */
    bool kind;       /* --kind */
    bool json_once;  /* --json, of a command that prints one document */
    bool bucket;     /* --bucket */
    /* Settings that cannot be read end in options.settings_error instead of an error. */
    bool may_lack_settings;
};

/* An option that may be given several times, in its order. */
struct option_list {
    const char *items[OPTION_LIST_MAX];
    int count;
};

struct options {
    /* Owned: file, environment, and over them the options. NULL: see may_lack_settings, or help was
     * asked for, which needs none. */
    struct ir_settings *settings;
    struct ir_error settings_error;
    bool help;
    bool json;
    /* NULL: it is not given. */
    const char *upload;          /* --upload s3://bucket/prefix/ */
    const char *kind;            /* --kind words|image */
    const char *bucket;          /* --bucket NAME */
    const char *output;          /* -o FILE */
    const char *image;           /* --image FILE */
    const char *mask;            /* --mask FILE */
    const char *style_picture;   /* --style-picture FILE */
    const char *count;           /* --count N */
    struct ir_s3_uri upload_uri; /* what --upload says, where it is given */
    struct option_list prompts;  /* --weighted-prompt TEXT:WEIGHT */
    struct option_list tags;     /* --tag NAME=VALUE */
    struct option_list metadata; /* --meta NAME=VALUE */
    char **operands;             /* borrowed from argv: what is no option, in its order */
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

/* Writes the options of a command, each with its values and its default. */
void options_print(const struct option_rules *rules);

/* An option that is no setting, for the man page; static. */
struct option_about {
    const char *name;  /* "--count" */
    const char *value; /* NULL = it takes none */
    const char *help;
};
/* False past the last one. */
bool options_about(size_t index, struct option_about *out);

/* What ir_setting_info.values says of a setting that is true or false. */
#define OPTIONS_FLAG_VALUES "true or false"

#endif
