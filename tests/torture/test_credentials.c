/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every allocation on the way to credentials fails once, for each provider that asks somebody. */
#include "tests/torture/torture.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "tests/unit/credentials_rows.h"

#define IN_AN_HOUR "2026-11-20T22:35:00Z"
#define JSON_KEYS(id)                                                                              \
    "{\"Version\":1,\"Code\":\"Success\",\"AccessKeyId\":\"" id "\",\"SecretAccessKey\":"          \
    "\"hush-secret\",\"Token\":\"hush\",\"Expiration\":\"" IN_AN_HOUR "\"}"
#define LOGIN_FORMAT                                                                               \
    "{\"accessToken\":{\"accessKeyId\":\"AKIAOLD\",\"secretAccessKey\":\"hush\",\"sessionToken\":" \
    "\"hush\",\"accountId\":\"1\",\"expiresAt\":\"2026-11-20T21:00:00Z\"},\"refreshToken\":"       \
    "\"hush\",\"clientId\":\"c\",\"dpopKey\":\"%s\"}"

static char login_file[2048];

static const struct row role_row = {
    "", .profile = "r",
    .config = "[profile r]\nregion = eu-west-1\nrole_arn = arn:x\nsource_profile = base\n",
    .credentials = "[base]\naws_access_key_id = AKIASOURCE\naws_secret_access_key = hush-source\n",
    .answers = {
        {"sts", .body = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>"
                        "AKIAROLE</AccessKeyId><SecretAccessKey>hush-secret"
                        "</SecretAccessKey><SessionToken>hush</SessionToken><Expiration>" IN_AN_HOUR
                        "</Expiration></Credentials></AssumeRoleResult>"
                        "</AssumeRoleResponse>"}}};
static const struct row sso_row = {
    "", .profile = "p",
    .config = "[profile p]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n"
              "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://x\n",
    /* SHA-1 of "corp" */
    .files =
        {{"/home/ann/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
          "{\"accessToken\":\"hush\",\"expiresAt\":\"2026-11-20T21:00:00Z\",\"clientId\":\"c\","
          "\"clientSecret\":\"hush\",\"refreshToken\":\"hush\",\"registrationExpiresAt\":"
          "\"2026-12-01T00:00:00Z\"}"}},
    .answers = {{"oidc", .body = "{\"accessToken\":\"hush-2\",\"expiresIn\":3600}"},
                {"portal", .body = "{\"roleCredentials\":{\"accessKeyId\":\"AKIASSO\","
                                   "\"secretAccessKey\":\"hush-secret\",\"sessionToken\":\"hush\","
                                   "\"expiration\":1795214100000}}"}}};
static const struct row login_row = {
    "", .profile = "p",
    .config = "[profile p]\nregion = eu-west-1\nlogin_session = arn:aws:iam::1:user/ann\n",
    /* SHA-256 of the session */
    .files = {{"/home/ann/.aws/login/cache/"
               "429756750eb589f374f4ec73f6d954aa2c9998b0cd0b45a3555e8fdc95322547.json",
               login_file}},
    .answers = {{"signin", .body = "{\"accessToken\":{\"accessKeyId\":\"AKIALOGIN\","
                                   "\"secretAccessKey\":\"hush-secret\",\"sessionToken\":\"hush\"},"
                                   "\"expiresIn\":900,\"refreshToken\":\"hush-2\"}"}}};
static const struct row process_row = {
    "", .profile = "p",
    .config = "[profile p]\ncredential_process = /bin/echo '" JSON_KEYS("AKIAPROCESS") "'\n"};
static const struct row container_row = {
    "",
    .variables = {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/a"},
                  {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "hush"}},
    .answers = {{"/a", .body = JSON_KEYS("AKIAECS")}}};
static const struct row imds_row = {
    "", .answers = {{"/token", .body = "hush"},
                    {"security-credentials/r", .body = JSON_KEYS("AKIAEC2")},
                    {"security-credentials/", .body = "r"}}};
static const struct row nothing_row = {"", .variables = {{"AWS_EC2_METADATA_DISABLED", "true"}}};

static struct row_machine machine;
static char untouched;

static int run(struct ir_error *err)
{
    struct ir_credentials *found = (void *)&untouched;
    memset(machine.used, 0, sizeof machine.used);
    machine.call_count = 0;
    machine.fake.sleep_count = 0;
    const struct ir_credentials_context context =
        ir_credentials_context(&machine.config, &machine.transport, INT64_MAX, NULL);
    int rc = ir_credentials_find(&context, &found, err);
    if (rc != 0)
        return (void *)found == &untouched ? rc : TORTURE_WRONG;
    int result = strcmp(found->secret_key, "hush-secret") == 0 ? 0 : TORTURE_WRONG;
    ir_credentials_release(found);
    return result;
}

static int run_nothing(struct ir_error *err)
{
    int rc = run(err);
    if (rc == IR_ERR_AUTH && strstr(err->message, "EC2 instance metadata") != NULL)
        ir_error_clear(err);
    return rc == IR_ERR_AUTH ? err->code : rc;
}

static const struct {
    const struct row *row;
    struct torture_scenario scenario;
} scenarios[] = {
    /* They can do without the trace, and without writing a session back. */
    {&role_row, {"role", run, true}},
    {&sso_row, {"IAM Identity Center", run, true}},
    {&login_row, {"aws login", run, true}},
    {&process_row, {"credential_process", run, true}},
    {&container_row, {"container", run, true}},
    {&imds_row, {"instance metadata", run, true}},
    {&nothing_row, {"nothing", run_nothing, false}},
};

static void test_scenario(void **state)
{
    const typeof(scenarios[0]) *scenario = *state;
    void *inner = (void *)&scenario->scenario;
    row_set_up(&machine, scenario->row);
    torture_run(&inner);
    row_tear_down(&machine);
}

/* A new key in PEM, its line feeds as JSON writes them. */
static void make_login_file(void)
{
    char pem[1024] = "";
    char text[1400];
    size_t used = 0;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    BIO *memory = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PrivateKey(memory, key, NULL, NULL, 0, NULL, NULL), 1);
    assert_true(BIO_read(memory, pem, sizeof pem - 1) > 0);
    for (const char *c = pem; *c != '\0'; c++)
        used += (size_t)snprintf(text + used, sizeof text - used, *c == '\n' ? "\\n" : "%c", *c);
    snprintf(login_file, sizeof login_file, LOGIN_FORMAT, text);
    BIO_free(memory);
    EVP_PKEY_free(key);
}

int main(void)
{
    static struct unit_list list;
    make_login_file();
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++)
        unit_add_row(&list, scenarios[i].scenario.name, test_scenario, &scenarios[i]);
    return unit_run(&list, "torture-credentials");
}
