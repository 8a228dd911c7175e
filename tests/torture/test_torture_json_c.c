/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every allocation of json-c fails once. It has no functions to replace, so the C library's own are
 * replaced for the whole program by ones that ask the gate and count what is in use. The sanitizers
 * replace them too, so this program is built without.
 *
 * When memory runs out, json-c (0.18) itself loses a value here and there; how often is printed,
 * not judged. It must never crash, give half a document, or lose anything when memory sufficed.
 */
#include "tests/torture/torture.h"

#include "core/base/json.h"

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t item_bytes);
void *__libc_realloc(void *memory, size_t bytes);
void __libc_free(void *memory);

/* Shown, so that json-c's calls come here too. The parameters have the C standard's names. */
#define SHOWN __attribute__((visibility("default")))
SHOWN void *malloc(size_t size);
SHOWN void *calloc(size_t nmemb, size_t size);
SHOWN void *realloc(void *ptr, size_t size);
SHOWN void free(void *ptr);

static struct torture_gate gate;
static bool armed;
static long in_use;    /* pieces */
static unsigned leaks; /* runs after which more was in use than before */

static void *counted(void *memory)
{
    in_use += memory != NULL;
    return memory;
}

static bool may_allocate(void)
{
    return !armed || torture_may_allocate(&gate);
}

void *malloc(size_t size)
{
    return may_allocate() ? counted(__libc_malloc(size)) : NULL;
}

void *calloc(size_t nmemb, size_t size)
{
    return may_allocate() ? counted(__libc_calloc(nmemb, size)) : NULL;
}

void *realloc(void *ptr, size_t size)
{
    if (!may_allocate())
        return NULL;
    void *moved = __libc_realloc(ptr, size);
    return ptr ? moved : counted(moved);
}

void free(void *ptr)
{
    in_use -= ptr != NULL;
    __libc_free(ptr);
}

static const char text[] =
    "{\"Labels\":[{\"Name\":\"Cat\",\"Confidence\":99.5,\"Instances\":[{\"BoundingBox\":"
    "{\"Width\":0.25,\"Height\":0.5,\"Left\":1e-2,\"Top\":0}}],\"Parents\":[{\"Name\":"
    "\"A long name that does not fit where json-c keeps short ones\"}]}],\"n\":null,\"t\":true,"
    "\"i\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,"
    "32,33,34],\"u\":\"\\u00e9\\ud83d\\ude00\",\"k1\":1,\"k2\":1,\"k3\":1,\"k4\":1,\"k5\":1,"
    "\"k6\":1,\"k7\":1,\"k8\":1,\"k9\":1,\"k10\":1,\"k11\":1,\"k12\":1,\"k13\":1}";

/* One run; true when a request failed in it. */
static bool run_once(unsigned fail_at, bool for_good)
{
    struct ir_json_doc *doc = NULL;
    struct ir_error err;
    ir_error_clear(&err);
    long before = in_use;
    gate = (struct torture_gate){0, fail_at, for_good, false};
    armed = true;
    int result = ir_json_parse(text, sizeof text - 1, "the answer", &doc, &err);
    armed = false;
    size_t count = ir_json_count(ir_json_get(ir_json_root(doc), "i"));
    bool is_whole = count == 34 && ir_json_get(ir_json_root(doc), "k13");
    ir_json_free(doc);
    long after = in_use;
    if (result ? doc != NULL : !is_whole)
        fail_msg("request %u: result %d with half a document", fail_at, result);
    if (gate.failed && result && result != IR_ERR_NOMEM)
        fail_msg("request %u: result %d (%s)", fail_at, result, err.message);
    if (!gate.failed)
        assert_int_equal(result, 0);
    if (!gate.failed)
        assert_int_equal(after, before);
    leaks += after != before;
    return gate.failed;
}

static void test_read(void **state)
{
    (void)state;
    (void)run_once(UINT32_MAX, false);
    for (int for_good = 0; for_good < 2; for_good++) {
        unsigned fail_at = 0;
        while (run_once(fail_at, for_good))
            fail_at++;
        assert_true(fail_at > 50);
        print_message("# %u requests failed, json-c lost memory after %u\n", fail_at, leaks);
        leaks = 0;
    }
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "json-c", test_read);
    return unit_run(&list, "torture of json-c");
}
