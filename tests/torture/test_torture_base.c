/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every allocation of core/base fails once, OpenSSL's among them. */
#include "tests/torture/torture.h"

#include <unistd.h>

#include <openssl/crypto.h>

#include "core/base/base64.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/ini.h"
#include "core/base/json.h"
#include "core/base/uri.h"
#include "core/base/utf8.h"
#include "core/base/world.h"
#include "core/base/xml.h"

/* Outputs begin as this, and must be it still after a failure. */
#define UNTOUCHED ((void *)&untouched)
static char untouched;

static void *openssl_malloc(size_t bytes, const char *file, int line)
{
    (void)file;
    (void)line;
    return ir_malloc(bytes);
}

static void *openssl_realloc(void *memory, size_t bytes, const char *file, int line)
{
    (void)file;
    (void)line;
    return ir_realloc(memory, bytes);
}

static void openssl_free(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    ir_free(memory);
}

static int fill_buffer(struct ir_error *err, bool is_secret)
{
    struct ir_buf buf;
    char *taken = NULL;
    int result = 0;
    if (is_secret)
        ir_buf_init_secret(&buf, 100000);
    else
        ir_buf_init(&buf, 100000);
    for (int i = 0; i < 1000; i++)
        ir_buf_appendf(&buf, "%d;", i);
    result = ir_buf_check(&buf, "the numbers", err);
    if (!result) {
        size_t bytes = buf.bytes;
        taken = ir_buf_take(&buf);
        if (!taken || strlen(taken) != bytes || buf.bytes)
            result = TORTURE_WRONG;
    } else if (ir_buf_take(&buf)) {
        result = TORTURE_WRONG;
    }
    ir_free(taken);
    ir_buf_release(&buf);
    return result;
}

static int run_buffer(struct ir_error *err)
{
    return fill_buffer(err, false);
}

static int run_secret_buffer(struct ir_error *err)
{
    return fill_buffer(err, true);
}

static int run_take_empty(struct ir_error *err)
{
    struct ir_buf buf;
    ir_buf_init(&buf, 10);
    char *taken = ir_buf_take(&buf);
    int result = taken ? 0 : ir_buf_check(&buf, "nothing", err);
    if (taken && taken[0])
        result = TORTURE_WRONG;
    ir_free(taken);
    ir_buf_release(&buf);
    return result;
}

static int run_texts(struct ir_error *err)
{
    int result = 0;
    char *copy = ir_strdup("text");
    char *part = ir_strndup("text", 2);
    char *clean = ir_utf8_clean("a\nb", 3, 100);
    if (!copy || !part || !clean)
        result = ir_fail_nomem(err);
    ir_free(copy);
    ir_free_secret(part);
    ir_free(clean);
    return result;
}

static int run_hash(struct ir_error *err)
{
    unsigned char running[IR_SHA256_BYTES];
    unsigned char once[IR_SHA256_BYTES];
    int result = 0;
    struct ir_sha256 *hash = ir_sha256_new();
    if (!hash)
        return ir_fail_nomem(err);
    ir_sha256_update(hash, "abc", 3);
    if (ir_sha256_final(hash, running) || ir_sha256_once("abc", 3, once))
        result = ir_fail_nomem(err);
    else if (memcmp(running, once, sizeof once) != 0)
        result = TORTURE_WRONG;
    ir_sha256_free(hash);
    return result;
}

static int run_hmac(struct ir_error *err)
{
    unsigned char out[IR_SHA256_BYTES];
    char hex[IR_SHA256_HEX_BYTES];
    if (ir_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, out))
        return ir_fail_nomem(err);
    ir_hex(out, sizeof out, hex);
    return strncmp(hex, "5bdcc146", 8) == 0 ? 0 : TORTURE_WRONG;
}

typedef int (*json_parse_fn)(const char *text, size_t bytes, const char *what,
                             struct ir_json_doc **out, struct ir_error *err);

static int read_json(json_parse_fn parse, struct ir_error *err)
{
    static const char text[] = "{\"Labels\":[{\"Name\":\"Cat\",\"Confidence\":99.5}],\"n\":null}";
    struct ir_json_doc *doc = UNTOUCHED;
    int result = parse(text, sizeof text - 1, "the answer", &doc, err);
    if (result)
        return doc == UNTOUCHED ? result : TORTURE_WRONG;
    if (ir_json_count(ir_json_get(ir_json_root(doc), "Labels")) != 1)
        result = TORTURE_WRONG;
    ir_json_free(doc);
    return result;
}

static int run_json_read(struct ir_error *err)
{
    return read_json(ir_json_parse, err);
}

static int run_json_secret(struct ir_error *err)
{
    return read_json(ir_json_parse_secret, err);
}

