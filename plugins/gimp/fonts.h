/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What text layers need: GIMP may have been started without any font. Main thread only. */
#ifndef PLUGINS_GIMP_FONTS_H
#define PLUGINS_GIMP_FONTS_H

#include <libgimp/gimp.h>

#include <imgrecog/error.h>

/* GIMP's font of a family, or another one; NULL when GIMP has none at all. */
GimpFont *fonts_find(const char *family);
/* For asking before anything is paid for. IR_ERR_ARG: no text layer can be made. */
IR_MUST_CHECK int fonts_check(GimpImage *image, struct ir_error *err);

#endif
