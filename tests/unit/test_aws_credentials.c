/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chain of credential providers: order, what stops it, what it says, and what it never says. */
#include "tests/unit/unit.h"

#include "core/aws/credentials.h"
#include "core/base/alloc.h"
#include "core/base/error.h"
#include "tests/unit/fake_world.h"

#define CONFIG_PATH "/home/ann/.aws/config"
#define CREDENTIALS_PATH "/home/ann/.aws/credentials"
#define MAX_ROW_VARIABLES 4
#define MAX_ROW_WORDS 4

#define ENV_KEYS {"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", "hush-env"}
#define FILE_KEYS(name) "aws_access_key_id = AKIA" name "\naws_secret_access_key = hush-" name "\n"

struct row {
    const char *name;
    const char *profile; /* of the caller */
    struct {
        const char *name;
        const char *value;
    } variables[MAX_ROW_VARIABLES];
    const char *config;
    const char *credentials;
    const char *key_id; /* NULL = an error */
    const char *secret;
    const char *token; /* NULL = none */
    const char *provider;
    const char *says[MAX_ROW_WORDS]; /* parts of the error's line */
};

static const struct row rows[] = {
    {"environment", .variables = {ENV_KEYS}, .credentials = "[default]\n" FILE_KEYS("FILE"),
     .key_id = "AKIAENV", .secret = "hush-env", .provider = "the environment"},
    {"environment with a token",
     .variables = {ENV_KEYS, {"AWS_SECURITY_TOKEN", "old"}, {"AWS_SESSION_TOKEN", "new"}},
     .key_id = "AKIAENV", .secret = "hush-env", .token = "new", .provider = "the environment"},
    {"environment with the older token", .variables = {ENV_KEYS, {"AWS_SECURITY_TOKEN", "old"}},
     .key_id = "AKIAENV", .secret = "hush-env", .token = "old", .provider = "the environment"},
    {"environment, empty token", .variables = {ENV_KEYS, {"AWS_SESSION_TOKEN", ""}},
     .key_id = "AKIAENV", .secret = "hush-env", .provider = "the environment"},
    {"AWS_PROFILE does not turn the environment off",
     .variables = {ENV_KEYS, {"AWS_PROFILE", "work"}}, .credentials = "[work]\n" FILE_KEYS("WORK"),
     .key_id = "AKIAENV", .secret = "hush-env", .provider = "the environment"},
    {"the caller's profile does",
     "work",
     {ENV_KEYS},
     .credentials = "[work]\n" FILE_KEYS("WORK"),
     .key_id = "AKIAWORK",
     .secret = "hush-WORK",
     .provider = "the shared credentials file"},
    {"credentials file", .credentials = "[default]\n" FILE_KEYS("FILE"),
     .config = "[default]\n" FILE_KEYS("CONF"), .key_id = "AKIAFILE", .secret = "hush-FILE",
     .provider = "the shared credentials file"},
    {"credentials file with a token",
     .credentials = "[default]\n" FILE_KEYS("FILE") "aws_session_token = tok\n",
     .key_id = "AKIAFILE", .secret = "hush-FILE", .token = "tok",
     .provider = "the shared credentials file"},
    {"AWS_PROFILE chooses the section", .variables = {{"AWS_PROFILE", "work"}},
     .credentials = "[default]\n" FILE_KEYS("FILE") "[work]\n" FILE_KEYS("WORK"),
     .key_id = "AKIAWORK", .secret = "hush-WORK", .provider = "the shared credentials file"},
    {"config file", .config = "[default]\n" FILE_KEYS("CONF"), .key_id = "AKIACONF",
     .secret = "hush-CONF", .provider = "the config file"},
    {"config file, since the credentials file has another profile",
     .credentials = "[other]\n" FILE_KEYS("OTHER"), .config = "[default]\n" FILE_KEYS("CONF"),
     .key_id = "AKIACONF", .secret = "hush-CONF", .provider = "the config file"},
    {"config file, [profile default] over [default]",
     .config = "[default]\n" FILE_KEYS("PLAIN") "[profile default]\n" FILE_KEYS("CONF"),
     .key_id = "AKIACONF", .secret = "hush-CONF", .provider = "the config file"},
    {"a secret with every sign that keys have",
     .variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", "a+b/c=d!~"}},
     .key_id = "AKIAENV", .secret = "a+b/c=d!~", .provider = "the environment"},

    {"none anywhere", .says = {"no credentials found", "AWS_ACCESS_KEY_ID is not set",
                               CREDENTIALS_PATH " (no such file)", CONFIG_PATH " (no such file)"}},
    {"none anywhere: what to do", .says = {"aws configure"}},
    {"none anywhere: the way without keys", .says = {"endpoint=local"}},
    {"none, with files", .config = "[default]\nregion = eu-west-1\n", .credentials = "[x]\n",
     .says = {CREDENTIALS_PATH " (profile \"default\" has no aws_access_key_id)",
              CONFIG_PATH " (profile \"default\" has no aws_access_key_id)"}},
    {"none, and the environment does not count",
     "work",
     {ENV_KEYS},
     .config = "[profile work]\nregion = eu-west-1\n",
     .says = {"the environment (not used, since a profile was named)"}},
    {"half: environment, no secret", .variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV"}},
     .credentials = "[default]\n" FILE_KEYS("FILE"),
     .says = {"AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not"}},
    {"half: environment, empty secret",
     .variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", ""}},
     .says = {"AWS_SECRET_ACCESS_KEY is not"}},
    {"half: environment, no key id: the files are asked",
     .variables = {{"AWS_SECRET_ACCESS_KEY", "hush-env"}},
     .credentials = "[default]\n" FILE_KEYS("FILE"), .key_id = "AKIAFILE", .secret = "hush-FILE",
     .provider = "the shared credentials file"},
    {"half: credentials file", .credentials = "[default]\naws_access_key_id = AKIAFILE\n",
     .config = "[default]\n" FILE_KEYS("CONF"),
     .says = {"\"default\" in " CREDENTIALS_PATH, "no aws_secret_access_key",
              "aws configure --profile default"}},
    {"half: config file",
     "work",
     {{NULL, NULL}},
     .config = "[profile work]\naws_access_key_id = AKIACONF\naws_secret_access_key =\n",
     .says = {"\"work\" in " CONFIG_PATH, "no aws_secret_access_key"}},

    {"character: line break in the secret",
     .variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV"},
                   {"AWS_SECRET_ACCESS_KEY", "hush\r\nX-Evil: 1"}},
     .says = {"from the environment", "line break"}},
    {"character: line feed behind the key id",
     .variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV\n"}, {"AWS_SECRET_ACCESS_KEY", "hush"}},
     .says = {"line break"}},
    {"character: blank in the token", .variables = {ENV_KEYS, {"AWS_SESSION_TOKEN", "hush hush"}},
     .says = {"blank"}},
    {"character: beyond ASCII in the secret",
     .credentials = "[default]\naws_access_key_id = A\naws_secret_access_key = hush\xc3\xa9\n",
     .says = {"from the shared credentials file"}},
    {"character: delete",
     .variables = {{"AWS_ACCESS_KEY_ID", "AKIA\x7f"}, {"AWS_SECRET_ACCESS_KEY", "hush"}},
     .says = {"from the environment"}},
    {"character: a value that goes on in the next line",
     .credentials = "[default]\naws_access_key_id = A\naws_secret_access_key = hush\n  more\n",
     .says = {"line break"}},
};

