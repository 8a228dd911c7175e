/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gexiv2, under the names of 0.14: its functions that take a GError are called
 * gexiv2_metadata_try_… there, and have lost the "try_" since 0.16, which deprecates the long
 * names. Included in place of gexiv2's own header.
 */
#ifndef PLUGINS_COMMON_GEXIV2_H
#define PLUGINS_COMMON_GEXIV2_H

#include <gexiv2/gexiv2.h>

#if GEXIV2_CHECK_VERSION(0, 16, 0)
#define gexiv2_metadata_try_clear_tag gexiv2_metadata_clear_tag
#define gexiv2_metadata_try_erase_exif_thumbnail gexiv2_metadata_erase_exif_thumbnail
#define gexiv2_metadata_try_generate_xmp_packet gexiv2_metadata_generate_xmp_packet
#define gexiv2_metadata_try_get_orientation gexiv2_metadata_get_orientation
#define gexiv2_metadata_try_get_tag_multiple gexiv2_metadata_get_tag_multiple
#define gexiv2_metadata_try_get_tag_string gexiv2_metadata_get_tag_string
#define gexiv2_metadata_try_has_tag gexiv2_metadata_has_tag
#define gexiv2_metadata_try_set_tag_multiple gexiv2_metadata_set_tag_multiple
#define gexiv2_metadata_try_set_tag_string gexiv2_metadata_set_tag_string
#define gexiv2_metadata_try_set_xmp_tag_struct gexiv2_metadata_set_xmp_tag_struct
#endif

#endif
