/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading OpenCV's cascade files (https://docs.opencv.org/4.x/dc/d88/tutorial_traincascade.html).
 *
 *   stages/_   { stageThreshold, weakClassifiers/_ { internalNodes, leafValues } }
 *   features/_ { rects/_ "x y width height weight", tilted }
 *
 * internalNodes holds four numbers a node: left, right, feature, threshold. A link above 0 names a
 * node of the same tree and must name a later one, so that evaluation ends; a link of 0 or below
 * names leaf -link. The file is data from elsewhere: whatever an index or a number could break is
 * checked here once.
 */
#include "plugins/local/cascade.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/world.h"
#include "core/base/xml.h"

#define SERVICE "imgrecog-local"
#define NODE_NUMBERS 4
#define RECT_NUMBERS 5
#define MAX_NUMBERS 256 /* of one element */
/* OpenCV lowers every stage's threshold by this, so that rounding cannot reject. */
#define THRESHOLD_SLACK 1e-5F

struct parser {
    struct cascade *cascade;
    const char *name;
    struct ir_error *err;
};

static int fail(const struct parser *parser, const char *cause)
{
    return ir_fail(parser->err, IR_ERR_RESPONSE, "the cascade %s cannot be used: %s", parser->name,
                   cause);
}

static int fail_nomem(const struct parser *parser)
{
    return ir_fail_nomem(parser->err);
}

/* Finite numbers apart by white space; -1 for anything else or for more than `max_count`. */
static int read_numbers(const char *text, double *out, int max_count)
{
    int count = 0;
    for (;;) {
        text += strspn(text, " \t\r\n");
        if (*text == '\0')
            return count;
        char *end;
        double number = strtod(text, &end);
        bool apart = *end == '\0' || strchr(" \t\r\n", *end) != NULL;
        if (end == text || !apart || !isfinite(number) || fabs(number) > 1e9 || count == max_count)
            return -1;
        out[count++] = number;
        text = end;
    }
}

static bool is_whole(double number)
{
    return number == floor(number);
}

static int read_size(const struct parser *parser, const struct ir_xml_element *element,
                     const char *name, int *out)
{
    double number = 0;
    if (read_numbers(ir_xml_child_text(element, name, ""), &number, 1) != 1 || !is_whole(number) ||
        number < CASCADE_MIN_WINDOW_PX || number > CASCADE_MAX_WINDOW_PX)
        return fail(parser, "its window size is missing or out of range");
    *out = (int)number;
    return 0;
}

static size_t count_children(const struct ir_xml_element *element)
{
    size_t count = 0;
    if (element == NULL)
        return 0;
    for (const struct ir_xml_element *child = element->first_child; child != NULL;
         child = child->next_sibling)
        count++;
    return count;
}

/* ---- features ---------------------------------------------------------------------------- */

static int read_rect(const struct parser *parser, const struct ir_xml_element *element,
                     struct cascade_rect *out)
{
    double numbers[RECT_NUMBERS];
    const struct cascade *cascade = parser->cascade;
    if (read_numbers(element->text, numbers, RECT_NUMBERS) != RECT_NUMBERS)
        return fail(parser, "a feature's rectangle is not five numbers");
    for (int i = 0; i < RECT_NUMBERS - 1; i++)
        if (!is_whole(numbers[i]) || numbers[i] < 0)
            return fail(parser, "a feature's rectangle is not in whole pixels");
    if (numbers[2] < 1 || numbers[3] < 1 || numbers[0] + numbers[2] > cascade->window_width_px ||
        numbers[1] + numbers[3] > cascade->window_height_px)
        return fail(parser, "a feature's rectangle lies outside the window");
    *out = (struct cascade_rect){(int)numbers[0], (int)numbers[1], (int)numbers[2], (int)numbers[3],
                                 (float)numbers[4]};
    return 0;
}

