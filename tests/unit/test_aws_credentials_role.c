/* SPDX-License-Identifier: GPL-3.0-or-later */
/* STS: roles taken with another profile's or the machine's credentials, or with a web identity
 * token.
 */
#include "tests/unit/unit.h"

#include "core/aws/sts.h"
#include "tests/unit/credentials_rows.h"

#define KEYS "aws_access_key_id = AKIASOURCE\naws_secret_access_key = hush-source\n"
#define OFF {"AWS_EC2_METADATA_DISABLED", "true"}
#define ARN "arn:aws:iam::123456789012:role/photos"

#define ANSWER_OF(action, key, end)                                                                \
    "<" action "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" action "Result>"   \
    "<Credentials><AccessKeyId>" key "</AccessKeyId><SecretAccessKey>hush-secret"                  \
    "</SecretAccessKey><SessionToken>hush-token</SessionToken><Expiration>" end                    \
    "</Expiration></Credentials></" action "Result></" action "Response>"
#define IN_AN_HOUR "2026-11-20T22:35:00Z"
#define HOUR_MS 3600000
#define TAKEN ANSWER_OF("AssumeRole", "AKIAROLE", IN_AN_HOUR)
#define TAKEN_BY_TOKEN ANSWER_OF("AssumeRoleWithWebIdentity", "AKIAWEB", IN_AN_HOUR)
#define STS_ERROR(code, message)                                                                   \
    "<ErrorResponse><Error><Type>Sender</Type><Code>" code "</Code><Message>" message              \
    "</Message></Error><RequestId>1-2</RequestId></ErrorResponse>"

