/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The embedded endpoint, imgrecog-local, as the core sees it: where its socket lies, its fixed key,
 * and starting it when nobody listens. The server itself is plugins/local.
 */
#ifndef CORE_AWS_EMBEDDED_H
#define CORE_AWS_EMBEDDED_H

#include <stdbool.h>
#include <stddef.h>

#include <imgrecog/client.h>

/*
 * The key that the embedded endpoint accepts. Not a secret: the socket's mode (0600) keeps other
 * users out; the key only makes the same signing path run as with AWS.
 */
#define IR_EMBEDDED_ACCESS_KEY_ID "IMGRECOGLOCALENDPNT0"
#define IR_EMBEDDED_SECRET_KEY "imgrecog-local/embedded-endpoint/not-secret"
#define IR_EMBEDDED_REGION "us-east-1"

/*
 * A header of its answers: the recognisers, separated by ", ", that ran out of time. What they
 * would have said is unknown, which is not the same as nothing.
 */
#define IR_EMBEDDED_NOT_FINISHED_HEADER "x-imgrecog-not-finished"

/*
 * Labels of its own in DetectLabels, beside `QR Code` or `Barcode` and with the same boxes: what a
 * code holds. The payload itself is in no answer.
 */
#define IR_EMBEDDED_LABEL_WIFI_PASSWORD "Wi-Fi Password"
#define IR_EMBEDDED_LABEL_OTP_SECRET "One-Time Password Secret"
#define IR_EMBEDDED_LABEL_CONTACT "Contact Card"
#define IR_EMBEDDED_LABEL_PAYMENT "Payment Details"

/* A header of its list of models: the languages that it reads text in, "eng+kor". */
#define IR_EMBEDDED_LANGUAGES_HEADER "x-imgrecog-languages"

#define IR_EMBEDDED_PROGRAM_BYTES 4096
/* The program that would be started: $IMGRECOG_LOCAL, else the installed place, else PATH.
 * IR_ERR_NET: there is none; the message says where it was looked for. */
IR_MUST_CHECK int ir_embedded_find_program(char out[IR_EMBEDDED_PROGRAM_BYTES],
                                           struct ir_error *err);

#define IR_EMBEDDED_PATH_BYTES 108 /* sun_path */

/*
 * Writes the socket's path: $IMGRECOG_LOCAL_SOCKET, else $XDG_RUNTIME_DIR/imgrecog/local.sock,
 * else /tmp/imgrecog-UID/local.sock. The folder is made (0700) and refused when it belongs to
 * somebody else. IR_ERR_ARG, IR_ERR_NET.
 */
IR_MUST_CHECK int ir_embedded_socket_path(char out[IR_EMBEDDED_PATH_BYTES], struct ir_error *err);

/* Whether somebody accepts connections on `socket_path`. Never waits. */
bool ir_embedded_listens(const char *socket_path);

/*
 * Makes sure that a server listens on `socket_path`: connects, and where nobody answers starts
 * imgrecog-local ($IMGRECOG_LOCAL, else the installed place, else PATH) and waits until it does,
 * at most `timeout_ms`. Two callers at once end up with one server. `cancel` may be NULL.
 * IR_ERR_NET, IR_ERR_TIMEOUT: the message says what was tried. IR_ERR_CANCELLED.
 */
IR_MUST_CHECK int ir_embedded_ensure(const char *socket_path, long timeout_ms,
                                     const struct ir_cancel *cancel, struct ir_error *err);

#endif
