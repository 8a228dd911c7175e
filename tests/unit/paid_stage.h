/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clients that keep a cache and a ledger, in folders of their own, over a transport that answers
 * from a script. */
#ifndef TESTS_UNIT_PAID_STAGE_H
#define TESTS_UNIT_PAID_STAGE_H

#include "tests/unit/fake_client.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include <imgrecog/ask.h>
#include <imgrecog/generate.h>
#include <imgrecog/labels.h>

#define PAID_HAIKU "global.anthropic.claude-haiku-4-5-20251001-v1:0"
#define PAID_LABELS "{\"Labels\":[{\"Name\":\"Dog\",\"Confidence\":98}]}"
#define PAID_SAID(text, stop)                                                                      \
    "{\"output\":{\"message\":{\"content\":[{\"text\":\"" text "\"}]}},\"stopReason\":\"" stop     \
    "\",\"usage\":{\"inputTokens\":1000,\"outputTokens\":100}}"

struct paid_stage {
    struct fake_world world;
    struct fake_transport transport;
    struct ir_client *client;
    char folder[64];
    char log[8192]; /* what the client told */
    struct ir_error err;
    unsigned char picture_data[4096];
    struct ir_picture *picture;
};

static inline void paid_tell(void *context, const char *line)
{
    struct paid_stage *stage = context;
    size_t used = strlen(stage->log);
    snprintf(stage->log + used, sizeof stage->log - used, "%s\n", line);
}

static inline struct ir_client_options paid_options(void)
{
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    options.cache = true;
    options.ledger = true;
    return options;
}

/* A path in the stage's folder. */
static inline const char *paid_path(const struct paid_stage *stage, const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", stage->folder, name);
    return path;
}

#define PAID_CACHE "imgrecog/cache.sqlite"
#define PAID_LEDGER "imgrecog/ledger.sqlite"

/* Another client on the same files, with no answer to give yet. 0, or why there is none. */
static inline int paid_reopen(struct paid_stage *stage, const struct ir_client_options *options)
{
    struct ir_client_options told = *options;
    told.log = paid_tell;
    told.log_context = stage;
    ir_client_free(stage->client);
    stage->client = NULL;
    fake_transport_reset(&stage->transport);
    fake_transport_init(&stage->transport, &stage->world);
    const struct ir_transport transport = fake_transport_get(&stage->transport);
    return ir_client_new_in(&told, &stage->world.world, &transport, &stage->client, &stage->err);
}

static inline void paid_open(struct paid_stage *stage, const struct ir_client_options *options)
{
    memset(stage, 0, sizeof *stage);
    snprintf(stage->folder, sizeof stage->folder, "/tmp/imgrecog-paid-XXXXXX");
    assert_non_null(mkdtemp(stage->folder));
    fake_world_init(&stage->world);
    fake_world_setenv(&stage->world, "AWS_REGION", "eu-west-1");
    fake_world_setenv(&stage->world, "AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    fake_world_setenv(&stage->world, "AWS_SECRET_ACCESS_KEY", "hush");
    fake_world_setenv(&stage->world, "XDG_STATE_HOME", stage->folder);
    fake_world_setenv(&stage->world, "XDG_CACHE_HOME", stage->folder);
    stage->picture = fake_picture_new(stage->picture_data, 100, 100, 400, 1);
    if (paid_reopen(stage, options) != 0)
        fail_msg("%s", stage->err.message);
}

static inline void paid_close(struct paid_stage *stage)
{
    static const char *const names[] = {
        PAID_CACHE,         PAID_CACHE "-wal",  PAID_CACHE "-shm",    PAID_LEDGER,
        PAID_LEDGER "-wal", PAID_LEDGER "-shm", PAID_CACHE ".damaged"};
    ir_picture_free(stage->picture);
    ir_client_free(stage->client);
    fake_transport_reset(&stage->transport);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unlink(paid_path(stage, names[i]));
    rmdir(paid_path(stage, "imgrecog"));
    if (rmdir(stage->folder) != 0)
        fail_msg("something is left in %s", stage->folder);
}

static inline void paid_answer(struct paid_stage *stage, const char *body)
{
    fake_transport_add(&stage->transport, (struct fake_answer){.body = body});
}

/* A copy that outlives the result. */
static inline void paid_take_usage(const struct ir_result *result, struct ir_usage *out)
{
    static char prices_of[16];
    *out = ir_result_get_usage(result);
    snprintf(prices_of, sizeof prices_of, "%s", out->prices_of);
    out->prices_of = prices_of;
}

/* The labels of the stage's picture; its usage. */
static inline int paid_labels(struct paid_stage *stage, struct ir_usage *out_usage)
{
    const struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    struct ir_result *result = NULL;
    int rc = ir_labels(stage->client, stage->picture, &options, &result, &stage->err);
    if (rc == 0) {
        paid_take_usage(result, out_usage);
        assert_int_equal(ir_result_label_count(result), 1);
    }
    ir_result_free(result);
    return rc;
}

#endif
