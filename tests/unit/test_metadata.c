/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a file's metadata says: words made harmless, what is private in it, and files that tell
 * nothing. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include <imgrecog/picture.h>

#include "plugins/common/metadata.h"

#define MAX_FILE_BYTES (32U * 1024)
#define XMP_NAME "http://ns.adobe.com/xap/1.0/"

/* A JPEG that is nothing but its metadata: SOI, the XMP packet, EOI. Returns its size. */
static size_t make_jpeg(const char *description, unsigned char *out)
{
    static const char head[] =
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "
        "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' "
        "xmlns:dc='http://purl.org/dc/elements/1.1/' "
        "xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/' "
        "xmlns:exif='http://ns.adobe.com/exif/1.0/' xmlns:aux='http://ns.adobe.com/exif/1.0/aux/' "
        "xmlns:Iptc4xmpCore='http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/' "
        "xmlns:Iptc4xmpExt='http://iptc.org/std/Iptc4xmpExt/2008-02-29/' "
        "xmlns:mwg-rs='http://www.metadataworkinggroup.com/schemas/regions/'>";
    static const char tail[] = "</rdf:Description></rdf:RDF></x:xmpmeta>";
    char packet[MAX_FILE_BYTES / 2];
    int chars = snprintf(packet, sizeof packet, "%s%s%s", head, description, tail);
    assert_true(chars > 0 && (size_t)chars < sizeof packet);
    size_t length = 2 + sizeof XMP_NAME + (size_t)chars;
    const unsigned char start[] = {
        0xff, 0xd8, 0xff, 0xe1, (unsigned char)(length >> 8), (unsigned char)length};
    memcpy(out, start, sizeof start);
    memcpy(out + sizeof start, XMP_NAME, sizeof XMP_NAME);
    memcpy(out + sizeof start + sizeof XMP_NAME, packet, (size_t)chars);
    size_t bytes = sizeof start + sizeof XMP_NAME + (size_t)chars;
    out[bytes++] = 0xff;
    out[bytes++] = 0xd9;
    return bytes;
}

#define ALT(name, text)                                                                            \
    "<" name "><rdf:Alt><rdf:li xml:lang='x-default'>" text "</rdf:li></rdf:Alt></" name ">"
#define BAG(name, items) "<" name "><rdf:Bag>" items "</rdf:Bag></" name ">"
#define LI(text) "<rdf:li>" text "</rdf:li>"

static const struct row {
    const char *name;
    const char *xmp;
    unsigned privates;
    const char *context; /* with "mine" given by the user */
} rows[] = {
    {"nothing", "", 0, "mine"},
    {"title and headline", ALT("dc:title", "A day") "<photoshop:Headline>Sun</photoshop:Headline>",
     0, "mine | title: A day | headline: Sun"},
    {"the default of several languages",
     "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>One</rdf:li>"
     "<rdf:li xml:lang='ko'>하나</rdf:li></rdf:Alt></dc:title>",
     0, "mine | title: One"},
    {"keywords, one with a comma, one twice", BAG("dc:subject", LI("a, b") LI("c") LI("c") LI(" ")),
     0, "mine | keywords: a, b; c"},
    {"a place in words",
     "<Iptc4xmpCore:Location>Haeundae</Iptc4xmpCore:Location>"
     "<photoshop:City>Busan</photoshop:City><photoshop:Country>South Korea</photoshop:Country>",
     0, "mine | place: Haeundae, Busan, South Korea"},
    {"controls, line breaks, marks of direction",
     ALT("dc:description", "One\ntwo&#x9;three\xe2\x80\xae"
                           "four\xc2\x85 \xe2\x80\xa8 five\xef\xbb\xbf"),
     0, "mine | description: One two three four five"},
    {"a position", "<exif:GPSLatitude>48,6.0N</exif:GPSLatitude>", IR_PRIVATE_GPS, "mine"},
    {"a creator", "<dc:creator><rdf:Seq>" LI("Ann") "</rdf:Seq></dc:creator>", IR_PRIVATE_OWNER,
     "mine"},
    {"a creator of blanks", "<dc:creator><rdf:Seq>" LI(" ") "</rdf:Seq></dc:creator>", 0, "mine"},
    {"a camera's number", "<aux:SerialNumber>77</aux:SerialNumber>", IR_PRIVATE_SERIAL, "mine"},
    {"who is in it", BAG("Iptc4xmpExt:PersonInImage", LI("Bob")), IR_PRIVATE_PERSON, "mine"},
    {"whose face it is",
     "<mwg-rs:Regions rdf:parseType='Resource'><mwg-rs:RegionList><rdf:Bag><rdf:li "
     "rdf:parseType='Resource'><mwg-rs:Name>Bob</mwg-rs:Name><mwg-rs:Type>Face</mwg-rs:Type>"
     "</rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>",
     IR_PRIVATE_PERSON, "mine"},
};

