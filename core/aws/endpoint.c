/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where requests go.
 * Sources: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html (custom
 * endpoints and their order), botocore's endpoints.json (suffixes of the partitions).
 */
#include "core/aws/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/base/error.h"
#include "core/base/uri.h"

#define MAX_SECTION_BYTES 320
#define MAX_KEY_BYTES 96
#define MAX_FIRST_PART_BYTES 64
#define UNIX_PREFIX "unix:"

const struct ir_service ir_service_rekognition = {
    .title = "Rekognition",
    .host_prefix = "rekognition",
    .signing_name = "rekognition",
    .variable = "AWS_ENDPOINT_URL_REKOGNITION",
    .section_key = "rekognition",
};

const struct ir_service ir_service_bedrock_runtime = {
    .title = "Bedrock",
    .host_prefix = "bedrock-runtime",
    .signing_name = "bedrock",
    .variable = "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
    .section_key = "bedrock_runtime",
};

const struct ir_service ir_service_bedrock = {
    .title = "Bedrock",
    .host_prefix = "bedrock",
    .signing_name = "bedrock",
    .variable = "AWS_ENDPOINT_URL_BEDROCK",
    .section_key = "bedrock",
};

const struct ir_service ir_service_cloudwatch_logs = {
    .title = "CloudWatch Logs",
    .host_prefix = "logs",
    .signing_name = "logs",
    .variable = "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
    .section_key = "cloudwatch_logs",
    .plain_fips_region = "us-gov-",
};

const struct ir_service ir_service_execute_api = {
    .title = "API Gateway",
    .host_prefix = "execute-api",
    .signing_name = "execute-api",
    .variable = "AWS_ENDPOINT_URL_EXECUTE_API",
    .section_key = "execute_api",
};

const struct ir_service ir_service_lambda = {
    .title = "Lambda",
    .host_prefix = "lambda",
    .signing_name = "lambda",
    .variable = "AWS_ENDPOINT_URL_LAMBDA",
    .section_key = "lambda",
};

const struct ir_service ir_service_s3 = {
    .title = "S3",
    .host_prefix = "s3",
    .signing_name = "s3",
    .variable = "AWS_ENDPOINT_URL_S3",
    .section_key = "s3",
    .has_s3_paths = true,
};

const struct ir_service ir_service_sagemaker_runtime = {
    .title = "SageMaker",
    .host_prefix = "runtime.sagemaker",
    .signing_name = "sagemaker",
    .variable = "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME",
    .section_key = "sagemaker_runtime",
    .fips_prefix = "runtime-fips.sagemaker",
    .plain_fips_region = "us-gov-",
};

const struct ir_service ir_service_states = {
    .title = "Step Functions",
    .host_prefix = "states",
    .signing_name = "states",
    .variable = "AWS_ENDPOINT_URL_SFN",
    .section_key = "sfn",
    .plain_fips_region = "us-gov-west-1",
    .dualstack_fips_region = "us-gov-",
};

/* ---- AWS's own hosts --------------------------------------------------------------------- */

struct partition {
    const char *region_prefix;
    const char *suffix;
    const char *dualstack_suffix; /* NULL: not offered */
};

