/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Structured output: walks the schema and fills each property whose name says something that the
 * recognisers know. A property that is required and not known is refused, one that is not required
 * is left out; nothing is made up so that a schema is satisfied.
 *
 *   labels|objects|detections [ {name|label, confidence, box|bounding_box {left, top, width,
 * height}} ] texts|lines [ ... ], faces [ ... ], keywords|tags [ ... ] caption|description,
 * alt_text, title, language, verdict|result, reason, sensitive
 *
 * Boxes are pixels for integers, fractions where the schema says "maximum": 1; a confidence is a
 * percentage unless its maximum is 1.
 */
#include <string.h>
#include <strings.h>

#include "core/base/ascii.h"
#include "core/base/error.h"
#include "plugins/local/describer.h"
#include "plugins/local/refuse.h"

#define MAX_DEPTH 12
#define NAME_BYTES 64
#define MAX_TEXT_BYTES (64U << 10)
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The thing that a list is at: a label's instance or a line of text. */
struct thing {
    const char *name; /* NULL: none */
    const char *text; /* of a line */
    double confidence_pct;
    struct ir_box box;
    bool has_box;
};

struct filling {
    const struct sight *sight;
    const struct wish *wish;
    struct ir_json_writer writer;
    struct thing thing;
    struct ir_error *err;
    int depth;
};

static int fill(struct filling *filling, const char *name, const struct ir_json_value *schema,
                bool writes);

/* "alt_text" and "altText" as "alttext". */
static void plain_name(const char *name, char out[NAME_BYTES])
{
    size_t bytes = 0;
    while (*name != '\0' && bytes + 1 < NAME_BYTES) {
        char c = *name++;
        if (c != '_' && c != '-' && c != ' ')
            out[bytes++] = ir_ascii_lower(c);
    }
    out[bytes] = '\0';
}

static bool is_one_of(const char *name, const char *const *words, size_t count)
{
    char plain[NAME_BYTES];
    plain_name(name, plain);
    for (size_t i = 0; i < count; i++)
        if (strcmp(plain, words[i]) == 0)
            return true;
    return false;
}
#define IS(name, ...)                                                                              \
    is_one_of(name, (const char *const[]){__VA_ARGS__}, COUNT(((const char *const[]){__VA_ARGS__})))

static int refuse_unknown(struct filling *filling, const char *name)
{
    return refuse(filling->err, &refuse_validation,
                  "This model cannot fill the schema's \"%s\": it knows labels with boxes, faces, "
                  "lines of text, a caption, keywords, and whether something looks personal.",
                  name);
}

/* ---- leaves ------------------------------------------------------------------------------ */

static bool text_of_thing(const struct filling *filling, const char *name, struct ir_buf *out)
{
    const struct thing *thing = &filling->thing;
    const char *value = NULL;
    if (thing->text != NULL && IS(name, "text", "line", "value", "content", "name", "label"))
        value = thing->text;
    else if (thing->name != NULL && IS(name, "name", "label", "kind", "type", "class", "category"))
        value = thing->name;
    if (value != NULL)
        ir_buf_append_text(out, value);
    return value != NULL;
}

/* The value of a text property; false when it is not known. */
static bool find_text(const struct filling *filling, const char *name, struct ir_buf *out)
{
    struct ir_buf reason;
    if (text_of_thing(filling, name, out))
        return true;
    if (filling->wish->listed &&
        IS(name, "reason", "explanation", "verdict", "result", "sensitive"))
        return false; /* what only a picture shows */
    if (IS(name, "caption", "description", "answer", "summary"))
        words_caption(filling->sight, filling->wish, out);
    else if (IS(name, "alt", "alttext"))
        words_alt(filling->sight, filling->wish, out);
    else if (IS(name, "title", "shortcaption", "headline"))
        words_short(filling->sight, filling->wish, out);
    else if (IS(name, "language", "lang"))
        ir_buf_append_text(out, filling->wish->korean ? "ko" : "en");
    else if (IS(name, "reason", "explanation"))
        (void)words_check(filling->sight, filling->wish, out);
    else if (IS(name, "verdict", "result", "sensitive")) {
        ir_buf_init(&reason, MAX_TEXT_BYTES);
        ir_buf_append_text(out, words_check(filling->sight, filling->wish, &reason));
        ir_buf_release(&reason);
    } else
        return false;
    return true;
}

static bool enum_allows(const struct ir_json_value *schema, const char *text)
{
    const struct ir_json_value *allowed = ir_json_get(schema, "enum");
    for (size_t i = 0; i < ir_json_count(allowed); i++)
        if (strcmp(ir_json_string(ir_json_at(allowed, i), NULL, ""), text) == 0)
            return true;
    return allowed == NULL;
}

