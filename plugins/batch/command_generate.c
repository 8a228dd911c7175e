/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imgrecog generate [PROMPT] -o FILE */
#include <imgrecog/generate.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <MagickCore/MagickCore.h>

#include "plugins/batch/commands.h"
#include "plugins/batch/input.h"
#include "plugins/batch/keep.h"
#include "plugins/batch/output.h"
#include "plugins/batch/print.h"
#include "plugins/common/fail.h"

#define PROMPT_BYTES 8004 /* 2,000 characters of UTF-8 */
#define MAX_COUNT 20
#define LAST_SEED 4294967295.0

/* The pictures that go with the words. */
struct inputs {
    struct input image, mask, style;
};

static int read_one(struct input *out, const struct session *session, const char *name,
                    struct ir_error *err)
{
    return name != NULL ? input_init(out, session, name, &encode_limits_generate, err) : 0;
}

static int read_inputs(struct inputs *out, const struct session *session, struct ir_error *err)
{
    const struct options *options = session->options;
    int rc = read_one(&out->image, session, options->image, err);

    if (rc == 0)
        rc = read_one(&out->mask, session, options->mask, err);
    if (rc == 0)
        rc = read_one(&out->style, session, options->style_picture, err);
    return rc;
}

static void release_inputs(struct inputs *inputs)
{
    input_release(&inputs->style);
    input_release(&inputs->mask);
    input_release(&inputs->image);
}

/* ---- one picture, when it has come ------------------------------------------------------- */

/* It was paid for: where S3 does not take it and no file holds it, it is kept here. */
static void keep_here(const struct ir_generated_picture *picture, const char *key)
{
    const char *slash = strrchr(key, '/');
    const char *name = slash != NULL ? slash + 1 : key;

    if (output_write(name, picture->data, picture->data_bytes, NULL) != 0)
        return;
    fputs("imgrecog: generate: the picture is kept as ", stderr);
    print_clean(name, stderr);
    putc('\n', stderr);
}

/* To S3 under a name of its own. */
static int upload(const struct session *session, const struct ir_generated_picture *picture,
                  bool is_kept, struct put *out, struct ir_error *err)
{
    const struct put_bytes data = {picture->data, picture->data_bytes, true};
    struct ir_s3_uri uri = session->options->upload_uri;
    int rc = put_unique_name(&uri, err);

    if (rc != 0)
        return rc;
    rc = put_data(session, &data, &uri, out, err);
    if (!out->is_stored && !is_kept)
        keep_here(picture, uri.key);
    return rc;
}

/* What came, and where another size was wanted, that it is the nearest. */
static void print_picture(const char *path, const struct ir_generated_picture *picture,
                          const struct ir_generate_options *wanted)
{
    bool is_other = wanted->width_px > 0 && ((int)wanted->width_px != picture->width_px ||
                                             (int)wanted->height_px != picture->height_px);

    print_clean(path != NULL ? path : "picture", stdout);
    printf(": %d x %d pixels", picture->width_px, picture->height_px);
    if (is_other)
        printf(" (the model's shape nearest to %u x %u)", wanted->width_px, wanted->height_px);
    printf(" by %s", picture->model);
    if (picture->has_seed)
        printf(", seed %.0f", picture->seed);
    printf("\n");
}

static int print_result(const struct session *session, struct ir_result *result, const char *path,
                        const struct ir_generate_options *wanted, const struct put *put,
                        struct ir_error *err)
{
    int rc = 0;

    if (session->options->json) {
        if (put->is_stored)
            rc = put_note_link(put, result, err);
        if (rc == 0)
            rc = print_json(result, err);
    } else {
        print_picture(path, ir_result_get_generated(result), wanted);
        if (put->is_stored)
            put_print(put);
    }
    return rc == 0 ? print_finish(err) : rc;
}

