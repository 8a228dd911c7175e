/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one file that includes gexiv2, for the parts of plugins/common/metadata. */
#ifndef PLUGINS_COMMON_METADATA_PRIVATE_H
#define PLUGINS_COMMON_METADATA_PRIVATE_H

#include <gexiv2/gexiv2.h>

#endif
