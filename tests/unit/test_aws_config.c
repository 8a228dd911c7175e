/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AWS's own settings: which profile, which region, what the environment and the files say. */
#include "tests/unit/unit.h"

#include "core/aws/config.h"
#include "core/base/utf8.h"
#include "tests/unit/fake_world.h"

#define CONFIG_PATH "/home/ann/.aws/config"
#define CREDENTIALS_PATH "/home/ann/.aws/credentials"
#define MAX_ROW_VARIABLES 4
#define KOREAN_12 "\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c\xed\x95\x9c"
#define KOREAN_60 KOREAN_12 KOREAN_12 KOREAN_12 KOREAN_12 KOREAN_12
#define KOREAN_120 "." KOREAN_60 KOREAN_60 /* bytes, and one */
#define REGION_64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

struct row {
    const char *name;
    const char *profile; /* of the caller */
    const char *region;  /* of the caller */
    struct {
        const char *name;
        const char *value;
    } variables[MAX_ROW_VARIABLES];
    const char *config;      /* the file's text; NULL = no such file */
    const char *credentials; /* the same */
    const char *want_profile;
    const char *want_region;    /* NULL = none */
    unsigned want_max_attempts; /* 0 = the default */
    enum ir_retry_mode want_retry_mode;
    bool want_explicit;
    const char *says; /* a part of the error's message; NULL = success */
};

static const char two_defaults[] = "[default]\nregion = eu-west-1\nmax_attempts = 7\n"
                                   "[profile default]\nregion = eu-west-2\n";

