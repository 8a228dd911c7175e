/* SPDX-License-Identifier: GPL-3.0-or-later */
/* credential_process: how its line is split, and real programs that answer, fail, hang or flood. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <unistd.h>

#include "core/aws/credentials.h"
#include "core/aws/words.h"
#include "core/base/error.h"
#include "tests/unit/fake_world.h"
#include "tests/unit/freed_memory.h"

#define MAX_WORDS 6

/* ---- words ------------------------------------------------------------------------------- */

/* Checked against Python's shlex.split in tests/peers/credentials_botocore.py too. */
static const struct words_row {
    const char *name;
    const char *text;
    const char *words[MAX_WORDS]; /* none = refused */
} words_rows[] = {
    {"words: plain", "a bc  d\te\nf", {"a", "bc", "d", "e", "f"}},
    {"words: blanks around", "  a  ", {"a"}},
    {"words: single quotes", "a 'b c' 'd\\'", {"a", "b c", "d\\"}},
    {"words: double quotes",
     "\"a b\" \"c\\\"d\" \"e\\\\f\" \"g\\h\"",
     {"a b", "c\"d", "e\\f", "g\\h"}},
    {"words: quotes inside a word", "a'b c'd\"e f\"", {"ab cde f"}},
    {"words: an empty one", "a '' \"\"", {"a", "", ""}},
    {"words: a backslash", "a\\ b \\\\ \\'", {"a b", "\\", "'"}},
    {"words: nothing of a shell", "a|b $HOME ~ *;`x` #y", {"a|b", "$HOME", "~", "*;`x`", "#y"}},
    {"words: UTF-8", "é 한국", {"é", "한국"}},
    {"words refused: none", "", {NULL}},
    {"words refused: blanks", " \t", {NULL}},
    {"words refused: an open quote", "a 'b", {NULL}},
    {"words refused: an open double quote", "a \"b\\\"", {NULL}},
    {"words refused: a backslash at the end", "a \\", {NULL}},
};

static void test_words(void **state)
{
    const struct words_row *row = *state;
    char **words = NULL;
    struct ir_error err = {0};
    int rc = ir_words_split(row->text, &words, &err);
    if (row->words[0] == NULL) {
        assert_int_equal(rc, IR_ERR_ARG);
        assert_null(words);
        return;
    }
    assert_int_equal(rc, 0);
    size_t i = 0;
    for (; i < MAX_WORDS && row->words[i] != NULL; i++) {
        assert_non_null(words[i]);
        assert_string_equal(words[i], row->words[i]);
    }
    assert_null(words[i]);
    ir_words_free(words);
}

static void test_too_many_words(void **state)
{
    (void)state;
    char text[2 * (IR_WORDS_MAX + 1) + 1] = "";
    char **words = NULL;
    struct ir_error err = {0};
    for (size_t i = 0; i <= IR_WORDS_MAX; i++)
        memcpy(text + 2 * i, "a ", 3);
    assert_int_equal(ir_words_split(text, &words, &err), IR_ERR_ARG);
    text[2 * IR_WORDS_MAX] = '\0';
    assert_int_equal(ir_words_split(text, &words, &err), 0);
    ir_words_free(words);
}

/* ---- programs ---------------------------------------------------------------------------- */

#define GOOD "{\"Version\":1,\"AccessKeyId\":\"AKIAP\",\"SecretAccessKey\":\"hush-p\""
#define SHELL(script) "/bin/sh -c '" script "'"

