/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls on a machine whose clock is wrong: they learn the server's time, once, and keep it. */
#include "tests/unit/call_fixture.h"

#define SKEWED(date_text)                                                                          \
    {.status = 403,                                                                                \
     .header = "Date: " date_text,                                                                 \
     .body = "{\"__type\":\"InvalidSignatureException\"}"}

static void test_clock_is_corrected(void **state)
{
    (void)state;
    struct call_fixture fixture;
    call_set_up_labels(&fixture);
    call_load(&fixture);
    call_answer(&fixture, (struct fake_answer)SKEWED("Fri, 20 Nov 2026 22:35:00 GMT"));
    call_answer(&fixture, (struct fake_answer)CALL_OK);
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(fixture.transport.call_count, 2);
    assert_string_equal(call_sent(&fixture, 1, "X-Amz-Date"), "20261120T223500Z");
    call_expect_signature(&fixture, 1, "/", NULL);
    /* Later calls know. */
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(fixture.transport.call_count, 3);
    assert_string_equal(call_sent(&fixture, 2, "X-Amz-Date"), "20261120T223500Z");
    call_tear_down(&fixture);
}

static void test_clock_is_right(void **state)
{
    (void)state;
    static const struct fake_answer answers[] = {
        SKEWED("Fri, 20 Nov 2026 21:38:00 GMT"), /* 3 minutes */
        SKEWED("yesterday"),
        {.status = 403, .body = "{\"__type\":\"InvalidSignatureException\"}"},
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct call_fixture fixture;
        call_set_up_labels(&fixture);
        call_load(&fixture);
        call_answer(&fixture, answers[i]);
        assert_int_equal(call_run(&fixture), IR_ERR_AUTH);
        assert_int_equal(fixture.transport.call_count, 1);
        call_tear_down(&fixture);
    }
}

/* A server whose clock is never right must not be asked for ever. */
static void test_clock_is_corrected_once(void **state)
{
    (void)state;
    struct call_fixture fixture;
    call_set_up_labels(&fixture);
    call_load(&fixture);
    call_answer(&fixture, (struct fake_answer)SKEWED("Fri, 20 Nov 2026 22:35:00 GMT"));
    call_answer(&fixture, (struct fake_answer)SKEWED("Fri, 20 Nov 2026 23:55:00 GMT"));
    assert_int_equal(call_run(&fixture), IR_ERR_AUTH);
    assert_int_equal(fixture.transport.call_count, 2);
    assert_string_equal(fixture.err.aws_code, "InvalidSignatureException");
    call_tear_down(&fixture);
}

#define ROLE                                                                                       \
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>AKIDROLE</AccessKeyId>"       \
    "<SecretAccessKey>hush</SecretAccessKey><SessionToken>tok</SessionToken>"                      \
    "<Expiration>2026-11-20T22:50:00Z</Expiration></Credentials></AssumeRoleResult>"               \
    "</AssumeRoleResponse>"

/* A call on the way to credentials is refused for the clock: no later one is, on it or behind it.
 */
static void test_clock_is_learnt_on_the_way(void **state)
{
    (void)state;
    struct call_fixture fixture;
    call_set_up_labels(&fixture);
    fake_world_setenv(&fixture.world, "AWS_ACCESS_KEY_ID", "");
    fake_world_setenv(&fixture.world, "AWS_SECRET_ACCESS_KEY", "");
    fake_world_add_file(&fixture.world, "/home/ann/.aws/config",
                        "[default]\nrole_arn = arn:aws:iam::123456789012:role/photos\n"
                        "source_profile = base\n"
                        "[profile base]\naws_access_key_id = AKIDEXAMPLE\n"
                        "aws_secret_access_key = hush\n");
    call_load(&fixture);
    call_answer(&fixture, (struct fake_answer)SKEWED("Fri, 20 Nov 2026 21:45:00 GMT"));
    call_answer(&fixture, (struct fake_answer){.body = ROLE});
    call_answer(&fixture, (struct fake_answer)CALL_OK);
    call_answer(&fixture, (struct fake_answer){.body = ROLE});
    call_answer(&fixture, (struct fake_answer)CALL_OK);
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(fixture.transport.call_count, 3);
    assert_string_equal(call_sent(&fixture, 0, "X-Amz-Date"), "20261120T213500Z");
    assert_string_equal(call_sent(&fixture, 1, "X-Amz-Date"), "20261120T214500Z");
    assert_string_equal(call_sent(&fixture, 2, "X-Amz-Date"), "20261120T214500Z");
    struct ir_credentials *taken = fixture.aws.credentials.current;
    assert_true(ir_credentials_store_drop(&fixture.aws.credentials, taken));
    assert_int_equal(call_run(&fixture), 0);
    assert_string_equal(call_sent(&fixture, 3, "Host"), "sts.eu-west-1.amazonaws.com");
    assert_string_equal(call_sent(&fixture, 3, "X-Amz-Date"), "20261120T214500Z");
    assert_string_equal(call_sent(&fixture, 4, "X-Amz-Date"), "20261120T214500Z");
    assert_int_equal(fixture.transport.call_count, 5);
    call_tear_down(&fixture);
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "clock: corrected", test_clock_is_corrected);
    unit_add(&list, "clock: right", test_clock_is_right);
    unit_add(&list, "clock: corrected once", test_clock_is_corrected_once);
    unit_add(&list, "clock: learnt on the way to credentials", test_clock_is_learnt_on_the_way);
    return unit_run(&list, "aws-call-clock");
}
