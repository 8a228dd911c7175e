/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The doctor on a machine where something is missing, late or ended, and its lines about settings.
 */
#include "tests/unit/doctor_stage.h"

/* ---- what is missing --------------------------------------------------------------------- */

static void test_bare(void **state)
{
    struct doctor_stage stage;
    (void)state;
    doctor_open(&stage);
    fake_world_setenv(&stage.world, "AWS_EC2_METADATA_DISABLED", "true");
    assert_int_equal(doctor_look(&stage), 0);
    doctor_expect(&stage, "credentials", IR_DOCTOR_FAIL, "AWS_ACCESS_KEY_ID is not set",
                  "aws configure");
    doctor_expect(&stage, "credentials", IR_DOCTOR_FAIL, "", "--endpoint local");
    doctor_expect(&stage, "region", IR_DOCTOR_FAIL, "none is set", "AWS_REGION");
    doctor_expect(&stage, "identity", IR_DOCTOR_SKIPPED, "no credentials", "");
    assert_int_equal(stage.transport.call_count, 0);
    assert_false(ir_doctor_is_well(stage.doctor));
    doctor_close(&stage);
}

static void test_ended_session(void **state)
{
    struct doctor_stage stage;
    (void)state;
    doctor_open(&stage);
    fake_world_setenv(&stage.world, "AWS_EC2_METADATA_DISABLED", "true");
    fake_world_setenv(&stage.world, "AWS_PROFILE", "work");
    fake_world_add_file(&stage.world, "/home/ann/.aws/config",
                        "[profile work]\nsso_session = my\nsso_account_id = 123456789012\n"
                        "sso_role_name = Admin\nregion = eu-west-1\n[sso-session my]\n"
                        "sso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\n");
    fake_transport_add(&stage.transport, doctor_healthy[ANSWER_HOSTS]);
    assert_int_equal(doctor_look(&stage), 0);
    doctor_expect(&stage, "credentials", IR_DOCTOR_FAIL, "\"work\"",
                  "aws sso login --profile work");
    doctor_expect(&stage, "credentials", IR_DOCTOR_FAIL, "", "--endpoint local");
    doctor_expect(&stage, "region", IR_DOCTOR_OK, "eu-west-1, from the profile", "");
    doctor_close(&stage);
}

static void test_no_profile(void **state)
{
    struct doctor_stage stage;
    (void)state;
    doctor_open(&stage);
    fake_world_setenv(&stage.world, "AWS_PROFILE", "nobody");
    assert_int_equal(doctor_look(&stage), 0);
    doctor_expect(&stage, "aws-settings", IR_DOCTOR_FAIL, "nobody", "");
    assert_null(doctor_find(&stage, "credentials"));
    doctor_close(&stage);
}

static void test_bundle(void **state)
{
    struct doctor_stage stage;
    (void)state;
    doctor_open(&stage);
    doctor_set_keys(&stage);
    fake_world_setenv(&stage.world, "AWS_CA_BUNDLE", "/etc/none.pem");
    fake_world_setenv(&stage.world, "https_proxy", "http://ann:hush@proxy.example:3128");
    doctor_answer_healthily(&stage);
    assert_int_equal(doctor_look(&stage), 0);
    doctor_expect(&stage, "ca-bundle", IR_DOCTOR_FAIL, "/etc/none.pem: no such file",
                  "AWS_CA_BUNDLE");
    doctor_expect(&stage, "proxy", IR_DOCTOR_OK, "by proxy.example:3128", "");
    doctor_close(&stage);
}

/* ---- a look that ends ------------------------------------------------------------------- */

static void test_late(void **state)
{
    struct doctor_stage stage;
    (void)state;
    doctor_open(&stage);
    doctor_set_keys(&stage);
    for (size_t i = 0; i < DOCTOR_HEALTHY_COUNT; i++) {
        struct fake_answer slow = doctor_healthy[i];
        slow.takes_ms = 900;
        fake_transport_add(&stage.transport, slow);
    }
    stage.options.timeout_ms = 1000;
    assert_int_equal(doctor_look(&stage), 0);
    doctor_expect(&stage, "identity", IR_DOCTOR_SKIPPED, "the time for looking is over",
                  "look again");
    doctor_close(&stage);
}

