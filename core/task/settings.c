/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The vocabulary of settings: which keys exist, what each takes, and where values come from. A
 * value is checked when it is set, so that a wrong one is told before anything is read or sent.
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

#define SERVICE "settings"
#define MAX_FILE_BYTES (64U * 1024)
#define MAX_PATH_BYTES 4096
#define MAX_KEY_BYTES 64
#define MAX_VALUE_BYTES 4096
#define MAX_SHOWN_BYTES 80 /* of a wrong value, in a message */
#define FILE_SECTION "default"

enum key {
    KEY_ENDPOINT,
    KEY_PROFILE,
    KEY_REGION,
    KEY_MIN_CONFIDENCE,
    KEY_MAX_LABELS,
    KEY_FROM,
    KEY_INCLUDE_LABELS,
    KEY_EXCLUDE_LABELS,
    KEY_INCLUDE_CATEGORIES,
    KEY_EXCLUDE_CATEGORIES,
    KEY_VOCABULARY,
    KEY_VOCABULARY_ONLY,
    KEY_FAIL_BELOW,
    KEY_CLASS_NAMES,
    KEY_BUCKET,
    KEY_PREFIX,
    KEY_KEEP_OBJECT,
    KEY_PROPERTIES,
    KEY_MAX_COLORS,
    KEY_TEXT,
    KEY_FACES,
    KEY_LOOK_FOR,
    KEY_MODEL,
    KEY_LANGUAGE,
    KEY_CONTEXT,
    KEY_USE_METADATA,
    KEY_FROM_LABELS,
    KEY_MAX_TOKENS,
    KEY_EDIT,
    KEY_IMAGE_MODEL,
    KEY_NEGATIVE_PROMPT,
    KEY_SEARCH,
    KEY_WIDTH,
    KEY_HEIGHT,
    KEY_SEED,
    KEY_CFG_SCALE,
    KEY_STEPS,
    KEY_SAMPLER,
    KEY_CLIP_GUIDANCE_PRESET,
    KEY_STYLE_PRESET,
    KEY_STRENGTH,
    KEY_GROW_MASK,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_UP,
    KEY_DOWN,
    KEY_CREATIVITY,
    KEY_CONTROL_STRENGTH,
    KEY_FIDELITY,
    KEY_STYLE_STRENGTH,
    KEY_COMPOSITION_FIDELITY,
    KEY_CHANGE_STRENGTH,
    KEY_KEEP_PROMPT,
    KEY_PROMPT_WRITER,
    KEY_CONTENT_TYPE,
    KEY_STORAGE_CLASS,
    KEY_ENCRYPTION,
    KEY_KMS_KEY,
    KEY_EXPECTED_OWNER,
    KEY_CACHE_CONTROL,
    KEY_ONLY_IF_NEW,
    KEY_DOCUMENT,
    KEY_PRESIGN,
    KEY_LOG_GROUP,
    KEY_LOG_STREAM,
    KEY_PROMPT,
    KEY_QUESTION,
    KEY_UPLOAD,
    KEY_OVERLAY,
    KEY_SHOW,
    KEY_ONLY,
    KEY_SORT,
    KEY_PALETTE,
    KEY_LINE_WIDTH,
    KEY_FONT,
    KEY_OPACITY,
    KEY_ACTION,
    KEY_KINDS,
    KEY_MARGIN,
    KEY_FAIL_CLOSED,
    KEY_METADATA,
    KEY_FRAMES,
    KEY_JOBS,
    KEY_ON_ERROR,
    KEY_MAX_COST,
    KEY_MONTHLY_LIMIT,
    KEY_LEDGER,
    KEY_CACHE,
    KEY_REFRESH,
    KEY_CACHE_SIZE,
    KEY_CACHE_DAYS,
    KEY_DRY_RUN,
    KEY_CAPTURE,
    KEY_CAPTURE_INPUT,
    KEY_TIMEOUT,
    KEY_PRECHECK,
    KEY_COUNT
};

