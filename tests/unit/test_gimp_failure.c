/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sort of a failure, of the errors that the core makes of AWS's answers and of its own. */
#include "tests/unit/unit.h"

#include <glib.h>

#include "core/aws/error_shape.h"
#include "core/base/error.h"
#include "plugins/common/fail.h"
#include "plugins/gimp/failure.h"
#include "plugins/gimp/hint.h"

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
    {"a wrong secret key", "SignatureDoesNotMatch", 0, "The request signature does not match.",
     "AWS does not accept the signature.", LOCAL | SETTINGS | TEST},
    {"a bucket elsewhere", "PermanentRedirect", 0, "Use another endpoint.",
     "The bucket lies in another region.", SETTINGS},
    {"offline", NULL, IR_ERR_NET, "Could not resolve host", "The service cannot be reached.",
     LOCAL | SETTINGS | TEST},
    {"an answer that broke off", NULL, IR_ERR_NET, "the answer of x broke off or was damaged",
     "The connection broke off.", LOCAL | SETTINGS | TEST},
    {"no answer", NULL, IR_ERR_NET, "x closed the connection without an answer",
     "The connection broke off.", LOCAL | SETTINGS | TEST},
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
    {"ours", NULL, IR_ERR_ARG, "The image was closed; nothing was changed.", NULL, 0},
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

/* In the one line that a user gets who repeats a command. */
static void test_charge(void **state)
{
    static const struct {
        int code;
        const char *message, *hint, *words;
    } cases[] = {
        {IR_ERR_SERVICE, "a content filter withheld it",
         "The request was answered, so it is charged. Change the prompt.",
         "The request was answered, so it is charged."},
        {IR_ERR_NET, "cut off", "", "The request had been sent: it may be charged."},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct ir_error err;
        char *notice;

        ir_error_clear(&err);
        ir_fail(&err, cases[i].code, "%s", cases[i].message);
        ir_error_set_hint(&err, "%s", cases[i].hint);
        notice = failure_notice(&err);
        assert_null(strstr(notice, "charged"));
        g_free(notice);
        err.maybe_served = true;
        notice = failure_notice(&err);
        assert_true(g_str_has_suffix(notice, cases[i].words));
        g_free(notice);
    }
}