/* To the file first, and to S3 even when that fails: the picture was paid for. */
static int report(const struct session *session, struct ir_result *result, const char *path,
                  const struct ir_generate_options *wanted, struct ir_error *err)
{
    const struct ir_generated_picture *picture = ir_result_get_generated(result);
    const struct options *options = session->options;
    struct put put = {0};
    struct ir_error step;
    int rc = 0;

    if (path != NULL)
        rc = output_write(path, picture->data, picture->data_bytes, err);
    ir_error_clear(&step);
    if (options->upload != NULL)
        common_fail_first(upload(session, picture, path != NULL && rc == 0, &put, &step), &step,
                          &rc, err);
    ir_error_clear(&step);
    common_fail_first(keep_result(session, result, NULL, &put, &step), &step, &rc, err);
    ir_error_clear(&step);
    if (path == NULL || strcmp(path, "-") != 0) /* then standard output is the picture's */
        common_fail_first(print_result(session, result, path, wanted, &put, &step), &step, &rc,
                          err);
    put_release(&put);
    return rc;
}

/* ---- what is asked for ------------------------------------------------------------------- */

/* What a run makes: the request, and how often. */
struct wish {
    struct ir_generate_options options;
    struct ir_generate_prompt prompts[IR_GENERATE_MAX_PROMPTS];
    char texts[IR_GENERATE_MAX_PROMPTS][PROMPT_BYTES];
    int count;
};

static int fail_use(struct ir_error *err, const char *cause, const char *hint)
{
    return common_fail(err, IR_ERR_ARG, hint, "%s", cause);
}

/* "TEXT:WEIGHT": the weight stands behind the last colon, so that the text may have some too. */
static int read_prompt(const char *word, char *text, struct ir_generate_prompt *out,
                       struct ir_error *err)
{
    static const char hint[] = "Write TEXT:WEIGHT, as in --weighted-prompt \"sunset:0.5\".";
    const char *colon = strrchr(word, ':');
    char *end = NULL;
    size_t chars = colon != NULL ? (size_t)(colon - word) : 0;

    if (chars == 0)
        return fail_use(err, "a prompt has no weight", hint);
    if (chars >= PROMPT_BYTES)
        return fail_use(err, "a prompt is too long", "SDXL reads 2,000 characters.");
    /* The program's numbers are those of the locale C: only LC_CTYPE is set. */
    out->weight = strtod(colon + 1, &end);
    if (end == colon + 1 || *end != '\0' || !isfinite(out->weight))
        return fail_use(err, "a prompt's weight is no number", hint);
    memcpy(text, word, chars);
    text[chars] = '\0';
    out->text = text;
    return 0;
}

static int read_prompts(const struct options *options, struct wish *out, struct ir_error *err)
{
    if (options->prompts.count > (int)IR_GENERATE_MAX_PROMPTS)
        return fail_use(err, "--weighted-prompt is given too often", "Give it 8 times at most.");
    for (int i = 0; i < options->prompts.count; i++) {
        int rc = read_prompt(options->prompts.items[i], out->texts[i], &out->prompts[i], err);

        if (rc != 0)
            return rc;
    }
    out->options.prompts = out->prompts;
    out->options.prompt_count = (size_t)options->prompts.count;
    return 0;
}

static int read_count(const struct options *options, struct wish *out, struct ir_error *err)
{
    char *end = NULL;
    long count = options->count != NULL ? strtol(options->count, &end, 10) : 1;

    if ((end != NULL && (end == options->count || *end != '\0')) || count < 1 || count > MAX_COUNT)
        return fail_use(err, "--count takes a whole number from 1 to 20", "Correct it.");
    if (count > 1 && options->output != NULL && strcmp(options->output, "-") == 0)
        return fail_use(err, "standard output takes one picture", "Name a file, or leave --count.");
    if (out->options.seed != IR_GENERATE_UNSET && out->options.seed + (double)count - 1 > LAST_SEED)
        return fail_use(err, "the seeds go over the last one", "Begin with a smaller --seed.");
    out->count = (int)count;
    return 0;
}

