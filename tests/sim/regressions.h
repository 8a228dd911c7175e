/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seeds that found something, with what they found; every run of the suite tries them again. */
#ifndef TESTS_SIM_REGRESSIONS_H
#define TESTS_SIM_REGRESSIONS_H

#include <stddef.h>
#include <stdint.h>

struct sim_regression {
    uint64_t seed;
    const char *found;
};
extern const struct sim_regression sim_regressions[];
extern const size_t sim_regression_count;

#endif
