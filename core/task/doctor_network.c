/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The doctor on the way to AWS: proxy, certificates, whether each host answers, and the clock by
 * its answer's Date (RFC 9110, 6.6.1). Hosts are asked without a signature, for which every answer
 * will do: TLS has been verified by then, and nothing can be done without one.
 */
#include <stdio.h>
#include <string.h>

#include "core/aws/http_proxy.h"
#include "core/base/error.h"
#include "core/task/doctor.h"

#define MAX_HOSTS 8U
#define MAX_BUNDLE_BYTES (8U << 20)
#define CLOCK_OK_MS 60000LL /* AWS's limit for most signatures is five minutes */
#define SET_CLOCK "Set this machine's clock, for example: timedatectl set-ntp true"
#define PEM_MARK "-----BEGIN "

/* ---- proxy and certificates -------------------------------------------------------------- */

static void look_at_proxy(struct ir_doctor_job *job, const struct ir_endpoint *endpoint)
{
    const struct ir_http_request request = {.url = endpoint->base_url};
    const char *setting = ir_http_find_proxy(job->world, &request);
    char shown[IR_HOST_BYTES] = "";
    if (setting == NULL || ir_endpoint_is_on_this_machine(endpoint))
        return;
    bool has_exceptions = ir_world_getenv(job->world, "no_proxy") != NULL ||
                          ir_world_getenv(job->world, "NO_PROXY") != NULL;
    ir_http_proxy_of(setting, shown, sizeof shown);
    if (shown[0] == '\0')
        ir_doctor_say(job, "proxy", "proxy", IR_DOCTOR_FAIL,
                      "Set https_proxy to http://HOST:PORT, or take it out of the environment.",
                      "the setting in the environment names no host");
    else
        ir_doctor_say(job, "proxy", "proxy", IR_DOCTOR_OK, NULL, "by %s%s", shown,
                      has_exceptions ? ", but for the hosts of NO_PROXY" : "");
}

static void look_at_bundle(struct ir_doctor_job *job)
{
    const char *path = job->client->aws.config.ca_bundle;
    struct ir_error err = {0};
    struct ir_buf text;
    bool is_missing = false;
    if (path == NULL)
        return;
    ir_buf_init(&text, MAX_BUNDLE_BYTES);
    int rc = job->world->read_file(job->world->context, path, &text, &is_missing, &err);
    if (rc != 0)
        ir_doctor_say(job, "ca-bundle", "certificates", IR_DOCTOR_FAIL,
                      "Correct AWS_CA_BUNDLE or ca_bundle of the profile, or take it out: then the "
                      "system's are used.",
                      "%s: %s", path, is_missing ? "no such file" : err.message);
    else if (strstr(ir_buf_text(&text), PEM_MARK) == NULL)
        ir_doctor_say(job, "ca-bundle", "certificates", IR_DOCTOR_FAIL,
                      "AWS_CA_BUNDLE is to name a file of certificates in PEM form.",
                      "%s holds no certificate", path);
    else
        ir_doctor_say(job, "ca-bundle", "certificates", IR_DOCTOR_OK, NULL, "%s", path);
    ir_buf_release(&text);
}

/* ---- hosts ------------------------------------------------------------------------------- */

static void learn_clock(struct ir_doctor_job *job, const struct ir_http_response *response)
{
    char date[64];
    int64_t server_ms = 0;
    if (job->has_server_clock)
        return;
    ir_http_response_header(response, "date", date, sizeof date);
    if (!ir_world_parse_http_date(date, &server_ms))
        return;
    job->has_server_clock = true;
    job->clock_offset_ms = server_ms - job->world->unix_ms(job->world->context);
}

