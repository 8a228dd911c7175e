/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Credentials that the machine offers: the container's endpoint and EC2's instance metadata. */
#include "tests/unit/unit.h"

#include "tests/unit/credentials_rows.h"

#define OFF {"AWS_EC2_METADATA_DISABLED", "true"}
#define RELATIVE "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define FULL "AWS_CONTAINER_CREDENTIALS_FULL_URI"
#define TOKEN "AWS_CONTAINER_AUTHORIZATION_TOKEN"
#define ANSWER(key)                                                                                \
    "{\"Code\":\"Success\",\"AccessKeyId\":\"" key "\",\"SecretAccessKey\":\"hush-secret\","       \
    "\"Token\":\"hush-token\",\"Expiration\":\"2026-11-20T22:35:00Z\"}"
#define ECS ANSWER("AKIAECS")
#define EC2 ANSWER("AKIAEC2")

/* ---- the container's endpoint ------------------------------------------------------------ */

#define FOUND .key_id = "AKIAECS", .provider = "the container's endpoint", .left_ms = 3600000
#define FULL_ROW(title, uri)                                                                       \
    {title, .variables = {OFF, {FULL, uri}}, .answers = {{"GET " uri "\n", .body = ECS}}, FOUND}
#define REFUSED_ROW(title, uri)                                                                    \
    {title, .variables = {OFF, {FULL, uri}, {TOKEN, "hush-token"}},                                \
     .says = {"to which credentials are not asked for in clear text", "Use https"},                \
     .call_count = -1}

static const struct row container_rows[] = {
    {"container: relative", .variables = {OFF, {RELATIVE, "/v2/credentials/x?id=1"}},
     .answers = {{"GET http://169.254.170.2/v2/credentials/x?id=1\n", .body = ECS}}, FOUND,
     .also_sent = {"Accept: application/json"}, .never_sent = "Authorization", .call_count = 1},
    {"container: relative wins", .variables = {OFF, {RELATIVE, "/a"}, {FULL, "http://127.0.0.1/b"}},
     .answers = {{"GET http://169.254.170.2/a\n", .body = ECS}}, FOUND},
    FULL_ROW("container: https anywhere", "https://example.org:8443/a?b=c"),
    FULL_ROW("container: loopback", "http://127.0.0.1:1234/a"),
    FULL_ROW("container: all of loopback", "http://127.9.8.7/a"),
    FULL_ROW("container: localhost", "http://localhost:1/a"),
    FULL_ROW("container: loopback of IPv6", "http://[::1]:1/a"),
    FULL_ROW("container: ECS", "http://169.254.170.2/a"),
    FULL_ROW("container: EKS", "http://169.254.170.23/v1/credentials"),
    FULL_ROW("container: EKS by IPv6", "http://[fd00:ec2::23]/v1/credentials"),
    {"container: token", .variables = {OFF, {RELATIVE, "/a"}, {TOKEN, "Basic hush"}},
     .answers = {{"/a", .body = ECS}}, FOUND, .also_sent = {"Authorization: Basic hush"}},
    {"container: token of the file wins",
     .variables = {OFF, {RELATIVE, "/a"}, {TOKEN, "hush-1"}, {TOKEN "_FILE", "/run/t"}},
     .files = {{"/run/t", "hush-2"}}, .answers = {{"/a", .body = ECS}}, FOUND,
     .also_sent = {"Authorization: hush-2"}},
    {"container: tried three times", .variables = {OFF, {RELATIVE, "/a"}},
     .answers = {{"/a", .rc = IR_ERR_TIMEOUT}, {"/a", 500, "x"}, {"/a", .body = ECS}},
     .key_id = "AKIAECS", .provider = "the container's endpoint", .call_count = 3},
    {"container: after the files", .variables = {OFF, {RELATIVE, "/a"}},
     .config = "[default]\naws_access_key_id = AKIAFILE\naws_secret_access_key = hush-secret\n",
     .key_id = "AKIAFILE", .provider = "the config file", .call_count = -1},
    {"container: none", .variables = {OFF},
     .traces = {"the container's endpoint (not set up: none is set)"},
     .says = {"no credentials found"}},

    REFUSED_ROW("container refused: a host elsewhere", "http://example.org/a"),
    REFUSED_ROW("container refused: a name like loopback's", "http://127.0.0.1.example.org/a"),
    REFUSED_ROW("container refused: a name like localhost's", "http://localhost.example.org/a"),
    REFUSED_ROW("container refused: a short form of an address", "http://128.1/a"),
    REFUSED_ROW("container refused: EC2's metadata", "http://169.254.169.254/a"),
    REFUSED_ROW("container refused: an address of IPv6", "http://[fd00:ec2::24]/a"),
    {"container refused: a user name", .variables = {OFF, {FULL, "http://127.0.0.1@example.org/"}},
     .rc = IR_ERR_ARG, .call_count = -1},
    {"container refused: a backslash",
     .variables = {OFF, {FULL, "http://127.0.0.1\\@example.org/"}},
     .says = {FULL " is not a valid URL"}, .call_count = -1},
    {"container refused: another scheme", .variables = {OFF, {FULL, "file:///etc/passwd"}},
     .rc = IR_ERR_ARG, .call_count = -1},
    {"container refused: not a path", .variables = {OFF, {RELATIVE, ".example.org/a"}},
     .says = {RELATIVE " is not a path"}, .call_count = -1},
    {"container refused: a line break in the path", .variables = {OFF, {RELATIVE, "/a\r\nX: 1"}},
     .says = {RELATIVE " is not a path"}, .call_count = -1},
    {"container refused: a line break in the token",
     .variables = {OFF, {RELATIVE, "/a"}, {TOKEN, "hush\r\nX: 1"}},
     .says = {"the token from " TOKEN " holds a line break"}, .call_count = -1},
    {"container refused: a line feed in the token's file",
     .variables = {OFF, {RELATIVE, "/a"}, {TOKEN "_FILE", "/run/t"}},
     .files = {{"/run/t", "hush\n"}}, .says = {TOKEN "_FILE holds a line break"}, .call_count = -1},
    {"container refused: no file", .variables = {OFF, {RELATIVE, "/a"}, {TOKEN "_FILE", "/gone"}},
     .rc = IR_ERR_ARG, .says = {"cannot read /gone", "Correct " TOKEN "_FILE"}},
    {"container refused: by it", .variables = {OFF, {RELATIVE, "/a"}},
     .answers = {{"/a", 403, "no"}}, .says = {"HTTP status 403", "role of the task"},
     .call_count = 1},
    {"container refused: down", .variables = {OFF, {RELATIVE, "/a"}},
     .answers = {{"/a", .rc = IR_ERR_NET}}, .rc = IR_ERR_NET, .call_count = 3},
    {"container refused: an answer without end", .variables = {OFF, {RELATIVE, "/a"}},
     .answers = {{"/a", .body = "{\"AccessKeyId\":\"AKIA\",\"SecretAccessKey\":\"hush\","
                                "\"Token\":\"hush\"}"}},
     .rc = IR_ERR_RESPONSE, .says = {"no valid \"Expiration\""}},
};

