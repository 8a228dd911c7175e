/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vocabulary of settings: every key with good and bad values, and where values come from. */
#include "tests/unit/unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include <imgrecog/settings.h>

#include "core/base/utf8.h"
#include "core/task/settings.h"

#define KOREAN_27                                                                                  \
    "\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c"         \
    "\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c"         \
    "\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c"         \
    "\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c"

static char folder[] = "/tmp/imgrecog-test-XXXXXX";

static const char *const keys[] = {"endpoint",
                                   "profile",
                                   "region",
                                   "min-confidence",
                                   "max-labels",
                                   "from",
                                   "include-labels",
                                   "exclude-labels",
                                   "include-categories",
                                   "exclude-categories",
                                   "vocabulary",
                                   "vocabulary-only",
                                   "fail-below",
                                   "class-names",
                                   "bucket",
                                   "prefix",
                                   "keep-object",
                                   "properties",
                                   "max-colors",
                                   "text",
                                   "faces",
                                   "look-for",
                                   "model",
                                   "language",
                                   "context",
                                   "use-metadata",
                                   "from-labels",
                                   "max-tokens",
                                   "edit",
                                   "image-model",
                                   "negative-prompt",
                                   "search",
                                   "width",
                                   "height",
                                   "seed",
                                   "cfg-scale",
                                   "steps",
                                   "sampler",
                                   "clip-guidance-preset",
                                   "style-preset",
                                   "strength",
                                   "grow-mask",
                                   "left",
                                   "right",
                                   "up",
                                   "down",
                                   "creativity",
                                   "control-strength",
                                   "fidelity",
                                   "style-strength",
                                   "composition-fidelity",
                                   "change-strength",
                                   "keep-prompt",
                                   "prompt-writer",
                                   "content-type",
                                   "storage-class",
                                   "encryption",
                                   "kms-key",
                                   "expected-owner",
                                   "cache-control",
                                   "only-if-new",
                                   "document",
                                   "presign",
                                   "log-group",
                                   "log-stream",
                                   "prompt",
                                   "question",
                                   "upload",
                                   "overlay",
                                   "show",
                                   "only",
                                   "sort",
                                   "palette",
                                   "line-width",
                                   "font",
                                   "opacity",
                                   "action",
                                   "kinds",
                                   "margin",
                                   "fail-closed",
                                   "metadata",
                                   "frames",
                                   "jobs",
                                   "on-error",
                                   "max-cost",
                                   "monthly-limit",
                                   "ledger",
                                   "cache",
                                   "refresh",
                                   "cache-size",
                                   "cache-days",
                                   "dry-run",
                                   "capture",
                                   "capture-input",
                                   "timeout",
                                   "precheck"};

/* ---- the world --------------------------------------------------------------------------- */

static void variable_name(const char *key, char *out)
{
    char *end = stpcpy(out, "IMGRECOG_");
    for (; *key != '\0'; key++)
        *end++ = *key == '-' ? '_' : (char)(*key - 'a' + 'A');
    *end = '\0';
}

static void write_bytes(const char *data, size_t bytes)
{
    char path[256];
    snprintf(path, sizeof path, "%s/imgrecog", folder);
    (void)mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/imgrecog/config", folder);
    (void)unlink(path);
    if (data == NULL)
        return;
    FILE *file = fopen(path, "w");
    if (file == NULL)
        fail_msg("%s cannot be written", path);
    assert_int_equal(fwrite(data, 1, bytes, file), bytes);
    assert_int_equal(fclose(file), 0);
}

static void write_file(const char *text)
{
    write_bytes(text, text != NULL ? strlen(text) : 0);
}

/* No variable of ours, no file. */
static void clear_world(void)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char name[64];
        variable_name(keys[i], name);
        assert_int_equal(unsetenv(name), 0);
    }
    write_file(NULL);
}

static struct ir_settings *make(void)
{
    struct ir_settings *settings = NULL;
    struct ir_error err = {0};
    if (ir_settings_new(&settings, &err) != 0)
        fail_msg("%s", err.message);
    return settings;
}

static void assert_says(const struct ir_error *err, const char *words)
{
    char line[2048];
    ir_error_line(err, line, sizeof line);
    if (strstr(line, words) == NULL)
        fail_msg("the error does not say \"%s\": %s", words, line);
    assert_true(ir_utf8_is_valid(err->message, strlen(err->message)));
    assert_true(ir_utf8_is_valid(err->hint, strlen(err->hint)));
}

/* ---- what is asked for in spite of errors -------------------------------------------------- */

