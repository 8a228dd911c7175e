/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Amazon Bedrock runtime: Converse, InvokeModel and their streams. Pure: builds requests, reads
 * answers. What models of one family want in InvokeModel stands in bedrock_claude.h (Claude) and
 * bedrock_image.h (Stability).
 * Sources: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html,
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html and
 * botocore's model bedrock-runtime/2023-09-30.
 */
#ifndef CORE_SERVICE_BEDROCK_RUNTIME_H
#define CORE_SERVICE_BEDROCK_RUNTIME_H

#include "core/aws/eventstream.h"
#include "core/service/request.h"

#define IR_BEDROCK_CONTENT_TYPE "application/json"
#define IR_CONVERSE_MAX_TEXT_BYTES (4U << 20)
#define IR_CONVERSE_MAX_ANSWER_BYTES (4U << 20)
#define IR_CONVERSE_MAX_PICTURE_BYTES 3932160U /* 3.75 MB, before base64 */
#define IR_INVOKE_MAX_BODY_BYTES 25000000U

/* A part of a message: words or a picture. Borrowed. */
struct ir_content {
    const char *text;                    /* NULL for a picture */
    const struct ir_body_piece *picture; /* NULL for words */
    const char *picture_format;          /* "jpeg", "png", "gif" or "webp" */
};

struct ir_message {
    bool from_assistant;
    const struct ir_content *contents;
    size_t content_count;
};

/* What a model may call, or must call to answer in a fixed form. Borrowed. */
struct ir_tool {
    const char *name;        /* [a-zA-Z0-9_-]{1,64} */
    const char *description; /* NULL = none */
    const char *schema_json; /* JSON Schema of its input, as text */
    bool strict;             /* the input follows the schema exactly; not every model can */
};

/* Borrowed; what is NULL, 0 or NaN is left out. Pictures go before the words about them. */
struct ir_converse_options {
    const char *system;
    const struct ir_message *messages;
    size_t message_count;
    unsigned max_tokens;
    double temperature; /* NaN = the model's own; newer models refuse any */
    double top_p;
    const char *schema_json; /* JSON Schema that the answer must follow, as text */
    const char *schema_name;
    const char *guardrail_id;
    const char *guardrail_version; /* "DRAFT" or a number; needed with guardrail_id */
    const char *const *stop_sequences;
    size_t stop_sequence_count;
    const struct ir_tool *tools;
    size_t tool_count;
    const char
        *tool_choice;       /* NULL = as the model likes; "any" = one of them; else a tool's name */
    const char *extra_json; /* an object of the model's own parameters: {"top_k":5} */
    bool guardrail_trace;
};

/*
 * Writes the request's body. `out` is initialised here; release it after success. IR_ERR_NOMEM;
 * IR_ERR_TOO_LARGE: words or a picture; IR_ERR_ARG: a schema that is no JSON, a guardrail without a
 * version.
 */
IR_MUST_CHECK int ir_converse_request(const struct ir_converse_options *options,
                                      struct ir_json_body *out, struct ir_error *err);
/* Appends "/model/ID/converse" or ".../converse-stream", with ID (a model, profile or ARN) encoded.
 */
void ir_converse_path(const char *model_id, bool streams, struct ir_buf *out);

/* The whole request, ready for ir_aws_call; for a stream set out->aws.sink. Release it. */
IR_MUST_CHECK int ir_converse_call(const struct ir_converse_options *options, const char *model_id,
                                   bool streams, struct ir_request *out, struct ir_error *err);

/* Borrowed; NULL = left out. */
struct ir_invoke_options {
    const char *model_id; /* a model, profile or ARN */
    bool streams;
    const char *guardrail_id;
    const char *guardrail_version; /* needed with guardrail_id */
    bool guardrail_trace;
    const char *latency;      /* "standard" or "optimized" */
    const char *service_tier; /* "default", "priority", "flex" or "reserved" */
};

