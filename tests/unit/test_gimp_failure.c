/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sort of a failure, of the errors that the core makes of AWS's answers and of its own. */
#include "tests/unit/unit.h"

#include <glib.h>

#include "core/aws/error_shape.h"
#include "core/base/error.h"
#include "plugins/common/fail.h"
#include "plugins/gimp/failure.h"

#define LOCAL 1U
#define SETTINGS 2U
#define TEST 4U

/* An error of AWS's where aws_code is set, else one with this code. */
static const struct row {
    const char *name;
    const char *aws_code;
    int code;
    const char *message;
    const char *heading;
    unsigned offers;
} rows[] = {
    {"no permission, with the action", "AccessDeniedException", 0,
     "User: arn:aws:iam::123456789012:user/x is not authorized to perform: "
     "rekognition:DetectLabels because no identity-based policy allows it",
     "Your AWS account lacks the permission rekognition:DetectLabels.", LOCAL | SETTINGS | TEST},
    {"no permission at S3", "AccessDenied", 0,
     "User: arn:aws:iam::123456789012:user/x is not authorized to perform: s3:PutObject on "
     "resource: \"arn:aws:s3:::b/k\"",
     "Your AWS account lacks the permission s3:PutObject.", LOCAL | SETTINGS | TEST},
    {"no permission, without the action", "AccessDenied", 0, "Access Denied",
     "Your AWS account is not allowed to do this.", LOCAL | SETTINGS | TEST},
    {"an action that is none", "AccessDeniedException", 0, "not authorized to perform: <b>",
     "Your AWS account is not allowed to do this.", LOCAL | SETTINGS | TEST},
    {"a model that is not enabled", "AccessDeniedException", 0,
     "You don't have access to the model with the specified model ID.",
     "This model is not enabled for your AWS account.", LOCAL | SETTINGS},
    {"an ended sign-in", "ExpiredTokenException", 0, "The security token included is expired",
     "Your sign-in to AWS has ended.", LOCAL | SETTINGS | TEST},
    {"an ended sign-in, found here", NULL, IR_ERR_AUTH, "the IAM Identity Center session expired",
     "Your sign-in to AWS has ended.", LOCAL | SETTINGS | TEST},
    {"no credentials", NULL, IR_ERR_AUTH, "no credentials were found",
     "There are no AWS credentials that are accepted.", LOCAL | SETTINGS | TEST},
    {"a wrong key", "UnrecognizedClientException", 0, "The security token is invalid.",
     "There are no AWS credentials that are accepted.", LOCAL | SETTINGS | TEST},
    {"offline", NULL, IR_ERR_NET, "Could not resolve host", "The service cannot be reached.",
     LOCAL | SETTINGS | TEST},
    {"too slow", NULL, IR_ERR_TIMEOUT, "60 seconds", "The service did not answer in time.",
     LOCAL | TEST},
    {"throttled", "ThrottlingException", 0, "Too many requests",
     "The service asks to wait: there are too many requests.", LOCAL},
    {"over the budget", NULL, IR_ERR_BUDGET, "may cost up to",
     "This would pass your spending limit. Nothing was sent.", LOCAL | SETTINGS},
    {"a ledger on a full disk", NULL, IR_ERR_BUDGET,
     "the limit of the month cannot be kept: database or disk is full",
     "The monthly limit cannot be watched. Nothing was sent.", LOCAL | SETTINGS},
    {"a picture that was held back", NULL, IR_ERR_SERVICE,
     "a content filter withheld the picture (Filter reason: prompt)",
     "A content filter held the answer back.", 0},
    {"an answer that was held back", NULL, IR_ERR_SERVICE, "a guardrail withheld the answer",
     "A content filter held the answer back.", 0},
    {"an answer that was declined", NULL, IR_ERR_SERVICE, "the model declined to answer",
     "The model declined to answer.", 0},
    {"a model that has ended", "ResourceNotFoundException", 0,
     "This model version has reached the end of its life.", "This model is no longer offered.",
     LOCAL | SETTINGS},
    {"a model without a profile", "ValidationException", 0,
     "Invocation of model ID x with on-demand throughput isn't supported.",
     "This model cannot be asked by that name.", LOCAL | SETTINGS},
    {"another refusal", "ValidationException", 0, "1 validation error detected",
     "The service refused the request.", LOCAL | SETTINGS},
    {"no bucket", "NoSuchBucket", 0, "The specified bucket does not exist",
     "There is no such bucket.", 0},
    {"an answer that is none", NULL, IR_ERR_RESPONSE, "no JSON",
     "The answer could not be understood.", TEST},
    {"held back here", NULL, IR_ERR_ARG,
     "the picture was not sent: the recogniser on this machine found: 1 face",
     "Nothing was sent: this computer found something private.", SETTINGS},
    {"no such profile", NULL, IR_ERR_ARG, "the profile \"x\" is neither in a nor in b",
     "There is no such AWS profile.", SETTINGS},
    {"no region", NULL, IR_ERR_ARG, "no region is set (looked at: …)", "No AWS region is set.",
     SETTINGS},
    {"no address", NULL, IR_ERR_ARG, "endpoint is \"ftp://x\", which is none of its values",
     "This is no address of a service.", SETTINGS},
    {"no amount", NULL, IR_ERR_ARG, "monthly-limit is \"much\", which is none of its values",
     "This is no amount of money.", SETTINGS},
    {"a wrong setting", NULL, IR_ERR_ARG, "max-labels takes a number", NULL, SETTINGS},
    {"cancelled", NULL, IR_ERR_CANCELLED, "", NULL, 0},
};

