/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one vocabulary of settings, for every front end.
 *
 * Order of precedence: what the front end sets (the later call wins), then the environment
 * (IMGRECOG_MIN_CONFIDENCE for min-confidence), then $XDG_CONFIG_HOME/imgrecog/config (where that
 * is not set or relative, ~/.config/imgrecog/config; section [default], `min_confidence = 80` or
 * `min-confidence = 80`), then the default. AWS's own settings
 * are not copied here: without `profile`, `region` and `endpoint`, AWS's variables and files hold.
 */
#ifndef IMGRECOG_SETTINGS_H
#define IMGRECOG_SETTINGS_H

#include <imgrecog/ask.h>
#include <imgrecog/caption.h>
#include <imgrecog/check.h>
#include <imgrecog/client.h>
#include <imgrecog/generate.h>
#include <imgrecog/labels.h>
#include <imgrecog/log.h>
#include <imgrecog/upload.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ir_settings;

/* Which tasks a setting is for. */
enum ir_setting_task {
    IR_SETTING_CONNECTION = 1 << 0, /* all of them */
    IR_SETTING_LABELS = 1 << 1,
    IR_SETTING_CAPTION = 1 << 2,
    IR_SETTING_ASK = 1 << 3,
    IR_SETTING_GENERATE = 1 << 4,
    IR_SETTING_LOG = 1 << 5,
    IR_SETTING_CHECK = 1 << 6,
    IR_SETTING_UPLOAD = 1 << 7,
    IR_SETTING_CAPTURE = 1 << 12, /* recorded as SageMaker records inferences */
    /* Of front ends that draw, hide and write into pictures, and not of the core's tasks: read by
     * ir_settings_get. */
    IR_SETTING_OVERLAY = 1 << 16,  /* how labels are drawn */
    IR_SETTING_REDACT = 1 << 17,   /* what is done to what check found */
    IR_SETTING_METADATA = 1 << 18, /* what is written into the picture's profiles */
    IR_SETTING_LIST = 1 << 19,     /* how a list of pictures is worked through */
    IR_SETTING_OPERAND = 1 << 20,  /* for hosts whose words hold no operand: prompt, question */
};

/* One setting that exists. All strings are static. */
struct ir_setting_info {
    const char *key;     /* "min-confidence" */
    const char *values;  /* what it takes, in words: "0 to 100" */
    const char *preset;  /* the default, in words; "" when there is none */
    const char *summary; /* one sentence */
    unsigned tasks;      /* enum ir_setting_task */
    bool is_text;        /* words of any kind, blanks among them */
};

/* NULL when `setting_index` is past the last. */
IR_PUBLIC const struct ir_setting_info *ir_setting_get_info(size_t setting_index);

/*
 * Reads environment and file.
 * IR_ERR_ARG: a value there is wrong; the message names the place, the key and what it takes.
 */
IR_PUBLIC IR_MUST_CHECK int ir_settings_new(struct ir_settings **out, struct ir_error *err);

/* Whether a value says no: false, no, off or 0, in letters of either case. */
IR_PUBLIC bool ir_setting_is_no(const char *value);

/* The setting whose key is spelt so, as in the file: in letters of either case, '_' for '-'. NULL:
 * there is none. Static. */
IR_PUBLIC const struct ir_setting_info *ir_setting_find(const char *text, size_t bytes);

/* The key that is spelt so, else the one that is nearest to it; NULL when none is near. Static. */
IR_PUBLIC const char *ir_setting_meant(const char *text, size_t bytes);

/*
 * Whether environment or file ask for this setting, one that is true or false: for what must hold
 * even where ir_settings_new finds something there wrong. Who writes the key, or what means it,
 * asks, with any value but those for no, and without one; a variable that is empty is, as ever, not
 * set. `if_unreadable` is the answer for a file that is there and cannot be read.
 */
IR_PUBLIC bool ir_settings_are_asked(const char *key, bool if_unreadable);

/*
 * From now on ir_settings_set refuses settings that none of `tasks` (enum ir_setting_task) uses:
 * one that changes nothing would be believed. What file and environment say stays.
 */
IR_PUBLIC void ir_settings_limit(struct ir_settings *settings, unsigned tasks);

/*
 * Sets `key` (in the spelling of ir_setting_info) to `value`; copied. `origin` says where it came
 * from, for the error message ("-define imgrecog:max-labels").
 * IR_ERR_ARG: no such key (the message lists those that exist), one of another task, or a value
 * that it does not take.
 */
IR_PUBLIC IR_MUST_CHECK int ir_settings_set(struct ir_settings *settings, const char *key,
                                            const char *value, const char *origin,
                                            struct ir_error *err);

/* Takes a value away that anything set: the setting has its preset again, or none. */
IR_PUBLIC void ir_settings_unset(struct ir_settings *settings, const char *key);

/* The value in force as text, borrowed until the next set or free; NULL when there is none. */
IR_PUBLIC const char *ir_settings_get(const struct ir_settings *settings, const char *key);

/* Whether a setting that is true or false is true. */
IR_PUBLIC bool ir_settings_is_true(const struct ir_settings *settings, const char *key);

/* Options as the settings say. Strings in them are borrowed from `settings`. */
IR_PUBLIC struct ir_client_options ir_settings_client_options(const struct ir_settings *settings);
IR_PUBLIC struct ir_labels_options ir_settings_labels_options(const struct ir_settings *settings);
IR_PUBLIC struct ir_ask_options ir_settings_ask_options(const struct ir_settings *settings);
IR_PUBLIC struct ir_caption_options ir_settings_caption_options(const struct ir_settings *settings);
IR_PUBLIC struct ir_check_options ir_settings_check_options(const struct ir_settings *settings);
IR_PUBLIC struct ir_generate_options
ir_settings_generate_options(const struct ir_settings *settings);
/* Without bucket and key, which are no settings. */
IR_PUBLIC struct ir_upload_options ir_settings_upload_options(const struct ir_settings *settings);
/* `group` is NULL when nothing is to be logged. */
IR_PUBLIC struct ir_log_options ir_settings_log_options(const struct ir_settings *settings);

/* NULL is allowed. */
IR_PUBLIC void ir_settings_free(struct ir_settings *settings);

#ifdef __cplusplus
}
#endif
#endif
