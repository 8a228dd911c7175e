/* SPDX-License-Identifier: GPL-3.0-or-later */
/* S3's part of the calls that a run is made of. */
#ifndef TESTS_SIM_SCENARIOS_S3_H
#define TESTS_SIM_SCENARIOS_S3_H

#include "tests/sim/scenarios.h"

int sim_call_upload(struct sim_run *run, struct ir_error *err);
int sim_call_upload_in_parts(struct sim_run *run, struct ir_error *err);
int sim_call_download(struct sim_run *run, struct ir_error *err);

#endif
