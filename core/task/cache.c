/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the cache's rows: an id, when it was made and last used, and the sealed answer. Nothing else
 * stands in the file, so it tells how many answers there are, how long and when, and no more.
 */
#include "core/task/cache.h"

#include <string.h>

#include "core/base/alloc.h"
#include "core/base/database.h"
#include "core/base/error.h"
#include "core/base/seal.h"

#define SERVICE "cache"
#define APPLICATION_ID 0x69726363 /* "ircc" */
#define VERSION 1
#define BUSY_MS 2000
#define MAX_PATH_BYTES 4096
#define MAX_QUESTION_BYTES (64U * 1024)
#define DAY_S 86400LL
#define LARGEST_PART 4
#define MAX_EVICTIONS 100000

/* Changes when a reader would take an old answer for something else. */
#define ID_LABEL "imgrecog answer 1"
#define KEY_LABEL "imgrecog answer's key 1"

static const char schema[] = "CREATE TABLE answers("
                             "number INTEGER PRIMARY KEY,"
                             "id BLOB NOT NULL UNIQUE,"
                             "made_s INTEGER NOT NULL,"
                             "used_s INTEGER NOT NULL,"
                             "bytes INTEGER NOT NULL,"
                             "sealed BLOB NOT NULL);"
                             "CREATE INDEX answers_by_use ON answers(used_s,bytes);";

static const struct ir_database_form form = {
    .service = SERVICE,
    .application_id = APPLICATION_ID,
    .version = VERSION,
    .schema = schema,
    .busy_ms = BUSY_MS,
};

struct ir_cache {
    const struct ir_world *world;
    struct ir_cache_limits limits;
    struct ir_database *database;
};

/* ---- opening ----------------------------------------------------------------------------- */

static int open_at(const char *path, struct ir_database **out, struct ir_error *err)
{
    int rc = ir_database_open(path, &form, out, err);
    if (rc != IR_ERR_RESPONSE)
        return rc;
    ir_database_set_aside_path(path);
    ir_error_clear(err);
    return ir_database_open(path, &form, out, err);
}

int ir_cache_open(const struct ir_world *world, const struct ir_cache_limits *limits,
                  struct ir_cache **out, struct ir_error *err)
{
    struct ir_buf path;
    struct ir_cache *cache = ir_calloc(1, sizeof *cache);
    if (cache == NULL)
        return ir_fail_nomem(err);
    cache->world = world;
    cache->limits = *limits;
    ir_buf_init(&path, MAX_PATH_BYTES);
    ir_world_user_path(world, IR_USER_CACHE, "imgrecog/cache.sqlite", &path);
    int rc = ir_buf_check(&path, "the cache's path", err);
    if (rc == 0)
        rc = open_at(ir_buf_text(&path), &cache->database, err);
    ir_buf_release(&path);
    if (rc == 0)
        *out = cache;
    else
        ir_cache_close(cache);
    return rc;
}

void ir_cache_close(struct ir_cache *cache)
{
    if (cache == NULL)
        return;
    ir_database_close(cache->database);
    ir_free(cache);
}

/* Damage that shows itself later: the next process begins a new file. */
static int note_damage(struct ir_cache *cache, int rc)
{
    if (rc == IR_ERR_RESPONSE)
        ir_database_set_aside(cache->database);
    return rc;
}

static int end(struct ir_cache *cache, int rc, struct ir_error *err)
{
    if (rc == 0)
        return note_damage(cache, ir_database_commit(cache->database, err));
    ir_database_roll_back(cache->database);
    return note_damage(cache, rc);
}

static int64_t now_s(const struct ir_cache *cache)
{
    return cache->world->unix_ms(cache->world->context) / 1000;
}

/* ---- keys -------------------------------------------------------------------------------- */

/* Each part ends with a NUL, which none holds: no two questions are written alike. */
static void put_part(struct ir_buf *text, const char *part)
{
    if (part != NULL)
        ir_buf_append_text(text, part);
    ir_buf_append_char(text, '\0');
}

