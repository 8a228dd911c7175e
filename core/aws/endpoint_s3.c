/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a bucket of S3 is reached: before the host ("virtual-hosted style") or as the path's first
 * segment. AWS's certificates cover one label before the host, so a name with dots goes into the
 * path wherever there is TLS; the names that AWS allowed before 2018 (capitals, '_') go there too.
 * What is refused here would need another signature or another host than S3's own.
 * Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/aws/endpoint.h"
#include "core/base/error.h"

#define MIN_NAME_CHARS 3U
#define MAX_NAME_CHARS (IR_BUCKET_BYTES - 1)
#define MAX_LABEL_CHARS 63U
#define LABEL_CHARS "abcdefghijklmnopqrstuvwxyz0123456789-"
#define NAME_CHARS LABEL_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZ._"
#define MAX_SHOWN_BYTES 80 /* of a wrong name, in a message */

/* ---- names ------------------------------------------------------------------------------- */

static bool ends_in(const char *text, const char *end)
{
    size_t text_chars = strlen(text);
    size_t end_chars = strlen(end);
    return text_chars >= end_chars && strcmp(text + text_chars - end_chars, end) == 0;
}

/* What must not be asked at S3's ordinary host with the ordinary signature, and what to do. */
static const struct foreign_kind {
    const char *end; /* of the name */
    const char *what;
    const char *hint;
} foreign_kinds[] = {
    {"--x-s3", "a directory bucket (S3 Express), which is signed in another way",
     "Use a general purpose bucket."},
    {"--xa-s3",
     "an access point of a directory bucket (S3 Express), which is signed in another way",
     "Use a general purpose bucket."},
    {"--op-s3", "an access point of S3 on Outposts, which is reached in another way",
     "Use a general purpose bucket."},
    {".mrap", "a Multi-Region Access Point, which is signed in another way",
     "Name the bucket behind it."},
};

static int fail_name(const char *bucket, struct ir_error *err)
{
    char shown[MAX_SHOWN_BYTES];
    ir_text_copy(shown, sizeof shown, bucket);
    if (strncmp(bucket, "arn:", 4) == 0) {
        ir_fail(err, IR_ERR_ARG, "\"%s\" is an ARN, not the name of a bucket", shown);
        ir_error_set_hint(err, "Name the bucket, or the alias of the access point, which ends in "
                               "-s3alias.");
    } else {
        ir_fail(err, IR_ERR_ARG, "\"%s\" is not the name of a bucket", shown);
        ir_error_set_hint(err, "Names have 3 to 63 lower-case letters, digits, '-' and '.', and "
                               "start with a letter or digit; without s3:// and without a key.");
    }
    return IR_ERR_ARG;
}

static int check_name(const char *bucket, struct ir_error *err)
{
    size_t chars = strlen(bucket);
    if (chars < MIN_NAME_CHARS || chars > MAX_NAME_CHARS || strspn(bucket, NAME_CHARS) != chars ||
        strchr("._-", bucket[0]) != NULL || strstr(bucket, "..") != NULL)
        return fail_name(bucket, err);
    for (size_t i = 0; i < sizeof foreign_kinds / sizeof foreign_kinds[0]; i++) {
        char shown[MAX_SHOWN_BYTES];
        if (!ends_in(bucket, foreign_kinds[i].end))
            continue;
        ir_text_copy(shown, sizeof shown, bucket);
        ir_fail(err, IR_ERR_ARG, "\"%s\" is %s", shown, foreign_kinds[i].what);
        ir_error_set_hint(err, "%s", foreign_kinds[i].hint);
        return IR_ERR_ARG;
    }
    return 0;
}

/* True for `^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`. */
static bool is_label(const char *text, size_t chars)
{
    return chars >= MIN_NAME_CHARS && chars <= MAX_LABEL_CHARS &&
           strspn(text, LABEL_CHARS) >= chars && text[0] != '-' && text[chars - 1] != '-';
}

/* ---- styles ------------------------------------------------------------------------------ */

enum style { STYLE_AUTO, STYLE_VIRTUAL, STYLE_PATH };

static int read_style(const struct ir_aws_config *config, enum style *out, struct ir_error *err)
{
    static const char *const words[] = {"auto", "virtual", "path"};
    const char *text = ir_aws_config_get(config, "s3.addressing_style");
    *out = STYLE_AUTO;
    if (text == NULL)
        return 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcasecmp(text, words[i]) != 0)
            continue;
        *out = (enum style)i;
        return 0;
    }
    char shown[MAX_SHOWN_BYTES];
    ir_text_copy(shown, sizeof shown, text);
    ir_fail(err, IR_ERR_ARG, "addressing_style under s3 in the profile is \"%s\"", shown);
    ir_error_set_hint(err, "It must be auto, virtual or path.");
    return IR_ERR_ARG;
}

