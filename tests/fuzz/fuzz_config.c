/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AWS's settings and the chain of credentials that stands on them: a profile's name in the first
 * line, ~/.aws/config up to a line "%%", then ~/.aws/credentials. There is an answer or an error
 * with words, circles of profiles end, and no message and no trace holds a secret. The network is
 * one answer for all, and no program is ever started.
 */
#include "tests/fuzz/fuzz.h"

#include <ctype.h>
#include <errno.h>

#include "core/aws/credentials.h"
#include "core/aws/endpoint.h"
#include "tests/unit/fake_world.h"

#define DEADLINE_MS 60000
#define MIN_SECRET_BYTES 12 /* shorter ones may stand in a message for another reason */

/* In the place of libc's: credential_process comes from the fuzzer here. */
int posix_spawnp(int *pid, const char *file, const void *actions, const void *attributes,
                 char *const words[], char *const environment[]);
int posix_spawnp(int *pid, const char *file, const void *actions, const void *attributes,
                 char *const words[], char *const environment[])
{
    (void)actions, (void)attributes, (void)environment;
    FUZZ_CHECK(words[0] == file);
    *pid = 0;
    return ENOENT;
}

/* STS AssumeRole's answer, whatever is asked. */
static int perform(void *context, const struct ir_http_request *request,
                   struct ir_http_response *response, struct ir_error *err)
{
    static const char answer[] =
        "<AssumeRoleResponse><AssumeRoleResult><Credentials>"
        "<AccessKeyId>AKIAFUZZ</AccessKeyId><SecretAccessKey>of-sts-secret</SecretAccessKey>"
        "<SessionToken>of-sts-token</SessionToken><Expiration>2026-11-20T22:35:00Z</Expiration>"
        "</Credentials></AssumeRoleResult></AssumeRoleResponse>";
    (void)context, (void)err;
    FUZZ_CHECK(strpbrk(request->url, " \r\n\t") == NULL);
    ir_http_response_clear(response, request->max_response_bytes);
    ir_http_response_add_line(response, "content-type: text/xml", 22);
    response->status = 200;
    ir_buf_append(&response->body, answer, sizeof answer - 1);
    return 0;
}

static int promise(int rc, const struct ir_error *err)
{
    FUZZ_CHECK(rc <= 0 && (rc == 0 || (err->code == rc && err->message[0] != '\0')));
    return rc;
}

/* ---- secrets ----------------------------------------------------------------------------- */

struct input {
    const char *text;
    size_t bytes;
};

static size_t occurrences(const struct input *input, const char *text)
{
    size_t count = 0;
    const char *at = input->text;
    while ((at = memmem(at, input->bytes - (size_t)(at - input->text), text, strlen(text)))) {
        at++;
        count++;
    }
    return count;
}

/* A value that stands in the input once, as the secret, must stand in none of the texts. */
static void check_hidden(const struct input *input, const char *secret, const char *const texts[3])
{
    if (!secret || strlen(secret) < MIN_SECRET_BYTES || occurrences(input, secret) != 1)
        return;
    for (size_t i = 0; i < 3; i++)
        FUZZ_CHECK(strstr(texts[i], secret) == NULL);
}

static void check_secrets(const struct input *input, const struct ir_ini *ini,
                          const char *const texts[3])
{
    static const char *const keys[] = {"aws_secret_access_key", "aws_session_token"};
    const char *section;
    for (size_t i = 0; ini && (section = ir_ini_section_name(ini, i)); i++)
        for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
            check_hidden(input, ir_ini_get(ini, section, keys[k]), texts);
}

/* ---- what the settings lead to ----------------------------------------------------------- */

static void check_endpoints(const struct ir_aws_config *config)
{
    static const struct ir_service *const services[] = {&ir_service_rekognition, &ir_service_s3,
                                                        &ir_service_bedrock_runtime};
    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
        struct ir_endpoint endpoint;
        struct ir_error err = {0};
        if (promise(ir_endpoint_resolve(config, services[i], NULL, &endpoint, &err), &err) != 0)
            continue;
        if (services[i]->has_s3_paths)
            promise(ir_endpoint_add_bucket(&endpoint, config, "photos", &err), &err);
        FUZZ_CHECK(endpoint.region[0] && endpoint.host[0]);
        for (const char *at = endpoint.base_url; *at; at++)
            FUZZ_CHECK(isgraph((unsigned char)*at));
    }
}

static void check_credentials(const struct ir_aws_config *config, const struct input *input)
{
    const struct ir_transport transport = {.perform = perform};
    struct ir_credentials *found = NULL;
    struct ir_error err = {0};
    struct ir_buf trace;
    int64_t deadline_ms = config->world->monotonic_ms(config->world->context) + DEADLINE_MS;
    struct ir_credentials_context context =
        ir_credentials_context(config, &transport, deadline_ms, NULL);
    ir_buf_init(&trace, IR_CREDENTIALS_MAX_TRACE_BYTES);
    context.trace = &trace;
    int rc = promise(ir_credentials_find(&context, &found, &err), &err);
    FUZZ_CHECK((rc == 0) == (found != NULL));
    if (found)
        FUZZ_CHECK(found->access_key_id[0] && found->secret_key && found->provider);
    const char *const texts[3] = {err.message, err.hint, ir_buf_text(&trace)};
    check_secrets(input, config->config, texts);
    check_secrets(input, config->credentials, texts);
    ir_credentials_release(found);
    ir_buf_release(&trace);
}

static void check(struct fake_world *fake, const struct input *input)
{
    struct ir_aws_config config;
    struct ir_error err = {0};
    if (promise(ir_aws_config_load(&fake->world, NULL, NULL, &config, &err), &err) != 0) {
        FUZZ_CHECK(err.code == IR_ERR_ARG && err.service[0]);
        return;
    }
    FUZZ_CHECK(config.profile && config.config_path && config.credentials_path);
    FUZZ_CHECK(!config.region || ir_aws_is_region(config.region));
    FUZZ_CHECK(config.max_attempts >= 1 && config.max_attempts <= IR_LIMIT_MAX_ATTEMPTS);
    check_endpoints(&config);
    check_credentials(&config, input);
    ir_aws_config_release(&config);
}

/* Up to and without `mark`, which must begin a line; takes both off the input. */
static struct input part(struct input *rest, const char *mark)
{
    struct input taken = *rest;
    const char *at = memmem(rest->text, rest->bytes, mark, strlen(mark));
    if (at) {
        size_t behind = (size_t)(at - rest->text) + strlen(mark);
        taken.bytes = (size_t)(at - rest->text);
        *rest = (struct input){rest->text + behind, rest->bytes - behind};
    } else {
        rest->bytes = 0;
    }
    return taken;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct input rest = {(const char *)data, bytes};
    const struct input whole = rest;
    struct fake_world fake;
    char profile[100] = "";
    if (bytes > FUZZ_MAX_BYTES)
        return 0;
    struct input name = part(&rest, "\n");
    struct input config = part(&rest, "%%\n");
    snprintf(profile, sizeof profile, "%.*s", (int)(name.bytes < 99 ? name.bytes : 99), name.text);
    fake_world_init(&fake);
    fake_world_setenv(&fake, "AWS_EC2_METADATA_DISABLED", "true");
    fake_world_setenv(&fake, "AWS_PROFILE", profile);
    fake.files[fake.file_count++] =
        (struct fake_file){"/home/ann/.aws/config", config.text, config.bytes};
    if (rest.bytes > 0)
        fake.files[fake.file_count++] =
            (struct fake_file){"/home/ann/.aws/credentials", rest.text, rest.bytes};
    check(&fake, &whole);
    return 0;
}
