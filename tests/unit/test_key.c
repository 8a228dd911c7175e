/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Key templates, the time of a picture's taking, and what an upload leaves in documents. */
#include "tests/unit/fake_client.h"

#include <imgrecog/upload.h>

#include "core/result/result.h"
#include "core/task/key.h"
#include "core/task/picture.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* ---- templates --------------------------------------------------------------------------- */

static const struct key_row {
    const char *name;
    const char *template;
    const char *file;
    const char *key;  /* NULL = refused */
    const char *says; /* then */
} key_rows[] = {
    {"a key of its own", "a/b.jpg", "x.png", "a/b.jpg", NULL},
    {"a prefix keeps the name", "a/", "x.y.png", "a/x.y.png", NULL},
    {"a bucket alone too", "", "x.png", "x.png", NULL},
    {"every part of the time", "{year}-{month}-{day} {hour}:{minute}:{second}", "x",
     "2026-11-21 01:30:59", NULL},
    {"date and time", "{date}T{time}", "x", "20261121T013059", NULL},
    {"name and ending", "{name}|{ext}|{file}", "a.tar.gz", "a.tar|gz|a.tar.gz", NULL},
    {"a name without an ending", "{name}.{ext}", "photo", "photo.png", NULL},
    {"a name that is an ending", "{name}.{ext}", ".profile", ".profile.png", NULL},
    {"a name that ends in a dot", "{name}.{ext}", "photo.", "photo..png", NULL},
    {"the hash", "{sha256}", "x", HASH, NULL},
    {"some of the hash", "{sha256:1}{sha256:64}", "x", "0" HASH, NULL},
    {"a leading zero", "{sha256:08}", "x", "01234567", NULL},
    {"braces", "{{{name}}}{{year}}", "x", "{x}{year}", NULL},
    {"braces of a name stay", "{name}", "{year}", "{year}", NULL},
    {"no hash", "{sha256:0}", "x", NULL, "{sha256:0}"},
    {"more hash than there is", "{sha256:65}", "x", NULL, "{sha256:65}"},
    {"a hash of letters", "{sha256:x}", "x", NULL, "{sha256:x}"},
    {"a hash of nothing", "{sha256:}", "x", NULL, "{sha256:}"},
    {"no such placeholder", "{city}", "x", NULL, "{city}"},
    {"a placeholder that begins with one", "{years}", "x", NULL, "{years}"},
    {"a long placeholder", "{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}", "x",
     NULL, "{aaaaaaaaaa"},
    {"an empty placeholder", "{}", "x", NULL, "{}"},
    {"not closed", "a{year", "x", NULL, "not closed"},
    {"not opened", "a}", "x", NULL, "closes nothing"},
};

static void test_key(void **state)
{
    const struct key_row *row = *state;
    const struct ir_key_facts facts = {row->file, "image/png", HASH, "20261121013059"};
    char key[IR_KEY_BYTES] = "untouched";
    struct ir_error err = {0};
    int rc = ir_key_expand(row->template, &facts, key, &err);
    assert_int_equal(rc, row->key != NULL ? 0 : IR_ERR_ARG);
    assert_string_equal(key, row->key != NULL ? row->key : "untouched");
    assert_int_equal(ir_key_check(row->template, &err), rc);
    if (rc != 0) {
        assert_non_null(strstr(err.message, row->says));
        assert_true(err.hint[0] != '\0');
    }
}

static void test_length(void **state)
{
    char template[IR_KEY_BYTES + 1];
    const struct ir_key_facts facts = {"x", "", HASH, "20261121013059"};
    char key[IR_KEY_BYTES] = "untouched";
    struct ir_error err = {0};
    (void)state;
    memset(template, 'k', sizeof template);
    template[IR_KEY_BYTES] = '\0';
    assert_int_equal(ir_key_expand(template, &facts, key, &err), IR_ERR_TOO_LARGE);
    assert_string_equal(key, "untouched");
    template[IR_KEY_BYTES - 1] = '\0';
    assert_int_equal(ir_key_expand(template, &facts, key, &err), 0);
    assert_int_equal(strlen(key), 1024);
}