/* The first match counts; the last one is the commercial partition. GovCloud has its suffixes. */
static const struct partition partitions[] = {
    {"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    {"eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
    {"us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
    {"us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
    {"us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
    {"eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
    {"", "amazonaws.com", "api.aws"},
};

static bool starts_with(const char *text, const char *start)
{
    return start != NULL && strncmp(text, start, strlen(start)) == 0;
}

static const struct partition *find_partition(const char *region)
{
    const struct partition *partition = partitions;
    while (!starts_with(region, partition->region_prefix))
        partition++;
    return partition;
}

const char *ir_endpoint_suffix(const char *region)
{
    return find_partition(region)->suffix;
}

/* GovCloud shares its suffixes with the commercial partition, and nothing else. */
static bool is_gov(const char *region)
{
    return starts_with(region, "us-gov-");
}

bool ir_endpoint_is_same_partition(const char *region, const char *other)
{
    return find_partition(region) == find_partition(other) && is_gov(region) == is_gov(other);
}

static int fail_no_region(const struct ir_service *service, struct ir_error *err)
{
    ir_fail(err, IR_ERR_ARG,
            "no region is set (looked at: the setting \"region\", AWS_REGION, "
            "AWS_DEFAULT_REGION, the profile)");
    ir_error_set_hint(err, "Set AWS_REGION, for example to us-east-1, or run: aws configure. "
                           "endpoint=local needs none.");
    ir_error_set_service(err, service->title);
    return IR_ERR_ARG;
}

/* S3 has dual-stack hosts of its own, under the plain suffix, and a setting of its own for them. */
static bool uses_dualstack(const struct ir_aws_config *config, const struct ir_service *service)
{
    const char *own =
        service->has_s3_paths ? ir_aws_config_get(config, "s3.use_dualstack_endpoint") : NULL;
    return own != NULL ? strcasecmp(own, "true") == 0 : config->use_dualstack;
}

/* What stands before the region. */
static void write_first_part(const struct ir_aws_config *config, const struct ir_service *service,
                             bool is_dualstack, char *out, size_t out_bytes)
{
    const char *region = config->region;
    bool is_commercial = find_partition(region)->region_prefix[0] == '\0' && !is_gov(region);
    bool is_fips = is_dualstack
                       ? config->use_fips || starts_with(region, service->dualstack_fips_region)
                       : config->use_fips && !starts_with(region, service->plain_fips_region);
    if (is_fips && !is_dualstack && is_commercial && service->fips_prefix != NULL)
        snprintf(out, out_bytes, "%s", service->fips_prefix);
    else
        snprintf(out, out_bytes, "%s%s%s", service->host_prefix, is_fips ? "-fips" : "",
                 is_dualstack && service->has_s3_paths ? ".dualstack" : "");
}

/*
 * Hosts of a global service and the regions that sign for it, by the regions' partition. Source:
 * botocore's rules of IAM. Dual-stack hosts and other partitions are not asked.
 */
static const struct {
    const char *region_prefix;
    const char *host_end; /* behind the service's prefix */
    const char *region;
} global_hosts[] = {
    {"cn-", ".cn-north-1.amazonaws.com.cn", "cn-north-1"},
    {"us-gov-", ".us-gov.amazonaws.com", "us-gov-west-1"},
    {"eusc-", NULL, NULL},
    {"us-iso", NULL, NULL},
    {"eu-isoe-", NULL, NULL},
    {"", ".amazonaws.com", "us-east-1"},
};

static int resolve_global(const struct ir_aws_config *config, const struct ir_service *service,
                          struct ir_endpoint *out, struct ir_error *err)
{
    size_t i = 0;
    while (!starts_with(config->region, global_hosts[i].region_prefix))
        i++;
    if (global_hosts[i].host_end == NULL) {
        ir_fail(err, IR_ERR_ARG, "its host for the region %s is not known", config->region);
        ir_error_set_service(err, service->title);
        return IR_ERR_ARG;
    }
    bool has_fips_host = config->use_fips && !is_gov(config->region);
    snprintf(out->host, sizeof out->host, "%s%s%s", service->host_prefix,
             has_fips_host ? "-fips" : "", global_hosts[i].host_end);
    snprintf(out->base_url, sizeof out->base_url, "https://%s", out->host);
    ir_text_copy(out->region, sizeof out->region, global_hosts[i].region);
    out->is_aws = true;
    return 0;
}

static void resolve_aws(const struct ir_aws_config *config, const struct ir_service *service,
                        struct ir_endpoint *out)
{
    const struct partition *partition = find_partition(config->region);
    char first[MAX_FIRST_PART_BYTES];
    bool is_dualstack = uses_dualstack(config, service);
    write_first_part(config, service, is_dualstack, first, sizeof first);
    snprintf(out->host, sizeof out->host, "%s.%s.%s", first, config->region,
             is_dualstack && !service->has_s3_paths ? partition->dualstack_suffix
                                                    : partition->suffix);
    snprintf(out->base_url, sizeof out->base_url, "https://%s", out->host);
    out->is_aws = true;
}

void ir_endpoint_prefix_host(struct ir_endpoint *endpoint, const char *prefix)
{
    char host[IR_HOST_BYTES];
    bool is_https = strncmp(endpoint->base_url, "https", 5) == 0;
    int chars = snprintf(host, sizeof host, "%s%s", prefix, endpoint->host);
    if (chars < 0 || (size_t)chars >= sizeof host)
        return;
    ir_text_copy(endpoint->host, sizeof endpoint->host, host);
    snprintf(endpoint->base_url, sizeof endpoint->base_url, "%s://%s", is_https ? "https" : "http",
             host);
}

/* ---- custom endpoints -------------------------------------------------------------------- */

static int resolve_unix(const char *path, const char *origin, const struct ir_service *service,
                        struct ir_endpoint *out, struct ir_error *err)
{
    if (*path != '/' || strlen(path) >= sizeof out->unix_socket) {
        ir_fail(err, IR_ERR_ARG,
                "%s must name a socket by its full path of at most %zu bytes, "
                "like unix:/run/user/1000/x.sock",
                origin, sizeof out->unix_socket - 1);
        ir_error_set_service(err, service->title);
        return IR_ERR_ARG;
    }
    ir_text_copy(out->unix_socket, sizeof out->unix_socket, path);
    snprintf(out->host, sizeof out->host, "%s.%s.localhost", service->host_prefix, out->region);
    snprintf(out->base_url, sizeof out->base_url, "http://%s", out->host);
    return 0;
}

static int resolve_url(const char *text, const char *origin, const struct ir_service *service,
                       struct ir_endpoint *out, struct ir_error *err)
{
    struct ir_url url;
    if (strncmp(text, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0)
        return resolve_unix(text + strlen(UNIX_PREFIX), origin, service, out, err);
    int rc = ir_url_parse(text, origin, &url, err);
    if (rc != 0) {
        ir_error_set_service(err, service->title);
        return rc;
    }
    bool own_port = url.port == 0 || url.port == (url.https ? 443U : 80U);
    if (own_port)
        snprintf(out->host, sizeof out->host, "%s", url.host);
    else
        snprintf(out->host, sizeof out->host, "%s:%u", url.host, url.port);
    snprintf(out->base_url, sizeof out->base_url, "%s://%s", url.https ? "https" : "http",
             out->host);
    if (strcmp(url.path, "/") != 0)
        snprintf(out->base_path, sizeof out->base_path, "%s", url.path);
    return 0;
}

static int resolve_embedded(struct ir_endpoint *out, const struct ir_service *service,
                            struct ir_error *err)
{
    out->is_embedded = true;
    ir_text_copy(out->region, sizeof out->region, IR_EMBEDDED_REGION);
    snprintf(out->host, sizeof out->host, "%s.%s.localhost", service->host_prefix, out->region);
    snprintf(out->base_url, sizeof out->base_url, "http://%s", out->host);
    return ir_embedded_socket_path(out->unix_socket, err);
}

/* The address of a host that is given as one; false for a name. */
static bool is_loopback_address(const char *host)
{
    struct in_addr address;
    if (inet_pton(AF_INET, host, &address) != 1)
        return strcmp(host, "[::1]") == 0;
    return ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
}

bool ir_endpoint_is_on_this_machine(const struct ir_endpoint *endpoint)
{
    static const char name[] = "localhost";
    char host[IR_HOST_BYTES];
    if (*endpoint->unix_socket != '\0')
        return true;
    ir_text_copy(host, sizeof host, endpoint->host);
    char *end = host[0] == '[' ? strchr(host, ']') : NULL;
    char *port = strchr(end != NULL ? end : host, ':');
    if (port != NULL)
        *port = '\0';
    size_t chars = strlen(host);
    size_t name_chars = sizeof name - 1;
    bool ends_in_name = chars >= name_chars && strcmp(host + chars - name_chars, name) == 0 &&
                        (chars == name_chars || host[chars - name_chars - 1] == '.');
    return ends_in_name || is_loopback_address(host);
}

/* ---- which one --------------------------------------------------------------------------- */

/* endpoint_url of the profile's [services x] section for this service. */
static const char *services_section_url(const struct ir_aws_config *config,
                                        const struct ir_service *service)
{
    char section[MAX_SECTION_BYTES];
    char key[MAX_KEY_BYTES];
    const char *name = ir_aws_config_get(config, "services");
    if (name == NULL)
        return NULL;
    int chars = snprintf(section, sizeof section, "services %s", name);
    if (chars < 0 || (size_t)chars >= sizeof section)
        return NULL;
    snprintf(key, sizeof key, "%s.endpoint_url", service->section_key);
    const char *url = ir_ini_get(config->config, section, key);
    return url != NULL && *url != '\0' ? url : NULL;
}

/* The URL that AWS's own settings give, and who gives it; NULL when none does. */
static const char *configured_url(const struct ir_aws_config *config,
                                  const struct ir_service *service, const char **out_origin)
{
    if (ir_aws_config_is_true(config, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                              "ignore_configured_endpoint_urls"))
        return NULL;
    const char *url = ir_world_getenv(config->world, service->variable);
    *out_origin = service->variable;
    if (url == NULL) {
        url = ir_world_getenv(config->world, "AWS_ENDPOINT_URL");
        *out_origin = "AWS_ENDPOINT_URL";
    }
    if (url == NULL) {
        url = services_section_url(config, service);
        *out_origin = "endpoint_url in the profile's services section";
    }
    if (url == NULL) {
        url = ir_aws_config_get(config, "endpoint_url");
        *out_origin = "endpoint_url of the profile";
    }
    return url;
}

const char *ir_endpoint_configured_url(const struct ir_aws_config *config,
                                       const struct ir_service *service)
{
    const char *origin = NULL;
    return configured_url(config, service, &origin);
}

bool ir_endpoint_is_embedded(const char *setting)
{
    return setting != NULL && strcmp(setting, "local") == 0;
}

int ir_endpoint_resolve(const struct ir_aws_config *config, const struct ir_service *service,
                        const char *setting, struct ir_endpoint *out, struct ir_error *err)
{
    struct ir_endpoint found = {.is_embedded = false};
    const char *origin = "the setting \"endpoint\"";
    const char *url = setting;
    int rc = 0;
    if (ir_endpoint_is_embedded(setting)) {
        rc = resolve_embedded(&found, service, err);
    } else {
        if (url == NULL || *url == '\0' || strcmp(url, "aws") == 0)
            url = configured_url(config, service, &origin);
        if (config->region != NULL)
            ir_text_copy(found.region, sizeof found.region, config->region);
        if (url != NULL)
            rc = resolve_url(url, origin, service, &found, err);
        /* A wrong address is told first: it is what the user wrote. */
        if (rc == 0 && config->region == NULL)
            rc = fail_no_region(service, err);
        if (rc == 0 && url == NULL && service->is_global)
            rc = resolve_global(config, service, &found, err);
        else if (rc == 0 && url == NULL)
            resolve_aws(config, service, &found);
    }
    if (rc == 0)
        *out = found;
    return rc;
}
