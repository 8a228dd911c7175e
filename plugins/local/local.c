/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A user who only has pictures looked at gets no folders. */
#include "plugins/local/local.h"

#include "plugins/local/logs_store.h"
#include "plugins/local/refuse.h"
#include "plugins/local/s3_store.h"

void local_init(struct local *local)
{
    *local = (struct local){.recognisers = NULL};
    pthread_mutex_init(&local->lock, NULL);
}

void local_release(struct local *local)
{
    s3_store_close(local->s3);
    logs_close(local->logs);
    pthread_mutex_destroy(&local->lock);
}

int local_open_s3(struct local *local, const char *folder, struct ir_error *err)
{
    pthread_mutex_lock(&local->lock);
    int rc = local->s3 == NULL ? s3_store_open(folder, &local->s3, err) : 0;
    pthread_mutex_unlock(&local->lock);
    return rc;
}

int local_s3(struct local *local, struct s3_store **out, struct ir_error *err)
{
    struct ir_error cause;
    if (local_open_s3(local, NULL, &cause) != 0)
        return refuse(err, &refuse_internal, "The local S3 has no folder: %s.", cause.message);
    *out = local->s3;
    return 0;
}

int local_logs(struct local *local, struct logs **out, struct ir_error *err)
{
    struct ir_error cause;
    pthread_mutex_lock(&local->lock);
    int rc = local->logs == NULL ? logs_open(&local->logs, &cause) : 0;
    pthread_mutex_unlock(&local->lock);
    if (rc != 0)
        return refuse(err, &refuse_internal, "The local logs have no folder: %s.", cause.message);
    *out = local->logs;
    return 0;
}