/* ---- the time of taking ------------------------------------------------------------------ */

/* A TIFF structure whose IFD0 leads to an EXIF IFD with DateTimeOriginal, both big-endian. */
#define EXIF_HEAD                                                                                  \
    "MM\0\x2a\0\0\0\x08"                                                                           \
    "\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x1a\0\0\0\0"                                             \
    "\0\x01\x90\x03\0\x02\0\0\0\x14\0\0\0\x2c\0\0\0\0"

static const struct date_row {
    const char *name;
    const char *text; /* 19 characters, and what follows */
    const char *date; /* NULL = none */
} date_rows[] = {
    {"a date", "2024:02:29 23:59:58", "20240229235958"},
    {"a leap second", "2016:12:31 23:59:60", "20161231235960"},
    {"month 13", "2024:13:01 00:00:00", NULL},
    {"month 0", "2024:00:01 00:00:00", NULL},
    {"day 0", "2024:01:00 00:00:00", NULL},
    {"day 32", "2024:01:32 00:00:00", NULL},
    {"hour 24", "2024:01:01 24:00:00", NULL},
    {"minute 60", "2024:01:01 00:60:00", NULL},
    {"second 61", "2024:01:01 00:00:61", NULL},
    {"blanks", "    :  :     :  :  ", NULL},
    {"a way out of the prefix", "../../../.. 00:00:0", NULL},
    {"other signs", "2024-02-29T23:59:58", NULL},
    {"cut off", "2024:02:29 23:59:5", NULL},
};

static void test_date(void **state)
{
    const struct date_row *row = *state;
    char date[IR_EXIF_DATE_CHARS + 1] = "untouched";
    size_t head_bytes = sizeof EXIF_HEAD - 1;
    size_t bytes = head_bytes + strlen(row->text);
    char *copy = malloc(bytes); /* of its own size, so that reading past it is seen */
    assert_non_null(copy);
    for (size_t i = 0; i < bytes; i++)
        copy[i] = i < head_bytes ? EXIF_HEAD[i] : row->text[i - head_bytes];
    assert_int_equal(ir_exif_captured((unsigned char *)copy, bytes, date), row->date != NULL);
    assert_string_equal(date, row->date != NULL ? row->date : "untouched");
    for (size_t cut = 0; cut < bytes; cut++) {
        char *shorter = malloc(cut + 1);
        assert_non_null(shorter);
        memcpy(shorter, copy, cut);
        assert_false(ir_exif_captured((unsigned char *)shorter, cut, date));
        free(shorter);
    }
    free(copy);
}

/* Of a file that is cut off behind its metadata, as the beginning of a large one is. */
static void test_beginning(void **state)
{
    static const char exif[] = EXIF_HEAD "2024:02:29 23:59:58";
    unsigned char jpeg[200] = {0xff, 0xd8, 0xff, 0xe1, 0, 0, 'E', 'x', 'i', 'f', 0, 0};
    char date[IR_EXIF_DATE_CHARS + 1] = "untouched";
    size_t bytes = 12 + sizeof exif - 1;
    (void)state;
    jpeg[5] = (unsigned char)(bytes - 4);
    memcpy(jpeg + 12, exif, sizeof exif - 1);
    assert_true(ir_picture_captured(jpeg, bytes, date));
    assert_string_equal(date, "20240229235958");
    memcpy(date, "untouched", 10);
    assert_false(ir_picture_captured(jpeg, bytes - 1, date));
    assert_false(ir_picture_captured("words", 5, date));
    assert_string_equal(date, "untouched");
}

/* ---- of data and files ------------------------------------------------------------------- */

