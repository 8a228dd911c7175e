/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a code's payload is for, whatever stands in the code: nothing behind its end is read, and a
 * password is told only where there is one. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "plugins/local/payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes == 0 || bytes > FUZZ_MAX_BYTES)
        return 0;
    char *payload = malloc(bytes); /* of its own, so that a sanitizer sees its end */
    FUZZ_CHECK(payload != NULL);
    memcpy(payload, data, bytes);
    enum payload_kind kind = payload_tell(payload, bytes);
    FUZZ_CHECK(kind >= PAYLOAD_OTHER && kind < PAYLOAD_KINDS);
    if (kind == PAYLOAD_WIFI_PASSWORD)
        FUZZ_CHECK(bytes > strlen("WIFI:P:") &&
                   strncasecmp(payload, "WIFI:", strlen("WIFI:")) == 0);
    FUZZ_CHECK(payload_tell(payload, bytes) == kind);
    free(payload);
    return 0;
}