/* ---- EC2's instance metadata ------------------------------------------------------------- */

#undef FOUND
#define FOUND .key_id = "AKIAEC2", .provider = "EC2 instance metadata", .left_ms = 3600000
#define IMDS "http://169.254.169.254"
#define PUT(base) "PUT " base "/latest/api/token\n"
#define LIST(base) "GET " base "/latest/meta-data/iam/security-credentials/\n"
#define ROLE(base) "GET " base "/latest/meta-data/iam/security-credentials/web-1@x\n"
#define ANSWERS(base)                                                                              \
    {PUT(base), .body = "hush=="}, {LIST(base), .body = "web-1@x\nmore\n"},                        \
    {                                                                                              \
        ROLE(base), .body = EC2                                                                    \
    }
#define NOTHING(why) .says = {"no credentials found"}, .traces = {"EC2 instance metadata (" why}

static const struct row imds_rows[] = {
    {"imds: version 2", .answers = {ANSWERS(IMDS)}, FOUND, .call_count = 3,
     .sent = {"x-aws-ec2-metadata-token-ttl-seconds: 21600\n", "x-aws-ec2-metadata-token: hush==\n",
              "x-aws-ec2-metadata-token: hush==\n"}},
    {"imds: IPv6", .variables = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6"}},
     .answers = {ANSWERS("http://[fd00:ec2::254]")}, FOUND},
    {"imds: another endpoint wins over the mode",
     .variables = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:8/"},
                   {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6"}},
     .answers = {ANSWERS("http://127.0.0.1:8")}, FOUND},
    {"imds: another endpoint, of the profile",
     .config = "[default]\nec2_metadata_service_endpoint = http://127.0.0.1:8\n",
     .answers = {ANSWERS("http://127.0.0.1:8")}, FOUND},
    {"imds: version 1, since there is no version 2",
     .answers = {{PUT(IMDS), 404, "x"}, {LIST(IMDS), .body = "web-1@x"}, {ROLE(IMDS), .body = EC2}},
     FOUND, .never_sent = "x-aws-ec2-metadata-token:"},
    {"imds: version 1, since version 2's answer does not come through",
     .answers = {{PUT(IMDS), .rc = IR_ERR_TIMEOUT, .maybe_served = true},
                 {LIST(IMDS), .body = "web-1@x"},
                 {ROLE(IMDS), .body = EC2}},
     FOUND},
    {"imds: more attempts", .variables = {{"AWS_METADATA_SERVICE_NUM_ATTEMPTS", "2"}},
     .answers = {{PUT(IMDS), .rc = IR_ERR_TIMEOUT}, ANSWERS(IMDS)}, FOUND, .call_count = 4},
    {"imds: an Amazon machine is asked",
     .files = {{"/sys/class/dmi/id/sys_vendor", "Amazon EC2\n"}}, .answers = {ANSWERS(IMDS)},
     FOUND},
    {"imds: an old Amazon machine is asked",
     .files = {{"/sys/class/dmi/id/sys_vendor", "Xen\n"},
               {"/sys/class/dmi/id/bios_version", "4.11.amazon\n"}},
     .answers = {ANSWERS(IMDS)}, FOUND},
    {"imds: a laptop is not asked",
     .files = {{"/sys/class/dmi/id/sys_vendor", "LENOVO\n"},
               {"/sys/class/dmi/id/bios_version", "N2HET\n"}},
     NOTHING("not asked: this machine is no EC2 instance)"), .call_count = -1},
    {"imds: a laptop is asked when a setting says so",
     .variables = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:8"}},
     .files = {{"/sys/class/dmi/id/sys_vendor", "LENOVO\n"}},
     .answers = {ANSWERS("http://127.0.0.1:8")}, FOUND},
    {"imds: turned off", .variables = {{"AWS_EC2_METADATA_DISABLED", "TRUE"}},
     NOTHING("turned off by AWS_EC2_METADATA_DISABLED)"), .call_count = -1},
    {"imds: nobody there costs one attempt", .answers = {{PUT(IMDS), .rc = IR_ERR_TIMEOUT}},
     NOTHING(IMDS " does not answer)"), .call_count = 1},
    {"imds: not reached costs one attempt", .answers = {{PUT(IMDS), .rc = IR_ERR_NET}},
     NOTHING(IMDS " does not answer)"), .call_count = 1},
    {"imds: version 1 disabled", .variables = {{"AWS_EC2_METADATA_V1_DISABLED", "true"}},
     .answers = {{PUT(IMDS), 403, ""}}, NOTHING("it gives no token, and version 1 is disabled)"),
     .call_count = 1},
    {"imds: a bad request", .answers = {{PUT(IMDS), 400, ""}},
     NOTHING(IMDS " answered with HTTP status 400)"), .call_count = 1},
    {"imds: no role", .answers = {{PUT(IMDS), .body = "hush"}, {LIST(IMDS), 404, ""}},
     NOTHING("the instance has no role)"), .call_count = 2},
    {"imds: a role's name that is none",
     .answers = {{PUT(IMDS), .body = "hush"}, {LIST(IMDS), .body = "../../x?y"}}, NOTHING(IMDS),
     .call_count = 2},
    {"imds: the role cannot be taken",
     .answers = {{PUT(IMDS), .body = "hush"},
                 {LIST(IMDS), .body = "web-1@x"},
                 {ROLE(IMDS), .body = "{\"Code\":\"AssumeRoleUnauthorizedAccess\"}"}},
     NOTHING("no credentials for the role: AssumeRoleUnauthorizedAccess)")},
    {"imds: credentials that are over are taken",
     .answers = {{PUT(IMDS), .body = "hush"},
                 {LIST(IMDS), .body = "web-1@x"},
                 {ROLE(IMDS), .body = "{\"AccessKeyId\":\"AKIAEC2\",\"SecretAccessKey\":"
                                      "\"hush-secret\",\"Token\":\"hush\",\"Expiration\":"
                                      "\"2026-11-20T21:00:00Z\"}"}},
     .key_id = "AKIAEC2", .provider = "EC2 instance metadata", .left_ms = -35 * 60000},
};

/* A proxy would see the credentials, and could not reach the address anyway. */
static void test_no_proxy(void **state)
{
    static struct row_machine machine;
    struct ir_credentials *found = NULL;
    struct ir_error err = {0};
    row_set_up(&machine, *state);
    const struct ir_credentials_context context =
        ir_credentials_context(&machine.config, &machine.transport, INT64_MAX, NULL);
    assert_int_equal(ir_credentials_find(&context, &found, &err), 0);
    assert_true(machine.call_count > 0);
    for (int i = 0; i < machine.call_count; i++)
        assert_true(machine.no_proxy[i]);
    ir_credentials_release(found);
    row_tear_down(&machine);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, row_test, container_rows);
    UNIT_ADD_ROWS(&list, row_test, imds_rows);
    unit_add_row(&list, "container: no proxy", test_no_proxy, &container_rows[0]);
    unit_add_row(&list, "imds: no proxy", test_no_proxy, &imds_rows[0]);
    return unit_run(&list, "aws-credentials-host");
}