static const struct program_row {
    const char *name;
    const char *line;
    const char *key_id; /* NULL = refused */
    const char *token;
    int64_t left_ms;
    int rc;
    const char *says[3];
} program_rows[] = {
    {"program: long-term", "/bin/echo '" GOOD "}'", "AKIAP", NULL, INT64_MAX, 0, {NULL}},
    {"program: temporary",
     "/bin/echo '" GOOD ",\"SessionToken\":\"hush-t\",\"Expiration\":\"2026-11-20T22:35:00Z\"}'",
     "AKIAP",
     "hush-t",
     3600000,
     0,
     {NULL}},
    {"program: found on PATH", "echo '" GOOD "}'", "AKIAP", NULL, INT64_MAX, 0, {NULL}},
    {"program: what it complains of is not its answer",
     SHELL("echo complaint >&2; echo \"$1\"") " x '" GOOD "}'",
     "AKIAP",
     NULL,
     INT64_MAX,
     0,
     {NULL}},
    {"program: a flood of complaints does no harm",
     SHELL("head -c 300000 /dev/zero >&2; echo \"$1\"") " x '" GOOD "}'",
     "AKIAP",
     NULL,
     INT64_MAX,
     0,
     {NULL}},
    {"program: its input is empty",
     SHELL("cat; echo \"$1\"") " x '" GOOD "}'",
     "AKIAP",
     NULL,
     INT64_MAX,
     0,
     {NULL}},
    {"program: no shell",
     "/bin/echo '" GOOD "}' $HOME `id`",
     NULL,
     NULL,
     0,
     IR_ERR_RESPONSE,
     {NULL}},
    {"program refused: exit code",
     SHELL("echo \"log in first\" >&2; exit 3"),
     NULL,
     NULL,
     0,
     0,
     {"ended with exit code 3 and said: log in first", "by hand"}},
    {"program refused: exit code after an answer",
     SHELL("echo \"$1\"; exit 1") " x '" GOOD "}'",
     NULL,
     NULL,
     0,
     0,
     {"ended with exit code 1"}},
    {"program refused: complaints are cleaned",
     SHELL("printf \"a\\033[31m\\nb\\377\" >&2; exit 1"),
     NULL,
     NULL,
     0,
     0,
     {"said: a [31m b"}},
    {"program refused: the beginning of a long complaint is told",
     SHELL("head -c 9000 /dev/zero | tr \"\\0\" x >&2; exit 1"),
     NULL,
     NULL,
     0,
     0,
     {"said: xxxxxxxxxxxxxxxx"}},
    {"program refused: signal", SHELL("kill -9 $$"), NULL, NULL, 0, 0, {"ended with signal 9"}},
    {"program refused: not there",
     "/nonexistent/hurra",
     NULL,
     NULL,
     0,
     0,
     {"\"/nonexistent/hurra\"", "cannot be started: No such file", "full path"}},
    {"program refused: an open quote",
     "/bin/echo 'hush",
     NULL,
     NULL,
     0,
     0,
     {"profile \"p\" cannot be read: a quote"}},
    {"program refused: no JSON",
     "/bin/echo hush",
     NULL,
     NULL,
     0,
     IR_ERR_RESPONSE,
     {"the output of credential_process"}},
    {"program refused: another version",
     "/bin/echo '{\"Version\":2,\"AccessKeyId\":\"AKIA\"}'",
     NULL,
     NULL,
     0,
     IR_ERR_RESPONSE,
     {"not of Version 1"}},
    {"program refused: no version",
     "/bin/echo '{\"AccessKeyId\":\"AKIA\"}'",
     NULL,
     NULL,
     0,
     IR_ERR_RESPONSE,
     {"not of Version 1"}},
    {"program refused: half a key",
     "/bin/echo '{\"Version\":1,\"AccessKeyId\":\"AKIA\"}'",
     NULL,
     NULL,
     0,
     IR_ERR_RESPONSE,
     {"no valid \"SecretAccessKey\""}},
    {"program refused: a date that is none",
     "/bin/echo '" GOOD ",\"Expiration\":\"soon\"}'",
     NULL,
     NULL,
     0,
     IR_ERR_RESPONSE,
     {"no valid \"Expiration\""}},
    {"program refused: over already",
     "/bin/echo '" GOOD ",\"Expiration\":\"2026-11-20T21:00:00Z\"}'",
     NULL,
     NULL,
     0,
     0,
     {"from credential_process ended at 2026-11-20T21:00:00Z"}},
    {"program refused: a flood",
     SHELL("cat /dev/zero"),
     NULL,
     NULL,
     0,
     IR_ERR_TOO_LARGE,
     {"credential_process"}},
};

struct machine {
    struct fake_world fake;
    char text[2048];
    struct ir_aws_config config;
};

static int64_t real_monotonic_ms(void *context)
{
    (void)context;
    return ir_world_system()->monotonic_ms(NULL);
}

static void set_up(struct machine *machine, const char *line)
{
    struct ir_error err = {0};
    snprintf(machine->text, sizeof machine->text, "[profile p]\ncredential_process = %s\n", line);
    fake_world_init(&machine->fake);
    machine->fake.world.monotonic_ms = real_monotonic_ms;
    fake_world_add_file(&machine->fake, "/home/ann/.aws/config", machine->text);
    if (ir_aws_config_load(&machine->fake.world, "p", NULL, &machine->config, &err) != 0)
        fail_msg("%s", err.message);
}

static int find(const struct machine *machine, long limit_ms, const struct ir_cancel *cancel,
                struct ir_credentials **out, struct ir_error *err)
{
    static const struct ir_transport none = {NULL, NULL, NULL};
    const struct ir_credentials_context context =
        ir_credentials_context(&machine->config, &none, real_monotonic_ms(NULL) + limit_ms, cancel);
    return ir_credentials_find(&context, out, err);
}

