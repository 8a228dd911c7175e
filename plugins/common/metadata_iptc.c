/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns IPTC IIM, which gexiv2 gives no block of. A block is a list of datasets: 1C, record, number,
 * a length of two bytes, as many bytes; a length with its high bit set says how many bytes of
 * length follow (IPTC-NAA Information Interchange Model 4.2, 1.6). 1:90 = ESC % G says that texts
 * are UTF-8; without it they are taken for Latin-1. 2:25 is a keyword of at most 64 bytes, 2:120
 * the caption of at most 2,000.
 */
#include "plugins/common/metadata_write.h"

#include <stdint.h>
#include <string.h>

#include "plugins/common/fail.h"
#include "plugins/common/metadata_profiles_private.h"

#define MARKER 0x1c
#define RECORD_ENVELOPE 1
#define RECORD_APPLICATION 2
#define CHARACTER_SET 90
#define VERSION 0
#define KEYWORD 25
#define CAPTION 120
#define KEYWORD_MAX_BYTES 64
#define CAPTION_MAX_BYTES 2000
#define FIRST_BINARY 125 /* of record 2: rasterized captions, audio, previews */
#define MAX_KEYWORDS 1000

struct dataset {
    unsigned record;
    unsigned number;
    const unsigned char *data;
    size_t bytes;
};

/* What is read of the block that is there. */
struct block {
    const unsigned char *data;
    size_t bytes;
    bool is_utf8;
    bool has_version;
    bool has_caption;
};

/* The next dataset; false at the end, with `*out_damaged` when that is not where it should be. */
static bool next_dataset(const struct block *block, size_t *at, struct dataset *out,
                         bool *out_damaged)
{
    const unsigned char *head = block->data + *at;
    size_t left = block->bytes - *at;
    size_t head_bytes = 5;
    size_t bytes;

    if (left == 0 || head[0] == 0) /* padding */
        return false;
    *out_damaged = left < head_bytes || head[0] != MARKER;
    if (*out_damaged)
        return false;
    bytes = (size_t)head[3] << 8 | head[4];
    if ((bytes & 0x8000) != 0) { /* an extended one: four bytes of length are all that is taken */
        *out_damaged = (bytes & 0x7fff) != 4 || left < head_bytes + 4;
        if (*out_damaged)
            return false;
        bytes = (size_t)head[5] << 24 | (size_t)head[6] << 16 | (size_t)head[7] << 8 | head[8];
        head_bytes += 4;
    }
    *out_damaged = bytes > left - head_bytes;
    if (*out_damaged)
        return false;
    *out = (struct dataset){head[1], head[2], head + head_bytes, bytes};
    *at += head_bytes + bytes;
    return true;
}

static void put(GByteArray *out, unsigned record, unsigned number, const void *data, size_t bytes)
{
    bool is_long = bytes > 0x7fff;
    const unsigned char head[] = {MARKER,
                                  (unsigned char)record,
                                  (unsigned char)number,
                                  is_long ? 0x80 : (unsigned char)(bytes >> 8),
                                  is_long ? 0x04 : (unsigned char)(bytes & 0xff),
                                  (unsigned char)(bytes >> 24),
                                  (unsigned char)(bytes >> 16 & 0xff),
                                  (unsigned char)(bytes >> 8 & 0xff),
                                  (unsigned char)(bytes & 0xff)};

    g_byte_array_append(out, head, is_long ? 9 : 5);
    g_byte_array_append(out, data, (guint)bytes);
}

/* Cut at a character where it is too long. */
static void put_text(GByteArray *out, unsigned number, const char *text, size_t max_bytes)
{
    size_t bytes = strlen(text);

    if (bytes > max_bytes) {
        bytes = max_bytes;
        while (bytes > 0 && ((unsigned char)text[bytes] & 0xc0) == 0x80)
            bytes--;
    }
    if (bytes > 0)
        put(out, RECORD_APPLICATION, number, text, bytes);
}