static const struct asked_row {
    const char *name;
    const char *variable; /* NULL = not set */
    const char *file;     /* NULL = none */
    bool is_asked;
    bool is_unreadable; /* then it is what the caller wants */
    size_t file_bytes;  /* 0 = as many as the text has */
} asked_rows[] = {
    {"nowhere", NULL, NULL, false},
    {"by the environment", "true", NULL, true},
    {"not by the environment, which comes first", "no", "[default]\nfail-closed = true\n", false},
    {"not by an empty variable, which is none", "", NULL, false},
    {"by the file behind an empty variable", "", "[default]\nfail-closed = true\n", true},
    {"by a mistyped word", "ture", NULL, true},
    {"by the file", NULL, "[default]\nfail-closed = true\n", true},
    {"by the file, beside a wrong value", NULL,
     "[default]\nmax-labels = abc\n Fail_Closed=ON \r\nregion = x", true},
    {"by a file that is none", NULL, "[default\nfail-closed=1", true},
    {"by the last line that says so", NULL, "fail-closed = yes\nfail-closed = off\n", false},
    {"not by a key that is far from it", NULL, "fail-closed-where-it-must-be = yes\n", false},
    {"by a key behind something else", NULL, "[default] fail-closed = yes\n", true},
    {"by a key in quotes", NULL, "[default]\n'fail-closed' = yes\n", true},
    {"by a mistyped key", NULL, "[default]\nfail-close = yes\n", true},
    {"not by another key that is like it", NULL, "[default]\nfail-below = 50\n", false},
    {"by a key without a value", NULL, "[default]\nfail-closed =\n", true},
    {"by a key alone", NULL, "[default]\nfail-closed\n", true},
    {"by a key with a colon", NULL, "[default]\nfail-closed : true\n", true},
    {"not by a key with a colon and no", NULL, "[default]\nfail-closed: no\n", false},
    {"not by a value alone", NULL, "= yes\n=\n", false},
    {"not by another setting's words", NULL, "[default]\nprompt = a fail-closed = door\n", false},
    {"not by no with a comment", NULL,
     "[default]\nfail-closed = false  # not on this machine\nmin-confidence = 200\n", false},
    {"not by no with the other comment", NULL,
     "[default]\nfail-closed = false ; why\nmin-confidence = 200\n", false},
    {"by yes with a comment", NULL, "[default]\nfail-closed = true # no\n", true},
    {"by a key alone with a comment", NULL, "[default]\nfail-closed # = no\n", true},
    {"by a value that is no comment", NULL, "[default]\nfail-closed = no#\n", true},
    {"not by a comment", NULL, "# fail-closed = true\n  ; fail-closed = true\n", false},
    {"behind a byte-order mark", NULL,
     "\xEF\xBB\xBF"
     "fail-closed = true\n[default]\n",
     true},
    {"not behind a byte-order mark", NULL,
     "\xEF\xBB\xBF"
     "fail-closed = no\n[default]\n",
     false},
    {"by what the rest of a value may not take back", NULL,
     "[default]\nfail-closed = true\nprompt = x\n  fail-closed = no\n", true},
    {"not by indented lines", NULL, "[default]\n  fail-closed = no\n", false},
    {"by a line behind one that is no text", NULL, "\0\n[default]\nfail-closed = true\n", true,
     false, 30},
    {"not by a line behind one that is no text", NULL, "\0\n[default]\nfail-closed = false\n",
     false, false, 31},
    {"by a line that is no text", NULL, "\0fail-closed = true\n", false, true, 20},
    {"by a line before one that is no text", NULL, "fail-closed = true\n\0", true, false, 20},
};

static void test_asked(void **state)
{
    const struct asked_row *row = *state;
    clear_world();
    if (row->file_bytes != 0)
        write_bytes(row->file, row->file_bytes);
    else
        write_file(row->file);
    if (row->variable != NULL)
        assert_int_equal(setenv("IMGRECOG_FAIL_CLOSED", row->variable, 1), 0);
    assert_int_equal(ir_settings_are_asked("fail-closed", true),
                     row->is_asked || row->is_unreadable);
    assert_int_equal(ir_settings_are_asked("fail-closed", false), row->is_asked);
    assert_false(ir_settings_are_asked("no-such-setting", true));
    assert_int_equal(unsetenv("IMGRECOG_FAIL_CLOSED"), 0);
    clear_world();
}

