/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A client: settings, credentials and connections, shared by every call and every thread.
 *
 * Calls block until the answer is there, the deadline has passed or the cancel token is set (seen
 * within a second). One client serves any number of threads at once; ir_client_new and
 * ir_client_free must not run beside other calls on the same client.
 */
#ifndef IMGRECOG_CLIENT_H
#define IMGRECOG_CLIENT_H

#include <imgrecog/error.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ir_client;
struct ir_cancel;

/* Whether the recogniser on this machine looks at a picture before any of it is sent elsewhere. */
enum ir_precheck {
    IR_PRECHECK_OFF,
    IR_PRECHECK_WARN, /* what it found is told (ir_result_get_precheck), and the picture sent */
    /* When it finds something, or cannot look to the end, nothing is sent: IR_ERR_ARG. The check
     * task then has its answer, and says YES without sending. */
    IR_PRECHECK_BLOCK,
};

/*
 * Strings are borrowed during ir_client_new. NULL or 0 means: as AWS's own settings say, else the
 * default.
 */
struct ir_client_options {
    unsigned version; /* IR_CLIENT_OPTIONS_VERSION, set by the INIT macro */
    /*
     * Profile of ~/.aws/config and ~/.aws/credentials; over AWS_PROFILE. When it is named here,
     * keys in the environment do not count, as with AWS's SDKs.
     */
    const char *profile;
    const char *region; /* such as "eu-west-1"; over AWS_REGION */
    /*
     * Where requests go: NULL, "" or "aws" for AWS (or what AWS_ENDPOINT_URL or the profile says);
     * "local" for the recogniser on this machine, which is started when needed and gets its own
     * key, never the user's; an http:// or https:// URL; "unix:/path" for a socket of that kind.
     * What lies on this machine is reached without a proxy; elsewhere HTTPS_PROXY and NO_PROXY
     * hold.
     */
    const char *endpoint;
    long timeout_ms; /* deadline for one call with all its attempts; 0 = 60,000 */
    /*
     * Told what the client does, a line each: an attempt and how it ended, where credentials came
     * from, a wait and its reason, a redirect, a corrected clock. Lines are UTF-8 of less than
     * 1,024 bytes without control characters, borrowed during the call, in no promised form. They
     * name services, hosts, paths (so a bucket's and an object's name too), times and sizes; never
     * a header, a query, a body, a key or a service's own words. Comes from the thread whose call
     * it is about, so from several at once; it must not wait long nor use the client. NULL =
     * nobody.
     */
    void (*log)(void *log_context, const char *line);
    void *log_context; /* borrowed until ir_client_free */
    /*
     * For the tasks that send pictures inline (labels, caption, ask, check, generate); faces, words
     * that are personal, and codes are looked for. Does nothing with endpoint "local". A warning
     * is worth something, its absence nothing: what the recogniser does not know it does not see.
     */
    enum ir_precheck precheck;
    /*
     * Whether this client's requests may cost at most max_cost_usd US dollars, those under way
     * counted with what they can cost. A request that would pass it is refused with IR_ERR_BUDGET
     * before it is sent, and so is one whose price is unknown. Under a limit a request that may
     * have been served is not sent again.
     */
    bool limits_cost;
    double max_cost_usd;
    /* The same for a month (UTC), over all programs with a ledger; needs `ledger`. */
    bool limits_month;
    double monthly_limit_usd;
    /* Whether what is paid is written down in $XDG_STATE_HOME/imgrecog/ledger.sqlite; see cost.h */
    bool ledger;
    /*
     * Whether answers are kept, encrypted, in $XDG_CACHE_HOME/imgrecog/cache.sqlite, and given
     * again to the same question about the same samples instead of being paid for twice.
     */
    bool cache;
    bool refresh;        /* no earlier answer is given; new ones are kept */
    double cache_mib;    /* what is kept at most; the least recently used goes first; 0 = 256 */
    unsigned cache_days; /* older answers are not given; 0 = however old */
    /* Nothing is sent: documents hold what would be, in `estimate`, and no answer. */
    bool dry_run;
};
#define IR_CLIENT_MAX_LIMIT_USD 1000000.0
#define IR_CLIENT_MAX_CACHE_MIB 1048576.0
#define IR_CLIENT_OPTIONS_VERSION 1U
/* No limit, and nothing is written into the user's folders. */
#define IR_CLIENT_OPTIONS_INIT                                                                     \
    {IR_CLIENT_OPTIONS_VERSION,                                                                    \
     NULL,                                                                                         \
     NULL,                                                                                         \
     NULL,                                                                                         \
     0,                                                                                            \
     NULL,                                                                                         \
     NULL,                                                                                         \
     IR_PRECHECK_OFF,                                                                              \
     false,                                                                                        \
     0,                                                                                            \
     false,                                                                                        \
     0,                                                                                            \
     false,                                                                                        \
     false,                                                                                        \
     false,                                                                                        \
     0,                                                                                            \
     0,                                                                                            \
     false}

/*
 * Reads settings (environment, ~/.aws files); connects nowhere and asks for no credentials yet.
 * They are looked for at the first call, in the places and the order of AWS's command and boto3
 * (environment, role, web identity, IAM Identity Center, credentials file, `aws login`,
 * credential_process, config file, container, EC2), and renewed ahead of their end.
 * With "local", the folder of the socket is made. IR_ERR_ARG: a setting, a limit, a profile or a
 * file (of prices, too) is wrong; the message names it. IR_ERR_NET: that folder cannot be used.
 * IR_ERR_NOMEM.
 */
IR_PUBLIC IR_MUST_CHECK int ir_client_new(const struct ir_client_options *options,
                                          struct ir_client **out, struct ir_error *err);

/* Closes connections and wipes credentials. NULL is allowed. */
IR_PUBLIC void ir_client_free(struct ir_client *client);

/* US dollars that this client's requests have cost, with what may have been charged for failed
 * ones; what has no known price is not in it. Any thread. */
IR_PUBLIC double ir_client_spent_usd(struct ir_client *client);

/* Where requests go, as result documents say it: "aws", "local" or the URL. Borrowed. */
IR_PUBLIC const char *ir_client_endpoint(const struct ir_client *client);

/* A token that ends calls from another thread. May serve many calls. NULL when out of memory. */
IR_PUBLIC struct ir_cancel *ir_cancel_new(void);
/* Safe in any thread and in a signal handler. Cannot be taken back. */
IR_PUBLIC void ir_cancel_set(struct ir_cancel *cancel);
IR_PUBLIC bool ir_cancel_is_set(const struct ir_cancel *cancel);
/* Not before the calls that use it have returned. NULL is allowed. */
IR_PUBLIC void ir_cancel_free(struct ir_cancel *cancel);

#ifdef __cplusplus
}
#endif
#endif
