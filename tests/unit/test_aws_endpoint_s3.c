/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where buckets are reached (tests/peers/endpoint_botocore.py compares more of them with botocore's
 * rules), which names are refused, which hosts of a redirect are S3's own, and what lies on this
 * machine.
 */
#include "tests/unit/unit.h"

#include "core/aws/endpoint.h"
#include "tests/unit/fake_world.h"

static const char config_text[] = "[default]\n"
                                  "[profile path]\n"
                                  "s3 =\n"
                                  "  addressing_style = PATH\n"
                                  "[profile virtual]\n"
                                  "s3 =\n"
                                  "  addressing_style = virtual\n"
                                  "[profile auto]\n"
                                  "s3 =\n"
                                  "  addressing_style = auto\n"
                                  "[profile wrong]\n"
                                  "s3 =\n"
                                  "  addressing_style = both\n"
                                  "[profile dual]\n"
                                  "s3 =\n"
                                  "  use_dualstack_endpoint = true\n"
                                  "[profile not-dual]\n"
                                  "use_dualstack_endpoint = true\n"
                                  "s3 =\n"
                                  "  use_dualstack_endpoint = false\n";

struct place {
    const char *profile; /* NULL = default */
    const char *setting; /* the endpoint */
    bool fips;
};

static void resolve(const struct place *place, struct fake_world *fake,
                    struct ir_aws_config *config, struct ir_endpoint *out)
{
    struct ir_error err = {0};
    fake_world_init(fake);
    fake_world_add_file(fake, "/home/ann/.aws/config", config_text);
    fake_world_setenv(fake, "AWS_REGION", "eu-west-1");
    fake_world_setenv(fake, "AWS_USE_FIPS_ENDPOINT", place->fips ? "true" : "false");
    if (ir_aws_config_load(&fake->world, place->profile, NULL, config, &err) != 0)
        fail_msg("%s", err.message);
    if (ir_endpoint_resolve(config, &ir_service_s3, place->setting, out, &err) != 0)
        fail_msg("%s", err.message);
}

/* ---- addresses --------------------------------------------------------------------------- */

#define LABEL_63 "a23456789012345678901234567890123456789012345678901234567890123"
#define LABEL_64 LABEL_63 "4"
#define HOST "s3.eu-west-1.amazonaws.com"

struct row {
    const char *name;
    struct place place;
    const char *bucket;
    const char *host;
    const char *base_path;
};

static const struct row rows[] = {
    {"a label", {0}, "photos", "photos." HOST, ""},
    {"digits and dashes", {0}, "2026-photos-1", "2026-photos-1." HOST, ""},
    {"63 characters", {0}, LABEL_63, LABEL_63 "." HOST, ""},
    {"64 characters", {0}, LABEL_64, HOST, "/" LABEL_64},
    {"dots", {0}, "my.photos", HOST, "/my.photos"},
    {"capitals", {0}, "Photos", HOST, "/Photos"},
    {"underscore", {0}, "my_photos", HOST, "/my_photos"},
    {"a dash at the end", {0}, "photos-", HOST, "/photos-"},
    {"an address", {0}, "192.168.1.1", HOST, "/192.168.1.1"},
    {"an access point's alias", {0}, "x-abc-s3alias", "x-abc-s3alias." HOST, ""},
    {"an object lambda's alias", {0}, "x--ol-s3", "x--ol-s3." HOST, ""},
    {"auto", {"auto"}, "photos", "photos." HOST, ""},
    {"path, of the profile", {"path"}, "photos", HOST, "/photos"},
    {"virtual, of the profile", {"virtual"}, "photos", "photos." HOST, ""},
    {"virtual, a name with dots", {"virtual"}, "my.photos", HOST, "/my.photos"},
    {"FIPS", {.fips = true}, "photos", "photos.s3-fips.eu-west-1.amazonaws.com", ""},
    {"dual-stack, of S3's settings",
     {"dual"},
     "photos",
     "photos.s3.dualstack.eu-west-1.amazonaws.com",
     ""},
    {"S3's setting of dual-stack over the profile's", {"not-dual"}, "photos", "photos." HOST, ""},
    {"custom endpoint", {NULL, "https://s3.example"}, "photos", "s3.example", "/photos"},
    {"custom endpoint with a path",
     {NULL, "http://127.0.0.1:9000/pre"},
     "photos",
     "127.0.0.1:9000",
     "/pre/photos"},
    {"custom endpoint, auto", {"auto", "https://s3.example"}, "photos", "s3.example", "/photos"},
    {"custom endpoint, virtual",
     {"virtual", "https://s3.example:444/pre"},
     "photos",
     "photos.s3.example:444",
     "/pre"},
    {"custom endpoint, virtual, dots",
     {"virtual", "https://s3.example"},
     "my.photos",
     "s3.example",
     "/my.photos"},
    {"custom endpoint, virtual, an address",
     {"virtual", "http://127.0.0.1:9000"},
     "photos",
     "127.0.0.1:9000",
     "/photos"},
    {"custom endpoint, virtual, an IPv6 address",
     {"virtual", "http://[::1]:9000"},
     "photos",
     "[::1]:9000",
     "/photos"},
    {"socket", {NULL, "unix:/run/x.sock"}, "photos", "s3.eu-west-1.localhost", "/photos"},
    {"socket, virtual",
     {"virtual", "unix:/run/x.sock"},
     "photos",
     "s3.eu-west-1.localhost",
     "/photos"},
};

