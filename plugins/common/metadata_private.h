/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of plugins/common/metadata share. */
#ifndef PLUGINS_COMMON_METADATA_PRIVATE_H
#define PLUGINS_COMMON_METADATA_PRIVATE_H

#include "plugins/common/gexiv2.h"

/*
 * Exiv2's XMP toolkit is for one thread at a time: all use of gexiv2 stands between these two. What
 * it complains about is of no use to anybody here, so its log is off. False, without the lock, when
 * it cannot be set up.
 */
gboolean metadata_enter(void);
void metadata_leave(void);

#endif
