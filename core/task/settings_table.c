/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of settings: a row each, in the words that `--help`, man page and messages show. */
#include "core/task/settings_table.h"

#include <stddef.h>

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
    {{key, values, preset, summary, tasks, true}, KIND_TEXT, 0, 0, NULL}
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

const struct ir_setting ir_settings_table[KEY_COUNT] = {
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
                       "The same seed, model and words give the same picture; 0 is by chance."),
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
                         "Where upload puts the picture; behind a / it keeps its name. The key may "
                         "have {year} {month} {name} {ext} {sha256:8} and others."),
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
    [KEY_OPACITY] =
        REAL(OVERLAY, "opacity", 0.1, 1, "1",
             "How opaque outlines are; and plates, as far as their letters stay readable."),
    [KEY_ACTION] = CHOICE(REDACT, "action", "report,blur,pixelate,fill,crop", "report",
                          "What is done to the places that check found."),
    [KEY_KINDS] = SOME_OF(REDACT, "kinds",
                          "all,face,email,phone,payment-card,iban,national-id,wifi-password,"
                          "otp-secret,contact,payment,code,moderation,gps,owner,person-name,"
                          "serial-number,model",
                          "all", "Which findings the action is for."),
    [KEY_MARGIN] = REAL(REDACT, "margin", 0, 200, "20",
                        "How far beyond a place the action reaches, in percent of its shorter "
                        "side."),
    [KEY_FAIL_CLOSED] = FLAG(REDACT, "fail-closed",
                             "Blanks a picture that check could not look at as a whole or not "
                             "make safe; then a report fails, too, where a look was not "
                             "finished."),
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
    [KEY_DRY_RUN] =
        FLAG(PAID | UPLOAD, "dry-run",
             "Sends no picture and no words; tells what would be sent, where to and what it "
             "costs. A picture that lies in S3 (s3://BUCKET/KEY) is fetched for it."),
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
                       LABELS | CAPTION | ASK | CHECK | GENERATE | UPLOAD},
                      KIND_PRECHECK,
                      0,
                      0},
};