static int read_feature(const struct parser *parser, const struct ir_xml_element *element,
                        struct cascade_feature *out)
{
    const struct ir_xml_element *rects = ir_xml_child(element, "rects");
    size_t count = count_children(rects);
    double tilted = 0;
    if (count < 2 || count > CASCADE_MAX_RECTS)
        return fail(parser, "a feature has not two or three rectangles");
    if (read_numbers(ir_xml_child_text(element, "tilted", "0"), &tilted, 1) != 1 || tilted != 0)
        return fail(parser, "it has tilted features");
    for (const struct ir_xml_element *rect = rects->first_child; rect != NULL;
         rect = rect->next_sibling) {
        int rc = read_rect(parser, rect, &out->rects[out->rect_count++]);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int read_features(const struct parser *parser, const struct ir_xml_element *features)
{
    struct cascade *cascade = parser->cascade;
    size_t count = count_children(features);
    if (count == 0 || count > CASCADE_MAX_FEATURES)
        return fail(parser, "it has no features or too many");
    cascade->features = ir_calloc(count, sizeof *cascade->features);
    if (cascade->features == NULL)
        return fail_nomem(parser);
    for (const struct ir_xml_element *child = features->first_child; child != NULL;
         child = child->next_sibling) {
        int rc = read_feature(parser, child, &cascade->features[cascade->feature_count++]);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* ---- stages ------------------------------------------------------------------------------ */

static bool is_link(double link, int from, int node_count, int leaf_count)
{
    if (!is_whole(link))
        return false;
    return link > 0 ? link > from && link < node_count : -link < leaf_count;
}

static int read_nodes(const struct parser *parser, const double *numbers, int node_count,
                      int leaf_count)
{
    struct cascade *cascade = parser->cascade;
    for (int i = 0; i < node_count; i++, numbers += NODE_NUMBERS) {
        if (!is_link(numbers[0], i, node_count, leaf_count) ||
            !is_link(numbers[1], i, node_count, leaf_count))
            return fail(parser, "a tree's links lead out of it");
        if (!is_whole(numbers[2]) || numbers[2] < 0 || numbers[2] >= (double)cascade->feature_count)
            return fail(parser, "a tree asks for a feature that is not there");
        cascade->nodes[cascade->node_count++] = (struct cascade_node){
            (int)numbers[2], (float)numbers[3], (int)numbers[0], (int)numbers[1]};
    }
    return 0;
}

static int read_tree(const struct parser *parser, const struct ir_xml_element *element)
{
    struct cascade *cascade = parser->cascade;
    double numbers[MAX_NUMBERS];
    double leaves[MAX_NUMBERS];
    int count = read_numbers(ir_xml_child_text(element, "internalNodes", ""), numbers, MAX_NUMBERS);
    int leaf_count =
        read_numbers(ir_xml_child_text(element, "leafValues", ""), leaves, MAX_NUMBERS);
    int node_count = count / NODE_NUMBERS;
    if (count < NODE_NUMBERS || count % NODE_NUMBERS != 0 || leaf_count != node_count + 1)
        return fail(parser, "a tree has not the shape of its format");
    if (cascade->tree_count == CASCADE_MAX_TREES ||
        cascade->node_count + (size_t)node_count > CASCADE_MAX_NODES ||
        cascade->leaf_count + (size_t)leaf_count > CASCADE_MAX_LEAVES)
        return fail(parser, "it has too many trees");
    cascade->trees[cascade->tree_count++] =
        (struct cascade_tree){(int)cascade->node_count, node_count, (int)cascade->leaf_count};
    for (int i = 0; i < leaf_count; i++)
        cascade->leaves[cascade->leaf_count++] = (float)leaves[i];
    return read_nodes(parser, numbers, node_count, leaf_count);
}

static int read_stage(const struct parser *parser, const struct ir_xml_element *element)
{
    struct cascade *cascade = parser->cascade;
    struct cascade_stage *stage = &cascade->stages[cascade->stage_count++];
    const struct ir_xml_element *trees = ir_xml_child(element, "weakClassifiers");
    double threshold = 0;
    if (read_numbers(ir_xml_child_text(element, "stageThreshold", ""), &threshold, 1) != 1)
        return fail(parser, "a stage has no threshold");
    stage->threshold = (float)threshold - THRESHOLD_SLACK;
    stage->first_tree = (int)cascade->tree_count;
    for (const struct ir_xml_element *tree = trees != NULL ? trees->first_child : NULL;
         tree != NULL; tree = tree->next_sibling) {
        int rc = read_tree(parser, tree);
        if (rc != 0)
            return rc;
        stage->tree_count++;
    }
    return stage->tree_count > 0 ? 0 : fail(parser, "a stage has no trees");
}

static int read_stages(const struct parser *parser, const struct ir_xml_element *stages)
{
    struct cascade *cascade = parser->cascade;
    size_t count = count_children(stages);
    if (count == 0 || count > CASCADE_MAX_STAGES)
        return fail(parser, "it has no stages or too many");
    cascade->stages = ir_calloc(count, sizeof *cascade->stages);
    cascade->trees = ir_calloc(CASCADE_MAX_TREES, sizeof *cascade->trees);
    cascade->nodes = ir_calloc(CASCADE_MAX_NODES, sizeof *cascade->nodes);
    cascade->leaves = ir_calloc(CASCADE_MAX_LEAVES, sizeof *cascade->leaves);
    if (cascade->stages == NULL || cascade->trees == NULL || cascade->nodes == NULL ||
        cascade->leaves == NULL)
        return fail_nomem(parser);
    for (const struct ir_xml_element *stage = stages->first_child; stage != NULL;
         stage = stage->next_sibling) {
        int rc = read_stage(parser, stage);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int read_cascade(const struct parser *parser, const struct ir_xml_element *root)
{
    const struct ir_xml_element *cascade = ir_xml_child(root, "cascade");
    if (cascade == NULL || strcmp(ir_xml_child_text(cascade, "stageType", ""), "BOOST") != 0)
        return fail(parser, "it is not a boosted cascade in OpenCV's new format");
    if (strcmp(ir_xml_child_text(cascade, "featureType", ""), "HAAR") != 0)
        return fail(parser, "its features are not Haar-like");
    int rc = read_size(parser, cascade, "width", &parser->cascade->window_width_px);
    if (rc == 0)
        rc = read_size(parser, cascade, "height", &parser->cascade->window_height_px);
    if (rc == 0)
        rc = read_features(parser, ir_xml_child(cascade, "features"));
    if (rc == 0)
        rc = read_stages(parser, ir_xml_child(cascade, "stages"));
    return rc;
}

int cascade_parse(const char *xml, size_t bytes, const char *name, struct cascade **out,
                  struct ir_error *err)
{
    struct ir_xml_doc *doc = NULL;
    struct parser parser = {.name = name, .err = err};
    int rc = ir_xml_parse(xml, bytes, CASCADE_MAX_XML_BYTES, name, &doc, err);
    if (rc != 0)
        return rc;
    parser.cascade = ir_calloc(1, sizeof *parser.cascade);
    if (parser.cascade == NULL)
        rc = fail_nomem(&parser);
    else
        rc = read_cascade(&parser, ir_xml_root(doc));
    ir_xml_free(doc);
    if (rc != 0)
        cascade_free(parser.cascade);
    else
        *out = parser.cascade;
    return rc;
}

int cascade_load(const char *path, struct cascade **out, struct ir_error *err)
{
    struct ir_buf text;
    ir_buf_init(&text, CASCADE_MAX_XML_BYTES);
    const struct ir_world *world = ir_world_system();
    bool missing = false;
    int rc = world->read_file(world->context, path, &text, &missing, err);
    if (rc == 0)
        rc = cascade_parse(ir_buf_text(&text), text.bytes, path, out, err);
    if (rc != 0 && rc != IR_ERR_NOMEM) {
        ir_error_set_service(err, SERVICE);
        ir_error_set_hint(err, "Install the package opencv-data again, or name another file in "
                               "IMGRECOG_LOCAL_CASCADE.");
    }
    ir_buf_release(&text);
    return rc;
}

void cascade_free(struct cascade *cascade)
{
    if (cascade == NULL)
        return;
    ir_free(cascade->stages);
    ir_free(cascade->trees);
    ir_free(cascade->nodes);
    ir_free(cascade->leaves);
    ir_free(cascade->features);
    ir_free(cascade);
}