static int check_streams(const struct options *options, struct ir_error *err)
{
    const char *const inputs[] = {options->image, options->mask, options->style_picture};
    bool to_stdout = options->output != NULL && strcmp(options->output, "-") == 0;
    int from_stdin = 0;

    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
        from_stdin += inputs[i] != NULL && strcmp(inputs[i], "-") == 0 ? 1 : 0;
    if (from_stdin > 1)
        return fail_use(err, "- stands for standard input, and there is only one",
                        "Name files for the others.");
    if (to_stdout && (options->json || options->upload != NULL))
        return fail_use(err, "with -o - standard output is the picture's",
                        "Leave --json and --upload out, or name a file.");
    return 0;
}

/* Everything of the command line, told before anything is done. */
static int read_wish(const struct session *session, struct wish *out, struct ir_error *err)
{
    const struct options *options = session->options;
    const char *prompt = options->operand_count > 0 ? options->operands[0] : "";
    int rc = check_streams(options, err);

    out->options = ir_settings_generate_options(options->settings);
    out->options.prompt = *prompt != '\0' ? prompt : NULL; /* some services need no words */
    out->options.cancel = session->cancel;
    if (rc == 0)
        rc = read_prompts(options, out, err);
    return rc == 0 ? read_count(options, out, err) : rc;
}

/* ---- the run ----------------------------------------------------------------------------- */

/* "a/cat.png" and 2 to "a/cat-2.png"; the caller frees it. */
static char *numbered(const char *path, int number)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    size_t bytes = strlen(path) + sizeof "-20";
    char *out = malloc(bytes);

    if (dot == NULL || dot == name)
        dot = path + strlen(path);
    if (out != NULL)
        snprintf(out, bytes, "%.*s-%d%s", (int)(dot - path), path, number, dot);
    return out;
}

/* The file of the picture of this number from 0 on; NULL where there is none, or no memory. */
static char *path_of(const struct session *session, const struct wish *wish, int index)
{
    const char *output = session->options->output;

    if (output == NULL)
        return NULL;
    return wish->count > 1 ? numbered(output, index + 1) : strdup(output);
}

/* A PNG under the name of another format would be believed to be that. */
static int check_name(const char *path, struct ir_error *err)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash != NULL ? slash : path, '.');
    ExceptionInfo *unused = AcquireExceptionInfo();
    const MagickInfo *format = dot != NULL ? GetMagickInfo(dot + 1, unused) : NULL;

    DestroyExceptionInfo(unused);
    if (format == NULL || strncmp(format->name, "PNG", 3) == 0)
        return 0;
    return common_fail(
        err, IR_ERR_ARG,
        "Name it .png; `magick FILE.png FILE.jpg` makes another format of it, with "
        "its metadata.",
        "the picture is made as a PNG, and -o names a file of another format: %.200s", path);
}

/* What would fail after the picture has been paid for is told before. */
static int check_places(const struct session *session, const struct wish *wish,
                        struct ir_error *err)
{
    const struct options *options = session->options;
    struct ir_s3_uri uri = options->upload_uri;
    size_t chars = strlen(uri.key);
    int rc = 0;

    if (options->output != NULL)
        rc = check_name(options->output, err);
    for (int i = 0; i < wish->count && options->output != NULL && rc == 0; i++) {
        char *path = path_of(session, wish, i);

        rc = path != NULL ? output_check(path, err) : common_fail_nomem(err);
        free(path);
    }
    if (rc == 0)
        rc = keep_check(session, false, err);
    if (rc != 0 || options->upload == NULL)
        return rc;
    if (chars > 0 && uri.key[chars - 1] != '/')
        return common_fail(err, IR_ERR_ARG, "End it in /, as s3://bucket/output-images/.",
                           "--upload takes a prefix, since the name is made here.");
    rc = put_unique_name(&uri, err); /* whether there is room for one */
    return rc == 0 ? put_check(session, err) : rc;
}

