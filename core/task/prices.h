/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What requests cost: a dated table, and the user's own prices over it. AWS changes prices and asks
 * for more in some regions, so $XDG_CONFIG_HOME/imgrecog/prices (where that is not set, ~/.config)
 * may say otherwise, in US dollars:
 *
 *     [prices]
 *     date = 2027-01-05                # of what stands below
 *
 *     [anthropic.claude-haiku-4-5-20251001-v1:0]
 *     input = 1.10                     # a million tokens
 *     output = 5.50
 *
 *     [stability.stable-image-core-v1:1]
 *     image = 0.04                     # a picture that is made
 *
 *     [rekognition]
 *     request = 0.0013                 # of every operation that has no line of its own
 *     DetectText = 0.0012
 *     image-properties = 0.00075       # more, where they are asked for
 *
 * A model is named by the id that is called or by its base id, which then counts for all profiles.
 * [lambda] and [sagemaker_runtime] may have `request`: they have no price of their own here.
 */
#ifndef CORE_TASK_PRICES_H
#define CORE_TASK_PRICES_H

#include "core/aws/endpoint.h"
#include "core/base/world.h"
#include "core/task/models.h"

#define IR_PRICES_DATE "2026-11-20" /* of the table */
#define IR_PRICES_DATE_BYTES 16

struct ir_prices; /* the user's own; NULL = none */

/*
 * Reads the file; *out is NULL where there is none. IR_ERR_ARG: a line, a section or a value is
 * wrong; the message names file and key.
 */
IR_MUST_CHECK int ir_prices_load(const struct ir_world *world, struct ir_prices **out,
                                 struct ir_error *err);
/* NULL is allowed. */
void ir_prices_free(struct ir_prices *prices);
/* The day of the user's own prices where they tell one, else of the table. Borrowed. */
const char *ir_prices_date(const struct ir_prices *prices);

/*
 * `model_id` as it is called, with its profile's prefix: what stays in a geography ("eu.") costs
 * more. The table has no prices of GovCloud.
 */
struct ir_price ir_price_of_model(const struct ir_prices *prices, const char *model_id);
/* `operation` as AWS writes it ("DetectLabels"). */
struct ir_price ir_price_of_operation(const struct ir_prices *prices,
                                      const struct ir_service *service, const char *operation);
/* What DetectLabels asks on top for IMAGE_PROPERTIES. */
struct ir_price ir_price_of_image_properties(const struct ir_prices *prices);

/* What was asked for, or what came. */
struct ir_consumption {
    unsigned requests;
    unsigned images;
    long long input_tokens;
    long long output_tokens;
};

/* US dollars; NaN when the price is unknown. */
double ir_price_cost(const struct ir_price *price, const struct ir_consumption *consumption);

/* The tokens that Claude counts for a picture, after it was made as small as the model looks at;
 * `facts` NULL = a model that looks at large ones. */
long long ir_price_picture_tokens(const struct ir_model_facts *facts, int width_px, int height_px);
/*
 * No fewer than `bytes` of UTF-8 words come to, with what models put around them: two bytes a
 * token. English has about four, Korean about three.
 */
long long ir_price_words_tokens(size_t bytes);

#endif