int ir_cache_key_make(const struct ir_cache_question *question, struct ir_cache_key *out)
{
    const char *const parts[] = {ID_LABEL,         question->service,     question->path,
                                 question->query,  question->target,      question->endpoint,
                                 question->region, question->payload_hash};
    struct ir_buf text;
    ir_buf_init(&text, MAX_QUESTION_BYTES);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        put_part(&text, parts[i]);
    for (size_t i = 0; i < question->header_count; i++) {
        put_part(&text, question->headers[i].name);
        put_part(&text, question->headers[i].value);
    }
    int rc = text.failed;
    if (rc == 0)
        rc = ir_sha256_once(text.data, text.bytes, out->id);
    /* Over the whole question again: the id, which is in the file, tells nothing of it. */
    if (rc == 0) {
        ir_buf_append_text(&text, KEY_LABEL);
        rc = text.failed;
    }
    if (rc == 0)
        rc = ir_hmac_sha256(question->payload_hash, strlen(question->payload_hash), text.data,
                            text.bytes, out->secret);
    ir_buf_release(&text);
    return rc != 0 ? IR_ERR_NOMEM : 0;
}

static struct ir_seal seal_of(const struct ir_cache_key *key)
{
    return (struct ir_seal){key->secret, key->id, sizeof key->id};
}

/* ---- answers ----------------------------------------------------------------------------- */

#define NOT_TOO_OLD " AND (?2=0 OR made_s>=?2)"

/* When the oldest answer that still counts was made; 0 = however long ago. */
static int64_t oldest_s(const struct ir_cache *cache)
{
    return cache->limits.max_days > 0 ? now_s(cache) - cache->limits.max_days * DAY_S : 0;
}

/* An entry that does not open is none: somebody changed it, or it is another's. */
static int open_answer(const struct ir_cache_key *key, const void *sealed, size_t bytes,
                       struct ir_buf *out, bool *out_found, struct ir_error *err)
{
    const struct ir_seal seal = seal_of(key);
    unsigned char *plain = ir_malloc(bytes);
    if (plain == NULL)
        return ir_fail_nomem(err);
    int rc = ir_seal_open(&seal, sealed, bytes, plain);
    *out_found = rc == 0;
    if (rc == 0) {
        ir_buf_append(out, plain, bytes - IR_SEAL_EXTRA_BYTES);
        rc = ir_buf_check(out, "the answer", err);
    } else if (rc == IR_ERR_NOMEM) {
        ir_fail_nomem(err);
    } else {
        rc = 0;
    }
    ir_free(plain);
    return rc;
}

static int find_row(struct ir_cache *cache, const struct ir_cache_key *key, struct ir_buf *out,
                    int64_t *out_number, struct ir_error *err)
{
    const struct ir_database_value values[] = {IR_DB_BLOB(key->id, sizeof key->id),
                                               IR_DB_INTEGER(oldest_s(cache))};
    struct ir_query *query = NULL;
    bool row = false;
    bool is_open = true;
    *out_number = 0;
    int rc =
        ir_query_new(cache->database, "SELECT number,sealed FROM answers WHERE id=?1" NOT_TOO_OLD,
                     values, 2, &query, err);
    if (rc == 0)
        rc = ir_query_next(query, &row, err);
    if (rc == 0 && row && out != NULL) {
        size_t bytes = 0;
        const void *sealed = ir_query_blob(query, 1, &bytes);
        rc = open_answer(key, sealed, bytes, out, &is_open, err);
    }
    if (rc == 0 && row && is_open)
        *out_number = ir_query_integer(query, 0);
    ir_query_free(query);
    return rc;
}

/* What another process's writing keeps from being noted is not noted: the answer counts. */
static void note_use(struct ir_cache *cache, int64_t number)
{
    const struct ir_database_value values[] = {IR_DB_INTEGER(number), IR_DB_INTEGER(now_s(cache))};
    struct ir_error unused;
    if (ir_database_begin(cache->database, true, &unused) != 0)
        return;
    int rc = ir_database_run(cache->database, "UPDATE answers SET used_s=?2 WHERE number=?1",
                             values, 2, NULL, &unused);
    (void)end(cache, rc, &unused);
}

int ir_cache_find(struct ir_cache *cache, const struct ir_cache_key *key, struct ir_buf *out,
                  bool *out_found, struct ir_error *err)
{
    int64_t number = 0;
    int rc = ir_database_begin(cache->database, false, err);
    if (rc != 0)
        return note_damage(cache, rc);
    rc = end(cache, find_row(cache, key, out, &number, err), err);
    if (rc != 0)
        return rc;
    *out_found = number != 0;
    if (number != 0)
        note_use(cache, number);
    return 0;
}

