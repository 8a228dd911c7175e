/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns reading XML, and is alone in including expat. Elements and texts lie in an arena of a few
 * blocks, as a file of 100,000 elements must neither be slow to read nor to free. Entities can only
 * be declared in a DTD, and a DTD ends the parse, so no text can grow beyond what came in.
 *
 * Character data reaches us in pieces and with children between them: each open element has a
 * buffer of its own, by depth, and its text goes into the arena when the element ends.
 */
#include "core/base/xml.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <expat.h>

#include <imgrecog/memory.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"
#include "core/base/error.h"

#define MAX_DEPTH 64
#define MAX_ELEMENTS 1000000
#define MIN_BLOCK_BYTES ((size_t)16 << 10)
#define MAX_BLOCK_BYTES ((size_t)1 << 20)
/* XML_Parse takes int. */
#define PIECE_BYTES ((size_t)1 << 20)

/* Expat 2.9 has other names for the place of an error and deprecates the old ones. */
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 9
#define CURRENT_LINE(parser) ((unsigned long)XML_GetCurrentLineNumber64(parser))
#define CURRENT_COLUMN(parser) ((unsigned long)XML_GetCurrentColumnNumber64(parser) + 1)
#else
#define CURRENT_LINE(parser) ((unsigned long)XML_GetCurrentLineNumber(parser))
#define CURRENT_COLUMN(parser) ((unsigned long)XML_GetCurrentColumnNumber(parser) + 1)
#endif

struct block {
    struct block *next;
    size_t used;
    size_t capacity;
    alignas(max_align_t) unsigned char data[];
};

struct ir_xml_doc {
    struct block *blocks; /* the newest first */
    struct ir_xml_element *root;
    bool secret; /* what lies in the blocks is wiped */
};

/* An element that has begun and not ended. */
struct open_element {
    struct ir_xml_element *element;
    struct ir_xml_element *last_child;
    struct ir_buf text;
};

struct parse {
    XML_Parser parser;
    struct ir_xml_doc *doc;
    struct open_element open[MAX_DEPTH];
    size_t depth;
    size_t element_count;
    int failed;      /* IR_ERR_…; 0 when expat itself found the fault, or none */
    const char *why; /* of `failed`, in words */
};

static void stop(struct parse *parse, int code, const char *why)
{
    if (parse->failed)
        return;
    parse->failed = code;
    parse->why = why;
    XML_StopParser(parse->parser, XML_FALSE);
}

/* A place for `bytes`, aligned for anything when `aligned`; NULL when out of memory. */
static void *arena_take(struct ir_xml_doc *doc, size_t bytes, bool aligned)
{
    struct block *block = doc->blocks;
    size_t padding = 0;
    if (block && aligned)
        padding = -block->used & (alignof(max_align_t) - 1);
    if (!block || block->capacity - block->used < padding ||
        block->capacity - block->used - padding < bytes) {
        size_t capacity = block ? block->capacity * 2 : MIN_BLOCK_BYTES;
        if (capacity > MAX_BLOCK_BYTES)
            capacity = MAX_BLOCK_BYTES;
        if (capacity < bytes)
            capacity = bytes;
        block = ir_malloc(sizeof *block + capacity);
        if (!block)
            return NULL;
        block->next = doc->blocks;
        block->used = 0;
        block->capacity = capacity;
        doc->blocks = block;
        padding = 0;
    }
    void *place = block->data + block->used + padding;
    block->used += padding + bytes;
    return place;
}

static const char *arena_text(struct ir_xml_doc *doc, const char *text, size_t bytes)
{
    if (!bytes)
        return "";
    char *copy = arena_take(doc, bytes + 1, false);
    if (!copy)
        return NULL;
    memcpy(copy, text, bytes);
    copy[bytes] = '\0';
    return copy;
}