static void load(const struct row *row, struct fake_world *fake, struct ir_aws_config *config)
{
    struct ir_error err = {0};
    fake_world_init(fake);
    fake_world_setenv(fake, "AWS_EC2_METADATA_DISABLED", "true");
    for (size_t i = 0; i < MAX_ROW_VARIABLES && row->variables[i].name != NULL; i++)
        fake_world_setenv(fake, row->variables[i].name, row->variables[i].value);
    if (row->config != NULL)
        fake_world_add_file(fake, CONFIG_PATH, row->config);
    if (row->credentials != NULL)
        fake_world_add_file(fake, CREDENTIALS_PATH, row->credentials);
    if (ir_aws_config_load(&fake->world, row->profile, NULL, config, &err) != 0)
        fail_msg("%s", err.message);
}

static int no_answer(void *context, const struct ir_http_request *request,
                     struct ir_http_response *response, struct ir_error *err)
{
    (void)context, (void)request, (void)response;
    fail_msg("nothing here may need the network");
    return ir_fail(err, IR_ERR_NET, "no network");
}

static struct ir_credentials_context context_of(const struct ir_aws_config *config)
{
    static const struct ir_transport transport = {NULL, no_answer, NULL};
    return ir_credentials_context(config, &transport, INT64_MAX, NULL);
}

static int find(const struct ir_aws_config *config, struct ir_credentials **out,
                struct ir_error *err)
{
    const struct ir_credentials_context context = context_of(config);
    return ir_credentials_find(&context, out, err);
}

