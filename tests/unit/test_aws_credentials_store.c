/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a client keeps: when newer credentials are looked for, who waits for them, what happens when
 * there are none, and what a call does when the service says that its credentials have ended.
 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "core/aws/call.h"
#include "core/base/error.h"
#include "core/base/utf8.h"
#include "tests/unit/credentials_rows.h"

#define MINUTE_MS 60000LL
#define THREADS 8
#define RELATIVE {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/a"}
#define NO_IMDS {"AWS_EC2_METADATA_DISABLED", "true"}
#define ANSWER(key, end)                                                                           \
    "{\"AccessKeyId\":\"" key "\",\"SecretAccessKey\":\"hush-" key "\",\"Token\":\"hush\","        \
    "\"Expiration\":\"2026-11-20T" end "Z\"}"
/* Now it is 21:35. */
#define FIRST ANSWER("AKIA1", "22:35:00")
#define SECOND ANSWER("AKIA2", "23:35:00")

struct fixture {
    struct row_machine machine;
    struct ir_credentials_store store;
    struct ir_error err;
};

static struct fixture fixture;

static void set_up(const struct row *row)
{
    row_set_up(&fixture.machine, row);
    ir_credentials_store_init(&fixture.store);
    fixture.err = (struct ir_error){0};
}

static void tear_down(void)
{
    ir_credentials_store_release(&fixture.store);
    row_tear_down(&fixture.machine);
}

static struct ir_credentials_context context_with(const struct ir_cancel *cancel)
{
    return ir_credentials_context(&fixture.machine.config, &fixture.machine.transport,
                                  fixture.machine.fake.monotonic_ms + 30000, cancel);
}

static int get(struct ir_credentials **out)
{
    const struct ir_credentials_context context = context_with(NULL);
    return ir_credentials_store_get(&fixture.store, &context, out, &fixture.err);
}

/* Gets and expects a key and a number of requests so far. */
static void expect(const char *key_id, int call_count)
{
    struct ir_credentials *found = NULL;
    if (get(&found) != 0)
        fail_msg("%s", fixture.err.message);
    assert_string_equal(found->access_key_id, key_id);
    assert_memory_equal(found->secret_key + 5, key_id, strlen(key_id) + 1); /* "hush-" before it */
    assert_int_equal(fixture.machine.call_count, call_count);
    ir_credentials_release(found);
}

static void pass_ms(int64_t ms)
{
    fixture.machine.fake.unix_ms += ms;
    fixture.machine.fake.monotonic_ms += ms;
}

/* ---- renewal ----------------------------------------------------------------------------- */

static void test_renewed_ahead(void **state)
{
    (void)state;
    static const struct row row = {
        "", .variables = {RELATIVE, NO_IMDS},
        .answers = {{"170.2/a\n", .body = FIRST}, {"170.2/a\n", .body = SECOND}}};
    set_up(&row);
    expect("AKIA1", 1);
    pass_ms(45 * MINUTE_MS - 1);
    expect("AKIA1", 1);
    pass_ms(1); /* 15 minutes left */
    expect("AKIA2", 2);
    expect("AKIA2", 2);
    tear_down();
}

static void test_renewal_fails(void **state)
{
    (void)state;
    static const struct row row = {
        "", .variables = {RELATIVE, NO_IMDS},
        .answers = {{"170.2/a\n", .body = FIRST}, {"170.2/a\n", 403, "no"}}};
    struct ir_credentials *found = NULL;
    set_up(&row);
    expect("AKIA1", 1);
    pass_ms(46 * MINUTE_MS);
    expect("AKIA1", 2);
    expect("AKIA1", 2); /* not at every call */
    pass_ms(MINUTE_MS);
    expect("AKIA1", 3);
    pass_ms(5 * MINUTE_MS); /* 8 minutes left: no reason to fail yet */
    expect("AKIA1", 4);
    pass_ms(8 * MINUTE_MS); /* over */
    assert_int_equal(get(&found), IR_ERR_AUTH);
    assert_non_null(strstr(fixture.err.message, "403"));
    assert_null(found);
    tear_down();
}

