/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a bucket's list. The arrays of a page are as long as the answer has elements. */
#include "core/service/s3_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/xml.h"

#define MAX_PAGE_ENTRIES 10000U /* servers that are not AWS's may give more than was asked for */

int ir_s3_list_call(const struct ir_s3_list_options *options, struct ir_s3_request *out,
                    struct ir_error *err)
{
    char count[16];
    if (options->max_keys > IR_S3_MAX_PAGE_KEYS)
        return ir_s3_fail(err, IR_ERR_ARG, "more than 1,000 keys are asked for at once",
                          "Ask for fewer, and for further pages.");
    int rc = ir_s3_bucket_init(out, "GET", options->bucket, options->expected_owner, err);
    if (rc != 0)
        return rc;
    ir_request_add_query(&out->http, "list-type", "2");
    ir_request_add_query(&out->http, "encoding-type", "url");
    ir_request_add_query(&out->http, "prefix", options->prefix);
    ir_request_add_query(&out->http, "delimiter", options->delimiter);
    ir_request_add_query(&out->http, "start-after", options->start_after);
    ir_request_add_query(&out->http, "continuation-token", options->continuation);
    if (options->max_keys > 0) {
        snprintf(count, sizeof count, "%u", options->max_keys);
        ir_request_add_query(&out->http, "max-keys", count);
    }
    return ir_s3_request_finish(out, NULL, err);
}

/* ---- a page ------------------------------------------------------------------------------ */

void ir_s3_page_release(struct ir_s3_page *page)
{
    for (size_t i = 0; i < page->entry_count; i++)
        ir_free(page->entries[i].key);
    for (size_t i = 0; i < page->prefix_count; i++)
        ir_free(page->prefixes[i]);
    ir_free(page->entries);
    ir_free(page->prefixes);
    ir_free(page->next_token);
    *page = (struct ir_s3_page){0};
}

static size_t count_children(const struct ir_xml_element *root, const char *name)
{
    size_t count = 0;
    for (const struct ir_xml_element *child = root->first_child; child != NULL;
         child = child->next_sibling)
        count += strcmp(child->name, name) == 0;
    return count;
}

/*
 * A name as it is stored; '+' is a space in what S3 encodes. NULL when out of memory; "" for one
 * that holds a NUL, since what is left of it would be the name of another object.
 */
static char *decode(const char *text, bool is_encoded)
{
    struct ir_buf out;
    if (!is_encoded)
        return ir_strdup(text);
    ir_buf_init(&out, strlen(text));
    while (*text != '\0') {
        size_t bytes = strcspn(text, "+");
        ir_uri_decode(&out, text, bytes);
        text += bytes;
        if (*text == '+') {
            ir_buf_append_char(&out, ' ');
            text++;
        }
    }
    if (out.bytes > 0 && memchr(out.data, '\0', out.bytes) != NULL)
        ir_buf_clear(&out);
    return ir_buf_take(&out);
}

static bool read_entry(const struct ir_xml_element *element, bool is_encoded,
                       struct ir_s3_entry *out)
{
    out->bytes = strtoull(ir_xml_child_text(element, "Size", "0"), NULL, 10);
    ir_text_copy(out->etag, sizeof out->etag, ir_xml_child_text(element, "ETag", ""));
    ir_text_copy(out->last_modified, sizeof out->last_modified,
                 ir_xml_child_text(element, "LastModified", ""));
    ir_text_copy(out->storage_class, sizeof out->storage_class,
                 ir_xml_child_text(element, "StorageClass", ""));
    out->key = decode(ir_xml_child_text(element, "Key", ""), is_encoded);
    return out->key != NULL;
}

