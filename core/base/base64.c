/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns base64. Encoding is our own where the processor has AVX2, since a picture is encoded twice
 * (for the hash and for the wire) and OpenSSL 3.5 takes two thirds of SHA-256's time each time;
 * elsewhere, and for the rest of an input, it is OpenSSL's, whose lengths are int. Decoding is our
 * own, as OpenSSL's passes over white space, and it refuses unused bits that are not zero: one
 * value has one text.
 */
#include "core/base/base64.h"

#include <openssl/evp.h>

#if defined(__x86_64__) && !defined(IR_BASE64_WITHOUT_AVX2)
#define HAVE_STEPS 1
#include <immintrin.h>
#else
#define HAVE_STEPS 0
#endif

/* A multiple of 3, so that no piece but the last is padded. */
#define PIECE_BYTES ((size_t)3 << 24)

#define BAD 0x80

/* clang-format off */
static const unsigned char values[256] = {
    BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
    BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
    BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,  62, BAD, BAD, BAD,  63,
     52,  53,  54,  55,  56,  57,  58,  59,  60,  61, BAD, BAD, BAD, BAD, BAD, BAD,
    BAD,   0,   1,   2,   3,   4,   5,   6,   7,   8,   9,  10,  11,  12,  13,  14,
     15,  16,  17,  18,  19,  20,  21,  22,  23,  24,  25, BAD, BAD, BAD, BAD, BAD,
    BAD,  26,  27,  28,  29,  30,  31,  32,  33,  34,  35,  36,  37,  38,  39,  40,
     41,  42,  43,  44,  45,  46,  47,  48,  49,  50,  51, BAD, BAD, BAD, BAD, BAD,
    BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
    BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
    BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
    BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
    BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
    BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
    BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
    BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
};
/* clang-format on */

size_t ir_base64_length(size_t bytes)
{
    return (bytes / 3 + (bytes % 3 != 0)) * 4;
}

#if HAVE_STEPS
#define STEP_BYTES 24      /* become 32 characters */
#define STEP_READ_BYTES 28 /* two loads of 16, 12 apart */
#define STEP_CHARACTERS 32

/*
 * Encodes all whole steps whose 28 bytes lie inside `data`, and returns how many there were. Every
 * 3 bytes a b c are spread to a lane of b a c b: as two little-endian halves, a:b holds the first
 * two indices of 6 bits and b:c the other two. AVX2 has no shift of its own for each half, so they
 * are multiplied: high half of the product = right shift, low half = left shift. An index becomes
 * its character by adding the distance of its range, looked up by `range`:
 *
 *     index   0..25   26..51   52..61   62   63
 *     range   0       1        2..11    12   13     (index - 50 where it is over 51)
 *     add     65      71       -4       -19  -16
 *
 * After W. Mula and D. Lemire, https://arxiv.org/abs/1704.00605.
 */
__attribute__((target("avx2"))) static size_t encode_steps(const unsigned char *data, size_t bytes,
                                                           char *out)
{
    const __m256i spread = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
    const __m256i distances = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(65, 71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 0, 0));
    size_t steps = 0;
    for (; bytes >= STEP_READ_BYTES; bytes -= STEP_BYTES, data += STEP_BYTES, steps++) {
        __m256i lanes =
            _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)data)),
                                    _mm_loadu_si128((const __m128i *)(data + STEP_BYTES / 2)), 1);
        lanes = _mm256_shuffle_epi8(lanes, spread);
        __m256i even = _mm256_mulhi_epu16(_mm256_and_si256(lanes, _mm256_set1_epi32(0x0fc0fc00)),
                                          _mm256_set1_epi32(0x04000040)); /* >> 6 and >> 10 */
        __m256i odd = _mm256_mullo_epi16(_mm256_and_si256(lanes, _mm256_set1_epi32(0x003f03f0)),
                                         _mm256_set1_epi32(0x01000010)); /* << 8 and << 4 */
        __m256i index = _mm256_or_si256(even, odd);
        __m256i over_25 = _mm256_cmpgt_epi8(index, _mm256_set1_epi8(25)); /* -1 where it is */
        __m256i range = _mm256_sub_epi8(_mm256_subs_epu8(index, _mm256_set1_epi8(51)), over_25);
        __m256i text = _mm256_add_epi8(index, _mm256_shuffle_epi8(distances, range));
        _mm256_storeu_si256((__m256i *)(out + steps * STEP_CHARACTERS), text);
    }
    return steps;
}
#endif

size_t ir_base64_encode(const unsigned char *data, size_t bytes, char *out)
{
    size_t written = 0;
    out[0] = '\0';
#if HAVE_STEPS
    if (__builtin_cpu_supports("avx2")) { /* at least 4 bytes are left, for OpenSSL and the NUL */
        size_t steps = encode_steps(data, bytes, out);
        data += steps * STEP_BYTES;
        bytes -= steps * STEP_BYTES;
        written = steps * STEP_CHARACTERS;
    }
#endif
    while (bytes) {
        size_t piece = bytes < PIECE_BYTES ? bytes : PIECE_BYTES;
        written += (size_t)EVP_EncodeBlock((unsigned char *)out + written, data, (int)piece);
        data += piece;
        bytes -= piece;
    }
    return written;
}

/* The last four characters, which may be padded. Returns 1..3 bytes, 0 when they are wrong. */
static size_t decode_last(const unsigned char c[4], unsigned char *out)
{
    unsigned char third = c[2] == '=' && c[3] == '=' ? 0 : values[c[2]];
    unsigned char fourth = c[3] == '=' ? 0 : values[c[3]];
    if ((values[c[0]] | values[c[1]] | third | fourth) & BAD)
        return 0;
    size_t count = c[3] != '=' ? 3 : c[2] != '=' ? 2 : 1;
    if ((count == 1 && values[c[1]] & 0x0F) || (count == 2 && third & 0x03))
        return 0;
    out[0] = (unsigned char)(values[c[0]] << 2 | values[c[1]] >> 4);
    if (count > 1)
        out[1] = (unsigned char)(values[c[1]] << 4 | third >> 2);
    if (count > 2)
        out[2] = (unsigned char)(third << 6 | fourth);
    return count;
}

int ir_base64_decode(const char *text, size_t text_bytes, unsigned char *out, size_t *out_bytes)
{
    const unsigned char *c = (const unsigned char *)text;
    unsigned char *to = out;
    unsigned char seen = 0;
    if (text_bytes % 4)
        return IR_ERR_ARG;
    if (!text_bytes) {
        *out_bytes = 0;
        return 0;
    }
    for (const unsigned char *last = c + text_bytes - 4; c < last; c += 4, to += 3) {
        unsigned char v0 = values[c[0]], v1 = values[c[1]], v2 = values[c[2]], v3 = values[c[3]];
        seen |= (unsigned char)(v0 | v1 | v2 | v3); /* looked at once, after the loop */
        to[0] = (unsigned char)(v0 << 2 | v1 >> 4);
        to[1] = (unsigned char)(v1 << 4 | v2 >> 2);
        to[2] = (unsigned char)(v2 << 6 | v3);
    }
    size_t count = decode_last(c, to);
    if (!count || seen & BAD)
        return IR_ERR_ARG;
    *out_bytes = (size_t)(to - out) + count;
    return 0;
}