static void test_renewal_brings_the_same(void **state)
{
    (void)state;
    static const struct row row = {"", .variables = {RELATIVE, NO_IMDS},
                                   .answers = {{"170.2/a\n", .body = FIRST}}};
    set_up(&row);
    expect("AKIA1", 1);
    pass_ms(55 * MINUTE_MS);
    expect("AKIA1", 2);
    expect("AKIA1", 2);
    pass_ms(MINUTE_MS);
    expect("AKIA1", 3);
    tear_down();
}

static void test_renewal_is_short(void **state)
{
    (void)state;
    static const struct row row = {
        "", .profile = "r", .variables = {NO_IMDS},
        .config = "[profile r]\nrole_arn = arn:x\nsource_profile = r\n"
                  "aws_access_key_id = AKIASOURCE\naws_secret_access_key = hush\n",
        .answers = {{"sts", .body =
                                "<AssumeRoleResponse><AssumeRoleResult><Credentials>"
                                "<AccessKeyId>AKIA1</AccessKeyId><SecretAccessKey>hush-AKIA1"
                                "</SecretAccessKey><SessionToken>hush</SessionToken><Expiration>"
                                "2026-11-20T22:35:00Z</Expiration></Credentials>"
                                "</AssumeRoleResult></AssumeRoleResponse>"},
                    {"sts", .rc = IR_ERR_TIMEOUT}}};
    set_up(&row);
    expect("AKIA1", 1);
    pass_ms(46 * MINUTE_MS);
    int64_t before_ms = fixture.machine.fake.monotonic_ms;
    expect("AKIA1", 2);
    assert_int_equal(fixture.machine.fake.monotonic_ms - before_ms, 10000);
    pass_ms(MINUTE_MS + 5 * MINUTE_MS); /* 8 minutes left: as long as the call has */
    before_ms = fixture.machine.fake.monotonic_ms;
    expect("AKIA1", 3);
    assert_int_equal(fixture.machine.fake.monotonic_ms - before_ms, 30000);
    tear_down();
}

static void test_outlives_end(void **state)
{
    (void)state;
    static const struct row row = {
        "", .answers = {{"/token", .body = "hush"},
                        {"security-credentials/r", .body = ANSWER("AKIA1", "21:00:00")},
                        {"security-credentials/r", .body = SECOND},
                        {"security-credentials/", .body = "r"}}};
    set_up(&row);
    expect("AKIA1", 3);
    pass_ms(5 * MINUTE_MS);
    expect("AKIA1", 3);
    pass_ms(5 * MINUTE_MS);
    expect("AKIA2", 6);
    tear_down();
}

static void test_outlives_service(void **state)
{
    (void)state;
    static const struct row row = {"", .answers = {{"/token", .body = "hush"},
                                                   {"/token", .rc = IR_ERR_NET},
                                                   {"security-credentials/r", .body = FIRST},
                                                   {"security-credentials/", .body = "r"}}};
    set_up(&row);
    expect("AKIA1", 3);
    pass_ms(120 * MINUTE_MS);
    expect("AKIA1", 4);
    expect("AKIA1", 4);
    tear_down();
}

static void test_first_fails(void **state)
{
    (void)state;
    static const struct row row = {
        "", .variables = {RELATIVE, NO_IMDS},
        .answers = {{"170.2/a\n", 403, "no"}, {"170.2/a\n", .body = FIRST}}};
    struct ir_credentials *found = NULL;
    set_up(&row);
    assert_int_equal(get(&found), IR_ERR_AUTH);
    expect("AKIA1", 2);
    tear_down();
}

static void test_drop(void **state)
{
    (void)state;
    static const struct row row = {
        "", .variables = {RELATIVE, NO_IMDS},
        .answers = {{"170.2/a\n", .body = FIRST}, {"170.2/a\n", .body = SECOND}}};
    struct ir_credentials *refused = NULL;
    set_up(&row);
    assert_int_equal(get(&refused), 0);
    assert_true(ir_credentials_store_drop(&fixture.store, refused));
    expect("AKIA2", 2);
    assert_true(ir_credentials_store_drop(&fixture.store, refused)); /* another one has done it */
    expect("AKIA2", 2);
    struct ir_credentials_store fixed;
    ir_credentials_store_init_fixed(&fixed, refused);
    assert_false(ir_credentials_store_drop(&fixed, refused));
    ir_credentials_store_release(&fixed);
    ir_credentials_release(refused);
    tear_down();
}