/* The core's hints for a terminal, and what becomes of them in a dialog. */
static const struct hint_row {
    const char *name;
    int code;
    const char *message, *hint; /* the core's */
    const char *words;          /* below the heading */
    const char *notice;         /* NULL: not looked at */
} hint_rows[] = {
    {"no region", IR_ERR_ARG,
     "no region is set (looked at: the setting \"region\", AWS_REGION, AWS_DEFAULT_REGION, the "
     "profile)",
     "Set AWS_REGION, for example to us-east-1, or run: aws configure. endpoint=local needs none.",
     "Choose one in the settings, under “Region”.",
     "No AWS region is set. Choose one in the settings, under “Region”."},
    {"no region of that name", IR_ERR_ARG, "\"mars\" is not the name of a region",
     "A region is named like us-east-1; correct the setting \"region\", AWS_REGION, "
     "AWS_DEFAULT_REGION or the profile.",
     "A region is named like us-east-1.",
     "There is no such AWS region. Choose one in the settings, under “Region”. (“mars”)"},
    {"no profile", IR_ERR_ARG, "the profile \"x\" is neither in a nor in b",
     "Correct the profile's name (AWS_PROFILE or the setting \"profile\"), or make it: aws "
     "configure "
     "--profile x",
     "Choose another in the settings, or make it in a terminal.",
     "There is no such AWS profile. Choose another in the settings, or make it in a terminal. "
     "(“x”)"},
    {"no credentials", IR_ERR_AUTH, "no credentials were found",
     "Run \"aws configure\", or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; or use "
     "endpoint=local, the recogniser on this machine, which needs none.",
     "Look at the profile in the settings, and whether its credentials still hold.", NULL},
    {"a command that signs in", IR_ERR_AUTH, "the session has expired",
     "Run: aws sso login --profile x",
     "Sign in again in a terminal, then try again. (aws sso login --profile x)", NULL},
    {"offline", IR_ERR_NET, "no route",
     "Check the region and the endpoint setting, and that this machine is online; behind a proxy, "
     "name it in HTTPS_PROXY.",
     "Check the region and the endpoint setting, and that this machine is online; behind a proxy, "
     "name it in HTTPS_PROXY.",
     NULL},
    {"an authority of one's own", IR_ERR_NET,
     "the certificate of x comes from an authority that is not known here",
     "Name the file with your authority's certificates in AWS_CA_BUNDLE; a proxy that reads TLS "
     "has "
     "one of its own.",
     "Name the authority's certificates in ~/.aws/config, as ca_bundle of the profile, and check "
     "this computer's clock.",
     NULL},
    {"certificates that are none", IR_ERR_ARG, "no certificates can be read from /x",
     "Correct AWS_CA_BUNDLE (or ca_bundle in the profile): it names a file of authorities in PEM.",
     "Name the authority's certificates in ~/.aws/config, as ca_bundle of the profile, and check "
     "this computer's clock.",
     NULL},
    {"a model that has ended, with its heir", IR_ERR_SERVICE, "it has reached the end of its life",
     "x came to its end on 2026-01-01: set model to y. `imgrecog models` lists all that can be "
     "used.",
     "x came to its end on 2026-01-01: set model to y.", NULL},
    {"a model that is not asked so", IR_ERR_SERVICE, "with on-demand throughput isn't supported",
     "Name an inference profile as the model: us.x, or one that `imgrecog models` lists.",
     "Choose another model in the settings.", NULL},
    {"no recogniser here", IR_ERR_NET, "the program is not at /x and not on PATH",
     "Install imgrecog with its embedded endpoint, or set IMGRECOG_LOCAL to the program's path.",
     "Install imgrecog-local, or choose another service.", NULL},
    {"one that says nothing", IR_ERR_TIMEOUT, "/x was started but does not answer on /s",
     "Raise the time limit, or run it by hand to see why: /x --socket /s",
     "Try again, or choose another service.", NULL},
    {"its folder", IR_ERR_NET, "the folder /x for its socket belongs to another user",
     "Remove the folder, or name a socket in IMGRECOG_LOCAL_SOCKET.",
     "Make the folder that the details name your own, or remove it.", NULL},
    {"its socket", IR_ERR_ARG, "the path of its socket is longer than 107 bytes",
     "Name a shorter one in IMGRECOG_LOCAL_SOCKET.",
     "Start GIMP with a shorter XDG_RUNTIME_DIR, or choose another service.", NULL},
    {"a bucket of this computer", IR_ERR_SERVICE, "there is no bucket x (HTTP 404)",
     "Buckets of this machine are folders: mkdir -p ~/.local/share/imgrecog/s3/x makes one.",
     "Check the bucket's name.", NULL},
    {"a bucket of AWS's", IR_ERR_SERVICE, "there is no bucket x (HTTP 404)",
     "Check its name and the region, or make it: aws s3 mb s3://x", "Check the bucket's name.",
     NULL},
    {"a language", IR_ERR_ARG, "the recogniser on this machine writes English and Korean only",
     "Set language to English or Korean, or ask AWS (endpoint=aws).",
     "Choose one of these languages, or ask AWS.", NULL},
    {"an edit", IR_ERR_ARG, "the stand-in on this machine draws, and edits nothing but by a mask",
     "Use endpoint=aws for this edit. edit=inpaint with a mask works here, too.",
     "Select what is to be replaced, or ask AWS.", NULL},
    {"a size of SDXL's", IR_ERR_ARG, "the picture has 3 x 4 pixels, which is none of SDXL's sizes",
     "Cut it to the nearest, and a mask too: magick in.png -resize 1x1^ -extent 1x1 out.png",
     "Choose another model in the settings.", NULL},
    {"a model of another sort", IR_ERR_ARG,
     "the model is none whose requests for pictures are known",
     "Set image-model to a Stability image model or service, or to "
     "stability.stable-diffusion-xl-v1 where something serves that form.",
     "Choose another model in the settings.", NULL},
    {"a model without edits", IR_ERR_ARG, "the form of SDXL has no edits",
     "Leave image-model or edit out.", "Choose another model in the settings.", NULL},
    {"a model for words", IR_ERR_ARG, "the model makes pictures from words only",
     "Leave image-model out: one that starts from a picture is chosen then.",
     "Choose another model in the settings.", NULL},
    {"a limit without a ledger", IR_ERR_ARG, "a limit for the month needs the ledger, which is off",
     "Set ledger to true, or leave monthly-limit out.",
     "Take the limit out of the settings, or “ledger” out of the configuration file.", NULL},
    {"something private", IR_ERR_ARG,
     "the picture was not sent: the recogniser on this machine found something: 1 face",
     "To send it all the same, set precheck to warn.",
     "To send it all the same, change “Check here first” in the settings.", NULL},
    {"a setting in a file", IR_ERR_ARG, "/x/config: there is no setting \"rejion\"",
     "Is region meant? `imgrecog config` lists all.",
     "Correct it where the details say that it stands.", NULL},
    {"a ledger that is none", IR_ERR_BUDGET, "the limit of the month cannot be kept: no database",
     "Move the file away (mv /x{,.old}) to begin a new one, or repair it with `sqlite3 FILE "
     ".recover`; it is never deleted here.",
     "Make room on the disk, or take the limit out of the settings.", NULL},
    {"threads", IR_ERR_NOMEM, "no thread could be started",
     "Close other programs, or raise the limit of processes (ulimit -u).", "Close other programs.",
     NULL},
    {"no row of ours", IR_ERR_ARG, "the number is wrong",
     "Give one. `imgrecog config` lists the settings.", "the number is wrong. Give one.",
     "the number is wrong. Give one."},
};