static const struct row rows[] = {
    {"role by source_profile",
     "r",
     {OFF},
     .config = "[profile r]\nregion = eu-west-1\nrole_arn = " ARN "\nsource_profile = base\n",
     .credentials = "[base]\n" KEYS,
     .answers = {{"https://sts.eu-west-1.amazonaws.com/", .body = TAKEN}},
     .key_id = "AKIAROLE",
     .provider = "a role",
     .left_ms = HOUR_MS,
     .sent = {"Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3A"
              "role%2Fphotos&RoleSessionName=imgrecog-1795210500"},
     .also_sent = {"Credential=AKIASOURCE/20261120/eu-west-1/sts/aws4_request",
                   "application/x-www-form-urlencoded"},
     .never_sent = "hush",
     .call_count = 1},
    {"role: all its keys",
     "r",
     {OFF},
     .config = "[profile r]\nregion = eu-west-1\nrole_arn = " ARN "\nsource_profile = base\n"
               "external_id = a b&c\nduration_seconds = 900\nrole_session_name = ann@x\n",
     .credentials = "[base]\n" KEYS,
     .answers = {{"sts", .body = TAKEN}},
     .key_id = "AKIAROLE",
     .provider = "a role",
     .also_sent = {"&ExternalId=a%20b%26c", "&DurationSeconds=900", "&RoleSessionName=ann%40x"}},
    {"role in the credentials file",
     "r",
     {OFF},
     .credentials = "[base]\n" KEYS "[r]\nrole_arn = " ARN "\nsource_profile = base\n"
                    "region = eu-west-1\n",
     .answers = {{"sts", .body = TAKEN}},
     .key_id = "AKIAROLE",
     .provider = "a role"},
    {"role without a region goes to the global endpoint",
     "r",
     {OFF},
     .config = "[profile r]\nrole_arn = " ARN "\nsource_profile = base\n",
     .credentials = "[base]\n" KEYS,
     .answers = {{"https://sts.amazonaws.com/", .body = TAKEN}},
     .key_id = "AKIAROLE",
     .provider = "a role",
     .also_sent = {"/us-east-1/sts/aws4_request"}},
    {"role by AWS_ENDPOINT_URL_STS",
     "r",
     {OFF, {"AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9"}},
     .config = "[profile r]\nrole_arn = " ARN "\nsource_profile = base\n",
     .credentials = "[base]\n" KEYS,
     .answers = {{"http://127.0.0.1:9/", .body = TAKEN}},
     .key_id = "AKIAROLE",
     .provider = "a role"},
    {"role before the profile's own keys", .variables = {OFF},
     .config = "[default]\nregion = eu-west-1\nrole_arn = " ARN "\nsource_profile = default\n",
     .credentials = "[default]\n" KEYS, .answers = {{"sts", .body = TAKEN}}, .key_id = "AKIAROLE",
     .provider = "a role", .also_sent = {"Credential=AKIASOURCE/"}},
    {"role of a role",
     "r",
     {OFF},
     .config = "[profile r]\nregion = eu-west-1\nrole_arn = " ARN "\nsource_profile = s\n"
               "[profile s]\nrole_arn = arn:aws:iam::1:role/first\nsource_profile = base\n",
     .credentials = "[base]\n" KEYS,
     .answers = {{"sts", .body = ANSWER_OF("AssumeRole", "AKIAFIRST", IN_AN_HOUR)},
                 {"sts", .body = TAKEN}},
     .key_id = "AKIAROLE",
     .provider = "a role",
     .call_count = 2,
     .sent = {"role%2Ffirst", "Credential=AKIAFIRST/"},
     .also_sent = {"X-Amz-Security-Token: hush-token"}},
    {"role: a source with keys is not taken for a role",
     "r",
     {OFF},
     .config = "[profile r]\nregion = eu-west-1\nrole_arn = " ARN "\nsource_profile = s\n"
               "[profile s]\nrole_arn = arn:aws:iam::1:role/first\nsource_profile = base\n" KEYS,
     .answers = {{"sts", .body = TAKEN}},
     .key_id = "AKIAROLE",
     .provider = "a role",
     .call_count = 1},
    {"role: the environment is no profile's source",
     "r",
     {OFF, {"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", "hush-env"}},
     .config = "[profile r]\nrole_arn = " ARN "\nsource_profile = s\n[profile s]\nregion = x\n",
     .says = {"profile \"s\", the source of \"r\", has no credentials"},
     .call_count = -1},
    {"role: the environment's web identity is no profile's source",
     .variables = {OFF,
                   {"AWS_PROFILE", "r"},
                   {"AWS_WEB_IDENTITY_TOKEN_FILE", "/run/token"},
                   {"AWS_ROLE_ARN", ARN}},
     .config = "[profile r]\nrole_arn = " ARN "\nsource_profile = s\n[profile s]\nregion = x\n",
     .files = {{"/run/token", "hush"}},
     .says = {"profile \"s\", the source of \"r\", has no credentials"}, .call_count = -1},
    {"role by credential_source Environment",
     "r",
     {OFF, {"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", "hush-env"}},
     .config = "[profile r]\nrole_arn = " ARN "\ncredential_source = Environment\n",
     .answers = {{"sts", .body = TAKEN}},
     .key_id = "AKIAROLE",
     .provider = "a role",
     .also_sent = {"Credential=AKIAENV/"}},
    {"role by credential_source EcsContainer",
     "r",
     {OFF, {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x"}},
     .config = "[profile r]\nrole_arn = " ARN "\ncredential_source = EcsContainer\n",
     .answers = {{"http://169.254.170.2/v2/x",
                  .body = "{\"AccessKeyId\":\"AKIAECS\",\"SecretAccessKey\":\"hush-ecs\","
                          "\"Token\":\"hush-ecs-token\",\"Expiration\":\"" IN_AN_HOUR "\"}"},
                 {"sts", .body = TAKEN}},
     .key_id = "AKIAROLE",
     .provider = "a role",
     .also_sent = {"Credential=AKIAECS/"}},
    {"role by credential_source Ec2InstanceMetadata",
     "r",
     {{NULL, NULL}},
     .config = "[profile r]\nrole_arn = " ARN "\ncredential_source = Ec2InstanceMetadata\n",
     .files = {{"/sys/class/dmi/id/sys_vendor", "LENOVO\n"}},
     .answers = {{"PUT http://169.254.169.254/latest/api/token", .body = "hush-imds"},
                 {"security-credentials/web",
                  .body = "{\"Code\":\"Success\",\"AccessKeyId\":\"AKIAEC2\",\"SecretAccessKey\":"
                          "\"hush-ec2\",\"Token\":\"hush-ec2-token\",\"Expiration\":\"" IN_AN_HOUR
                          "\"}"},
                 {"security-credentials/", .body = "web\n"},
                 {"sts", .body = TAKEN}},
     .key_id = "AKIAROLE",
     .provider = "a role",
     .also_sent = {"Credential=AKIAEC2/"}},
    {"role: source without role_arn keeps the chain going",
     "r",
     {OFF},
     .config = "[profile r]\nsource_profile = base\n",
     .credentials = "[base]\n" KEYS,
     .says = {"no credentials found"},
     .traces = {"a role (not set up: profile \"r\" has no role_arn)"}},

    {"role refused: no source",
     "r",
     {OFF},
     .config = "[profile r]\nrole_arn = " ARN "\n",
     .says = {"has role_arn and neither source_profile nor credential_source", ROW_CONFIG_PATH}},
    {"role refused: both sources",
     "r",
     {OFF},
     .config = "[profile r]\nrole_arn = " ARN "\nsource_profile = x\ncredential_source = y\n",
     .says = {"both source_profile and credential_source"}},
    {"role refused: no such source",
     "r",
     {OFF},
     .config = "[profile r]\nrole_arn = " ARN "\nsource_profile = gone\n",
     .says = {"names \"gone\" as its source_profile, which does not exist"}},
    {"role refused: wrong credential_source",
     "r",
     {OFF},
     .config = "[profile r]\nrole_arn = " ARN "\ncredential_source = Sky\n",
     .says = {"credential_source \"Sky\"", "Ec2InstanceMetadata or EcsContainer"}},
    {"role refused: credential_source is empty",
     "r",
     {OFF},
     .config = "[profile r]\nrole_arn = " ARN "\ncredential_source = Environment\n",
     .says = {"the credential_source Environment of profile \"r\" has no credentials"}},
    {"role refused: its own source without keys",
     "r",
     {OFF},
     .config = "[profile r]\nrole_arn = " ARN "\nsource_profile = r\n",
     .says = {"in a circle"}},
    {"role refused: a circle of two",
     "r",
     {OFF},
     .config = "[profile r]\nrole_arn = " ARN "\nsource_profile = s\n"
               "[profile s]\nrole_arn = " ARN "\nsource_profile = r\n",
     .says = {"in a circle", "at \"r\""},
     .call_count = -1},
    {"role refused: a circle that does not come back to the first",
     "r",
     {OFF},
     .config = "[profile r]\nrole_arn = " ARN "\nsource_profile = s\n"
               "[profile s]\nrole_arn = " ARN "\nsource_profile = t\n"
               "[profile t]\nrole_arn = " ARN "\nsource_profile = s\n",
     .says = {"in a circle", "at \"s\""}},
    {"role refused: a one-time code",
     "r",
     {OFF},
     .config = "[profile r]\nrole_arn = " ARN "\nsource_profile = base\nmfa_serial = arn:x\n",
     .credentials = "[base]\n" KEYS,
     .says = {"asks for a one-time code (mfa_serial)", "export-credentials --profile r"},
     .call_count = -1},
    {"role refused: duration",
     "r",
     {OFF},
     .config = "[profile r]\nrole_arn = " ARN "\nsource_profile = base\nduration_seconds = 12h\n",
     .credentials = "[base]\n" KEYS,
     .says = {"duration_seconds", "900 to 43200"}},
    {"role refused: by STS",
     "r",
     {OFF},
     .config = "[profile r]\nrole_arn = " ARN "\nsource_profile = base\n",
     .credentials = "[base]\n" KEYS,
     .answers = {{"sts", 403, STS_ERROR("AccessDenied", "is not authorized to perform")}},
     .says = {"STS", "is not authorized", "AccessDenied", "trust policy"},
     .call_count = 1},
    {"role refused: an answer without credentials",
     "r",
     {OFF},
     .config = "[profile r]\nrole_arn = " ARN "\nsource_profile = base\n",
     .credentials = "[base]\n" KEYS,
     .answers = {{"sts", .body = "<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>"}},
     .rc = IR_ERR_RESPONSE,
     .says = {"STS", "no valid credentials"}},
    {"role refused: an answer without end",
     "r",
     {OFF},
     .config = "[profile r]\nrole_arn = " ARN "\nsource_profile = base\n",
     .credentials = "[base]\n" KEYS,
     .answers = {{"sts", .body = ANSWER_OF("AssumeRole", "AKIAROLE", "soon")}},
     .rc = IR_ERR_RESPONSE,
     .says = {"no valid expiration"}},
    {"role refused: already over",
     "r",
     {OFF},
     .config = "[profile r]\nrole_arn = " ARN "\nsource_profile = base\n",
     .credentials = "[base]\n" KEYS,
     .answers = {{"sts", .body = ANSWER_OF("AssumeRole", "AKIAROLE", "2026-11-20T21:34:59Z")}},
     .says = {"from a role ended at 2026-11-20T21:34:59Z", "clock"}},
    {"role: tried again after a failure",
     "r",
     {OFF},
     .config = "[profile r]\nrole_arn = " ARN "\nsource_profile = base\n",
     .credentials = "[base]\n" KEYS,
     .answers = {{"sts", 503, "down"}, {"sts", .rc = IR_ERR_NET}, {"sts", .body = TAKEN}},
     .key_id = "AKIAROLE",
     .provider = "a role",
     .call_count = 3},

    {"web identity from the environment",
     .variables = {OFF,
                   {"AWS_WEB_IDENTITY_TOKEN_FILE", "/run/token"},
                   {"AWS_ROLE_ARN", ARN},
                   {"AWS_REGION", "eu-west-1"}},
     .credentials = "[default]\n" KEYS, .files = {{"/run/token", "jwt+/=\n"}},
     .answers = {{"https://sts.eu-west-1.amazonaws.com/", .body = TAKEN_BY_TOKEN}},
     .key_id = "AKIAWEB", .provider = "web identity", .left_ms = HOUR_MS,
     .sent = {"Action=AssumeRoleWithWebIdentity&"},
     .also_sent = {"&WebIdentityToken=jwt%2B%2F%3D", "&RoleSessionName=imgrecog-1795210500"},
     .never_sent = "Authorization"},
    {"web identity with a session name",
     .variables = {OFF,
                   {"AWS_WEB_IDENTITY_TOKEN_FILE", "~/token"},
                   {"AWS_ROLE_ARN", ARN},
                   {"AWS_ROLE_SESSION_NAME", "pod-7"}},
     .files = {{"/home/ann/token", "jwt"}}, .answers = {{"sts", .body = TAKEN_BY_TOKEN}},
     .key_id = "AKIAWEB", .provider = "web identity", .also_sent = {"&RoleSessionName=pod-7"}},
    {"web identity of the profile, with no other source",
     "w",
     {OFF},
     .config = "[profile w]\nrole_arn = " ARN "\nweb_identity_token_file = /run/token\n"
               "role_session_name = mine\n",
     .files = {{"/run/token", "jwt"}},
     .answers = {{"sts", .body = TAKEN_BY_TOKEN}},
     .key_id = "AKIAWEB",
     .provider = "web identity",
     .also_sent = {"&RoleSessionName=mine"}},
    {"web identity of the environment does not count for a named profile",
     "w",
     {OFF, {"AWS_WEB_IDENTITY_TOKEN_FILE", "/run/token"}, {"AWS_ROLE_ARN", ARN}},
     .config = "[profile w]\nregion = eu-west-1\n",
     .traces = {"web identity (not set up: no token file is set)"},
     .says = {"no credentials found"}},
    {"web identity as a role's source",
     "r",
     {OFF},
     .config = "[profile r]\nrole_arn = " ARN "\nsource_profile = w\n[profile w]\nrole_arn = " ARN
               "\nweb_identity_token_file = /run/token\n",
     .files = {{"/run/token", "jwt"}},
     .answers = {{"sts", .body = TAKEN_BY_TOKEN}, {"sts", .body = TAKEN}},
     .key_id = "AKIAROLE",
     .provider = "a role",
     .sent = {"WithWebIdentity", "=AKIAWEB/"}},
    {"web identity: tried again when STS does not reach its provider",
     .variables = {OFF, {"AWS_WEB_IDENTITY_TOKEN_FILE", "/run/token"}, {"AWS_ROLE_ARN", ARN}},
     .files = {{"/run/token", "hush-jwt"}},
     .answers = {{"sts", 400, STS_ERROR("IDPCommunicationError", "no answer")},
                 {"sts", .body = TAKEN_BY_TOKEN}},
     .key_id = "AKIAWEB", .provider = "web identity", .call_count = 2},
    {"web identity refused: no role",
     .variables = {OFF, {"AWS_WEB_IDENTITY_TOKEN_FILE", "/run/token"}},
     .files = {{"/run/token", "jwt"}}, .says = {"no role to take with it", "AWS_ROLE_ARN"}},
    {"web identity refused: no file",
     .variables = {OFF, {"AWS_WEB_IDENTITY_TOKEN_FILE", "/gone"}, {"AWS_ROLE_ARN", ARN}},
     .rc = IR_ERR_ARG, .says = {"cannot read /gone", "AWS_WEB_IDENTITY_TOKEN_FILE"}},
    {"web identity refused: an empty file",
     .variables = {OFF, {"AWS_WEB_IDENTITY_TOKEN_FILE", "/run/token"}, {"AWS_ROLE_ARN", ARN}},
     .files = {{"/run/token", " \n"}}, .says = {"in /run/token is empty"}, .call_count = -1},
    {"web identity refused: by STS",
     .variables = {OFF, {"AWS_WEB_IDENTITY_TOKEN_FILE", "/run/token"}, {"AWS_ROLE_ARN", ARN}},
     .files = {{"/run/token", "hush-jwt"}},
     .answers = {{"sts", 400, STS_ERROR("InvalidIdentityToken", "No provider found")}},
     .rc = IR_ERR_SERVICE, .says = {"No provider found", "Check the token in /run/token", ARN}},
};

/* ---- whose keys -------------------------------------------------------------------------- */

#define KEYS_IN_ENVIRONMENT                                                                        \
    {"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", "hush"}, {"AWS_REGION", "eu-west-1"}

static int identify(const struct row *row, struct ir_sts_identity *out, struct ir_error *err)
{
    static struct row_machine machine;
    row_set_up(&machine, row);
    struct ir_aws aws = {.world = &machine.fake.world,
                         .config = machine.config,
                         .transport = machine.transport,
                         .timeout_ms = 30000};
    ir_retry_quota_init(&aws.quota);
    ir_credentials_store_init(&aws.credentials);
    int rc = ir_sts_get_caller_identity(&aws, NULL, out, err);
    assert_non_null(strstr(machine.sent[0], "\nAction=GetCallerIdentity&Version=2011-06-15"));
    assert_non_null(strstr(machine.sent[0], "Credential=AKIAENV/20261120/eu-west-1/sts/"));
    ir_credentials_store_release(&aws.credentials);
    row_tear_down(&machine);
    return rc;
}

static void test_identity(void **state)
{
    (void)state;
    static const struct row good = {
        "", .variables = {KEYS_IN_ENVIRONMENT},
        .answers = {{"sts.eu-west-1",
                     .body = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>" ARN
                             "</Arn><UserId>AIDA</UserId><Account>123456789012</Account>"
                             "</GetCallerIdentityResult></GetCallerIdentityResponse>"}}};
    static const struct row empty = {"", .variables = {KEYS_IN_ENVIRONMENT},
                                     .answers = {{"sts", .body = "<GetCallerIdentityResponse/>"}}};
    static const struct row foreign = {"", .variables = {KEYS_IN_ENVIRONMENT},
                                       .answers = {{"sts", .body = "<p>"}}};
    struct ir_sts_identity identity = {.account = ""};
    struct ir_error err = {0};
    assert_int_equal(identify(&good, &identity, &err), 0);
    assert_string_equal(identity.account, "123456789012");
    assert_string_equal(identity.arn, ARN);
    assert_string_equal(identity.user_id, "AIDA");
    assert_int_equal(identify(&empty, &identity, &err), IR_ERR_RESPONSE);
    assert_non_null(strstr(err.message, "no valid identity"));
    assert_int_equal(identify(&foreign, &identity, &err), IR_ERR_RESPONSE);
    assert_string_equal(err.service, "STS");
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, row_test, rows);
    unit_add(&list, "GetCallerIdentity", test_identity);
    return unit_run(&list, "aws-credentials-role");
}
