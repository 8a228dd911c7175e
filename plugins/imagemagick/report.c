/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns how a line is told, and what lasts from one picture of a `mogrify` to the next: its exit
 * code after an error, and that no more are wanted.
 *
 * An exception that holds an error does harm in mogrify (MagickWand/mogrify.c, 7.1.1 and 7.1.2,
 * which calls the filter once a picture): without -path it puts back the files of all later
 * pictures, whatever became of them, and the writer of TIFF leaves a file of 8 bytes. So there the
 * line is printed at once and the exception is left alone; and since nobody else knows then that
 * anything failed, the exit code is changed when the program ends.
 */
#include "plugins/imagemagick/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MODULE_NAME "imgrecog"
/* ImageMagick keeps 4,096 bytes of a message, the source's place in it included. */
#define REASON_BYTES 4000

static bool is_mogrify(void)
{
    return strstr(GetClientName(), "mogrify") != NULL;
}

/* Handlers that were set before it do not run. The module stays mapped (-z nodelete). */
static void end_with_1(void)
{
    fflush(NULL);
    _exit(EXIT_FAILURE);
}

/* False when the exit code could not be changed. */
static bool change_exit_code(void)
{
    static bool is_changed;

    if (!is_changed)
        is_changed = atexit(end_with_1) == 0;
    return is_changed;
}

static void print_line(ExceptionType severity, const char *line)
{
    char reason[REASON_BYTES];

    snprintf(reason, sizeof reason, MODULE_NAME ": %s", line);
    if (reason[strlen(reason) - 1] == '.') /* the handler adds one */
        reason[strlen(reason) - 1] = '\0';
    if (severity < ErrorException)
        MagickWarning(severity, reason, NULL);
    else
        MagickError(severity, reason, NULL);
}

void report_line(ExceptionInfo *exception, ExceptionType severity, const char *line)
{
    if (!is_mogrify()) {
        (void)ThrowMagickException(exception, GetMagickModule(), severity, MODULE_NAME ":", "%s",
                                   line);
        return;
    }
    print_line(severity, line);
    if (severity >= ErrorException && !change_exit_code() && exception->severity < severity)
        exception->severity = severity;
}

/* Of the picture in which a mogrify came to its end; "" = it goes on. */
static char stopped_in[MagickPathExtent];

void report_stop(const char *picture)
{
    if (is_mogrify() && stopped_in[0] == '\0')
        snprintf(stopped_in, sizeof stopped_in, "%s", picture);
}

bool report_is_stopped(const char *picture)
{
    return stopped_in[0] != '\0' && strcmp(stopped_in, picture) != 0;
}
