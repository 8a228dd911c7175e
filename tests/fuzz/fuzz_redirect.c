/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers that send a bucket's request elsewhere: a byte that chooses whether FIPS is asked for,
 * header lines up to an empty one, then the body. Whatever they say, the host that is asked then is
 * one of S3's in the same partition.
 */
#include "tests/fuzz/fuzz_response.h"

#include "core/aws/redirect.h"

#define BUCKET "photos"
#define SUFFIX ".amazonaws.com"

static void check_host(const struct ir_endpoint *endpoint, bool use_fips)
{
    const char *host = endpoint->host;
    size_t chars = strlen(host);
    FUZZ_CHECK(strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-.") == chars);
    FUZZ_CHECK(chars > strlen(SUFFIX) && strcmp(host + chars - strlen(SUFFIX), SUFFIX) == 0);
    FUZZ_CHECK(strncmp(endpoint->base_url, "https://", 8) == 0);
    FUZZ_CHECK(strcmp(endpoint->base_url + 8, host) == 0);
    FUZZ_CHECK(ir_aws_is_region(endpoint->region));
    FUZZ_CHECK(ir_endpoint_is_same_partition(endpoint->region, "eu-west-1"));
    if (strncmp(host, BUCKET ".", strlen(BUCKET) + 1) == 0)
        host += strlen(BUCKET) + 1;
    FUZZ_CHECK(strncmp(host, use_fips ? "s3-fips" : "s3", use_fips ? 7 : 2) == 0);
    FUZZ_CHECK(strchr("-.", host[2]) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct ir_http_response response;
    struct ir_redirect to;
    if (bytes < 1 || bytes > FUZZ_MAX_BYTES)
        return 0;
    const struct ir_aws_config config = {.use_fips = data[0] % 2 == 1};
    struct ir_endpoint endpoint = {.host = BUCKET ".s3.eu-west-1" SUFFIX,
                                   .base_url = "https://" BUCKET ".s3.eu-west-1" SUFFIX,
                                   .region = "eu-west-1",
                                   .is_aws = true};
    fuzz_response(&response, 307, (const char *)data + 1, bytes - 1);
    FUZZ_CHECK(ir_redirect_read(&response, &to, NULL) == 0);
    FUZZ_CHECK(memchr(to.region, '\0', sizeof to.region) != NULL);
    FUZZ_CHECK(memchr(to.host, '\0', sizeof to.host) != NULL);
    if (ir_endpoint_take_s3_host(&endpoint, &config, BUCKET, to.host))
        check_host(&endpoint, config.use_fips);
    ir_http_response_release(&response);
    return 0;
}
