/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fills in key templates. One walk over the template both checks and writes, so that what is
 * checked before a run is what is written in it. Of EXIF only digits get into a key.
 */
#include "core/task/key.h"

#include <stdio.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/ascii.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/world.h"
#include "core/task/picture.h"
#include "core/task/upload_job.h"

#define SERVICE "key"
#define MAX_KEY_BYTES (IR_KEY_BYTES - 1)
#define MAX_PLACEHOLDER_CHARS 32
#define HASH_CHARS 64
#define HEAD_BYTES (1U << 20) /* EXIF stands before the pixels */

/* ---- placeholders ------------------------------------------------------------------------ */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* The dot before the ending; the end of the name when there is none. ".profile" has none. */
static const char *dot_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL && dot != name && dot[1] != '\0' ? dot : name + strlen(name);
}

static const char *ending_of(const struct ir_key_facts *facts)
{
    static const char *const endings[][2] = {
        {"image/jpeg", "jpg"},  {"image/png", "png"},         {"image/webp", "webp"},
        {"image/tiff", "tif"},  {"image/gif", "gif"},         {"image/avif", "avif"},
        {"image/heic", "heic"}, {"application/json", "json"},
    };
    const char *dot = dot_of(facts->name);
    if (*dot == '.')
        return dot + 1;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (strcmp(facts->media_type, endings[i][0]) == 0)
            return endings[i][1];
    return "bin";
}

static const struct {
    const char *name;
    size_t start, chars; /* in the date */
} dates[] = {
    {"year", 0, 4}, {"month", 4, 2},   {"day", 6, 2},     {"date", 0, 8},
    {"hour", 8, 2}, {"minute", 10, 2}, {"second", 12, 2}, {"time", 8, 6},
};

/* "sha256" or "sha256:N"; the number of digits, 0 when it is something else. */
static size_t hash_chars(const char *word)
{
    static const char name[] = "sha256";
    if (strcmp(word, name) == 0)
        return HASH_CHARS;
    if (strncmp(word, "sha256:", sizeof name) != 0)
        return 0;
    const char *digits = word + sizeof name;
    size_t number = 0;
    for (; ir_ascii_is_digit(*digits) && number <= HASH_CHARS; digits++)
        number = number * 10 + (size_t)(*digits - '0');
    return *digits == '\0' && number <= HASH_CHARS ? number : 0;
}

static bool put_placeholder(const char *word, const struct ir_key_facts *facts, struct ir_buf *out)
{
    size_t hash = hash_chars(word);
    const char *dot = dot_of(facts->name);
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++)
        if (strcmp(word, dates[i].name) == 0) {
            ir_buf_append(out, facts->date + dates[i].start, dates[i].chars);
            return true;
        }
    if (hash > 0)
        ir_buf_append(out, facts->sha256_hex, hash);
    else if (strcmp(word, "file") == 0)
        ir_buf_append_text(out, facts->name);
    else if (strcmp(word, "name") == 0)
        ir_buf_append(out, facts->name, (size_t)(dot - facts->name));
    else if (strcmp(word, "ext") == 0)
        ir_buf_append_text(out, ending_of(facts));
    else
        return false;
    return true;
}

/* ---- the template ------------------------------------------------------------------------ */

static int fail_key(struct ir_error *err, int code, const char *cause, const char *hint)
{
    return ir_fail_with(err, code, SERVICE, cause, hint);
}

static int fail_placeholder(const char *word, struct ir_error *err)
{
    char shown[MAX_PLACEHOLDER_CHARS];
    ir_text_copy(shown, sizeof shown, word);
    ir_fail(err, IR_ERR_ARG, "there is no placeholder {%s}", shown);
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "There are {file} {name} {ext} {year} {month} {day} {hour} {minute} "
                           "{second} {date} {time} {sha256} {sha256:8}; {{ is a brace.");
    return IR_ERR_ARG;
}

/* The placeholder at `at`, which is '{'; steps behind its '}'. */
static int walk_placeholder(const char **at, const struct ir_key_facts *facts, struct ir_buf *out,
                            struct ir_error *err)
{
    char word[MAX_PLACEHOLDER_CHARS];
    const char *end = strchr(*at, '}');
    if (end == NULL)
        return fail_key(err, IR_ERR_ARG, "a brace of the key is not closed",
                        "Write {{ for a brace of its own.");
    snprintf(word, sizeof word, "%.*s", (int)(end - *at - 1), *at + 1);
    *at = end + 1;
    return put_placeholder(word, facts, out) ? 0 : fail_placeholder(word, err);
}

