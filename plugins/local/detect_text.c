/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * DetectText: lines first, then words that name their line, ids counted through, as Rekognition
 * answers. Filters take words out before lines are made, so a line holds what is left of it. A word
 * counts as inside a region of interest when more than half of its box is.
 */
#include "plugins/local/operation.h"

#include <string.h>

#include "core/base/alloc.h"
#include "plugins/local/refuse.h"

#define MAX_ANSWER_WORDS 100
#define MAX_REGIONS 10
#define MAX_POLYGON_POINTS 100
#define DEFAULT_FILTER_CONFIDENCE_PCT 80.0
#define SAMPLES_A_SIDE 16 /* of a word's box, to see how much of it lies in a region */
#define LINE_BYTES (MAX_ANSWER_WORDS * TEXT_WORD_BYTES) /* all words and their blanks */

struct point {
    double x;
    double y;
};

struct region {
    struct point points[MAX_POLYGON_POINTS]; /* a box is a polygon of four */
    size_t point_count;
};

struct filters {
    double min_confidence_pct;
    double min_height_frac;
    double min_width_frac;
    struct region regions[MAX_REGIONS];
    size_t region_count;
};

/* ---- reading the filters ----------------------------------------------------------------- */

static int read_point(const struct ir_json_value *value, struct point *out, struct ir_error *err)
{
    if (!ir_json_is_object(value))
        return refuse(err, &refuse_serialization, "Points of a Polygon must be objects.");
    int rc = input_number(value, "X", -1e6, 1e6, &out->x, err);
    if (rc == 0)
        rc = input_number(value, "Y", -1e6, 1e6, &out->y, err);
    return rc;
}

static int read_box_region(const struct ir_json_value *box, struct region *out,
                           struct ir_error *err)
{
    double left = 0;
    double top = 0;
    double width = 0;
    double height = 0;
    int rc = input_number(box, "Left", -1e6, 1e6, &left, err);
    if (rc == 0)
        rc = input_number(box, "Top", -1e6, 1e6, &top, err);
    if (rc == 0)
        rc = input_number(box, "Width", 0, 1e6, &width, err);
    if (rc == 0)
        rc = input_number(box, "Height", 0, 1e6, &height, err);
    out->points[0] = (struct point){left, top};
    out->points[1] = (struct point){left + width, top};
    out->points[2] = (struct point){left + width, top + height};
    out->points[3] = (struct point){left, top + height};
    out->point_count = 4;
    return rc;
}

static int read_region(const struct ir_json_value *value, struct region *out, struct ir_error *err)
{
    const struct ir_json_value *box = NULL;
    const struct ir_json_value *polygon = NULL;
    if (!ir_json_is_object(value))
        return refuse(err, &refuse_serialization, "RegionsOfInterest must be objects.");
    int rc = input_object(value, "BoundingBox", &box, err);
    if (rc == 0)
        rc = input_array(value, "Polygon", MAX_POLYGON_POINTS, &polygon, err);
    if (rc != 0)
        return rc;
    if ((box != NULL) == (polygon != NULL) || (polygon != NULL && ir_json_count(polygon) < 3))
        return refuse(err, &refuse_parameter,
                      "Request has invalid parameters: a region of interest is either a "
                      "BoundingBox or a Polygon of at least three points.");
    if (box != NULL)
        return read_box_region(box, out, err);
    for (size_t i = 0; rc == 0 && i < ir_json_count(polygon); i++)
        rc = read_point(ir_json_at(polygon, i), &out->points[out->point_count++], err);
    return rc;
}

static int read_word_filter(const struct ir_json_value *filter, struct filters *out,
                            struct ir_error *err)
{
    if (filter == NULL)
        return 0;
    out->min_confidence_pct = DEFAULT_FILTER_CONFIDENCE_PCT;
    int rc = input_number(filter, "MinConfidence", 0, 100, &out->min_confidence_pct, err);
    if (rc == 0)
        rc = input_number(filter, "MinBoundingBoxHeight", 0, 1, &out->min_height_frac, err);
    if (rc == 0)
        rc = input_number(filter, "MinBoundingBoxWidth", 0, 1, &out->min_width_frac, err);
    return rc;
}

