/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program that uses the filter through MagickCore, as hosts other than the `magick` command do:
 * definitions lie in the images, there is no ImageInfo behind them, and a progress monitor may ask
 * to stop.
 *
 *     magick_program ENDPOINT STOP_AFTER FILE...
 *
 * Stops when STOP_AFTER pictures are done (0: never). Prints a line "labels|error" for each
 * picture, line feeds in labels as blanks, and exits with 1 when the filter threw an error.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <MagickCore/MagickCore.h>

struct monitor {
    int calls;
    int stop_after;
};

static MagickBooleanType on_progress(const char *tag, const MagickOffsetType offset,
                                     const MagickSizeType extent, void *data)
{
    struct monitor *monitor = data;

    if (strncmp(tag, "Recognize/", 10) != 0)
        return MagickTrue;
    if (offset != (MagickOffsetType)monitor->calls || offset >= (MagickOffsetType)extent)
        fprintf(stderr, "progress %ld of %ld out of turn\n", (long)offset, (long)extent);
    monitor->calls++;
    return monitor->calls == monitor->stop_after ? MagickFalse : MagickTrue;
}

static Image *read_all(char **files, int file_count, ExceptionInfo *exception)
{
    Image *list = NewImageList();

    for (int i = 0; i < file_count; i++) {
        ImageInfo *info = AcquireImageInfo();
        Image *image;

        snprintf(info->filename, sizeof info->filename, "%s", files[i]);
        image = ReadImage(info, exception);
        DestroyImageInfo(info);
        if (image == NULL) {
            fprintf(stderr, "cannot read %s\n", files[i]);
            exit(2);
        }
        AppendImageToList(&list, image);
    }
    return list;
}

static void print_artifact(const Image *image, const char *name)
{
    const char *text = GetImageArtifact(image, name);

    for (; text != NULL && *text != '\0'; text++)
        putchar(*text == '\n' ? ' ' : *text);
}

int main(int argc, char **argv)
{
    ExceptionInfo *exception;
    struct monitor monitor = {0, 0};
    Image *list;
    bool has_failed;

    if (argc < 4)
        return 2;
    monitor.stop_after = (int)strtol(argv[2], NULL, 10);
    MagickCoreGenesis(argv[0], MagickFalse);
    exception = AcquireExceptionInfo();
    list = read_all(argv + 3, argc - 3, exception);
    for (Image *image = list; image != NULL; image = GetNextImageInList(image)) {
        SetImageArtifact(image, "imgrecog:endpoint", argv[1]);
        SetImageProgressMonitor(image, on_progress, &monitor);
    }
    InvokeDynamicImageFilter("imgrecog", &list, 0, NULL, exception);
    has_failed = exception->severity >= ErrorException;
    for (Image *image = list; image != NULL; image = GetNextImageInList(image)) {
        print_artifact(image, "imgrecog:labels");
        putchar('|');
        print_artifact(image, "imgrecog:error");
        putchar('\n');
    }
    DestroyImageList(list);
    DestroyExceptionInfo(exception);
    MagickCoreTerminus();
    return has_failed ? 1 : 0;
}