static void test_program(void **state)
{
    const struct program_row *row = *state;
    static struct machine machine;
    struct ir_credentials *found = NULL;
    struct ir_error err = {0};
    char line[2048];
    char block[128];
    freed_memory_watch("hush");
    set_up(&machine, row->line);
    int rc = find(&machine, 20000, NULL, &found, &err);
    ir_error_line(&err, line, sizeof line);
    if (row->key_id != NULL) {
        if (rc != 0)
            fail_msg("%s", line);
        assert_string_equal(found->access_key_id, row->key_id);
        assert_string_equal(found->secret_key, "hush-p");
        assert_true((found->session_token == NULL) == (row->token == NULL));
        assert_string_equal(found->provider, "credential_process");
        assert_true(row->left_ms == INT64_MAX
                        ? found->expires_unix_ms == IR_CREDENTIALS_NO_END
                        : found->expires_unix_ms - FAKE_WORLD_UNIX_MS == row->left_ms);
    } else {
        if (rc != (row->rc != 0 ? row->rc : IR_ERR_AUTH))
            fail_msg("%d: %s", rc, line);
        for (size_t i = 0; i < 3 && row->says[i] != NULL; i++)
            if (strstr(line, row->says[i]) == NULL)
                fail_msg("lacks \"%s\": %s", row->says[i], line);
        assert_null(strstr(line, "hush"));
        assert_null(strstr(line, "AKIA"));
    }
    ir_credentials_release(found);
    ir_aws_config_release(&machine.config);
    if (freed_memory_found(block, sizeof block) > 0)
        fail_msg("a secret was freed and not wiped: %s", block);
}

/* The pid that the program wrote; it must not run any more. */
static void expect_ended(const char *path)
{
    char text[32] = "";
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(text, sizeof text, file) == NULL)
        fail_msg("the program did not write its pid");
    if (file != NULL)
        fclose(file);
    unlink(path);
    long pid = strtol(text, NULL, 10);
    assert_true(pid > 1);
    assert_int_equal(kill((pid_t)pid, 0), -1);
}

static void test_time_limit(void **state)
{
    (void)state;
    static struct machine machine;
    struct ir_credentials *found = NULL;
    struct ir_error err = {0};
    char path[] = "/tmp/imgrecog-pid-XXXXXX";
    char line[512];
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    snprintf(line, sizeof line, SHELL("echo $$ > \"$0\"; exec sleep 60") " %s", path);
    set_up(&machine, line);
    int64_t before_ms = real_monotonic_ms(NULL);
    assert_int_equal(find(&machine, 1000, NULL, &found, &err), IR_ERR_TIMEOUT);
    assert_true(real_monotonic_ms(NULL) - before_ms < 10000);
    assert_non_null(strstr(err.message, "did not end within the time limit"));
    expect_ended(path);
    ir_aws_config_release(&machine.config);
}

static void test_cancel(void **state)
{
    (void)state;
    static struct machine machine;
    struct ir_credentials *found = NULL;
    struct ir_error err = {0};
    struct ir_cancel *cancel = ir_cancel_new();
    ir_cancel_set(cancel);
    set_up(&machine, "/bin/sleep 60");
    int64_t before_ms = real_monotonic_ms(NULL);
    assert_int_equal(find(&machine, 60000, cancel, &found, &err), IR_ERR_CANCELLED);
    assert_true(real_monotonic_ms(NULL) - before_ms < 5000);
    ir_cancel_free(cancel);
    ir_aws_config_release(&machine.config);
}

/* A host may have the kernel reap its children. */
static void test_reaped_by_the_host(void **state)
{
    (void)state;
    static struct machine machine;
    struct ir_credentials *found = NULL;
    struct ir_error err = {0};
    void (*before)(int) = signal(SIGCHLD, SIG_IGN);
    set_up(&machine, "/bin/echo '" GOOD "}'");
    int rc = find(&machine, 20000, NULL, &found, &err);
    signal(SIGCHLD, before);
    if (rc != 0)
        fail_msg("%s", err.message);
    ir_credentials_release(found);
    ir_aws_config_release(&machine.config);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_words, words_rows);
    unit_add(&list, "words refused: too many", test_too_many_words);
    UNIT_ADD_ROWS(&list, test_program, program_rows);
    unit_add(&list, "program: ended at the time limit", test_time_limit);
    unit_add(&list, "program: cancelled", test_cancel);
    unit_add(&list, "program: reaped by the host", test_reaped_by_the_host);
    return unit_run(&list, "aws-credentials-process");
}