int ir_cache_has(struct ir_cache *cache, const struct ir_cache_key *key, bool *out_found,
                 struct ir_error *err)
{
    int64_t number = 0;
    int rc = ir_database_begin(cache->database, false, err);
    if (rc != 0)
        return note_damage(cache, rc);
    rc = end(cache, find_row(cache, key, NULL, &number, err), err);
    if (rc == 0)
        *out_found = number != 0;
    return rc;
}

int ir_cache_forget(struct ir_cache *cache, const struct ir_cache_key *key, struct ir_error *err)
{
    const struct ir_database_value values[] = {IR_DB_BLOB(key->id, sizeof key->id)};
    int rc = ir_database_begin(cache->database, true, err);
    if (rc != 0)
        return note_damage(cache, rc);
    rc = ir_database_run(cache->database, "DELETE FROM answers WHERE id=?1", values, 1, NULL, err);
    return end(cache, rc, err);
}

/* ---- room -------------------------------------------------------------------------------- */

static int count_bytes(struct ir_cache *cache, uint64_t *out, struct ir_error *err)
{
    struct ir_query *query = NULL;
    bool row = false;
    int rc = ir_query_new(cache->database, "SELECT coalesce(sum(bytes),0) FROM answers", NULL, 0,
                          &query, err);
    if (rc == 0)
        rc = ir_query_next(query, &row, err);
    if (rc == 0)
        *out = row ? (uint64_t)ir_query_integer(query, 0) : 0;
    ir_query_free(query);
    return rc;
}

/* Those that are too old, then the least recently used until `bytes` more find room. */
static int make_room(struct ir_cache *cache, size_t bytes, struct ir_error *err)
{
    const struct ir_database_value oldest[] = {IR_DB_INTEGER(oldest_s(cache))};
    uint64_t total = 0;
    int rc = ir_database_run(cache->database, "DELETE FROM answers WHERE made_s<?1", oldest, 1,
                             NULL, err);
    for (int i = 0; rc == 0 && i < MAX_EVICTIONS; i++) {
        rc = count_bytes(cache, &total, err);
        if (rc != 0 || total + bytes <= cache->limits.max_bytes)
            break;
        /* A sixteenth at a time: one by one, each would count all the others again. */
        rc = ir_database_run(cache->database,
                             "DELETE FROM answers WHERE number IN(SELECT number FROM answers ORDER "
                             "BY used_s,number LIMIT (SELECT count(*)/16+1 FROM answers))",
                             NULL, 0, NULL, err);
    }
    return rc;
}

static int insert(struct ir_cache *cache, const struct ir_cache_key *key, const void *sealed,
                  size_t bytes, struct ir_error *err)
{
    const struct ir_database_value values[] = {
        IR_DB_BLOB(key->id, sizeof key->id), IR_DB_INTEGER(now_s(cache)),
        IR_DB_INTEGER((int64_t)bytes), IR_DB_BLOB(sealed, bytes)};
    int rc = ir_database_begin(cache->database, true, err);
    if (rc != 0)
        return note_damage(cache, rc);
    rc = ir_database_run(cache->database, "DELETE FROM answers WHERE id=?1", values, 1, NULL, err);
    if (rc == 0)
        rc = make_room(cache, bytes, err);
    if (rc == 0)
        rc = ir_database_run(cache->database,
                             "INSERT INTO answers(id,made_s,used_s,bytes,sealed) "
                             "VALUES(?1,?2,?2,?3,?4)",
                             values, 4, NULL, err);
    return end(cache, rc, err);
}

int ir_cache_put(struct ir_cache *cache, const struct ir_cache_key *key, const void *answer,
                 size_t bytes, struct ir_error *err)
{
    const struct ir_seal seal = seal_of(key);
    if (bytes > cache->limits.max_bytes / LARGEST_PART)
        return 0;
    size_t sealed_bytes = bytes + IR_SEAL_EXTRA_BYTES;
    unsigned char *sealed = ir_malloc(sealed_bytes);
    if (sealed == NULL)
        return ir_fail_nomem(err);
    int rc = ir_seal_close(&seal, answer, bytes, sealed);
    if (rc == 0)
        rc = insert(cache, key, sealed, sealed_bytes, err);
    else
        rc = ir_fail(err, rc, "the answer could not be sealed");
    ir_free(sealed);
    return rc;
}