static int read_filters(const struct ir_json_value *input, struct filters *out,
                        struct ir_error *err)
{
    const struct ir_json_value *filters = NULL;
    const struct ir_json_value *word_filter = NULL;
    const struct ir_json_value *regions = NULL;
    int rc = input_object(input, "Filters", &filters, err);
    if (rc == 0)
        rc = input_object(filters, "WordFilter", &word_filter, err);
    if (rc == 0)
        rc = input_array(filters, "RegionsOfInterest", MAX_REGIONS, &regions, err);
    if (rc == 0)
        rc = read_word_filter(word_filter, out, err);
    for (size_t i = 0; rc == 0 && i < ir_json_count(regions); i++)
        rc = read_region(ir_json_at(regions, i), &out->regions[out->region_count++], err);
    return rc;
}

/* ---- applying them ----------------------------------------------------------------------- */

/* Even-odd rule: a ray to the right crosses the outline an odd number of times. */
static bool contains(const struct region *region, double x, double y)
{
    bool inside = false;
    for (size_t i = 0, j = region->point_count - 1; i < region->point_count; j = i++) {
        const struct point *a = &region->points[i];
        const struct point *b = &region->points[j];
        if ((a->y > y) != (b->y > y) && x < (b->x - a->x) * (y - a->y) / (b->y - a->y) + a->x)
            inside = !inside;
    }
    return inside;
}

static bool mostly_inside(const struct region *region, struct ir_box box)
{
    int inside = 0;
    for (int row = 0; row < SAMPLES_A_SIDE; row++)
        for (int column = 0; column < SAMPLES_A_SIDE; column++)
            inside +=
                contains(region, box.left_frac + box.width_frac * (column + 0.5) / SAMPLES_A_SIDE,
                         box.top_frac + box.height_frac * (row + 0.5) / SAMPLES_A_SIDE);
    return 2 * inside > SAMPLES_A_SIDE * SAMPLES_A_SIDE;
}

static bool passes(const struct filters *filters, const struct text_word *word)
{
    if (word->confidence_pct < filters->min_confidence_pct ||
        word->box.height_frac < filters->min_height_frac ||
        word->box.width_frac < filters->min_width_frac)
        return false;
    for (size_t i = 0; i < filters->region_count; i++)
        if (mostly_inside(&filters->regions[i], word->box))
            return true;
    return filters->region_count == 0;
}

static void apply_filters(const struct filters *filters, struct text_page *page)
{
    int kept = 0;
    for (int i = 0; i < page->count && kept < MAX_ANSWER_WORDS; i++)
        if (passes(filters, &page->words[i]))
            page->words[kept++] = page->words[i];
    page->count = kept;
}

/* ---- writing ----------------------------------------------------------------------------- */

static void write_point(struct ir_json_writer *writer, double x, double y)
{
    ir_json_begin_object(writer);
    ir_json_member_put_number(writer, "X", x, OPERATION_NUMBER_DECIMALS);
    ir_json_member_put_number(writer, "Y", y, OPERATION_NUMBER_DECIMALS);
    ir_json_end_object(writer);
}

static void write_geometry(struct ir_json_writer *writer, struct ir_box box)
{
    double right = box.left_frac + box.width_frac;
    double bottom = box.top_frac + box.height_frac;
    ir_json_key(writer, "Geometry");
    ir_json_begin_object(writer);
    output_box(writer, box);
    ir_json_key(writer, "Polygon");
    ir_json_begin_array(writer);
    write_point(writer, box.left_frac, box.top_frac);
    write_point(writer, right, box.top_frac);
    write_point(writer, right, bottom);
    write_point(writer, box.left_frac, bottom);
    ir_json_end_array(writer);
    ir_json_end_object(writer);
}

