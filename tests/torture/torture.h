/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Running out of memory at every place, once each: a scenario is run again and again, and in the
 * n-th run the n-th request for memory fails, first alone and then with all that follow, until a
 * run asks for fewer than n. Every run in which a request failed must end in IR_ERR_NOMEM, or in
 * success where the scenario says that it can do without. What a run leaves behind, the address
 * sanitizer finds at exit.
 *
 * A scenario checks by itself that its outputs are untouched when it failed. It must not use
 * cmocka's assertions between asking for memory and giving it back; it returns TORTURE_WRONG
 * instead, after cleaning up.
 */
#ifndef TESTS_TORTURE_TORTURE_H
#define TESTS_TORTURE_TORTURE_H

#include "tests/unit/unit.h"

#include "core/base/alloc.h"
#include "core/base/error.h"

/* A scenario that needs more requests than this does not end. */
#define TORTURE_MAX_REQUESTS 100000U
#define TORTURE_WRONG 1

struct torture_scenario {
    const char *name;
    int (*run)(struct ir_error *err); /* 0, IR_ERR_… or TORTURE_WRONG */
    bool may_succeed;                 /* also when a request failed */
};

struct torture_gate {
    unsigned asked;
    unsigned fail_at; /* counted from 0 */
    bool for_good;    /* and every later one */
    bool failed;
};

static inline bool torture_may_allocate(void *context)
{
    struct torture_gate *gate = context;
    unsigned index = gate->asked++;
    bool fails = index == gate->fail_at || (gate->for_good && index > gate->fail_at);
    gate->failed |= fails;
    return !fails;
}

/* One run; true when a request failed in it. */
static inline bool torture_once(const struct torture_scenario *scenario, unsigned fail_at,
                                bool for_good)
{
    struct torture_gate gate = {0, fail_at, for_good, false};
    struct ir_error err;
    ir_error_clear(&err);
    ir_alloc_set_gate(torture_may_allocate, &gate);
    int result = scenario->run(&err);
    ir_alloc_set_gate(NULL, NULL);
    const char *how = for_good ? "from then on" : "alone";
    if (result == TORTURE_WRONG)
        fail_msg("request %u failing %s: a wrong result or a changed output", fail_at, how);
    if (result && !gate.failed)
        fail_msg("no request failed, but the result is %d: %s", result, err.message);
    if (gate.failed && result != IR_ERR_NOMEM && !(scenario->may_succeed && !result))
        fail_msg("request %u failing %s: the result is %d (%s)", fail_at, how, result, err.message);
    if (result && err.code != result)
        fail_msg("request %u failing %s: the error says %d, not %d", fail_at, how, err.code,
                 result);
    return gate.failed;
}

static inline void torture_run(void **state)
{
    const struct torture_scenario *scenario = *state;
    /* What libraries make once and keep is made now, as its failing would be theirs to test. */
    (void)torture_once(scenario, TORTURE_MAX_REQUESTS, false);
    for (int for_good = 0; for_good < 2; for_good++) {
        unsigned fail_at = 0;
        while (torture_once(scenario, fail_at, for_good)) {
            fail_at++;
            assert_true(fail_at < TORTURE_MAX_REQUESTS);
        }
        assert_true(fail_at > 0); /* a scenario without requests tests nothing */
        print_message("# %s: %u requests failed %s\n", scenario->name, fail_at,
                      for_good ? "from then on" : "alone");
    }
}

#endif
