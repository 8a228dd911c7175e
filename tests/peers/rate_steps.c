/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our adaptive rate, for comparison with another implementation. Reads events from standard input,
 * a line each: "MS take", answered by 0 (taken) or the milliseconds to wait; "MS served" and "MS
 * throttled", answered by the rate that holds from then on.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/aws/rate.h"

#define MAX_LINE_BYTES 128

int main(void)
{
    char line[MAX_LINE_BYTES];
    struct ir_rate rate;
    ir_rate_init(&rate);
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *word = NULL;
        int64_t now_ms = strtoll(line, &word, 10);
        if (strcmp(word, " take\n") == 0)
            printf("%ld\n", ir_rate_take(&rate, now_ms));
        else
            printf("%.9f\n", ir_rate_learn(&rate, now_ms, strcmp(word, " throttled\n") == 0));
    }
    ir_rate_release(&rate);
    return 0;
}
