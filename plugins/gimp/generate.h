/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of "Generate Layer" share. */
#ifndef PLUGINS_GIMP_GENERATE_H
#define PLUGINS_GIMP_GENERATE_H

#include "plugins/gimp/region.h"
#include "plugins/gimp/task.h"

#define GENERATE_ARG_ACTION "action"
#define GENERATE_ARG_PROMPT "prompt"
#define GENERATE_ARG_NEGATIVE "negative-prompt"
#define GENERATE_ARG_STYLE "style-preset"
#define GENERATE_ARG_SEED "seed"
#define GENERATE_SEED_MOST 4294967294.0
#define GENERATE_ARG_VARIATIONS "variations"
#define GENERATE_VARIATIONS_MOST 8
#define GENERATE_ARG_STEPS "steps"
#define GENERATE_ARG_GUIDANCE "cfg-scale"
#define GENERATE_ARG_FEATHER "feather"
#define GENERATE_ARG_KEEP "keep-words"
#define GENERATE_ARG_LEFT "left"
#define GENERATE_ARG_RIGHT "right"
#define GENERATE_ARG_UP "up"
#define GENERATE_ARG_DOWN "down"
/* Of a layer that is larger than the canvas. */
#define GENERATE_LAYER_PIXELS_MOST (1 << 28)

enum generate_action {
    GENERATE_AUTO, /* replace where something is selected, else new */
    GENERATE_NEW,
    GENERATE_REPLACE,
    GENERATE_ERASE,
    GENERATE_EXTEND,
    GENERATE_CUT_OUT,
    GENERATE_UPSCALE,
};

/* What GENERATE_ARG_ACTION may be: an enum generate_action. */
extern const struct choice generate_actions;

/* What an action is about; one row for each but AUTO. */
struct generate_facts {
    const char *edit; /* of the core; NULL = none */
    bool needs_words, needs_image, needs_selection;
    double max_pixels; /* that may be sent */
};

/* One picture that came. */
struct generate_answer {
    unsigned char *rgba; /* free() */
    int width_px, height_px;
    bool has_seed;
    double seed;
};

/* A task's own. */
struct generate_own {
    enum generate_action action; /* never AUTO */
    char *prompt, *negative;
    struct region region; /* of what is sent */
    int sides_px[4];      /* EXTEND: left, right, up, down, in the image's pixels */
    bool has_mask;
    GimpImage *selected; /* of region_selection_take, until the masks are read; NULL = none */
    struct region_mask sent_mask; /* of what is selected, where something is */
    struct region_mask mask;      /* the same, as large as `region.rect` */
    int feather_px;
    int wanted_count; /* of pictures, 1 to GENERATE_VARIATIONS_MOST */
    struct generate_answer answers[GENERATE_VARIATIONS_MOST];
    int answer_count;
    struct ir_error rest_err; /* why there are fewer than wanted */
};

const struct generate_facts *generate_facts_of(enum generate_action action);
/* The action in force for this image; `image` may be NULL. */
enum generate_action generate_action_of(GimpProcedureConfig *config, GimpImage *image);

/* A run's parts, see struct task_kind. */
IR_MUST_CHECK int generate_prepare(struct task *task, struct ir_error *err);
IR_MUST_CHECK int generate_plan(struct task *task, struct ir_error *err);
IR_MUST_CHECK int generate_work(struct task *task, struct job *job, struct ir_error *err);
void generate_release(struct task *task);
/* Puts the answer into the image, or into a new one. */
IR_MUST_CHECK int generate_place(struct task *task, struct ir_error *err);

bool generate_run_dialog(struct dialog *dialog);

#endif
