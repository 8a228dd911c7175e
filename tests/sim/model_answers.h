/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the simulated services answer when nothing goes wrong. S3's answers: model_s3.c. */
#ifndef TESTS_SIM_MODEL_ANSWERS_H
#define TESTS_SIM_MODEL_ANSWERS_H

#include "tests/sim/model.h"

/* Does what the request asks and writes the answer; answer->token is set already. */
void sim_answer_write(struct sim_model *model, const struct sim_arrival *arrival,
                      struct sim_answer *answer);

/* Ends a stream that has begun with an exception in place of what follows. */
void sim_answer_break_stream(struct sim_answer *answer, const char *exception, const char *message);

#endif
