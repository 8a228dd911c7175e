/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cascade reader: a small good cascade, and one broken file for every rule. */
#include "tests/unit/unit.h"

#include <imgrecog/result.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "plugins/local/cascade.h"

/* One tree of two nodes, one feature of two rectangles and one of three. */
static const char good[] =
    "<?xml version=\"1.0\"?>\n<opencv_storage><cascade>\n"
    "<stageType>BOOST</stageType><featureType>HAAR</featureType>\n"
    "<height>20</height><width>24</width>\n"
    "<stages><_><stageThreshold>0.5</stageThreshold><weakClassifiers><_>\n"
    "<internalNodes>0 1 0 0.25 -1 -2 1 -1.5e-1</internalNodes>\n"
    "<leafValues>0.1 0.2 0.3</leafValues></_></weakClassifiers></_></stages>\n"
    "<features><_><rects><_>1 2 3 4 -1.</_><_>0 0 24 20 2.</_></rects></_>\n"
    "<_><rects><_>1 2 3 4 -1.</_><_>2 2 3 4 2.</_><_>3 2 3 4 2.</_></rects><tilted>0</tilted></_>\n"
    "</features></cascade></opencv_storage>\n";

/* `good` with one text replaced. */
static void write_variant(const char *from, const char *to, struct ir_buf *out)
{
    const char *place = strstr(good, from);
    assert_non_null(place);
    ir_buf_init(out, 65536);
    ir_buf_append(out, good, (size_t)(place - good));
    ir_buf_append_text(out, to);
    ir_buf_append_text(out, place + strlen(from));
}

static void test_good(void **state)
{
    struct cascade *cascade = NULL;
    struct ir_error err;
    (void)state;
    assert_int_equal(cascade_parse(good, strlen(good), "good.xml", &cascade, &err), 0);
    assert_int_equal(cascade->window_width_px, 24);
    assert_int_equal(cascade->window_height_px, 20);
    assert_int_equal(cascade->stage_count, 1);
    assert_int_equal(cascade->tree_count, 1);
    assert_int_equal(cascade->node_count, 2);
    assert_int_equal(cascade->leaf_count, 3);
    assert_int_equal(cascade->feature_count, 2);
    assert_true(cascade->stages[0].threshold < 0.5F && cascade->stages[0].threshold > 0.4999F);
    assert_int_equal(cascade->nodes[0].left, 0);
    assert_int_equal(cascade->nodes[0].right, 1);
    assert_int_equal(cascade->nodes[1].right, -2);
    assert_true(cascade->nodes[1].threshold == -0.15F);
    assert_int_equal(cascade->features[0].rect_count, 2);
    assert_int_equal(cascade->features[1].rect_count, 3);
    assert_int_equal(cascade->features[1].rects[2].x_px, 3);
    assert_true(cascade->features[0].rects[0].weight == -1.0F);
    cascade_free(cascade);
}

struct broken_row {
    const char *name;
    const char *from;
    const char *to;
    const char *message; /* a part of it */
};