/* ---- threads ----------------------------------------------------------------------------- */

static pthread_mutex_t gate_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_changed = PTHREAD_COND_INITIALIZER;
static bool gate_is_open;
static bool somebody_asks;
static int (*inner_perform)(void *, const struct ir_http_request *, struct ir_http_response *,
                            struct ir_error *);

static int gated_perform(void *context, const struct ir_http_request *request,
                         struct ir_http_response *response, struct ir_error *err)
{
    pthread_mutex_lock(&gate_mutex);
    somebody_asks = true;
    pthread_cond_broadcast(&gate_changed);
    while (!gate_is_open)
        pthread_cond_wait(&gate_changed, &gate_mutex);
    int rc = inner_perform(context, request, response, err);
    pthread_mutex_unlock(&gate_mutex);
    return rc;
}

static void set_gate(void)
{
    inner_perform = fixture.machine.transport.perform;
    fixture.machine.transport.perform = gated_perform;
    gate_is_open = false;
    somebody_asks = false;
}

static void await_asker(void)
{
    pthread_mutex_lock(&gate_mutex);
    while (!somebody_asks)
        pthread_cond_wait(&gate_changed, &gate_mutex);
    pthread_mutex_unlock(&gate_mutex);
}

static void open_gate(void)
{
    pthread_mutex_lock(&gate_mutex);
    gate_is_open = true;
    pthread_cond_broadcast(&gate_changed);
    pthread_mutex_unlock(&gate_mutex);
}

struct getter {
    pthread_t thread;
    const struct ir_cancel *cancel;
    int rc;
    char key_id[16];
    atomic_bool is_done;
};

static atomic_int getters_begun;

static void *run_getter(void *argument)
{
    atomic_fetch_add(&getters_begun, 1);
    struct getter *getter = argument;
    struct ir_error err = {0};
    struct ir_credentials *found = NULL;
    const struct ir_credentials_context context = context_with(getter->cancel);
    getter->rc = ir_credentials_store_get(&fixture.store, &context, &found, &err);
    if (getter->rc == 0)
        snprintf(getter->key_id, sizeof getter->key_id, "%s", found->access_key_id);
    ir_credentials_release(found);
    atomic_store(&getter->is_done, true);
    return NULL;
}

static void start(struct getter *getter)
{
    assert_int_equal(pthread_create(&getter->thread, NULL, run_getter, getter), 0);
}

static void join(struct getter *getter)
{
    pthread_join(getter->thread, NULL);
}

static const struct row two_answers = {
    "", .variables = {RELATIVE, NO_IMDS},
    .answers = {{"170.2/a\n", .body = FIRST}, {"170.2/a\n", .body = SECOND}}};

static void test_one_looks_first(void **state)
{
    (void)state;
    static struct getter getters[THREADS];
    memset(getters, 0, sizeof getters);
    set_up(&two_answers);
    set_gate();
    for (size_t i = 0; i < THREADS; i++)
        start(&getters[i]);
    await_asker();
    usleep(20000);
    open_gate();
    for (size_t i = 0; i < THREADS; i++) {
        join(&getters[i]);
        assert_int_equal(getters[i].rc, 0);
        assert_string_equal(getters[i].key_id, "AKIA1");
    }
    assert_int_equal(fixture.machine.call_count, 1);
    tear_down();
}

/* Else each of many threads would pay for a look of its own, one after the other. */
static void test_one_fails_for_all(void **state)
{
    (void)state;
    static const struct row row = {"", .variables = {RELATIVE, NO_IMDS},
                                   .answers = {{"170.2/a\n", 403, "no"}}};
    static struct getter getters[THREADS];
    memset(getters, 0, sizeof getters);
    set_up(&row);
    set_gate();
    atomic_store(&getters_begun, 0);
    for (size_t i = 0; i < THREADS; i++)
        start(&getters[i]);
    await_asker();
    while (atomic_load(&getters_begun) < THREADS)
        usleep(1000);
    usleep(300000); /* all have begun; now all wait */
    open_gate();
    for (size_t i = 0; i < THREADS; i++) {
        join(&getters[i]);
        assert_int_equal(getters[i].rc, IR_ERR_AUTH);
    }
    assert_int_equal(fixture.machine.call_count, 1);
    tear_down();
}