static bool fill_page(const struct ir_xml_element *root, struct ir_s3_page *page)
{
    bool is_encoded = strcmp(ir_xml_child_text(root, "EncodingType", ""), "url") == 0;
    for (const struct ir_xml_element *child = root->first_child; child != NULL;
         child = child->next_sibling) {
        if (strcmp(child->name, "Contents") == 0) {
            if (!read_entry(child, is_encoded, &page->entries[page->entry_count]))
                return false;
            page->entry_count++;
        } else if (strcmp(child->name, "CommonPrefixes") == 0) {
            char *prefix = decode(ir_xml_child_text(child, "Prefix", ""), is_encoded);
            if (prefix == NULL)
                return false;
            page->prefixes[page->prefix_count++] = prefix;
        }
    }
    return true;
}

/* Without a key, what is done to the object next would be done to its bucket. */
static bool has_names(const struct ir_s3_page *page)
{
    for (size_t i = 0; i < page->entry_count; i++)
        if (page->entries[i].key[0] == '\0')
            return false;
    for (size_t i = 0; i < page->prefix_count; i++)
        if (page->prefixes[i][0] == '\0')
            return false;
    return true;
}

static int read_page(const struct ir_xml_element *root, struct ir_s3_page *page,
                     struct ir_error *err)
{
    size_t entry_count = count_children(root, "Contents");
    size_t prefix_count = count_children(root, "CommonPrefixes");
    const char *token = ir_xml_child_text(root, "NextContinuationToken", "");
    bool has_more = strcmp(ir_xml_child_text(root, "IsTruncated", "false"), "true") == 0;
    if (entry_count > MAX_PAGE_ENTRIES || prefix_count > MAX_PAGE_ENTRIES)
        return ir_answer_fail(&ir_service_s3, "the answer lists more than 10,000 names at once",
                              err);
    if (has_more && *token == '\0')
        return ir_answer_fail(&ir_service_s3,
                              "the list says that it goes on, but not where (it has no "
                              "NextContinuationToken)",
                              err);
    page->entries = ir_calloc(entry_count, sizeof *page->entries);
    page->prefixes = ir_calloc(prefix_count, sizeof *page->prefixes);
    if (page->entries == NULL || page->prefixes == NULL || !fill_page(root, page))
        return ir_fail_nomem(err);
    if (!has_names(page))
        return ir_answer_fail(&ir_service_s3,
                              "the list has an object without a key, or with one that holds a NUL",
                              err);
    if (!has_more)
        return 0;
    page->next_token = ir_strdup(token);
    return page->next_token != NULL ? 0 : ir_fail_nomem(err);
}

int ir_s3_list_read(const struct ir_http_response *response, struct ir_s3_page *out,
                    struct ir_error *err)
{
    struct ir_xml_doc *doc = NULL;
    struct ir_s3_page page = {0};
    int rc = ir_s3_parse(response, "ListBucketResult", NULL, &doc, err);
    if (rc != 0)
        return rc;
    rc = read_page(ir_xml_root(doc), &page, err);
    if (rc == 0)
        *out = page;
    else
        ir_s3_page_release(&page);
    ir_xml_free(doc);
    return rc;
}

/* ---- pages ------------------------------------------------------------------------------- */

void ir_s3_pager_init(struct ir_s3_pager *pager, const struct ir_s3_list_options *first)
{
    *pager = (struct ir_s3_pager){.options = *first};
}

int ir_s3_pager_next(struct ir_s3_pager *pager, struct ir_s3_page *page, bool *out_has_more,
                     struct ir_error *err)
{
    pager->page_count++;
    *out_has_more = false;
    if (page->next_token == NULL)
        return 0;
    if (pager->options.continuation != NULL &&
        strcmp(pager->options.continuation, page->next_token) == 0)
        return ir_answer_fail(&ir_service_s3,
                              "the list does not get on: the server gave the same continuation "
                              "token twice",
                              err);
    if (pager->page_count >= IR_S3_MAX_PAGES)
        return ir_answer_fail(&ir_service_s3, "the list has more than 100,000 pages", err);
    ir_free(pager->token);
    pager->token = page->next_token;
    page->next_token = NULL;
    pager->options.continuation = pager->token;
    *out_has_more = true;
    return 0;
}

void ir_s3_pager_release(struct ir_s3_pager *pager)
{
    ir_free(pager->token);
    *pager = (struct ir_s3_pager){0};
}
