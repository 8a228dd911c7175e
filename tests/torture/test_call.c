/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every allocation fails once in calls that go another way than straight on: a bucket that lies
 * elsewhere, an error behind HTTP 200, a presigned URL, a call whose log
 * is read.
 */
#include "tests/torture/torture.h"

#include "tests/unit/call_fixture.h"

static struct call_fixture fixture;
static struct ir_credentials *credentials;

/* As new, but for the settings, which are read once. */
static void refresh(void)
{
    fake_transport_reset(&fixture.transport);
    fixture.transport.answer_count = 0;
    fixture.world.sleep_count = 0;
    fixture.aws.bucket_regions.count = 0;
    fixture.aws.log.write = NULL;
    ir_retry_quota_init(&fixture.aws.quota);
    ir_credentials_store_release(&fixture.aws.credentials);
    ir_credentials_store_init_fixed(&fixture.aws.credentials, credentials);
    fixture.request = (struct ir_aws_request){
        .service = &ir_service_s3,
        .method = "GET",
        .path = "/a.jpg",
        .query = "partNumber=1",
        .bucket = "photos",
        .body = &fixture.body,
        .max_response_bytes = 10000,
    };
}

static int send_two(struct fake_answer first, size_t calls, struct ir_error *err)
{
    call_answer(&fixture, first);
    call_answer(&fixture, (struct fake_answer){.body = "good"});
    int rc = ir_aws_call(&fixture.aws, &fixture.request, &fixture.response, &fixture.retries, err);
    if (rc == 0 && (fixture.transport.call_count != calls ||
                    strcmp(ir_buf_text(&fixture.response.body), "good") != 0))
        return TORTURE_WRONG;
    return rc;
}

static int run_region(struct ir_error *err)
{
    refresh();
    return send_two((struct fake_answer){.status = 301,
                                         .body = "<Error><Code>PermanentRedirect</Code>"
                                                 "<Region>us-west-2</Region></Error>"},
                    2, err);
}

static int run_host(struct ir_error *err)
{
    refresh();
    return send_two(
        (struct fake_answer){.status = 307,
                             .body = "<Error><Code>TemporaryRedirect</Code>"
                                     "<Endpoint>photos.s3-us-west-2.amazonaws.com</Endpoint>"
                                     "</Error>"},
        2, err);
}

static int run_masked(struct ir_error *err)
{
    refresh();
    fixture.request.may_fail_in_200 = true;
    return send_two((struct fake_answer){.body = "<Error><Code>InternalError</Code></Error>"}, 2,
                    err);
}

static int run_logged(struct ir_error *err)
{
    refresh();
    call_forget_lines(&fixture);
    ir_credentials_store_release(&fixture.aws.credentials);
    ir_credentials_store_init(&fixture.aws.credentials);
    fixture.aws.log.write = call_keep_line;
    return send_two((struct fake_answer){.status = 503}, 2, err);
}

static int run_presign(struct ir_error *err)
{
    struct ir_buf url;
    refresh();
    ir_buf_init_secret(&url, 10000);
    int rc = ir_aws_presign(&fixture.aws, &fixture.request, 60, &url, err);
    bool is_whole = strstr(ir_buf_text(&url), "&X-Amz-Signature=") != NULL;
    bool is_wrong = rc == 0 ? !is_whole : url.bytes != 0;
    ir_buf_release(&url);
    return is_wrong ? TORTURE_WRONG : rc;
}

static const struct torture_scenario scenarios[] = {
    {"a bucket in another region", run_region, false},
    {"a bucket at another host", run_host, false},
    {"an error behind HTTP 200", run_masked, false},
    /* A trace that there is no memory for is missing in the log, and nothing else is. */
    {"a log", run_logged, true},
    {"a presigned URL", run_presign, false},
};

int main(void)
{
    static struct unit_list list;
    call_set_up(&fixture);
    call_load(&fixture);
    credentials = ir_credentials_new("AKIDEXAMPLE", "hush", "tok", "a test");
    if (credentials == NULL)
        return 1;
    UNIT_ADD_ROWS(&list, torture_run, scenarios);
    int failed = unit_run(&list, "torture-call");
    call_tear_down(&fixture);
    ir_credentials_release(credentials);
    return failed;
}