static int run_json_write(struct ir_error *err)
{
    struct ir_buf out;
    struct ir_json_writer writer;
    ir_buf_init(&out, 100000);
    ir_json_writer_init(&writer, &out);
    ir_json_begin_array(&writer);
    for (int i = 0; i < 200; i++) {
        ir_json_begin_object(&writer);
        ir_json_member_put_string(&writer, "name", "a\nb\"c");
        ir_json_member_put_number(&writer, "n", i / 8.0, 3);
        ir_json_member_put_integer(&writer, "i", i);
        ir_json_member_put_bool(&writer, "b", i & 1);
        ir_json_end_object(&writer);
    }
    ir_json_end_array(&writer);
    int result = ir_buf_check(&out, "the document", err);
    ir_buf_release(&out);
    return result;
}

typedef int (*xml_parse_fn)(const char *text, size_t bytes, size_t max_bytes, const char *what,
                            struct ir_xml_doc **out, struct ir_error *err);

static int read_xml(xml_parse_fn parse, struct ir_error *err)
{
    struct ir_xml_doc *doc = UNTOUCHED;
    struct ir_buf text;
    ir_buf_init(&text, 1000000);
    ir_buf_append_text(&text, "<?xml version='1.0'?><r xmlns='u' a='b'>");
    for (int i = 0; i < 1000; i++)
        ir_buf_appendf(&text, "<item%d>text &amp; more &#65; %d<x:y xmlns:x='v'/></item%d>", i % 7,
                       i, i % 7);
    ir_buf_append_text(&text, "</r>");
    int result = ir_buf_check(&text, "the text", err);
    if (!result) {
        result = parse(text.data, text.bytes, 1000000, "the answer", &doc, err);
        if (result && doc != UNTOUCHED)
            result = TORTURE_WRONG;
        if (!result)
            ir_xml_free(doc);
    }
    ir_buf_release(&text);
    return result;
}

static int run_xml(struct ir_error *err)
{
    return read_xml(ir_xml_parse, err);
}

static int run_xml_secret(struct ir_error *err)
{
    return read_xml(ir_xml_parse_secret, err);
}

static int run_ini(struct ir_error *err)
{
    static const char text[] =
        "[default]\naws_access_key_id = A # x\naws_secret_access_key = B\nregion = r\n"
        "s3 =\n  addressing_style = path\n  max = 5\ns3 =\n  other = 1\n"
        "[profile \"a b\"]\nk = v\n  w\nk = x\n[default]\nregion = s\n[b]\n[c]\n[d]\n[e]\n[f]\n"
        "[g]\n[h]\n[i]\na=1\nb=1\nc=1\nd=1\ne=1\nf=1\ng=1\nh=1\ni=1\n";
    struct ir_ini *ini = UNTOUCHED;
    int result = ir_ini_parse(text, sizeof text - 1, "config", &ini, err);
    if (result)
        return ini == UNTOUCHED ? result : TORTURE_WRONG;
    const char *region = ir_ini_get(ini, "default", "region");
    if (!region || strcmp(region, "s") != 0)
        result = TORTURE_WRONG;
    ir_ini_free(ini);
    return result;
}

static int run_uri(struct ir_error *err)
{
    struct ir_buf out;
    ir_buf_init(&out, 10000);
    for (int i = 0; i < 100; i++) {
        ir_uri_encode(&out, "a b/한", 7, true);
        ir_uri_decode(&out, "a%20b%", 6);
    }
    int result = ir_buf_check(&out, "the path", err);
    ir_buf_release(&out);
    return result;
}

static int run_file(struct ir_error *err)
{
    const struct ir_world *world = ir_world_system();
    struct ir_buf out;
    bool missing = true;
    ir_buf_init_secret(&out, 1 << 20);
    int result = world->read_file(world->context, "/proc/self/status", &out, &missing, err);
    if (missing || (result && out.bytes))
        result = TORTURE_WRONG;
    ir_world_expand_home(world, "~/x", &out);
    if (!result)
        result = ir_buf_check(&out, "the path", err);
    ir_buf_release(&out);
    return result;
}

static int run_cancel(struct ir_error *err)
{
    struct ir_cancel *cancel = ir_cancel_new();
    int result = cancel ? 0 : ir_fail_nomem(err);
    ir_cancel_free(cancel);
    return result;
}

static const struct torture_scenario scenarios[] = {
    {"buffer", run_buffer, false},
    {"secret buffer", run_secret_buffer, false},
    {"taking an empty buffer", run_take_empty, false},
    {"texts", run_texts, false},
    {"sha256", run_hash, false},
    {"hmac", run_hmac, false},
    {"json read", run_json_read, false},
    {"secret json read", run_json_secret, false},
    {"json write", run_json_write, false},
    {"xml", run_xml, false},
    {"secret xml", run_xml_secret, false},
    {"ini", run_ini, false},
    {"uri", run_uri, false},
    {"file", run_file, false},
    {"cancel", run_cancel, false},
};

int main(void)
{
    static struct unit_list list;
    if (!CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free)) {
        puts("Bail out! OpenSSL took memory before its functions could be replaced");
        return 1;
    }
    UNIT_ADD_ROWS(&list, torture_run, scenarios);
    return unit_run(&list, "torture of core/base");
}
