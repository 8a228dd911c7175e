/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where each service is reached, plain, by FIPS and dual-stack hosts, and by its own variable. */
#include "tests/unit/unit.h"

#include "core/aws/endpoint.h"
#include "tests/unit/fake_world.h"

struct row {
    const char *name;
    const struct ir_service *service;
    const char *region;
    bool fips, dualstack;
    const char *prefix; /* of the host; NULL = none */
    const char *host;
};

#define PLAIN(service_, host_)                                                                     \
    {host_, &ir_service_##service_, "eu-west-1", false, false, NULL, host_}

static const struct row rows[] = {
    PLAIN(bedrock, "bedrock.eu-west-1.amazonaws.com"),
    PLAIN(bedrock_runtime, "bedrock-runtime.eu-west-1.amazonaws.com"),
    PLAIN(cloudwatch_logs, "logs.eu-west-1.amazonaws.com"),
    PLAIN(lambda, "lambda.eu-west-1.amazonaws.com"),
    PLAIN(sagemaker_runtime, "runtime.sagemaker.eu-west-1.amazonaws.com"),
    PLAIN(states, "states.eu-west-1.amazonaws.com"),
    {"FIPS: bedrock runtime", &ir_service_bedrock_runtime, "us-east-1", true, false, NULL,
     "bedrock-runtime-fips.us-east-1.amazonaws.com"},
    {"FIPS: SageMaker", &ir_service_sagemaker_runtime, "us-east-1", true, false, NULL,
     "runtime-fips.sagemaker.us-east-1.amazonaws.com"},
    {"FIPS: states", &ir_service_states, "us-gov-east-1", true, false, NULL,
     "states-fips.us-gov-east-1.amazonaws.com"},
    {"FIPS: states, where the plain host is it", &ir_service_states, "us-gov-west-1", true, false,
     NULL, "states.us-gov-west-1.amazonaws.com"},
    {"FIPS: logs, where the plain host is it", &ir_service_cloudwatch_logs, "us-gov-east-1", true,
     false, NULL, "logs.us-gov-east-1.amazonaws.com"},
    {"dual-stack: states, where it is FIPS's", &ir_service_states, "us-gov-west-1", false, true,
     NULL, "states-fips.us-gov-west-1.api.aws"},
    {"FIPS and dual-stack: logs", &ir_service_cloudwatch_logs, "us-gov-east-1", true, true, NULL,
     "logs-fips.us-gov-east-1.api.aws"},
    {"FIPS: SageMaker in China", &ir_service_sagemaker_runtime, "cn-north-1", true, false, NULL,
     "runtime.sagemaker-fips.cn-north-1.amazonaws.com.cn"},
    {"FIPS and dual-stack: SageMaker", &ir_service_sagemaker_runtime, "us-east-1", true, true, NULL,
     "runtime.sagemaker-fips.us-east-1.api.aws"},
    PLAIN(s3, "s3.eu-west-1.amazonaws.com"),
    {"S3: the first region has a regional host too", &ir_service_s3, "us-east-1", false, false,
     NULL, "s3.us-east-1.amazonaws.com"},
    {"FIPS: S3", &ir_service_s3, "us-east-1", true, false, NULL, "s3-fips.us-east-1.amazonaws.com"},
    {"dual-stack: S3", &ir_service_s3, "us-east-1", false, true, NULL,
     "s3.dualstack.us-east-1.amazonaws.com"},
    {"FIPS and dual-stack: S3", &ir_service_s3, "us-gov-west-1", true, true, NULL,
     "s3-fips.dualstack.us-gov-west-1.amazonaws.com"},
    {"China: S3, dual-stack", &ir_service_s3, "cn-north-1", false, true, NULL,
     "s3.dualstack.cn-north-1.amazonaws.com.cn"},
    {"dual-stack: SageMaker", &ir_service_sagemaker_runtime, "us-east-1", false, true, NULL,
     "runtime.sagemaker.us-east-1.api.aws"},
    {"China: logs", &ir_service_cloudwatch_logs, "cn-north-1", false, false, NULL,
     "logs.cn-north-1.amazonaws.com.cn"},
    {"StartSyncExecution", &ir_service_states, "eu-west-1", false, false, "sync-",
     "sync-states.eu-west-1.amazonaws.com"},
    {"execute-api", &ir_service_execute_api, "eu-west-1", false, false, "a1b2c3.",
     "a1b2c3.execute-api.eu-west-1.amazonaws.com"},
};

static void resolve(struct fake_world *fake, const struct ir_service *service,
                    struct ir_endpoint *out)
{
    struct ir_aws_config config;
    struct ir_error err = {0};
    if (ir_aws_config_load(&fake->world, NULL, NULL, &config, &err) != 0)
        fail_msg("%s", err.message);
    int rc = ir_endpoint_resolve(&config, service, NULL, out, &err);
    ir_aws_config_release(&config);
    if (rc != 0)
        fail_msg("%s", err.message);
}

static void test_host(void **state)
{
    const struct row *row = *state;
    struct fake_world fake;
    struct ir_endpoint endpoint;
    fake_world_init(&fake);
    fake_world_setenv(&fake, "AWS_REGION", row->region);
    fake_world_setenv(&fake, "AWS_USE_FIPS_ENDPOINT", row->fips ? "true" : "false");
    fake_world_setenv(&fake, "AWS_USE_DUALSTACK_ENDPOINT", row->dualstack ? "true" : "false");
    resolve(&fake, row->service, &endpoint);
    if (row->prefix != NULL)
        ir_endpoint_prefix_host(&endpoint, row->prefix);
    assert_string_equal(endpoint.host, row->host);
    assert_string_equal(endpoint.base_url + strlen("https://"), row->host);
    assert_true(endpoint.is_aws);
}

struct variable_row {
    const char *name; /* of the variable */
    const struct ir_service *service;
    const char *signing_name;
};

static const struct variable_row variable_rows[] = {
    {"AWS_ENDPOINT_URL_BEDROCK", &ir_service_bedrock, "bedrock"},
    {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &ir_service_bedrock_runtime, "bedrock"},
    {"AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", &ir_service_cloudwatch_logs, "logs"},
    {"AWS_ENDPOINT_URL_EXECUTE_API", &ir_service_execute_api, "execute-api"},
    {"AWS_ENDPOINT_URL_LAMBDA", &ir_service_lambda, "lambda"},
    {"AWS_ENDPOINT_URL_S3", &ir_service_s3, "s3"},
    {"AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", &ir_service_sagemaker_runtime, "sagemaker"},
    {"AWS_ENDPOINT_URL_SFN", &ir_service_states, "states"},
};

static void test_variable(void **state)
{
    const struct variable_row *row = *state;
    struct fake_world fake;
    struct ir_endpoint endpoint;
    fake_world_init(&fake);
    fake_world_setenv(&fake, "AWS_REGION", "eu-west-1");
    fake_world_setenv(&fake, "AWS_ENDPOINT_URL", "http://other.example");
    fake_world_setenv(&fake, row->name, "http://mine.example:81");
    resolve(&fake, row->service, &endpoint);
    assert_string_equal(endpoint.base_url, "http://mine.example:81");
    assert_false(endpoint.is_aws);
    assert_string_equal(row->service->signing_name, row->signing_name);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_host, rows);
    UNIT_ADD_ROWS(&list, test_variable, variable_rows);
    return unit_run(&list, "service-endpoints");
}
