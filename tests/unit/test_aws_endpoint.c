/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where requests go: AWS's hosts (compared with what botocore 1.43's partitions and rule set for
 * Rekognition give), custom endpoints in every form, and which of several settings wins.
 */
#include "tests/unit/unit.h"

#include "core/aws/endpoint.h"
#include "tests/unit/fake_world.h"

#define MAX_ROW_VARIABLES 4

static const char config_text[] = "[default]\n"
                                  "region = eu-west-1\n"
                                  "[profile url]\n"
                                  "region = eu-west-1\n"
                                  "endpoint_url = http://profile.example\n"
                                  "[profile services]\n"
                                  "region = eu-west-1\n"
                                  "services = mine\n"
                                  "endpoint_url = http://profile.example\n"
                                  "[profile other-service]\n"
                                  "region = eu-west-1\n"
                                  "services = other\n"
                                  "endpoint_url = http://profile.example\n"
                                  "[profile no-such-services]\n"
                                  "region = eu-west-1\n"
                                  "services = nowhere\n"
                                  "[profile ignoring]\n"
                                  "region = eu-west-1\n"
                                  "ignore_configured_endpoint_urls = true\n"
                                  "endpoint_url = http://profile.example\n"
                                  "[profile fips]\n"
                                  "region = eu-west-1\n"
                                  "use_fips_endpoint = true\n"
                                  "[services mine]\n"
                                  "rekognition =\n"
                                  "  endpoint_url = http://services.example:8080/pre\n"
                                  "[services other]\n"
                                  "s3 =\n"
                                  "  endpoint_url = http://s3.example\n"
                                  "[profile bad-url]\n"
                                  "region = eu-west-1\n"
                                  "endpoint_url = ftp://profile.example\n";

struct variable {
    const char *name;
    const char *value;
};

struct row {
    const char *name;
    const char *setting;
    const char *profile;
    struct variable variables[MAX_ROW_VARIABLES];
    const char *base_url;
    const char *host;
    const char *base_path;
    const char *unix_socket;
};

#define REGION(region) .variables = {{"AWS_REGION", region}}
#define FIPS(region) .variables = {{"AWS_REGION", region}, {"AWS_USE_FIPS_ENDPOINT", "true"}}
#define DUAL(region) .variables = {{"AWS_REGION", region}, {"AWS_USE_DUALSTACK_ENDPOINT", "true"}}
#define BOTH(region)                                                                               \
    .variables = {{"AWS_REGION", region},                                                          \
                  {"AWS_USE_FIPS_ENDPOINT", "true"},                                               \
                  {"AWS_USE_DUALSTACK_ENDPOINT", "true"}}
#define AWS_HOST(text) .base_url = "https://" text, .host = text

