/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A boosted cascade of Haar-like features in OpenCV's "new" XML format (root opencv_storage/cascade
 * with internalNodes and leafValues), read into flat arrays. Tilted features are refused.
 */
#ifndef PLUGINS_LOCAL_CASCADE_H
#define PLUGINS_LOCAL_CASCADE_H

#include <stddef.h>

#include <imgrecog/error.h>

#define CASCADE_MAX_RECTS 3
#define CASCADE_MAX_WINDOW_PX 100
#define CASCADE_MIN_WINDOW_PX 8
#define CASCADE_MAX_STAGES 64
#define CASCADE_MAX_TREES 8192
#define CASCADE_MAX_NODES 32768
#define CASCADE_MAX_LEAVES 65536
#define CASCADE_MAX_FEATURES 32768
#define CASCADE_MAX_XML_BYTES (8U << 20)

struct cascade_rect {
    int x_px;
    int y_px;
    int width_px;
    int height_px;
    float weight;
};

struct cascade_feature {
    struct cascade_rect rects[CASCADE_MAX_RECTS];
    int rect_count; /* 2 or 3 */
};

/* Below the threshold: go left. A link > 0 is a node of the same tree, <= 0 is leaf -link. */
struct cascade_node {
    int feature_index;
    float threshold;
    int left;
    int right;
};

struct cascade_tree {
    int first_node;
    int node_count;
    int first_leaf;
};

struct cascade_stage {
    int first_tree;
    int tree_count;
    float threshold;
};

struct cascade {
    int window_width_px;
    int window_height_px;
    struct cascade_stage *stages;
    size_t stage_count;
    struct cascade_tree *trees;
    size_t tree_count;
    struct cascade_node *nodes;
    size_t node_count;
    float *leaves;
    size_t leaf_count;
    struct cascade_feature *features;
    size_t feature_count;
};

/*
 * `name` stands in messages. Every index and number is checked, so the evaluator needs no checks.
 * IR_ERR_RESPONSE: not such a cascade. IR_ERR_TOO_LARGE, IR_ERR_NOMEM.
 */
IR_MUST_CHECK int cascade_parse(const char *xml, size_t bytes, const char *name,
                                struct cascade **out, struct ir_error *err);
/* Reads the file. IR_ERR_ARG: it cannot be read. */
IR_MUST_CHECK int cascade_load(const char *path, struct cascade **out, struct ir_error *err);
void cascade_free(struct cascade *cascade);

#endif