static const struct row rows[] = {
    {"nothing at all", .want_profile = "default"},
    {"empty strings are nothing", "", "", .want_profile = "default"},
    {"region of the caller",
     NULL,
     "us-west-2",
     {{"AWS_REGION", "us-east-1"}},
     .want_profile = "default",
     .want_region = "us-west-2"},
    {"AWS_REGION", .variables = {{"AWS_DEFAULT_REGION", "eu-west-3"}, {"AWS_REGION", "us-east-1"}},
     .config = "[default]\nregion = eu-west-1\n", .want_profile = "default",
     .want_region = "us-east-1"},
    {"AWS_DEFAULT_REGION", .variables = {{"AWS_DEFAULT_REGION", "eu-west-3"}},
     .config = "[default]\nregion = eu-west-1\n", .want_profile = "default",
     .want_region = "eu-west-3"},
    {"empty variables do not count",
     .variables = {{"AWS_REGION", ""}, {"AWS_DEFAULT_REGION", ""}, {"AWS_PROFILE", ""}},
     .config = "[default]\nregion = eu-west-1\n", .want_profile = "default",
     .want_region = "eu-west-1"},
    {"region of the profile", .config = "[default]\nregion = eu-west-1\n",
     .want_profile = "default", .want_region = "eu-west-1"},
    {"[profile default] over [default]", .config = two_defaults, .want_profile = "default",
     .want_region = "eu-west-2"},
    {"[profile default] alone", .config = "[profile default]\nregion = eu-west-2\n",
     .want_profile = "default", .want_region = "eu-west-2"},
    {"[x] in the config file is no profile", "x", NULL, .config = "[x]\nregion = eu-west-1\n",
     .says = "\"x\""},
    {"AWS_PROFILE", .variables = {{"AWS_PROFILE", "work"}},
     .config = "[default]\nregion = eu-west-1\n[profile work]\nregion = eu-north-1\n",
     .want_profile = "work", .want_region = "eu-north-1"},
    {"AWS_DEFAULT_PROFILE", .variables = {{"AWS_DEFAULT_PROFILE", "work"}},
     .config = "[profile work]\nregion = eu-north-1\n", .want_profile = "work",
     .want_region = "eu-north-1"},
    {"AWS_PROFILE over AWS_DEFAULT_PROFILE",
     .variables = {{"AWS_DEFAULT_PROFILE", "nowhere"}, {"AWS_PROFILE", "work"}},
     .config = "[profile work]\nregion = eu-north-1\n", .want_profile = "work",
     .want_region = "eu-north-1"},
    {"the caller's profile",
     "mine",
     NULL,
     {{"AWS_PROFILE", "nowhere"}},
     .config = "[profile mine]\nregion = eu-south-1\n",
     .want_profile = "mine",
     .want_region = "eu-south-1",
     .want_explicit = true},
    {"the caller's default", "default", NULL, .config = "[default]\nregion = eu-west-1\n",
     .want_profile = "default", .want_region = "eu-west-1", .want_explicit = true},
    {"a quoted profile name", "my work", NULL,
     .config = "[profile \"my work\"]\nregion = eu-south-1\n", .want_profile = "my work",
     .want_region = "eu-south-1", .want_explicit = true},
    {"a profile of the credentials file only", "keys", NULL,
     .credentials = "[keys]\naws_access_key_id = A\n", .want_profile = "keys",
     .want_explicit = true},
    {"files named by the environment",
     .variables = {{"AWS_CONFIG_FILE", "~/c"},
                   {"AWS_SHARED_CREDENTIALS_FILE", "/etc/k"},
                   {"AWS_PROFILE", "nowhere"}},
     .config = "[profile nowhere]\n",
     .says = "the profile \"nowhere\" is neither in /home/ann/c nor in /etc/k"},
    {"max_attempts of the profile", .config = "[default]\nmax_attempts = 7\n",
     .want_profile = "default", .want_max_attempts = 7},
    {"AWS_MAX_ATTEMPTS", .variables = {{"AWS_MAX_ATTEMPTS", "1"}},
     .config = "[default]\nmax_attempts = 7\n", .want_profile = "default", .want_max_attempts = 1},
    {"20 attempts", .variables = {{"AWS_MAX_ATTEMPTS", "20"}}, .want_profile = "default",
     .want_max_attempts = 20},

    {"bad: unknown profile of the caller", "work", NULL, .config = "[default]\n",
     .says = "the profile \"work\" is neither in " CONFIG_PATH " nor in " CREDENTIALS_PATH},
    {"bad: unknown AWS_PROFILE", .variables = {{"AWS_PROFILE", "work"}},
     .says = "the profile \"work\""},
    {"bad: default named, in no file", "default", NULL, .says = "the profile \"default\""},
    {"retry mode of the profile", .config = "[default]\nretry_mode = adaptive\n",
     .want_profile = "default", .want_retry_mode = IR_RETRY_MODE_ADAPTIVE},
    {"AWS_RETRY_MODE", .variables = {{"AWS_RETRY_MODE", "standard"}},
     .config = "[default]\nretry_mode = adaptive\n", .want_profile = "default"},
    {"AWS_RETRY_MODE in capitals", .variables = {{"AWS_RETRY_MODE", "ADAPTIVE"}},
     .want_profile = "default", .want_retry_mode = IR_RETRY_MODE_ADAPTIVE},
    {"legacy retry mode", .variables = {{"AWS_RETRY_MODE", "legacy"}}, .want_profile = "default"},
    {"bad: retry mode", .variables = {{"AWS_RETRY_MODE", "adaptiv"}},
     .says = "AWS_RETRY_MODE or retry_mode is \"adaptiv\""},
    {"bad: retry mode of the profile", .config = "[default]\nretry_mode = 3\n",
     .says = "retry_mode is \"3\""},
    {"bad: 21 attempts", .variables = {{"AWS_MAX_ATTEMPTS", "21"}}, .says = "AWS_MAX_ATTEMPTS"},
    {"bad: no attempt", .variables = {{"AWS_MAX_ATTEMPTS", "0"}}, .says = "AWS_MAX_ATTEMPTS"},
    {"bad: -1 attempts", .variables = {{"AWS_MAX_ATTEMPTS", "-1"}}, .says = "AWS_MAX_ATTEMPTS"},
    {"bad: attempts with a tail", .variables = {{"AWS_MAX_ATTEMPTS", "3x"}}, .says = "\"3x\""},
    {"bad: attempts beyond a long", .config = "[default]\nmax_attempts=99999999999999999999\n",
     .says = "max_attempts"},
    {"bad: region with a dot", NULL, "eu.west", .says = "\"eu.west\""},
    {"bad: region with a slash", NULL, "eu-west-1/x", .says = "region"},
    {"bad: region with an at sign", .variables = {{"AWS_REGION", "x@evil.example"}},
     .says = "region"},
    {"bad: region in capitals", NULL, "EU-WEST-1", .says = "region"},
    {"bad: region with a blank", NULL, "eu west", .says = "region"},
    {"bad: region with a dash before", NULL, "-eu", .says = "region"},
    {"bad: region with a dash behind", .config = "[default]\nregion = eu-\n", .says = "\"eu-\""},
    {"bad: region in Korean", NULL, KOREAN_120, .says = "region"},
    {"bad: attempts in Korean", .variables = {{"AWS_MAX_ATTEMPTS", KOREAN_120}},
     .says = "AWS_MAX_ATTEMPTS"},
    {"bad: region of 64 characters", NULL, REGION_64, .says = "region"},
    {"bad: a line of the config file", .config = "[default]\nregion = eu-west-1\nnonsense\n",
     .says = CONFIG_PATH ", line 3"},
    {"bad: a line of the credentials file", .credentials = "[a]\nAKIA SECRETSECRET\n",
     .says = CREDENTIALS_PATH ", line 2"},
};

