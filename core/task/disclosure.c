/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PNG is a signature and chunks of (length, type, data, CRC-32); XMP stands in an iTXt chunk with
 * the keyword XML:com.adobe.xmp (https://www.w3.org/TR/png-3/, XMP specification part 3). All other
 * chunks are copied as they are, so the picture stays bit for bit what came.
 */
#include "core/task/disclosure.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include <zlib.h>

#include "core/base/error.h"

#define SIGNATURE "\x89PNG\r\n\x1a\n"
#define SIGNATURE_BYTES 8
#define OVERHEAD_BYTES 12 /* of a chunk */
#define HEADER_BYTES 13   /* of IHDR's data */
#define KEYWORD "XML:com.adobe.xmp"
#define MAX_PACKET_BYTES (512U * 1024) /* a prompt of the greatest length, all of it escaped */

static const char *const source_types[] = {
    [IR_MADE_BY_MODEL] = "trainedAlgorithmicMedia",
    [IR_MADE_BY_MODEL_AND_OTHER] = "compositeWithTrainedAlgorithmicMedia",
    [IR_MADE_BY_ALGORITHM] = "algorithmicMedia",
};

static uint32_t be32(const unsigned char *data)
{
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

static void put_be32(struct ir_buf *out, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        ir_buf_append_char(out, (char)(value >> shift));
}

static int fail(struct ir_error *err, const char *cause)
{
    ir_fail(err, IR_ERR_RESPONSE, "%s", cause);
    ir_error_set_service(err, "Bedrock");
    return IR_ERR_RESPONSE;
}

static int check_header(const unsigned char *png, size_t png_bytes, struct ir_error *err)
{
    bool is_png = png_bytes >= SIGNATURE_BYTES + OVERHEAD_BYTES + HEADER_BYTES &&
                  memcmp(png, SIGNATURE, SIGNATURE_BYTES) == 0 &&
                  be32(png + SIGNATURE_BYTES) == HEADER_BYTES &&
                  memcmp(png + SIGNATURE_BYTES + 4, "IHDR", 4) == 0;
    return is_png ? 0 : fail(err, "the picture that came is not a PNG");
}

int ir_disclosure_size(const unsigned char *png, size_t png_bytes, int *out_width_px,
                       int *out_height_px, struct ir_error *err)
{
    int rc = check_header(png, png_bytes, err);
    if (rc != 0)
        return rc;
    uint32_t width = be32(png + SIGNATURE_BYTES + 8);
    uint32_t height = be32(png + SIGNATURE_BYTES + 12);
    if (width < 1 || width > INT_MAX || height < 1 || height > INT_MAX)
        return fail(err, "the picture that came has no size");
    *out_width_px = (int)width;
    *out_height_px = (int)height;
    return 0;
}

/* Characters that XML has no place for become blanks; a line feed stays one as a reference. */
static void put_char(struct ir_buf *out, char c)
{
    switch (c) {
    case '&':
        ir_buf_append_text(out, "&amp;");
        break;
    case '<':
        ir_buf_append_text(out, "&lt;");
        break;
    case '"':
        ir_buf_append_text(out, "&quot;");
        break;
    case '\n':
        ir_buf_append_text(out, "&#10;");
        break;
    default:
        ir_buf_append_char(out, (unsigned char)c < ' ' ? ' ' : c);
    }
}

static void put_attribute(struct ir_buf *out, const char *name, const char *text)
{
    if (text == NULL)
        return;
    ir_buf_appendf(out, " Iptc4xmpExt:%s=\"", name);
    for (; *text != '\0'; text++) {
        bool is_no_character = strncmp(text, "\xef\xbf\xbe", 3) == 0 || /* U+FFFE */
                               strncmp(text, "\xef\xbf\xbf", 3) == 0;
        put_char(out, is_no_character ? ' ' : *text);
        text += is_no_character ? 2 : 0;
    }
    ir_buf_append_char(out, '"');
}

static void put_packet(struct ir_buf *out, const struct ir_disclosure *disclosure)
{
    ir_buf_append_text(
        out, "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
             "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">"
             "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
             "<rdf:Description rdf:about=\"\" "
             "xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\" "
             "Iptc4xmpExt:DigitalSourceType=\"http://cv.iptc.org/newscodes/digitalsourcetype/");
    ir_buf_append_text(out, source_types[disclosure->made_by]);
    ir_buf_append_char(out, '"');
    put_attribute(out, "AISystemUsed", disclosure->system);
    put_attribute(out, "AISystemVersionUsed", disclosure->version);
    put_attribute(out, "AIPromptInformation", disclosure->prompt);
    put_attribute(out, "AIPromptWriterName", disclosure->prompt_writer);
    ir_buf_append_text(out, "/></rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>");
}

static void put_chunk(struct ir_buf *out, const struct ir_buf *packet)
{
    static const char head[] = "iTXt" KEYWORD "\0\0\0\0"; /* plain, no language, no translation */
    size_t head_bytes = sizeof head;                      /* its last NUL ends the translation */
    uLong crc = crc32_z(0, (const unsigned char *)head, head_bytes);
    crc = crc32_z(crc, (const unsigned char *)ir_buf_text(packet), packet->bytes);
    put_be32(out, (uint32_t)(head_bytes - 4 + packet->bytes));
    ir_buf_append(out, head, head_bytes);
    ir_buf_append(out, ir_buf_text(packet), packet->bytes);
    put_be32(out, (uint32_t)crc);
}

static bool is_packet(const unsigned char *chunk, size_t data_bytes)
{
    return memcmp(chunk + 4, "iTXt", 4) == 0 && data_bytes >= sizeof KEYWORD &&
           memcmp(chunk + 8, KEYWORD, sizeof KEYWORD) == 0;
}

/* The chunks from `at` on, but XMP. */
static int copy_chunks(const unsigned char *png, size_t png_bytes, size_t at, struct ir_buf *out,
                       struct ir_error *err)
{
    bool ended = false;
    while (!ended) {
        if (png_bytes - at < OVERHEAD_BYTES || be32(png + at) > png_bytes - at - OVERHEAD_BYTES)
            return fail(err, "the picture that came is cut off");
        size_t data_bytes = be32(png + at);
        if (!is_packet(png + at, data_bytes))
            ir_buf_append(out, png + at, data_bytes + OVERHEAD_BYTES);
        ended = memcmp(png + at + 4, "IEND", 4) == 0;
        at += data_bytes + OVERHEAD_BYTES;
    }
    return ir_buf_check(out, "the picture that came", err);
}

int ir_disclosure_add(const unsigned char *png, size_t png_bytes,
                      const struct ir_disclosure *disclosure, struct ir_buf *out,
                      struct ir_error *err)
{
    size_t header_end = SIGNATURE_BYTES + OVERHEAD_BYTES + HEADER_BYTES;
    struct ir_buf packet;
    int rc = check_header(png, png_bytes, err);
    if (rc != 0)
        return rc;
    ir_buf_init(&packet, MAX_PACKET_BYTES);
    put_packet(&packet, disclosure);
    rc = ir_buf_check(&packet, "the picture's metadata", err);
    if (rc == 0) {
        ir_buf_append(out, png, header_end);
        put_chunk(out, &packet);
        rc = copy_chunks(png, png_bytes, header_end, out, err);
    }
    ir_buf_release(&packet);
    return rc;
}