static int fill_text(struct filling *filling, const char *name, const struct ir_json_value *schema,
                     bool writes)
{
    struct ir_buf text;
    ir_buf_init(&text, MAX_TEXT_BYTES);
    bool is_said = find_text(filling, name, &text);
    bool known = is_said && enum_allows(schema, ir_buf_text(&text));
    if (known && writes)
        ir_json_put_string(&filling->writer, ir_buf_text(&text));
    ir_buf_release(&text);
    if (is_said && !known && sight_unfinished(filling->sight) != 0) /* UNKNOWN */
        return refuse(
            filling->err, &refuse_validation,
            "The local recognisers did not finish within their deadline, so \"%s\" is not "
            "known.",
            name);
    return known ? 0 : refuse_unknown(filling, name);
}

static bool find_side(const struct filling *filling, const char *name, double *out_frac,
                      double *out_px)
{
    const struct ir_box *box = &filling->thing.box;
    bool across = IS(name, "left", "x", "xmin", "x1", "right", "xmax", "x2", "width", "w");
    if (!filling->thing.has_box)
        return false;
    if (IS(name, "left", "x", "xmin", "x1"))
        *out_frac = box->left_frac;
    else if (IS(name, "top", "y", "ymin", "y1"))
        *out_frac = box->top_frac;
    else if (IS(name, "width", "w"))
        *out_frac = box->width_frac;
    else if (IS(name, "height", "h"))
        *out_frac = box->height_frac;
    else if (IS(name, "right", "xmax", "x2"))
        *out_frac = box->left_frac + box->width_frac;
    else if (IS(name, "bottom", "ymax", "y2"))
        *out_frac = box->top_frac + box->height_frac;
    else
        return false;
    *out_px = *out_frac * (across ? filling->sight->width_px : filling->sight->height_px);
    return true;
}

static int fill_number(struct filling *filling, const char *name,
                       const struct ir_json_value *schema, bool writes)
{
    bool whole = strcmp(ir_json_member_string(schema, "type", ""), "integer") == 0;
    bool to_one = ir_json_number(ir_json_get(schema, "maximum"), 0) == 1;
    double value = 0;
    double px = 0;
    if (filling->thing.name != NULL && IS(name, "confidence", "score", "probability"))
        value = filling->thing.confidence_pct / (to_one ? 100 : 1);
    else if (find_side(filling, name, &value, &px))
        value = to_one && !whole ? value : px;
    else if (IS(name, "faces", "facecount", "numberoffaces") && !filling->wish->listed)
        value = filling->sight->evidence.faces.count;
    else if (IS(name, "imagewidth", "width") && !filling->wish->listed)
        value = filling->sight->width_px;
    else if (IS(name, "imageheight", "height") && !filling->wish->listed)
        value = filling->sight->height_px;
    else
        return refuse_unknown(filling, name);
    if (writes && whole)
        ir_json_put_integer(&filling->writer, (long long)(value + 0.5));
    else if (writes)
        ir_json_put_number(&filling->writer, value, 6);
    return 0;
}

/* What is not known for certain is neither true nor false. */
static int fill_bool(struct filling *filling, const char *name, bool writes)
{
    struct ir_buf reason;
    if (filling->wish->listed ||
        !IS(name, "sensitive", "issensitive", "personal", "containssensitive"))
        return refuse_unknown(filling, name);
    ir_buf_init(&reason, MAX_TEXT_BYTES);
    const char *verdict = words_check(filling->sight, filling->wish, &reason);
    ir_buf_release(&reason);
    if (strcmp(verdict, "UNKNOWN") == 0)
        return refuse(filling->err, &refuse_internal,
                      "The local recognisers did not finish; whether it is so is not known.");
    if (writes)
        ir_json_put_bool(&filling->writer, strcmp(verdict, "YES") == 0);
    return 0;
}

/* ---- lists ------------------------------------------------------------------------------- */

static int fill_item(struct filling *filling, const struct ir_json_value *items,
                     const struct thing *thing)
{
    struct thing outer = filling->thing;
    filling->thing = *thing;
    int rc = fill(filling, "name", items, true);
    filling->thing = outer;
    return rc;
}

static int fill_labels(struct filling *filling, const struct ir_json_value *items, bool each_once,
                       const char *only)
{
    const struct label_list *labels = filling->sight->labels;
    int rc = 0;
    for (int i = 0; rc == 0 && i < labels->count; i++) {
        const struct label *label = &labels->items[i];
        struct thing thing = {.name = words_label(label->name, filling->wish->korean),
                              .confidence_pct = label->confidence_pct};
        if (only != NULL && strcmp(only, label->name) != 0)
            continue;
        if (each_once || label->instance_count == 0) {
            rc = fill_item(filling, items, &thing);
            continue;
        }
        for (int n = 0; rc == 0 && n < label->instance_count; n++) {
            thing.box = label->instances[n].box;
            thing.has_box = true;
            thing.confidence_pct = label->instances[n].confidence_pct;
            rc = fill_item(filling, items, &thing);
        }
    }
    return rc;
}

