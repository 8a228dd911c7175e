/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prices: what is known, what is not, what a user's file says, and what is reckoned from them. */
#include "tests/unit/unit.h"

#include <math.h>

#include "core/base/decimal.h"
#include "core/task/prices.h"
#include "tests/unit/fake_world.h"

#define FILE_PATH "/home/ann/.config/imgrecog/prices"
#define HAIKU "anthropic.claude-haiku-4-5-20251001-v1:0"
#define CORE "stability.stable-image-core-v1:1"
#define CLOSE 1e-9

/* ---- models ------------------------------------------------------------------------------ */

struct model_row {
    const char *name;
    const char *model_id;
    enum ir_price_unit unit;
    double input_usd, output_usd, each_usd;
    const char *file; /* NULL = none */
};

static const struct model_row model_rows[] = {
    {"through the whole world", "global." HAIKU, IR_PRICE_TOKENS, 1, 5, 0, NULL},
    {"in Europe a tenth more", "eu." HAIKU, IR_PRICE_TOKENS, 1.1, 5.5, 0, NULL},
    {"a bare id stays in its region", "anthropic.claude-opus-4-8", IR_PRICE_TOKENS, 5.5, 27.5, 0,
     NULL},
    {"an ARN of a profile for the world",
     "arn:aws:bedrock:eu-west-1:1:inference-profile/global.anthropic.claude-sonnet-5",
     IR_PRICE_TOKENS, 3, 15, 0, NULL},
    {"an older one costs the same everywhere", "us.anthropic.claude-opus-4-1-20250805-v1:0",
     IR_PRICE_TOKENS, 15, 75, 0, NULL},
    {"GovCloud's are not in the table", "us-gov.anthropic.claude-sonnet-4-6", IR_PRICE_UNKNOWN, 0,
     0, 0, NULL},
    {"nor an ARN's there",
     "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/anthropic.claude-sonnet-4-6",
     IR_PRICE_UNKNOWN, 0, 0, 0, NULL},
    {"a picture", CORE, IR_PRICE_IMAGES, 0, 0, 0.04, NULL},
    {"of two prices the higher", "stability.stable-image-ultra-v1:1", IR_PRICE_IMAGES, 0, 0, 0.14,
     NULL},
    {"a service for pictures, by its profile", "us.stability.stable-creative-upscale-v1:0",
     IR_PRICE_IMAGES, 0, 0, 0.60, NULL},
    {"on this machine", "imgrecog.local-describer-v1", IR_PRICE_FREE, 0, 0, 0, NULL},
    {"a picture on this machine", "imgrecog.local-standin-image-v1", IR_PRICE_FREE, 0, 0, 0, NULL},
    {"one that is not in the table", "meta.llama-9", IR_PRICE_UNKNOWN, 0, 0, 0, NULL},
    {"the user's, for all profiles", "eu." HAIKU, IR_PRICE_TOKENS, 2, 9, 0,
     "[" HAIKU "]\ninput = 2\noutput = 9\n"},
    {"the user's, for one profile", "eu." HAIKU, IR_PRICE_TOKENS, 3, 10, 0,
     "[" HAIKU "]\ninput = 2\noutput = 9\n[eu." HAIKU "]\ninput = 3\noutput = 10\n"},
    {"the user's, of a model that is not in the table", "meta.llama-9", IR_PRICE_TOKENS, 0.5, 0.75,
     0, "[meta.llama-9]\ninput = .5\noutput = 0.75 # dear\n"},
    {"the user's, of a picture", CORE, IR_PRICE_IMAGES, 0, 0, 0.05, "[" CORE "]\nimage = 0.05\n"},
};

static struct ir_prices *load(const char *text)
{
    struct fake_world fake;
    struct ir_prices *prices = NULL;
    struct ir_error err;
    fake_world_init(&fake);
    if (text != NULL)
        fake_world_add_file(&fake, FILE_PATH, text);
    assert_int_equal(ir_prices_load(&fake.world, &prices, &err), 0);
    assert_int_equal(prices != NULL, text != NULL);
    return prices;
}

static void test_model(void **state)
{
    const struct model_row *row = *state;
    struct ir_prices *prices = load(row->file);
    struct ir_price price = ir_price_of_model(prices, row->model_id);
    assert_int_equal(price.unit, row->unit);
    assert_true(fabs(price.input_usd - row->input_usd) < CLOSE);
    assert_true(fabs(price.output_usd - row->output_usd) < CLOSE);
    assert_true(fabs(price.each_usd - row->each_usd) < CLOSE);
    ir_prices_free(prices);
}

