/* SPDX-License-Identifier: GPL-3.0-or-later */
/* URLs: what is taken, what is refused and with which words, percent-encoding of every byte. */
#include "tests/unit/unit.h"

#include "core/base/error.h"
#include "core/base/uri.h"

struct good_row {
    const char *name;
    const char *text;
    struct ir_url url;
};

static const struct good_row good_rows[] = {
    {"https",
     "https://rekognition.eu-west-1.amazonaws.com",
     {true, "rekognition.eu-west-1.amazonaws.com", 0, "/"}},
    {"a slash at the end", "http://localhost/", {false, "localhost", 0, "/"}},
    {"port", "http://127.0.0.1:4566", {false, "127.0.0.1", 4566, "/"}},
    {"lowest port", "http://h:1", {false, "h", 1, "/"}},
    {"highest port", "http://h:65535/", {false, "h", 65535, "/"}},
    {"capitals", "HTTPS://Example.COM/Path", {true, "example.com", 0, "/Path"}},
    {"path", "http://h/a/b", {false, "h", 0, "/a/b"}},
    {"path with a slash at the end", "http://h/a/", {false, "h", 0, "/a"}},
    {"many slashes at the end", "http://h/a///", {false, "h", 0, "/a"}},
    {"percent-encoded path", "http://h/a%20b", {false, "h", 0, "/a%20b"}},
    {"at sign in the path", "http://h/a@b:c", {false, "h", 0, "/a@b:c"}},
    {"IPv6", "http://[::1]:80/x", {false, "[::1]", 80, "/x"}},
    {"IPv6 capitals", "http://[FE80::A]", {false, "[fe80::a]", 0, "/"}},
    {"underscore", "http://my_minio:9000", {false, "my_minio", 9000, "/"}},
};

static void test_good(void **state)
{
    const struct good_row *row = *state;
    struct ir_url url;
    struct ir_error err;
    ir_error_clear(&err);
    assert_int_equal(ir_url_parse(row->text, "endpoint", &url, &err), 0);
    assert_int_equal(url.https, row->url.https);
    assert_string_equal(url.host, row->url.host);
    assert_int_equal(url.port, row->url.port);
    assert_string_equal(url.path, row->url.path);
}

struct bad_row {
    const char *name;
    const char *text;
    const char *message; /* a part of it */
};

static const struct bad_row bad_rows[] = {
    {"nothing", "", "must begin with http:// or https://"},
    {"no scheme", "localhost:80", "must begin with"},
    {"another scheme", "ftp://h", "must begin with"},
    {"one slash", "http:/h", "must begin with"},
    {"no host", "http://", "no host name"},
    {"no host, path", "http:///x", "no host name"},
    {"no host, port", "http://:80", "no host name"},
    {"user", "http://hunter2@h/", "user name"},
    {"user and password", "http://u:hunter2@h/", "user name"},
    {"query", "http://h/?hunter2", "query"},
    {"query without path", "http://h?hunter2", "query"},
    {"fragment", "http://h/#hunter2", "fragment"},
    {"port 0", "http://h:0", "port"},
    {"port 65536", "http://h:65536", "port"},
    {"huge port", "http://h:99999999999999999999", "port"},
    {"empty port", "http://h:", "port"},
    {"port with a sign", "http://h:+80", "port"},
    {"port with letters", "http://h:80x", "port"},
    {"space in the host", "http://a b", "host name"},
    {"line feed in the host", "http://a\nb", "host name"},
    {"percent in the host", "http://a%41", "host name"},
    {"backslash", "http://a\\b", "host name"},
    {"not ASCII", "http://한국", "host name"},
    {"space in the path", "http://h/a b", "percent-encoded"},
    {"line feed in the path", "http://h/a\r\nX: y", "percent-encoded"},
    {"not ASCII in the path", "http://h/한국", "percent-encoded"},
    {"IPv6 not closed", "http://[::1", "closing"},
    {"IPv6 empty", "http://[]", "IPv6"},
    {"IPv6 wrong", "http://[::1::]", "IPv6"},
    {"IPv6 with a zone", "http://[fe80::1%25eth0]", "IPv6"},
    {"IPv6 with text behind", "http://[::1]x", "port"},
    {"IPv6 too long", "http://[1111111111111111111111111111111111111111111111111]", "IPv6"},
};