static void print_plan(const struct session *session, const struct ir_result *result,
                       const char *path)
{
    print_planned("generate", result, NULL);
    if (path != NULL && strcmp(path, "-") != 0)
        print_clean_line("  and written to ", path,
                         access(path, F_OK) == 0 ? ", in place of the file there" : "");
    if (session->options->upload != NULL)
        print_clean_line("  and stored below ", session->options->upload,
                         " under a name of its own");
    keep_print_plan(session, false);
}

static int tell_plan(const struct session *session, const struct ir_result *result,
                     const char *path, struct ir_error *err)
{
    int rc = 0;

    if (session->options->json)
        rc = print_json(result, err);
    else
        print_plan(session, result, path);
    return rc == 0 ? print_finish(err) : rc;
}

static int make_one(const struct session *session, const struct wish *wish, int index,
                    struct cost_sum *cost, struct ir_error *err)
{
    struct ir_generate_options options = wish->options;
    struct ir_result *result = NULL;
    char *path = path_of(session, wish, index);
    int rc = path != NULL || session->options->output == NULL ? 0 : common_fail_nomem(err);

    if (options.seed != IR_GENERATE_UNSET)
        options.seed += index;
    if (rc == 0)
        rc = ir_generate(session->client, &options, &result, err);
    if (rc == 0) {
        cost_sum_add(cost, result);
        print_precheck("generate", result);
        rc = session->is_dry ? tell_plan(session, result, path, err)
                             : report(session, result, path, &options, err);
    }
    ir_result_free(result);
    free(path);
    return rc;
}

static int generate(const struct session *session, struct wish *wish, struct ir_error *err)
{
    struct inputs inputs = {0};
    struct cost_sum cost = {0};
    int rc = read_inputs(&inputs, session, err);

    wish->options.picture = inputs.image.picture;
    wish->options.mask = inputs.mask.picture;
    wish->options.style_picture = inputs.style.picture;
    for (int i = 0; i < wish->count && rc == 0; i++)
        rc = make_one(session, wish, i, &cost, err);
    print_cost(&cost, ir_client_spent_usd(session->client), !session->options->json);
    release_inputs(&inputs);
    return rc;
}

/* What the command line lacks or has too much of; NULL = nothing. */
static const char *missing_use(const struct options *options)
{
    bool may_lack_words = ir_settings_get(options->settings, "edit") != NULL;

    if (options->operand_count > 1)
        return "one PROMPT is taken: put it in quotes";
    if (options->operand_count == 0 && !may_lack_words)
        return "there is no PROMPT, and no --edit that needs none";
    if (options->output == NULL && options->upload == NULL)
        return "nobody said where the picture goes: -o FILE, or --upload s3://BUCKET/PREFIX/";
    return NULL;
}

enum exit_code command_generate(const struct session *session)
{
    const struct options *options = session->options;
    const char *missing;
    struct wish wish = {0};
    struct ir_error err;
    int rc;

    ir_error_clear(&err);
    missing = missing_use(options);
    if (missing != NULL) {
        fprintf(stderr, "imgrecog: generate: %s\nMore: imgrecog generate --help\n", missing);
        return EXIT_WRONG_USE;
    }
    if (read_wish(session, &wish, &err) != 0) {
        print_error("generate", &err);
        return EXIT_WRONG_USE;
    }
    rc = check_places(session, &wish, &err);
    if (rc != 0) {
        print_error("generate", &err);
        return keep_check_exit(rc);
    }
    rc = generate(session, &wish, &err);
    if (rc == 0)
        return EXIT_FINE;
    print_error("generate", &err);
    return rc == IR_ERR_CANCELLED ? EXIT_CANCELLED : EXIT_SOME_FAILED;
}
