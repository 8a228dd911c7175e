/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imgrecog generate PROMPT -o FILE */
#include <imgrecog/generate.h>

#include <stdio.h>
#include <string.h>

#include "plugins/batch/commands.h"
#include "plugins/batch/input.h"
#include "plugins/batch/output.h"
#include "plugins/batch/print.h"
#include "plugins/batch/put.h"
#include "plugins/common/fail.h"

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

/* It was paid for: where S3 does not take it and no file holds it, it is kept here. */
static void keep(const struct ir_generated_picture *picture, const char *key)
{
    const char *slash = strrchr(key, '/');
    const char *name = slash != NULL ? slash + 1 : key;

    if (output_write(name, picture->data, picture->data_bytes, NULL) == 0)
        fprintf(stderr, "imgrecog: generate: the picture is kept as %s\n", name);
}

/* To S3 under a name of its own. */
static int upload(const struct session *session, const struct ir_generated_picture *picture,
                  bool is_kept, struct ir_error *err)
{
    struct ir_s3_uri uri;
    bool is_stored = false;
    int rc = ir_s3_uri_parse(session->options->upload, &uri, err);

    if (rc == 0)
        rc = put_unique_name(&uri, err);
    if (rc != 0)
        return rc;
    rc = put_data(session, picture->data, picture->data_bytes, &uri, &is_stored, err);
    if (!is_stored && !is_kept)
        keep(picture, uri.key);
    return rc;
}

static int tell(const struct session *session, const struct ir_result *result, struct ir_error *err)
{
    const struct ir_generated_picture *picture = ir_result_get_generated(result);
    const char *path = session->options->output;

    if (session->options->json)
        return print_json(result, err);
    printf("%s: %d x %d pixels by %s", path != NULL ? path : "picture", picture->width_px,
           picture->height_px, picture->model);
    if (picture->has_seed)
        printf(", seed %.0f", picture->seed);
    printf("\n");
    return 0;
}

/* To the file first, and to S3 even when that fails: the picture was paid for. */
static int report(const struct session *session, const struct ir_result *result,
                  struct ir_error *err)
{
    const struct ir_generated_picture *picture = ir_result_get_generated(result);
    const struct options *options = session->options;
    struct ir_error upload_err;
    int upload_rc = 0;
    int rc = 0;

    if (options->output != NULL)
        rc = output_write(options->output, picture->data, picture->data_bytes, err);
    if (options->output != NULL && strcmp(options->output, "-") == 0)
        return rc; /* standard output is the picture's */
    if (rc == 0)
        rc = tell(session, result, err);
    ir_error_clear(&upload_err);
    if (options->upload != NULL)
        upload_rc = upload(session, picture, options->output != NULL && rc == 0, &upload_err);
    if (rc == 0 && upload_rc != 0) {
        *err = upload_err;
        return upload_rc;
    }
    return rc == 0 ? print_finish(err) : rc;
}

static int fail_use(struct ir_error *err, const char *cause, const char *hint)
{
    return common_fail(err, IR_ERR_ARG, hint, "%s", cause);
}

/* Options that would get in each other's way, told before anything is done. */
static int check_use(const struct options *options, struct ir_error *err)
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

/* What would fail after the picture has been paid for is told before. */
static int check_places(const struct session *session, struct ir_error *err)
{
    const struct options *options = session->options;
    struct ir_s3_uri uri;
    size_t chars;
    int rc = options->output != NULL ? output_check(options->output, err) : 0;

    if (rc != 0 || options->upload == NULL)
        return rc;
    rc = ir_s3_uri_parse(options->upload, &uri, err);
    if (rc != 0)
        return rc;
    chars = strlen(uri.key);
    if (chars > 0 && uri.key[chars - 1] != '/')
        return common_fail(err, IR_ERR_ARG, "End it in /, as s3://bucket/output-images/.",
                           "--upload takes a prefix, since the name is made here.");
    return put_check(session, err);
}

static int tell_plan(const struct session *session, const struct ir_result *result,
                     struct ir_error *err)
{
    int rc = 0;

    if (session->options->json)
        rc = print_json(result, err);
    else
        print_planned("generate", result);
    return rc == 0 ? print_finish(err) : rc;
}

static int generate(const struct session *session, struct ir_error *err)
{
    struct ir_generate_options options = ir_settings_generate_options(session->options->settings);
    struct inputs inputs = {0};
    struct cost_sum cost = {0};
    struct ir_result *result = NULL;
    int rc = session->is_dry ? 0 : check_places(session, err);

    if (rc == 0)
        rc = read_inputs(&inputs, session, err);
    options.prompt = session->options->operands[0];
    if (*options.prompt == '\0') /* services that need no words */
        options.prompt = NULL;
    options.picture = inputs.image.picture;
    options.mask = inputs.mask.picture;
    options.style_picture = inputs.style.picture;
    options.cancel = session->cancel;
    if (rc == 0)
        rc = ir_generate(session->client, &options, &result, err);
    if (rc == 0)
        rc = session->is_dry ? tell_plan(session, result, err) : report(session, result, err);
    if (result != NULL)
        cost_sum_add(&cost, result);
    print_cost(&cost, ir_client_spent_usd(session->client));
    ir_result_free(result);
    release_inputs(&inputs);
    return rc;
}

enum exit_code command_generate(const struct session *session)
{
    struct ir_error err;
    int rc;

    ir_error_clear(&err);
    if ((session->options->output == NULL && session->options->upload == NULL) ||
        session->options->operand_count != 1) {
        fprintf(stderr, "Usage: imgrecog generate [OPTION...] PROMPT -o FILE\n"
                        "More: imgrecog generate --help\n");
        return EXIT_WRONG_USE;
    }
    if (check_use(session->options, &err) != 0) {
        print_error("generate", &err);
        return EXIT_WRONG_USE;
    }
    rc = generate(session, &err);
    if (rc == 0)
        return EXIT_FINE;
    print_error("generate", &err);
    return rc == IR_ERR_CANCELLED ? EXIT_CANCELLED : EXIT_SOME_FAILED;
}
