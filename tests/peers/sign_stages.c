/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The stages of our signature, for comparison with another implementation. Reads requests from
 * standard input, one field a line, "key value"; header lines are "header Name: value"; a line
 * "end" closes a request and its stages are written as JSON, one line each. With a field "expires"
 * (seconds; and perhaps "token") it is the query of a presigned URL.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/aws/sign.h"
#include "core/base/json.h"

#define MAX_LINE_BYTES 16384
#define MAX_HEADERS 60

struct input {
    char *fields[11];
    struct ir_header headers[MAX_HEADERS];
    char *lines[MAX_HEADERS];
    size_t header_count;
};

static const char *const field_names[] = {"method",  "path",    "query", "hash",
                                          "service", "region",  "date",  "key_id",
                                          "secret",  "expires", "token"};
enum {
    METHOD,
    PATH,
    QUERY,
    HASH,
    SERVICE,
    REGION,
    DATE,
    KEY_ID,
    SECRET,
    EXPIRES,
    TOKEN,
    FIELD_COUNT
};

static void clear(struct input *input)
{
    for (size_t i = 0; i < FIELD_COUNT; i++)
        free(input->fields[i]);
    for (size_t i = 0; i < input->header_count; i++)
        free(input->lines[i]);
    memset(input, 0, sizeof *input);
}

static void take_line(struct input *input, const char *line)
{
    const char *value = strchr(line, ' ');
    size_t name_bytes = value != NULL ? (size_t)(value - line) : strlen(line);
    value = value != NULL ? value + 1 : "";
    if (strncmp(line, "header ", 7) == 0 && input->header_count < MAX_HEADERS) {
        char *copy = strdup(value);
        char *colon = strchr(copy, ':');
        *colon = '\0';
        input->lines[input->header_count] = copy;
        input->headers[input->header_count++] = (struct ir_header){copy, colon + 1};
        return;
    }
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (strlen(field_names[i]) == name_bytes &&
            strncmp(line, field_names[i], name_bytes) == 0) {
            free(input->fields[i]);
            input->fields[i] = strdup(value);
        }
    }
}

/* A request without one of the fields is a mistake of whoever wrote it. */
static const char *field(const struct input *input, size_t index)
{
    if (input->fields[index] != NULL)
        return input->fields[index];
    fprintf(stderr, "sign_stages: a request lacks \"%s\"\n", field_names[index]);
    exit(2);
}

static struct ir_sign_request to_request(const struct input *input)
{
    return (struct ir_sign_request){
        .method = field(input, METHOD),
        .path = field(input, PATH),
        .query = field(input, QUERY),
        .headers = input->headers,
        .header_count = input->header_count,
        .payload_hash = field(input, HASH),
        .service = field(input, SERVICE),
        .region = field(input, REGION),
        .date = field(input, DATE),
        .s3_path = strcmp(field(input, SERVICE), "s3") == 0,
    };
}

static void answer_presigned(const struct input *input)
{
    const struct ir_sign_request request = to_request(input);
    const struct ir_sign_key key = {field(input, KEY_ID), field(input, SECRET),
                                    input->fields[TOKEN]};
    struct ir_buf query;
    struct ir_buf text;
    struct ir_json_writer json;
    ir_buf_init(&query, 1 << 20);
    ir_buf_init(&text, 1 << 22);
    ir_sign_presigned_query(&request, &key, strtol(field(input, EXPIRES), NULL, 10), &query);
    ir_json_writer_init(&json, &text);
    ir_json_begin_object(&json);
    ir_json_member_put_string(&json, "presigned", ir_buf_text(&query));
    ir_json_end_object(&json);
    puts(ir_buf_text(&text));
    ir_buf_release(&query);
    ir_buf_release(&text);
}

static void answer(const struct input *input)
{
    const struct ir_sign_request request = to_request(input);
    struct ir_buf canonical, to_sign, authorization, text;
    struct ir_json_writer json;
    ir_buf_init(&canonical, 1 << 20);
    ir_buf_init(&to_sign, 1 << 20);
    ir_buf_init(&authorization, 1 << 20);
    ir_buf_init(&text, 1 << 22);
    ir_sign_canonical_request(&request, &canonical);
    if (ir_sign_string_to_sign(&request, ir_buf_text(&canonical), canonical.bytes, &to_sign) != 0)
        abort();
    ir_sign_authorization(&request, field(input, KEY_ID), field(input, SECRET), &authorization);
    ir_json_writer_init(&json, &text);
    ir_json_begin_object(&json);
    ir_json_member_put_string(&json, "canonical_request", ir_buf_text(&canonical));
    ir_json_member_put_string(&json, "string_to_sign", ir_buf_text(&to_sign));
    ir_json_member_put_string(&json, "authorization", ir_buf_text(&authorization));
    ir_json_end_object(&json);
    puts(ir_buf_text(&text));
    ir_buf_release(&canonical);
    ir_buf_release(&to_sign);
    ir_buf_release(&authorization);
    ir_buf_release(&text);
}

int main(void)
{
    static char line[MAX_LINE_BYTES];
    struct input input = {0};
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, "end") == 0) {
            if (input.fields[EXPIRES] != NULL)
                answer_presigned(&input);
            else
                answer(&input);
            clear(&input);
        } else {
            take_line(&input, line);
        }
    }
    clear(&input);
    return 0;
}