/*
 * InvokeModel with a body that a family's builder made (borrowed until the request is sent).
 * IR_ERR_ARG: a guardrail without a version; IR_ERR_TOO_LARGE: over IR_INVOKE_MAX_BODY_BYTES.
 */
IR_MUST_CHECK int ir_invoke_call(const struct ir_invoke_options *options,
                                 const struct ir_body *body, struct ir_request *out,
                                 struct ir_error *err);

/* IR_ERR_TOO_LARGE when one of the messages' pictures is over the limit. For builders. */
IR_MUST_CHECK int ir_converse_check_pictures(const struct ir_converse_options *options,
                                             struct ir_error *err);

/* What a model said. */
struct ir_model_answer {
    struct ir_buf text;
    char stop_reason[40];
    long long input_tokens; /* -1 = not told */
    long long output_tokens;
    char tool_name[65];      /* of the first tool that it calls; "" = none */
    struct ir_buf tool_json; /* that tool's input */
    int tool_block;          /* while a stream is read: its content block; -1 = none yet */
};

void ir_model_answer_init(struct ir_model_answer *answer);
void ir_model_answer_release(struct ir_model_answer *answer);

/* IR_ERR_RESPONSE: not an answer of Converse. IR_ERR_NOMEM, IR_ERR_TOO_LARGE. */
IR_MUST_CHECK int ir_converse_read(const char *json, size_t bytes, struct ir_model_answer *out,
                                   struct ir_error *err);

/* For readers of other families: the tokens under these names in `usage`; the sticky failures. */
void ir_model_answer_read_usage(const struct ir_json_value *usage, const char *input,
                                const char *output, struct ir_model_answer *out);
/* Takes name and input of a tool's call; of several calls the first is kept. */
void ir_model_answer_read_tool(const struct ir_json_value *call, struct ir_model_answer *out);
IR_MUST_CHECK int ir_model_answer_finish(const struct ir_model_answer *answer,
                                         struct ir_error *err);

/*
 * 0 when the model came to its end by itself (end_turn, stop_sequence, tool_use); else
 * IR_ERR_SERVICE with words for why the answer is not whole or was withheld: max_tokens, refusal,
 * guardrail_intervened, content_filtered and the others. An answer cut off is not a success.
 */
IR_MUST_CHECK int ir_model_answer_check(const struct ir_model_answer *answer, struct ir_error *err);

/* An answer that comes word by word: of Converse, or of Claude through InvokeModel. */
struct ir_converse_stream {
    struct ir_event_stream events;
    struct ir_model_answer answer;
    struct ir_error failure; /* of an exception in the stream, after HTTP 200 */
    bool ended;              /* messageStop has come */
    /* Told each piece of text; NULL = nobody. */
    void (*on_text)(void *context, const char *text, size_t bytes);
    void *context;
};

void ir_converse_stream_init(struct ir_converse_stream *stream,
                             void (*on_text)(void *context, const char *text, size_t bytes),
                             void *context);
/* The same for InvokeModelWithResponseStream of a Claude model; take, end and release are shared.
 */
void ir_claude_stream_init(struct ir_converse_stream *stream,
                           void (*on_text)(void *context, const char *text, size_t bytes),
                           void *context);
void ir_converse_stream_release(struct ir_converse_stream *stream);
/* A sink for struct ir_aws_request; `stream` is the context. */
int ir_converse_stream_take(void *stream, const char *data, size_t bytes);
/*
 * After the transfer: 0 when the answer is whole as a message (see ir_model_answer_check for what
 * it is worth). The error of an exception in the stream; IR_ERR_RESPONSE: a damaged or cut stream.
 */
IR_MUST_CHECK int ir_converse_stream_end(struct ir_converse_stream *stream, struct ir_error *err);
/*
 * The one outcome of ir_aws_call (`call_rc` and its `err`) and of the stream that it fed: what the
 * stream found wrong is nearer to the cause than that its sink ended the transfer.
 */
IR_MUST_CHECK int ir_converse_stream_settle(struct ir_converse_stream *stream, int call_rc,
                                            struct ir_error *err);

#endif