/* A dataset that was there; texts of another character set become UTF-8. */
static void put_kept(GByteArray *out, const struct block *block, const struct dataset *set)
{
    bool is_text =
        set->record == RECORD_APPLICATION && set->number > VERSION && set->number < FIRST_BINARY;
    char *converted = NULL;
    gsize bytes = 0;

    if (is_text && !block->is_utf8 &&
        !g_utf8_validate((const char *)set->data, (gssize)set->bytes, NULL))
        converted = g_convert((const char *)set->data, (gssize)set->bytes, "UTF-8", "ISO-8859-1",
                              NULL, &bytes, NULL);
    put(out, set->record, set->number, converted != NULL ? (const void *)converted : set->data,
        converted != NULL ? bytes : set->bytes);
    g_free(converted);
}

/* Walks the block once; false when it is damaged. Collects the keywords that are there. */
static bool read_block(struct block *block, GPtrArray *keywords)
{
    struct dataset set;
    bool is_damaged = false;
    size_t at = 0;

    while (next_dataset(block, &at, &set, &is_damaged)) {
        if (set.record == RECORD_ENVELOPE && set.number == CHARACTER_SET)
            block->is_utf8 = set.bytes == 3 && memcmp(set.data, "\033%G", 3) == 0;
        if (set.record != RECORD_APPLICATION)
            continue;
        block->has_version = block->has_version || set.number == VERSION;
        block->has_caption = block->has_caption || set.number == CAPTION;
        if (set.number == KEYWORD)
            g_ptr_array_add(keywords, g_strndup((const char *)set.data, set.bytes));
    }
    return !is_damaged;
}

/* The datasets of the wanted records, but for the character set, which is written anew. */
static void keep_records(GByteArray *out, const struct block *block, unsigned first, unsigned last)
{
    struct dataset set;
    bool is_damaged = false;
    size_t at = 0;

    while (next_dataset(block, &at, &set, &is_damaged))
        if (set.record >= first && set.record <= last &&
            !(set.record == RECORD_ENVELOPE && set.number == CHARACTER_SET))
            put_kept(out, block, &set);
}

static void add_keyword(GByteArray *out, GPtrArray *there, const char *word)
{
    if (word == NULL || *word == '\0' || there->len >= MAX_KEYWORDS ||
        g_ptr_array_find_with_equal_func(there, word, g_str_equal, NULL))
        return;
    g_ptr_array_add(there, g_strdup(word));
    put_text(out, KEYWORD, word, KEYWORD_MAX_BYTES);
}

static void add_results(GByteArray *out, const struct block *block, GPtrArray *keywords,
                        const struct ir_result *result)
{
    const struct ir_caption *caption = ir_result_get_caption(result);

    for (size_t i = 0; i < ir_result_label_count(result); i++)
        add_keyword(out, keywords, ir_result_get_label(result, i)->name);
    for (size_t i = 0; caption != NULL && i < caption->keyword_count; i++)
        add_keyword(out, keywords, caption->keywords[i]);
    if (caption != NULL && !block->has_caption)
        put_text(out, CAPTION, caption->text, CAPTION_MAX_BYTES);
}

int metadata_write_iptc(Image *image, const struct ir_result *result, struct ir_error *err)
{
    static const unsigned char version[] = {0, 4};
    const StringInfo *profile = GetImageProfile(image, "iptc");
    struct block block = {.data = profile != NULL ? GetStringInfoDatum(profile) : NULL,
                          .bytes = profile != NULL ? GetStringInfoLength(profile) : 0};
    GPtrArray *keywords = g_ptr_array_new_with_free_func(g_free);
    GByteArray *out = g_byte_array_new();
    int rc = 0;

    if (read_block(&block, keywords)) {
        put(out, RECORD_ENVELOPE, CHARACTER_SET, "\033%G", 3);
        keep_records(out, &block, RECORD_ENVELOPE, RECORD_ENVELOPE);
        if (!block.has_version)
            put(out, RECORD_APPLICATION, VERSION, version, sizeof version);
        keep_records(out, &block, RECORD_APPLICATION, RECORD_APPLICATION);
        add_results(out, &block, keywords, result);
        keep_records(out, &block, RECORD_APPLICATION + 1, UINT8_MAX);
        if (!metadata_put_profile(image, "iptc", out->data, out->len))
            rc = common_fail_nomem(err);
    } else {
        rc = common_fail(err, IR_ERR_ARG, "Leave iptc out of metadata=.",
                         "The picture's IPTC is damaged; it was left as it is.");
    }
    g_byte_array_unref(out);
    g_ptr_array_unref(keywords);
    return rc;
}
