/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ImageMagick 7 filter `imgrecog`: -process 'imgrecog [TASK ...] [key=value ...]'.
 *
 * Owns the module's entry point. ImageMagick finds the module by imgrecog.la and calls
 * imgrecogImage, which must return MagickImageFilterSignature always; failures are told by
 * report.c. `magick` then prints the line, writes no output and exits with 1; `mogrify` and
 * `convert` exit with 1 too, but write the pictures, so one that failed must be as it was.
 */
#include <MagickCore/MagickCore.h>

#include "plugins/imagemagick/arguments.h"
#include "plugins/imagemagick/jobs.h"

ModuleExport size_t imgrecogImage(Image **images, const int argc, const char **argv,
                                  ExceptionInfo *exception);

/*
 * The filter. `argv` holds `argc` words without the module's name. Pictures are changed in place;
 * one whose size changes is replaced in the list.
 */
ModuleExport size_t imgrecogImage(Image **images, const int argc, const char **argv,
                                  ExceptionInfo *exception)
{
    Image *first = GetFirstImageInList(*images);
    struct arguments arguments;
    struct ir_error error;

    if (first == NULL)
        return MagickImageFilterSignature;
    ir_error_clear(&error);
    if (arguments_init(&arguments, first, argc, argv, &error) != 0)
        jobs_fail(first, &arguments, &error, exception);
    else if (arguments.help)
        arguments_print_help();
    else
        *images = jobs_run(first, &arguments, exception);
    arguments_release(&arguments);
    return MagickImageFilterSignature;
}