static void test_others_go_on(void **state)
{
    (void)state;
    static struct getter renewer, other;
    memset(&renewer, 0, sizeof renewer);
    memset(&other, 0, sizeof other);
    set_up(&two_answers);
    expect("AKIA1", 1);
    pass_ms(46 * MINUTE_MS);
    set_gate();
    start(&renewer);
    await_asker();
    start(&other);
    join(&other); /* with the gate still closed */
    assert_string_equal(other.key_id, "AKIA1");
    assert_false(atomic_load(&renewer.is_done));
    open_gate();
    join(&renewer);
    assert_string_equal(renewer.key_id, "AKIA2");
    tear_down();
}

static void test_others_wait_near_the_end(void **state)
{
    (void)state;
    static struct getter renewer, other, impatient;
    struct ir_cancel *cancel = ir_cancel_new();
    memset(&renewer, 0, sizeof renewer);
    memset(&other, 0, sizeof other);
    memset(&impatient, 0, sizeof impatient);
    impatient.cancel = cancel;
    set_up(&two_answers);
    expect("AKIA1", 1);
    pass_ms(51 * MINUTE_MS);
    set_gate();
    start(&renewer);
    await_asker();
    start(&other);
    start(&impatient);
    ir_cancel_set(cancel);
    join(&impatient);
    assert_int_equal(impatient.rc, IR_ERR_CANCELLED);
    assert_false(atomic_load(&other.is_done));
    open_gate();
    join(&renewer);
    join(&other);
    assert_string_equal(renewer.key_id, "AKIA2");
    assert_string_equal(other.key_id, "AKIA2");
    ir_cancel_free(cancel);
    tear_down();
}

/* ---- the error's list of places ---------------------------------------------------------- */

static void test_long_trace(void **state)
{
    (void)state;
    static const char *const places[] = {"the environment (",
                                         "a role",
                                         "web identity",
                                         "IAM Identity Center",
                                         ROW_CREDENTIALS_PATH,
                                         "an aws login session",
                                         "credential_process",
                                         ROW_CONFIG_PATH,
                                         "the container's endpoint",
                                         "EC2 instance metadata"};
    static const char profile[] =
        "a-profile-with-a-name-so-long-that-saying-it-for-each-place-would-fill-the-message-and-"
        "push-the-last-places-out-of-it-which-are-those-that-matter-on-a-server-in-the-cloud-"
        "\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d"
        "\u4e2d"
        "\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d"
        "\u4e2d"
        "\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d"
        "\u4e2d";
    char config[512];
    struct row row = {"", .profile = profile, .config = config, .variables = {NO_IMDS},
                      .credentials = "[other]\n"};
    struct ir_credentials *found = NULL;
    struct ir_buf trace;
    snprintf(config, sizeof config, "[profile %s]\nregion = eu-west-1\n", profile);
    set_up(&row);
    struct ir_credentials_context context = context_with(NULL);
    ir_buf_init(&trace, IR_CREDENTIALS_MAX_TRACE_BYTES);
    context.trace = &trace;
    assert_int_equal(ir_credentials_find(&context, &found, &fixture.err), IR_ERR_AUTH);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        assert_non_null(strstr(fixture.err.message, places[i]));
        assert_non_null(strstr(ir_buf_text(&trace), places[i]));
    }
    assert_non_null(strstr(fixture.err.message, "...; "));
    assert_non_null(strstr(fixture.err.message, "; not set up: a role, web identity, IAM"));
    assert_true(ir_utf8_is_valid(fixture.err.message, strlen(fixture.err.message)));
    assert_true(strlen(fixture.err.message) > sizeof fixture.err.message - 40);
    size_t lines = 0;
    for (const char *c = ir_buf_text(&trace); *c != '\0'; c++)
        lines += *c == '\n';
    assert_int_equal(lines, sizeof places / sizeof places[0]);
    assert_null(strstr(ir_buf_text(&trace), "..."));
    ir_buf_release(&trace);
    tear_down();
}