/* A file that is there and cannot be read may say anything; one that is not there says nothing. */
static void test_asked_unreadable(void **state)
{
    static char large[IR_SETTINGS_MAX_FILE_BYTES + 2];
    char path[256];
    (void)state;
    clear_world();
    memset(large, '#', sizeof large - 1);
    write_file(large);
    assert_true(ir_settings_are_asked("fail-closed", true));
    assert_false(ir_settings_are_asked("fail-closed", false));
    assert_int_equal(setenv("IMGRECOG_FAIL_CLOSED", "no", 1), 0);
    assert_false(ir_settings_are_asked("fail-closed", true));
    assert_int_equal(unsetenv("IMGRECOG_FAIL_CLOSED"), 0);
    clear_world();
    assert_false(ir_settings_are_asked("fail-closed", true));
    snprintf(path, sizeof path, "%s/imgrecog/config", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    bool is_asked = ir_settings_are_asked("fail-closed", true);
    assert_int_equal(rmdir(path), 0);
    assert_true(is_asked);
}

/* What a key means that is not spelt as it should be. */
static void test_meant(void **state)
{
    static const struct {
        const char *text;
        const char *found;
        const char *meant;
    } rows[] = {{"fail-closed", "fail-closed", "fail-closed"},
                {"Fail_CLOSED", "fail-closed", "fail-closed"},
                {"fail-close", NULL, "fail-closed"},
                {"fail-below", "fail-below", "fail-below"},
                {"dryrun", NULL, "dry-run"},
                {"fail", NULL, NULL},
                {"", NULL, NULL},
                {"a key that is longer than any that there is, by far, and by a word or two more",
                 NULL, NULL}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct ir_setting_info *info = ir_setting_find(rows[i].text, strlen(rows[i].text));
        const char *meant = ir_setting_meant(rows[i].text, strlen(rows[i].text));
        assert_string_equal(info != NULL ? info->key : "", rows[i].found ? rows[i].found : "");
        assert_string_equal(meant != NULL ? meant : "", rows[i].meant ? rows[i].meant : "");
    }
}

/* ---- values ------------------------------------------------------------------------------ */

struct value_row {
    const char *name;
    const char *key;
    const char *value;
    bool is_good;
};

static const struct value_row value_rows[] = {
    {"endpoint: aws", "endpoint", "aws", true},
    {"endpoint: local", "endpoint", "local", true},
    {"endpoint: URL", "endpoint", "http://127.0.0.1:5000", true},
    {"endpoint: socket", "endpoint", "unix:/run/x.sock", true},
    {"endpoint: nothing", "endpoint", "", false},
    {"endpoint: a slip of the pen", "endpoint", "lokal", false},
    {"endpoint: in quotes", "endpoint", "\"local\"", false},
    {"endpoint: another scheme", "endpoint", "ftp://x", false},
    {"endpoint: a relative socket", "endpoint", "unix:x.sock", false},
    {"profile: words", "profile", "my work", true},
    {"profile: Korean", "profile", "\xed\x95\x9c\xea\xb5\xad", true},
    {"profile: nothing", "profile", "", false},
    {"region: one", "region", "eu-west-1", true},
    {"region: nothing", "region", "", false},
    {"min-confidence: 0", "min-confidence", "0", true},
    {"min-confidence: 100", "min-confidence", "100", true},
    {"min-confidence: 100.000", "min-confidence", "100.000", true},
    {"min-confidence: 55.5", "min-confidence", "55.5", true},
    {"min-confidence: .5", "min-confidence", ".5", true},
    {"min-confidence: 101", "min-confidence", "101", false},
    {"min-confidence: 100.0001", "min-confidence", "100.0001", false},
    {"min-confidence: -1", "min-confidence", "-1", false},
    {"min-confidence: -0", "min-confidence", "-0", false},
    {"min-confidence: +5", "min-confidence", "+5", false},
    {"min-confidence: 5e1", "min-confidence", "5e1", false},
    {"min-confidence: 0x10", "min-confidence", "0x10", false},
    {"min-confidence: nan", "min-confidence", "nan", false},
    {"min-confidence: inf", "min-confidence", "inf", false},
    {"min-confidence: a comma", "min-confidence", "55,5", false},
    {"min-confidence: two points", "min-confidence", "5.5.5", false},
    {"min-confidence: a point", "min-confidence", ".", false},
    {"min-confidence: nothing", "min-confidence", "", false},
    {"min-confidence: percent", "min-confidence", "55%", false},
    {"min-confidence: blank before", "min-confidence", " 55", false},
    {"min-confidence: blank behind", "min-confidence", "55 ", false},
    {"min-confidence: 16 digits", "min-confidence", "55.00000000000000", false},
    {"max-labels: 1", "max-labels", "1", true},
    {"max-labels: 1000", "max-labels", "1000", true},
    {"max-labels: 0", "max-labels", "0", false},
    {"max-labels: 1001", "max-labels", "1001", false},
    {"max-labels: 5.0", "max-labels", "5.0", false},
    {"max-labels: beyond 32 bits", "max-labels", "4294967297", false},
    {"max-labels: a word", "max-labels", "many", false},
    {"properties: true", "properties", "true", true},
    {"properties: YES", "properties", "YES", true},
    {"properties: on", "properties", "on", true},
    {"properties: 1", "properties", "1", true},
    {"properties: false", "properties", "false", true},
    {"properties: No", "properties", "No", true},
    {"properties: off", "properties", "off", true},
    {"properties: 0", "properties", "0", true},
    {"properties: 2", "properties", "2", false},
    {"properties: nothing", "properties", "", false},
    {"properties: maybe", "properties", "maybe", false},
    {"text: true", "text", "true", true},
    {"text: y", "text", "y", false},
    {"faces: true", "faces", "true", true},
    {"faces: tru", "faces", "tru", false},
    {"max-cost: 0", "max-cost", "0", true},
    {"max-cost: 0.0005", "max-cost", "0.0005", true},
    {"max-cost: -1", "max-cost", "-1", false},
    {"max-cost: $1", "max-cost", "$1", false},
    {"monthly-limit: 5", "monthly-limit", "5", true},
    {"cache: off", "cache", "off", true},
    {"cache: 7", "cache", "7", false},
    {"cache-size: 1", "cache-size", "1", true},
    {"cache-size: 0", "cache-size", "0", false},
    {"cache-days: 30", "cache-days", "30", true},
    {"cache-days: 0", "cache-days", "0", false},
    {"timeout: 1", "timeout", "1", true},
    {"timeout: 0.5", "timeout", "0.5", false},
    {"timeout: 3600", "timeout", "3600", true},
    {"timeout: 3600.1", "timeout", "3600.1", false},
    {"timeout: 0", "timeout", "0", false},
    {"timeout: 60s", "timeout", "60s", false},
    {"precheck: off", "precheck", "off", true},
    {"precheck: warn", "precheck", "warn", true},
    {"precheck: block", "precheck", "block", true},
    {"precheck: true", "precheck", "true", false},
    {"precheck: nothing", "precheck", "", false},
    {"one of some: the first", "overlay", "boxes", true},
    {"one of some: the last", "overlay", "none", true},
    {"one of some: a beginning", "overlay", "box", false},
    {"one of some: two", "overlay", "boxes,plates", false},
    {"one of some: none", "overlay", "", false},
    {"some of: one", "show", "confidence", true},
    {"some of: all", "show", "parents,confidence,name", true},
    {"some of: a stranger", "show", "name,colour", false},
    {"some of: none", "show", "", false},
    {"some of: a comma at the end", "show", "name,", false},
    {"some of: a comma first", "show", ",name", false},
    {"jobs: 64", "jobs", "64", true},
    {"jobs: 65", "jobs", "65", false},
    {"opacity: 0", "opacity", "0", false},
    {"a value is cut at a character", "max-labels", KOREAN_27, false},
    {"a line break in a value", "max-labels", "5\nX", false},
};

static const struct ir_setting_info *info_of(const char *key)
{
    for (size_t i = 0; ir_setting_get_info(i) != NULL; i++)
        if (strcmp(ir_setting_get_info(i)->key, key) == 0)
            return ir_setting_get_info(i);
    fail_msg("there is no setting %s", key);
    return NULL;
}

/* Through each way in: set, environment, file. */
static void test_value(void **state)
{
    const struct value_row *row = *state;
    struct ir_error err = {0};
    char name[64];
    clear_world();
    struct ir_settings *settings = make();
    char before[64];
    snprintf(before, sizeof before, "%s",
             ir_settings_get(settings, row->key) != NULL ? ir_settings_get(settings, row->key)
                                                         : "");
    int rc = ir_settings_set(settings, row->key, row->value, "-define x", &err);
    if (row->is_good) {
        assert_int_equal(rc, 0);
        assert_string_equal(ir_settings_get(settings, row->key), row->value);
    } else {
        assert_int_equal(rc, IR_ERR_ARG);
        assert_string_equal(err.service, "settings");
        assert_says(&err, "-define x");
        assert_says(&err, info_of(row->key)->values);
        assert_null(strstr(err.message, info_of(row->key)->values)); /* once: in the hint */
        const char *after = ir_settings_get(settings, row->key);
        assert_string_equal(after != NULL ? after : "", before);
    }
    ir_settings_free(settings);
    if (*row->value == '\0')
        return; /* an empty variable is one that is not set */
    settings = NULL;
    variable_name(row->key, name);
    assert_int_equal(setenv(name, row->value, 1), 0);
    memset(&err, 0, sizeof err);
    rc = ir_settings_new(&settings, &err);
    assert_int_equal(rc, row->is_good ? 0 : IR_ERR_ARG);
    if (row->is_good)
        assert_string_equal(ir_settings_get(settings, row->key), row->value);
    else
        assert_says(&err, name);
    ir_settings_free(settings);
}

/* ---- keys -------------------------------------------------------------------------------- */

static void test_vocabulary(void **state)
{
    (void)state;
    size_t count = sizeof keys / sizeof keys[0];
    clear_world();
    struct ir_settings *settings = make();
    for (size_t i = 0; i < count; i++) {
        const struct ir_setting_info *info = ir_setting_get_info(i);
        assert_non_null(info);
        assert_string_equal(info->key, keys[i]);
        assert_true(strlen(info->values) > 0 && strlen(info->summary) > 0);
        const char *value = ir_settings_get(settings, keys[i]);
        assert_string_equal(value != NULL ? value : "", info->preset);
        assert_int_equal(info->is_text,
                         ir_settings_set(settings, keys[i], "any words", "x", NULL) == 0);
    }
    assert_null(ir_setting_get_info(count));
    assert_null(ir_setting_get_info((size_t)-1));
    ir_settings_free(settings);
    ir_settings_free(NULL);
}

static void test_unknown_key(void **state)
{
    (void)state;
    static const char *const unknown[] = {"", "colour", (KOREAN_27)};
    clear_world();
    struct ir_settings *settings = make();
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        struct ir_error err = {0};
        assert_int_equal(ir_settings_set(settings, unknown[i], "1", "-process", &err), IR_ERR_ARG);
        assert_says(&err, "-process");
        for (size_t j = 0; j < 8; j++) /* as many as there is room for */
            assert_says(&err, keys[j]);
        assert_says(&err, "imgrecog config");
        assert_null(ir_settings_get(settings, unknown[i]));
    }
    ir_settings_free(settings);
}

