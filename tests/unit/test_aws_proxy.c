/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether the transport may ask a proxy: for AWS and for endpoints elsewhere, as libcurl reads the
 * environment; for what lies on this machine never, whatever the environment says.
 */
#include "tests/unit/call_fixture.h"

struct watch {
    struct ir_transport inner;
    bool no_proxy;
};

static int watch_perform(void *context, const struct ir_http_request *request,
                         struct ir_http_response *response, struct ir_error *err)
{
    struct watch *watch = context;
    watch->no_proxy = request->no_proxy;
    return watch->inner.perform(watch->inner.context, request, response, err);
}

static const struct row {
    const char *name; /* the setting */
    const struct ir_service *service;
    bool no_proxy;
} rows[] = {
    {"aws", &ir_service_rekognition, false},
    {"https://aws.example", &ir_service_rekognition, false},
    {"http://10.0.0.1:9000", &ir_service_s3, false},
    {"http://127.0.0.1:9000", &ir_service_s3, true},
    {"http://localhost:4566", &ir_service_lambda, true},
    {"https://[::1]:4566", &ir_service_rekognition, true},
    {"unix:/run/x.sock", &ir_service_rekognition, true},
};

static void test_proxy(void **state)
{
    const struct row *row = *state;
    struct call_fixture fixture;
    struct watch watch = {.no_proxy = false};
    char setting[64];
    call_set_up(&fixture);
    fake_world_setenv(&fixture.world, "https_proxy", "http://proxy.example:3128");
    fake_world_setenv(&fixture.world, "http_proxy", "http://proxy.example:3128");
    call_load(&fixture);
    watch.inner = fixture.aws.transport;
    fixture.aws.transport = (struct ir_transport){&watch, watch_perform, NULL};
    snprintf(setting, sizeof setting, "%s", row->name);
    fixture.aws.endpoint_setting = setting;
    fixture.request = (struct ir_aws_request){
        .service = row->service, .method = "GET", .path = "/", .max_response_bytes = 1000};
    call_answer(&fixture, (struct fake_answer){.body = "{}"});
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(watch.no_proxy, row->no_proxy);
    call_tear_down(&fixture);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_proxy, rows);
    return unit_run(&list, "aws-proxy");
}