enum kind {
    KIND_TEXT,
    KIND_ENDPOINT,
    KIND_FROM,
    KIND_LOOKS,
    KIND_PRECHECK,
    KIND_EDIT,
    KIND_REAL,
    KIND_WHOLE,
    KIND_BOOL,
    KIND_CHOICE, /* one of some words */
    KIND_LIST,   /* one or more of them, with commas between */
};

struct setting {
    struct ir_setting_info info;
    enum kind kind;
    double min, max;     /* of numbers */
    const char *choices; /* of KIND_CHOICE and KIND_LIST: the words, with commas between */
};

#define ALL IR_SETTING_CONNECTION
#define LABELS IR_SETTING_LABELS
#define CAPTION IR_SETTING_CAPTION
#define ASK IR_SETTING_ASK
#define CHECK IR_SETTING_CHECK
#define GENERATE IR_SETTING_GENERATE
#define LOG IR_SETTING_LOG
#define UPLOAD IR_SETTING_UPLOAD
#define OVERLAY IR_SETTING_OVERLAY
#define REDACT IR_SETTING_REDACT
#define LIST IR_SETTING_LIST
#define OPERAND IR_SETTING_OPERAND
#define CAPTURE IR_SETTING_CAPTURE

#define WORDS(tasks, key, values, preset, summary)                                                 \
    {{key, values, preset, summary, tasks}, KIND_TEXT, 0, 0, NULL}
#define FLAG(tasks, key, summary)                                                                  \
    {{key, "true or false", "false", summary, tasks}, KIND_BOOL, 0, 0, NULL}
#define FLAG_ON(tasks, key, summary)                                                               \
    {{key, "true or false", "true", summary, tasks}, KIND_BOOL, 0, 0, NULL}
