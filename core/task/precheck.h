/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The look that the recogniser on this machine takes at a picture before any of it is sent
 * elsewhere, where the client's option `precheck` asks for it. It may warn or hold a picture back;
 * that it found nothing proves nothing, and is never said to be safe.
 *
 * It is the check task at the embedded endpoint, for what the pixels hold: faces, words, codes. The
 * file's private metadata is left out, since it is not sent.
 */
#ifndef CORE_TASK_PRECHECK_H
#define CORE_TASK_PRECHECK_H

#include "core/result/result.h"
#include "core/task/client.h"
#include "core/task/picture.h"

/*
 * Looks, where it is wanted, and notes in `result` what was found and what could not be looked at.
 * Not being able to look is no failure here. IR_ERR_CANCELLED, IR_ERR_NOMEM, IR_ERR_TOO_LARGE.
 */
IR_MUST_CHECK int ir_precheck_look(struct ir_client *client, const struct ir_picture *picture,
                                   const struct ir_cancel *cancel, struct ir_result *result,
                                   struct ir_error *err);

/*
 * Whether what is noted in `result` forbids sending: with IR_PRECHECK_BLOCK, when something was
 * found or the look did not come to its end. IR_ERR_ARG: it does; the message says what was found,
 * the hint how to send all the same.
 */
IR_MUST_CHECK int ir_precheck_judge(const struct ir_client *client, const struct ir_result *result,
                                    struct ir_error *err);

/* Both, for tasks that send the picture and do nothing else with what was found. */
IR_MUST_CHECK int ir_precheck(struct ir_client *client, const struct ir_picture *picture,
                              const struct ir_cancel *cancel, struct ir_result *result,
                              struct ir_error *err);

#endif