/* ---- operations -------------------------------------------------------------------------- */

static void test_operations(void **state)
{
    (void)state;
    struct ir_price price = ir_price_of_operation(NULL, &ir_service_rekognition, "DetectLabels");
    assert_int_equal(price.unit, IR_PRICE_REQUESTS);
    assert_true(fabs(price.each_usd - 0.001) < CLOSE);
    assert_true(fabs(ir_price_of_image_properties(NULL).each_usd - 0.00075) < CLOSE);
    /* paid by the hour, or by what runs in it: nobody knows here */
    assert_int_equal(ir_price_of_operation(NULL, &ir_service_lambda, "Invoke").unit,
                     IR_PRICE_UNKNOWN);
    struct ir_prices *prices = load("[rekognition]\nrequest = 0.0013\nDetectText = 0.0012\n"
                                    "image-properties = 0.001\n[lambda]\nrequest = 0.01\n");
    price = ir_price_of_operation(prices, &ir_service_rekognition, "DetectFaces");
    assert_true(fabs(price.each_usd - 0.0013) < CLOSE);
    price = ir_price_of_operation(prices, &ir_service_rekognition, "DetectText");
    assert_true(fabs(price.each_usd - 0.0012) < CLOSE);
    assert_true(fabs(ir_price_of_image_properties(prices).each_usd - 0.001) < CLOSE);
    assert_true(fabs(ir_price_of_operation(prices, &ir_service_lambda, "Invoke").each_usd - 0.01) <
                CLOSE);
    ir_prices_free(prices);
}

/* ---- the file ---------------------------------------------------------------------------- */

struct file_row {
    const char *name;
    const char *text;
    const char *message; /* is in it; NULL = taken */
    const char *date;    /* of prices that were taken */
};

static const struct file_row file_rows[] = {
    {"no date of its own", "[rekognition]\nrequest = 0.002\n", NULL, IR_PRICES_DATE},
    {"a date", "[prices]\ndate = 2027-01-05\n", NULL, "2027-01-05"},
    {"a price of nothing", "[rekognition]\nrequest = 0\n", NULL, IR_PRICES_DATE},
    {"a date that is none", "[prices]\ndate = 2027-02-31\n", "2027-01-05", NULL},
    {"a date and more", "[prices]\ndate = 2027-01-05T00:00:00Z\n", "2027-01-05", NULL},
    {"something else beside the date", "[prices]\nrequest = 1\n", "[prices] request", NULL},
    {"a word for a number", "[x.y]\ninput = cheap\noutput = 1\n", "[x.y] input: this is no price",
     NULL},
    {"below nothing", "[rekognition]\nrequest = -1\n", "[rekognition] request", NULL},
    {"a comma", "[rekognition]\nrequest = 0,001\n", "[rekognition] request", NULL},
    {"a currency", "[rekognition]\nrequest = $0.001\n", "[rekognition] request", NULL},
    {"too much", "[rekognition]\nrequest = 100001\n", "[rekognition] request", NULL},
    {"half a price", "[x.y]\ninput = 1\n", "[x.y] input, output, image", NULL},
    {"both kinds", "[x.y]\ninput = 1\noutput = 2\nimage = 3\n", "[x.y] input, output, image", NULL},
    {"no price at all", "[x.y]\n", "[x.y] input, output, image", NULL},
    {"another key", "[x.y]\nrequest = 1\n", "a model has no such price", NULL},
    {"no section", "request = 1\n", FILE_PATH, NULL},
};

static void test_file(void **state)
{
    const struct file_row *row = *state;
    struct fake_world fake;
    struct ir_prices *prices = NULL;
    struct ir_error err = {0};
    fake_world_init(&fake);
    fake_world_add_file(&fake, FILE_PATH, row->text);
    int rc = ir_prices_load(&fake.world, &prices, &err);
    assert_int_equal(rc, row->message == NULL ? 0 : IR_ERR_ARG);
    if (row->message == NULL) {
        assert_string_equal(ir_prices_date(prices), row->date);
    } else {
        assert_null(prices);
        if (strstr(err.message, row->message) == NULL)
            fail_msg("the message is: %s", err.message);
        assert_string_equal(err.service, "prices");
        assert_true(err.hint[0] != '\0' || strstr(err.message, FILE_PATH) != NULL);
    }
    ir_prices_free(prices);
}

