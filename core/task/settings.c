/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The vocabulary of settings: what settings_table.c lists, where values come from, and what tasks
 * are told of them. A value is checked when it is set, so that a wrong one is told before anything
 * is read or sent.
 */
#include <imgrecog/settings.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/ascii.h"
#include "core/base/decimal.h"
#include "core/base/error.h"
#include "core/base/ini.h"
#include "core/base/world.h"
#include "core/task/labels_job.h"
#include "core/task/models.h"
#include "core/task/settings.h"
#include "core/task/settings_table.h"

#define SERVICE IR_SETTINGS_SERVICE
#define MAX_PATH_BYTES 4096
#define MAX_KEY_BYTES IR_SETTING_MAX_KEY_BYTES
#define MAX_VALUE_BYTES 4096
#define MAX_SHOWN_BYTES IR_SETTING_MAX_SHOWN_BYTES
#define FILE_SECTION "default"

struct ir_settings {
    char *values[KEY_COUNT]; /* NULL = the preset */
    unsigned tasks;          /* what may be set now; enum ir_setting_task */
};

const struct ir_setting_info *ir_setting_get_info(size_t setting_index)
{
    return setting_index < KEY_COUNT ? &ir_settings_table[setting_index].info : NULL;
}

/* ---- values ------------------------------------------------------------------------------ */

static bool is_true_word(const char *text)
{
    return strcasecmp(text, "true") == 0 || strcasecmp(text, "yes") == 0 ||
           strcasecmp(text, "on") == 0 || strcmp(text, "1") == 0;
}

bool ir_setting_is_no(const char *text)
{
    return strcasecmp(text, "false") == 0 || strcasecmp(text, "no") == 0 ||
           strcasecmp(text, "off") == 0 || strcmp(text, "0") == 0;
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

static bool is_from(const char *value)
{
    enum ir_labels_source source;
    const char *target;
    return ir_labels_parse_from(value, &source, &target);
}

/* The bits of a list of places to look; 0 when a word is none of them. */
static unsigned parse_looks(const char *value)
{
    static const struct {
        const char *name;
        unsigned bits;
    } names[] = {{"all", IR_CHECK_ALL},
                 {"model", IR_CHECK_MODEL},
                 {"moderation", IR_CHECK_MODERATION},
                 {"faces", IR_CHECK_FACES},
                 {"text", IR_CHECK_TEXT},
                 {"codes", IR_CHECK_CODES},
                 {"metadata", IR_CHECK_METADATA}};
    unsigned looks = 0;
    while (*value != '\0') {
        size_t chars = strcspn(value, ",");
        unsigned bits = 0;
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            if (strlen(names[i].name) == chars && strncmp(names[i].name, value, chars) == 0)
                bits = names[i].bits;
        if (bits == 0)
            return 0;
        looks |= bits;
        value += chars + (value[chars] == ',' ? 1 : 0);
    }
    return looks;
}

/* The mode; -1 when the word is none. */
static int parse_precheck(const char *value)
{
    static const char *const words[] = {
        [IR_PRECHECK_OFF] = "off", [IR_PRECHECK_WARN] = "warn", [IR_PRECHECK_BLOCK] = "block"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(value, words[i]) == 0)
            return (int)i;
    return -1;
}

/* Whether the first `chars` of `word` are one of the words of `choices`. */
static bool is_choice(const char *choices, const char *word, size_t chars)
{
    while (*choices != '\0') {
        size_t length = strcspn(choices, ",");
        if (length == chars && strncmp(choices, word, chars) == 0)
            return true;
        choices += length + (choices[length] == ',' ? 1 : 0);
    }
    return false;
}

static bool is_list(const char *choices, const char *value)
{
    bool is_more = true;
    while (is_more) {
        size_t chars = strcspn(value, ",");
        if (!is_choice(choices, value, chars))
            return false;
        is_more = value[chars] == ',';
        value += chars + 1;
    }
    return true;
}

static bool is_valid(const struct ir_setting *setting, const char *value)
{
    double number;
    switch (setting->kind) {
    case KIND_BOOL:
        return is_true_word(value) || ir_setting_is_no(value);
    case KIND_WHOLE:
        if (strchr(value, '.') != NULL)
            return false;
        /* fall through */
    case KIND_REAL:
        number = ir_decimal_parse(value);
        return number >= setting->min && number <= setting->max;
    case KIND_ENDPOINT:
        return is_endpoint(value);
    case KIND_FROM:
        return is_from(value);
    case KIND_LOOKS:
        return parse_looks(value) != 0;
    case KIND_PRECHECK:
        return parse_precheck(value) >= 0;
    case KIND_EDIT:
        return ir_model_of_edit(value) != NULL;
    case KIND_CHOICE:
        return is_choice(setting->choices, value, strlen(value));
    case KIND_LIST:
        return is_list(setting->choices, value);
    default:
        return *value != '\0' && strlen(value) <= MAX_VALUE_BYTES;
    }
}

static int fail_value(const struct ir_setting *setting, const char *value, const char *origin,
                      struct ir_error *err)
{
    char shown[MAX_SHOWN_BYTES];
    int rc;
    ir_text_copy(shown, sizeof shown, value);
    if (setting->kind != KIND_TEXT)
        rc = ir_fail(err, IR_ERR_ARG, "%s is \"%s\", which is none of its values", origin, shown);
    else if (*value == '\0')
        rc = ir_fail(err, IR_ERR_ARG, "%s is empty", origin);
    else /* it may be a prompt, which no message repeats */
        rc = ir_fail(err, IR_ERR_ARG, "%s has more than %d bytes", origin, MAX_VALUE_BYTES);
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "Set %s to %s.", setting->info.key, setting->info.values);
    return rc;
}