/* What is left out stands in the details. */
static void test_hint(void **state)
{
    const struct hint_row *row = *state;
    struct failure failure;
    struct ir_error err;
    char *notice;

    ir_error_clear(&err);
    ir_fail(&err, row->code, "%s", row->message);
    ir_error_set_hint(&err, "%s", row->hint);
    failure = failure_of(&err);
    assert_string_equal(failure.words, row->words);
    assert_non_null(failure.details);
    assert_non_null(strstr(failure.details, row->hint));
    failure_release(&failure);
    notice = failure_notice(&err);
    assert_string_equal(row->notice != NULL ? notice : "", row->notice != NULL ? row->notice : "");
    g_free(notice);
}

/* Nobody who is in the settings is sent there. */
static const struct in_settings_row {
    const char *name;
    const char *message, *words;
} in_settings_rows[] = {
    {"a profile", "the profile \"x\" is neither in a nor in b",
     "There is no such AWS profile. Choose another, or make it in a terminal."},
    {"a region", "\"mars\" is not the name of a region",
     "There is no such AWS region. Choose one under “Region”."},
    {"an address", "endpoint is \"ftp://x\", which is none of its values",
     "This is no address of a service. It begins with https://, http:// or unix:/. (“ftp://x”)"},
};

static void test_in_settings(void **state)
{
    const struct in_settings_row *row = *state;
    struct ir_error err;
    char *words;

    ir_error_clear(&err);
    ir_fail(&err, IR_ERR_ARG, "%s", row->message);
    words = failure_notice_in_settings(&err);
    assert_string_equal(words, row->words);
    g_free(words);
}

/* The hints that go with AWS's codes. */
static void test_hints_of_codes(void **state)
{
    static const char *const codes[] = {
        "AccessDeniedException",  "ExpiredTokenException",        "InvalidSignatureException",
        "SignatureDoesNotMatch",  "UnrecognizedClientException",  "InvalidAccessKeyId",
        "PermanentRedirect",      "AuthorizationHeaderMalformed", "ResourceNotFoundException",
        "ModelNotReadyException", "InvalidParameterException",    "RequestTimeTooSkewed",
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++) {
        struct failure failure;
        struct ir_error err;

        ir_error_clear(&err);
        ir_error_from_code(&ir_service_rekognition, codes[i], "refused", &err);
        failure = failure_of(&err);
        if (hint_is_for_terminal(failure.words))
            fail_msg("%s: %s", codes[i], failure.words);
        assert_true(*failure.words != '\0');
        failure_release(&failure);
    }
}

static void test_wrong_setting(void **state)
{
    struct failure failure;
    struct ir_error err;

    (void)state;
    ir_error_clear(&err);
    ir_fail_with(&err, IR_ERR_ARG, "settings", "max-labels takes a number", "");
    failure = failure_of(&err);
    assert_null(failure.heading);
    assert_true(failure.offers_settings);
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
    UNIT_ADD_ROWS(&list, test_hint, hint_rows);
    UNIT_ADD_ROWS(&list, test_in_settings, in_settings_rows);
    unit_add(&list, "that it is charged, in a line", test_charge);
    unit_add(&list, "a wrong setting", test_wrong_setting);
    unit_add(&list, "the hints of AWS's codes", test_hints_of_codes);
    UNIT_ADD_ROWS(&list, test_cut, cut_rows);
    unit_add(&list, "a message is cut at a character", test_long_message);
    return unit_run(&list, "failures in GIMP's dialogs");
}
