/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The program: the seeds that once found something, then fresh ones from the clock until the time
 * is used up; TAP on standard output. A failure prints the command that shows it again.
 *   sim                          both
 *   sim --seed N [--verbose]     one run, with its trace
 *   sim --runs N [--from SEED]   that many, one after the other
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/sim/regressions.h"
#include "tests/sim/run.h"

#define FRESH_SECONDS 10
#define LEAST_FRESH_RUNS 1500 /* on a machine that is busy */
#define MAX_FAILURES 5
#define MAX_SOAK_FAILURES 60
#define REPEAT_EVERY 16 /* each so many, a seed is run twice and must do the same */

struct totals {
    unsigned long runs;
    unsigned long calls;
    unsigned long successes;
    unsigned long exchanges;
    unsigned failures;
    unsigned long fault_counts[SIM_FAULT_COUNT];
    unsigned long successes_of[SIM_MAX_SCENARIOS];
};

static void add(struct totals *totals, const struct sim_outcome *outcome)
{
    totals->runs++;
    totals->calls += outcome->calls;
    totals->successes += outcome->successes;
    totals->exchanges += outcome->exchanges;
    for (size_t i = 0; i < SIM_FAULT_COUNT; i++)
        totals->fault_counts[i] += outcome->fault_counts[i];
    for (size_t i = 0; i < sim_scenario_count; i++)
        totals->successes_of[i] += outcome->successes_of[i];
}

/* One seed, twice when `is_repeated`. */
static bool try_seed(uint64_t seed, bool is_repeated, struct totals *totals)
{
    struct sim_outcome outcome;
    struct sim_outcome again;
    sim_run_seed(seed, false, &outcome);
    add(totals, &outcome);
    if (!outcome.is_good)
        printf("# seed %llu: %s\n# show it again: sim --seed %llu --verbose\n",
               (unsigned long long)seed, outcome.verdict, (unsigned long long)seed);
    if (outcome.is_good && is_repeated) {
        sim_run_seed(seed, false, &again);
        if (again.trace_hash != outcome.trace_hash) {
            printf("# seed %llu: a second run was another\n", (unsigned long long)seed);
            outcome.is_good = false;
        }
    }
    totals->failures += !outcome.is_good;
    return outcome.is_good;
}

static void print_totals(const struct totals *totals)
{
    printf("# %lu runs, %lu calls of which %lu succeeded, %lu exchanges\n", totals->runs,
           totals->calls, totals->successes, totals->exchanges);
    for (size_t i = 1; i < SIM_FAULT_COUNT; i++)
        printf("#   %-42s%8lu\n", sim_faults[i].name, totals->fault_counts[i]);
    for (size_t i = 0; i < sim_scenario_count; i++)
        printf("#   success of %-31s%8lu\n", sim_scenarios[i].name, totals->successes_of[i]);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- ways to run ------------------------------------------------------------------------- */

static int run_one(uint64_t seed, bool is_verbose)
{
    struct sim_outcome outcome;
    sim_run_seed(seed, is_verbose, &outcome);
    printf("1..1\n%s 1 - seed %llu\n", outcome.is_good ? "ok" : "not ok", (unsigned long long)seed);
    printf("# trace %016llx%s%s\n", (unsigned long long)outcome.trace_hash,
           outcome.is_good ? "" : ": ", outcome.verdict);
    return outcome.is_good ? 0 : 1;
}

static int run_many(uint64_t from, unsigned long count)
{
    struct totals totals = {0};
    for (unsigned long i = 0; i < count && totals.failures < MAX_SOAK_FAILURES; i++)
        try_seed(from + i, i % REPEAT_EVERY == 0, &totals);
    print_totals(&totals);
    printf("1..1\n%s 1 - %lu seeds from %llu\n", totals.failures == 0 ? "ok" : "not ok",
           totals.runs, (unsigned long long)from);
    return totals.failures == 0 ? 0 : 1;
}

/* True when every fault has come and every call has succeeded, so that silence means something. */
static bool has_seen_all(const struct totals *totals)
{
    for (size_t i = 1; i < SIM_FAULT_COUNT; i++)
        if (totals->fault_counts[i] == 0) {
            printf("# never happened: %s\n", sim_faults[i].name);
            return false;
        }
    for (size_t i = 0; i < sim_scenario_count; i++)
        if (totals->successes_of[i] == 0) {
            printf("# never succeeded: %s\n", sim_scenarios[i].name);
            return false;
        }
    return true;
}

static int run_suite(void)
{
    struct totals totals = {0};
    unsigned failures = 0;
    printf("1..%zu\n", sim_regression_count + 2);
    for (size_t i = 0; i < sim_regression_count; i++) {
        bool is_good = try_seed(sim_regressions[i].seed, true, &totals);
        failures += !is_good;
        printf("%s %zu - seed %llu: %s\n", is_good ? "ok" : "not ok", i + 1,
               (unsigned long long)sim_regressions[i].seed, sim_regressions[i].found);
    }
    uint64_t from = sim_mix((uint64_t)time(NULL)) >> 24;
    double until = seconds() + FRESH_SECONDS;
    struct totals fresh = {0};
    for (uint64_t seed = from;
         (seconds() < until || fresh.runs < LEAST_FRESH_RUNS) && fresh.failures < MAX_FAILURES;
         seed++)
        try_seed(seed, (seed - from) % REPEAT_EVERY == 0, &fresh);
    printf("%s %zu - %lu fresh seeds from %llu\n", fresh.failures == 0 ? "ok" : "not ok",
           sim_regression_count + 1, fresh.runs, (unsigned long long)from);
    print_totals(&fresh);
    bool is_full = has_seen_all(&fresh);
    printf("%s %zu - every fault has come, and every call has succeeded\n",
           is_full ? "ok" : "not ok", sim_regression_count + 2);
    return failures + fresh.failures == 0 && is_full ? 0 : 1;
}

static int usage(void)
{
    fprintf(stderr, "sim [--seed N [--verbose]] [--runs N [--from SEED]]\n");
    return 2;
}

int main(int argc, char **argv)
{
    uint64_t seed = 0;
    uint64_t from = (uint64_t)time(NULL);
    unsigned long count = 0;
    bool has_seed = false;
    bool is_verbose = false;
    for (int i = 1; i < argc; i++) {
        bool has_value = i + 1 < argc;
        if (strcmp(argv[i], "--verbose") == 0) {
            is_verbose = true;
        } else if (strcmp(argv[i], "--seed") == 0 && has_value) {
            seed = strtoull(argv[++i], NULL, 10);
            has_seed = true;
        } else if (strcmp(argv[i], "--runs") == 0 && has_value) {
            count = strtoul(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--from") == 0 && has_value) {
            from = strtoull(argv[++i], NULL, 10);
        } else {
            return usage();
        }
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (has_seed)
        return run_one(seed, is_verbose);
    return count > 0 ? run_many(from, count) : run_suite();
}
