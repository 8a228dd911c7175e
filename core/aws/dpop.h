/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proof of possession of a P-256 key for one HTTP request (RFC 9449), as a JWT signed ES256. */
#ifndef CORE_AWS_DPOP_H
#define CORE_AWS_DPOP_H

#include <stdint.h>

#include "core/base/buf.h"

struct ir_dpop {
    const char *key_pem; /* private key, without passphrase; borrowed */
    const char *method;  /* "POST" */
    const char *url;     /* complete, without query */
    const char *id;      /* never used before: jti */
    int64_t unix_s;
};

/* Appends the header's value to `out`. IR_ERR_AUTH: the key is none of P-256. IR_ERR_NOMEM. */
IR_MUST_CHECK int ir_dpop_proof(const struct ir_dpop *dpop, struct ir_buf *out,
                                struct ir_error *err);

#endif
