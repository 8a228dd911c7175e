/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys of S3 made from a template: "photos/{year}/{month}/{name}-{sha256:8}.{ext}".
 *
 * {file}  the file's name          {name}  without its ending     {ext}  its ending, as it is
 * written {year} {month} {day} {hour} {minute} {second}    two digits each, of the year four {date}
 * year, month and day: 20261121            {time}  hour, minute and second: 013000 {sha256}  the
 * content's SHA-256, 64 hexadecimal digits; {sha256:8} the first 8
 * {{ }}   braces
 *
 * A template that is empty or ends in '/' keeps the file's name: {file} is put behind it. A file
 * whose name has no ending gets the usual one of its kind, such as jpg, or bin.
 *
 * The time is that of the picture's taking as the camera wrote it (EXIF DateTimeOriginal of JPEG
 * and PNG), which is the clock of the place and has no zone; where there is none, that of the
 * file's last change in UTC; where there is no file, now in UTC.
 */
#ifndef IMGRECOG_KEY_H
#define IMGRECOG_KEY_H

#include <stddef.h>
#include <stdint.h>

#include <imgrecog/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IR_KEY_BYTES 1025 /* 1,024 bytes and the NUL */

/* Whether the template is one, whatever the file. IR_ERR_ARG: the message says what is wrong. */
IR_PUBLIC IR_MUST_CHECK int ir_key_check(const char *key_template, struct ir_error *err);

/*
 * The key of a file, which is read once where the template wants its hash. Blocks; not for pipes.
 * `out` is untouched on failure. IR_ERR_ARG: the template, the file, or a key of no byte;
 * IR_ERR_TOO_LARGE: a key of over 1,024 bytes; IR_ERR_NOMEM.
 */
IR_PUBLIC IR_MUST_CHECK int ir_key_of_file(const char *key_template, const char *path,
                                           char out[IR_KEY_BYTES], struct ir_error *err);

/* Bytes in memory. All is borrowed. */
struct ir_key_data {
    const char *name; /* may have folders in front, which are left out */
    const void *data; /* may be NULL when there are no bytes */
    size_t data_bytes;
    int64_t changed_unix_s; /* of the file that they are of; 0 = of none, or it is not known: now */
};

/* The same of these. */
IR_PUBLIC IR_MUST_CHECK int ir_key_of_data(const char *key_template, const struct ir_key_data *data,
                                           char out[IR_KEY_BYTES], struct ir_error *err);

#ifdef __cplusplus
}
#endif

#endif
