/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Preloaded into the GIMP plug-in by "packaging/bench gimp": how long its main loop does not turn.
 *
 * Owns three looks from outside, so that the plug-in itself holds nothing for it:
 *   - a source of the default main context that is never ready: GLib calls its `check` when a turn
 *     begins its work and its `prepare` when the next turn begins. Between them no event is served;
 *   - read() on the main thread, of the pipe from GIMP: a wait for the answer of one call;
 *   - write() to the pipe to GIMP: a message GP_PROC_RUN names the procedure that is called.
 * Source: gimp 3.0 libgimpbase/gimpprotocol.h and gimpwire.h (numbers are 32 bits, big-endian). Two
 * functions of the library are markers: ir_client_new (the user has said OK, from here on it
 * counts) and ir_picture_new (the picture is ready to be sent).
 *
 * Writes lines to the file that IMGRECOG_TURNS names: "stretch MS CALL_MS CALL" for each stretch of
 * LEAST_MS or more, CALL_MS being the longest wait for one call in it; "encoded MS" for the time
 * between the markers. Other processes than the plug-in, which inherit this, are left alone.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <glib.h>

#include <imgrecog/client.h>
#include <imgrecog/picture.h>

#define TURNS_PUBLIC __attribute__((visibility("default")))
#define LEAST_MS 20.0
#define PROGRAM "imgrecog"
#define NAME_MAX_BYTES 64
#define PROC_RUN 5
#define US_PER_MS 1000.0

static struct {
    FILE *out; /* NULL: this process is not looked at */
    pid_t main_thread;
    bool is_counting;
    gint64 began_us;   /* the stretch that goes on; 0: the loop waits for events */
    gint64 longest_us; /* wait in it */
    gint64 asked_us;   /* of the marker */
    char longest[NAME_MAX_BYTES];
    char called[NAME_MAX_BYTES];
} turns;

static bool is_main_thread(void)
{
    return turns.out != NULL && gettid() == turns.main_thread;
}

static void end_stretch(void)
{
    double ms = (double)(g_get_monotonic_time() - turns.began_us) / US_PER_MS;

    if (turns.is_counting && turns.began_us != 0 && ms >= LEAST_MS) {
        fprintf(turns.out, "stretch %.1f %.1f %s\n", ms, (double)turns.longest_us / US_PER_MS,
                *turns.longest != '\0' ? turns.longest : "-");
    }
    turns.began_us = 0;
}

static void begin_stretch(void)
{
    turns.began_us = g_get_monotonic_time();
    turns.longest_us = 0;
    *turns.longest = '\0';
}

static gboolean on_prepare(GSource *source, gint *timeout_ms)
{
    (void)source;
    *timeout_ms = -1;
    end_stretch();
    return FALSE;
}

static gboolean on_check(GSource *source)
{
    (void)source;
    begin_stretch();
    return FALSE;
}

static gboolean on_dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)source;
    (void)callback;
    (void)data;
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = {on_prepare, on_check, on_dispatch, NULL, NULL, NULL};

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("IMGRECOG_TURNS");

    if (path == NULL || strcmp(program_invocation_short_name, PROGRAM) != 0)
        return;
    turns.out = fopen(path, "ae");
    if (turns.out == NULL)
        return;
    setvbuf(turns.out, NULL, _IOLBF, 0);
    turns.main_thread = gettid();
    g_source_attach(g_source_new(&source_funcs, sizeof(GSource)), NULL);
}

__attribute__((destructor)) static void end(void)
{
    if (turns.out != NULL)
        end_stretch();
}

/* ---- looks ------------------------------------------------------------------------------- */

static guint32 number_at(const unsigned char *bytes)
{
    return (guint32)bytes[0] << 24 | (guint32)bytes[1] << 16 | (guint32)bytes[2] << 8 | bytes[3];
}

/* A message is flushed whole, or as its beginning: its first 8 bytes are together. */
static void look_at_message(const unsigned char *bytes, size_t count)
{
    size_t length;

    if (count < 9 || number_at(bytes) != PROC_RUN)
        return;
    length = MIN(MIN(number_at(bytes + 4), count - 8), NAME_MAX_BYTES - 1);
    memcpy(turns.called, bytes + 8, length);
    turns.called[length] = '\0';
}

TURNS_PUBLIC ssize_t write(int fd, const void *buf, size_t n)
{
    static ssize_t (*next)(int, const void *, size_t);

    if (next == NULL)
        next = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    if (is_main_thread())
        look_at_message(buf, n);
    return next(fd, buf, n);
}

TURNS_PUBLIC ssize_t read(int fd, void *buf, size_t nbytes)
{
    static ssize_t (*next)(int, void *, size_t);
    gint64 began_us, waited_us;
    ssize_t got;

    if (next == NULL)
        next = (ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
    if (!is_main_thread())
        return next(fd, buf, nbytes);
    began_us = g_get_monotonic_time();
    got = next(fd, buf, nbytes);
    waited_us = g_get_monotonic_time() - began_us;
    if (waited_us > turns.longest_us) {
        turns.longest_us = waited_us;
        g_strlcpy(turns.longest, turns.called, sizeof turns.longest);
    }
    return got;
}

int ir_client_new(const struct ir_client_options *options, struct ir_client **out,
                  struct ir_error *err)
{
    int (*next)(const struct ir_client_options *, struct ir_client **, struct ir_error *) =
        (int (*)(const struct ir_client_options *, struct ir_client **, struct ir_error *))dlsym(
            RTLD_NEXT, "ir_client_new");

    if (turns.out != NULL) {
        turns.is_counting = true;
        turns.asked_us = g_get_monotonic_time();
        begin_stretch();
    }
    return next(options, out, err);
}

int ir_picture_new(const void *data, size_t bytes, const char *source, struct ir_picture **out,
                   struct ir_error *err)
{
    int (*next)(const void *, size_t, const char *, struct ir_picture **, struct ir_error *) =
        (int (*)(const void *, size_t, const char *, struct ir_picture **, struct ir_error *))dlsym(
            RTLD_NEXT, "ir_picture_new");

    if (turns.asked_us != 0) {
        fprintf(turns.out, "encoded %.1f\n",
                (double)(g_get_monotonic_time() - turns.asked_us) / US_PER_MS);
        turns.asked_us = 0;
    }
    return next(data, bytes, source, out, err);
}