static int fail_task(const struct ir_setting *setting, const char *origin, struct ir_error *err)
{
    static const struct {
        unsigned bits;
        const char *task;
    } owners[] = {{IR_SETTING_LABELS | IR_SETTING_OVERLAY, "labels"},
                  {IR_SETTING_CAPTION, "caption"},
                  {IR_SETTING_CHECK | IR_SETTING_REDACT, "check"},
                  {IR_SETTING_ASK, "ask"},
                  {IR_SETTING_GENERATE, "generate"},
                  {IR_SETTING_UPLOAD, "upload"}};
    const char *task = NULL;
    int rc = ir_fail(err, IR_ERR_ARG, "%s: the setting %s belongs to another task", origin,
                     setting->info.key);
    for (size_t i = 0; task == NULL && i < sizeof owners / sizeof owners[0]; i++)
        if ((setting->info.tasks & owners[i].bits) != 0)
            task = owners[i].task;
    ir_error_set_service(err, SERVICE);
    if (task != NULL)
        ir_error_set_hint(err, "Ask for %s, too, or leave it out: it would change nothing here.",
                          task);
    else
        ir_error_set_hint(err, "Leave it out: it would change nothing here.");
    return rc;
}

static const struct ir_setting *find_setting(const char *key, size_t *out_index)
{
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (strcmp(ir_settings_table[i].info.key, key) == 0) {
            *out_index = i;
            return &ir_settings_table[i];
        }
    }
    return NULL;
}

void ir_settings_limit(struct ir_settings *settings, unsigned tasks)
{
    settings->tasks = tasks | IR_SETTING_CONNECTION;
}

int ir_settings_set(struct ir_settings *settings, const char *key, const char *value,
                    const char *origin, struct ir_error *err)
{
    size_t index = 0;
    const struct ir_setting *setting = find_setting(key, &index);
    if (setting == NULL)
        return ir_settings_fail_unknown(settings->tasks, key, origin, err);
    if ((setting->info.tasks & settings->tasks) == 0)
        return fail_task(setting, origin, err);
    if (!is_valid(setting, value))
        return fail_value(setting, value, origin, err);
    char *copy = ir_strdup(value);
    if (copy == NULL)
        return ir_fail_nomem(err);
    ir_free(settings->values[index]);
    settings->values[index] = copy;
    return 0;
}

