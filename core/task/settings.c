/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The vocabulary of settings: which keys exist, what each takes, and where values come from. A
 * value is checked when it is set, so that a wrong one is told before anything is read or sent.
 */
#include <imgrecog/settings.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/ascii.h"
#include "core/base/error.h"
#include "core/base/ini.h"
#include "core/base/world.h"

#define SERVICE "settings"
#define MAX_FILE_BYTES (64U * 1024)
#define MAX_PATH_BYTES 4096
#define MAX_KEY_BYTES 64
#define MAX_VALUE_BYTES 4096
#define MAX_SHOWN_BYTES 80 /* of a wrong value, in a message */
#define FILE_SECTION "default"

enum key {
    KEY_ENDPOINT,
    KEY_PROFILE,
    KEY_REGION,
    KEY_MIN_CONFIDENCE,
    KEY_MAX_LABELS,
    KEY_PROPERTIES,
    KEY_TEXT,
    KEY_FACES,
    KEY_TIMEOUT,
    KEY_COUNT
};

enum kind { KIND_TEXT, KIND_ENDPOINT, KIND_REAL, KIND_WHOLE, KIND_BOOL };

struct setting {
    struct ir_setting_info info;
    enum kind kind;
    double min, max; /* of numbers */
};

static const struct setting table[KEY_COUNT] = {
    [KEY_ENDPOINT] = {{"endpoint", "aws, local, an http:// or https:// address, unix:/PATH", "aws",
                       "Where requests go; local is the recogniser on this machine."},
                      KIND_ENDPOINT,
                      0,
                      0},
    [KEY_PROFILE] = {{"profile", "a profile of ~/.aws/config", "",
                      "Whose credentials and settings are used; over AWS_PROFILE."},
                     KIND_TEXT,
                     0,
                     0},
    [KEY_REGION] = {{"region", "a region like eu-west-1", "",
                     "Where the service runs; over AWS_REGION."},
                    KIND_TEXT,
                    0,
                    0},
    [KEY_MIN_CONFIDENCE] = {{"min-confidence", "a number from 0 to 100", "55",
                             "Labels of lower confidence, in percent, are left out."},
                            KIND_REAL,
                            0,
                            100},
    [KEY_MAX_LABELS] = {{"max-labels", "a whole number from 1 to 1000", "100",
                         "At most this many distinct labels."},
                        KIND_WHOLE,
                        1,
                        1000},
    [KEY_PROPERTIES] = {{"properties", "true or false", "false",
                         "Also dominant colours, brightness, sharpness and contrast; AWS charges "
                         "extra."},
                        KIND_BOOL,
                        0,
                        0},
    [KEY_TEXT] = {{"text", "true or false", "false",
                   "Also the words in the picture; one more paid request."},
                  KIND_BOOL,
                  0,
                  0},
    [KEY_FACES] = {{"faces", "true or false", "false",
                    "Also the faces' own list; one more paid request."},
                   KIND_BOOL,
                   0,
                   0},
    [KEY_TIMEOUT] = {{"timeout", "a number of seconds from 1 to 3600", "60",
                      "Time for one request with all its attempts."},
                     KIND_REAL,
                     1,
                     3600},
};

struct ir_settings {
    char *values[KEY_COUNT]; /* NULL = the preset */
};

const struct ir_setting_info *ir_setting_get_info(size_t setting_index)
{
    return setting_index < KEY_COUNT ? &table[setting_index].info : NULL;
}

/* ---- values ------------------------------------------------------------------------------ */

static bool is_true_word(const char *text)
{
    return strcasecmp(text, "true") == 0 || strcasecmp(text, "yes") == 0 ||
           strcasecmp(text, "on") == 0 || strcmp(text, "1") == 0;
}

static bool is_false_word(const char *text)
{
    return strcasecmp(text, "false") == 0 || strcasecmp(text, "no") == 0 ||
           strcasecmp(text, "off") == 0 || strcmp(text, "0") == 0;
}

/*
 * Decimal digits with at most one point, whatever the locale; NaN when it is no number. Digits and
 * power of ten are whole numbers that a double holds, so one division gives the nearest double.
 */
static double parse_number(const char *text)
{
    double value = 0.0;
    double place = 1.0;
    bool point = false;
    size_t digits = 0;
    for (; *text != '\0'; text++) {
        if (*text == '.' && !point) {
            point = true;
        } else if (ir_ascii_is_digit(*text) && digits < 15) {
            digits++;
            place *= point ? 10.0 : 1.0;
            value = value * 10.0 + (*text - '0');
        } else {
            return NAN;
        }
    }
    return digits > 0 ? value / place : NAN;
}