/* One detection; `parent` is negative for a line. */
static void write_detection(struct ir_json_writer *writer, const struct text_word *detection,
                            const char *text, int id, int parent)
{
    ir_json_begin_object(writer);
    ir_json_member_put_string(writer, "DetectedText", text);
    ir_json_member_put_string(writer, "Type", parent < 0 ? "LINE" : "WORD");
    ir_json_member_put_integer(writer, "Id", id);
    if (parent >= 0)
        ir_json_member_put_integer(writer, "ParentId", parent);
    ir_json_member_put_number(writer, "Confidence", detection->confidence_pct,
                              OPERATION_NUMBER_DECIMALS);
    write_geometry(writer, detection->box);
    ir_json_end_object(writer);
}

/* Writes the line that begins at word `first`; returns the index behind its last word. */
static int write_line(struct ir_json_writer *writer, const struct text_page *page, int first,
                      int id)
{
    struct ir_buf text;
    struct text_word line = page->words[first];
    double right = line.box.left_frac + line.box.width_frac;
    double bottom = line.box.top_frac + line.box.height_frac;
    double sum = 0;
    int end = first;
    ir_buf_init(&text, LINE_BYTES);
    for (; end < page->count && page->words[end].line == page->words[first].line; end++) {
        const struct text_word *word = &page->words[end];
        if (end > first)
            ir_buf_append_char(&text, ' ');
        ir_buf_append_text(&text, word->text);
        sum += word->confidence_pct;
        if (word->box.left_frac < line.box.left_frac)
            line.box.left_frac = word->box.left_frac;
        if (word->box.top_frac < line.box.top_frac)
            line.box.top_frac = word->box.top_frac;
        if (word->box.left_frac + word->box.width_frac > right)
            right = word->box.left_frac + word->box.width_frac;
        if (word->box.top_frac + word->box.height_frac > bottom)
            bottom = word->box.top_frac + word->box.height_frac;
    }
    line.box.width_frac = right - line.box.left_frac;
    line.box.height_frac = bottom - line.box.top_frac;
    line.confidence_pct = sum / (end - first);
    if (text.failed != 0)
        writer->out->failed = text.failed;
    write_detection(writer, &line, ir_buf_text(&text), id, -1);
    ir_buf_release(&text);
    return end;
}

static void write_page(const struct text_page *page, struct ir_buf *out)
{
    struct ir_json_writer writer;
    int lines = 0;
    int line = -1;
    ir_json_writer_init(&writer, out);
    ir_json_begin_object(&writer);
    ir_json_key(&writer, "TextDetections");
    ir_json_begin_array(&writer);
    for (int first = 0; first < page->count;)
        first = write_line(&writer, page, first, lines++);
    for (int i = 0; i < page->count; i++) {
        if (i == 0 || page->words[i].line != page->words[i - 1].line)
            line++;
        write_detection(&writer, &page->words[i], page->words[i].text, lines + i, line);
    }
    ir_json_end_array(&writer);
    ir_json_member_put_string(&writer, "TextModelVersion", OPERATION_MODEL_VERSION);
    ir_json_end_object(&writer);
}

int operation_detect_text(struct local *local, const struct ir_json_value *input,
                          struct answer *answer, struct ir_error *err)
{
    struct image image = {0};
    struct evidence evidence;
    struct filters *filters = ir_calloc(1, sizeof *filters);
    if (filters == NULL)
        return refuse_nomem(err);
    int rc = read_filters(input, filters, err);
    if (rc == 0)
        rc = input_image(local, input, &image, err);
    if (rc != 0)
        goto out;
    evidence_gather(local->recognisers, &image, LOOK_TEXT, &evidence);
    answer->not_finished = evidence.wanted & ~evidence.finished;
    if (answer->not_finished != 0 && evidence.text.count == 0) {
        rc = refuse(err, &refuse_internal,
                    "The local text recogniser did not finish within its deadline; whether there "
                    "is text is not known.");
    } else {
        apply_filters(filters, &evidence.text);
        write_page(&evidence.text, &answer->body);
    }
    evidence_release(&evidence);
    image_release(&image);
out:
    ir_free(filters);
    return rc;
}
