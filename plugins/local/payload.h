/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a code's payload is for, told by the form that programs which read codes go by. Pure. The
 * payload itself goes no further than this: nothing of it is kept, answered or logged.
 */
#ifndef PLUGINS_LOCAL_PAYLOAD_H
#define PLUGINS_LOCAL_PAYLOAD_H

#include <stddef.h>

enum payload_kind {
    PAYLOAD_OTHER, /* anything else, an address of the web among them */
    PAYLOAD_WIFI_PASSWORD,
    PAYLOAD_OTP_SECRET, /* of an authenticator's one-time passwords */
    PAYLOAD_CONTACT,    /* a visiting card, or a person's address or number */
    PAYLOAD_PAYMENT,    /* to whom money goes, and how much */
    PAYLOAD_KINDS,
};

/* Of `bytes` at `payload`, which may hold anything. */
enum payload_kind payload_tell(const char *payload, size_t bytes);

#endif
