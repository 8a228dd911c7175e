/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What "Upload to S3" shares with its dialog. */
#ifndef PLUGINS_GIMP_UPLOAD_H
#define PLUGINS_GIMP_UPLOAD_H

#include "plugins/gimp/export_memory.h"
#include "plugins/gimp/task.h"
#include "plugins/gimp/words.h"

#define UPLOAD_ARG_FORMAT "format"
#define UPLOAD_ARG_METADATA "with-metadata"
#define UPLOAD_ARG_ONLY_IF_NEW "only-if-new"
#define UPLOAD_ARG_DOCUMENT "document"
#define UPLOAD_ARG_LINK "link-seconds"

/* What UPLOAD_ARG_FORMAT may be: an enum export_format. */
extern const struct choice upload_formats;
enum export_format upload_format_of(GimpProcedureConfig *config);
/* The whole key that the arguments mean (g_free). */
char *upload_key_of(GimpProcedureConfig *config, GimpImage *image);
/* Whether others can reach what is uploaded there. */
bool upload_can_link(enum where where, const char *endpoint);
/* After the job, borrowed: "s3://bucket/key", and the link; NULL = none was asked for. */
const char *upload_uri_of(const struct task *task);
const char *upload_link_of(const struct task *task);

/* What would be sent, and what is known of its cost (g_free). */
char *upload_sending(const struct task *task, const char *to);
/* After it (g_free). */
char *upload_cost_words(const struct task *task);
bool upload_run_dialog(struct dialog *dialog);

#endif
