/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ListObjectsV2, a page at a time. Keys are asked for url-encoded, since XML 1.0 cannot hold every
 * character of one, and decoded. Pure.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
#ifndef CORE_SERVICE_S3_LIST_H
#define CORE_SERVICE_S3_LIST_H

#include "core/service/s3.h"

#define IR_S3_MAX_PAGE_KEYS 1000U
#define IR_S3_MAX_PAGES 100000U /* of one listing: a hundred million keys */

/* Borrowed until the request has been sent; NULL and 0 = left out. */
struct ir_s3_list_options {
    const char *bucket;
    const char *expected_owner;
    const char *prefix;
    const char *delimiter; /* keys that hold it behind the prefix are told as common prefixes */
    const char *start_after;
    unsigned max_keys;        /* of a page, at most IR_S3_MAX_PAGE_KEYS; 0 = that */
    const char *continuation; /* next_token of the page before */
};
/* IR_ERR_ARG, IR_ERR_TOO_LARGE, IR_ERR_NOMEM. */
IR_MUST_CHECK int ir_s3_list_call(const struct ir_s3_list_options *options,
                                  struct ir_s3_request *out, struct ir_error *err);

struct ir_s3_entry {
    char *key;
    uint64_t bytes;
    char etag[IR_S3_ETAG_BYTES];
    char last_modified[40];
    char storage_class[40];
};

struct ir_s3_page {
    struct ir_s3_entry *entries;
    size_t entry_count;
    char **prefixes;
    size_t prefix_count;
    char *next_token; /* NULL = this was the last page */
};

/* Untouched on failure. IR_ERR_RESPONSE: no listing, or one that says that it goes on and not
 * where; IR_ERR_NOMEM. */
IR_MUST_CHECK int ir_s3_list_read(const struct ir_http_response *response, struct ir_s3_page *out,
                                  struct ir_error *err);
void ir_s3_page_release(struct ir_s3_page *page);

/* The way through a listing. It ends whatever a server answers. */
struct ir_s3_pager {
    struct ir_s3_list_options options; /* of the next page */
    char *token;
    unsigned page_count;
};
void ir_s3_pager_init(struct ir_s3_pager *pager, const struct ir_s3_list_options *first);
/*
 * Takes the token of the page that was read; *out_has_more says that another ir_s3_list_call with
 * pager->options is due. IR_ERR_RESPONSE: the server gave the same token again, or more than
 * IR_S3_MAX_PAGES.
 */
IR_MUST_CHECK int ir_s3_pager_next(struct ir_s3_pager *pager, struct ir_s3_page *page,
                                   bool *out_has_more, struct ir_error *err);
void ir_s3_pager_release(struct ir_s3_pager *pager);

#endif