static const struct broken_row broken_rows[] = {
    {"not XML", "</cascade>", "</cascad>", ""},
    {"other root", "<cascade>", "<cascode>", ""},
    {"no cascade inside", "<stageType>BOOST", "<stageType>", "boosted"},
    {"local binary patterns", ">HAAR<", ">LBP<", "Haar"},
    {"no width", "<width>24</width>", "", "window size"},
    {"width not whole", "<width>24<", "<width>24.5<", "window size"},
    {"width too large", "<width>24<", "<width>101<", "window size"},
    {"height too small", "<height>20<", "<height>7<", "window size"},
    {"two widths in one", "<width>24<", "<width>24 24<", "window size"},
    {"no threshold", "<stageThreshold>0.5</stageThreshold>", "", "threshold"},
    {"threshold is no number", ">0.5<", ">nan<", "threshold"},
    {"threshold is endless", ">0.5<", ">1e999<", "threshold"},
    {"threshold and letters", ">0.5<", ">0.5x<", "threshold"},
    {"node of three numbers", "0 1 0 0.25 -1 -2 1 -1.5e-1", "0 1 0 0.25 -1 -2 1", "shape"},
    {"no nodes", "0 1 0 0.25 -1 -2 1 -1.5e-1", "", "shape"},
    {"a leaf too few", "0.1 0.2 0.3", "0.1 0.2", "shape"},
    {"a leaf too many", "0.1 0.2 0.3", "0.1 0.2 0.3 0.4", "shape"},
    {"link to itself", "0 1 0 0.25 -1 -2", "0 1 0 0.25 1 -2", "links"},
    {"link behind the tree", "0 1 0 0.25", "0 2 0 0.25", "links"},
    {"leaf behind the tree", "-1 -2 1", "-1 -3 1", "links"},
    {"link not whole", "0 1 0 0.25", "0 0.5 0 0.25", "links"},
    {"feature that is not there", "-1 -2 1 -1.5e-1", "-1 -2 2 -1.5e-1", "feature"},
    {"negative feature", "-1 -2 1 -1.5e-1", "-1 -2 -1 -1.5e-1", "feature"},
    {"rectangle of four numbers", "1 2 3 4 -1.", "1 2 3 4", "five numbers"},
    {"rectangle of six numbers", "1 2 3 4 -1.", "1 2 3 4 -1. 7", "five numbers"},
    {"rectangle right of the window", "1 2 3 4 -1.", "22 2 3 4 -1.", "outside"},
    {"rectangle below the window", "1 2 3 4 -1.", "1 17 3 4 -1.", "outside"},
    {"rectangle left of the window", "1 2 3 4 -1.", "-1 2 3 4 -1.", "whole pixels"},
    {"rectangle without width", "1 2 3 4 -1.", "1 2 0 4 -1.", "outside"},
    {"rectangle of half pixels", "1 2 3 4 -1.", "1.5 2 3 4 -1.", "whole pixels"},
    {"one rectangle", "<_>0 0 24 20 2.</_>", "", "two or three"},
    {"four rectangles", "<_>0 0 24 20 2.</_>", "<_>0 0 1 1 2</_><_>0 0 1 1 2</_><_>0 0 1 1 2</_>",
     "two or three"},
    {"tilted", "<tilted>0<", "<tilted>1<", "tilted"},
    {"tilted is no number", "<tilted>0<", "<tilted>no<", "tilted"},
    {"no trees", "<weakClassifiers>", "<weakClassifiers/><other>", ""},
    {"stages elsewhere", "<stages>", "<stages/><stage>", ""},
};

static void test_broken(void **state)
{
    const struct broken_row *row = *state;
    struct ir_buf text;
    struct cascade *cascade = (struct cascade *)&text;
    struct ir_error err;
    ir_error_clear(&err);
    write_variant(row->from, row->to, &text);
    int rc = cascade_parse(ir_buf_text(&text), text.bytes, "broken.xml", &cascade, &err);
    assert_int_equal(rc, IR_ERR_RESPONSE);
    assert_ptr_equal(cascade, &text);
    assert_non_null(strstr(err.message, "broken.xml"));
    assert_non_null(strstr(err.message, row->message));
    ir_buf_release(&text);
}

/* Every beginning of the file is refused, and nothing leaks. */
static void test_cut_off(void **state)
{
    (void)state;
    for (size_t bytes = 0; bytes + 18 < strlen(good); bytes++) {
        struct cascade *cascade = NULL;
        struct ir_error err;
        char *copy = ir_strndup(good, bytes); /* so that a sanitizer sees reads behind its end */
        assert_int_not_equal(cascade_parse(copy, bytes, "cut.xml", &cascade, &err), 0);
        assert_null(cascade);
        ir_free(copy);
    }
}

static void test_missing_file(void **state)
{
    struct cascade *cascade = NULL;
    struct ir_error err;
    (void)state;
    assert_int_equal(cascade_load("/nonexistent/cascade.xml", &cascade, &err), IR_ERR_ARG);
    assert_non_null(strstr(err.message, "/nonexistent/cascade.xml"));
    assert_non_null(strstr(err.hint, "opencv-data"));
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "a good cascade", test_good);
    UNIT_ADD_ROWS(&list, test_broken, broken_rows);
    unit_add(&list, "cut off at every byte", test_cut_off);
    unit_add(&list, "a file that is not there", test_missing_file);
    return unit_run(&list, "cascade");
}
