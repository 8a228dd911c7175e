/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "photos/cat #1.jpg"  ->  "photos%2Fcat%20%231.jpg="
 *
 * Letters, digits, '-', '_', '.' and bytes of 0x80 and above stay, all others become %XX, so no '/'
 * is left, and the mark at the end makes "." and ".." ordinary names. What is longer than
 * S3_NAME_CHARS is cut into folders: "aaa...+/aaa...+/aaa=". Folders and files have different
 * marks, so a key that is the beginning of another has a place of its own.
 */
#include "plugins/local/s3_name.h"

#include <string.h>

static bool is_between(char c, char first, char last)
{
    return c >= first && c <= last;
}

static bool is_plain(char c)
{
    return is_between(c, 'a', 'z') || is_between(c, 'A', 'Z') || is_between(c, '0', '9') ||
           c == '-' || c == '_' || c == '.' || (unsigned char)c >= 0x80;
}

static bool looks_like_ip(const char *name)
{
    return strspn(name, "0123456789.") == strlen(name);
}

static bool ends_with(const char *name, const char *end)
{
    size_t bytes = strlen(name);
    size_t end_bytes = strlen(end);
    return bytes >= end_bytes && strcmp(name + bytes - end_bytes, end) == 0;
}

bool s3_bucket_name_is_lawful(const char *name)
{
    size_t bytes = strlen(name);
    if (bytes < 3 || bytes > S3_MAX_BUCKET_BYTES ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") != bytes)
        return false;
    if (strchr(".-", name[0]) != NULL || strchr(".-", name[bytes - 1]) != NULL)
        return false;
    if (strstr(name, "..") != NULL || looks_like_ip(name))
        return false;
    return strncmp(name, "xn--", 4) != 0 && strncmp(name, "sthree-", 7) != 0 &&
           !ends_with(name, "-s3alias") && !ends_with(name, "--ol-s3");
}

/* One byte of a key as 1 or 3 characters. */
static size_t encode(char c, char out[3])
{
    static const char digits[] = "0123456789ABCDEF";
    if (is_plain(c)) {
        out[0] = c;
        return 1;
    }
    out[0] = '%';
    out[1] = digits[(unsigned char)c >> 4];
    out[2] = digits[(unsigned char)c & 15];
    return 3;
}

void s3_key_to_path(const char *key, char out[S3_PATH_BYTES])
{
    size_t at = 0;
    size_t name_chars = 0;
    for (; *key != '\0' && at < S3_PATH_BYTES - 8; key++) {
        char piece[3];
        size_t chars = encode(*key, piece);
        if (name_chars + chars > S3_NAME_CHARS) {
            out[at++] = S3_FOLDER_MARK;
            out[at++] = '/';
            name_chars = 0;
        }
        memcpy(out + at, piece, chars);
        at += chars;
        name_chars += chars;
    }
    out[at++] = S3_LEAF_MARK;
    out[at] = '\0';
}

static int hex_value(char c)
{
    if (is_between(c, '0', '9'))
        return c - '0';
    return is_between(c, 'A', 'F') ? c - 'A' + 10 : -1;
}

bool s3_path_to_key(const char *name, char key[S3_KEY_BYTES], size_t *key_bytes)
{
    size_t at = *key_bytes;
    size_t name_chars = strlen(name);
    if (name_chars == 0)
        return false;
    for (size_t i = 0; i + 1 < name_chars; i++) {
        char c = name[i];
        if (at + 1 >= S3_KEY_BYTES)
            return false;
        if (c == '%') {
            int high = hex_value(name[i + 1]);
            int low = high < 0 ? -1 : hex_value(name[i + 2]);
            if (low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        key[at++] = c;
    }
    key[at] = '\0';
    *key_bytes = at;
    return true;
}
