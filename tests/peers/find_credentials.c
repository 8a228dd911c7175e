/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lets peers see what the chain of credentials finds:
 *
 *     find_credentials [PROFILE]       one JSON object; or the error line and the trace on standard
 *                                      error, exit code 1
 *     find_credentials --identity      GetCallerIdentity's answer
 *     find_credentials --words         each line of standard input as a JSON array of its words, or
 *                                      null where it cannot be split
 *
 * It prints secrets, so it is for made-up ones only.
 */
#include <stdio.h>
#include <string.h>

#include "core/aws/sts.h"
#include "core/aws/words.h"
#include "core/base/alloc.h"

#define LIMIT_MS 20000
#define MAX_LINE_BYTES 65536

static void put_line(struct ir_buf *text)
{
    puts(ir_buf_text(text));
    ir_buf_release(text);
}

static int say(const struct ir_error *err)
{
    char line[1600];
    fprintf(stderr, "%s\n", ir_error_line(err, line, sizeof line));
    return 1;
}

static void put_credentials(const struct ir_credentials *found)
{
    struct ir_json_writer writer;
    struct ir_buf text;
    ir_buf_init(&text, MAX_LINE_BYTES);
    ir_json_writer_init(&writer, &text);
    ir_json_begin_object(&writer);
    ir_json_member_put_string(&writer, "access_key", found->access_key_id);
    ir_json_member_put_string(&writer, "secret_key", found->secret_key);
    ir_json_member_put_string(&writer, "token", found->session_token);
    ir_json_member_put_string(&writer, "provider", found->provider);
    if (found->expires_unix_ms != IR_CREDENTIALS_NO_END)
        ir_json_member_put_integer(&writer, "expires", found->expires_unix_ms / 1000);
    ir_json_end_object(&writer);
    put_line(&text);
}

static int find(struct ir_aws *aws)
{
    const struct ir_world *world = aws->world;
    struct ir_credentials *found = NULL;
    struct ir_error err = {0};
    struct ir_buf trace;
    struct ir_credentials_context context = ir_credentials_context(
        &aws->config, &aws->transport, world->monotonic_ms(world->context) + LIMIT_MS, NULL);
    ir_buf_init(&trace, IR_CREDENTIALS_MAX_TRACE_BYTES);
    context.trace = &trace;
    int rc = ir_credentials_find(&context, &found, &err);
    fputs(ir_buf_text(&trace), stderr);
    ir_buf_release(&trace);
    if (rc != 0)
        return say(&err);
    put_credentials(found);
    ir_credentials_release(found);
    return 0;
}

static int identify(struct ir_aws *aws)
{
    struct ir_sts_identity identity;
    struct ir_error err = {0};
    if (ir_sts_get_caller_identity(aws, NULL, &identity, &err) != 0)
        return say(&err);
    printf("%s %s %s\n", identity.account, identity.arn, identity.user_id);
    return 0;
}

static int split_lines(void)
{
    static char line[MAX_LINE_BYTES];
    while (fgets(line, sizeof line, stdin) != NULL) {
        struct ir_json_writer writer;
        struct ir_buf text;
        char **words = NULL;
        line[strcspn(line, "\n")] = '\0';
        ir_buf_init(&text, 2 * MAX_LINE_BYTES);
        ir_json_writer_init(&writer, &text);
        if (ir_words_split(line, &words, NULL) == 0) {
            ir_json_begin_array(&writer);
            for (char **word = words; *word != NULL; word++)
                ir_json_put_string(&writer, *word);
            ir_json_end_array(&writer);
        } else {
            ir_json_put_null(&writer);
        }
        put_line(&text);
        ir_words_free(words);
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct ir_aws aws = {.world = ir_world_system(), .timeout_ms = LIMIT_MS};
    struct ir_error err = {0};
    bool wants_identity = argc > 1 && strcmp(argv[1], "--identity") == 0;
    if (argc > 1 && strcmp(argv[1], "--words") == 0)
        return split_lines();
    const char *profile = argc > 1 && !wants_identity ? argv[1] : NULL;
    if (ir_aws_config_load(aws.world, profile, NULL, &aws.config, &err) != 0)
        return say(&err);
    if (ir_transport_curl_new(&aws.transport, &err) != 0)
        return say(&err);
    ir_retry_quota_init(&aws.quota);
    ir_credentials_store_init(&aws.credentials);
    int code = wants_identity ? identify(&aws) : find(&aws);
    ir_credentials_store_release(&aws.credentials);
    aws.transport.release(aws.transport.context);
    ir_aws_config_release(&aws.config);
    return code;
}
