/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Forms of payloads. Sources: ZXing's "Barcode Contents" (WIFI, MECARD, BIZCARD, MATMSG, tel,
 * smsto), Wi-Fi Alliance WPA3 specification 7 (WIFI), Google Authenticator's key URI format
 * (otpauth), RFC 6350 (vCard), RFC 6068 (mailto), EPC069-12 (BCD: a SEPA transfer), SIX's Swiss QR
 * bill (SPC), the Czech and Slovak SPD, NPCI's UPI, EMVCo's merchant-presented QR (000201 … 6304),
 * BIP 21 (bitcoin) and its likes.
 */
#include "plugins/local/payload.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define EMV_MIN_BYTES 20
#define EMV_CRC_BYTES 8 /* "6304" and four digits, at the end */

struct payload {
    const char *data;
    size_t bytes;
};

static bool starts(const struct payload *payload, const char *with)
{
    size_t bytes = strlen(with);
    return payload->bytes >= bytes && strncasecmp(payload->data, with, bytes) == 0;
}

/*
 * WIFI:T:WPA;S:network;P:password;; in any order, with a backslash before a ';', ':', ',' or '\'
 * that belongs to a value. True with a P that is not empty.
 */
static bool has_wifi_password(const struct payload *payload)
{
    static const char head[] = "WIFI:";
    size_t at = sizeof head - 1;
    if (!starts(payload, head))
        return false;
    while (at + 1 < payload->bytes) {
        bool is_password =
            (payload->data[at] == 'P' || payload->data[at] == 'p') && payload->data[at + 1] == ':';
        size_t value = at + 2;
        size_t end = at;
        while (end < payload->bytes && payload->data[end] != ';')
            end += payload->data[end] == '\\' ? 2 : 1;
        if (is_password && end > value)
            return true;
        at = end + 1;
    }
    return false;
}

static bool is_emv(const struct payload *payload)
{
    return payload->bytes >= EMV_MIN_BYTES && starts(payload, "000201") &&
           memcmp(payload->data + payload->bytes - EMV_CRC_BYTES, "6304", 4) == 0;
}

static const struct {
    const char *start;
    enum payload_kind kind;
} starts_of[] = {
    {"otpauth://", PAYLOAD_OTP_SECRET}, {"otpauth-migration://", PAYLOAD_OTP_SECRET},
    {"BEGIN:VCARD", PAYLOAD_CONTACT},   {"MECARD:", PAYLOAD_CONTACT},
    {"BIZCARD:", PAYLOAD_CONTACT},      {"MATMSG:", PAYLOAD_CONTACT},
    {"mailto:", PAYLOAD_CONTACT},       {"tel:", PAYLOAD_CONTACT},
    {"sms:", PAYLOAD_CONTACT},          {"smsto:", PAYLOAD_CONTACT},
    {"BCD\n", PAYLOAD_PAYMENT},         {"BCD\r\n", PAYLOAD_PAYMENT},
    {"SPC\n", PAYLOAD_PAYMENT},         {"SPC\r\n", PAYLOAD_PAYMENT},
    {"SPD*", PAYLOAD_PAYMENT},          {"upi://", PAYLOAD_PAYMENT},
    {"bitcoin:", PAYLOAD_PAYMENT},      {"ethereum:", PAYLOAD_PAYMENT},
    {"lightning:", PAYLOAD_PAYMENT},
};

enum payload_kind payload_tell(const char *payload, size_t bytes)
{
    const struct payload whole = {payload, bytes};
    if (has_wifi_password(&whole))
        return PAYLOAD_WIFI_PASSWORD;
    if (is_emv(&whole))
        return PAYLOAD_PAYMENT;
    for (size_t i = 0; i < sizeof starts_of / sizeof starts_of[0]; i++)
        if (starts(&whole, starts_of[i].start))
            return starts_of[i].kind;
    return PAYLOAD_OTHER;
}
