/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all requests share: the recognisers, and the folders, which are made when first needed. */
#ifndef PLUGINS_LOCAL_LOCAL_H
#define PLUGINS_LOCAL_LOCAL_H

#include <pthread.h>

#include "plugins/local/evidence.h"

struct s3_store;
struct logs;

struct local {
    const struct recognisers *recognisers;
    pthread_mutex_t lock;
    struct s3_store *s3; /* NULL until somebody asks */
    struct logs *logs;   /* likewise */
};

void local_init(struct local *local);
void local_release(struct local *local);
/* Opens the folder of S3, `folder` or the user's own, unless it is open. IR_ERR_ARG. */
IR_MUST_CHECK int local_open_s3(struct local *local, const char *folder, struct ir_error *err);

/* The store of a request; refuses with InternalServerError when there can be none. */
IR_MUST_CHECK int local_s3(struct local *local, struct s3_store **out, struct ir_error *err);

/* The logs of a request; likewise. */
IR_MUST_CHECK int local_logs(struct local *local, struct logs **out, struct ir_error *err);

#endif