#define PAID (LABELS | CAPTION | ASK | CHECK | GENERATE)
#define REAL(tasks, key, min, max, preset, summary)                                                \
    {{key, "a number from " #min " to " #max, preset, summary, tasks}, KIND_REAL, min, max, NULL}
#define WHOLE(tasks, key, min, max, preset, summary)                                               \
    {{key, "a whole number from " #min " to " #max, preset, summary, tasks},                       \
     KIND_WHOLE,                                                                                   \
     min,                                                                                          \
     max,                                                                                          \
     NULL}
#define CHOICE(tasks, key, choices, preset, summary)                                               \
    {{key, "one of " choices, preset, summary, tasks}, KIND_CHOICE, 0, 0, choices}
#define SOME_OF(tasks, key, choices, preset, summary)                                              \
    {{key, "some of " choices, preset, summary, tasks}, KIND_LIST, 0, 0, choices}

static const struct setting table[KEY_COUNT] = {
    [KEY_ENDPOINT] = {{"endpoint", "aws, local, an http:// or https:// address, unix:/PATH", "aws",
                       "Where requests go; local is the recogniser on this machine.", ALL},
                      KIND_ENDPOINT,
                      0,
                      0,
                      NULL},
    [KEY_PROFILE] = WORDS(ALL, "profile", "a profile of ~/.aws/config", "",
                          "Whose credentials and settings are used; over AWS_PROFILE."),
    [KEY_REGION] = WORDS(ALL, "region", "a region like eu-west-1", "",
                         "Where the service runs; over AWS_REGION."),
    [KEY_MIN_CONFIDENCE] = REAL(LABELS | CHECK, "min-confidence", 0, 100, "55",
                                "What is less sure, in percent, is left out."),
    [KEY_MAX_LABELS] =
        WHOLE(LABELS, "max-labels", 1, 1000, "100", "At most this many distinct labels."),
    [KEY_FROM] = {{"from", "rekognition, bedrock, sagemaker:ENDPOINT or lambda:FUNCTION",
                   "rekognition", "Who is asked for labels.", LABELS},
                  KIND_FROM,
                  0,
                  0},
    [KEY_INCLUDE_LABELS] = WORDS(LABELS, "include-labels", "names between commas, at most 100", "",
                                 "Only these labels."),
    [KEY_EXCLUDE_LABELS] = WORDS(LABELS, "exclude-labels", "names between commas, at most 100", "",
                                 "None of these labels."),
    [KEY_INCLUDE_CATEGORIES] =
        WORDS(LABELS, "include-categories", "names between commas, at most 100", "",
              "Only labels of these categories of Rekognition's."),
    [KEY_EXCLUDE_CATEGORIES] =
        WORDS(LABELS, "exclude-categories", "names between commas, at most 100", "",
              "No label of these categories of Rekognition's."),
    [KEY_VOCABULARY] = WORDS(LABELS, "vocabulary", "a file", "",
                             "Terms, their synonyms, translations and what stands above them: "
                             "labels become these terms."),
    [KEY_VOCABULARY_ONLY] =
        FLAG(LABELS, "vocabulary-only", "What is none of the vocabulary's terms is left out."),
    [KEY_FAIL_BELOW] = REAL(LABELS, "fail-below", 0, 100, "0",
                            "A picture fails where no label is as sure as this, in percent."),
    [KEY_CLASS_NAMES] = WORDS(LABELS, "class-names", "names between commas, or a file of lines", "",
                              "sagemaker: what the model's classes are called, in its order."),
    [KEY_BUCKET] =
        WORDS(LABELS, "bucket", "a bucket's name", "",
              "lambda: the bucket by which the picture goes; not set, inside the event."),
    [KEY_PREFIX] = WORDS(LABELS, "prefix", "the beginning of a key", "",
                         "lambda: what the key of the picture begins with."),
    [KEY_KEEP_OBJECT] = FLAG(LABELS, "keep-object",
                             "lambda: leaves the picture in the bucket, where it else is deleted."),
    [KEY_PROPERTIES] = FLAG(LABELS, "properties",
                            "Also dominant colours, brightness, sharpness and contrast; AWS "
                            "charges extra."),
    [KEY_MAX_COLORS] = WHOLE(LABELS, "max-colors", 0, 20, "",
                             "At most this many dominant colours, with properties."),
    [KEY_TEXT] = FLAG(LABELS, "text", "Also the words in the picture; one more paid request."),
    [KEY_FACES] = FLAG(LABELS, "faces", "Also the faces' own list; one more paid request."),
    [KEY_LOOK_FOR] = {{"look-for", "all, or some of model,moderation,faces,text,codes,metadata",
                       "all",
                       "Where check looks; each but metadata is a paid request, and without all of "
                       "them it never says NO.",
                       CHECK},
                      KIND_LOOKS,
                      0,
                      0,
                      NULL},
    [KEY_MODEL] = WORDS(LABELS | CAPTION | ASK | CHECK, "model",
                        "a Bedrock model, an inference profile or an ARN", "",
                        "Who writes captions, answers questions, judges pictures and labels them."),
    [KEY_LANGUAGE] =
        WORDS(LABELS | CAPTION | CHECK, "language", "a language's name or tag", "English",
              "In which language captions, reasons and labels are written."),
    [KEY_CONTEXT] = WORDS(CAPTION, "context", "one line of text", "",
                          "What is known already of the picture: a title, keywords, a place."),
    [KEY_USE_METADATA] = FLAG(CAPTION, "use-metadata",
                              "Also tells the model what the file says of the picture: title, "
                              "headline, keywords, place in words, description."),
    [KEY_FROM_LABELS] = FLAG(CAPTION, "from-labels",
                             "Captions from the three surest labels; the model sees no picture."),
    [KEY_MAX_TOKENS] = WHOLE(LABELS | CAPTION | ASK | CHECK, "max-tokens", 1, 64000, "4096",
                             "The longest answer of a model, in tokens; a longer one is an error."),
    [KEY_EDIT] = {{"edit",
                   "inpaint, outpaint, erase, remove-background, search-replace, recolor, sketch, "
                   "structure, style-guide, style-transfer, upscale-fast, upscale-conservative or "
                   "upscale-creative",
                   "", "What is done to the picture that is given; a mask alone means inpaint.",
                   GENERATE},
                  KIND_EDIT,
                  0,
                  0},
    [KEY_IMAGE_MODEL] = WORDS(GENERATE, "image-model",
                              "a Bedrock image model or service, an inference profile or an ARN",
                              "", "Who makes pictures; one that does not do the edit gives way."),
    [KEY_NEGATIVE_PROMPT] = WORDS(GENERATE, "negative-prompt", "text", "", "What is not wanted."),
    [KEY_SEARCH] = WORDS(GENERATE, "search", "text", "",
                         "The thing that search-replace and recolor look for."),
    [KEY_WIDTH] = WHOLE(GENERATE, "width", 1, 10000, "",
                        "The width wanted, in pixels; the model's nearest shape is taken."),
    [KEY_HEIGHT] = WHOLE(GENERATE, "height", 1, 10000, "", "The height wanted, in pixels."),
    [KEY_SEED] = WHOLE(GENERATE, "seed", 0, 4294967295, "",
                       "The same seed, model and words give the same picture."),
    [KEY_CFG_SCALE] =
        REAL(GENERATE, "cfg-scale", 0, 35, "", "SDXL: how closely the words are followed."),
    [KEY_STEPS] = WHOLE(GENERATE, "steps", 10, 150, "", "SDXL: steps of refinement."),
    [KEY_SAMPLER] = WORDS(GENERATE, "sampler", "a sampler like K_EULER", "", "SDXL: the sampler."),
    [KEY_CLIP_GUIDANCE_PRESET] = WORDS(GENERATE, "clip-guidance-preset",
                                       "FAST_BLUE, FAST_GREEN, NONE, SIMPLE, SLOW, SLOWER or "
                                       "SLOWEST",
                                       "", "SDXL: guidance by CLIP."),
    [KEY_STYLE_PRESET] = WORDS(GENERATE, "style-preset", "a style like photographic", "",
                               "The style of the picture."),
    [KEY_STRENGTH] = REAL(GENERATE, "strength", 0, 1, "",
                          "How much the picture that is started from may change."),
    [KEY_GROW_MASK] =
        WHOLE(GENERATE, "grow-mask", 0, 20, "", "Pixels by which a mask's edge is moved outwards."),
    [KEY_LEFT] = WHOLE(GENERATE, "left", 0, 2000, "", "Outpaint: pixels to add on the left."),
    [KEY_RIGHT] = WHOLE(GENERATE, "right", 0, 2000, "", "Outpaint: pixels to add on the right."),
    [KEY_UP] = WHOLE(GENERATE, "up", 0, 2000, "", "Outpaint: pixels to add above."),
    [KEY_DOWN] = WHOLE(GENERATE, "down", 0, 2000, "", "Outpaint: pixels to add below."),
    [KEY_CREATIVITY] =
        REAL(GENERATE, "creativity", 0, 1, "", "Outpaint and upscale: how freely they invent."),
    [KEY_CONTROL_STRENGTH] = REAL(GENERATE, "control-strength", 0, 1, "",
                                  "Control: how closely sketch or structure is followed."),
    [KEY_FIDELITY] =
        REAL(GENERATE, "fidelity", 0, 1, "", "Style guide: how closely the style is followed."),
    [KEY_STYLE_STRENGTH] = REAL(GENERATE, "style-strength", 0, 1, "",
                                "Style transfer: how much of the style is taken."),
    [KEY_COMPOSITION_FIDELITY] = REAL(GENERATE, "composition-fidelity", 0, 1, "",
                                      "Style transfer: how closely the composition is kept."),
    [KEY_CHANGE_STRENGTH] = REAL(GENERATE, "change-strength", 0, 1, "",
                                 "Style transfer: how much the picture may change; from 0.1 on."),
    [KEY_KEEP_PROMPT] = FLAG(GENERATE, "keep-prompt",
                             "The picture's metadata tell the prompt, to all who get the picture."),
    [KEY_PROMPT_WRITER] = WORDS(GENERATE, "prompt-writer", "a name", "",
                                "Who wrote the prompt, for the picture's metadata."),
    [KEY_CONTENT_TYPE] = WORDS(LABELS | UPLOAD, "content-type", "a media type like image/jpeg", "",
                               "What S3 keeps as the content's type, and what a SageMaker endpoint "
                               "is sent; not set, as the content is, and application/x-image."),
    [KEY_STORAGE_CLASS] = WORDS(UPLOAD, "storage-class", "a storage class like STANDARD_IA", "",
                                "How S3 keeps what is uploaded."),
    [KEY_ENCRYPTION] = WORDS(UPLOAD, "encryption", "AES256, aws:kms or aws:kms:dsse", "",
                             "How S3 encrypts what is uploaded; not set, as the bucket says."),
    [KEY_KMS_KEY] = WORDS(UPLOAD, "kms-key", "a key's id or ARN", "",
                          "The key of KMS, with aws:kms and aws:kms:dsse."),
    [KEY_EXPECTED_OWNER] = WORDS(UPLOAD, "expected-owner", "an account's 12 digits", "",
                                 "Uploads only to buckets of this account."),
    [KEY_CACHE_CONTROL] = WORDS(UPLOAD, "cache-control", "a Cache-Control header", "",
                                "What S3 tells browsers about keeping the object."),
    [KEY_ONLY_IF_NEW] = FLAG(UPLOAD, "only-if-new", "Never replaces an object."),
    [KEY_DOCUMENT] =
        FLAG(UPLOAD, "document", "Also puts the result document beside the object, as KEY.json."),
    [KEY_PRESIGN] = WHOLE(UPLOAD, "presign", 1, 604800, "",
                          "Also prints a link with which anybody may get the object for so many "
                          "seconds, but no longer than the credentials live."),
    [KEY_LOG_GROUP] = WORDS(LOG, "log-group", "a log group's name", "",
                            "Where results are kept in CloudWatch Logs; not set, nowhere."),
    [KEY_LOG_STREAM] = WORDS(LOG, "log-stream", "a log stream's name", "imgrecog",
                             "The log stream in that group."),
    [KEY_PROMPT] = WORDS(OPERAND | LABELS, "prompt", "text", "",
                         "What generate is to make; of labels, the question to bedrock or lambda "
                         "in your own words."),
    [KEY_QUESTION] = WORDS(OPERAND, "question", "text", "", "What ask asks."),
    [KEY_UPLOAD] = WORDS(OPERAND, "upload", "s3://BUCKET/KEY or s3://BUCKET/PREFIX/", "",
                         "Where upload puts the picture; behind a / it keeps its name."),
    [KEY_OVERLAY] = CHOICE(OVERLAY, "overlay", "boxes,corners,plates,legend,none", "boxes",
                           "How labels are drawn: boxes or their corners with names; names alone; "
                           "boxes with all names in the legend; or not at all."),
    [KEY_SHOW] = SOME_OF(OVERLAY, "show", "name,confidence,parents", "name,confidence",
                         "What is written about a label."),
    [KEY_ONLY] = WORDS(OVERLAY, "only", "names of labels, with commas between", "",
                       "Only these, and what belongs to them, are drawn; not set, all."),
    [KEY_SORT] = CHOICE(OVERLAY, "sort", "confidence,size,name", "confidence",
                        "Which labels come first, in the legend and where room is short."),
    [KEY_PALETTE] = WORDS(OVERLAY, "palette", "safe, bright, mono, or colours like #e69f00,#56b4e9",
                          "safe", "The colours of labels; safe can be told apart by everybody."),
    [KEY_LINE_WIDTH] = REAL(OVERLAY, "line-width", 1, 1000, "",
                            "The width of outlines in pixels; not set, by the picture's size."),
    [KEY_FONT] = WORDS(OVERLAY, "font", "a family of fonts, with its size in pixels if wanted", "",
                       "The type of names; not set, sans-serif, and by the picture's size."),
    [KEY_OPACITY] = REAL(OVERLAY, "opacity", 0.1, 1, "1", "How opaque the drawing is."),
    [KEY_ACTION] = CHOICE(REDACT, "action", "report,blur,pixelate,fill,crop", "report",
                          "What is done to the places that check found."),
    [KEY_KINDS] = WORDS(REDACT, "kinds", "kinds of findings, with commas between, or all", "all",
                        "Which findings the action is for."),
    [KEY_MARGIN] = REAL(REDACT, "margin", 0, 200, "20",
                        "How far beyond a place the action reaches, in percent of its shorter "
                        "side."),
    [KEY_FAIL_CLOSED] = FLAG(REDACT, "fail-closed",
                             "Blanks a picture that could not be checked or not be made safe."),
    [KEY_METADATA] = SOME_OF(IR_SETTING_METADATA, "metadata", "keep,none,xmp,iptc", "keep",
                             "The picture's metadata: kept, removed, or results added to it."),
    [KEY_FRAMES] = CHOICE(LIST, "frames", "each,first", "each",
                          "Of a file with several pictures: each, or the first alone."),
    [KEY_JOBS] = WHOLE(LIST, "jobs", 1, 64, "8", "So many pictures are asked about at once."),
    [KEY_ON_ERROR] = CHOICE(LIST, "on-error", "continue,stop", "continue",
                            "After a failure: go on with the next pictures, or try no more."),
    [KEY_MAX_COST] =
        REAL(PAID, "max-cost", 0, 1000000, "",
             "What a run may cost at most, in US dollars; a request that would pass it "
             "is not sent."),
    [KEY_MONTHLY_LIMIT] = REAL(PAID, "monthly-limit", 0, 1000000, "",
                               "What all runs of a month (UTC) may cost at most, in US dollars."),
    [KEY_LEDGER] = FLAG_ON(PAID, "ledger", "Writes down what is paid; `imgrecog cost` shows it."),
    [KEY_CACHE] = FLAG_ON(PAID, "cache",
                          "Keeps answers, encrypted, so that the same question about the same "
                          "picture is not paid for twice."),
    [KEY_REFRESH] = FLAG(PAID, "refresh", "Asks anew, and keeps the new answer."),
    [KEY_CACHE_SIZE] = WHOLE(PAID, "cache-size", 1, 1048576, "256",
                             "What is kept at most, in MiB; the least recently used goes first."),
    [KEY_CACHE_DAYS] = WHOLE(PAID, "cache-days", 1, 36500, "",
                             "An answer older than this is asked for anew; not set, none is."),
    [KEY_DRY_RUN] = FLAG(PAID | UPLOAD, "dry-run",
                         "Sends nothing; tells what would be sent, where to and what it costs."),
    [KEY_CAPTURE] = WORDS(CAPTURE, "capture", "a folder or s3://BUCKET/PREFIX", "",
                          "Where each answer is recorded as SageMaker's Model Monitor does it, a "
                          "file for each; not set, nowhere."),
    [KEY_CAPTURE_INPUT] =
        FLAG(CAPTURE, "capture-input", "Records the picture that was sent, too, in base64."),
    [KEY_TIMEOUT] = {{"timeout", "a number of seconds from 1 to 3600", "60",
                      "Time for one request with all its attempts.", ALL},
                     KIND_REAL,
                     1,
                     3600,
                     NULL},
    [KEY_PRECHECK] = {{"precheck", "off, warn or block", "off",
                       "What the recogniser on this machine does before a picture is sent "
                       "elsewhere: nothing; tell what it found; send nothing if it found something "
                       "or could not look. What it does not find may be there all the same.",
                       LABELS | CAPTION | ASK | CHECK | GENERATE},
                      KIND_PRECHECK,
                      0,
                      0},
};

struct ir_settings {
    char *values[KEY_COUNT]; /* NULL = the preset */
    unsigned tasks;          /* what may be set now; enum ir_setting_task */
};

const struct ir_setting_info *ir_setting_get_info(size_t setting_index)
{
    return setting_index < KEY_COUNT ? &table[setting_index].info : NULL;
}

/* ---- values ------------------------------------------------------------------------------ */

static bool is_true_word(const char *text)
{
    return strcasecmp(text, "true") == 0 || strcasecmp(text, "yes") == 0 ||
           strcasecmp(text, "on") == 0 || strcmp(text, "1") == 0;
}

static bool is_false_word(const char *text)
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

static bool is_valid(const struct setting *setting, const char *value)
{
    double number;
    switch (setting->kind) {
    case KIND_BOOL:
        return is_true_word(value) || is_false_word(value);
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

static int fail_value(const struct setting *setting, const char *value, const char *origin,
                      struct ir_error *err)
{
    char shown[MAX_SHOWN_BYTES];
    int rc;
    ir_text_copy(shown, sizeof shown, value);
    if (setting->kind != KIND_TEXT)
        rc = ir_fail(err, IR_ERR_ARG, "%s is \"%s\", which is not %s", origin, shown,
                     setting->info.values);
    else if (*value == '\0')
        rc = ir_fail(err, IR_ERR_ARG, "%s is empty", origin);
    else /* it may be a prompt, which no message repeats */
        rc = ir_fail(err, IR_ERR_ARG, "%s has more than %d bytes", origin, MAX_VALUE_BYTES);
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "Set %s to %s.", setting->info.key, setting->info.values);
    return rc;
}

static int fail_task(const char *key, const char *origin, struct ir_error *err)
{
    int rc = ir_fail(err, IR_ERR_ARG, "%s: the setting %s belongs to another task", origin, key);
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "Leave it out: it would change nothing here.");
    return rc;
}

static int fail_unknown(const struct ir_settings *settings, const char *key, const char *origin,
                        struct ir_error *err)
{
    char known[300] = "";
    size_t used = 0;
    bool is_whole = true;
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if ((table[i].info.tasks & settings->tasks) == 0)
            continue;
        int chars = snprintf(known + used, sizeof known - used, "%s%s", used > 0 ? ", " : "",
                             table[i].info.key);
        is_whole = chars >= 0 && (size_t)chars < sizeof known - used;
        if (!is_whole) {
            known[used] = '\0';
            break;
        }
        used += (size_t)chars;
    }
    char shown[MAX_SHOWN_BYTES];
    ir_text_copy(shown, sizeof shown, key);
    int rc = ir_fail(err, IR_ERR_ARG, "%s: there is no setting \"%s\"", origin, shown);
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "The settings are: %s%s.", known,
                      is_whole ? "" : " and more, which `imgrecog config` lists");
    return rc;
}

static const struct setting *find_setting(const char *key, size_t *out_index)
{
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (strcmp(table[i].info.key, key) == 0) {
            *out_index = i;
            return &table[i];
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
    const struct setting *setting = find_setting(key, &index);
    if (setting == NULL)
        return fail_unknown(settings, key, origin, err);
    if ((setting->info.tasks & settings->tasks) == 0)
        return fail_task(key, origin, err);
    if (!is_valid(setting, value))
        return fail_value(setting, value, origin, err);
    char *copy = ir_strdup(value);
    if (copy == NULL)
        return ir_fail_nomem(err);
    ir_free(settings->values[index]);
    settings->values[index] = copy;
    return 0;
}

static const char *value_of(const struct ir_settings *settings, enum key key)
{
    if (settings->values[key] != NULL)
        return settings->values[key];
    return *table[key].info.preset != '\0' ? table[key].info.preset : NULL;
}

const char *ir_settings_get(const struct ir_settings *settings, const char *key)
{
    size_t index = 0;
    return find_setting(key, &index) != NULL ? value_of(settings, (enum key)index) : NULL;
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
    respell(table[setting_index].info.key, '-', '_', ir_ascii_upper, name);
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
        int rc = ir_settings_set(settings, table[i].info.key, value, variable, err);
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

static int load_file(struct ir_settings *settings, const struct ir_world *world,
                     struct ir_error *err)
{
    struct ir_buf path;
    struct ir_buf text;
    struct ir_ini *ini = NULL;
    bool missing = false;
    ir_buf_init(&path, MAX_PATH_BYTES);
    ir_buf_init(&text, MAX_FILE_BYTES);
    ir_world_user_path(world, IR_USER_CONFIG, IR_SETTINGS_FILE, &path);
    int rc = ir_buf_check(&path, "the settings file's path", err);
    if (rc == 0)
        rc = world->read_file(world->context, ir_buf_text(&path), &text, &missing, err);
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
static double optional_number(const struct ir_settings *settings, enum key key, double unset)
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
