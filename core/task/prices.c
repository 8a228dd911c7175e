/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns prices and what is reckoned from them; models' own stand in the table of models. Sources:
 * https://aws.amazon.com/rekognition/pricing/ (us-east-1; of the volume tiers the first, which is
 * the highest) and https://platform.claude.com/docs/en/build-with-claude/vision (tokens of a
 * picture).
 */
#include "core/task/prices.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/ascii.h"
#include "core/base/decimal.h"
#include "core/base/error.h"
#include "core/base/ini.h"

#define SERVICE "prices"
#define MAX_FILE_BYTES (64U * 1024)
#define MAX_PATH_BYTES 4096
#define MAX_KEY_BYTES 64
#define MAX_SHOWN_BYTES 80
#define MAX_PRICE_USD 100000.0

#define REKOGNITION_REQUEST_USD 0.0010
#define IMAGE_PROPERTIES_USD 0.00075
#define IN_REGION_FACTOR 1.1
#define TOKENS_A_PRICE 1e6

#define BYTES_A_TOKEN 2
#define AROUND_TOKENS 500 /* what a schema and a system's frame add */

#define FILE_SECTION "prices"
#define PROPERTIES_KEY "image-properties"

struct ir_prices {
    struct ir_ini *ini;
    char date[IR_PRICES_DATE_BYTES];
};

/* ---- the user's file --------------------------------------------------------------------- */

static bool is_service(const char *section)
{
    static const struct ir_service *const services[] = {&ir_service_rekognition, &ir_service_lambda,
                                                        &ir_service_sagemaker_runtime};
    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++)
        if (strcmp(section, services[i]->section_key) == 0)
            return true;
    return false;
}

static bool is_model_key(const char *key)
{
    return strcmp(key, "input") == 0 || strcmp(key, "output") == 0 || strcmp(key, "image") == 0;
}

static int fail_file(const char *path, const char *section, const char *key, const char *cause,
                     struct ir_error *err)
{
    char shown_section[MAX_SHOWN_BYTES];
    char shown_key[MAX_SHOWN_BYTES];
    ir_text_copy(shown_section, sizeof shown_section, section);
    ir_text_copy(shown_key, sizeof shown_key, key);
    ir_fail(err, IR_ERR_ARG, "%s: [%s] %s: %s", path, shown_section, shown_key, cause);
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "Models have `input` and `output`, or `image`; [rekognition] has "
                           "`request`, operations and `" PROPERTIES_KEY "`; in US dollars.");
    return IR_ERR_ARG;
}

/* "2027-01-05"; the way back tells that there is such a day. */
static bool is_date(const char *text)
{
    char whole[sizeof IR_PRICES_DATE "T00:00:00Z"];
    char again[sizeof whole];
    int64_t unix_ms = 0;
    if (strlen(text) != strlen(IR_PRICES_DATE))
        return false;
    snprintf(whole, sizeof whole, "%sT00:00:00Z", text);
    if (!ir_world_parse_iso_date(whole, &unix_ms))
        return false;
    ir_world_iso_date(unix_ms, again);
    return strcmp(whole, again) == 0;
}

static int check_key(const struct ir_ini *ini, const char *path, const char *section,
                     const char *key, struct ir_error *err)
{
    const char *value = ir_ini_get(ini, section, key);
    if (strcmp(section, FILE_SECTION) == 0) {
        if (strcmp(key, "date") != 0)
            return fail_file(path, section, key, "only `date` stands here", err);
        return is_date(value) ? 0
                              : fail_file(path, section, key, "a date is written 2027-01-05", err);
    }
    if (!is_service(section) && !is_model_key(key))
        return fail_file(path, section, key, "a model has no such price", err);
    double price = ir_decimal_parse(value);
    if (!(price >= 0.0 && price <= MAX_PRICE_USD))
        return fail_file(path, section, key, "this is no price", err);
    return 0;
}

/* Half a price would be reckoned as a whole one. */
static int check_model(const struct ir_ini *ini, const char *path, const char *section,
                       struct ir_error *err)
{
    bool has_input = ir_ini_get(ini, section, "input") != NULL;
    bool has_output = ir_ini_get(ini, section, "output") != NULL;
    bool has_image = ir_ini_get(ini, section, "image") != NULL;
    if (strcmp(section, FILE_SECTION) == 0 || is_service(section))
        return 0;
    if (has_input == has_output && has_input != has_image)
        return 0;
    return fail_file(path, section, "input, output, image",
                     "a model is paid by tokens in and out, or by the image", err);
}

static int check_file(const struct ir_ini *ini, const char *path, struct ir_error *err)
{
    const char *section;
    const char *key;
    int rc = 0;
    for (size_t i = 0; rc == 0 && (section = ir_ini_section_name(ini, i)) != NULL; i++) {
        for (size_t k = 0; rc == 0 && (key = ir_ini_key_name(ini, section, k)) != NULL; k++)
            rc = check_key(ini, path, section, key, err);
        if (rc == 0)
            rc = check_model(ini, path, section, err);
    }
    return rc;
}

static int read_file(const char *text, size_t bytes, const char *path, struct ir_prices **out,
                     struct ir_error *err)
{
    struct ir_prices *prices = ir_calloc(1, sizeof *prices);
    if (prices == NULL)
        return ir_fail_nomem(err);
    int rc = ir_ini_parse(text, bytes, path, &prices->ini, err);
    if (rc == 0)
        rc = check_file(prices->ini, path, err);
    if (rc != 0) {
        ir_prices_free(prices);
        return rc;
    }
    const char *date = ir_ini_get(prices->ini, FILE_SECTION, "date");
    ir_text_copy(prices->date, sizeof prices->date, date != NULL ? date : IR_PRICES_DATE);
    *out = prices;
    return 0;
}