void ir_settings_unset(struct ir_settings *settings, const char *key)
{
    size_t index = 0;
    if (find_setting(key, &index) == NULL)
        return;
    ir_free(settings->values[index]);
    settings->values[index] = NULL;
}

static const char *value_of(const struct ir_settings *settings, enum ir_setting_key key)
{
    if (settings->values[key] != NULL)
        return settings->values[key];
    return *ir_settings_table[key].info.preset != '\0' ? ir_settings_table[key].info.preset : NULL;
}

const char *ir_settings_get(const struct ir_settings *settings, const char *key)
{
    size_t index = 0;
    return find_setting(key, &index) != NULL ? value_of(settings, (enum ir_setting_key)index)
                                             : NULL;
}

bool ir_settings_is_true(const struct ir_settings *settings, const char *key)
{
    const char *value = ir_settings_get(settings, key);
    return value != NULL && is_true_word(value);
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

void ir_setting_variable(size_t setting_index, char out[IR_SETTING_VARIABLE_BYTES])
{
    char name[MAX_KEY_BYTES];
    respell(ir_settings_table[setting_index].info.key, '-', '_', ir_ascii_upper, name);
    snprintf(out, IR_SETTING_VARIABLE_BYTES, IR_SETTING_VARIABLE_PREFIX "%s", name);
}

static int load_environment(struct ir_settings *settings, const struct ir_world *world,
                            struct ir_error *err)
{
    for (size_t i = 0; i < KEY_COUNT; i++) {
        char variable[IR_SETTING_VARIABLE_BYTES];
        ir_setting_variable(i, variable);
        const char *value = ir_world_getenv(world, variable);
        if (value == NULL)
            continue;
        int rc = ir_settings_set(settings, ir_settings_table[i].info.key, value, variable, err);
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

int ir_settings_read_file(const struct ir_world *world, struct ir_buf *path, struct ir_buf *text,
                          bool *out_missing, struct ir_error *err)
{
    ir_world_user_path(world, IR_USER_CONFIG, IR_SETTINGS_FILE, path);
    int rc = ir_buf_check(path, "the settings file's path", err);
    return rc == 0 ? world->read_file(world->context, ir_buf_text(path), text, out_missing, err)
                   : rc;
}

static int load_file(struct ir_settings *settings, const struct ir_world *world,
                     struct ir_error *err)
{
    struct ir_buf path;
    struct ir_buf text;
    struct ir_ini *ini = NULL;
    bool missing = false;
    ir_buf_init(&path, MAX_PATH_BYTES);
    ir_buf_init(&text, IR_SETTINGS_MAX_FILE_BYTES);
    int rc = ir_settings_read_file(world, &path, &text, &missing, err);
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
    settings->tasks = ~0U;
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

/* A number that may be left out. */
static double optional_number(const struct ir_settings *settings, enum ir_setting_key key,
                              double unset)
{
    const char *value = value_of(settings, key);
    return value != NULL ? ir_decimal_parse(value) : unset;
}

struct ir_client_options ir_settings_client_options(const struct ir_settings *settings)
{
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    options.profile = value_of(settings, KEY_PROFILE);
    options.region = value_of(settings, KEY_REGION);
    options.endpoint = value_of(settings, KEY_ENDPOINT);
    options.timeout_ms = lround(ir_decimal_parse(value_of(settings, KEY_TIMEOUT)) * 1000.0);
    options.precheck = (enum ir_precheck)parse_precheck(value_of(settings, KEY_PRECHECK));
    options.limits_cost = value_of(settings, KEY_MAX_COST) != NULL;
    options.max_cost_usd = optional_number(settings, KEY_MAX_COST, 0);
    options.limits_month = value_of(settings, KEY_MONTHLY_LIMIT) != NULL;
    options.monthly_limit_usd = optional_number(settings, KEY_MONTHLY_LIMIT, 0);
    options.ledger = is_true_word(value_of(settings, KEY_LEDGER));
    options.cache = is_true_word(value_of(settings, KEY_CACHE));
    options.refresh = is_true_word(value_of(settings, KEY_REFRESH));
    options.cache_mib = ir_decimal_parse(value_of(settings, KEY_CACHE_SIZE));
    options.cache_days = (unsigned)optional_number(settings, KEY_CACHE_DAYS, 0);
    options.dry_run = is_true_word(value_of(settings, KEY_DRY_RUN));
    return options;
}

struct ir_labels_options ir_settings_labels_options(const struct ir_settings *settings)
{
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    options.min_confidence_pct = ir_decimal_parse(value_of(settings, KEY_MIN_CONFIDENCE));
    options.max_labels = (unsigned)ir_decimal_parse(value_of(settings, KEY_MAX_LABELS));
    options.properties = is_true_word(value_of(settings, KEY_PROPERTIES));
    options.text = is_true_word(value_of(settings, KEY_TEXT));
    options.faces = is_true_word(value_of(settings, KEY_FACES));
    options.from = value_of(settings, KEY_FROM);
    options.include_labels = value_of(settings, KEY_INCLUDE_LABELS);
    options.exclude_labels = value_of(settings, KEY_EXCLUDE_LABELS);
    options.include_categories = value_of(settings, KEY_INCLUDE_CATEGORIES);
    options.exclude_categories = value_of(settings, KEY_EXCLUDE_CATEGORIES);
    options.max_dominant_colors = (int)optional_number(settings, KEY_MAX_COLORS, -1);
    options.model = value_of(settings, KEY_MODEL);
    options.max_tokens = (unsigned)ir_decimal_parse(value_of(settings, KEY_MAX_TOKENS));
    options.prompt = value_of(settings, KEY_PROMPT);
    options.language = value_of(settings, KEY_LANGUAGE);
    options.content_type = value_of(settings, KEY_CONTENT_TYPE);
    options.class_names = value_of(settings, KEY_CLASS_NAMES);
    options.bucket = value_of(settings, KEY_BUCKET);
    options.prefix = value_of(settings, KEY_PREFIX);
    options.keep_object = is_true_word(value_of(settings, KEY_KEEP_OBJECT));
    options.vocabulary = value_of(settings, KEY_VOCABULARY);
    options.vocabulary_only = is_true_word(value_of(settings, KEY_VOCABULARY_ONLY));
    options.fail_below_pct = ir_decimal_parse(value_of(settings, KEY_FAIL_BELOW));
    return options;
}

struct ir_ask_options ir_settings_ask_options(const struct ir_settings *settings)
{
    struct ir_ask_options options = IR_ASK_OPTIONS_INIT;
    options.model = value_of(settings, KEY_MODEL);
    options.max_tokens = (unsigned)ir_decimal_parse(value_of(settings, KEY_MAX_TOKENS));
    return options;
}

struct ir_caption_options ir_settings_caption_options(const struct ir_settings *settings)
{
    struct ir_caption_options options = IR_CAPTION_OPTIONS_INIT;
    options.model = value_of(settings, KEY_MODEL);
    options.language = value_of(settings, KEY_LANGUAGE);
    options.context = value_of(settings, KEY_CONTEXT);
    options.from_labels = is_true_word(value_of(settings, KEY_FROM_LABELS));
    options.max_tokens = (unsigned)ir_decimal_parse(value_of(settings, KEY_MAX_TOKENS));
    return options;
}

struct ir_check_options ir_settings_check_options(const struct ir_settings *settings)
{
    struct ir_check_options options = IR_CHECK_OPTIONS_INIT;
    options.looks = parse_looks(value_of(settings, KEY_LOOK_FOR));
    options.min_confidence_pct = ir_decimal_parse(value_of(settings, KEY_MIN_CONFIDENCE));
    options.model = value_of(settings, KEY_MODEL);
    options.language = value_of(settings, KEY_LANGUAGE);
    options.max_tokens = (unsigned)ir_decimal_parse(value_of(settings, KEY_MAX_TOKENS));
    return options;
}

struct ir_upload_options ir_settings_upload_options(const struct ir_settings *settings)
{
    struct ir_upload_options options = IR_UPLOAD_OPTIONS_INIT;
    options.content_type = value_of(settings, KEY_CONTENT_TYPE);
    options.storage_class = value_of(settings, KEY_STORAGE_CLASS);
    options.encryption = value_of(settings, KEY_ENCRYPTION);
    options.kms_key = value_of(settings, KEY_KMS_KEY);
    options.expected_owner = value_of(settings, KEY_EXPECTED_OWNER);
    options.cache_control = value_of(settings, KEY_CACHE_CONTROL);
    options.only_if_new = is_true_word(value_of(settings, KEY_ONLY_IF_NEW));
    return options;
}

struct ir_generate_options ir_settings_generate_options(const struct ir_settings *settings)
{
    struct ir_generate_options options = IR_GENERATE_OPTIONS_INIT;
    double unset = IR_GENERATE_UNSET;
    options.edit = value_of(settings, KEY_EDIT);
    options.model = value_of(settings, KEY_IMAGE_MODEL);
    options.negative_prompt = value_of(settings, KEY_NEGATIVE_PROMPT);
    options.search = value_of(settings, KEY_SEARCH);
    options.width_px = (unsigned)optional_number(settings, KEY_WIDTH, 0);
    options.height_px = (unsigned)optional_number(settings, KEY_HEIGHT, 0);
    options.seed = optional_number(settings, KEY_SEED, unset);
    options.cfg_scale = optional_number(settings, KEY_CFG_SCALE, unset);
    options.steps = (unsigned)optional_number(settings, KEY_STEPS, 0);
    options.sampler = value_of(settings, KEY_SAMPLER);
    options.clip_guidance_preset = value_of(settings, KEY_CLIP_GUIDANCE_PRESET);
    options.style_preset = value_of(settings, KEY_STYLE_PRESET);
    options.strength = optional_number(settings, KEY_STRENGTH, unset);
    options.grow_mask_px = optional_number(settings, KEY_GROW_MASK, unset);
    options.left_px = optional_number(settings, KEY_LEFT, unset);
    options.right_px = optional_number(settings, KEY_RIGHT, unset);
    options.up_px = optional_number(settings, KEY_UP, unset);
    options.down_px = optional_number(settings, KEY_DOWN, unset);
    options.creativity = optional_number(settings, KEY_CREATIVITY, unset);
    options.control_strength = optional_number(settings, KEY_CONTROL_STRENGTH, unset);
    options.fidelity = optional_number(settings, KEY_FIDELITY, unset);
    options.style_strength = optional_number(settings, KEY_STYLE_STRENGTH, unset);
    options.composition_fidelity = optional_number(settings, KEY_COMPOSITION_FIDELITY, unset);
    options.change_strength = optional_number(settings, KEY_CHANGE_STRENGTH, unset);
    options.keep_prompt = is_true_word(value_of(settings, KEY_KEEP_PROMPT));
    options.prompt_writer = value_of(settings, KEY_PROMPT_WRITER);
    return options;
}

struct ir_log_options ir_settings_log_options(const struct ir_settings *settings)
{
    struct ir_log_options options = IR_LOG_OPTIONS_INIT;
    options.group = value_of(settings, KEY_LOG_GROUP);
    options.stream = value_of(settings, KEY_LOG_STREAM);
    return options;
}
