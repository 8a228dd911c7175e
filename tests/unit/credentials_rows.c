/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the machines of credential tests. Its own memory is not the core's. */
#include "tests/unit/unit.h"

#include "core/base/error.h"
#include "tests/unit/credentials_rows.h"
#include "tests/unit/freed_memory.h"

#define DEADLINE_MS 60000

/* ---- the services ------------------------------------------------------------------------ */

static const struct row_answer *choose(struct row_machine *machine, const char *request)
{
    const struct row_answer *last = NULL;
    for (size_t i = 0; i < ROW_MAX_ANSWERS && machine->row->answers[i].for_url != NULL; i++) {
        const struct row_answer *answer = &machine->row->answers[i];
        if (strstr(request, answer->for_url) == NULL)
            continue;
        last = answer;
        if (machine->used[i])
            continue;
        machine->used[i] = true;
        return answer;
    }
    return last;
}

static void remember(struct row_machine *machine, const struct ir_http_request *request, char *out)
{
    struct ir_body_reader reader;
    size_t bytes =
        (size_t)snprintf(out, ROW_MAX_SENT_BYTES, "%s %s\n", request->method, request->url);
    for (size_t i = 0; i < request->header_count; i++)
        bytes += (size_t)snprintf(out + bytes, ROW_MAX_SENT_BYTES - bytes, "%s: %s\n",
                                  request->headers[i].name, request->headers[i].value);
    if (request->body != NULL) {
        ir_body_reader_init(&reader, request->body);
        bytes += ir_body_read(&reader, out + bytes, ROW_MAX_SENT_BYTES - bytes - 1);
    }
    assert_true(bytes < ROW_MAX_SENT_BYTES);
    out[bytes] = '\0';
    machine->no_proxy[machine->call_count - 1] = request->no_proxy;
}

static int perform(void *context, const struct ir_http_request *request,
                   struct ir_http_response *response, struct ir_error *err)
{
    struct row_machine *machine = context;
    assert_true(machine->call_count < ROW_MAX_CALLS);
    char *sent = machine->sent[machine->call_count++];
    remember(machine, request, sent);
    ir_http_response_clear(response, request->max_response_bytes);
    assert_true(request->deadline_ms > machine->fake.monotonic_ms);
    const struct row_answer *answer = choose(machine, sent);
    if (answer == NULL)
        fail_msg("nobody answers this: %s", sent);
    if (answer->rc != 0) {
        ir_fail(err, answer->rc, "the line failed");
        err->maybe_served = answer->maybe_served;
        err->retryable = answer->rc == IR_ERR_NET;
        if (answer->rc == IR_ERR_TIMEOUT)
            machine->fake.monotonic_ms = request->deadline_ms;
        return answer->rc;
    }
    response->status = answer->status != 0 ? answer->status : 200;
    if (answer->body != NULL)
        ir_buf_append_text(&response->body, answer->body);
    return ir_buf_check(&response->body, "the answer", err);
}

static struct row_machine *writing_machine; /* the world's context is the fake world's */

static int write_file(void *context, const char *path, const void *data, size_t bytes,
                      struct ir_error *err)
{
    struct row_machine *machine = writing_machine;
    (void)context, (void)err;
    assert_ptr_equal(context, &machine->fake);
    snprintf(machine->written_path, sizeof machine->written_path, "%s", path);
    assert_true(bytes < sizeof machine->written);
    memcpy(machine->written, data, bytes);
    machine->written[bytes] = '\0';
    return 0;
}

/* ---- the machine ------------------------------------------------------------------------- */

void row_set_up(struct row_machine *machine, const struct row *row)
{
    struct ir_error err = {0};
    memset(machine, 0, sizeof *machine);
    writing_machine = machine;
    machine->row = row;
    machine->transport = (struct ir_transport){machine, perform, NULL};
    fake_world_init(&machine->fake);
    machine->fake.world.write_private_file = write_file;
    for (size_t i = 0; i < ROW_MAX_VARIABLES && row->variables[i].name != NULL; i++)
        fake_world_setenv(&machine->fake, row->variables[i].name, row->variables[i].value);
    if (row->config != NULL)
        fake_world_add_file(&machine->fake, ROW_CONFIG_PATH, row->config);
    if (row->credentials != NULL)
        fake_world_add_file(&machine->fake, ROW_CREDENTIALS_PATH, row->credentials);
    for (size_t i = 0; i < ROW_MAX_FILES && row->files[i].path != NULL; i++)
        fake_world_add_file(&machine->fake, row->files[i].path, row->files[i].text);
    if (ir_aws_config_load(&machine->fake.world, row->profile, NULL, &machine->config, &err) != 0)
        fail_msg("%s", err.message);
}