int ir_prices_load(const struct ir_world *world, struct ir_prices **out, struct ir_error *err)
{
    struct ir_buf path;
    struct ir_buf text;
    bool missing = false;
    ir_buf_init(&path, MAX_PATH_BYTES);
    ir_buf_init(&text, MAX_FILE_BYTES);
    ir_world_user_path(world, IR_USER_CONFIG, "imgrecog/prices", &path);
    int rc = ir_buf_check(&path, "the path of the prices' file", err);
    if (rc == 0)
        rc = world->read_file(world->context, ir_buf_text(&path), &text, &missing, err);
    if (missing) {
        ir_error_clear(err);
        rc = 0;
        *out = NULL;
    } else if (rc == 0) {
        rc = read_file(ir_buf_text(&text), text.bytes, ir_buf_text(&path), out, err);
    }
    if (rc != 0)
        ir_error_set_service(err, SERVICE);
    ir_buf_release(&text);
    ir_buf_release(&path);
    return rc;
}

void ir_prices_free(struct ir_prices *prices)
{
    if (prices == NULL)
        return;
    ir_ini_free(prices->ini);
    ir_free(prices);
}

const char *ir_prices_date(const struct ir_prices *prices)
{
    return prices != NULL ? prices->date : IR_PRICES_DATE;
}

/* ---- prices ------------------------------------------------------------------------------ */

/* A number of the file that has been checked; NaN where there is none. */
static double own_number(const struct ir_prices *prices, const char *section, const char *key)
{
    const char *value = prices != NULL ? ir_ini_get(prices->ini, section, key) : NULL;
    return value != NULL ? ir_decimal_parse(value) : NAN;
}

static bool own_model(const struct ir_prices *prices, const char *section, struct ir_price *out)
{
    double image = own_number(prices, section, "image");
    double input = own_number(prices, section, "input");
    if (!isnan(image)) {
        *out = (struct ir_price){.unit = IR_PRICE_IMAGES, .each_usd = image};
        return true;
    }
    if (isnan(input))
        return false;
    *out = (struct ir_price){.unit = IR_PRICE_TOKENS,
                             .input_usd = input,
                             .output_usd = own_number(prices, section, "output")};
    return true;
}

/* Only the profile "global." leaves the request free to go where it is cheapest. */
static bool stays_in_region(const char *model_id)
{
    const char *slash = strrchr(model_id, '/');
    const char *id = slash != NULL ? slash + 1 : model_id;
    return strncmp(id, "global.", strlen("global.")) != 0;
}

static bool is_gov(const char *model_id)
{
    return strncmp(model_id, "us-gov.", strlen("us-gov.")) == 0 ||
           strstr(model_id, ":us-gov-") != NULL || strstr(model_id, "/us-gov.") != NULL;
}

struct ir_price ir_price_of_model(const struct ir_prices *prices, const char *model_id)
{
    const struct ir_model_facts *facts = ir_model_find(model_id);
    struct ir_price price = {.unit = IR_PRICE_UNKNOWN};
    if (own_model(prices, model_id, &price) || own_model(prices, ir_model_base(model_id), &price))
        return price;
    if (facts == NULL || is_gov(model_id))
        return price;
    price = facts->price;
    if (facts->is_dearer_in_region && stays_in_region(model_id)) {
        price.input_usd *= IN_REGION_FACTOR;
        price.output_usd *= IN_REGION_FACTOR;
    }
    return price;
}

static struct ir_price by_request(double usd)
{
    if (isnan(usd))
        return (struct ir_price){.unit = IR_PRICE_UNKNOWN};
    return (struct ir_price){.unit = IR_PRICE_REQUESTS, .each_usd = usd};
}

struct ir_price ir_price_of_operation(const struct ir_prices *prices,
                                      const struct ir_service *service, const char *operation)
{
    char key[MAX_KEY_BYTES];
    ir_text_copy(key, sizeof key, operation);
    for (size_t i = 0; key[i] != '\0'; i++)
        key[i] = ir_ascii_lower(key[i]);
    double usd = own_number(prices, service->section_key, key);
    if (isnan(usd))
        usd = own_number(prices, service->section_key, "request");
    if (isnan(usd) && service == &ir_service_rekognition)
        usd = REKOGNITION_REQUEST_USD;
    return by_request(usd);
}

struct ir_price ir_price_of_image_properties(const struct ir_prices *prices)
{
    double usd = own_number(prices, ir_service_rekognition.section_key, PROPERTIES_KEY);
    return by_request(isnan(usd) ? IMAGE_PROPERTIES_USD : usd);
}

/* ---- reckoning --------------------------------------------------------------------------- */

double ir_price_cost(const struct ir_price *price, const struct ir_consumption *consumption)
{
    switch (price->unit) {
    case IR_PRICE_FREE:
        return 0.0;
    case IR_PRICE_TOKENS:
        return ((double)consumption->input_tokens * price->input_usd +
                (double)consumption->output_tokens * price->output_usd) /
               TOKENS_A_PRICE;
    case IR_PRICE_IMAGES:
        return consumption->images * price->each_usd;
    case IR_PRICE_REQUESTS:
        return consumption->requests * price->each_usd;
    default:
        return NAN;
    }
}

long long ir_price_picture_tokens(const struct ir_model_facts *facts, int width_px, int height_px)
{
    const struct ir_model_sight sight = ir_model_sight_of(facts);
    double factor = fmin(1.0, sight.edge_px / fmax(width_px, height_px));
    return (long long)fmin(ir_model_patches(width_px * factor, height_px * factor), sight.patches);
}

long long ir_price_words_tokens(size_t bytes)
{
    return (long long)(bytes / BYTES_A_TOKEN) + AROUND_TOKENS;
}
