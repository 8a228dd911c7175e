/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns which fields results go into. XMP is merged by gexiv2, which takes a packet and gives it
 * back with all that was in it. Facts relied on (gexiv2 0.14, Exiv2 0.28): the containers of a
 * structure are set before its members, and never when members are there (they are not listed
 * themselves, and no packet comes of it); an array's members are numbered from 1. MWG's areas are
 * given by their middle, IPTC's by their corner, both in fractions of the picture as stored.
 *
 * Sources: Metadata Working Group, Guidelines for Handling Image Metadata 2.0, 5.9;
 * https://www.iptc.org/std/photometadata/specification/IPTC-PhotoMetadata#image-region
 */
#include "plugins/common/metadata_write.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/fail.h"
#include "plugins/common/magick_outgoing.h"
#include "plugins/common/metadata_profiles_private.h"

#define MAX_KEYWORDS 1000
#define MAX_REGIONS 500 /* more would swell the packet beyond what readers take */
#define TAG_BYTES 160
#define MWG_LIST "Xmp.mwg-rs.Regions/mwg-rs:RegionList"
#define MWG_SIZE "Xmp.mwg-rs.Regions/mwg-rs:AppliedToDimensions"
#define IPTC_LIST "Xmp.iptcExt.ImageRegion"

/* Sets of one writing; the first failure stays. */
struct writer {
    GExiv2Metadata *metadata;
    GError *error;
};

static bool has(const struct writer *writer, const char *tag)
{
    return gexiv2_metadata_try_has_tag(writer->metadata, tag, NULL);
}

static void set(struct writer *writer, const char *tag, const char *value)
{
    if (writer->error == NULL && value != NULL)
        (void)gexiv2_metadata_try_set_tag_string(writer->metadata, tag, value, &writer->error);
}

static void set_struct(struct writer *writer, const char *tag, GExiv2StructureType type)
{
    if (writer->error == NULL)
        (void)gexiv2_metadata_try_set_xmp_tag_struct(writer->metadata, tag, type, &writer->error);
}

static void set_fraction(struct writer *writer, const char *list, size_t number, const char *member,
                         double value)
{
    char tag[TAG_BYTES];
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    g_snprintf(tag, sizeof tag, "%s[%zu]/%s", list, number, member);
    set(writer, tag, g_ascii_formatd(text, sizeof text, "%.6f", value));
}

static void set_member(struct writer *writer, const char *list, size_t number, const char *member,
                       const char *value)
{
    char tag[TAG_BYTES];

    g_snprintf(tag, sizeof tag, "%s[%zu]/%s", list, number, member);
    set(writer, tag, value);
}

/* ---- words ------------------------------------------------------------------------------- */

static void add_word(GPtrArray *words, const char *word)
{
    if (word != NULL && *word != '\0' && words->len < MAX_KEYWORDS &&
        !g_ptr_array_find_with_equal_func(words, word, g_str_equal, NULL))
        g_ptr_array_add(words, g_strdup(word));
}

/* What is added as keywords: names of labels, then the caption's own. */
static void add_keywords(GPtrArray *words, const struct ir_result *result)
{
    const struct ir_caption *caption = ir_result_get_caption(result);

    for (size_t i = 0; i < ir_result_label_count(result); i++)
        add_word(words, ir_result_get_label(result, i)->name);
    for (size_t i = 0; caption != NULL && i < caption->keyword_count; i++)
        add_word(words, caption->keywords[i]);
}

static void set_keywords(struct writer *writer, const struct ir_result *result)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
    char **there = gexiv2_metadata_try_get_tag_multiple(writer->metadata, "Xmp.dc.subject", NULL);
    guint before;

    for (size_t i = 0; there != NULL && there[i] != NULL; i++)
        g_ptr_array_add(all, g_strdup(there[i]));
    before = all->len;
    add_keywords(all, result);
    if (all->len > before && writer->error == NULL) {
        g_ptr_array_add(all, NULL);
        (void)gexiv2_metadata_try_set_tag_multiple(writer->metadata, "Xmp.dc.subject",
                                                   (const gchar **)all->pdata, &writer->error);
    }
    g_strfreev(there);
    g_ptr_array_unref(all);
}

/* A language alternative, where there is none. */
static void set_words(struct writer *writer, const char *tag, const char *value)
{
    char *words;

    if (value == NULL || has(writer, tag))
        return;
    words = g_strconcat("lang=\"x-default\" ", value, NULL);
    set(writer, tag, words);
    g_free(words);
}

/* ---- regions ----------------------------------------------------------------------------- */

