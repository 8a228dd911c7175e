/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imgrecog models: which models can be asked, one a line, by kind. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <imgrecog/memory.h>
#include <imgrecog/models.h>

#include "plugins/batch/commands.h"
#include "plugins/batch/print.h"
#include "plugins/common/fail.h"

#define MAX_ID_COLUMNS 60
#define LIFE_COLUMNS 8
#define PRICE_COLUMNS 13
#define PRICE_BYTES 16

static int read_kinds(const char *word, unsigned *out, struct ir_error *err)
{
    if (word == NULL)
        *out = 0;
    else if (strcmp(word, "words") == 0)
        *out = IR_MODEL_WORDS;
    else if (strcmp(word, "image") == 0)
        *out = IR_MODEL_IMAGE | IR_MODEL_IMAGE_SERVICE;
    else
        return common_fail(err, IR_ERR_ARG, "Say --kind words or --kind image.",
                           "--kind: there is no kind \"%.40s\"", word);
    return 0;
}

/* ---- for people -------------------------------------------------------------------------- */

static const char *heading(enum ir_model_kind kind)
{
    switch (kind) {
    case IR_MODEL_WORDS:
        return "Words (--model):";
    case IR_MODEL_IMAGE:
        return "Pictures (--image-model):";
    default:
        return "Changes to a picture (--image-model):";
    }
}

/* Dollars without zeros that say nothing. */
static void write_usd(double usd, char *out, size_t out_bytes)
{
    if (isnan(usd))
        snprintf(out, out_bytes, "?");
    else if (usd == 0.0)
        snprintf(out, out_bytes, "free");
    else
        snprintf(out, out_bytes, "%.4g", usd);
}

static void print_price(const struct ir_model_info *model)
{
    char first[PRICE_BYTES];
    char second[PRICE_BYTES];
    char both[2 * PRICE_BYTES + 4];

    bool is_free = model->input_usd == 0.0 && model->output_usd == 0.0;

    if (model->kind != IR_MODEL_WORDS) {
        write_usd(model->image_usd, both, sizeof both);
    } else if (is_free) {
        write_usd(0.0, both, sizeof both);
    } else {
        write_usd(model->input_usd, first, sizeof first);
        write_usd(model->output_usd, second, sizeof second);
        snprintf(both, sizeof both, "%s / %s", first, second);
    }
    print_padded(both, PRICE_COLUMNS);
}

static void print_heading(enum ir_model_kind kind, int id_columns)
{
    printf("  ");
    print_padded(heading(kind), id_columns);
    printf("  ");
    print_padded("life", LIFE_COLUMNS);
    print_padded(kind == IR_MODEL_WORDS ? "$ in / out" : "$ each", PRICE_COLUMNS);
    printf("name\n");
}

/* Behind the title: dates, the replacement, what it cannot do. */
static void print_details(const struct ir_model_info *model)
{
    if (model->life == IR_MODEL_LEGACY && model->legacy_from != NULL)
        printf("; legacy since %s", model->legacy_from);
    if (model->ends != NULL)
        printf("; %s %s", model->life == IR_MODEL_ENDED ? "ended" : "until", model->ends);
    if (model->replacement != NULL)
        printf("; take %s", model->replacement);
    if (model->kind == IR_MODEL_WORDS && !model->takes_pictures)
        printf("; takes no pictures");
}

static void print_model(const struct ir_model_info *model, int id_columns)
{
    static const char *const lives[] = {"active", "legacy", "ended"};

    printf("%c ", model->is_preset ? '*' : ' ');
    print_padded(model->id, id_columns);
    printf("  ");
    print_padded(lives[model->life], LIFE_COLUMNS);
    print_price(model);
    printf("%s", model->title);
    print_details(model);
    printf("\n");
}

static int widest_id(const struct ir_model_list *list)
{
    const struct ir_model_info *model;
    size_t widest = 0;

    for (size_t i = 0; (model = ir_model_list_get(list, i)) != NULL; i++)
        if (strlen(model->id) > widest)
            widest = strlen(model->id);
    return widest < MAX_ID_COLUMNS ? (int)widest : MAX_ID_COLUMNS;
}

static void print_list(const struct ir_model_list *list)
{
    const struct ir_model_info *model;
    const char *note = ir_model_list_note(list);
    unsigned last = 0;

    if (note != NULL)
        printf("%s\n", note);
    for (size_t i = 0; (model = ir_model_list_get(list, i)) != NULL; i++) {
        if (model->kind != last) {
            printf("%s", i > 0 ? "\n" : "");
            print_heading(model->kind, widest_id(list));
        }
        last = model->kind;
        print_model(model, widest_id(list));
    }
    if (last == 0)
        printf("No such model can be called in %s.\n", ir_model_list_region(list));
    else
        printf("\n* is asked where none is set. Prices in US dollars as of %s: words, a million "
               "tokens\n"
               "in / out; pictures, each. Your bill may say otherwise.\n",
               ir_model_list_price_date(list));
}

static int print_document(const struct ir_model_list *list, struct ir_error *err)
{
    char *json = NULL;
    int rc = ir_model_list_to_json(list, &json, err);

    if (rc == 0)
        printf("%s\n", json);
    ir_free(json);
    return rc;
}

enum exit_code command_models(const struct session *session)
{
    struct ir_models_options options = IR_MODELS_OPTIONS_INIT;
    struct ir_model_list *list = NULL;
    struct ir_error err;
    int rc;

    options.cancel = session->cancel;
    if (read_kinds(session->options->kind, &options.kinds, &err) != 0) {
        print_error(NULL, &err);
        return EXIT_WRONG_USE;
    }
    rc = ir_model_list_new(session->client, &options, &list, &err);
    if (rc == 0 && session->options->json)
        rc = print_document(list, &err);
    else if (rc == 0)
        print_list(list);
    ir_model_list_free(list);
    if (rc == 0)
        rc = print_finish(&err);
    if (rc == 0)
        return EXIT_FINE;
    print_error(NULL, &err);
    return rc == IR_ERR_CANCELLED ? EXIT_CANCELLED : EXIT_SOME_FAILED;
}
