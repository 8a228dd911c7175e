/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the filling of struct ir_error and its one-line form. Nothing here allocates, so that an
 * error can be told after memory ran out. Texts of servers may hold anything; the line made of them
 * holds no control character.
 */
#include "core/base/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/utf8.h"

/* Every part of an error at its longest, and the punctuation between them. */
#define LINE_MAX_BYTES (sizeof(struct ir_error) + 64)

void ir_text_copy(char *out, size_t out_bytes, const char *text)
{
    if (!out_bytes)
        return;
    size_t copied = ir_utf8_floor(text, strlen(text), out_bytes - 1);
    memcpy(out, text, copied);
    out[copied] = '\0';
}

/* vsnprintf, cut at a character instead of a byte. */
static IR_PRINTF(3, 0) void format_text(char *out, size_t out_bytes, const char *format,
                                        va_list arguments)
{
    int wanted = vsnprintf(out, out_bytes, format, arguments);
    if (wanted < 0)
        out[0] = '\0';
    else if ((size_t)wanted >= out_bytes)
        out[ir_utf8_floor(out, out_bytes - 1, out_bytes - 1)] = '\0';
}

void ir_error_clear(struct ir_error *err)
{
    if (err)
        memset(err, 0, sizeof *err);
}

int ir_fail(struct ir_error *err, int code, const char *format, ...)
{
    assert(code < 0);
    if (!err)
        return code;
    /* An argument may be a part of `err` itself, so the text is made before the clearing. */
    char message[sizeof err->message];
    va_list arguments;
    va_start(arguments, format);
    format_text(message, sizeof message, format, arguments);
    va_end(arguments);
    ir_error_clear(err);
    err->code = code;
    memcpy(err->message, message, sizeof message);
    return code;
}

int ir_fail_nomem(struct ir_error *err)
{
    return ir_fail(err, IR_ERR_NOMEM, "out of memory");
}

void ir_error_set_hint(struct ir_error *err, const char *format, ...)
{
    if (!err)
        return;
    char hint[sizeof err->hint];
    va_list arguments;
    va_start(arguments, format);
    format_text(hint, sizeof hint, format, arguments);
    va_end(arguments);
    memcpy(err->hint, hint, sizeof hint);
}

void ir_error_set_service(struct ir_error *err, const char *service)
{
    if (err)
        ir_text_copy(err->service, sizeof err->service, service);
}

void ir_error_add_words(struct ir_error *err, const char *words)
{
    if (err == NULL)
        return;
    size_t bytes = strlen(err->message);
    ir_text_copy(err->message + bytes, sizeof err->message - bytes, words);
}

int ir_fail_with(struct ir_error *err, int code, const char *service, const char *cause,
                 const char *hint)
{
    ir_fail(err, code, "%s", cause);
    ir_error_set_service(err, service);
    ir_error_set_hint(err, "%s", hint);
    return code;
}

/* The cause where no message was given. */
static const char *code_text(int code)
{
    switch (code) {
    case IR_OK:
        return "no error";
    case IR_ERR_ARG:
        return "an argument or setting is wrong";
    case IR_ERR_NOMEM:
        return "out of memory";
    case IR_ERR_TOO_LARGE:
        return "a maximum was passed";
    case IR_ERR_CANCELLED:
        return "cancelled";
    case IR_ERR_BUDGET:
        return "a spending limit would be passed";
    case IR_ERR_NET:
        return "the service could not be reached";
    case IR_ERR_TIMEOUT:
        return "the time allowed has passed";
    case IR_ERR_AUTH:
        return "the credentials are missing or were refused";
    case IR_ERR_THROTTLED:
        return "the service asks to slow down";
    case IR_ERR_SERVICE:
        return "the service refused the request";
    case IR_ERR_RESPONSE:
        return "the answer could not be understood";
    default:
        return "unknown error";
    }
}

/* A text that is being put together in a fixed array which holds all of it. */
struct line {
    char text[LINE_MAX_BYTES];
    size_t bytes;
};

static void line_add(struct line *line, const char *text)
{
    size_t bytes = strlen(text);
    size_t room = sizeof line->text - 1 - line->bytes;
    if (bytes > room)
        bytes = room;
    memcpy(line->text + line->bytes, text, bytes);
    line->bytes += bytes;
    line->text[line->bytes] = '\0';
}

static bool ends_with_one_of(const struct line *line, const char *marks)
{
    return line->bytes && strchr(marks, line->text[line->bytes - 1]);
}

/* " (AWS code, HTTP status, request id)", of what is known. */
static void line_add_details(struct line *line, const struct ir_error *err)
{
    const char *separator = " (";
    if (!err->aws_code[0] && !err->http_status && !err->request_id[0])
        return;
    if (err->aws_code[0]) {
        line_add(line, separator);
        line_add(line, err->aws_code);
        separator = ", ";
    }
    if (err->http_status) {
        char status[32];
        snprintf(status, sizeof status, "HTTP %d", err->http_status);
        line_add(line, separator);
        line_add(line, status);
        separator = ", ";
    }
    if (err->request_id[0]) {
        line_add(line, separator);
        line_add(line, "request ");
        line_add(line, err->request_id);
    }
    line_add(line, ")");
}

/*
 * Makes control characters and line separators spaces and invalid bytes '?', in place: nothing here
 * becomes longer. (ir_utf8_clean would allocate.)
 */
static void line_clean(struct line *line)
{
    size_t at = 0;
    size_t kept = 0;
    while (at < line->bytes) {
        const char *c = line->text + at;
        size_t width = ir_utf8_next(c, line->bytes - at);
        if (!width) {
            line->text[kept++] = '?';
            at++;
        } else if (ir_utf8_is_control(c, width)) {
            line->text[kept++] = ' ';
            at += width;
        } else {
            memmove(line->text + kept, c, width);
            kept += width;
            at += width;
        }
    }
    line->bytes = kept;
    line->text[kept] = '\0';
}

const char *ir_error_line(const struct ir_error *err, char *out, size_t out_bytes)
{
    if (!out_bytes)
        return out;
    struct line line = {.bytes = 0};
    if (err->service[0]) {
        line_add(&line, err->service);
        line_add(&line, ": ");
    }
    line_add(&line, err->message[0] ? err->message : code_text(err->code));
    while (ends_with_one_of(&line, " \t\r\n."))
        line.bytes--;
    line.text[line.bytes] = '\0';
    line_add_details(&line, err);
    if (!ends_with_one_of(&line, "!?:"))
        line_add(&line, ".");
    if (err->hint[0]) {
        line_add(&line, " ");
        line_add(&line, err->hint);
    }
    line_clean(&line);
    ir_text_copy(out, out_bytes, line.text);
    return out;
}
