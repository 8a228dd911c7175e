/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where we send requests, for comparison with another implementation. Reads questions from standard
 * input, a line each: "SERVICE REGION FIPS DUALSTACK STYLE BUCKET ENDPOINT" with 0 or 1 for FIPS
 * and DUALSTACK, auto, path or virtual for STYLE and "-" for no bucket or endpoint. Answers each
 * with "URL REGION", or "refused".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/aws/endpoint.h"
#include "core/aws/sts.h"
#include "core/base/error.h"

#define MAX_LINE_BYTES 2048
#define CONFIG_PATH "/config"

enum { SERVICE, REGION, FIPS, DUALSTACK, STYLE, BUCKET, ENDPOINT, FIELD_COUNT };

static const struct service_name {
    const char *name; /* botocore's */
    const struct ir_service *service;
} services[] = {
    {"rekognition", &ir_service_rekognition},
    {"bedrock", &ir_service_bedrock},
    {"bedrock-runtime", &ir_service_bedrock_runtime},
    {"iam", &ir_service_iam},
    {"logs", &ir_service_cloudwatch_logs},
    {"lambda", &ir_service_lambda},
    {"s3", &ir_service_s3},
    {"sagemaker-runtime", &ir_service_sagemaker_runtime},
    {"stepfunctions", &ir_service_states},
    {"sts", &ir_service_sts},
};

/* A world that consists of one question. */
struct question {
    char *fields[FIELD_COUNT];
};

static const char *get_variable(void *context, const char *name)
{
    const struct question *question = context;
    if (strcmp(name, "AWS_REGION") == 0)
        return question->fields[REGION];
    if (strcmp(name, "AWS_USE_FIPS_ENDPOINT") == 0)
        return question->fields[FIPS][0] == '1' ? "true" : "false";
    if (strcmp(name, "AWS_USE_DUALSTACK_ENDPOINT") == 0)
        return question->fields[DUALSTACK][0] == '1' ? "true" : "false";
    return strcmp(name, "AWS_CONFIG_FILE") == 0 ? CONFIG_PATH : NULL;
}

static int read_config(void *context, const char *path, struct ir_buf *out, bool *out_missing,
                       struct ir_error *err)
{
    const struct question *question = context;
    *out_missing = strcmp(path, CONFIG_PATH) != 0;
    if (*out_missing)
        return ir_fail(err, IR_ERR_ARG, "no such file");
    ir_buf_appendf(out, "[default]\ns3 =\n  addressing_style = %s\n", question->fields[STYLE]);
    return ir_buf_check(out, path, err);
}

static bool split(char *line, struct question *out)
{
    char *rest = line;
    line[strcspn(line, "\n")] = '\0';
    for (size_t i = 0; i < FIELD_COUNT; i++)
        out->fields[i] = strsep(&rest, " ");
    return out->fields[FIELD_COUNT - 1] != NULL && rest == NULL;
}

static const struct ir_service *find_service(const char *name)
{
    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++)
        if (strcmp(services[i].name, name) == 0)
            return services[i].service;
    fprintf(stderr, "find_endpoint: unknown service %s\n", name);
    exit(2);
}

static const char *unless_dash(const char *text)
{
    return strcmp(text, "-") != 0 ? text : NULL;
}

static int answer(struct question *question, struct ir_error *err)
{
    struct ir_world world = *ir_world_system();
    struct ir_aws_config config;
    struct ir_endpoint endpoint;
    const char *bucket = unless_dash(question->fields[BUCKET]);
    world.context = question;
    world.getenv = get_variable;
    world.read_file = read_config;
    int rc = ir_aws_config_load(&world, NULL, NULL, &config, err);
    if (rc != 0)
        return rc;
    rc = ir_endpoint_resolve(&config, find_service(question->fields[SERVICE]),
                             unless_dash(question->fields[ENDPOINT]), &endpoint, err);
    if (rc == 0 && bucket != NULL)
        rc = ir_endpoint_add_bucket(&endpoint, &config, bucket, err);
    if (rc == 0)
        printf("%s%s %s\n", endpoint.base_url, endpoint.base_path, endpoint.region);
    ir_aws_config_release(&config);
    return rc;
}

int main(void)
{
    char line[MAX_LINE_BYTES];
    while (fgets(line, sizeof line, stdin) != NULL) {
        struct question question;
        struct ir_error err = {0};
        if (!split(line, &question)) {
            fputs("find_endpoint: a question has seven fields\n", stderr);
            return 2;
        }
        if (answer(&question, &err) != 0)
            puts("refused");
    }
    return 0;
}
