/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What scripts read of a run: artifacts of the image, which no writer puts into a file. */
#ifndef IMAGEMAGICK_RESULTS_H
#define IMAGEMAGICK_RESULTS_H

#include <stdbool.h>
#include <stdio.h>

#include <MagickCore/MagickCore.h>

#include <imgrecog/result.h>

#define ARTIFACT_MODEL "imgrecog:model" /* a setting's name, too */

/* True of the names that results_publish sets. */
bool results_is_artifact(const char *name);
/* True when an earlier run has left its results on the image. */
bool results_are_on(const Image *image);

/*
 * Sets those of `tasks` (IR_SETTING_LABELS and so on) and those of every run, "" where there is
 * nothing to say. Those of other tasks stay as an earlier run left them, or become "". `result` may
 * be NULL, `uri` (where the picture was put) and `error` (why it failed, in one line) too. Boxes
 * are told in the pixels of `image` as it is stored. IR_ERR_NOMEM; IR_ERR_TOO_LARGE: a document
 * over 16 MiB.
 */
IR_MUST_CHECK int results_publish(Image *image, unsigned tasks, const struct ir_result *result,
                                  const char *uri, const char *error, struct ir_error *err);

/*
 * Makes what these tasks of earlier runs left "", since it is not about this picture any more. Their
 * model goes with the last of its tasks.
 */
void results_forget(Image *image, unsigned tasks);

/* Adds why the picture failed to what has been published. Memory permitting. */
void results_set_error(Image *image, const char *error);

/* results_publish() for a picture of which nothing is known but why it failed. */
void results_publish_error(Image *image, unsigned tasks, const char *error);

/* Their names in one line, for people. */
void results_print_names(FILE *out);

#endif
