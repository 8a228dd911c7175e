/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys as paths: every path stays in its folder, fits a file name and reads back as the key. */
#include "tests/unit/unit.h"

#include <stdbool.h>

#include "plugins/local/s3_name.h"

static const struct key_row {
    const char *name;
    const char *key;
    const char *path;
} keys[] = {
    {"plain", "a.jpg", "a.jpg="},
    {"slash", "a/b", "a%2Fb="},
    {"parent", "..", "..="},
    {"up and away", "../../etc/passwd", "..%2F..%2Fetc%2Fpasswd="},
    {"this folder", ".", ".="},
    {"leading slash", "/a", "%2Fa="},
    {"two slashes", "a//b", "a%2F%2Fb="},
    {"percent", "%2F", "%252F="},
    {"our own marks", "a=+", "a%3D%2B="},
    {"controls", "a\n\x7f", "a%0A%7F="},
    {"Korean", "사진", "사진="},
};

static void test_key(void **state)
{
    const struct key_row *row = *state;
    char path[S3_PATH_BYTES];
    char key[S3_KEY_BYTES] = "";
    size_t bytes = 0;
    s3_key_to_path(row->key, path);
    assert_string_equal(path, row->path);
    assert_true(s3_path_to_key(path, key, &bytes));
    assert_string_equal(key, row->key);
    assert_int_equal(bytes, strlen(row->key));
}

/* The longest keys, of each kind of byte, and their beginnings. */
static void test_long_keys(void **state)
{
    static const char letters[] = {'x', '/', (char)0xC3, '%'};
    (void)state;
    for (size_t kind = 0; kind < sizeof letters; kind++) {
        char key[S3_KEY_BYTES];
        char path[S3_PATH_BYTES];
        char back[S3_KEY_BYTES] = "";
        size_t bytes = 0;
        memset(key, letters[kind], S3_MAX_KEY_BYTES);
        key[S3_MAX_KEY_BYTES] = '\0';
        s3_key_to_path(key, path);
        char *rest = NULL;
        for (char *part = strtok_r(path, "/", &rest); part != NULL;
             part = strtok_r(NULL, "/", &rest)) {
            assert_in_range(strlen(part), 2, 255);
            assert_true(s3_path_to_key(part, back, &bytes));
        }
        assert_string_equal(back, key);
    }
}

/* A key and one that it begins never want the same name as file and as folder. */
static void test_beginnings(void **state)
{
    char longer[S3_KEY_BYTES];
    char path[S3_PATH_BYTES];
    char other[S3_PATH_BYTES];
    (void)state;
    memset(longer, 'x', 401);
    longer[401] = '\0';
    s3_key_to_path(longer, path);
    longer[200] = '\0';
    s3_key_to_path(longer, other);
    assert_true(strlen(other) == 201 && other[200] == S3_LEAF_MARK);
    assert_true(path[200] == S3_FOLDER_MARK);
}

static const struct path_row {
    const char *name;
    const char *path;
} strangers[] = {
    {"empty", ""}, {"cut off", "a%2="}, {"no digits", "a%zz="}, {"lower case", "%2f="}};

static void test_stranger(void **state)
{
    const struct path_row *row = *state;
    char key[S3_KEY_BYTES] = "";
    size_t bytes = 0;
    assert_false(s3_path_to_key(row->path, key, &bytes));
}

static const struct bucket_row {
    const char *name;
    const char *bucket;
    bool lawful;
} buckets[] = {
    {"shortest", "abc", true},
    {"with dots", "a.b-c9", true},
    {"two letters", "ab", false},
    {"capital", "Abc", false},
    {"two dots", "a..b", false},
    {"an address", "10.0.0.1", false},
    {"hyphen first", "-abc", false},
    {"dot last", "abc.", false},
    {"punycode", "xn--abc", false},
    {"alias", "abc-s3alias", false},
    {"object lambda", "a--ol-s3", false},
    {"a way out", "../x", false},
    {"our own folder", ".tmp", false},
};

static void test_bucket(void **state)
{
    const struct bucket_row *row = *state;
    assert_int_equal(s3_bucket_name_is_lawful(row->bucket), row->lawful);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_key, keys);
    unit_add(&list, "1,024 bytes", test_long_keys);
    unit_add(&list, "a key that begins another", test_beginnings);
    UNIT_ADD_ROWS(&list, test_stranger, strangers);
    UNIT_ADD_ROWS(&list, test_bucket, buckets);
    return unit_run(&list, "names of S3");
}