/* The name behind the prefix. Lists repeat one name, so a sibling's copy is used again. */
static const char *take_name(struct parse *parse, const struct open_element *parent,
                             const char *qualified)
{
    const char *colon = strrchr(qualified, ':');
    const char *name = colon && colon[1] ? colon + 1 : qualified; /* "a:" is well-formed */
    if (parent && parent->last_child && !strcmp(parent->last_child->name, name))
        return parent->last_child->name;
    return arena_text(parse->doc, name, strlen(name));
}

static void XMLCALL begin_element(void *context, const char *name, const char **attributes)
{
    struct parse *parse = context;
    (void)attributes;
    if (parse->failed)
        return;
    if (parse->depth >= MAX_DEPTH) {
        stop(parse, IR_ERR_TOO_LARGE, "elements lie too deep in each other");
        return;
    }
    if (parse->element_count >= MAX_ELEMENTS) {
        stop(parse, IR_ERR_TOO_LARGE, "there are too many elements");
        return;
    }
    struct open_element *parent = parse->depth ? &parse->open[parse->depth - 1] : NULL;
    struct ir_xml_element *element = arena_take(parse->doc, sizeof *element, true);
    const char *kept_name = element ? take_name(parse, parent, name) : NULL;
    if (!kept_name) {
        stop(parse, IR_ERR_NOMEM, "out of memory");
        return;
    }
    *element = (struct ir_xml_element){kept_name, "", parent ? parent->element : NULL, NULL, NULL};
    if (!parent)
        parse->doc->root = element;
    else if (parent->last_child)
        parent->last_child->next_sibling = element;
    else
        parent->element->first_child = element;
    if (parent)
        parent->last_child = element;
    parse->open[parse->depth].element = element;
    parse->open[parse->depth].last_child = NULL;
    ir_buf_clear(&parse->open[parse->depth].text);
    parse->depth++;
    parse->element_count++;
}

static void XMLCALL add_text(void *context, const char *text, int bytes)
{
    struct parse *parse = context;
    if (parse->failed || !parse->depth)
        return;
    struct ir_buf *buf = &parse->open[parse->depth - 1].text;
    ir_buf_append(buf, text, (size_t)bytes);
    if (buf->failed)
        stop(parse, buf->failed, "out of memory");
}

static void XMLCALL end_element(void *context, const char *name)
{
    struct parse *parse = context;
    (void)name;
    if (parse->failed)
        return;
    struct open_element *open = &parse->open[parse->depth - 1];
    open->element->text = arena_text(parse->doc, ir_buf_text(&open->text), open->text.bytes);
    if (!open->element->text)
        stop(parse, IR_ERR_NOMEM, "out of memory");
    parse->depth--;
}

static void XMLCALL refuse_doctype(void *context, const char *name, const char *system_id,
                                   const char *public_id, int has_internal_subset)
{
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_internal_subset;
    stop(context, IR_ERR_RESPONSE, "it has a document type declaration (DTD)");
}

static int feed(struct parse *parse, const char *text, size_t bytes, const char *what,
                struct ir_error *err)
{
    enum XML_Status status = XML_STATUS_OK;
    size_t at = 0;
    bool is_final = false;
    while (status == XML_STATUS_OK && !is_final) {
        size_t piece = bytes - at < PIECE_BYTES ? bytes - at : PIECE_BYTES;
        is_final = at + piece == bytes;
        status = XML_Parse(parse->parser, text + at, (int)piece, is_final);
        at += piece;
    }
    if (status == XML_STATUS_OK)
        return 0;
    enum XML_Error error = XML_GetErrorCode(parse->parser);
    if (parse->failed == IR_ERR_NOMEM || error == XML_ERROR_NO_MEMORY)
        return ir_fail_nomem(err);
    return ir_fail(err, parse->failed ? parse->failed : IR_ERR_RESPONSE,
                   "%s cannot be read as XML: %s at line %lu, column %lu", what,
                   parse->failed ? parse->why : XML_ErrorString(error), CURRENT_LINE(parse->parser),
                   CURRENT_COLUMN(parse->parser));
}

