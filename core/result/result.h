/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The result document as services and tasks build it. The public half is imgrecog/result.h.
 *
 * Adding functions copy their strings, made valid and free of control characters, and cut at
 * IR_RESULT_MAX_TEXT_BYTES. They return IR_ERR_NOMEM, or IR_ERR_RESPONSE past IR_RESULT_MAX_ITEMS
 * of a kind; the result is then as before.
 */
#ifndef CORE_RESULT_RESULT_H
#define CORE_RESULT_RESULT_H

#include <imgrecog/result.h>

#include <stdint.h>

#define IR_RESULT_MAX_ITEMS 20000
#define IR_RESULT_MAX_TEXT_BYTES 4096
#define IR_RESULT_MAX_ANSWER_BYTES (4U << 20)

/* What was looked at and what was sent. */
struct ir_result_image {
    char *source;        /* may be NULL */
    char sha256_hex[65]; /* "" when not asked for */
    int width_px;        /* upright */
    int height_px;
    int orientation; /* of the file, 1..8 */
    size_t sent_bytes;
    int sent_width_px;
    int sent_height_px;
    const char *sent_media_type; /* static */
    char *sent_uri;              /* s3://bucket/key where it went that way; NULL = inline */
};

/* A colour of IMAGE_PROPERTIES or of an instance. */
struct ir_result_color {
    int red, green, blue;
    char hex_code[8];
    char css_color[32];
    char simplified_color[32];
    double pixel_pct;
};

struct ir_result_quality {
    bool known;
    double brightness, sharpness, contrast; /* 0..100; NaN when not given */
};

struct ir_color_list {
    struct ir_result_color *items;
    size_t count;
};

/* A region of IMAGE_PROPERTIES: the whole, the foreground or the background. */
struct ir_result_region {
    struct ir_result_quality quality;
    struct ir_color_list colors;
};

struct ir_result_properties {
    bool known;
    struct ir_result_region image;
    struct ir_result_region foreground;
    struct ir_result_region background;
};

/* A line or word of DetectText. */
struct ir_result_text {
    char *text;
    bool is_word; /* else a line */
    int id;
    int parent_id; /* of the line that holds the word; -1 when none */
    double confidence_pct;
    bool has_box;
    struct ir_box box;
};

struct ir_landmark {
    char type[32]; /* "eyeLeft" */
    double x_frac; /* upright */
    double y_frac;
};

/* A face of DetectFaces, DEFAULT attributes. */
struct ir_result_face {
    double confidence_pct;
    bool has_box;
    struct ir_box box;
    struct ir_landmark *landmarks;
    size_t landmark_count;
    bool has_pose;
    double roll_deg, yaw_deg, pitch_deg;
    struct ir_result_quality quality;
};

struct ir_string_list {
    char **items;
    size_t count;
};

/* The caption task's. */
struct ir_result_caption {
    struct ir_caption public; /* points into the members below */
    char *text, *alt_text, *title;
    struct ir_string_list keywords;
    char *language; /* that was asked for */
    char *model;    /* that wrote it */
};

/* The check task's. */
struct ir_result_check {
    struct ir_check public; /* made whole by ir_result_finish_check */
    bool known;             /* the task was check */
    char *reason, *model_reason;
    struct ir_finding *findings; /* their strings are owned */
    size_t finding_count, finding_capacity;
    size_t unsure_count;
    struct ir_string_list not_checked;
};

/* The generate task's. */
struct ir_result_generated {
    struct ir_generated_picture public; /* points into the members below */
    unsigned char *data;
    char *model;
};

/* The ask task's. */
struct ir_result_answer {
    char *text;
    char *model;
};

/* A request of a dry run, its strings owned. */
struct ir_planned {
    struct ir_planned_request public; /* points into the members below */
    char service[32];
    char operation[64];
    char model[256];
    char host[256];
};

/* Where an object was stored, by the upload task. */
struct ir_result_stored {
    char *source; /* the file that it was made of; NULL = what image.source names */
    char *uri, *etag, *version_id, *content_type;
    char *link; /* presigned, as good as a key: never in a log; NULL = none */
    uint64_t bytes;
    uint32_t crc32;
    unsigned parts;
};

/* Of a dry run: where an upload would store a file. */
struct ir_result_plan {
    char *source; /* as above */
    char *uri;    /* NULL = nothing would be stored */
};