/* A name can be put before a name, not before an address. */
static bool is_address(const struct ir_endpoint *endpoint)
{
    struct in_addr address;
    char host[IR_HOST_BYTES];
    ir_text_copy(host, sizeof host, endpoint->host);
    if (host[0] == '[')
        return true;
    host[strcspn(host, ":")] = '\0';
    return inet_pton(AF_INET, host, &address) == 1;
}

static bool goes_before_host(const struct ir_endpoint *endpoint, enum style style,
                             const char *bucket)
{
    if (style == STYLE_PATH || !is_label(bucket, strlen(bucket)))
        return false;
    if (endpoint->is_aws)
        return true;
    return style == STYLE_VIRTUAL && *endpoint->unix_socket == '\0' && !is_address(endpoint);
}

int ir_endpoint_add_bucket(struct ir_endpoint *endpoint, const struct ir_aws_config *config,
                           const char *bucket, struct ir_error *err)
{
    enum style style;
    char text[MAX_NAME_CHARS + 2];
    int rc = check_name(bucket, err);
    if (rc == 0)
        rc = read_style(config, &style, err);
    if (rc != 0) {
        ir_error_set_service(err, ir_service_s3.title);
        return rc;
    }
    bool is_before = goes_before_host(endpoint, style, bucket);
    size_t room = is_before ? sizeof endpoint->host - strlen(endpoint->host)
                            : sizeof endpoint->base_path - strlen(endpoint->base_path);
    if (strlen(bucket) + 2 > room) {
        ir_fail(err, IR_ERR_ARG, "the endpoint's address has no room left for a bucket's name");
        ir_error_set_service(err, ir_service_s3.title);
        return IR_ERR_ARG;
    }
    snprintf(text, sizeof text, is_before ? "%s." : "/%s", bucket);
    if (is_before)
        ir_endpoint_prefix_host(endpoint, text);
    else
        memcpy(endpoint->base_path + strlen(endpoint->base_path), text, strlen(text) + 1);
    return 0;
}

/* ---- hosts that answers name ------------------------------------------------------------- */

/* Moves *text past `start` where it begins so. */
static bool skip(const char **text, const char *start)
{
    size_t chars = strlen(start);
    if (strncmp(*text, start, chars) != 0)
        return false;
    *text += chars;
    return true;
}

/*
 * The region of "s3[-fips][.dualstack].REGION.SUFFIX", or of the older "s3-REGION.SUFFIX" and
 * "s3.SUFFIX", the commercial partition's first region. False for every other host.
 */
static bool read_region(const char *host, const char *suffix, bool needs_fips,
                        char out[IR_REGION_BYTES])
{
    const char *rest = host;
    if (!skip(&rest, "s3"))
        return false;
    bool is_fips = skip(&rest, "-fips");
    bool may_be_old = !skip(&rest, ".dualstack") && !is_fips;
    size_t suffix_chars = strlen(suffix);
    size_t chars = strlen(rest);
    if ((needs_fips && !is_fips) || !ends_in(rest, suffix) || chars <= suffix_chars ||
        rest[chars - suffix_chars - 1] != '.')
        return false;
    chars -= suffix_chars + 1; /* ".REGION", "-REGION" or nothing */
    if (chars >= IR_REGION_BYTES || (*rest == '-' && !may_be_old))
        return false;
    memcpy(out, rest, chars);
    out[chars] = '\0';
    if (may_be_old && (chars == 0 || strcmp(out, "-external-1") == 0))
        ir_text_copy(out, IR_REGION_BYTES, ".us-east-1");
    memmove(out, out + 1, strlen(out));
    return (*rest == '.' || *rest == '-') && ir_aws_is_region(out);
}

bool ir_endpoint_take_s3_host(struct ir_endpoint *endpoint, const struct ir_aws_config *config,
                              const char *bucket, const char *host)
{
    char region[IR_REGION_BYTES];
    const char *rest = host;
    size_t chars = strlen(host);
    if (!endpoint->is_aws || chars >= sizeof endpoint->host ||
        strspn(host, LABEL_CHARS ".") != chars)
        return false;
    bool is_before = skip(&rest, bucket) && skip(&rest, ".");
    if (!is_before)
        rest = host;
    if (!read_region(rest, ir_endpoint_suffix(endpoint->region), config->use_fips, region) ||
        !ir_endpoint_is_same_partition(region, endpoint->region))
        return false;
    ir_text_copy(endpoint->host, sizeof endpoint->host, host);
    ir_text_copy(endpoint->region, sizeof endpoint->region, region);
    snprintf(endpoint->base_url, sizeof endpoint->base_url, "https://%s", host);
    endpoint->base_path[0] = '\0';
    if (!is_before)
        snprintf(endpoint->base_path, sizeof endpoint->base_path, "/%s", bucket);
    return true;
}