/* A word, or the beginning of an address; the address itself is judged when the client is made. */
static bool is_endpoint(const char *value)
{
    static const char *const schemes[] = {"http://", "https://", "unix:/"};
    if (strcmp(value, "aws") == 0 || strcmp(value, "local") == 0)
        return true;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (strncmp(value, schemes[i], strlen(schemes[i])) == 0)
            return strlen(value) <= MAX_VALUE_BYTES;
    return false;
}

static bool is_valid(const struct setting *setting, const char *value)
{
    double number;
    switch (setting->kind) {
    case KIND_BOOL:
        return is_true_word(value) || is_false_word(value);
    case KIND_WHOLE:
        if (strchr(value, '.') != NULL)
            return false;
        /* fall through */
    case KIND_REAL:
        number = parse_number(value);
        return number >= setting->min && number <= setting->max;
    case KIND_ENDPOINT:
        return is_endpoint(value);
    default:
        return *value != '\0' && strlen(value) <= MAX_VALUE_BYTES;
    }
}

static int fail_value(const struct setting *setting, const char *value, const char *origin,
                      struct ir_error *err)
{
    char shown[MAX_SHOWN_BYTES];
    ir_text_copy(shown, sizeof shown, value);
    int rc = ir_fail(err, IR_ERR_ARG, "%s is \"%s\", which is not %s", origin, shown,
                     setting->info.values);
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "Set %s to %s.", setting->info.key, setting->info.values);
    return rc;
}

static int fail_unknown(const char *key, const char *origin, struct ir_error *err)
{
    char known[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < KEY_COUNT; i++) {
        int chars = snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "",
                             table[i].info.key);
        if (chars < 0 || (size_t)chars >= sizeof known - used)
            break;
        used += (size_t)chars;
    }
    char shown[MAX_SHOWN_BYTES];
    ir_text_copy(shown, sizeof shown, key);
    int rc = ir_fail(err, IR_ERR_ARG, "%s: there is no setting \"%s\"", origin, shown);
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "The settings are: %s.", known);
    return rc;
}

static const struct setting *find_setting(const char *key, size_t *out_index)
{
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (strcmp(table[i].info.key, key) == 0) {
            *out_index = i;
            return &table[i];
        }
    }
    return NULL;
}

int ir_settings_set(struct ir_settings *settings, const char *key, const char *value,
                    const char *origin, struct ir_error *err)
{
    size_t index = 0;
    const struct setting *setting = find_setting(key, &index);
    if (setting == NULL)
        return fail_unknown(key, origin, err);
    if (!is_valid(setting, value))
        return fail_value(setting, value, origin, err);
    char *copy = ir_strdup(value);
    if (copy == NULL)
        return ir_fail_nomem(err);
    ir_free(settings->values[index]);
    settings->values[index] = copy;
    return 0;
}

static const char *value_of(const struct ir_settings *settings, enum key key)
{
    if (settings->values[key] != NULL)
        return settings->values[key];
    return *table[key].info.preset != '\0' ? table[key].info.preset : NULL;
}

const char *ir_settings_get(const struct ir_settings *settings, const char *key)
{
    size_t index = 0;
    return find_setting(key, &index) != NULL ? value_of(settings, (enum key)index) : NULL;
}

/* ---- where values come from -------------------------------------------------------------- */

/* "min_confidence" or "MIN_CONFIDENCE" to "min-confidence", or the other way. */
static void respell(const char *text, char from, char to, char (*change_case)(char), char *out)
{
    size_t i = 0;
    for (; text[i] != '\0' && i < MAX_KEY_BYTES - 1; i++)
        out[i] = text[i] == from ? to : change_case(text[i]);
    out[i] = '\0';
}