struct ir_result_usage {
    unsigned requests; /* answered ones, but those from the cache */
    unsigned retries;
    long long input_tokens; /* of models; 0 where none was asked */
    long long output_tokens;
    double cost_usd;       /* of all whose price is known */
    double maybe_cost_usd; /* more than that, at most, for failed ones that may have been served */
    bool is_unpriced;      /* there is one whose price is not known */
    bool is_unrecorded;    /* the ledger could not be written */
    unsigned cached;       /* answers from the cache */
    char prices_of[16];    /* "2026-11-20"; "" = nothing was to be paid */
    struct ir_planned *planned;
    size_t planned_count;
};

/* Adds a request of a dry run, copied. IR_ERR_NOMEM, IR_ERR_RESPONSE past IR_RESULT_MAX_ITEMS. */
IR_MUST_CHECK int ir_result_usage_plan(struct ir_result_usage *usage,
                                       const struct ir_planned_request *request);

/* What result.h shows, and what only the document holds. */
struct ir_label_entry {
    struct ir_label public; /* points into the members below */
    char *name;
    struct ir_string_list parents, categories, aliases;
    struct ir_color_list colors; /* of the instance */
};

struct ir_result {
    struct ir_result_image image;
    struct ir_label_entry *labels;
    size_t label_count, label_capacity;
    struct ir_result_text *texts;
    size_t text_count, text_capacity;
    struct ir_result_face *faces;
    size_t face_count, face_capacity;
    struct ir_result_properties properties;
    char *label_source; /* who said the labels, where it was not `source`: a model's id; or NULL */
    char *label_model_version;
    char *text_model_version;
    bool is_held_back;                    /* by the precheck: not to leave this machine */
    bool has_labels, has_text, has_faces; /* asked and answered, if only with an empty list */
    struct ir_result_caption caption;
    struct ir_result_answer answer;
    struct ir_result_generated generated;
    struct ir_result_check check;
    struct ir_result_stored stored; /* its uri is NULL when nothing was */
    struct ir_result_plan would_store;
    struct ir_result_check precheck;
    struct ir_result_usage usage;
    char *endpoint;
    const char *source;           /* who said it: "rekognition" or "local"; static */
    struct ir_string_list errors; /* what the document lacks, one line each */
};

/* NULL when out of memory. */
struct ir_result *ir_result_new(void);

/* Those behind it move up. `label_index` is one that exists. */
void ir_result_remove_label(struct ir_result *result, size_t label_index);
/* `label`, its strings and `colors` (may be NULL) are copied. */
IR_MUST_CHECK int ir_result_add_label(struct ir_result *result, const struct ir_label *label,
                                      const struct ir_color_list *colors);
/* `text` and its string are copied. */
IR_MUST_CHECK int ir_result_add_text(struct ir_result *result, const struct ir_result_text *text);
/* `face` and its landmarks are copied. */
IR_MUST_CHECK int ir_result_add_face(struct ir_result *result, const struct ir_result_face *face);
/* One line about what is missing. */
IR_MUST_CHECK int ir_result_add_error(struct ir_result *result, const char *line);
/* Sets the caption: all copied, `text` must not be NULL or empty. */
IR_MUST_CHECK int ir_result_set_caption(struct ir_result *result, const struct ir_caption *caption);
/* Sets the picture: `data` is taken over (ir_free), also on failure; the rest is copied. */
IR_MUST_CHECK int ir_result_set_generated(struct ir_result *result,
                                          const struct ir_generated_picture *generated,
                                          unsigned char *data);
/* `finding` and its strings are copied. */
IR_MUST_CHECK int ir_result_add_finding(struct ir_result *result, const struct ir_finding *finding);
IR_MUST_CHECK int ir_result_add_not_checked(struct ir_result *result, const char *line);
/* The same of what this machine's recogniser was asked before anything was sent; it may be asked
 * several times. */
IR_MUST_CHECK int ir_result_add_precheck_finding(struct ir_result *result,
                                                 const struct ir_finding *finding);
IR_MUST_CHECK int ir_result_add_precheck_missing(struct ir_result *result, const char *line);
IR_MUST_CHECK int ir_result_finish_precheck(struct ir_result *result, const char *reason);
/* Sets verdict, reason and the model's (NULL = none; both copied) and makes the check whole for
 * readers: the last of its calls. */
IR_MUST_CHECK int ir_result_finish_check(struct ir_result *result, enum ir_verdict verdict,
                                         const char *reason, const char *model_reason);
/* Sets the answer's text, at most IR_RESULT_MAX_ANSWER_BYTES of it; line feeds and tabs are kept.
 */
IR_MUST_CHECK int ir_result_set_answer(struct ir_result *result, const char *text);
/* Replaces a string member by a clean copy of `text` (NULL = none). */
IR_MUST_CHECK int ir_result_set_text(char **member, const char *text);

void ir_color_list_release(struct ir_color_list *list);

#endif