/* What a parse needs; false when out of memory, with `parse` to be released all the same. */
static bool begin_parse(struct parse *parse, size_t max_bytes, bool secret)
{
    static const XML_Memory_Handling_Suite plain = {ir_malloc, ir_realloc, ir_free};
    static const XML_Memory_Handling_Suite wiped = {ir_wiped_malloc, ir_wiped_realloc,
                                                    ir_wiped_free};
    for (size_t i = 0; i < MAX_DEPTH; i++) {
        ir_buf_init(&parse->open[i].text, max_bytes);
        parse->open[i].text.secret = secret;
    }
    parse->doc = ir_calloc(1, sizeof *parse->doc);
    parse->parser = XML_ParserCreate_MM(NULL, secret ? &wiped : &plain, NULL);
    if (!parse->doc || !parse->parser)
        return false;
    parse->doc->secret = secret;
    XML_SetUserData(parse->parser, parse);
    XML_SetElementHandler(parse->parser, begin_element, end_element);
    XML_SetCharacterDataHandler(parse->parser, add_text);
    XML_SetStartDoctypeDeclHandler(parse->parser, refuse_doctype);
    return true;
}

static void end_parse(struct parse *parse)
{
    if (parse->parser)
        XML_ParserFree(parse->parser);
    ir_xml_free(parse->doc);
    for (size_t i = 0; i < MAX_DEPTH; i++)
        ir_buf_release(&parse->open[i].text);
    ir_free(parse);
}

/* A text, and how it is to be read. */
struct source {
    const char *text;
    size_t bytes;
    size_t max_bytes;
    const char *what;
    bool secret;
};

static int parse_source(const struct source *source, struct ir_xml_doc **out, struct ir_error *err)
{
    if (source->bytes > source->max_bytes)
        return ir_fail(err, IR_ERR_TOO_LARGE, "%s is larger than the maximum of %zu bytes",
                       source->what, source->max_bytes);
    struct parse *parse = ir_calloc(1, sizeof *parse);
    if (!parse)
        return ir_fail_nomem(err);
    int result = begin_parse(parse, source->max_bytes, source->secret)
                     ? feed(parse, source->text, source->bytes, source->what, err)
                     : ir_fail_nomem(err);
    if (!result) {
        *out = parse->doc;
        parse->doc = NULL;
    }
    end_parse(parse);
    return result;
}

int ir_xml_parse(const char *text, size_t bytes, size_t max_bytes, const char *what,
                 struct ir_xml_doc **out, struct ir_error *err)
{
    const struct source source = {text, bytes, max_bytes, what, false};
    return parse_source(&source, out, err);
}

int ir_xml_parse_secret(const char *text, size_t bytes, size_t max_bytes, const char *what,
                        struct ir_xml_doc **out, struct ir_error *err)
{
    const struct source source = {text, bytes, max_bytes, what, true};
    return parse_source(&source, out, err);
}

void ir_xml_free(struct ir_xml_doc *doc)
{
    if (!doc)
        return;
    struct block *block = doc->blocks;
    while (block) {
        struct block *next = block->next;
        if (doc->secret)
            ir_wipe(block->data, block->used);
        ir_free(block);
        block = next;
    }
    ir_free(doc);
}

const struct ir_xml_element *ir_xml_root(const struct ir_xml_doc *doc)
{
    return doc ? doc->root : NULL;
}

const struct ir_xml_element *ir_xml_child(const struct ir_xml_element *element, const char *name)
{
    if (!element)
        return NULL;
    const struct ir_xml_element *child = element->first_child;
    while (child && strcmp(child->name, name) != 0)
        child = child->next_sibling;
    return child;
}

const char *ir_xml_child_text(const struct ir_xml_element *element, const char *name,
                              const char *fallback)
{
    const struct ir_xml_element *child = ir_xml_child(element, name);
    return child ? child->text : fallback;
}