static void test_bad(void **state)
{
    const struct bad_row *row = *state;
    struct ir_url url;
    struct ir_url before;
    struct ir_error err;
    memset(&url, 0x5A, sizeof url);
    before = url;
    assert_int_equal(ir_url_parse(row->text, "the endpoint", &url, &err), IR_ERR_ARG);
    assert_memory_equal(&url, &before, sizeof url);
    assert_non_null(strstr(err.message, row->message));
    assert_non_null(strstr(err.message, "the endpoint"));
    assert_null(strstr(err.message, "hunter2"));
}

static void test_lengths(void **state)
{
    (void)state;
    struct ir_url url;
    struct ir_error err;
    char text[2048];
    memset(text, 'h', sizeof text);
    memcpy(text, "http://", 7);
    text[7 + 255] = '\0';
    assert_int_equal(ir_url_parse(text, "it", &url, &err), 0);
    assert_int_equal(strlen(url.host), 255);
    text[7 + 255] = 'h';
    text[7 + 256] = '\0';
    assert_int_equal(ir_url_parse(text, "it", &url, &err), IR_ERR_ARG);
    assert_non_null(strstr(err.message, "longer than 255"));
    memset(text, 'p', sizeof text);
    memcpy(text, "http://h/", 9);
    text[8 + 1023] = '\0';
    assert_int_equal(ir_url_parse(text, "it", &url, &err), 0);
    assert_int_equal(strlen(url.path), 1023);
    text[8 + 1023] = 'p';
    text[8 + 1024] = '\0';
    assert_int_equal(ir_url_parse(text, "it", &url, &err), IR_ERR_ARG);
    assert_non_null(strstr(err.message, "longer than 1023"));
}

static void test_every_byte(void **state)
{
    (void)state;
    const char *plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    for (int keep_slash = 0; keep_slash < 2; keep_slash++) {
        for (int c = 0; c < 256; c++) {
            struct ir_buf encoded;
            struct ir_buf decoded;
            char byte = (char)c;
            char expected[4];
            ir_buf_init(&encoded, 16);
            ir_buf_init(&decoded, 16);
            ir_uri_encode(&encoded, &byte, 1, keep_slash);
            if ((c && strchr(plain, c)) || (keep_slash && c == '/'))
                snprintf(expected, sizeof expected, "%c", c);
            else
                snprintf(expected, sizeof expected, "%%%02X", c);
            assert_string_equal(ir_buf_text(&encoded), expected);
            ir_uri_decode(&decoded, encoded.data, encoded.bytes);
            assert_int_equal(decoded.bytes, 1);
            assert_int_equal((unsigned char)decoded.data[0], c);
            ir_buf_release(&encoded);
            ir_buf_release(&decoded);
        }
    }
}

struct decode_row {
    const char *name;
    const char *text;
    const char *decoded;
};

static const struct decode_row decode_rows[] = {
    {"lower-case digits", "%2f%c3%a9", "/é"},
    {"percent at the end", "100%", "100%"},
    {"one digit at the end", "%4", "%4"},
    {"no digits", "%zz%4g%g4", "%zz%4g%g4"},
    {"plus stays", "a+b", "a+b"},
    {"decoded once only", "%2541", "%41"},
    {"percent before a valid one", "%%41", "%A"},
};

static void test_decode(void **state)
{
    const struct decode_row *row = *state;
    struct ir_buf out;
    /* On the heap at its exact size, so that the sanitizer sees a byte read too far. */
    size_t bytes = strlen(row->text);
    char *text = malloc(bytes);
    memcpy(text, row->text, bytes);
    ir_buf_init(&out, 64);
    ir_uri_decode(&out, text, bytes);
    free(text);
    assert_string_equal(ir_buf_text(&out), row->decoded);
    ir_buf_release(&out);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_good, good_rows);
    UNIT_ADD_ROWS(&list, test_bad, bad_rows);
    unit_add(&list, "longest host and path", test_lengths);
    unit_add(&list, "every byte encoded and decoded", test_every_byte);
    UNIT_ADD_ROWS(&list, test_decode, decode_rows);
    return unit_run(&list, "uri");
}
