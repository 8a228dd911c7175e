/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The body of InvokeModel for Claude models (Anthropic's Messages API on Bedrock). Converse does
 * the same for most uses; this form has what Converse does not carry. Streams:
 * ir_claude_stream_init. Source: https://docs.aws.amazon.com/bedrock/latest/userguide/
 * model-parameters-anthropic-claude-messages.html
 */
#ifndef CORE_SERVICE_BEDROCK_CLAUDE_H
#define CORE_SERVICE_BEDROCK_CLAUDE_H

#include "core/service/bedrock_runtime.h"

/*
 * Writes the body from the same options as Converse's: max_tokens is needed; extra_json's members
 * ("top_k", "metadata") go to the top level; a guardrail belongs to ir_invoke_options and is
 * ignored here. `out` is initialised here; release it after success. IR_ERR_ARG, IR_ERR_NOMEM,
 * IR_ERR_TOO_LARGE.
 */
IR_MUST_CHECK int ir_claude_request(const struct ir_converse_options *options,
                                    struct ir_json_body *out, struct ir_error *err);

/* Text of all blocks, the first tool's input, stop reason and tokens. See ir_model_answer_check. */
IR_MUST_CHECK int ir_claude_read(const char *json, size_t bytes, struct ir_model_answer *out,
                                 struct ir_error *err);

#endif