/* By its spelling; what is of another task is not offered. */
static void test_mistyped_key(void **state)
{
    static const struct {
        const char *key;
        const char *meant;
    } rows[] = {{"min_confidence", "Is min-confidence meant?"},
                {"max-label", "Is max-labels meant?"},
                {"Region", "Is region meant?"},
                {"min-confidence ", "Is min-confidence meant?"},
                {"stepss", "The settings are"}};
    (void)state;
    clear_world();
    struct ir_settings *settings = make();
    ir_settings_limit(settings, IR_SETTING_LABELS);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ir_error err = {0};
        assert_int_equal(ir_settings_set(settings, rows[i].key, "1", "-process", &err), IR_ERR_ARG);
        assert_says(&err, rows[i].meant);
    }
    ir_settings_free(settings);
}

/* A prompt that is too long is not repeated. */
static void test_prompt_kept(void **state)
{
    static char prompt[4098];
    struct ir_error err = {0};
    char line[2048];
    (void)state;
    clear_world();
    struct ir_settings *settings = make();
    memset(prompt, 'x', sizeof prompt - 1);
    memcpy(prompt, "marathon", strlen("marathon"));
    assert_int_equal(
        ir_settings_set(settings, "negative-prompt", prompt, "--negative-prompt", &err),
        IR_ERR_ARG);
    assert_says(&err, "4096 bytes");
    assert_null(strstr(ir_error_line(&err, line, sizeof line), "marathon"));
    prompt[sizeof prompt - 2] = '\0';
    assert_int_equal(
        ir_settings_set(settings, "negative-prompt", prompt, "--negative-prompt", &err), 0);
    ir_settings_free(settings);
}

