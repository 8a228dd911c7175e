/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The result document in memory. result.md describes its JSON.
 *
 * A result does not change once a task has returned it, so any number of threads may read it.
 * Everything handed out is borrowed and lives as long as the result. Strings are valid UTF-8
 * without control characters (an answer's line feeds and tabs are kept), whatever the server sent.
 */
#ifndef IMGRECOG_RESULT_H
#define IMGRECOG_RESULT_H

#include <stddef.h>

#include <imgrecog/error.h>
#include <imgrecog/geometry.h>
#include <imgrecog/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ir_result;

/*
 * One thing seen. A Rekognition label with n instances gives n of these, each with its own box; one
 * without instances gives a single entry without a box. A model may have named it without saying
 * how sure it is: then both confidences are NaN.
 */
struct ir_label {
    const char *name;
    double confidence_pct;       /* 0..100, of this instance, or of the label when it has no box */
    double label_confidence_pct; /* 0..100, of the label */
    bool has_box;
    struct ir_box box; /* upright, clamped; meaningful when has_box */
    const char *const *parents;
    size_t parent_count;
    const char *const *categories;
    size_t category_count;
    const char *const *aliases;
    size_t alias_count;
};

/* Size of the upright picture in pixels. */
IR_PUBLIC int ir_result_width_px(const struct ir_result *result);
IR_PUBLIC int ir_result_height_px(const struct ir_result *result);

/* How many labels there are. None is an answer, too. */
IR_PUBLIC size_t ir_result_label_count(const struct ir_result *result);
/* NULL when `label_index` is not below the count. In the order in which the service gave them. */
IR_PUBLIC const struct ir_label *ir_result_get_label(const struct ir_result *result,
                                                     size_t label_index);

/* A line of text in the picture, or one of its words, where labels were asked for with text. */
struct ir_text {
    const char *text;
    bool is_word;          /* else a line */
    double confidence_pct; /* NaN = not told */
    bool has_box;
    struct ir_box box; /* upright, clamped; meaningful when has_box */
};
/* False past the last, also when no text was asked for. In the order of the service. */
IR_PUBLIC bool ir_result_get_text(const struct ir_result *result, size_t text_index,
                                  struct ir_text *out);

/* A face, where labels were asked for with faces. */
struct ir_face {
    double confidence_pct; /* that it is a face; NaN = not told */
    bool has_box;
    struct ir_box box;
};
/* False past the last, also when no faces were asked for. In the order of the service. */
IR_PUBLIC bool ir_result_get_face(const struct ir_result *result, size_t face_index,
                                  struct ir_face *out);

/* Of the whole picture, where labels were asked for with properties; 0..100, NaN = not told. */
struct ir_quality {
    double brightness, sharpness, contrast;
};
/* False when it is not known. */
IR_PUBLIC bool ir_result_get_quality(const struct ir_result *result, struct ir_quality *out);

/* A dominant colour of the whole picture, where labels were asked for with properties. */
struct ir_color {
    const char *css_name;        /* "darkslategrey"; "" where none was told */
    const char *simplified_name; /* one of twelve, "grey"; "" where none was told */
    const char *hex;             /* "#2f4f4f"; "" where none was told */
    double pixel_pct;
};
/* False past the last. The most frequent first, as the service gives them. */
IR_PUBLIC bool ir_result_get_color(const struct ir_result *result, size_t color_index,
                                   struct ir_color *out);

/* One line for each thing that was asked for and is not in the document, or is there in another way
 * (a longer alt text); NULL past the last. */
IR_PUBLIC const char *ir_result_get_error(const struct ir_result *result, size_t error_index);

/* What a model wrote about the picture. NULL where it gave none. */
struct ir_caption {
    const char *text;     /* never NULL */
    const char *alt_text; /* short, for screen readers */
    const char *title;
    const char *const *keywords;
    size_t keyword_count;
};
/* NULL when the task was not caption. */
IR_PUBLIC const struct ir_caption *ir_result_get_caption(const struct ir_result *result);

/* A picture that was made. */
struct ir_generated_picture {
    const void *data; /* a PNG file */
    size_t data_bytes;
    int width_px;
    int height_px;
    bool has_seed;
    double seed; /* gives the same picture again, with the same model and words */
    const char *model;
};
/* NULL when the task was not generate. */
IR_PUBLIC const struct ir_generated_picture *
ir_result_get_generated(const struct ir_result *result);

enum ir_verdict { IR_VERDICT_UNKNOWN, IR_VERDICT_NO, IR_VERDICT_YES };

#define IR_FINDING_MAX_PARENTS 2

/* One thing that should not get about. */
struct ir_finding {
    /* "moderation", "face", "email", "payment-card", "iban", "national-id", "phone"; of codes
     * "wifi-password", "otp-secret", "contact", "payment", "code" for any other or where nobody
     * reads it; of the file "gps", "owner", "person-name", "serial-number"; or "model" for what the
     * model alone says */
    const char *kind;
    const char *name; /* more of it: a moderation label, "…1111"; NULL = nothing */
    /* Of a moderation label, what stands above it, the nearest first; NULL = none further. */
    const char *parents[IR_FINDING_MAX_PARENTS];
    int taxonomy_level;    /* of a moderation label, 1 to 3; 0 = not told */
    double confidence_pct; /* 0..100; NaN where nothing was measured */
    bool has_box;
    struct ir_box box;  /* upright, clamped; meaningful when has_box */
    const char *source; /* who says so: "rekognition", "local", a model's id, "file" */
};

/* The outcome of the check task. */
struct ir_check {
    enum ir_verdict verdict;
    const char *reason; /* in words; never NULL */
    /* The model's part of `reason`, in the language it was asked for; the rest counts findings, in
     * English. NULL where no model was asked, or it said something else than the verdict. The
     * document has it as the end of `reason` alone. */
    const char *model_reason;
    const struct ir_finding *findings;
    size_t finding_count;
    const char *const *not_checked; /* what was not looked at or not finished, and why */
    size_t not_checked_count;
    /* What was seen, but is no finding, since it is less sure than min_confidence_pct. What a
     * service itself leaves out for that (moderation labels and codes) is not told by it, and not
     * counted. */
    size_t unsure_count;
};
/* NULL when the task was not check. */
IR_PUBLIC const struct ir_check *ir_result_get_check(const struct ir_result *result);

/*
 * What the recogniser on this machine found before anything was sent (ir_client_options.precheck):
 * findings, and what it could not look at. The verdict is YES or UNKNOWN, never NO: what it did not
 * find may be there. The reason counts what was found, "1 face"; "" for nothing. NULL when it was
 * not asked.
 */
IR_PUBLIC const struct ir_check *ir_result_get_precheck(const struct ir_result *result);

/*
 * Whether a check found the picture to be one that precheck=block keeps on this machine: then it
 * was not sent, and is not to be sent in another way, such as an upload.
 */
IR_PUBLIC bool ir_result_is_held_back(const struct ir_result *result);

/* The answer to a question, with its line feeds; NULL when the task was not ask. */
IR_PUBLIC const char *ir_result_get_answer(const struct ir_result *result);

enum ir_model_work { IR_MODEL_OF_CAPTION, IR_MODEL_OF_ANSWER, IR_MODEL_OF_PICTURE };
/* Which model wrote the caption or the answer, or made the picture. NULL when none did. */
IR_PUBLIC const char *ir_result_get_model_of(const struct ir_result *result,
                                             enum ir_model_work work);
/* The first of them. */
IR_PUBLIC const char *ir_result_get_model(const struct ir_result *result);

/*
 * Puts what `from` holds and `into` lacks into `into`, for one document about several tasks on one
 * picture; what both know of the picture stays as `into` has it. Usage is added up, errors are
 * appended. `from` loses what was moved and is still to be freed. On failure both are untouched.
 * IR_ERR_ARG: both hold the outcome of the same task. IR_ERR_NOMEM.
 */
IR_PUBLIC IR_MUST_CHECK int ir_result_merge(struct ir_result *into, struct ir_result *from,
                                            struct ir_error *err);
/* What the requests of this document used and cost. */
struct ir_usage {
    unsigned requests; /* that were answered and paid for */
    unsigned retries;
    unsigned cached; /* answers that were paid for earlier */
    long long input_tokens;
    long long output_tokens;
    double cost_usd;       /* NaN where a price is not known */
    double maybe_cost_usd; /* more than that, at most, for those that failed after they were sent */
    const char *prices_of; /* the day of the prices, "2026-11-20" */
};
/* A copy; `prices_of` is borrowed. */
IR_PUBLIC struct ir_usage ir_result_get_usage(const struct ir_result *result);

/* A request that a dry run would have sent. */
struct ir_planned_request {
    const char *service;   /* "Rekognition" */
    const char *operation; /* "DetectLabels" */
    const char *model;     /* NULL = none */
    const char *host;      /* where to; "this machine" for the recogniser on it */
    unsigned long long request_bytes;
    double cost_usd; /* at most; NaN where the price is not known */
    bool is_cached;  /* it would be answered without being sent */
};
/* NULL past the last; there is none unless the client makes dry runs. */
IR_PUBLIC const struct ir_planned_request *ir_result_get_planned(const struct ir_result *result,
                                                                 size_t request_index);

/*
 * The document as one line of JSON, terminated, to be freed with ir_free.
 * IR_ERR_NOMEM; IR_ERR_TOO_LARGE over 16 MiB.
 */
IR_PUBLIC IR_MUST_CHECK int ir_result_to_json(const struct ir_result *result, char **out_json,
                                              size_t *out_bytes, struct ir_error *err);

/*
 * The labels for people and scripts: one "Name: 95%" a line, each name once with its highest
 * confidence (none was said: only the name), rounded down so that 99.96 does not read as 100;
 * terminated, no line feed at the end, to be freed with ir_free. No label gives "". IR_ERR_NOMEM;
 * IR_ERR_TOO_LARGE over 4 MiB.
 */
IR_PUBLIC IR_MUST_CHECK int ir_result_labels_text(const struct ir_result *result, char **out_text,
                                                  struct ir_error *err);

/* NULL is allowed. */
IR_PUBLIC void ir_result_free(struct ir_result *result);

#ifdef __cplusplus
}
#endif
#endif
