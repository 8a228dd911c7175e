/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A caller of the public API for tests that judge from outside:
 *
 *     detect_labels PICTURE [KEY=VALUE...]
 *
 * prints the result document, or the error line on standard error with exit code 1. Settings are
 * those of settings.h. `repeat=N` and `threads=N` are its own: N calls on one client; `log=true`
 * writes what the client says to standard error.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <imgrecog/settings.h>

#define MAX_FILE_BYTES (64L << 20)
#define MAX_THREADS 64

struct work {
    struct ir_client *client;
    const struct ir_picture *picture;
    struct ir_labels_options options;
    long calls;
    int code;
    char *json;
    struct ir_error err;
};

static int say(const struct ir_error *err)
{
    char line[1600];
    fprintf(stderr, "%s\n", ir_error_line(err, line, sizeof line));
    return 1;
}

static unsigned char *read_whole(const char *path, size_t *out_bytes)
{
    FILE *file = fopen(path, "rb");
    unsigned char *data = NULL;
    if (file == NULL)
        return NULL;
    long bytes = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    if (bytes >= 0 && bytes <= MAX_FILE_BYTES && fseek(file, 0, SEEK_SET) == 0)
        data = malloc((size_t)bytes + 1);
    if (data != NULL && fread(data, 1, (size_t)bytes, file) != (size_t)bytes) {
        free(data);
        data = NULL;
    }
    if (data != NULL)
        *out_bytes = (size_t)bytes;
    fclose(file);
    return data;
}

static void *run(void *context)
{
    struct work *work = context;
    for (long i = 0; i < work->calls && work->code == 0; i++) {
        struct ir_result *result = NULL;
        work->code = ir_labels(work->client, work->picture, &work->options, &result, &work->err);
        ir_free(work->json);
        work->json = NULL;
        if (work->code == 0)
            work->code = ir_result_to_json(result, &work->json, NULL, &work->err);
        ir_result_free(result);
    }
    return NULL;
}

static int run_threads(const struct work *model, long threads)
{
    static struct work works[MAX_THREADS];
    pthread_t ids[MAX_THREADS];
    int code = 0;
    if (threads > MAX_THREADS)
        threads = MAX_THREADS;
    for (long i = 0; i < threads; i++) {
        works[i] = *model;
        if (pthread_create(&ids[i], NULL, run, &works[i]) != 0)
            abort();
    }
    for (long i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
        if (works[i].code != 0)
            code = say(&works[i].err);
    }
    if (code == 0)
        puts(works[0].json);
    for (long i = 0; i < threads; i++)
        ir_free(works[i].json);
    return code;
}

static void tell(void *context, const char *line)
{
    (void)context;
    fprintf(stderr, "log: %s\n", line);
}

int main(int argc, char **argv)
{
    struct ir_settings *settings = NULL;
    struct ir_picture *picture = NULL;
    struct work work = {.calls = 1};
    struct ir_error err = {0};
    size_t bytes = 0;
    long threads = 1;
    bool is_logged = false;
    int code = 1;
    unsigned char *data = argc > 1 ? read_whole(argv[1], &bytes) : NULL;
    if (data == NULL) {
        fprintf(stderr, "usage: detect_labels PICTURE [KEY=VALUE...]\n");
        return 2;
    }
    int rc = ir_settings_new(&settings, &err);
    for (int i = 2; rc == 0 && i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (value == NULL)
            goto out;
        *value++ = '\0';
        if (strcmp(argv[i], "repeat") == 0)
            work.calls = strtol(value, NULL, 10);
        else if (strcmp(argv[i], "threads") == 0)
            threads = strtol(value, NULL, 10);
        else if (strcmp(argv[i], "log") == 0)
            is_logged = strcmp(value, "true") == 0;
        else
            rc = ir_settings_set(settings, argv[i], value, argv[i], &err);
    }
    if (rc == 0)
        rc = ir_picture_new(data, bytes, argv[1], &picture, &err);
    if (rc == 0) {
        struct ir_client_options options = ir_settings_client_options(settings);
        options.log = is_logged ? tell : NULL;
        rc = ir_client_new(&options, &work.client, &err);
    }
    if (rc == 0) {
        work.options = ir_settings_labels_options(settings);
        work.picture = picture;
        code = run_threads(&work, threads);
    } else {
        code = say(&err);
    }
out:
    ir_client_free(work.client);
    ir_picture_free(picture);
    ir_settings_free(settings);
    free(data);
    return code;
}