static void test_limit(void **state)
{
    struct ir_error err = {0};
    (void)state;
    clear_world();
    assert_int_equal(setenv("IMGRECOG_SEED", "7", 1), 0);
    struct ir_settings *settings = make();
    ir_settings_limit(settings, IR_SETTING_LABELS);
    assert_int_equal(ir_settings_set(settings, "max-labels", "3", "word", &err), 0);
    assert_int_equal(ir_settings_set(settings, "region", "eu-west-1", "word", &err), 0);
    assert_int_equal(ir_settings_set(settings, "seed", "8", "word", &err), IR_ERR_ARG);
    assert_says(&err, "another task");
    assert_string_equal(ir_settings_get(settings, "seed"), "7");
    assert_int_equal(ir_settings_set(settings, "colour", "red", "word", &err), IR_ERR_ARG);
    assert_says(&err, "max-labels");
    assert_null(strstr(err.hint, "seed"));
    ir_settings_free(settings);
    assert_int_equal(unsetenv("IMGRECOG_SEED"), 0);
}

/* Every edit that the words of the setting name is one that it takes. */
static void test_edits(void **state)
{
    char words[512];
    char *rest = words;
    char *word;
    int count = 0;
    (void)state;
    clear_world();
    struct ir_settings *settings = make();
    snprintf(words, sizeof words, "%s", info_of("edit")->values);
    while ((word = strtok_r(NULL, ", ", &rest)) != NULL) {
        if (strcmp(word, "or") == 0)
            continue;
        assert_int_equal(ir_settings_set(settings, "edit", word, "word", NULL), 0);
        count++;
    }
    assert_int_equal(count, 13);
    ir_settings_free(settings);
}