static void test_trace_of_success(void **state)
{
    (void)state;
    struct ir_credentials *found = NULL;
    struct ir_buf trace;
    set_up(&two_answers);
    struct ir_credentials_context context = context_with(NULL);
    ir_buf_init(&trace, IR_CREDENTIALS_MAX_TRACE_BYTES);
    context.trace = &trace;
    assert_int_equal(ir_credentials_find(&context, &found, &fixture.err), 0);
    assert_non_null(
        strstr(ir_buf_text(&trace), "the environment (AWS_ACCESS_KEY_ID is not set)\n"));
    assert_non_null(strstr(ir_buf_text(&trace), "\nthe container's endpoint (found)\n"));
    ir_credentials_release(found);
    ir_buf_release(&trace);
    tear_down();
}

/* ---- calls ------------------------------------------------------------------------------- */

#define REGION {"AWS_REGION", "eu-west-1"}
#define ENDED "{\"__type\":\"ExpiredTokenException\",\"message\":\"The token has ended\"}"

static int call(enum ir_auth auth)
{
    struct ir_aws aws = {.world = &fixture.machine.fake.world,
                         .config = fixture.machine.config,
                         .transport = fixture.machine.transport,
                         .timeout_ms = 30000};
    const struct ir_aws_request request = {.service = &ir_service_rekognition,
                                           .method = "POST",
                                           .path = "/",
                                           .auth = auth,
                                           .max_response_bytes = 1000};
    struct ir_http_response response;
    unsigned retries = 0;
    ir_retry_quota_init(&aws.quota);
    ir_credentials_store_init(&aws.credentials);
    ir_http_response_init(&response);
    int rc = ir_aws_call(&aws, &request, &response, &retries, &fixture.err);
    ir_http_response_release(&response);
    ir_credentials_store_release(&aws.credentials);
    return rc;
}

static void test_call_renews(void **state)
{
    (void)state;
    static const struct row row = {"", .variables = {RELATIVE, NO_IMDS, REGION},
                                   .answers = {{"170.2/a\n", .body = FIRST},
                                               {"170.2/a\n", .body = SECOND},
                                               {"rekognition", 400, ENDED},
                                               {"rekognition", .body = "{}"}}};
    set_up(&row);
    assert_int_equal(call(IR_AUTH_SIGV4), 0);
    assert_int_equal(fixture.machine.call_count, 4);
    assert_non_null(strstr(fixture.machine.sent[1], "Credential=AKIA1/"));
    assert_non_null(strstr(fixture.machine.sent[3], "Credential=AKIA2/"));
    tear_down();
}

static void test_call_renews_once(void **state)
{
    (void)state;
    static const struct row row = {"", .variables = {RELATIVE, NO_IMDS, REGION},
                                   .answers = {{"170.2/a\n", .body = FIRST},
                                               {"170.2/a\n", .body = SECOND},
                                               {"rekognition", 400, ENDED}}};
    set_up(&row);
    assert_int_equal(call(IR_AUTH_SIGV4), IR_ERR_AUTH);
    assert_string_equal(fixture.err.aws_code, "ExpiredTokenException");
    assert_int_equal(fixture.machine.call_count, 4);
    tear_down();
}

static void test_call_has_no_others(void **state)
{
    (void)state;
    static const struct row row = {"",
                                   .variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV"},
                                                 {"AWS_SECRET_ACCESS_KEY", "hush"},
                                                 {"AWS_SESSION_TOKEN", "hush"},
                                                 REGION},
                                   .answers = {{"rekognition", 400, ENDED}}};
    set_up(&row);
    assert_int_equal(call(IR_AUTH_SIGV4), IR_ERR_AUTH);
    assert_string_equal(fixture.err.aws_code, "ExpiredTokenException");
    assert_int_equal(fixture.machine.call_count, 1);
    tear_down();
}