static void test_add(void **state)
{
    const struct row *row = *state;
    struct fake_world fake;
    struct ir_aws_config config;
    struct ir_endpoint endpoint;
    struct ir_error err = {0};
    resolve(&row->place, &fake, &config, &endpoint);
    int rc = ir_endpoint_add_bucket(&endpoint, &config, row->bucket, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(rc, 0);
    assert_string_equal(endpoint.host, row->host);
    assert_string_equal(endpoint.base_path, row->base_path);
    assert_string_equal(strstr(endpoint.base_url, "://") + 3, row->host);
    ir_aws_config_release(&config);
}

/* ---- refused ----------------------------------------------------------------------------- */

#define LETTERS_256                                                                                \
    LABEL_64 LABEL_64 LABEL_64                                                                     \
        "a234567890123456789012345678901234567890123456789012345678901234" /* one too many */

struct bad_row {
    const char *name;
    const char *profile;
    const char *bucket;
    const char *message; /* a part */
    const char *hint;    /* a part */
};

#define NO_NAME "is not the name of a bucket"

static const struct bad_row bad_rows[] = {
    {"bad: empty", NULL, "", NO_NAME, "3 to 63"},
    {"bad: two characters", NULL, "ab", NO_NAME, "3 to 63"},
    {"bad: 256 characters", NULL, LETTERS_256, NO_NAME, "3 to 63"},
    {"bad: a key with it", NULL, "photos/a.jpg", NO_NAME, "without a key"},
    {"bad: an address with it", NULL, "s3://photos", NO_NAME, "without s3://"},
    {"bad: blank", NULL, "my photos", NO_NAME, "3 to 63"},
    {"bad: UTF-8", NULL, "fotografías", NO_NAME, "3 to 63"},
    {"bad: percent", NULL, "photos%2F", NO_NAME, "3 to 63"},
    {"bad: line break", NULL, "photos\r\nHost:x", NO_NAME, "3 to 63"},
    {"bad: the folder above", NULL, "...", NO_NAME, "3 to 63"},
    {"bad: two dots", NULL, "a..b", NO_NAME, "3 to 63"},
    {"bad: a dot first", NULL, ".aws", NO_NAME, "3 to 63"},
    {"bad: a dash first", NULL, "-photos", NO_NAME, "3 to 63"},
    {"bad: ARN", NULL, "arn:aws:s3:us-east-1:1:accesspoint/x", "is an ARN", "-s3alias"},
    {"bad: S3 Express", NULL, "photos--use1-az4--x-s3", "S3 Express", "general purpose"},
    {"bad: access point of S3 Express", NULL, "p--use1-az4--xa-s3", "S3 Express",
     "general purpose"},
    {"bad: Outposts", NULL, "p--op-s3", "Outposts", "general purpose"},
    {"bad: Multi-Region Access Point", NULL, "abc.mrap", "Multi-Region", "behind it"},
    {"bad: style", "wrong", "photos", "addressing_style under s3 in the profile is \"both\"",
     "auto, virtual or path"},
};

static void test_refuse(void **state)
{
    const struct bad_row *row = *state;
    const struct place place = {.profile = row->profile};
    struct fake_world fake;
    struct ir_aws_config config;
    struct ir_endpoint endpoint;
    struct ir_error err = {0};
    resolve(&place, &fake, &config, &endpoint);
    struct ir_endpoint before = endpoint;
    assert_int_equal(ir_endpoint_add_bucket(&endpoint, &config, row->bucket, &err), IR_ERR_ARG);
    assert_int_equal(err.code, IR_ERR_ARG);
    assert_string_equal(err.service, "S3");
    if (strstr(err.message, row->message) == NULL)
        fail_msg("the message does not say \"%s\": %s", row->message, err.message);
    if (strstr(err.hint, row->hint) == NULL)
        fail_msg("the hint does not say \"%s\": %s", row->hint, err.hint);
    assert_memory_equal(&endpoint, &before, sizeof endpoint);
    ir_aws_config_release(&config);
}

static void test_no_room(void **state)
{
    (void)state;
    const struct place place = {.profile = NULL};
    struct fake_world fake;
    struct ir_aws_config config;
    struct ir_endpoint endpoint;
    struct ir_error err = {0};
    resolve(&place, &fake, &config, &endpoint);
    memset(endpoint.host, 'h', sizeof endpoint.host - 8);
    endpoint.host[sizeof endpoint.host - 8] = '\0';
    assert_int_equal(ir_endpoint_add_bucket(&endpoint, &config, "photos1", &err), IR_ERR_ARG);
    assert_non_null(strstr(err.message, "no room"));
    assert_int_equal(ir_endpoint_add_bucket(&endpoint, &config, "photos", &err), 0);
    assert_int_equal(strlen(endpoint.host), sizeof endpoint.host - 1);
    memset(endpoint.base_path, 'p', sizeof endpoint.base_path - 8);
    endpoint.base_path[sizeof endpoint.base_path - 8] = '\0';
    assert_int_equal(ir_endpoint_add_bucket(&endpoint, &config, "Photos1", &err), IR_ERR_ARG);
    assert_int_equal(ir_endpoint_add_bucket(&endpoint, &config, "Photos", &err), 0);
    assert_int_equal(strlen(endpoint.base_path), sizeof endpoint.base_path - 1);
    ir_aws_config_release(&config);
}

/* ---- hosts that an answer names ---------------------------------------------------------- */

struct host_row {
    const char *name;   /* the host */
    const char *region; /* NULL = refused */
    const char *base_path;
    bool fips;
};

static const struct host_row host_rows[] = {
    {"photos.s3.eu-central-1.amazonaws.com", "eu-central-1", ""},
    {"photos.s3.dualstack.eu-central-1.amazonaws.com", "eu-central-1", ""},
    {"photos.s3-us-west-2.amazonaws.com", "us-west-2", ""},
    {"photos.s3.amazonaws.com", "us-east-1", ""},
    {"photos.s3-external-1.amazonaws.com", "us-east-1", ""},
    {"s3.us-west-2.amazonaws.com", "us-west-2", "/photos"},
    {"s3.amazonaws.com", "us-east-1", "/photos"},
    {"photos.s3-fips.us-west-2.amazonaws.com", "us-west-2", "", .fips = true},
    {"s3-fips.dualstack.us-west-2.amazonaws.com", "us-west-2", "/photos", .fips = true},
    {"photos.s3.us-west-1.amazonaws.com", NULL, .fips = true},
    {"photos.s3.us-gov-west-1.amazonaws.com", NULL},
    {"photos.s3.cn-north-1.amazonaws.com.cn", NULL},
    {"photos.s3.amazonaws.com.cn", NULL},
    {"others.s3.us-west-2.amazonaws.com", NULL},
    {"evil.example", NULL},
    {"photos.s3.us-west-2.amazonaws.com.evil.example", NULL},
    {"photos.s3.us-west-2.evilamazonaws.com", NULL},
    {"photos.s3.evil.us-west-2.amazonaws.com", NULL},
    {"photos.s3-us-west-2xamazonaws.com", NULL},
    {"photos.s3-website.us-west-2.amazonaws.com", NULL},
    {"photos.s3-fips-us-west-2.amazonaws.com", NULL},
    {"photos.s3.dualstack-us-west-2.amazonaws.com", NULL},
    {"photos.s3x.amazonaws.com", NULL},
    {"photos.s3.-.amazonaws.com", NULL},
    {"photos.s3", NULL},
    {"photos.s3.", NULL},
    {"photos.s3.us-west-2.amazonaws.com:444", NULL},
    {"ann@photos.s3.us-west-2.amazonaws.com", NULL},
    {"photos.s3.us-west-2.amazonaws.com/x", NULL},
    {"amazonaws.com", NULL},
    {"", NULL},
};

static void test_take_host(void **state)
{
    const struct host_row *row = *state;
    const struct place place = {.fips = row->fips};
    struct fake_world fake;
    struct ir_aws_config config;
    struct ir_endpoint endpoint;
    struct ir_error err = {0};
    resolve(&place, &fake, &config, &endpoint);
    assert_int_equal(ir_endpoint_add_bucket(&endpoint, &config, "photos", &err), 0);
    struct ir_endpoint before = endpoint;
    bool taken = ir_endpoint_take_s3_host(&endpoint, &config, "photos", row->name);
    assert_int_equal(taken, row->region != NULL);
    if (taken) {
        assert_string_equal(endpoint.host, row->name);
        assert_string_equal(endpoint.base_url + strlen("https://"), row->name);
        assert_string_equal(endpoint.region, row->region);
        assert_string_equal(endpoint.base_path, row->base_path);
    } else {
        assert_memory_equal(&endpoint, &before, sizeof endpoint);
    }
    ir_aws_config_release(&config);
}

static void test_take_host_custom(void **state)
{
    (void)state;
    const struct place place = {.setting = "https://s3.example"};
    struct fake_world fake;
    struct ir_aws_config config;
    struct ir_endpoint endpoint;
    resolve(&place, &fake, &config, &endpoint);
    assert_false(ir_endpoint_take_s3_host(&endpoint, &config, "photos",
                                          "photos.s3.us-west-2.amazonaws.com"));
    assert_string_equal(endpoint.host, "s3.example");
    ir_aws_config_release(&config);
}

/* ---- this machine ------------------------------------------------------------------------ */

static const struct machine_row {
    const char *name; /* the setting */
    bool is_here;
} machine_rows[] = {
    {"unix:/run/x.sock", true},
    {"http://127.0.0.1:9000", true},
    {"http://127.8.9.10", true},
    {"http://localhost", true},
    {"https://localhost:4566", true},
    {"http://s3.localhost:4566", true},
    {"http://[::1]", true},
    {"http://[::1]:9000", true},
    {"aws", false},
    {"http://128.0.0.1", false},
    {"http://notlocalhost", false},
    {"http://localhost.example", false},
    {"http://127.0.0.1.example", false},
    {"http://[::2]:9000", false},
    {"http://10.0.0.1", false},
};

static void test_machine(void **state)
{
    const struct machine_row *row = *state;
    const struct place place = {.setting = row->name};
    struct fake_world fake;
    struct ir_aws_config config;
    struct ir_endpoint endpoint;
    resolve(&place, &fake, &config, &endpoint);
    assert_int_equal(ir_endpoint_is_on_this_machine(&endpoint), row->is_here);
    ir_aws_config_release(&config);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_add, rows);
    UNIT_ADD_ROWS(&list, test_refuse, bad_rows);
    unit_add(&list, "no room for the name", test_no_room);
    UNIT_ADD_ROWS(&list, test_take_host, host_rows);
    unit_add(&list, "hosts of AWS mean nothing at a custom endpoint", test_take_host_custom);
    UNIT_ADD_ROWS(&list, test_machine, machine_rows);
    return unit_run(&list, "aws-endpoint-s3");
}