static void ask_host(struct ir_doctor_job *job, const struct ir_service *service,
                     const struct ir_endpoint *endpoint)
{
    char id[IR_DOCTOR_ID_BYTES];
    struct ir_http_response response;
    struct ir_request request;
    struct ir_error err = {0};
    snprintf(id, sizeof id, "host:%s", service->host_prefix);
    if (ir_doctor_is_late(job, id, endpoint->host))
        return;
    ir_request_init(&request, service, "GET", "/");
    request.aws.auth = IR_AUTH_NONE;
    int rc = ir_request_finish(&request, NULL, &err);
    ir_http_response_init(&response);
    int64_t began_ms = job->world->monotonic_ms(job->world->context);
    if (rc == 0)
        rc = ir_doctor_send(job, &request, &response, &err);
    int64_t took_ms = job->world->monotonic_ms(job->world->context) - began_ms;
    if (rc == 0 || err.http_status != 0) {
        learn_clock(job, &response);
        ir_doctor_say(job, id, endpoint->host, IR_DOCTOR_OK, NULL, "answers after %lld ms, %s",
                      (long long)took_ms,
                      strncmp(endpoint->base_url, "https:", 6) == 0 ? "TLS verified"
                                                                    : "without TLS");
    } else if (rc != IR_ERR_CANCELLED) {
        ir_doctor_say_error(job, id, endpoint->host, IR_DOCTOR_FAIL, &err);
    }
    ir_http_response_release(&response);
}

/* Those that the tasks call, each address once. */
static void ask_hosts(struct ir_doctor_job *job)
{
    const struct ir_service *const services[] = {
        &ir_service_sts,
        &ir_service_rekognition,
        &ir_service_bedrock,
        &ir_service_bedrock_runtime,
        ir_settings_get(job->options->settings, "log-group") != NULL ? &ir_service_cloudwatch_logs
                                                                     : NULL,
        job->options->bucket != NULL ? &ir_service_s3 : NULL,
    };
    char asked[MAX_HOSTS][sizeof((struct ir_endpoint *)0)->base_url];
    size_t asked_count = 0;
    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
        struct ir_endpoint endpoint;
        struct ir_error err = {0};
        bool is_known = false;
        if (services[i] == NULL)
            continue;
        if (ir_endpoint_resolve(&job->client->aws.config, services[i],
                                job->client->aws.endpoint_setting, &endpoint, &err) != 0) {
            char id[IR_DOCTOR_ID_BYTES];
            snprintf(id, sizeof id, "host:%s", services[i]->host_prefix);
            ir_doctor_say_error(job, id, services[i]->title, IR_DOCTOR_FAIL, &err);
            continue;
        }
        for (size_t j = 0; j < asked_count; j++)
            is_known |= strcmp(asked[j], endpoint.base_url) == 0;
        if (is_known)
            continue;
        if (asked_count == 0)
            look_at_proxy(job, &endpoint);
        ir_text_copy(asked[asked_count++], sizeof asked[0], endpoint.base_url);
        ask_host(job, services[i], &endpoint);
        if (ir_cancel_is_set(job->options->cancel))
            return;
    }
}

/* ---- the clock --------------------------------------------------------------------------- */

static void look_at_clock(struct ir_doctor_job *job)
{
    long long offset_ms = job->clock_offset_ms;
    long long off_ms = offset_ms < 0 ? -offset_ms : offset_ms;
    if (!job->has_server_clock)
        ir_doctor_say(job, "clock", "clock", IR_DOCTOR_SKIPPED, NULL,
                      "no server has told the time");
    else if (off_ms <= CLOCK_OK_MS)
        ir_doctor_say(job, "clock", "clock", IR_DOCTOR_OK, NULL, "within %lld s of the servers'",
                      off_ms / 1000 + 1);
    else
        ir_doctor_say(job, "clock", "clock", IR_DOCTOR_WARN, SET_CLOCK,
                      "%lld s %s the servers'; signatures are made with theirs, but other programs "
                      "will be refused",
                      off_ms / 1000, offset_ms > 0 ? "behind" : "ahead of");
}

void ir_doctor_look_at_network(struct ir_doctor_job *job)
{
    if (job->is_embedded)
        return;
    look_at_bundle(job);
    if (job->client->aws.config.region == NULL) {
        ir_doctor_say(job, "hosts", "hosts", IR_DOCTOR_SKIPPED, NULL,
                      "not asked: their names hold the region, and none is set");
        return;
    }
    ask_hosts(job);
    if (!ir_cancel_is_set(job->options->cancel))
        look_at_clock(job);
}