static int get(struct ir_credentials_store *store, const struct ir_aws_config *config,
               struct ir_credentials **out, struct ir_error *err)
{
    const struct ir_credentials_context context = context_of(config);
    return ir_credentials_store_get(store, &context, out, err);
}

static void check_refusal(const struct row *row, int rc, const struct ir_error *err)
{
    char line[2048];
    assert_int_equal(rc, IR_ERR_AUTH);
    assert_int_equal(err->code, IR_ERR_AUTH);
    assert_string_equal(err->service, "AWS credentials");
    assert_false(err->retryable);
    ir_error_line(err, line, sizeof line);
    for (size_t i = 0; i < MAX_ROW_WORDS && row->says[i] != NULL; i++)
        if (strstr(line, row->says[i]) == NULL)
            fail_msg("the error does not say \"%s\": %s", row->says[i], line);
    assert_null(strstr(line, "hush"));
    assert_null(strstr(line, "AKIA"));
}

static void test_find(void **state)
{
    const struct row *row = *state;
    struct fake_world fake;
    struct ir_aws_config config;
    struct ir_credentials *found = NULL;
    struct ir_error err = {0};
    load(row, &fake, &config);
    int rc = find(&config, &found, &err);
    if (row->key_id == NULL) {
        check_refusal(row, rc, &err);
        assert_null(found);
    } else {
        assert_int_equal(rc, 0);
        assert_string_equal(found->access_key_id, row->key_id);
        assert_string_equal(found->secret_key, row->secret);
        assert_string_equal(found->provider, row->provider);
        if (row->token == NULL)
            assert_null(found->session_token);
        else
            assert_string_equal(found->session_token, row->token);
    }
    ir_credentials_release(found);
    ir_aws_config_release(&config);
}

static void test_store(void **state)
{
    (void)state;
    static const struct row row = {"", .variables = {ENV_KEYS}};
    struct fake_world fake;
    struct ir_aws_config config;
    struct ir_credentials_store store;
    struct ir_credentials *first = NULL;
    struct ir_credentials *second = NULL;
    struct ir_error err = {0};
    load(&row, &fake, &config);
    ir_credentials_store_init(&store);
    assert_int_equal(get(&store, &config, &first, &err), 0);
    fake.variable_count = 0;
    assert_int_equal(get(&store, &config, &second, &err), 0);
    assert_ptr_equal(first, second);
    ir_credentials_store_release(&store);
    ir_credentials_release(first);
    assert_string_equal(second->secret_key, "hush-env"); /* still held */
    ir_credentials_release(second);
    ir_aws_config_release(&config);
}

/* What was not found may be there the next time. */
static void test_store_asks_again(void **state)
{
    (void)state;
    static const struct row row = {""};
    struct fake_world fake;
    struct ir_aws_config config;
    struct ir_credentials_store store;
    struct ir_credentials *found = NULL;
    struct ir_error err = {0};
    load(&row, &fake, &config);
    ir_credentials_store_init(&store);
    assert_int_equal(get(&store, &config, &found, &err), IR_ERR_AUTH);
    assert_null(found);
    fake_world_setenv(&fake, "AWS_ACCESS_KEY_ID", "AKIAENV");
    fake_world_setenv(&fake, "AWS_SECRET_ACCESS_KEY", "hush-env");
    assert_int_equal(get(&store, &config, &found, &err), 0);
    ir_credentials_release(found);
    ir_credentials_store_release(&store);
    ir_aws_config_release(&config);
}

static bool deny(void *context)
{
    (void)context;
    return false;
}

/* Without memory for the list of places there is no telling that there are no credentials. */
static void test_no_memory(void **state)
{
    (void)state;
    static const struct row row = {""};
    struct fake_world fake;
    struct ir_aws_config config;
    struct ir_credentials *found = NULL;
    struct ir_error err = {0};
    load(&row, &fake, &config);
    ir_alloc_set_gate(deny, NULL);
    int rc = find(&config, &found, &err);
    ir_alloc_set_gate(NULL, NULL);
    assert_int_equal(rc, IR_ERR_NOMEM);
    assert_int_equal(err.code, IR_ERR_NOMEM);
    assert_null(found);
    ir_aws_config_release(&config);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_find, rows);
    unit_add(&list, "store: found once, held by its users", test_store);
    unit_add(&list, "store: asks again after a failure", test_store_asks_again);
    unit_add(&list, "out of memory", test_no_memory);
    return unit_run(&list, "aws-credentials");
}
