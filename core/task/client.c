/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client object: it holds what calls share and does nothing itself. */
#include "core/task/client.h"

#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"

#define DEFAULT_TIMEOUT_MS 60000L
#define MAX_TIMEOUT_MS 3600000L

/* The version first: of another one nothing else is where it is looked for. */
static int take_options(struct ir_aws *aws, const struct ir_client_options *options,
                        struct ir_error *err)
{
    if (options->version != IR_CLIENT_OPTIONS_VERSION)
        return ir_fail(err, IR_ERR_ARG, "client options of version %u are not known",
                       options->version);
    if (options->timeout_ms < 0 || options->timeout_ms > MAX_TIMEOUT_MS)
        return ir_fail(err, IR_ERR_ARG, "the time limit must be between 0 and %ld ms",
                       MAX_TIMEOUT_MS);
    aws->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : DEFAULT_TIMEOUT_MS;
    aws->log = (struct ir_log){options->log, options->log_context};
    return 0;
}

const char *ir_client_endpoint_of(const struct ir_client *client, const struct ir_service *service)
{
    const char *setting = client->aws.endpoint_setting;
    if (setting != NULL && strcmp(setting, "aws") != 0)
        return setting;
    const char *configured = ir_endpoint_configured_url(&client->aws.config, service);
    return configured != NULL ? configured : "aws";
}

/* An endpoint that is none must be told before the first request. */
static int check_endpoint(const struct ir_client *client, struct ir_error *err)
{
    struct ir_endpoint endpoint;
    char any_region[] = "us-east-1";
    struct ir_aws_config config = client->aws.config;
    /* That none is set is told at the first call, behind missing credentials. */
    if (config.region == NULL)
        config.region = any_region;
    return ir_endpoint_resolve(&config, &ir_service_rekognition, client->aws.endpoint_setting,
                               &endpoint, err);
}

static int set_endpoint(struct ir_client *client, const char *endpoint, struct ir_error *err)
{
    if (endpoint == NULL || *endpoint == '\0')
        return 0;
    client->aws.endpoint_setting = ir_strdup(endpoint);
    return client->aws.endpoint_setting != NULL ? 0 : ir_fail_nomem(err);
}

static void keep_transport(void *context)
{
    (void)context;
}

/* A client that asks the embedded endpoint, through the same transport, which stays ours. */
static int make_precheck(struct ir_client *client, const struct ir_client_options *options,
                         struct ir_error *err)
{
    struct ir_client_options local = *options;
    struct ir_transport transport = client->aws.transport;
    client->precheck_mode = options->precheck;
    if (options->precheck == IR_PRECHECK_OFF ||
        ir_endpoint_is_embedded(client->aws.endpoint_setting))
        return 0;
    if (options->precheck != IR_PRECHECK_WARN && options->precheck != IR_PRECHECK_BLOCK)
        return ir_fail(err, IR_ERR_ARG, "precheck has no mode %d", (int)options->precheck);
    local.endpoint = "local";
    local.precheck = IR_PRECHECK_OFF;
    transport.release = keep_transport;
    return ir_client_new_in(&local, client->aws.world, &transport, &client->precheck, err);
}

int ir_client_new_in(const struct ir_client_options *options, const struct ir_world *world,
                     const struct ir_transport *transport, struct ir_client **out,
                     struct ir_error *err)
{
    struct ir_client *client = ir_calloc(1, sizeof *client);
    if (client == NULL) {
        transport->release(transport->context);
        return ir_fail_nomem(err);
    }
    struct ir_aws *aws = &client->aws;
    ir_aws_init(aws, world, transport);
    ir_paid_init(&client->paid, world);
    int rc = take_options(aws, options, err);
    if (rc == 0)
        rc = ir_paid_configure(&client->paid, options, world, err);
    if (rc == 0)
        rc = ir_aws_config_load(world, options->profile, options->region, &aws->config, err);
    if (rc == 0)
        rc = set_endpoint(client, options->endpoint, err);
    if (rc == 0)
        rc = check_endpoint(client, err);
    if (rc == 0)
        rc = make_precheck(client, options, err);
    if (rc == 0)
        *out = client;
    else
        ir_client_free(client);
    return rc;
}

int ir_client_new(const struct ir_client_options *options, struct ir_client **out,
                  struct ir_error *err)
{
    struct ir_transport transport;
    int rc = ir_transport_curl_new(&transport, err);
    if (rc != 0)
        return rc;
    return ir_client_new_in(options, ir_world_system(), &transport, out, err);
}

void ir_client_free(struct ir_client *client)
{
    if (client == NULL)
        return;
    ir_client_free(client->precheck);
    client->aws.transport.release(client->aws.transport.context);
    ir_aws_release(&client->aws);
    ir_paid_release(&client->paid);
    ir_aws_config_release(&client->aws.config);
    ir_free(client->aws.endpoint_setting);
    ir_free(client);
}

double ir_client_spent_usd(struct ir_client *client)
{
    return ir_nusd_to_usd(ir_budget_spent(&client->paid.budget));
}

const char *ir_client_endpoint(const struct ir_client *client)
{
    return ir_client_endpoint_of(client, &ir_service_rekognition);
}

int ir_client_send(struct ir_client *client, struct ir_request *request,
                   struct ir_http_response *response, struct ir_error *err)
{
    unsigned retries = 0;
    int rc = ir_aws_call(&client->aws, &request->aws, response, &retries, err);
    ir_request_release(request);
    return rc;
}