/* ---- options ----------------------------------------------------------------------------- */

static void test_generate_options(void **state)
{
    (void)state;
    clear_world();
    struct ir_settings *settings = make();
    struct ir_generate_options options = ir_settings_generate_options(settings);
    assert_null(options.model);
    assert_true(options.seed == IR_GENERATE_UNSET && options.cfg_scale == IR_GENERATE_UNSET);
    assert_int_equal(options.width_px + options.height_px + options.steps, 0);
    assert_null(options.edit);
    assert_false(options.keep_prompt);
    assert_int_equal(ir_settings_set(settings, "edit", "paint", "word", NULL), IR_ERR_ARG);
    assert_int_equal(ir_settings_set(settings, "edit", "remove-background", "word", NULL), 0);
    assert_int_equal(ir_settings_set(settings, "keep-prompt", "true", "word", NULL), 0);
    assert_int_equal(ir_settings_set(settings, "change-strength", "0.25", "word", NULL), 0);
    assert_int_equal(ir_settings_set(settings, "seed", "4294967295", "word", NULL), 0);
    assert_int_equal(ir_settings_set(settings, "cfg-scale", "7.5", "word", NULL), 0);
    assert_int_equal(ir_settings_set(settings, "left", "0", "word", NULL), 0);
    assert_int_equal(ir_settings_set(settings, "width", "1216", "word", NULL), 0);
    assert_true(ir_settings_is_true(settings, "keep-prompt"));
    assert_false(ir_settings_is_true(settings, "document"));
    assert_false(ir_settings_is_true(settings, "seed"));
    assert_false(ir_settings_is_true(settings, "no such"));
    options = ir_settings_generate_options(settings);
    assert_true(options.seed == 4294967295.0 && options.cfg_scale == 7.5 && options.left_px == 0);
    assert_int_equal(options.width_px, 1216);
    assert_true(options.right_px == IR_GENERATE_UNSET);
    assert_string_equal(options.edit, "remove-background");
    assert_true(options.keep_prompt && options.change_strength == 0.25);
    ir_settings_free(settings);
}

static void test_presets(void **state)
{
    (void)state;
    clear_world();
    struct ir_settings *settings = make();
    struct ir_client_options client = ir_settings_client_options(settings);
    struct ir_labels_options labels = ir_settings_labels_options(settings);
    const struct ir_labels_options expected = IR_LABELS_OPTIONS_INIT;
    assert_int_equal(client.version, IR_CLIENT_OPTIONS_VERSION);
    assert_null(client.profile);
    assert_null(client.region);
    assert_string_equal(client.endpoint, "aws");
    assert_int_equal(client.timeout_ms, 60000);
    assert_int_equal(client.precheck, IR_PRECHECK_OFF);
    /* programs keep both, libraries neither */
    assert_true(client.cache && client.ledger);
    assert_false(client.refresh || client.dry_run || client.limits_cost || client.limits_month);
    assert_true(client.cache_mib == 256.0);
    assert_int_equal(client.cache_days, 0);
    assert_int_equal(labels.version, IR_LABELS_OPTIONS_VERSION);
    assert_true(labels.min_confidence_pct == expected.min_confidence_pct);
    assert_int_equal(labels.max_labels, expected.max_labels);
    assert_false(labels.properties || labels.text || labels.faces);
    assert_int_equal(labels.sha256, expected.sha256);
    assert_null(labels.cancel);
    ir_settings_free(settings);
}

static void test_unset(void **state)
{
    (void)state;
    clear_world();
    struct ir_settings *settings = make();
    struct ir_error err;
    assert_int_equal(ir_settings_set(settings, "model", "some.model-v1", "here", &err), 0);
    assert_int_equal(ir_settings_set(settings, "max-labels", "3", "here", &err), 0);
    ir_settings_unset(settings, "model");
    ir_settings_unset(settings, "max-labels");
    ir_settings_unset(settings, "max-labels");
    ir_settings_unset(settings, "no-such-setting");
    assert_null(ir_settings_get(settings, "model"));
    assert_null(ir_settings_check_options(settings).model);
    assert_string_equal(ir_settings_get(settings, "max-labels"), "100");
    ir_settings_free(settings);
}