static void test_unreadable(void **state)
{
    struct fake_world fake;
    struct ir_prices *prices = NULL;
    (void)state;
    fake_world_init(&fake);
    fake_world_setenv(&fake, "XDG_CONFIG_HOME", "/there");
    fake_world_add_file(&fake, "/there/imgrecog/prices", NULL);
    assert_int_equal(ir_prices_load(&fake.world, &prices, NULL), IR_ERR_ARG);
    assert_string_equal(ir_prices_date(NULL), IR_PRICES_DATE);
}

/* ---- reckoning --------------------------------------------------------------------------- */

static void test_cost(void **state)
{
    const struct ir_consumption words = {.requests = 1, .input_tokens = 1521, .output_tokens = 200};
    const struct ir_consumption images = {.requests = 1, .images = 2};
    (void)state;
    struct ir_price price = ir_price_of_model(NULL, "global." HAIKU);
    assert_true(fabs(ir_price_cost(&price, &words) - 0.002521) < CLOSE);
    price = ir_price_of_model(NULL, CORE);
    assert_true(fabs(ir_price_cost(&price, &images) - 0.08) < CLOSE);
    price = ir_price_of_operation(NULL, &ir_service_rekognition, "DetectLabels");
    assert_true(fabs(ir_price_cost(&price, &images) - 0.001) < CLOSE);
    price = ir_price_of_model(NULL, "imgrecog.local-describer-v1");
    assert_true(ir_price_cost(&price, &words) == 0.0);
    price = ir_price_of_model(NULL, "meta.llama-9");
    assert_true(isnan(ir_price_cost(&price, &words)));
}

struct picture_row {
    const char *name;
    const char *model_id;
    int width_px, height_px;
    long long tokens;
};

static const struct picture_row picture_rows[] = {
    {"as measured by AWS's page", HAIKU, 1092, 1092, 1521},
    {"one patch", HAIKU, 28, 28, 1},
    {"a pixel more", HAIKU, 29, 28, 2},
    {"made smaller for a small one", HAIKU, 4000, 1000, 56 * 14},
    {"never more than the small one's most", HAIKU, 1568, 1568, 1568},
    {"a large one looks closer", "anthropic.claude-opus-4-7", 2576, 1000, 92 * 36},
    {"never more than the large one's most", "anthropic.claude-opus-4-7", 8000, 8000, 4784},
    {"what is not known is taken as large", "meta.llama-9", 8000, 8000, 4784},
};

static void test_picture(void **state)
{
    const struct picture_row *row = *state;
    assert_int_equal(
        ir_price_picture_tokens(ir_model_find(row->model_id), row->width_px, row->height_px),
        row->tokens);
}

struct amount_row {
    const char *name;
    double amount;
    const char *text;
};

static const struct amount_row amount_rows[] = {
    {"nothing", 0.0, "0.00"},
    {"a request", 0.001, "0.001"},
    {"rounded up", 0.0000001, "0.000001"},
    {"many", 12345.5, "12345.50"},
    {"a sum", 0.1 + 0.2, "0.30"},
    {"below nothing", -1.0, "0.00"},
    {"no end", INFINITY, "1000000000000.00"},
};

static void test_amount(void **state)
{
    const struct amount_row *row = *state;
    char text[IR_DECIMAL_BYTES];
    ir_decimal_amount(row->amount, text);
    assert_string_equal(text, row->text);
}

static void test_words(void **state)
{
    (void)state;
    assert_true(ir_price_words_tokens(0) > 0);
    assert_true(ir_price_words_tokens(4000) >= 2000);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_model, model_rows);
    unit_add(&list, "operations", test_operations);
    UNIT_ADD_ROWS(&list, test_file, file_rows);
    unit_add(&list, "a file that cannot be read", test_unreadable);
    unit_add(&list, "what came costs", test_cost);
    UNIT_ADD_ROWS(&list, test_picture, picture_rows);
    UNIT_ADD_ROWS(&list, test_amount, amount_rows);
    unit_add(&list, "words are never counted short", test_words);
    return unit_run(&list, "prices");
}