static void test_row(void **state)
{
    const struct row *row = *state;
    static unsigned char file[MAX_FILE_BYTES];
    struct metadata metadata;
    struct ir_error err = {0};
    char context[512];
    size_t bytes = make_jpeg(row->xmp, file);
    assert_int_equal(metadata_read(file, bytes, &metadata, &err), 0);
    assert_true(metadata.is_known);
    assert_int_equal(metadata.privates, row->privates);
    metadata_context(&metadata, "mine", context, sizeof context);
    assert_string_equal(context, row->context);
}

/* Nothing is longer than its room, and no character is cut. */
static void test_long(void **state)
{
    static unsigned char file[MAX_FILE_BYTES];
    static char xmp[MAX_FILE_BYTES / 4];
    struct metadata metadata;
    char context[100];
    size_t used = 0;
    (void)state;
    used += (size_t)snprintf(xmp, sizeof xmp, "<photoshop:Headline>");
    for (int i = 0; i < 500; i++)
        used += (size_t)snprintf(xmp + used, sizeof xmp - used, "가");
    snprintf(xmp + used, sizeof xmp - used, "</photoshop:Headline>");
    size_t bytes = make_jpeg(xmp, file);
    assert_int_equal(metadata_read(file, bytes, &metadata, NULL), 0);
    assert_int_equal(strlen(metadata.headline), (METADATA_LINE_BYTES - 1) / 3 * 3);
    for (size_t room = 1; room <= sizeof context; room++) {
        memset(context, 'x', sizeof context);
        metadata_context(&metadata, NULL, context, room);
        size_t length = strlen(context);
        assert_true(length < room);
        if (length > strlen("headline: "))
            assert_int_equal((length - strlen("headline: ")) % 3, 0);
    }
}

/* A HEIC of boxes and no picture: ftyp, meta (hdlr, pitm, iinf with one item of the type Exif,
 * iloc) and mdat, which holds a TIFF structure with the Artist "Ann". */
static void test_heic(void **state)
{
    static const unsigned char file[] = {
        0x00, 0x00, 0x00, 0x18, 0x66, 0x74, 0x79, 0x70, 0x68, 0x65, 0x69, 0x63, 0x00, 0x00, 0x00,
        0x00, 0x6d, 0x69, 0x66, 0x31, 0x68, 0x65, 0x69, 0x63, 0x00, 0x00, 0x00, 0x7c, 0x6d, 0x65,
        0x74, 0x61, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x21, 0x68, 0x64, 0x6c, 0x72, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x70, 0x69, 0x63, 0x74, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0e, 0x70, 0x69,
        0x74, 0x6d, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x23, 0x69, 0x69, 0x6e,
        0x66, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x15, 0x69, 0x6e, 0x66, 0x65,
        0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x45, 0x78, 0x69, 0x66, 0x00, 0x00, 0x00,
        0x00, 0x1e, 0x69, 0x6c, 0x6f, 0x63, 0x00, 0x00, 0x00, 0x00, 0x44, 0x00, 0x00, 0x01, 0x00,
        0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x9c, 0x00, 0x00, 0x00, 0x1e, 0x00, 0x00,
        0x00, 0x26, 0x6d, 0x64, 0x61, 0x74, 0x00, 0x00, 0x00, 0x00, 0x4d, 0x4d, 0x00, 0x2a, 0x00,
        0x00, 0x00, 0x08, 0x00, 0x01, 0x01, 0x3b, 0x00, 0x02, 0x00, 0x00, 0x00, 0x04, 0x41, 0x6e,
        0x6e, 0x00, 0x00, 0x00, 0x00, 0x00};
    struct metadata metadata;
    (void)state;
    assert_int_equal(metadata_read(file, sizeof file, &metadata, NULL), 0);
    assert_true(metadata.is_known);
    assert_int_equal(metadata.privates, IR_PRIVATE_OWNER);
}

static void test_unknown(void **state)
{
    static const struct {
        const char *name;
        const char *data;
        size_t bytes;
    } files[] = {
        {"nothing", "", 0},
        {"words", "not a picture", 13},
        {"a GIF, whose metadata is not read", "GIF89a\1\0\1\0\0\0\0;", 14},
        {"the beginning of a JPEG", "\xff\xd8\xff\xe1\0", 5},
        {"a TIFF cut off", "II*\0\x08\0\0\0\xff\xff", 10},
    };
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct metadata metadata;
        char context[16];
        assert_int_equal(metadata_read(files[i].data, files[i].bytes, &metadata, NULL), 0);
        if (metadata.is_known)
            fail_msg("%s counts as looked at", files[i].name);
        metadata_context(&metadata, NULL, context, sizeof context);
        assert_string_equal(context, "");
    }
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_row, rows);
    unit_add(&list, "more than there is room for", test_long);
    unit_add(&list, "a HEIC", test_heic);
    unit_add(&list, "files that tell nothing", test_unknown);
    return unit_run(&list, "metadata");
}