static void test_failure(void **state)
{
    const struct row *row = *state;
    struct ir_error err;
    struct failure failure;

    ir_error_clear(&err);
    if (row->aws_code != NULL)
        ir_error_from_code(&ir_service_rekognition, row->aws_code, row->message, &err);
    else
        ir_fail(&err, row->code, "%s", row->message);
    failure = failure_of(&err);
    if (row->heading != NULL)
        assert_string_equal(failure.heading != NULL ? failure.heading : "none", row->heading);
    else
        assert_null(failure.heading);
    assert_int_equal((failure.offers_local ? LOCAL : 0) | (failure.offers_settings ? SETTINGS : 0) |
                         (failure.offers_test ? TEST : 0),
                     row->offers);
    failure_release(&failure);
}

/* What stands below the heading. */
static const struct words_row {
    const char *name;
    int code;
    bool maybe_served;
    const char *message, *hint, *words;
} words_rows[] = {
    {"the next step", IR_ERR_NET, false, "no route", "Look at the network.",
     "Look at the network."},
    {"the cause where there is none", IR_ERR_NET, false, "no route", "", "no route."},
    {"all without a heading", IR_ERR_ARG, false, "no number", "Give one.", "no number. Give one."},
    {"that it may be charged", IR_ERR_NET, true, "cut off", "Try again.",
     "Try again. The request had been sent: it may be charged."},
    {"that once", IR_ERR_SERVICE, true, "a content filter withheld it",
     "It was answered and charged.", "It was answered and charged."},
};

static void test_words(void **state)
{
    const struct words_row *row = *state;
    struct failure failure;
    struct ir_error err;

    ir_error_clear(&err);
    ir_fail(&err, row->code, "%s", row->message);
    ir_error_set_hint(&err, "%s", row->hint);
    err.maybe_served = row->maybe_served;
    failure = failure_of(&err);
    assert_string_equal(failure.words, row->words);
    failure_release(&failure);
}

static const struct cut_row {
    const char *name;
    const char *text;
    size_t room_bytes; /* with the NUL */
    const char *kept;
} cut_rows[] = {
    {"it fits", "한국어", 10, "한국어"},
    {"a byte less", "한국어", 9, "한국"},
    {"two bytes less", "한국어", 8, "한국"},
    {"at a character", "한국어", 7, "한국"},
    {"not one fits", "한국어", 3, ""},
    {"four bytes", "a\xF0\x9F\x99\x82", 5, "a"},
    {"two bytes", "aé", 3, "a"},
    {"ASCII", "abcdef", 4, "abc"},
};

static void test_cut(void **state)
{
    const struct cut_row *row = *state;
    char out[16];

    common_put(out, row->room_bytes, row->text);
    assert_string_equal(out, row->kept);
}

/* What the core never hands on, but a Korean message with a long name may become. */
static void test_long_message(void **state)
{
    struct ir_error err;

    (void)state;
    common_fail(&err, IR_ERR_ARG, "", "%*s%s", (int)sizeof err.message - 3, "", "한국어");
    assert_int_equal(strlen(err.message), sizeof err.message - 3);
}

int main(void)
{
    static struct unit_list list;

    UNIT_ADD_ROWS(&list, test_failure, rows);
    UNIT_ADD_ROWS(&list, test_words, words_rows);
    UNIT_ADD_ROWS(&list, test_cut, cut_rows);
    unit_add(&list, "a message is cut at a character", test_long_message);
    return unit_run(&list, "failures in GIMP's dialogs");
}