/* How many members an array has, at most MAX_REGIONS. */
static size_t count_members(const struct writer *writer, const char *list, const char *member)
{
    char tag[TAG_BYTES];
    size_t count = 0;

    while (count < MAX_REGIONS) {
        g_snprintf(tag, sizeof tag, "%s[%zu]/%s", list, count + 1, member);
        if (!has(writer, tag))
            break;
        count++;
    }
    return count;
}

/* MWG knows Face, Pet, BarCode, and Focus for where the camera looked; NULL for all else. */
static const char *mwg_type(const char *name)
{
    static const char *const types[][2] = {{"Face", "Face"},       {"Pet", "Pet"},
                                           {"Dog", "Pet"},         {"Cat", "Pet"},
                                           {"Barcode", "BarCode"}, {"QR Code", "BarCode"}};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i][0], name) == 0)
            return types[i][1];
    return NULL;
}

static void add_mwg_region(struct writer *writer, size_t number, const struct ir_label *label,
                           const struct ir_box *box)
{
    const char *type = mwg_type(label->name);

    set_fraction(writer, MWG_LIST, number, "mwg-rs:Area/stArea:x",
                 box->left_frac + box->width_frac / 2);
    set_fraction(writer, MWG_LIST, number, "mwg-rs:Area/stArea:y",
                 box->top_frac + box->height_frac / 2);
    set_fraction(writer, MWG_LIST, number, "mwg-rs:Area/stArea:w", box->width_frac);
    set_fraction(writer, MWG_LIST, number, "mwg-rs:Area/stArea:h", box->height_frac);
    set_member(writer, MWG_LIST, number, "mwg-rs:Area/stArea:unit", "normalized");
    set_member(writer, MWG_LIST, number, "mwg-rs:Type", type);
    set_member(writer, MWG_LIST, number, "mwg-rs:Description", label->name);
    if (type == NULL || strcmp(type, "Face") != 0) /* whose name would be the person's */
        set_member(writer, MWG_LIST, number, "mwg-rs:Name", label->name);
}

static void add_iptc_region(struct writer *writer, size_t number, const struct ir_label *label,
                            const struct ir_box *box)
{
    static const char boundary[] = "iptcExt:RegionBoundary/iptcExt:";
    const struct {
        const char *member;
        double value;
    } sides[] = {{"rbX", box->left_frac},
                 {"rbY", box->top_frac},
                 {"rbW", box->width_frac},
                 {"rbH", box->height_frac}};
    char member[TAG_BYTES];
    char *name;

    g_snprintf(member, sizeof member, "%srbShape", boundary);
    set_member(writer, IPTC_LIST, number, member, "rectangle");
    g_snprintf(member, sizeof member, "%srbUnit", boundary);
    set_member(writer, IPTC_LIST, number, member, "relative");
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
        g_snprintf(member, sizeof member, "%s%s", boundary, sides[i].member);
        set_fraction(writer, IPTC_LIST, number, member, sides[i].value);
    }
    name = g_strdup_printf("%s[%zu]/iptcExt:Name", IPTC_LIST, number);
    set_struct(writer, name, GEXIV2_STRUCTURE_XA_ALT);
    g_free(name);
    set_member(writer, IPTC_LIST, number, "iptcExt:Name[1]", label->name);
}

static void set_applied_size(struct writer *writer, const Image *image)
{
    char text[32];

    if (has(writer, MWG_SIZE "/stDim:w"))
        return;
    g_snprintf(text, sizeof text, "%zu", image->columns);
    set(writer, MWG_SIZE "/stDim:w", text);
    g_snprintf(text, sizeof text, "%zu", image->rows);
    set(writer, MWG_SIZE "/stDim:h", text);
    set(writer, MWG_SIZE "/stDim:unit", "pixel");
}

static void set_regions(struct writer *writer, const Image *image, const struct ir_result *result)
{
    size_t mwg = count_members(writer, MWG_LIST, "mwg-rs:Area/stArea:x");
    size_t iptc = count_members(writer, IPTC_LIST, "iptcExt:RegionBoundary/iptcExt:rbShape");
    bool has_begun = false;

    for (size_t i = 0; i < ir_result_label_count(result); i++) {
        const struct ir_label *label = ir_result_get_label(result, i);
        struct ir_box box = label->box;

        if (!label->has_box || !ir_box_clamp(&box))
            continue;
        if (mwg >= MAX_REGIONS || iptc >= MAX_REGIONS)
            break;
        if (!has_begun) {
            if (mwg == 0)
                set_struct(writer, MWG_LIST, GEXIV2_STRUCTURE_XA_BAG);
            if (iptc == 0)
                set_struct(writer, IPTC_LIST, GEXIV2_STRUCTURE_XA_BAG);
            set_applied_size(writer, image);
        }
        has_begun = true;
        box = ir_box_upright_to_stored(box, outgoing_orientation(image));
        add_mwg_region(writer, ++mwg, label, &box);
        add_iptc_region(writer, ++iptc, label, &box);
    }
}