static int fill_lines(struct filling *filling, const struct ir_json_value *items)
{
    char line[SIGHT_LINE_BYTES];
    int rc = 0;
    for (int i = 0; rc == 0 && sight_line(filling->sight, i, line); i++) {
        struct thing thing = {.name = words_label("Text", filling->wish->korean),
                              .text = line,
                              .box = sight_line_box(filling->sight, i),
                              .has_box = true};
        rc = fill_item(filling, items, &thing);
    }
    return rc;
}

static int fill_list(struct filling *filling, const char *name, const struct ir_json_value *schema,
                     bool writes)
{
    const struct ir_json_value *items = ir_json_get(schema, "items");
    bool labels = IS(name, "labels", "objects", "detections", "instances");
    bool keywords = IS(name, "keywords", "tags", "labelnames");
    bool lines = IS(name, "texts", "lines", "text", "textlines");
    bool faces = IS(name, "faces", "people");
    int rc = 0;
    if (filling->wish->listed && (lines || faces))
        return refuse_unknown(filling, name);
    if ((!labels && !keywords && !lines && !faces) || items == NULL)
        return refuse_unknown(filling, name);
    if (!writes)
        return 0;
    ir_json_begin_array(&filling->writer);
    if (lines)
        rc = fill_lines(filling, items);
    else
        rc = fill_labels(filling, items, keywords, faces ? "Face" : NULL);
    ir_json_end_array(&filling->writer);
    return rc;
}

/* ---- objects ----------------------------------------------------------------------------- */

struct properties {
    struct filling *filling;
    const struct ir_json_value *required;
    int rc;
};

static bool is_required(const struct ir_json_value *required, const char *name)
{
    for (size_t i = 0; i < ir_json_count(required); i++)
        if (strcmp(ir_json_string(ir_json_at(required, i), NULL, ""), name) == 0)
            return true;
    return false;
}

/* First whether it can be filled, then its key, then its value. */
static bool fill_property(void *context, const char *name, const struct ir_json_value *schema)
{
    struct properties *properties = context;
    struct filling *filling = properties->filling;
    int rc = fill(filling, name, schema, false);
    if (rc == 0) {
        ir_json_key(&filling->writer, name);
        rc = fill(filling, name, schema, true);
    } else if (!is_required(properties->required, name)) {
        rc = 0;
    }
    properties->rc = rc;
    return rc == 0;
}

static int fill_object(struct filling *filling, const char *name,
                       const struct ir_json_value *schema, bool writes)
{
    const struct ir_json_value *members = ir_json_get(schema, "properties");
    struct properties properties = {filling, ir_json_get(schema, "required"), 0};
    bool is_box = IS(name, "box", "boundingbox", "bbox", "position", "location");
    if (members == NULL || (is_box && !filling->thing.has_box))
        return refuse_unknown(filling, name);
    if (!writes)
        return 0;
    ir_json_begin_object(&filling->writer);
    ir_json_each(members, fill_property, &properties);
    ir_json_end_object(&filling->writer);
    return properties.rc;
}

static int fill(struct filling *filling, const char *name, const struct ir_json_value *schema,
                bool writes)
{
    const char *type = ir_json_member_string(schema, "type", "");
    int rc;
    if (filling->depth == MAX_DEPTH)
        return refuse(filling->err, &refuse_validation, "The schema is nested too deeply.");
    filling->depth++;
    if (strcmp(type, "object") == 0)
        rc = fill_object(filling, name, schema, writes);
    else if (strcmp(type, "array") == 0)
        rc = fill_list(filling, name, schema, writes);
    else if (strcmp(type, "string") == 0)
        rc = fill_text(filling, name, schema, writes);
    else if (strcmp(type, "number") == 0 || strcmp(type, "integer") == 0)
        rc = fill_number(filling, name, schema, writes);
    else if (strcmp(type, "boolean") == 0)
        rc = fill_bool(filling, name, writes);
    else
        rc = refuse(filling->err, &refuse_validation,
                    "The schema's \"%s\" has no type that this model fills.", name);
    filling->depth--;
    return rc;
}

int schema_fill(const struct sight *sight, const struct wish *wish,
                const struct ir_json_value *schema, struct ir_buf *out, struct ir_error *err)
{
    struct filling filling = {.sight = sight, .wish = wish, .err = err};
    ir_json_writer_init(&filling.writer, out);
    return fill(&filling, "answer", schema, true);
}
