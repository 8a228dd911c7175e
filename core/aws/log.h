/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line at a time to whoever wants to know what a client does; ir_client_options.log. */
#ifndef CORE_AWS_LOG_H
#define CORE_AWS_LOG_H

#include <imgrecog/client.h>

#define IR_LOG_MAX_LINE_BYTES 1024 /* with the NUL; what is longer is cut at a character */

struct ir_log {
    void (*write)(void *context, const char *line); /* NULL = nobody wants to know */
    void *context;
};

/* Whether somebody listens, for what costs something to find out. NULL is allowed. */
bool ir_log_is_on(const struct ir_log *log);
/* One line without a line end: valid UTF-8, control characters made spaces. NULL is allowed. */
void ir_log_line(const struct ir_log *log, const char *format, ...) IR_PRINTF(2, 3);
/* `text` when it looks like a name that services give out (of an error, a request), else "?": what
 * else a server sends there might be an echo of what it was sent. */
const char *ir_log_name(const char *text);

#endif
