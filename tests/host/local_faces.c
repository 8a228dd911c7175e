/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prints every box that the face evaluator of imgrecog-local finds in a gray picture, for the test
 * that compares them with OpenCV's own.
 *
 *   local_faces CASCADE.xml PICTURE.pgm SCALE_STEP MIN_NEIGHBORS MIN_SIDE
 *   -> one "left top width height margin" a line
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <imgrecog/result.h>

#include "plugins/local/cascade.h"
#include "plugins/local/deadline.h"
#include "plugins/local/faces.h"

#define MAX_SIDE_PX 4096
#define DEADLINE_MS 60000

/* A whole number from 1 to `maximum`, and the text behind it; 0 for anything else. */
static int read_count(char **text, long maximum)
{
    long number = strtol(*text, text, 10);
    return number < 1 || number > maximum ? 0 : (int)number;
}

/* Only as the test writes it: "P5 WIDTH HEIGHT 255", a line feed, the pixels. */
static bool read_pgm(const char *path, struct gray *out)
{
    char header[64] = "";
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    bool good = fgets(header, sizeof header, file) != NULL && strncmp(header, "P5 ", 3) == 0;
    char *rest = header + 3;
    out->width_px = good ? read_count(&rest, MAX_SIDE_PX) : 0;
    out->height_px = good ? read_count(&rest, MAX_SIDE_PX) : 0;
    good = out->width_px > 0 && out->height_px > 0 && strcmp(rest, " 255\n") == 0;
    if (good) {
        size_t pixels = (size_t)out->width_px * (size_t)out->height_px;
        out->pixels = calloc(MAX_SIDE_PX, MAX_SIDE_PX);
        good = out->pixels != NULL && fread(out->pixels, 1, pixels, file) == pixels;
    }
    fclose(file);
    return good;
}

int main(int argc, char **argv)
{
    struct cascade *cascade = NULL;
    struct gray gray = {0};
    struct face_list faces;
    struct ir_error err;
    if (argc != 6) {
        fputs("local_faces CASCADE.xml PICTURE.pgm SCALE_STEP MIN_NEIGHBORS MIN_SIDE\n", stderr);
        return 2;
    }
    if (cascade_load(argv[1], &cascade, &err) != 0) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    if (!read_pgm(argv[2], &gray)) {
        fprintf(stderr, "%s is not a binary PGM of 8 bits\n", argv[2]);
        cascade_free(cascade);
        free(gray.pixels);
        return 1;
    }
    const struct faces_options options = {.scale_step = strtod(argv[3], NULL),
                                          .min_neighbors = (int)strtol(argv[4], NULL, 10),
                                          .min_side_px = (int)strtol(argv[5], NULL, 10),
                                          .min_margin = -1e9,
                                          .deadline_ms = deadline_now_ms() + DEADLINE_MS};
    int rc = faces_find(cascade, &gray, &options, &faces);
    for (int i = 0; rc == 0 && i < faces.count; i++)
        printf("%d %d %d %d %.9g\n", faces.items[i].box.left_px, faces.items[i].box.top_px,
               faces.items[i].box.width_px, faces.items[i].box.height_px, faces.items[i].margin);
    cascade_free(cascade);
    free(gray.pixels);
    return rc == 0 ? 0 : 1;
}
