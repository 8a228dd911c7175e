/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a code's payload is for, what a prompt asks for, and what a filter pattern matches. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "plugins/local/describer.h"
#include "plugins/local/logs_filter.h"
#include "plugins/local/payload.h"

/* "WIFI:" and the like: what a code's payload is for. */
static const struct payload_row {
    const char *name;
    const char *payload;
    enum payload_kind kind;
} payloads[] = {
    {"nothing", "", PAYLOAD_OTHER},
    {"an address of the web", "https://example.com/?P:x", PAYLOAD_OTHER},
    {"a product's number", "4006381333931", PAYLOAD_OTHER},
    {"Wi-Fi", "WIFI:T:WPA;S:home;P:secret;;", PAYLOAD_WIFI_PASSWORD},
    {"Wi-Fi, the password first, small letters", "wifi:p:secret;s:home;;", PAYLOAD_WIFI_PASSWORD},
    {"Wi-Fi, a password that is never ended", "WIFI:S:home;P:s", PAYLOAD_WIFI_PASSWORD},
    {"Wi-Fi without a password", "WIFI:T:nopass;S:guests;;", PAYLOAD_OTHER},
    {"Wi-Fi, an empty password", "WIFI:T:WPA;S:guests;P:;;", PAYLOAD_OTHER},
    {"Wi-Fi, a network that is called so", "WIFI:T:nopass;S:a\\;P:b;;", PAYLOAD_OTHER},
    {"Wi-Fi, a backslash at the end", "WIFI:S:a\\", PAYLOAD_OTHER},
    {"Wi-Fi, its name alone", "WIFI:", PAYLOAD_OTHER},
    {"Wi-Fi, cut off at the P", "WIFI:P", PAYLOAD_OTHER},
    {"an authenticator's secret", "otpauth://totp/a?secret=JBSWY3DP", PAYLOAD_OTP_SECRET},
    {"an authenticator's move", "otpauth-migration://offline?data=x", PAYLOAD_OTP_SECRET},
    {"a visiting card", "BEGIN:VCARD\nN:Doe", PAYLOAD_CONTACT},
    {"a visiting card of telephones", "MECARD:N:Doe;;", PAYLOAD_CONTACT},
    {"a telephone number", "TEL:+4930901820", PAYLOAD_CONTACT},
    {"a SEPA transfer", "BCD\n002\n1\nSCT\n", PAYLOAD_PAYMENT},
    {"what only begins like one", "BCD is a word", PAYLOAD_OTHER},
    {"a Swiss bill", "SPC\r\n0200\r\n", PAYLOAD_PAYMENT},
    {"a merchant's code", "00020101021226300012D156000000016304A13A", PAYLOAD_PAYMENT},
    {"a number like a merchant's", "00020101021226300012D156000000017777A13A", PAYLOAD_OTHER},
};

static void test_payload(void **state)
{
    const struct payload_row *row = *state;
    size_t bytes = strlen(row->payload);
    /* Of exactly its size, so that a sanitizer sees reading past its end; and every part of it. */
    for (size_t part = 0; part <= bytes; part++) {
        char *copy = malloc(part > 0 ? part : 1);
        assert_non_null(copy);
        memcpy(copy, row->payload, part);
        enum payload_kind kind = payload_tell(copy, part);
        assert_true(kind < PAYLOAD_KINDS);
        if (part == bytes)
            assert_int_equal(kind, row->kind);
        free(copy);
    }
}

static const struct wish_row {
    const char *name;
    const char *text;
    struct wish wish;
} wishes[] = {
    {"caption", "Write a caption for this picture.", {0}},
    {"Korean caption", "이 사진을 설명해 주세요", {.korean = true}},
    {"caption in Korean", "Describe it in Korean", {.korean = true}},
    {"Korean prompt, English answer", "사진을 영어로 설명", {0}},
    {"Chinese is not Korean", "描述 caption", {0}},
    {"check", "Sensitive? Answer YES or NO.", {.check = true}},
    {"check with tags", "<result>…</result>", {.check = true}},
    {"labels", "Give labels as JSON", {.labels = true}},
    {"corners", "labels in JSON: TopLeft", {.labels = true, .corners = true}},
    {"question", "Who won the match?", {.question = true}},
    {"nothing", " \n", {0}},
};

static void test_wish(void **state)
{
    const struct wish_row *row = *state;
    struct wish wish;
    wish_read(row->text, &wish);
    assert_int_equal(wish.check, row->wish.check);
    assert_int_equal(wish.labels, row->wish.labels);
    assert_int_equal(wish.corners, row->wish.corners);
    assert_int_equal(wish.korean, row->wish.korean);
    assert_int_equal(wish.question, row->wish.question);
}

static const struct filter_row {
    const char *name;
    const char *pattern;
    const char *message;
    bool matches;
} filters[] = {
    {"empty", "", "anything", true},
    {"a word", "Cat", "Label: Cat", true},
    {"another case", "cat", "Label: Cat", false},
    {"two words", "Cat Label", "Label: Cat", true},
    {"one of two missing", "Cat Dog", "Label: Cat", false},
    {"quotes", "\"Label: Cat\"", "Label: Cat", true},
    {"quotes, order counts", "\"Cat Label\"", "Label: Cat", false},
    {"without", "-Dog", "Label: Cat", true},
    {"without, but there", "-Cat", "Label: Cat", false},
    {"either", "?Dog ?Cat", "Label: Cat", true},
    {"neither", "?Dog ?Cow", "Label: Cat", false},
};

static void test_filter(void **state)
{
    const struct filter_row *row = *state;
    struct ir_error err;
    assert_int_equal(logs_filter_check(row->pattern, &err), 0);
    assert_int_equal(logs_filter_matches(row->pattern, row->message), row->matches);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_payload, payloads);
    UNIT_ADD_ROWS(&list, test_wish, wishes);
    UNIT_ADD_ROWS(&list, test_filter, filters);
    return unit_run(&list, "words");
}
