/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A client over a fake world and a fake transport, and pictures, for the tests of tasks. */
#ifndef TESTS_UNIT_FAKE_CLIENT_H
#define TESTS_UNIT_FAKE_CLIENT_H

#include "tests/unit/unit.h"

#include <imgrecog/picture.h>

#include "core/task/client.h"
#include "tests/unit/fake_transport.h"
#include "tests/unit/fake_world.h"

struct fixture {
    struct fake_world world;
    struct fake_transport transport;
    struct ir_client *client;
    struct ir_error err;
};

static inline void set_up_with(struct fixture *fixture, const struct ir_client_options *options)
{
    memset(fixture, 0, sizeof *fixture);
    fake_world_init(&fixture->world);
    fake_world_setenv(&fixture->world, "AWS_REGION", "eu-west-1");
    fake_world_setenv(&fixture->world, "AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    fake_world_setenv(&fixture->world, "AWS_SECRET_ACCESS_KEY", "hush");
    fake_transport_init(&fixture->transport, &fixture->world);
    const struct ir_transport transport = fake_transport_get(&fixture->transport);
    if (ir_client_new_in(options, &fixture->world.world, &transport, &fixture->client,
                         &fixture->err) != 0)
        fail_msg("%s", fixture->err.message);
}

static inline void set_up(struct fixture *fixture)
{
    const struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    set_up_with(fixture, &options);
}

static inline void tear_down(struct fixture *fixture)
{
    if (fixture->transport.complaint != NULL)
        fail_msg("a request is wrong: %s", fixture->transport.complaint);
    ir_client_free(fixture->client);
    assert_int_equal(fixture->transport.releases, 1);
    fake_transport_reset(&fixture->transport);
}

static inline void fake_picture_u32(unsigned char *out, size_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (unsigned char)(value >> (24 - 8 * i));
}

/*
 * A PNG in `data` (of at least bytes + 100) whose header says this size, of which `bytes` are sent,
 * with this orientation. Its samples are zeros; nothing in the core decodes them.
 */
static inline struct ir_picture *fake_picture_new(unsigned char *data, int width_px, int height_px,
                                                  size_t bytes, int orientation)
{
    static const unsigned char head[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n',
                                         0,    0,   0,   13,  'I',  'H',  'D',  'R'};
    static const unsigned char exif[] = {0, 0, 0, 26, 'e', 'X', 'I', 'f', 'M', 'M', 0, 42, 0,
                                         0, 0, 8, 0,  1,   1,   18,  0,   3,   0,   0, 0,  1,
                                         0, 0, 0, 0,  0,   0,   0,   0,   1,   2,   3, 4};
    struct ir_picture *picture = NULL;
    struct ir_error err = {0};
    size_t at = sizeof head;
    memset(data, 0, bytes + 100);
    memcpy(data, head, sizeof head);
    fake_picture_u32(data + at, (size_t)width_px);
    fake_picture_u32(data + at + 4, (size_t)height_px);
    at += 13 + 4;
    size_t exif_bytes = 0;
    if (orientation != 1) {
        memcpy(data + at, exif, sizeof exif);
        data[at + 27] = (unsigned char)orientation;
        at += sizeof exif;
        exif_bytes = sizeof exif;
    }
    size_t pixel_bytes = bytes - (at - exif_bytes) - 12;
    fake_picture_u32(data + at, pixel_bytes);
    memcpy(data + at + 4, "IDAT", 4);
    if (ir_picture_new(data, at + pixel_bytes + 12, "a.png", &picture, &err) != 0)
        fail_msg("%s", err.message);
    return picture;
}

#endif