static void test_options(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        const char *value;
    } sets[] = {{"endpoint", "local"},
                {"profile", "work"},
                {"region", "eu-west-1"},
                {"min-confidence", "80"},
                {"max-labels", "7"},
                {"properties", "yes"},
                {"text", "on"},
                {"faces", "1"},
                {"timeout", "2.5"},
                {"precheck", "block"},
                {"max-cost", "0"},
                {"cache", "no"},
                {"monthly-limit", "12.5"},
                {"ledger", "off"},
                {"refresh", "1"},
                {"cache-size", "16"},
                {"cache-days", "30"},
                {"dry-run", "true"}};
    clear_world();
    struct ir_settings *settings = make();
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        assert_int_equal(ir_settings_set(settings, sets[i].key, sets[i].value, "x", NULL), 0);
    struct ir_client_options client = ir_settings_client_options(settings);
    struct ir_labels_options labels = ir_settings_labels_options(settings);
    assert_string_equal(client.endpoint, "local");
    assert_string_equal(client.profile, "work");
    assert_string_equal(client.region, "eu-west-1");
    assert_int_equal(client.timeout_ms, 2500);
    assert_int_equal(client.precheck, IR_PRECHECK_BLOCK);
    assert_true(ir_settings_is_true(settings, "text"));
    assert_false(ir_settings_is_true(settings, "use-metadata"));
    assert_false(ir_settings_is_true(settings, "model")); /* which is not set */
    assert_true(client.limits_cost && client.max_cost_usd == 0.0);
    assert_true(client.limits_month && client.monthly_limit_usd == 12.5);
    assert_true(client.refresh && client.dry_run && !client.cache && !client.ledger);
    assert_true(client.cache_mib == 16.0);
    assert_int_equal(client.cache_days, 30);
    assert_true(labels.min_confidence_pct == 80.0);
    assert_int_equal(labels.max_labels, 7);
    assert_true(labels.properties && labels.text && labels.faces);
    ir_settings_free(settings);
}

/* A number is the one that the C library reads in the C locale, to the last bit. */
static void test_numbers(void **state)
{
    (void)state;
    clear_world();
    struct ir_settings *settings = make();
    for (int i = 0; i < 10000; i++) {
        char text[32];
        snprintf(text, sizeof text, "%d.%02d", i / 100, i % 100);
        assert_int_equal(ir_settings_set(settings, "min-confidence", text, "x", NULL), 0);
        if (ir_settings_labels_options(settings).min_confidence_pct != strtod(text, NULL))
            fail_msg("%s is read as %.17g", text,
                     ir_settings_labels_options(settings).min_confidence_pct);
    }
    ir_settings_free(settings);
}

/* ---- places ------------------------------------------------------------------------------ */

struct file_row {
    const char *name;
    const char *text;
    const char *max_labels;
    const char *says; /* of the error; NULL = success */
};

static const struct file_row file_rows[] = {
    {"file: none", NULL, "100"},
    {"file: empty", "", "100"},
    {"file: dash", "[default]\nmax-labels = 7\n", "7"},
    {"file: underscore", "[default]\nmax_labels=7\n", "7"},
    {"file: capitals", "[default]\nMAX_LABELS = 7\n", "7"},
    {"file: byte-order mark and CR LF", "\xef\xbb\xbf[default]\r\nmax_labels = 7\r\n", "7"},
    {"file: both spellings, the later wins", "[default]\nmax_labels=7\nmax-labels=8\n", "8"},
    {"file: a comment", "# x\n[default]\nmax_labels = 7 # seven\n", "7"},
    {"file: unknown key", "[default]\ncolour = red\n", NULL, "\"colour\""},
    {"file: unknown key lists those that exist", "[default]\ncolour = red\n", NULL,
     "min-confidence"},
    {"file: a bad value", "[default]\nmax_labels = 0\n", NULL, "max-labels in /tmp/"},
    {"file: another section", "[imgrecog]\nendpoint = local\n", NULL, "[imgrecog]"},
    {"file: another section names the right one", "[Default]\nendpoint = local\n", NULL,
     "[default]"},
    {"file: a key before any section names the right one", "endpoint = local\n", NULL, "[default]"},
    {"file: an empty value", "[default]\nmax_labels =\n", NULL, "max-labels in /tmp/"},
    {"file: a bad line", "[default]\nmax_labels\n", NULL, "line 2"},
    {"file: no section", "max_labels = 7\n", NULL, "line 1"},
    {"file: a key of 100 characters",
     "[default]\n"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaa = 1\n",
     NULL, "there is no setting"},
};

