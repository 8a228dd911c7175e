/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of headers and variables in a Turkish locale, in which I is not the capital of i. Hosts set
 * the user's locale. The C library's functions are replaced where they follow it; sources are
 * included, so that the test needs no such locale to be installed.
 */
#include "tests/unit/unit.h"

#include <ctype.h>
#include <strings.h>

static inline int turkish_tolower(int c)
{
    return c == 'I' ? c : (tolower)(c);
}

static inline int turkish_toupper(int c)
{
    return c == 'i' ? c : (toupper)(c);
}

static inline int turkish_strcasecmp(const char *a, const char *b)
{
    while (*a != '\0' && turkish_tolower((unsigned char)*a) == turkish_tolower((unsigned char)*b)) {
        a++;
        b++;
    }
    return turkish_tolower((unsigned char)*a) - turkish_tolower((unsigned char)*b);
}

#undef tolower
#undef toupper
#define tolower turkish_tolower
#define toupper turkish_toupper
#define strcasecmp turkish_strcasecmp
#if defined(TEST_SIGN)
#include "core/aws/sign.c"
#elif defined(TEST_HTTP)
#include "core/aws/http.c"
#else
#include "core/task/settings.c"
#endif
#undef tolower
#undef toupper
#undef strcasecmp

#if defined(TEST_SIGN)

static void test_names(void **state)
{
    (void)state;
    static const struct ir_header headers[] = {
        {"X-Amz-J", "1"}, {"x-amz-if-match", "2"}, {"X-Amz-IF-Match", "3"}};
    const struct ir_sign_request request = {
        .method = "GET", .path = "/", .headers = headers, .header_count = 3};
    struct ir_buf names;
    ir_buf_init(&names, 1000);
    ir_sign_signed_headers(&request, &names);
    assert_string_equal(ir_buf_text(&names), "x-amz-if-match;x-amz-j");
    assert_false(ir_sign_wants_header("KEEP-ALIVE"));
    assert_false(ir_sign_wants_header("AUTHORIZATION"));
    ir_buf_release(&names);
}

#elif defined(TEST_HTTP)

static void test_names(void **state)
{
    (void)state;
    struct ir_http_response response;
    char value[16];
    ir_http_response_init(&response);
    ir_http_response_add_line(&response, "X-Amzn-RequestId: 7", 19);
    ir_http_response_header(&response, "x-amzn-requestid", value, sizeof value);
    assert_string_equal(value, "7");
    ir_http_response_release(&response);
}

#else

static void test_names(void **state)
{
    (void)state;
    struct ir_settings *settings = NULL;
    struct ir_error err = {0};
    char folder[] = "/tmp/imgrecog-test-XXXXXX";
    assert_non_null(mkdtemp(folder)); /* with no settings file in it */
    assert_int_equal(setenv("XDG_CONFIG_HOME", folder, 1), 0);
    assert_int_equal(setenv("IMGRECOG_MIN_CONFIDENCE", "77", 1), 0);
    assert_int_equal(setenv("IMGRECOG_PROPERTIES", "TRUE", 1), 0);
    int rc = ir_settings_new(&settings, &err);
    assert_int_equal(remove(folder), 0);
    if (rc != 0 || settings == NULL)
        fail_msg("%d: %s", rc, err.message);
    assert_string_equal(ir_settings_get(settings, "min-confidence"), "77");
    assert_true(ir_settings_labels_options(settings).properties);
    ir_settings_free(settings);
}

#endif

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "names in a Turkish locale", test_names);
    return unit_run(&list, "locale");
}
