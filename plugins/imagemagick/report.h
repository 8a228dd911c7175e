/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the module tells a line: by ImageMagick's exceptions, and by mogrify's way where these harm;
 * and what it knows of the pictures that a mogrify had before. */
#ifndef IMAGEMAGICK_REPORT_H
#define IMAGEMAGICK_REPORT_H

#include <stdbool.h>

#include <MagickCore/MagickCore.h>

/*
 * Tells `line`, FilterError or FilterWarning. The program that runs this ends with exit code 1
 * after an error. The caller's thread.
 */
void report_line(ExceptionInfo *exception, ExceptionType severity, const char *line);

/*
 * No picture of this mogrify but `picture` (a file's name), which failed, is wanted any more. In
 * other programs, which give the filter all pictures at once, nothing happens. The caller's thread.
 */
void report_stop(const char *picture);
/* Whether that has been said of another picture than this one. */
bool report_is_stopped(const char *picture);

#endif