static void test_load(void **state)
{
    const struct row *row = *state;
    struct fake_world fake;
    struct ir_aws_config config;
    struct ir_aws_config before;
    struct ir_error err = {0};
    fake_world_init(&fake);
    for (size_t i = 0; i < MAX_ROW_VARIABLES && row->variables[i].name != NULL; i++)
        fake_world_setenv(&fake, row->variables[i].name, row->variables[i].value);
    if (row->config != NULL)
        fake_world_add_file(&fake, CONFIG_PATH, row->config);
    if (row->credentials != NULL)
        fake_world_add_file(&fake, CREDENTIALS_PATH, row->credentials);
    memset(&config, 'x', sizeof config);
    before = config;
    int rc = ir_aws_config_load(&fake.world, row->profile, row->region, &config, &err);
    if (row->says != NULL) {
        assert_int_equal(rc, IR_ERR_ARG);
        assert_int_equal(err.code, IR_ERR_ARG);
        assert_string_equal(err.service, "AWS settings");
        if (strstr(err.message, row->says) == NULL)
            fail_msg("the message does not say \"%s\": %s", row->says, err.message);
        assert_string_not_equal(err.hint, "");
        assert_true(ir_utf8_is_valid(err.message, strlen(err.message)));
        assert_null(strstr(err.message, "SECRET"));
        assert_null(strstr(err.hint, "SECRET"));
        assert_memory_equal(&config, &before, sizeof config);
        return;
    }
    assert_string_equal(err.message, "");
    assert_int_equal(rc, 0);
    assert_string_equal(config.profile, row->want_profile);
    assert_int_equal(config.profile_is_explicit, row->want_explicit);
    assert_int_equal(config.retry_mode, row->want_retry_mode);
    assert_int_equal(config.max_attempts, row->want_max_attempts != 0 ? row->want_max_attempts : 3);
    if (row->want_region == NULL)
        assert_null(config.region);
    else
        assert_string_equal(config.region, row->want_region);
    ir_aws_config_release(&config);
    assert_null(config.profile);
}

/* A file that is there and cannot be read must not be taken for one that is not there. */
static void test_unreadable(void **state)
{
    (void)state;
    static const char *const paths[] = {CONFIG_PATH, CREDENTIALS_PATH};
    for (size_t i = 0; i < 2; i++) {
        struct fake_world fake;
        struct ir_aws_config config;
        struct ir_error err = {0};
        fake_world_init(&fake);
        fake_world_add_file(&fake, paths[i], NULL);
        assert_int_equal(ir_aws_config_load(&fake.world, NULL, NULL, &config, &err), IR_ERR_ARG);
        assert_non_null(strstr(err.message, paths[i]));
        assert_non_null(strstr(err.message, "Permission denied"));
    }
}

static void test_lookup(void **state)
{
    (void)state;
    struct fake_world fake;
    struct ir_aws_config config;
    struct ir_error err = {0};
    fake_world_init(&fake);
    fake_world_setenv(&fake, "SET", "from the environment");
    fake_world_setenv(&fake, "EMPTY", "");
    fake_world_setenv(&fake, "AWS_CA_BUNDLE", "/etc/ca.pem");
    fake_world_add_file(&fake, CONFIG_PATH,
                        "[default]\nKey = from the file\nvoid =\n"
                        "ca_bundle = /other.pem\nuse_fips_endpoint = yes\n"
                        "use_dualstack_endpoint = True\n");
    fake_world_add_file(&fake, CREDENTIALS_PATH, "[default]\nother = x\n");
    assert_int_equal(ir_aws_config_load(&fake.world, NULL, NULL, &config, &err), 0);
    assert_string_equal(ir_aws_config_lookup(&config, "SET", "key"), "from the environment");
    assert_string_equal(ir_aws_config_lookup(&config, "EMPTY", "key"), "from the file");
    assert_string_equal(ir_aws_config_lookup(&config, NULL, "key"), "from the file");
    assert_null(ir_aws_config_lookup(&config, "UNSET", "no such key"));
    assert_null(ir_aws_config_get(&config, "void"));
    assert_null(ir_aws_config_get(&config, "other"));
    assert_string_equal(ir_aws_profile_get_credential(&config, config.profile, "other"), "x");
    assert_null(ir_aws_profile_get_credential(&config, config.profile, "key"));
    assert_string_equal(config.ca_bundle, "/etc/ca.pem");
    assert_false(config.use_fips);
    assert_true(config.use_dualstack);
    ir_aws_config_release(&config);
}

/* A name that no section can have is not cut to one that is there. */
static void test_long_profile(void **state)
{
    (void)state;
    struct fake_world fake;
    struct ir_aws_config config;
    struct ir_error err = {0};
    static char name[2000];
    memset(name, 'p', sizeof name - 1);
    fake_world_init(&fake);
    fake_world_add_file(&fake, CONFIG_PATH, "[default]\nregion = eu-west-1\n");
    assert_int_equal(ir_aws_config_load(&fake.world, name, NULL, &config, &err), IR_ERR_ARG);
    assert_string_equal(err.service, "AWS settings");
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_load, rows);
    unit_add(&list, "unreadable files", test_unreadable);
    unit_add(&list, "lookup", test_lookup);
    unit_add(&list, "a profile name of 1,999 characters", test_long_profile);
    return unit_run(&list, "aws-config");
}
