/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The beginning of every task's result document: which picture, what was sent of it, to where. */
#ifndef CORE_TASK_DOCUMENT_H
#define CORE_TASK_DOCUMENT_H

#include "core/result/result.h"
#include "core/task/client.h"
#include "core/task/picture.h"

/*
 * A new document about `picture` and what `service` says of it, for ir_result_free; with `sha256`
 * it holds the hash of the caller's bytes. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ir_document_new(const struct ir_client *client, const struct ir_service *service,
                                  const struct ir_picture *picture, bool sha256,
                                  struct ir_result **out, struct ir_error *err);

#endif
