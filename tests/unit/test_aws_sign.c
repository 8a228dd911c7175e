/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signature Version 4. The cases are those of AWS's SigV4 test suite by name, and what S3 does
 * otherwise; every expected value was computed with botocore (SigV4Auth and S3SigV4Auth, its clock
 * frozen). Of the cases with an escaped path the wire form is signed, as botocore does.
 */
#include "tests/unit/unit.h"

#include "core/aws/sign.h"

#define ACCESS_KEY_ID "AKIDEXAMPLE"
#define SECRET_KEY "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define DATE "20150830T123600Z"
#define EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SIGNED_START "AWS4-HMAC-SHA256\n" DATE "\n20150830/us-east-1/"
#define MAX_ROW_HEADERS 6
#define MAX_TEXT_BYTES 65536U
#define SESSION_TOKEN                                                                              \
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwA"             \
    "eMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8p"             \
    "hUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT"             \
    "38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabI"             \
    "Qwj2ICCR/oLxBA=="

struct row {
    const char *name;
    const char *method; /* NULL = GET */
    const char *path;   /* NULL = / */
    const char *query;
    struct ir_header headers[MAX_ROW_HEADERS]; /* besides host, date and token */
    const char *token;
    const char *body;
    bool s3; /* S3's rules, and its header with the body's hash */
    const char *canonical_path;
    const char *canonical_query;
    const char *canonical_headers;
    const char *signed_headers;
    const char *signature;
};