static void test_bearer_token(void **state)
{
    (void)state;
    static const struct row good = {"",
                                    .variables = {{"AWS_BEARER_TOKEN_BEDROCK", "hush-b"}, REGION},
                                    .answers = {{"rekognition", .body = "{}"}}};
    static const struct row bad = {
        "", .variables = {{"AWS_BEARER_TOKEN_BEDROCK", "hush\r\nX: 1"}, REGION}};
    set_up(&good);
    assert_int_equal(call(IR_AUTH_BEARER), 0);
    assert_non_null(strstr(fixture.machine.sent[0], "Authorization: Bearer hush-b\n"));
    tear_down();
    set_up(&bad);
    assert_int_equal(call(IR_AUTH_BEARER), IR_ERR_AUTH);
    assert_non_null(strstr(fixture.err.message, "AWS_BEARER_TOKEN_BEDROCK holds"));
    assert_null(strstr(fixture.err.message, "hush"));
    assert_int_equal(fixture.machine.call_count, 0);
    tear_down();
}

static const struct scheme_row {
    const char *name;
    const char *variable; /* NULL = not set */
    const char *config;
    bool is_bearer;
} scheme_rows[] = {
    {"scheme: none said", NULL, NULL, true},
    {"scheme: signatures", "sigv4", NULL, false},
    {"scheme: a bearer token", "httpBearerAuth", NULL, true},
    {"scheme: a bearer token before signatures", "httpBearerAuth,sigv4", NULL, true},
    {"scheme: signatures before a bearer token", "sigv4,httpBearerAuth", NULL, false},
    {"scheme: unknown ones are passed over", "sigv4a, \tnoAuth ,sigv4", NULL, false},
    {"scheme: only unknown ones", "sigv4a", NULL, true},
    {"scheme: of the profile", NULL, "[default]\nauth_scheme_preference = sigv4\n", false},
    {"scheme: the environment's before the profile's", "httpBearerAuth",
     "[default]\nauth_scheme_preference = sigv4\n", true},
};

/* AWS_AUTH_SCHEME_PREFERENCE takes Bedrock's key out of the way. */
static void test_scheme(void **state)
{
    const struct scheme_row *scheme = *state;
    const struct row row = {
        "",
        .variables = {{"AWS_BEARER_TOKEN_BEDROCK", "hush-b"},
                      {"AWS_ACCESS_KEY_ID", "AKIAENV"},
                      {"AWS_SECRET_ACCESS_KEY", "hush"},
                      REGION,
                      {scheme->variable != NULL ? "AWS_AUTH_SCHEME_PREFERENCE" : NULL,
                       scheme->variable}},
        .config = scheme->config, .answers = {{"rekognition", .body = "{}"}}};
    set_up(&row);
    assert_int_equal(call(IR_AUTH_BEARER), 0);
    const char *sent = fixture.machine.sent[0];
    assert_non_null(strstr(sent, scheme->is_bearer ? "Authorization: Bearer hush-b\n"
                                                   : "Authorization: AWS4-HMAC-SHA256 "));
    if (!scheme->is_bearer)
        assert_null(strstr(sent, "hush-b"));
    tear_down();
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "renewed 15 minutes ahead", test_renewed_ahead);
    unit_add(&list, "a renewal that fails keeps the old ones until their end", test_renewal_fails);
    unit_add(&list, "a renewal that brings the same", test_renewal_brings_the_same);
    unit_add(&list, "a renewal ahead does not hold a call up", test_renewal_is_short);
    unit_add(&list, "EC2's outlive their end", test_outlives_end);
    unit_add(&list, "EC2's outlive the service", test_outlives_service);
    unit_add(&list, "a first look that fails is not kept", test_first_fails);
    unit_add(&list, "refused ones are dropped", test_drop);
    unit_add(&list, "threads: one looks, all get it", test_one_looks_first);
    unit_add(&list, "threads: one fails, all are told", test_one_fails_for_all);
    unit_add(&list, "threads: others go on while one renews", test_others_go_on);
    unit_add(&list, "threads: near the end others wait, or are cancelled",
             test_others_wait_near_the_end);
    unit_add(&list, "a trace too long for the message", test_long_trace);
    unit_add(&list, "the trace of success", test_trace_of_success);
    unit_add(&list, "call: ended ones are renewed", test_call_renews);
    unit_add(&list, "call: but once", test_call_renews_once);
    unit_add(&list, "call: not when there are no others", test_call_has_no_others);
    unit_add(&list, "call: a bearer token is checked", test_bearer_token);
    UNIT_ADD_ROWS(&list, test_scheme, scheme_rows);
    return unit_run(&list, "aws-credentials-store");
}