/* ---- XMP --------------------------------------------------------------------------------- */

/* Opens what the image has; NULL, with `err` filled, when it cannot be read. */
static GExiv2Metadata *open_xmp(const Image *image, struct ir_error *err)
{
    const StringInfo *profile = GetImageProfile(image, "xmp");
    GExiv2Metadata *metadata =
        profile != NULL ? metadata_open(GetStringInfoDatum(profile), GetStringInfoLength(profile))
                        : metadata_open(NULL, 0);

    if (metadata != NULL)
        return metadata;
    if (profile == NULL) {
        common_fail_nomem(err);
        return NULL;
    }
    common_fail(err, IR_ERR_ARG, "Leave metadata=xmp out, or remove it first with metadata=none.",
                "The picture's XMP cannot be read; it was left as it is.");
    return NULL;
}

/*
 * Says of the names of regions in which language they are: a language alternative wants that, and
 * Exiv2 does not let it be set within a structure. To be freed with g_free.
 */
static char *with_languages(const char *packet)
{
    static const char item[] = "<rdf:li>";
    static const char told[] = "<rdf:li xml:lang=\"x-default\">";
    GString *out = g_string_new(NULL);
    const char *name;

    while ((name = strstr(packet, "<iptcExt:Name>")) != NULL) {
        const char *end = strstr(name, "</iptcExt:Name>");
        const char *found = strstr(name, item);
        bool is_untold = end != NULL && found != NULL && found < end;

        if (end == NULL)
            break;
        g_string_append_len(out, packet, (is_untold ? found : end) - packet);
        g_string_append_len(out, told, is_untold ? (gssize)strlen(told) : 0);
        packet = is_untold ? found + strlen(item) : end;
        g_string_append_len(out, packet, end + 1 - packet); /* past this one's end */
        packet = end + 1;
    }
    g_string_append(out, packet);
    return g_string_free(out, FALSE);
}

/* Gives the writer's packet to the image, and everything back. */
static int close_xmp(struct writer *writer, Image *image, struct ir_error *err)
{
    char *packet = NULL;
    int rc = 0;

    if (writer->error == NULL)
        packet = gexiv2_metadata_try_generate_xmp_packet(
            writer->metadata, GEXIV2_OMIT_PACKET_WRAPPER, 0, &writer->error);
    metadata_close(writer->metadata);
    if (packet != NULL) {
        char *plain = packet;

        packet = with_languages(plain);
        g_free(plain);
    }
    if (packet == NULL)
        rc = common_fail(err, IR_ERR_ARG, "Leave metadata=xmp out.",
                         "The results could not be written as XMP: %s.",
                         writer->error != NULL ? writer->error->message : "no reason given");
    else if (!metadata_put_profile(image, "xmp", packet, strlen(packet)))
        rc = common_fail_nomem(err);
    g_clear_error(&writer->error);
    g_free(packet);
    return rc;
}

int metadata_write_xmp(Image *image, const struct ir_result *result, struct ir_error *err)
{
    const struct ir_caption *caption = ir_result_get_caption(result);
    struct writer writer = {open_xmp(image, err), NULL};

    if (writer.metadata == NULL)
        return err != NULL ? err->code : IR_ERR_ARG;
    set_keywords(&writer, result);
    if (caption != NULL) {
        set_words(&writer, "Xmp.dc.description", caption->text);
        set_words(&writer, "Xmp.dc.title", caption->title);
        set_words(&writer, "Xmp.iptc.AltTextAccessibility", caption->alt_text);
    }
    set_regions(&writer, image, result);
    return close_xmp(&writer, image, err);
}

int metadata_write_disclosure(Image *image, const Image *made, struct ir_error *err)
{
    static const char *const tags[] = {"Xmp.iptcExt.DigitalSourceType", "Xmp.iptcExt.AISystemUsed",
                                       "Xmp.iptcExt.AISystemVersionUsed"};
    char *values[sizeof tags / sizeof tags[0]] = {NULL};
    GExiv2Metadata *source = open_xmp(made, err);
    struct writer writer = {NULL, NULL};
    int rc;

    if (source == NULL)
        return err != NULL ? err->code : IR_ERR_ARG;
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
        values[i] = gexiv2_metadata_try_get_tag_string(source, tags[i], NULL);
    metadata_close(source);
    writer.metadata = open_xmp(image, err);
    rc = writer.metadata != NULL ? 0 : IR_ERR_ARG;
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        if (rc == 0)
            set(&writer, tags[i], values[i]);
        g_free(values[i]);
    }
    return rc == 0 ? close_xmp(&writer, image, err) : rc;
}