static const struct row rows[] = {
    {"aws", NULL, NULL, AWS_HOST("rekognition.eu-west-1.amazonaws.com")},
    {"aws, said", "aws", NULL, AWS_HOST("rekognition.eu-west-1.amazonaws.com")},
    {"aws, empty setting", "", NULL, AWS_HOST("rekognition.eu-west-1.amazonaws.com")},
    {"aws, gov", REGION("us-gov-west-1"), AWS_HOST("rekognition.us-gov-west-1.amazonaws.com")},
    {"aws, China", REGION("cn-north-1"), AWS_HOST("rekognition.cn-north-1.amazonaws.com.cn")},
    {"aws, European cloud", REGION("eusc-de-east-1"),
     AWS_HOST("rekognition.eusc-de-east-1.amazonaws.eu")},
    {"aws, iso", REGION("us-iso-east-1"), AWS_HOST("rekognition.us-iso-east-1.c2s.ic.gov")},
    {"aws, iso b", REGION("us-isob-east-1"), AWS_HOST("rekognition.us-isob-east-1.sc2s.sgov.gov")},
    {"aws, iso e", REGION("eu-isoe-west-1"), AWS_HOST("rekognition.eu-isoe-west-1.cloud.adc-e.uk")},
    {"aws, iso f", REGION("us-isof-south-1"),
     AWS_HOST("rekognition.us-isof-south-1.csp.hci.ic.gov")},
    {"aws, a region of the future", REGION("mx-central-1"),
     AWS_HOST("rekognition.mx-central-1.amazonaws.com")},
    {"fips", FIPS("us-east-1"), AWS_HOST("rekognition-fips.us-east-1.amazonaws.com")},
    {"fips, gov", FIPS("us-gov-west-1"), AWS_HOST("rekognition-fips.us-gov-west-1.amazonaws.com")},
    {"fips, of the profile", NULL, "fips", AWS_HOST("rekognition-fips.eu-west-1.amazonaws.com")},
    {"fips, environment over profile", NULL, "fips",
     .variables = {{"AWS_USE_FIPS_ENDPOINT", "false"}},
     AWS_HOST("rekognition.eu-west-1.amazonaws.com")},
    {"dualstack", DUAL("us-east-1"), AWS_HOST("rekognition.us-east-1.api.aws")},
    {"dualstack, gov", DUAL("us-gov-west-1"), AWS_HOST("rekognition.us-gov-west-1.api.aws")},
    {"dualstack, China", DUAL("cn-north-1"),
     AWS_HOST("rekognition.cn-north-1.api.amazonwebservices.com.cn")},
    {"dualstack, European cloud", DUAL("eusc-de-east-1"),
     AWS_HOST("rekognition.eusc-de-east-1.api.amazonwebservices.eu")},
    {"dualstack, iso", DUAL("us-iso-east-1"), AWS_HOST("rekognition.us-iso-east-1.api.aws.ic.gov")},
    {"dualstack, iso b", DUAL("us-isob-east-1"),
     AWS_HOST("rekognition.us-isob-east-1.api.aws.scloud")},
    {"dualstack, iso e", DUAL("eu-isoe-west-1"),
     AWS_HOST("rekognition.eu-isoe-west-1.api.cloud-aws.adc-e.uk")},
    {"dualstack, iso f", DUAL("us-isof-south-1"),
     AWS_HOST("rekognition.us-isof-south-1.api.aws.hci.ic.gov")},
    {"fips and dualstack", BOTH("us-east-1"), AWS_HOST("rekognition-fips.us-east-1.api.aws")},

    {"URL", "http://127.0.0.1:5000", NULL, .base_url = "http://127.0.0.1:5000",
     .host = "127.0.0.1:5000"},
    {"URL with a slash", "http://127.0.0.1:5000/", NULL, .base_url = "http://127.0.0.1:5000",
     .host = "127.0.0.1:5000"},
    {"URL with a path", "https://Proxy.Example/aws/v1/", NULL, .base_url = "https://proxy.example",
     .host = "proxy.example", .base_path = "/aws/v1"},
    {"URL with the scheme's own port", "https://proxy.example:443/x", NULL,
     .base_url = "https://proxy.example", .host = "proxy.example", .base_path = "/x"},
    {"URL with http's own port", "http://proxy.example:80", NULL,
     .base_url = "http://proxy.example", .host = "proxy.example"},
    {"URL with the other scheme's port", "http://proxy.example:443", NULL,
     .base_url = "http://proxy.example:443", .host = "proxy.example:443"},
    {"URL of an IPv6 address", "http://[::1]:4566", NULL, .base_url = "http://[::1]:4566",
     .host = "[::1]:4566"},
    {"URL, FIPS changes nothing", "http://127.0.0.1:1",
     .variables = {{"AWS_USE_FIPS_ENDPOINT", "true"}}, .base_url = "http://127.0.0.1:1",
     .host = "127.0.0.1:1"},
    {"socket", "unix:/run/x.sock", NULL, .base_url = "http://rekognition.eu-west-1.localhost",
     .host = "rekognition.eu-west-1.localhost", .unix_socket = "/run/x.sock"},
    {"socket, from the environment", NULL, .variables = {{"AWS_ENDPOINT_URL", "unix:/run/x.sock"}},
     .base_url = "http://rekognition.eu-west-1.localhost",
     .host = "rekognition.eu-west-1.localhost", .unix_socket = "/run/x.sock"},

    {"order: setting over all", "http://setting.example", "services",
     .variables = {{"AWS_ENDPOINT_URL_REKOGNITION", "http://service.example"},
                   {"AWS_ENDPOINT_URL", "http://all.example"}},
     .base_url = "http://setting.example", .host = "setting.example"},
    {"order: the service's variable", "aws", "services",
     .variables = {{"AWS_ENDPOINT_URL", "http://all.example"},
                   {"AWS_ENDPOINT_URL_REKOGNITION", "http://service.example"}},
     .base_url = "http://service.example", .host = "service.example"},
    {"order: another service's variable", NULL, NULL,
     .variables = {{"AWS_ENDPOINT_URL_S3", "http://s3.example"}},
     AWS_HOST("rekognition.eu-west-1.amazonaws.com")},
    {"order: the variable of all", NULL, "services",
     .variables = {{"AWS_ENDPOINT_URL", "http://all.example"}}, .base_url = "http://all.example",
     .host = "all.example"},
    {"order: the services section", NULL, "services", .base_url = "http://services.example:8080",
     .host = "services.example:8080", .base_path = "/pre"},
    {"order: a services section without ours", NULL, "other-service",
     .base_url = "http://profile.example", .host = "profile.example"},
    {"order: a services section that is not there", NULL, "no-such-services",
     AWS_HOST("rekognition.eu-west-1.amazonaws.com")},
    {"order: the profile", NULL, "url", .base_url = "http://profile.example",
     .host = "profile.example"},
    {"order: an empty variable does not count", NULL, "url",
     .variables = {{"AWS_ENDPOINT_URL", ""}}, .base_url = "http://profile.example",
     .host = "profile.example"},
    {"ignored by the environment", NULL, "services",
     .variables = {{"AWS_ENDPOINT_URL", "http://all.example"},
                   {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE"}},
     AWS_HOST("rekognition.eu-west-1.amazonaws.com")},
    {"ignored by the profile", NULL, "ignoring", AWS_HOST("rekognition.eu-west-1.amazonaws.com")},
    {"ignoring is not for the setting", "http://setting.example", "ignoring",
     .base_url = "http://setting.example", .host = "setting.example"},
};

static void load(const struct row *row, struct fake_world *fake, struct ir_aws_config *config)
{
    struct ir_error err = {0};
    fake_world_init(fake);
    fake_world_add_file(fake, "/home/ann/.aws/config", config_text);
    for (size_t i = 0; i < MAX_ROW_VARIABLES && row->variables[i].name != NULL; i++)
        fake_world_setenv(fake, row->variables[i].name, row->variables[i].value);
    if (row->profile != NULL)
        fake_world_setenv(fake, "AWS_PROFILE", row->profile);
    if (ir_aws_config_load(&fake->world, NULL, NULL, config, &err) != 0)
        fail_msg("%s", err.message);
}

static void test_resolve(void **state)
{
    const struct row *row = *state;
    struct fake_world fake;
    struct ir_aws_config config;
    struct ir_endpoint endpoint;
    struct ir_error err = {0};
    load(row, &fake, &config);
    int rc = ir_endpoint_resolve(&config, &ir_service_rekognition, row->setting, &endpoint, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(rc, 0);
    assert_string_equal(endpoint.base_url, row->base_url);
    assert_string_equal(endpoint.host, row->host);
    assert_string_equal(endpoint.base_path, row->base_path != NULL ? row->base_path : "");
    assert_string_equal(endpoint.unix_socket, row->unix_socket != NULL ? row->unix_socket : "");
    assert_string_equal(endpoint.region, config.region);
    assert_false(endpoint.is_embedded);
    ir_aws_config_release(&config);
}

/* ---- refused ----------------------------------------------------------------------------- */

static const char long_socket[] =
    "unix:/run/user/1000/a-folder-with-a-long-name/another-folder-with-a-long-name/"
    "and-one-more-of-them/imgrecog/local.sock";

struct bad_row {
    const char *name;
    const char *setting;
    const char *profile;
    struct variable variables[MAX_ROW_VARIABLES];
    const char *says; /* a part of the message */
};

static const struct bad_row bad_rows[] = {
    {"bad: no scheme", "127.0.0.1:5000", .says = "\"endpoint\""},
    {"bad: another scheme", "ftp://x", .says = "\"endpoint\""},
    {"bad: no host", "http://", .says = "\"endpoint\""},
    {"bad: a word", "Local", .says = "\"endpoint\""},
    {"bad: user name", "http://ann:pw@x", .says = "user name"},
    {"bad: query", "http://x/?a=b", .says = "query"},
    {"bad: port", "http://x:70000", .says = "port"},
    {"bad: host", "http://a b/", .says = "host"},
    {"bad: line break", "http://x/\r\nHost: y", .says = "path"},
    {"bad: relative socket", "unix:x.sock", .says = "full path"},
    {"bad: socket without a path", "unix:", .says = "full path"},
    {"bad: socket with a long path", long_socket, .says = "107 bytes"},
    {"bad: the variable",
     NULL,
     NULL,
     {{"AWS_ENDPOINT_URL", "ftp://x"}},
     .says = "AWS_ENDPOINT_URL must"},
    {"bad: the service's variable",
     NULL,
     NULL,
     {{"AWS_ENDPOINT_URL_REKOGNITION", "x"}},
     .says = "AWS_ENDPOINT_URL_REKOGNITION must"},
    {"bad: the word for the embedded one in AWS's variable",
     NULL,
     NULL,
     {{"AWS_ENDPOINT_URL", "local"}},
     .says = "AWS_ENDPOINT_URL must"},
    {"bad: the profile", NULL, "bad-url", .says = "endpoint_url of the profile"},
};

static void test_refuse(void **state)
{
    const struct bad_row *bad = *state;
    struct row row = {.profile = bad->profile};
    struct fake_world fake;
    struct ir_aws_config config;
    struct ir_endpoint endpoint;
    struct ir_endpoint before;
    struct ir_error err = {0};
    memcpy(row.variables, bad->variables, sizeof row.variables);
    memset(&endpoint, 'x', sizeof endpoint);
    before = endpoint;
    load(&row, &fake, &config);
    assert_int_equal(
        ir_endpoint_resolve(&config, &ir_service_rekognition, bad->setting, &endpoint, &err),
        IR_ERR_ARG);
    assert_int_equal(err.code, IR_ERR_ARG);
    assert_string_equal(err.service, "Rekognition");
    if (strstr(err.message, bad->says) == NULL)
        fail_msg("the message does not say \"%s\": %s", bad->says, err.message);
    assert_null(strstr(err.message, "pw"));
    assert_memory_equal(&endpoint, &before, sizeof endpoint);
    ir_aws_config_release(&config);
}

static void test_no_region(void **state)
{
    (void)state;
    static const char *const settings[] = {NULL, "aws", "http://127.0.0.1:1", "unix:/x"};
    struct fake_world fake;
    struct ir_aws_config config;
    struct ir_error err = {0};
    fake_world_init(&fake);
    assert_int_equal(ir_aws_config_load(&fake.world, NULL, NULL, &config, &err), 0);
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        struct ir_endpoint endpoint;
        assert_int_equal(
            ir_endpoint_resolve(&config, &ir_service_rekognition, settings[i], &endpoint, &err),
            IR_ERR_ARG);
        assert_non_null(strstr(err.message, "no region"));
        assert_non_null(strstr(err.message, "AWS_REGION"));
        assert_non_null(strstr(err.hint, "aws configure"));
        assert_non_null(strstr(err.hint, "endpoint=local"));
    }
    ir_aws_config_release(&config);
}

static void test_local(void **state)
{
    (void)state;
    struct fake_world fake;
    struct ir_aws_config config;
    struct ir_endpoint endpoint;
    struct ir_error err = {0};
    /* The socket's place comes from the process's own environment. */
    assert_int_equal(setenv("IMGRECOG_LOCAL_SOCKET", "/tmp/nowhere/test.sock", 1), 0);
    fake_world_init(&fake);
    fake_world_setenv(&fake, "AWS_ENDPOINT_URL_REKOGNITION", "http://127.0.0.1:1");
    assert_int_equal(ir_aws_config_load(&fake.world, NULL, NULL, &config, &err), 0);
    assert_int_equal(
        ir_endpoint_resolve(&config, &ir_service_rekognition, "local", &endpoint, &err), 0);
    assert_true(endpoint.is_embedded);
    assert_string_equal(endpoint.unix_socket, "/tmp/nowhere/test.sock");
    assert_string_equal(endpoint.region, "us-east-1");
    assert_string_equal(endpoint.base_url, "http://rekognition.us-east-1.localhost");
    assert_string_equal(endpoint.host, "rekognition.us-east-1.localhost");
    ir_aws_config_release(&config);
}

static void test_configured_url(void **state)
{
    (void)state;
    struct fake_world fake;
    struct ir_aws_config config;
    const struct row plain = {"", NULL, NULL};
    const struct row url = {"", NULL, "url"};
    load(&plain, &fake, &config);
    assert_null(ir_endpoint_configured_url(&config, &ir_service_rekognition));
    ir_aws_config_release(&config);
    load(&url, &fake, &config);
    assert_string_equal(ir_endpoint_configured_url(&config, &ir_service_rekognition),
                        "http://profile.example");
    ir_aws_config_release(&config);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_resolve, rows);
    UNIT_ADD_ROWS(&list, test_refuse, bad_rows);
    unit_add(&list, "no region", test_no_region);
    unit_add(&list, "local", test_local);
    unit_add(&list, "configured URL", test_configured_url);
    return unit_run(&list, "aws-endpoint");
}