static void test_cancelled(void **state)
{
    struct doctor_stage stage;
    (void)state;
    doctor_open(&stage);
    doctor_set_keys(&stage);
    doctor_answer_healthily(&stage);
    struct ir_cancel *cancel = ir_cancel_new();
    assert_non_null(cancel);
    ir_cancel_set(cancel);
    stage.options.cancel = cancel;
    assert_int_equal(doctor_look(&stage), IR_ERR_CANCELLED);
    doctor_close(&stage);
    ir_cancel_free(cancel);
}

/* ---- settings ---------------------------------------------------------------------------- */

static const char *const variables[] = {"HOME=/home/ann",
                                        "IMGRECOG_MAX_LABELS=5",
                                        "IMGRECOG_MAX_LABEL=5",
                                        "IMGRECOG_LOCAL=/x",
                                        "IMGRECOG_ZZZZZZZZZ=1",
                                        "IMGRECOG_MIN-CONFIDENCE=hush",
                                        NULL};

static const char *const *list_variables(void *context)
{
    (void)context;
    return variables;
}

static void test_settings(void **state)
{
    struct doctor_stage stage;
    const struct ir_doctor_line *line;
    unsigned warnings = 0;
    (void)state;
    doctor_open(&stage);
    stage.world.world.environment = list_variables;
    stage.options.parts = IR_DOCTOR_SETTINGS;
    assert_int_equal(doctor_look(&stage), 0);
    doctor_expect(&stage, "settings", IR_DOCTOR_OK, "there is no /home/ann/.config/imgrecog/config",
                  "");
    doctor_expect(&stage, "settings", IR_DOCTOR_OK, "from the environment: IMGRECOG_MAX_LABELS",
                  "");
    doctor_expect(&stage, "variable", IR_DOCTOR_WARN,
                  "IMGRECOG_MAX_LABEL is set and changes nothing",
                  "IMGRECOG_MAX_LABELS may be meant");
    for (size_t i = 0; (line = ir_doctor_get(stage.doctor, i)) != NULL; i++)
        warnings += line->state == IR_DOCTOR_WARN ? 1 : 0;
    assert_int_equal(warnings, 3);
    doctor_close(&stage);
}

static void test_own_lines(void **state)
{
    struct doctor_stage stage;
    (void)state;
    doctor_open(&stage);
    stage.options.parts = 0;
    for (unsigned i = 0; i < IR_DOCTOR_MAX_LINES + 5; i++)
        ir_doctor_add(stage.doctor,
                      &(struct ir_doctor_line){"x", "own", IR_DOCTOR_OK, "a\033[31mb\xff", NULL});
    assert_string_equal(ir_doctor_get(stage.doctor, 0)->what, "a [31mb ");
    assert_string_equal(ir_doctor_get(stage.doctor, 0)->next, "");
    assert_null(ir_doctor_get(stage.doctor, IR_DOCTOR_MAX_LINES));
    assert_int_equal(doctor_look(&stage), 0);
    stage.options.timeout_ms = 1;
    stage.transport.releases = 0;
    assert_int_equal(doctor_look(&stage), IR_ERR_ARG);
    doctor_close(&stage);
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "a bare machine", test_bare);
    unit_add(&list, "a session that has ended", test_ended_session);
    unit_add(&list, "a profile that is not there", test_no_profile);
    unit_add(&list, "certificates and proxy", test_bundle);
    unit_add(&list, "the time is over", test_late);
    unit_add(&list, "cancelled", test_cancelled);
    unit_add(&list, "settings and variables", test_settings);
    unit_add(&list, "a front end's own lines", test_own_lines);
    return unit_run(&list, "doctor-machine");
}
