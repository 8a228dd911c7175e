/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who is asked, in words. A stand-in's answer must not be taken for Rekognition's, so the name of
 * the layer group says it; an address of the user's own is private and stays out of the image.
 */
#ifndef PLUGINS_GIMP_WHERE_H
#define PLUGINS_GIMP_WHERE_H

#include <imgrecog/client.h>

enum where {
    WHERE_AWS,
    WHERE_LOCAL,   /* this computer */
    WHERE_ADDRESS, /* somebody's address */
};

/* `endpoint` as ir_client_endpoint gives it. */
enum where where_of(const char *endpoint);

/* The region in the name of a host of AWS, "rekognition.eu-west-1.amazonaws.com" (g_free); NULL
 * where it is not told. */
char *where_region_of(const char *host);

/* Static. What a group of labels is called; it is found by its mark (own.h), in any language. */
const char *where_labels_group_name(enum where where);
/* What is shown while `service` (translated) is waited for. */
const char *where_waiting(enum where where, const char *service);

#endif
