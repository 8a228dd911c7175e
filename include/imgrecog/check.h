/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The check task: does a picture hold something that should not get about? */
#ifndef IMGRECOG_CHECK_H
#define IMGRECOG_CHECK_H

#include <imgrecog/client.h>
#include <imgrecog/picture.h>
#include <imgrecog/result.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where to look; bits. */
enum ir_check_look {
    IR_CHECK_MODEL = 1 << 0,      /* a Bedrock model says YES or NO, and why */
    IR_CHECK_MODERATION = 1 << 1, /* Rekognition's moderation labels */
    IR_CHECK_FACES = 1 << 2,      /* Rekognition's faces */
    IR_CHECK_TEXT = 1 << 3, /* words: e-mail, phone, payment cards, IBAN, numbers of persons */
    /* bar and QR codes, which may hold anything; the recogniser on this machine reads them */
    IR_CHECK_CODES = 1 << 4,
    IR_CHECK_METADATA = 1 << 5, /* the file's own: position, names, serial numbers. Costs nothing */
};
#define IR_CHECK_ALL                                                                               \
    (IR_CHECK_MODEL | IR_CHECK_MODERATION | IR_CHECK_FACES | IR_CHECK_TEXT | IR_CHECK_CODES |      \
     IR_CHECK_METADATA)

struct ir_check_options {
    unsigned version;               /* IR_CHECK_OPTIONS_VERSION, set by the INIT macro */
    unsigned looks;                 /* enum ir_check_look; at least one */
    double min_confidence_pct;      /* 0..100, of what counts as found */
    const char *model;              /* as in ask.h */
    const char *language;           /* as in caption.h: of the model's reason */
    unsigned max_tokens;            /* of the model's answer, 1..64,000 */
    bool sha256;                    /* put the SHA-256 of the caller's bytes into the document */
    const struct ir_cancel *cancel; /* borrowed; NULL = cannot be cancelled */
};
#define IR_CHECK_OPTIONS_VERSION 1U
#define IR_CHECK_OPTIONS_INIT                                                                      \
    {IR_CHECK_OPTIONS_VERSION, IR_CHECK_ALL, 60.0, NULL, "English", 1024U, true, NULL}

/*
 * Looks in all the places and waits; every look but metadata is a paid request. The verdict is YES
 * when anything was found or the model says so; NO only when every look was finished and found
 * nothing; else UNKNOWN. What was not looked at, or did not come to its end, is listed with the
 * reason: that is no failure of the task as long as one look was finished. Rekognition reads 100
 * words at most; with as many the look at text counts as not finished. A model's NO counts only
 * when its answer says that and nothing else. Words inside the picture cannot change the verdict
 * for the better: what the model says is one look of several. Limits, codes and ownership are those
 * of ir_labels and, with IR_CHECK_MODEL, of ir_ask.
 */
IR_PUBLIC IR_MUST_CHECK int ir_check(struct ir_client *client, const struct ir_picture *picture,
                                     const struct ir_check_options *options, struct ir_result **out,
                                     struct ir_error *err);

/* Behind the name of a look and ": ", in the list of what was not checked: the caller left it out.
 */
#define IR_CHECK_NOT_ASKED_FOR "not asked for"
/*
 * How many bytes of a line of not_checked are the name of a look that was left out; 0: the look
 * could not be taken or finished, and the line says why.
 */
IR_PUBLIC size_t ir_check_left_out(const char *not_checked);

/* How what a check found can be hidden, and whether it could have found all. */
struct ir_check_places {
    size_t box_count;                  /* findings that have a box, which can be covered */
    const struct ir_finding *metadata; /* the first in the file's metadata; NULL = none */
    const struct ir_finding *nowhere;  /* the first of which nobody says where; NULL = none */
    const char *failed; /* the first line of not_checked that tells of a failed look; NULL = none */
};
/* Whether findings of this kind are to be hidden. */
typedef bool (*ir_check_wanted_fn)(const void *context, const char *kind);
/*
 * Sorts the findings that `is_wanted` (NULL = all) by how they can be hidden; `*out` borrows from
 * `check`. A look that was asked for and came to no end is in `failed`, whatever is wanted: it may
 * have missed what others cannot see. With that or `nowhere` no picture is safe in which all boxes
 * are covered. That the model says YES, too, is taken to be about the boxes that were found: only
 * where there are none does it count by itself, in `nowhere`, whatever the metadata hold.
 */
IR_PUBLIC void ir_check_find_places(const struct ir_check *check, ir_check_wanted_fn is_wanted,
                                    const void *context, struct ir_check_places *out);

/*
 * Before a picture leaves this machine in another way than by a task, as by an upload: has this
 * machine's recogniser look, where the client's precheck asks for it. On success `*out` is a
 * document that tells nothing but that (ir_result_get_precheck; NULL in it when nobody looked), to
 * be freed with ir_result_free. IR_ERR_ARG of the service "precheck": the picture is to stay here.
 * IR_ERR_CANCELLED, IR_ERR_NOMEM.
 */
IR_PUBLIC IR_MUST_CHECK int ir_precheck_picture(struct ir_client *client,
                                                const struct ir_picture *picture,
                                                const struct ir_cancel *cancel,
                                                struct ir_result **out, struct ir_error *err);
/*
 * Adds to that document, where the recogniser looked, a line of what the caller sends and the
 * picture did not show (not_checked of ir_result_get_precheck): a name, ": " and why.
 * IR_ERR_NOMEM; the line may be there then.
 */
IR_PUBLIC IR_MUST_CHECK int ir_precheck_note(struct ir_result *result, const char *line,
                                             struct ir_error *err);

#ifdef __cplusplus
}
#endif
#endif