static void test_data(void **state)
{
    static const struct ir_key_data abc = {"a/b/c", "abc", 3, 0};
    static const struct ir_key_data nothing = {"c", NULL, 0, 0};
    static const struct ir_key_data dated = {"c", "abc", 3, 1551675967}; /* 2019-03-04T05:06:07Z */
    char key[IR_KEY_BYTES];
    struct ir_error err = {0};
    (void)state;
    assert_int_equal(ir_key_of_data("{sha256:8}/{name}.{ext}", &abc, key, &err), 0);
    assert_string_equal(key, "ba7816bf/c.bin");
    assert_int_equal(ir_key_of_data("{sha256:8}.{ext}", &nothing, key, &err), 0);
    assert_string_equal(key, "e3b0c442.bin");
    assert_int_equal(ir_key_of_data("{year}", &abc, key, &err), 0);
    assert_int_equal(strlen(key), 4);
    assert_int_equal(ir_key_of_data("{date} {time}", &dated, key, &err), 0);
    assert_string_equal(key, "20190304 050607");
    assert_int_equal(ir_key_of_file("{name}", "/no/such/file", key, &err), IR_ERR_ARG);
    assert_non_null(strstr(err.message, "/no/such/file"));
}

/* ---- documents --------------------------------------------------------------------------- */

static void test_document(void **state)
{
    const struct ir_upload_result stored = {.uri = "s3://b/k",
                                            .etag = "\"e\"",
                                            .content_type = "image/png",
                                            .bytes = 5,
                                            .crc32 = 0xab,
                                            .requests = 2,
                                            .retries = 1};
    struct fixture fixture;
    struct ir_result *result = NULL;
    char *json = NULL;
    (void)state;
    set_up(&fixture);
    assert_int_equal(ir_upload_document(fixture.client, "a.png", &stored, &result, &fixture.err),
                     0);
    assert_int_equal(ir_result_to_json(result, &json, NULL, NULL), 0);
    assert_string_equal(
        json, "{\"schema\":\"imgrecog/1\",\"stored\":{\"source\":\"a.png\",\"uri\":\"s3://b/k\","
              "\"etag\":\"\\\"e\\\"\",\"content_type\":\"image/png\",\"bytes\":5,"
              "\"crc32\":\"000000ab\"},\"usage\":{\"requests\":2,\"retries\":1,\"cached\":0},"
              "\"endpoint\":\"aws\",\"errors\":[]}");
    ir_free(json);
    assert_int_equal(ir_upload_note(result, &stored, "https://link", &fixture.err), 0);
    assert_int_equal(ir_result_to_json(result, &json, NULL, NULL), 0);
    assert_non_null(strstr(json, "\"link\":\"https://link\"}"));
    ir_free(json);
    ir_result_free(result);
    tear_down(&fixture);
}

static void test_plan(void **state)
{
    const struct ir_s3_uri uri = {"b", "in/k\033[2J"};
    struct fixture fixture;
    struct ir_result *result = NULL;
    char *json = NULL;
    (void)state;
    set_up(&fixture);
    assert_int_equal(ir_upload_plan(fixture.client, "a.png", &uri, &result, &fixture.err), 0);
    assert_int_equal(ir_result_to_json(result, &json, NULL, NULL), 0);
    assert_string_equal(json, "{\"schema\":\"imgrecog/1\",\"would_store\":{\"source\":\"a.png\","
                              "\"uri\":\"s3://b/in/k [2J\"},\"usage\":{\"requests\":0,"
                              "\"retries\":0,\"cached\":0},\"endpoint\":\"aws\",\"errors\":[]}");
    ir_free(json);
    ir_result_free(result);
    tear_down(&fixture);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_key, key_rows);
    unit_add(&list, "a key of 1,024 bytes, and of one more", test_length);
    UNIT_ADD_ROWS(&list, test_date, date_rows);
    unit_add(&list, "the beginning of a file is enough", test_beginning);
    unit_add(&list, "keys of data", test_data);
    unit_add(&list, "the document of an upload", test_document);
    unit_add(&list, "the document of an upload that is not made", test_plan);
    return unit_run(&list, "key");
}