static void test_file(void **state)
{
    const struct file_row *row = *state;
    struct ir_settings *settings = NULL;
    struct ir_error err = {0};
    clear_world();
    write_file(row->text);
    int rc = ir_settings_new(&settings, &err);
    if (row->says == NULL) {
        assert_int_equal(rc, 0);
        assert_string_equal(ir_settings_get(settings, "max-labels"), row->max_labels);
    } else {
        assert_int_equal(rc, IR_ERR_ARG);
        assert_null(settings);
        assert_string_equal(err.service, "settings");
        assert_says(&err, row->says);
    }
    ir_settings_free(settings);
}

static void test_precedence(void **state)
{
    (void)state;
    clear_world();
    write_file("[default]\nmax_labels = 7\ntimeout = 30\nregion = eu-west-1\n");
    assert_int_equal(setenv("IMGRECOG_MAX_LABELS", "8", 1), 0);
    assert_int_equal(setenv("IMGRECOG_REGION", "", 1), 0);
    struct ir_settings *settings = make();
    assert_string_equal(ir_settings_get(settings, "max-labels"), "8");
    assert_string_equal(ir_settings_get(settings, "timeout"), "30");
    assert_string_equal(ir_settings_get(settings, "region"), "eu-west-1");
    assert_int_equal(ir_settings_set(settings, "max-labels", "9", "a", NULL), 0);
    assert_string_equal(ir_settings_get(settings, "max-labels"), "9");
    assert_int_equal(ir_settings_set(settings, "max-labels", "10", "b", NULL), 0);
    assert_string_equal(ir_settings_get(settings, "max-labels"), "10");
    ir_settings_free(settings);
}

/* A relative XDG_CONFIG_HOME is not valid: a file that lies where the user happens to be is none.
 */
static void test_relative_folder(void **state)
{
    (void)state;
    char here[4096];
    clear_world();
    write_file("[default]\nmax_labels = 7\n");
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(setenv("XDG_CONFIG_HOME", ".", 1), 0);
    assert_int_equal(setenv("HOME", "/nonexistent", 1), 0);
    struct ir_settings *settings = make();
    assert_string_equal(ir_settings_get(settings, "max-labels"), "100");
    ir_settings_free(settings);
    assert_int_equal(setenv("XDG_CONFIG_HOME", folder, 1), 0);
    assert_int_equal(chdir(here), 0);
}

static void test_folder_as_file(void **state)
{
    (void)state;
    struct ir_settings *settings = NULL;
    struct ir_error err = {0};
    char path[256];
    clear_world();
    snprintf(path, sizeof path, "%s/imgrecog/config", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    int rc = ir_settings_new(&settings, &err);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rc, IR_ERR_ARG);
    assert_says(&err, path);
}

static int remove_folder(void)
{
    char path[256];
    write_file(NULL);
    snprintf(path, sizeof path, "%s/imgrecog", folder);
    return rmdir(path) != 0 || rmdir(folder) != 0;
}

int main(void)
{
    static struct unit_list list;
    if (mkdtemp(folder) == NULL || setenv("XDG_CONFIG_HOME", folder, 1) != 0) {
        puts("Bail out! no folder for the test");
        return 1;
    }
    UNIT_ADD_ROWS(&list, test_value, value_rows);
    UNIT_ADD_ROWS(&list, test_asked, asked_rows);
    unit_add(&list, "a file that cannot be read", test_asked_unreadable);
    unit_add(&list, "what a key means", test_meant);
    unit_add(&list, "vocabulary", test_vocabulary);
    unit_add(&list, "unknown key", test_unknown_key);
    unit_add(&list, "a key that is nearly one", test_mistyped_key);
    unit_add(&list, "settings of another task", test_limit);
    unit_add(&list, "a prompt that is too long", test_prompt_kept);
    unit_add(&list, "options for generate", test_generate_options);
    unit_add(&list, "every edit that is named is taken", test_edits);
    unit_add(&list, "presets", test_presets);
    unit_add(&list, "unset", test_unset);
    unit_add(&list, "options", test_options);
    unit_add(&list, "numbers", test_numbers);
    UNIT_ADD_ROWS(&list, test_file, file_rows);
    unit_add(&list, "precedence", test_precedence);
    unit_add(&list, "a relative folder", test_relative_folder);
    unit_add(&list, "a folder as the file", test_folder_as_file);
    int failed = unit_run(&list, "settings");
    return remove_folder() != 0 || failed != 0;
}