static int walk(const char *template, const struct ir_key_facts *facts, struct ir_buf *out,
                struct ir_error *err)
{
    size_t chars = strlen(template);
    for (const char *at = template; *at != '\0';) {
        if (at[0] == at[1] && (at[0] == '{' || at[0] == '}')) {
            ir_buf_append_char(out, at[0]);
            at += 2;
        } else if (at[0] == '}') {
            return fail_key(err, IR_ERR_ARG, "a brace of the key closes nothing",
                            "Write }} for a brace of its own.");
        } else if (at[0] == '{') {
            int rc = walk_placeholder(&at, facts, out, err);
            if (rc != 0)
                return rc;
        } else {
            ir_buf_append_char(out, *at++);
        }
    }
    if (chars == 0 || template[chars - 1] == '/')
        ir_buf_append_text(out, facts->name);
    return 0;
}

bool ir_key_has_hash(const char *template)
{
    return strstr(template, "{sha256") != NULL;
}

int ir_key_expand(const char *template, const struct ir_key_facts *facts, char out[IR_KEY_BYTES],
                  struct ir_error *err)
{
    struct ir_buf key;
    ir_buf_init(&key, MAX_KEY_BYTES);
    int rc = walk(template, facts, &key, err);
    if (rc == 0 && key.failed == IR_ERR_TOO_LARGE)
        rc = fail_key(err, IR_ERR_TOO_LARGE, "the key has more than 1,024 bytes",
                      "Use a shorter template.");
    if (rc == 0)
        rc = ir_buf_check(&key, "the key", err);
    if (rc == 0 && key.bytes == 0)
        rc = fail_key(err, IR_ERR_ARG, "the key is empty", "Name one.");
    if (rc == 0)
        ir_text_copy(out, IR_KEY_BYTES, ir_buf_text(&key));
    ir_buf_release(&key);
    return rc;
}

int ir_key_check(const char *key_template, struct ir_error *err)
{
    static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
    const struct ir_key_facts facts = {"a.b", "", zeros, "20000101000000"};
    char key[IR_KEY_BYTES];
    return ir_key_expand(key_template, &facts, key, err);
}

/* ---- what is known of a file ------------------------------------------------------------- */

/* "20261121T013000Z" without its letters. */
static void set_time(struct ir_key_facts *facts, int64_t unix_ms)
{
    char text[17];
    ir_world_amz_date(unix_ms, text);
    memcpy(facts->date, text, 8);
    memcpy(facts->date + 8, text + 9, 6);
}

static int hash_content(struct ir_upload_content *content, char out_hex[IR_SHA256_HEX_BYTES],
                        struct ir_error *err)
{
    struct ir_upload_piece piece;
    struct ir_body_sums sums;
    ir_upload_piece_init(&piece, content, 0, content->bytes, NULL);
    int rc = ir_upload_piece_sum(&piece, &sums, err);
    if (rc == 0)
        ir_text_copy(out_hex, IR_SHA256_HEX_BYTES, sums.sha256_hex);
    return rc;
}

/* Fills in what the content says, over what is known without it. */
static int expand(const char *template, struct ir_upload_content *content,
                  const struct ir_key_facts *known, char out[IR_KEY_BYTES], struct ir_error *err)
{
    struct ir_key_facts facts = *known;
    char hash[IR_SHA256_HEX_BYTES] = "";
    size_t head_bytes = content->bytes < HEAD_BYTES ? (size_t)content->bytes : HEAD_BYTES;
    char *head = ir_malloc(head_bytes + 1);
    if (head == NULL)
        return ir_fail_nomem(err);
    int rc = ir_key_has_hash(template) ? hash_content(content, hash, err) : 0;
    if (rc == 0 && !ir_upload_content_read(content, 0, head, head_bytes))
        rc = ir_upload_content_check(content, err);
    if (rc == 0) {
        ir_picture_captured(head, head_bytes, facts.date);
        facts.media_type = ir_upload_media_type(content);
        facts.sha256_hex = hash;
        rc = ir_key_expand(template, &facts, out, err);
    }
    ir_free(head);
    return rc;
}

int ir_key_of_file(const char *key_template, const char *path, char out[IR_KEY_BYTES],
                   struct ir_error *err)
{
    struct ir_key_facts facts = {.name = base_name(path)};
    struct ir_upload_content content;
    int rc = ir_upload_content_open(&content, path, err);
    if (rc != 0)
        return rc;
    set_time(&facts, (int64_t)content.modified.tv_sec * 1000);
    rc = expand(key_template, &content, &facts, out, err);
    ir_upload_content_release(&content);
    return rc;
}

int ir_key_of_data(const char *key_template, const struct ir_key_data *data, char out[IR_KEY_BYTES],
                   struct ir_error *err)
{
    const struct ir_world *world = ir_world_system();
    struct ir_key_facts facts = {.name = base_name(data->name)};
    struct ir_upload_content content = {.data = data->data, .bytes = data->data_bytes};
    set_time(&facts, data->changed_unix_s != 0 ? data->changed_unix_s * 1000
                                               : world->unix_ms(world->context));
    return expand(key_template, &content, &facts, out, err);
}