static int load_environment(struct ir_settings *settings, const struct ir_world *world,
                            struct ir_error *err)
{
    for (size_t i = 0; i < KEY_COUNT; i++) {
        char name[MAX_KEY_BYTES];
        char variable[MAX_KEY_BYTES + sizeof "IMGRECOG_"];
        respell(table[i].info.key, '-', '_', ir_ascii_upper, name);
        snprintf(variable, sizeof variable, "IMGRECOG_%s", name);
        const char *value = ir_world_getenv(world, variable);
        if (value == NULL)
            continue;
        int rc = ir_settings_set(settings, table[i].info.key, value, variable, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int apply_file(struct ir_settings *settings, const struct ir_ini *ini, const char *path,
                      struct ir_error *err)
{
    const char *section;
    const char *key;
    for (size_t i = 0; (section = ir_ini_section_name(ini, i)) != NULL; i++) {
        if (strcmp(section, FILE_SECTION) == 0)
            continue;
        char shown[MAX_SHOWN_BYTES];
        ir_text_copy(shown, sizeof shown, section);
        int rc = ir_fail(err, IR_ERR_ARG, "%s: there is no section [%s]", path, shown);
        ir_error_set_hint(err, "Settings stand under [" FILE_SECTION "].");
        return rc;
    }
    for (size_t i = 0; (key = ir_ini_key_name(ini, FILE_SECTION, i)) != NULL; i++) {
        char name[MAX_KEY_BYTES];
        char origin[MAX_PATH_BYTES + MAX_KEY_BYTES];
        respell(key, '_', '-', ir_ascii_lower, name);
        snprintf(origin, sizeof origin, "%s in %s", name, path);
        int rc = ir_settings_set(settings, name, ir_ini_get(ini, FILE_SECTION, key), origin, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int load_file(struct ir_settings *settings, const struct ir_world *world,
                     struct ir_error *err)
{
    struct ir_buf path;
    struct ir_buf text;
    struct ir_ini *ini = NULL;
    bool missing = false;
    ir_buf_init(&path, MAX_PATH_BYTES);
    ir_buf_init(&text, MAX_FILE_BYTES);
    const char *folder = ir_world_getenv(world, "XDG_CONFIG_HOME");
    if (folder != NULL && *folder == '/') /* a relative one is not valid, says XDG */
        ir_buf_append_text(&path, folder);
    else
        ir_world_expand_home(world, "~/.config", &path);
    ir_buf_append_text(&path, "/imgrecog/config");
    int rc = ir_buf_check(&path, "the settings file's path", err);
    if (rc == 0)
        rc = world->read_file(world->context, ir_buf_text(&path), &text, &missing, err);
    if (missing) {
        ir_error_clear(err);
        rc = 0;
    } else if (rc == 0) {
        rc = ir_ini_parse(ir_buf_text(&text), text.bytes, ir_buf_text(&path), &ini, err);
        if (rc == IR_ERR_ARG)
            ir_error_set_hint(err, "Correct the line. Settings stand under a line "
                                   "[" FILE_SECTION "].");
        if (rc == 0)
            rc = apply_file(settings, ini, ir_buf_text(&path), err);
    }
    if (rc != 0)
        ir_error_set_service(err, SERVICE);
    ir_ini_free(ini);
    ir_buf_release(&text);
    ir_buf_release(&path);
    return rc;
}

int ir_settings_new(struct ir_settings **out, struct ir_error *err)
{
    const struct ir_world *world = ir_world_system();
    struct ir_settings *settings = ir_calloc(1, sizeof *settings);
    if (settings == NULL)
        return ir_fail_nomem(err);
    int rc = load_file(settings, world, err);
    if (rc == 0)
        rc = load_environment(settings, world, err);
    if (rc == 0)
        *out = settings;
    else
        ir_settings_free(settings);
    return rc;
}

void ir_settings_free(struct ir_settings *settings)
{
    if (settings == NULL)
        return;
    for (size_t i = 0; i < KEY_COUNT; i++)
        ir_free(settings->values[i]);
    ir_free(settings);
}

/* ---- options ----------------------------------------------------------------------------- */

struct ir_client_options ir_settings_client_options(const struct ir_settings *settings)
{
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    options.profile = value_of(settings, KEY_PROFILE);
    options.region = value_of(settings, KEY_REGION);
    options.endpoint = value_of(settings, KEY_ENDPOINT);
    options.timeout_ms = lround(parse_number(value_of(settings, KEY_TIMEOUT)) * 1000.0);
    return options;
}

struct ir_labels_options ir_settings_labels_options(const struct ir_settings *settings)
{
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    options.min_confidence_pct = parse_number(value_of(settings, KEY_MIN_CONFIDENCE));
    options.max_labels = (unsigned)parse_number(value_of(settings, KEY_MAX_LABELS));
    options.properties = is_true_word(value_of(settings, KEY_PROPERTIES));
    options.text = is_true_word(value_of(settings, KEY_TEXT));
    options.faces = is_true_word(value_of(settings, KEY_FACES));
    return options;
}
