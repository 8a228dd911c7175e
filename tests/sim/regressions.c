/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the list. A seed means the same run only while the generator draws in the same order; when
 * that changes, the list wants new seeds: undo a repair in a copy of the tree and look for the
 * first one that shows it (sim --runs 20000 --from 1).
 */
#include "tests/sim/regressions.h"

const struct sim_regression sim_regressions[] = {
    {1, "credentials were not found, and the error said that the request may have been done"},
    {3, "an error repeated the prompt that a service repeats in its refusal"},
    {18, "an error repeated the signature that a service repeats in its refusal"},
    {26, "a model's answer was damaged, and the error did not say that it is charged"},
    {33, "a page in place of the container's keys gave an error without a next step"},
    {49, "a gateway gave up on work that was done, another attempt failed, and nobody was told"},
    {137, "the second of two requests failed, and the error hid that the first is charged"},
    {230, "three requests of one task had the time limit each, not together"},
    {350, "memory ran out in a stream, and the error did not say that it is charged"},
    {381, "a cancelled upload gave an error that names no service"},
    {391, "a page in place of an answer of STS gave an error without a next step"},
    {533, "a page in place of SageMaker's answer gave an error without a next step"},
};
const size_t sim_regression_count = sizeof sim_regressions / sizeof sim_regressions[0];
