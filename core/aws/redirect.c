/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading S3's refusals of a bucket that lies elsewhere. HEAD has no body, so there the header and
 * the status are all. Nothing that is read here is trusted: whether it is asked decides who calls.
 */
#include "core/aws/redirect.h"

#include <string.h>

#include "core/base/ascii.h"
#include "core/base/error.h"
#include "core/base/xml.h"

#define MAX_XML_BYTES (64U * 1024)
#define MAX_LOCATION_BYTES 4096

/* ---- what was learnt --------------------------------------------------------------------- */

void ir_bucket_regions_init(struct ir_bucket_regions *regions)
{
    regions->count = 0;
    regions->next = 0;
    pthread_mutex_init(&regions->mutex, NULL);
}

void ir_bucket_regions_release(struct ir_bucket_regions *regions)
{
    pthread_mutex_destroy(&regions->mutex);
}

/* The bucket's index, or `count`. */
static size_t find(const struct ir_bucket_regions *regions, const char *bucket)
{
    size_t i = 0;
    while (i < regions->count && strcmp(regions->entries[i].bucket, bucket) != 0)
        i++;
    return i;
}

bool ir_bucket_regions_get(struct ir_bucket_regions *regions, const char *bucket,
                           char out_region[IR_REGION_BYTES])
{
    pthread_mutex_lock(&regions->mutex);
    size_t i = find(regions, bucket);
    bool is_known = i < regions->count;
    if (is_known)
        ir_text_copy(out_region, IR_REGION_BYTES, regions->entries[i].region);
    pthread_mutex_unlock(&regions->mutex);
    return is_known;
}

void ir_bucket_regions_put(struct ir_bucket_regions *regions, const char *bucket,
                           const char *region)
{
    if (strlen(bucket) >= IR_BUCKET_BYTES)
        return;
    pthread_mutex_lock(&regions->mutex);
    size_t i = find(regions, bucket);
    if (i == regions->count && i < IR_MAX_BUCKET_REGIONS) {
        regions->count++;
    } else if (i == regions->count) {
        i = regions->next;
        regions->next = (i + 1) % IR_MAX_BUCKET_REGIONS;
    }
    ir_text_copy(regions->entries[i].bucket, IR_BUCKET_BYTES, bucket);
    ir_text_copy(regions->entries[i].region, IR_REGION_BYTES, region);
    pthread_mutex_unlock(&regions->mutex);
}

/* ---- what an answer says ----------------------------------------------------------------- */

bool ir_redirect_may_be(const struct ir_http_response *response, const struct ir_error *err)
{
    if (response->status == 301 || response->status == 307)
        return true;
    if (response->status != 400)
        return false;
    return response->body.bytes == 0 ||
           strcmp(err->aws_code, "AuthorizationHeaderMalformed") == 0 ||
           strcmp(err->aws_code, "IllegalLocationConstraintException") == 0;
}

/* "https://host/path" to "host", "" to "", all else to "?": a place that is named and is none. */
static void copy_https_host(const char *url, char out[IR_HOST_BYTES])
{
    static const char scheme[] = "https://";
    ir_text_copy(out, IR_HOST_BYTES, *url != '\0' ? "?" : "");
    if (strncmp(url, scheme, sizeof scheme - 1) != 0)
        return;
    const char *host = url + sizeof scheme - 1;
    size_t bytes = strcspn(host, "/?#");
    if (bytes == 0 || bytes >= IR_HOST_BYTES)
        return;
    memcpy(out, host, bytes);
    out[bytes] = '\0';
}

/* Text that does not fit is none: a cut name would be another one. */
static void copy_whole(char *out, size_t out_bytes, const char *text)
{
    ir_text_copy(out, out_bytes, strlen(text) < out_bytes ? text : "");
}

int ir_redirect_read(const struct ir_http_response *response, struct ir_redirect *out,
                     struct ir_error *err)
{
    struct ir_xml_doc *doc = NULL;
    char location[MAX_LOCATION_BYTES];
    char region[IR_REGION_BYTES + 1]; /* one more, to see what does not fit */
    ir_http_response_header(response, "x-amz-bucket-region", region, sizeof region);
    copy_whole(out->region, sizeof out->region, region);
    ir_http_response_header(response, "location", location, sizeof location);
    copy_https_host(location, out->host);
    if (response->body.bytes == 0)
        return 0;
    int rc = ir_xml_parse(ir_buf_text(&response->body), response->body.bytes, MAX_XML_BYTES,
                          "the redirect", &doc, NULL);
    if (rc == IR_ERR_NOMEM)
        return ir_fail_nomem(err);
    if (rc != 0)
        return 0;
    const struct ir_xml_element *root = ir_xml_root(doc);
    if (out->region[0] == '\0')
        copy_whole(out->region, sizeof out->region, ir_xml_child_text(root, "Region", ""));
    const char *host = ir_xml_child_text(root, "Endpoint", "");
    if (*host != '\0')
        copy_whole(out->host, sizeof out->host, host);
    ir_xml_free(doc);
    return 0;
}
