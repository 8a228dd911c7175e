/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Chance that a seed decides: the same seed gives the same draws. The generator is splitmix64
 * (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
 */
#ifndef TESTS_SIM_CHANCE_H
#define TESTS_SIM_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

struct sim_chance {
    uint64_t state;
};

static inline uint64_t sim_mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

static inline uint64_t sim_next(struct sim_chance *chance)
{
    chance->state += UINT64_C(0x9e3779b97f4a7c15);
    return sim_mix(chance->state);
}

/* 0 to count - 1; `count` is over 0. */
static inline unsigned sim_below(struct sim_chance *chance, unsigned count)
{
    return (unsigned)(sim_next(chance) % count);
}

static inline long sim_between(struct sim_chance *chance, long least, long most)
{
    return least + (long)(sim_next(chance) % (uint64_t)(most - least + 1));
}

static inline bool sim_one_in(struct sim_chance *chance, unsigned count)
{
    return sim_below(chance, count) == 0;
}

/* In [0, 1). */
static inline double sim_fraction(struct sim_chance *chance)
{
    return (double)(sim_next(chance) >> 11) / 9007199254740992.0;
}

#endif