static const struct row rows[] = {
    {.name = "get-vanilla",
     .canonical_path = "/",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {.name = "get-vanilla-with-session-token",
     .token = SESSION_TOKEN,
     .canonical_path = "/",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z\nx-amz-security-"
                          "token:" SESSION_TOKEN,
     .signed_headers = "host;x-amz-date;x-amz-security-token",
     .signature = "c8db8b9676d526f735dac5330f17623554c6cad1e2980d321903e9a3884c051b"},
    {.name = "get-header-key-duplicate",
     .headers = {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}},
     .canonical_path = "/",
     .canonical_query = "",
     .canonical_headers =
         "host:example.amazonaws.com\nmy-header1:value2,value2,value1\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;my-header1;x-amz-date",
     .signature = "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
    {.name = "get-header-value-order",
     .headers = {{"My-Header1", "value4"},
                 {"My-Header1", "value1"},
                 {"My-Header1", "value3"},
                 {"My-Header1", "value2"}},
     .canonical_path = "/",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nmy-header1:value4,value1,value3,value2\nx-"
                          "amz-date:20150830T123600Z",
     .signed_headers = "host;my-header1;x-amz-date",
     .signature = "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
    {.name = "get-header-value-trim",
     .headers = {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
     .canonical_path = "/",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nmy-header1:value1\nmy-header2:\"a b "
                          "c\"\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;my-header1;my-header2;x-amz-date",
     .signature = "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
    {.name = "get-header-value-multiline",
     .headers = {{"My-Header1", "value1\n  value2\n     value3"}},
     .canonical_path = "/",
     .canonical_query = "",
     .canonical_headers =
         "host:example.amazonaws.com\nmy-header1:value1 value2 value3\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;my-header1;x-amz-date",
     .signature = "cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd"},
    {.name = "get-relative",
     .path = "/example/..",
     .canonical_path = "/",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {.name = "get-relative-relative",
     .path = "/example1/example2/../..",
     .canonical_path = "/",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {.name = "get-slash",
     .path = "//",
     .canonical_path = "/",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {.name = "get-slashes",
     .path = "//example//",
     .canonical_path = "/example/",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
    {.name = "get-slash-dot-slash",
     .path = "/./",
     .canonical_path = "/",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {.name = "get-slash-pointless-dot",
     .path = "/./example",
     .canonical_path = "/example",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
    {.name = "get-space",
     .path = "/example%20space/",
     .canonical_path = "/example%2520space/",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "446b817944c553435b35e813c261ff4e161fff982d1bacdef1c87f6785dd1662"},
    {.name = "get-unreserved",
     .path = "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
     .canonical_path = "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {.name = "get-utf8, raw bytes",
     .path = "/\341\210\264",
     .canonical_path = "/%E1%88%B4",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
    {.name = "get-space, raw blank",
     .path = "/example space/",
     .canonical_path = "/example%20space/",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
    {.name = "get-utf8-encoded",
     .path = "/%E1%88%B4",
     .canonical_path = "/%25E1%2588%25B4",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "697b34846207a3f72246f99d74ae1ee4fe54f44bb06730c58a0d339eb079596d"},
    {.name = "get-vanilla-empty-query-key",
     .query = "Param1=value1",
     .canonical_path = "/",
     .canonical_query = "Param1=value1",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
    {.name = "get-vanilla-query",
     .canonical_path = "/",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {.name = "get-vanilla-query-order-encoded",
     .query = "Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
     .canonical_path = "/",
     .canonical_query = "%E1%88%B4=Value1&Param=Value2&Param-3=Value3",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"},
    {.name = "get-vanilla-query-order-key-case",
     .query = "Param2=value2&Param1=value1",
     .canonical_path = "/",
     .canonical_query = "Param1=value1&Param2=value2",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {.name = "get-vanilla-query-order-value",
     .query = "Param1=value2&Param1=Value1",
     .canonical_path = "/",
     .canonical_query = "Param1=Value1&Param1=value2",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"},
    {.name = "get-vanilla-query-unreserved",
     .query = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~"
              "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
     .canonical_path = "/",
     .canonical_query = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~"
                        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
    {.name = "get-vanilla-utf8-query",
     .query = "%E1%88%B4=bar",
     .canonical_path = "/",
     .canonical_query = "%E1%88%B4=bar",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
    {.name = "valueless-key",
     .query = "b&a=1",
     .canonical_path = "/",
     .canonical_query = "a=1&b=",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "a80e39d8f83655054550430ff881385033fabe0ba37b0de035a20aee895a370f"},
    {.name = "post-header-key-case",
     .method = "POST",
     .canonical_path = "/",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {.name = "post-header-key-sort",
     .method = "POST",
     .headers = {{"My-Header1", "value1"}},
     .canonical_path = "/",
     .canonical_query = "",
     .canonical_headers =
         "host:example.amazonaws.com\nmy-header1:value1\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;my-header1;x-amz-date",
     .signature = "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
    {.name = "post-header-value-case",
     .method = "POST",
     .headers = {{"My-Header1", "VALUE1"}},
     .canonical_path = "/",
     .canonical_query = "",
     .canonical_headers =
         "host:example.amazonaws.com\nmy-header1:VALUE1\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;my-header1;x-amz-date",
     .signature = "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
    {.name = "post-sts-header-before",
     .method = "POST",
     .token = SESSION_TOKEN,
     .canonical_path = "/",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z\nx-amz-security-"
                          "token:" SESSION_TOKEN,
     .signed_headers = "host;x-amz-date;x-amz-security-token",
     .signature = "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
    {.name = "post-vanilla",
     .method = "POST",
     .canonical_path = "/",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {.name = "post-vanilla-query",
     .method = "POST",
     .query = "Param1=value1",
     .canonical_path = "/",
     .canonical_query = "Param1=value1",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
    {.name = "post-vanilla-empty-query-value",
     .method = "POST",
     .query = "Param1=value1",
     .canonical_path = "/",
     .canonical_query = "Param1=value1",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
    {.name = "post-x-www-form-urlencoded",
     .method = "POST",
     .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
     .body = "Param1=value1",
     .canonical_path = "/",
     .canonical_query = "",
     .canonical_headers =
         "content-type:application/"
         "x-www-form-urlencoded\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "content-type;host;x-amz-date",
     .signature = "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
    {.name = "post-x-www-form-urlencoded-parameters",
     .method = "POST",
     .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf8"}},
     .body = "Param1=value1",
     .canonical_path = "/",
     .canonical_query = "",
     .canonical_headers = "content-type:application/x-www-form-urlencoded; "
                          "charset=utf8\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "content-type;host;x-amz-date",
     .signature = "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"},
    {.name = "escaped colon in the path",
     .path = "/model/a%3A0/invoke",
     .canonical_path = "/model/a%253A0/invoke",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "26f1cdd38c413bde51b5dcfe38400d9ab54d8c3aad20ab9610f37301bb69e243"},
    {.name = "s3: path as it is",
     .path = "/a//b/../c",
     .s3 = true,
     .canonical_path = "/a//b/../c",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-content-sha256:"
                          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nx-amz-"
                          "date:20150830T123600Z",
     .signed_headers = "host;x-amz-content-sha256;x-amz-date",
     .signature = "3a2502b550571c40950c70902652affc7e8b1c6bacc4c7147061bdc1646b71be"},
    {.name = "get-slashes-unnormalized",
     .path = "//example//",
     .s3 = true,
     .canonical_path = "//example//",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-content-sha256:"
                          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nx-amz-"
                          "date:20150830T123600Z",
     .signed_headers = "host;x-amz-content-sha256;x-amz-date",
     .signature = "0cbf2932ca93f5f08f01720f97ea6a7a5b8dc97a27f70ca0367acfb98ba3ae9a"},
    {.name = "get-relative-unnormalized",
     .path = "/example/..",
     .s3 = true,
     .canonical_path = "/example/..",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-content-sha256:"
                          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nx-amz-"
                          "date:20150830T123600Z",
     .signed_headers = "host;x-amz-content-sha256;x-amz-date",
     .signature = "66acba1fd956c3f8db80ebfffbf473a510d49e4e8c3c9843489a68b398831b08"},
    {.name = "dots that are no segments",
     .path = "/.../a..b/.c",
     .canonical_path = "/.../a..b/.c",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "bb27417c000d3afdbba5b2f3a60a0c7e31232a697a7da54fb7ad42199a4dcb56"},
    {.name = "above the root",
     .path = "/../../a",
     .canonical_path = "/a",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "e7dfad111cdad6139e285ddec7592de69207ee936e9af6cffa906e281325f76a"},
    {.name = "bytes that only S3 leaves",
     .path = "/a:b@c!$'()*+,;=",
     .canonical_path = "/a%3Ab%40c%21%24%27%28%29%2A%2B%2C%3B%3D",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "4cefbcb269b8029b07233d608a291b828a3262b086f07d869a1255ed9f7bf63e"},
    {.name = "query: encoded slash and plus",
     .query = "k=%2F%2B&j=a%20b",
     .canonical_path = "/",
     .canonical_query = "j=a%20b&k=%2F%2B",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "89d0aed1670efe081d2dbd7124c4a7a3daa7219aa5d76eb189ab665dc002c223"},
    {.name = "s3: encoded once",
     .path = "/photo%201.jpg",
     .s3 = true,
     .canonical_path = "/photo%201.jpg",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-content-sha256:"
                          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nx-amz-"
                          "date:20150830T123600Z",
     .signed_headers = "host;x-amz-content-sha256;x-amz-date",
     .signature = "5c9b23dda6ee721daf7da379fcfa2cbd6eeac63c7607a57a219665419f064dcd"},
    {.name = "headers never signed",
     .headers = {{"User-Agent", "x/1"},
                 {"Expect", "100-continue"},
                 {"X-Amzn-Trace-Id", "Root=1"},
                 {"Transfer-Encoding", "chunked"},
                 {"Authorization", "old"}},
     .canonical_path = "/",
     .canonical_query = "",
     .canonical_headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z",
     .signed_headers = "host;x-amz-date",
     .signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
};

/* A row made into a request, with the storage that it refers to. */
struct made {
    struct ir_header headers[MAX_ROW_HEADERS + 4];
    char hash[IR_SHA256_HEX_BYTES];
    struct ir_sign_request request;
};

static void make(const struct row *row, struct made *out)
{
    unsigned char digest[IR_SHA256_BYTES];
    const char *body = row->body != NULL ? row->body : "";
    size_t count = 0;
    memset(out, 0, sizeof *out);
    assert_int_equal(ir_sha256_once(body, strlen(body), digest), 0);
    ir_hex(digest, sizeof digest, out->hash);
    for (size_t i = 0; i < MAX_ROW_HEADERS && row->headers[i].name != NULL; i++)
        out->headers[count++] = row->headers[i];
    if (row->s3)
        out->headers[count++] = (struct ir_header){"X-Amz-Content-SHA256", out->hash};
    if (row->token != NULL)
        out->headers[count++] = (struct ir_header){"X-Amz-Security-Token", row->token};
    out->headers[count++] = (struct ir_header){"X-Amz-Date", DATE};
    out->headers[count++] = (struct ir_header){"Host", "example.amazonaws.com"};
    out->request = (struct ir_sign_request){
        .method = row->method != NULL ? row->method : "GET",
        .path = row->path != NULL ? row->path : "/",
        .query = row->query,
        .headers = out->headers,
        .header_count = count,
        .payload_hash = out->hash,
        .service = row->s3 && strncmp(row->name, "s3", 2) == 0 ? "s3" : "service",
        .region = "us-east-1",
        .date = DATE,
        .s3_path = row->s3,
    };
}

static void test_stages(void **state)
{
    const struct row *row = *state;
    struct made made;
    struct ir_buf canonical, to_sign, expected;
    char signature[IR_SHA256_HEX_BYTES];
    make(row, &made);
    ir_buf_init(&canonical, MAX_TEXT_BYTES);
    ir_buf_init(&to_sign, MAX_TEXT_BYTES);
    ir_buf_init(&expected, MAX_TEXT_BYTES);
    ir_buf_appendf(&expected, "%s\n%s\n%s\n%s\n\n%s\n%s", made.request.method, row->canonical_path,
                   row->canonical_query, row->canonical_headers, row->signed_headers, made.hash);
    ir_sign_canonical_request(&made.request, &canonical);
    assert_int_equal(canonical.failed, 0);
    assert_string_equal(ir_buf_text(&canonical), ir_buf_text(&expected));
    assert_int_equal(
        ir_sign_string_to_sign(&made.request, canonical.data, canonical.bytes, &to_sign), 0);
    assert_memory_equal(to_sign.data, SIGNED_START, strlen(SIGNED_START));
    assert_int_equal(
        ir_sign_signature(&made.request, SECRET_KEY, to_sign.data, to_sign.bytes, signature), 0);
    assert_string_equal(signature, row->signature);
    ir_buf_release(&expected);
    ir_buf_release(&to_sign);
    ir_buf_release(&canonical);
}

static void test_authorization(void **state)
{
    (void)state;
    struct made made;
    struct ir_buf value;
    make(&rows[0], &made);
    ir_buf_init(&value, MAX_TEXT_BYTES);
    ir_sign_authorization(&made.request, ACCESS_KEY_ID, SECRET_KEY, &value);
    assert_int_equal(value.failed, 0);
    assert_string_equal(ir_buf_text(&value),
                        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/"
                        "aws4_request, SignedHeaders=host;x-amz-date, Signature="
                        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    ir_buf_release(&value);
}

struct header_row {
    const char *name; /* the header's, too */
    bool wanted;
};

static const struct header_row header_rows[] = {
    {"Authorization", false},
    {"Connection", false},
    {"Expect", false},
    {"Keep-Alive", false},
    {"Proxy-Authenticate", false},
    {"Proxy-Authorization", false},
    {"Proxy-Connection", false},
    {"TE", false},
    {"Trailer", false},
    {"Transfer-Encoding", false},
    {"Upgrade", false},
    {"User-Agent", false},
    {"X-Amzn-Trace-Id", false},
    {"x-amzn-trace-id", false},
    {"Host", true},
    {"Content-Type", true},
    {"X-Amz-Date", true},
    {"X-Amz-Security-Token", true},
    {"X-Amz-Target", true},
    {"X-Amzn-Trace", true},
    {"Expects", true},
    {"", true},
};

static void test_wants_header(void **state)
{
    const struct header_row *row = *state;
    assert_int_equal(ir_sign_wants_header(row->name), row->wanted);
}

/* ---- limits ------------------------------------------------------------------------------ */

struct limit_row {
    const char *name;
    size_t headers;
    size_t unsigned_headers;
    size_t query_parts;
    size_t path_bytes;
    int failed;
};

static const struct limit_row limit_rows[] = {
    {"64 headers", 64, 0, 0, 1, 0},
    {"65 headers", 65, 0, 0, 1, IR_ERR_TOO_LARGE},
    {"headers that are not signed do not count", 64, 30, 0, 1, 0},
    {"256 query parts", 1, 0, 256, 1, 0},
    {"257 query parts", 1, 0, 257, 1, IR_ERR_TOO_LARGE},
    {"a path of 64,000 bytes", 1, 0, 0, 64000, 0},
    {"a path of 70,000 bytes", 1, 0, 0, 70000, IR_ERR_TOO_LARGE},
};

static void test_limit(void **state)
{
    const struct limit_row *row = *state;
    static struct ir_header headers[128];
    static char query[2048];
    static char path[70001];
    size_t count = 0;
    struct ir_buf value;
    for (; count < row->headers; count++)
        headers[count] = (struct ir_header){"x-amz-meta-a", "v"};
    for (size_t i = 0; i < row->unsigned_headers; i++)
        headers[count++] = (struct ir_header){"User-Agent", "v"};
    query[0] = '\0';
    char *end = query;
    for (size_t i = 0; i < row->query_parts; i++)
        end = stpcpy(end, "&k=v");
    memset(path, 'a', row->path_bytes);
    path[0] = '/';
    path[row->path_bytes] = '\0';
    const struct ir_sign_request request = {
        .method = "GET",
        .path = path,
        .query = query,
        .headers = headers,
        .header_count = count,
        .payload_hash = EMPTY_HASH,
        .service = "service",
        .region = "us-east-1",
        .date = DATE,
    };
    ir_buf_init(&value, 200000);
    ir_sign_canonical_request(&request, &value);
    assert_int_equal(value.failed, row->failed);
    ir_buf_release(&value);
    ir_buf_init(&value, MAX_TEXT_BYTES);
    ir_sign_authorization(&request, ACCESS_KEY_ID, SECRET_KEY, &value);
    assert_int_equal(value.failed, row->failed);
    assert_int_equal(value.bytes > 0, row->failed == 0);
    ir_buf_release(&value);
}

static void test_output_too_small(void **state)
{
    (void)state;
    struct made made;
    struct ir_buf value;
    make(&rows[0], &made);
    for (size_t max_bytes = 0; max_bytes < 100; max_bytes++) {
        ir_buf_init(&value, max_bytes);
        ir_sign_canonical_request(&made.request, &value);
        assert_int_equal(value.failed, IR_ERR_TOO_LARGE);
        ir_buf_release(&value);
        ir_buf_init(&value, max_bytes);
        ir_sign_authorization(&made.request, ACCESS_KEY_ID, SECRET_KEY, &value);
        assert_int_equal(value.failed, IR_ERR_TOO_LARGE);
        ir_buf_release(&value);
    }
}

static void test_short_date(void **state)
{
    (void)state;
    struct made made;
    char signature[IR_SHA256_HEX_BYTES] = "as before";
    make(&rows[0], &made);
    made.request.date = "2015083";
    assert_int_equal(ir_sign_signature(&made.request, SECRET_KEY, "x", 1, signature), IR_ERR_ARG);
    assert_string_equal(signature, "as before");
}

static void test_no_path_is_root(void **state)
{
    (void)state;
    struct made made;
    make(&rows[0], &made);
    for (int i = 0; i < 2; i++) {
        struct ir_buf value;
        made.request.path = i == 0 ? NULL : "";
        ir_buf_init(&value, MAX_TEXT_BYTES);
        ir_sign_canonical_request(&made.request, &value);
        assert_memory_equal(value.data, "GET\n/\n", 6);
        ir_buf_release(&value);
    }
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_stages, rows);
    UNIT_ADD_ROWS(&list, test_wants_header, header_rows);
    UNIT_ADD_ROWS(&list, test_limit, limit_rows);
    unit_add(&list, "authorization", test_authorization);
    unit_add(&list, "output too small", test_output_too_small);
    unit_add(&list, "short date", test_short_date);
    unit_add(&list, "no path is the root", test_no_path_is_root);
    return unit_run(&list, "aws-sign");
}