void row_tear_down(struct row_machine *machine)
{
    ir_aws_config_release(&machine->config);
}

/* ---- what came of it --------------------------------------------------------------------- */

static void need(const char *text, const char *part, const char *what)
{
    if (text == NULL || strstr(text, part) == NULL)
        fail_msg("%s lacks \"%s\": %s", what, part, text != NULL ? text : "(nothing)");
}

static void need_no_secret(const char *text)
{
    if (strstr(text, "hush") != NULL || strstr(text, "AKIA") != NULL)
        fail_msg("a value is told: %s", text);
}

static void check_error(const struct row *row, int rc, const struct ir_error *err)
{
    char line[2048];
    ir_error_line(err, line, sizeof line);
    if (rc != (row->rc != 0 ? row->rc : IR_ERR_AUTH) || err->code != rc)
        fail_msg("code %d (in the error %d): %s", rc, err->code, line);
    assert_string_not_equal(err->service, "");
    for (size_t i = 0; i < ROW_MAX_WORDS && row->says[i] != NULL; i++)
        need(line, row->says[i], "the error");
    need_no_secret(line);
}

static void check_found(const struct row_machine *machine, const struct ir_credentials *found)
{
    const struct row *row = machine->row;
    assert_string_equal(found->access_key_id, row->key_id);
    assert_string_equal(found->provider, row->provider);
    assert_string_equal(found->secret_key, "hush-secret");
    if (row->left_ms == INT64_MAX)
        assert_true(found->expires_unix_ms == IR_CREDENTIALS_NO_END);
    else if (row->left_ms != 0)
        assert_int_equal(found->expires_unix_ms - FAKE_WORLD_UNIX_MS, row->left_ms);
}

static void check_sent(const struct row_machine *machine)
{
    const struct row *row = machine->row;
    for (int i = 0; i < ROW_MAX_CALLS && row->sent[i] != NULL; i++)
        need(i < machine->call_count ? machine->sent[i] : NULL, row->sent[i], "a request");
    for (size_t i = 0; i < ROW_MAX_WORDS && row->also_sent[i] != NULL; i++) {
        bool is_there = false;
        for (int j = 0; j < machine->call_count; j++)
            is_there = is_there || strstr(machine->sent[j], row->also_sent[i]) != NULL;
        if (!is_there)
            fail_msg("no request has \"%s\"; the first: %s", row->also_sent[i], machine->sent[0]);
    }
    for (int i = 0; row->never_sent != NULL && i < machine->call_count; i++)
        assert_null(strstr(machine->sent[i], row->never_sent));
    if (row->call_count != 0)
        assert_int_equal(machine->call_count, row->call_count > 0 ? row->call_count : 0);
    for (size_t i = 0; i < ROW_MAX_WORDS && row->writes[i] != NULL; i++)
        need(machine->written, row->writes[i], "what was written");
    if (row->writes[0] == NULL)
        assert_string_equal(machine->written, "");
}

void row_test(void **state)
{
    static struct row_machine machine;
    struct ir_credentials *found = NULL;
    struct ir_error err = {0};
    struct ir_buf trace;
    char block[128];
    freed_memory_watch("hush");
    row_set_up(&machine, *state);
    const struct row *row = machine.row;
    struct ir_credentials_context context = ir_credentials_context(
        &machine.config, &machine.transport, machine.fake.monotonic_ms + DEADLINE_MS, NULL);
    ir_buf_init(&trace, IR_CREDENTIALS_MAX_TRACE_BYTES);
    context.trace = &trace;
    int rc = ir_credentials_find(&context, &found, &err);
    if (row->key_id == NULL) {
        check_error(row, rc, &err);
        assert_null(found);
    } else {
        if (rc != 0)
            fail_msg("%d: %s. %s", rc, err.message, err.hint);
        check_found(&machine, found);
    }
    for (size_t i = 0; i < ROW_MAX_WORDS && row->traces[i] != NULL; i++)
        need(ir_buf_text(&trace), row->traces[i], "the trace");
    need_no_secret(ir_buf_text(&trace));
    check_sent(&machine);
    ir_credentials_release(found);
    ir_buf_release(&trace);
    row_tear_down(&machine);
    if (freed_memory_found(block, sizeof block) > 0)
        fail_msg("a secret was freed and not wiped: %s", block);
}
