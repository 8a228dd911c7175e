/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each look asks one service (or the file) and turns the answer into findings. Answers are read
 * into a result of their own that is thrown away: the words of a picture that is checked do not
 * belong into a document that may be logged.
 */
#include "core/task/check_looks.h"

#include <math.h>
#include <string.h>

#include "core/aws/embedded.h"
#include "core/base/error.h"
#include "core/service/rekognition.h"
#include "core/service/rekognition_checks.h"
#include "core/base/personal.h"

#define MAX_RESPONSE_BYTES (32U << 20)
/* DetectText stops there: https://docs.aws.amazon.com/rekognition/latest/dg/limits.html */
#define MAX_TEXT_WORDS 100

static int fail_result(struct ir_error *err, int rc)
{
    return rc == IR_ERR_NOMEM ? ir_fail_nomem(err)
                              : ir_fail(err, rc, "there are too many findings for one document");
}

int ir_check_add(struct ir_check_job *job, const struct ir_finding *finding, struct ir_error *err)
{
    if (!(finding->confidence_pct < job->options->min_confidence_pct))
        return ir_check_add_any(job, finding, err);
    job->result->check.unsure_count++;
    return 0;
}

int ir_check_add_any(struct ir_check_job *job, const struct ir_finding *finding,
                     struct ir_error *err)
{
    int rc = ir_result_add_finding(job->result, finding);
    return rc == 0 ? 0 : fail_result(err, rc);
}

/* ---- Rekognition ------------------------------------------------------------------------- */

/* What the embedded endpoint did not come to the end of is not looked at. */
static int check_finished(const struct ir_http_response *response, struct ir_error *err)
{
    char names[128];
    ir_http_response_header(response, IR_EMBEDDED_NOT_FINISHED_HEADER, names, sizeof names);
    if (names[0] == '\0')
        return 0;
    ir_fail(err, IR_ERR_TIMEOUT, "not finished in time: %s", names);
    ir_error_set_service(err, ir_service_rekognition.title);
    return IR_ERR_TIMEOUT;
}

/* Where an answer goes. */
struct reading {
    struct ir_check_job *job;
    int (*read)(struct reading *reading, const char *json, size_t bytes, struct ir_error *err);
    void *out;
};

static int read_one(void *context, int call_rc, const struct ir_http_response *response,
                    struct ir_consumption *measured, struct ir_error *err)
{
    struct reading *reading = context;
    (void)measured; /* a request is one, and the seam counts it */
    int rc = call_rc == 0 ? check_finished(response, err) : call_rc;
    if (rc == 0)
        rc = reading->read(reading, ir_buf_text(&response->body), response->body.bytes, err);
    return rc;
}

static int ask_rekognition(struct ir_check_job *job, enum ir_rekognition_operation operation,
                           struct ir_rekognition_options *options, struct reading *reading,
                           struct ir_error *err)
{
    const struct ir_body_piece piece = {job->picture->spans, job->picture->span_count, true, NULL};
    struct ir_request request;
    options->picture = &piece;
    int rc = ir_rekognition_call(operation, options, &request, err);
    options->picture = NULL;
    if (rc != 0)
        return rc;
    request.aws.cancel = job->options->cancel;
    request.aws.max_response_bytes = MAX_RESPONSE_BYTES;
    const char *name = strchr(request.aws.target, '.') + 1;
    const struct ir_paid_call call = {
        .client = job->client,
        .request = &request.aws,
        .operation = name,
        .price = ir_price_of_operation(job->client->paid.prices, request.aws.service, name),
        .estimate = {.requests = 1},
        .read = read_one,
        .context = reading,
    };
    rc = ir_paid_run(&call, &job->result->usage, err);
    ir_request_release(&request);
    return rc;
}

/* The label of this name; NULL when the answer has none. */
static const struct ir_moderation_label *find_label(const struct ir_moderation *moderation,
                                                    const char *name)
{
    for (size_t i = 0; *name != '\0' && i < moderation->count; i++)
        if (strcmp(moderation->labels[i].name, name) == 0)
            return &moderation->labels[i];
    return NULL;
}

/* What stands above a label in the taxonomy, as far as the answer tells. */
static void find_parents(const struct ir_moderation *moderation,
                         const struct ir_moderation_label *label, struct ir_finding *finding)
{
    for (size_t i = 0; i < IR_FINDING_MAX_PARENTS && label != NULL && *label->parent != '\0'; i++) {
        finding->parents[i] = label->parent;
        label = find_label(moderation, label->parent);
    }
}

static int read_moderation(struct reading *reading, const char *json, size_t bytes,
                           struct ir_error *err)
{
    return ir_rekognition_read_moderation(json, bytes, reading->out, err);
}

int ir_check_look_moderation(struct ir_check_job *job, struct ir_error *err)
{
    struct ir_rekognition_options options = IR_REKOGNITION_OPTIONS_INIT;
    struct ir_moderation moderation = {.count = 0};
    struct reading reading = {job, read_moderation, &moderation};
    options.min_confidence_pct = job->options->min_confidence_pct;
    int rc = ask_rekognition(job, IR_REKOGNITION_DETECT_MODERATION_LABELS, &options, &reading, err);
    for (size_t i = 0; rc == 0 && i < moderation.count; i++) {
        const struct ir_moderation_label *label = &moderation.labels[i];
        struct ir_finding finding = {
            .kind = "moderation",
            .name = label->name,
            .taxonomy_level = label->level,
            .confidence_pct = label->confidence_pct,
            .source = job->result->source,
        };
        find_parents(&moderation, label, &finding);
        rc = ir_check_add(job, &finding, err);
    }
    ir_moderation_release(&moderation);
    return rc;
}

typedef int (*read_fn)(const char *json, size_t bytes, int box_orientation,
                       struct ir_result *result, struct ir_error *err);

struct look {
    read_fn read;
    struct ir_result *found;
};

static int read_look(struct reading *reading, const char *json, size_t bytes, struct ir_error *err)
{
    const struct look *look = reading->out;
    return look->read(json, bytes, reading->job->picture->box_orientation, look->found, err);
}

/* Asks and reads into `found`, a result of its own that the caller frees. */
static int look_into(struct ir_check_job *job, enum ir_rekognition_operation operation,
                     struct ir_rekognition_options *options, read_fn read, struct ir_result **found,
                     struct ir_error *err)
{
    *found = ir_result_new();
    if (*found == NULL)
        return ir_fail_nomem(err);
    struct look look = {read, *found};
    struct reading reading = {job, read_look, &look};
    return ask_rekognition(job, operation, options, &reading, err);
}

int ir_check_look_faces(struct ir_check_job *job, struct ir_error *err)
{
    struct ir_rekognition_options options = IR_REKOGNITION_OPTIONS_INIT;
    struct ir_result *found = NULL;
    int rc = look_into(job, IR_REKOGNITION_DETECT_FACES, &options, ir_rekognition_read_faces,
                       &found, err);
    for (size_t i = 0; rc == 0 && i < found->face_count; i++) {
        const struct ir_result_face *face = &found->faces[i];
        const struct ir_finding finding = {
            .kind = "face",
            .confidence_pct = face->confidence_pct,
            .has_box = face->has_box,
            .box = face->box,
            .source = job->result->source,
        };
        rc = ir_check_add(job, &finding, err);
    }
    ir_result_free(found);
    return rc;
}

/* ---- codes ------------------------------------------------------------------------------- */

/*
 * The first two are Rekognition's. What a code holds is told by the embedded endpoint alone; such a
 * label lies where its code does and says more than it.
 */
static const struct {
    const char *label;
    const char *kind;
} codes[] = {
    {"QR Code", "code"},
    {"Barcode", "code"},
    {IR_EMBEDDED_LABEL_WIFI_PASSWORD, "wifi-password"},
    {IR_EMBEDDED_LABEL_OTP_SECRET, "otp-secret"},
    {IR_EMBEDDED_LABEL_CONTACT, "contact"},
    {IR_EMBEDDED_LABEL_PAYMENT, "payment"},
};
#define CODE_COUNT (sizeof codes / sizeof codes[0])
#define PLAIN_CODES 2
#define SAME_FRAC 1e-6 /* boxes that differ by less are one */

/* The index in `codes`; CODE_COUNT for other labels, with which servers answer that do not know the
 * filter. */
static size_t code_of(const struct ir_label *label)
{
    size_t i = 0;
    while (i < CODE_COUNT && strcmp(label->name, codes[i].label) != 0)
        i++;
    return i;
}

static bool is_same_box(const struct ir_label *a, const struct ir_label *b)
{
    return a->has_box && b->has_box && fabs(a->box.left_frac - b->box.left_frac) < SAME_FRAC &&
           fabs(a->box.top_frac - b->box.top_frac) < SAME_FRAC &&
           fabs(a->box.width_frac - b->box.width_frac) < SAME_FRAC &&
           fabs(a->box.height_frac - b->box.height_frac) < SAME_FRAC;
}

/* Whether another label says what is in this code. */
static bool is_told(const struct ir_result *found, const struct ir_label *code)
{
    for (size_t i = 0; i < found->label_count; i++) {
        const struct ir_label *label = &found->labels[i].public;
        size_t index = code_of(label);
        if (index >= PLAIN_CODES && index < CODE_COUNT && is_same_box(label, code))
            return true;
    }
    return false;
}

int ir_check_look_codes(struct ir_check_job *job, struct ir_error *err)
{
    const char *names[CODE_COUNT];
    struct ir_rekognition_options options = IR_REKOGNITION_OPTIONS_INIT;
    struct ir_result *found = NULL;
    bool is_embedded = ir_endpoint_is_embedded(job->client->aws.endpoint_setting);
    for (size_t i = 0; i < CODE_COUNT; i++)
        names[i] = codes[i].label;
    options.include_labels = (struct ir_name_list){names, is_embedded ? CODE_COUNT : PLAIN_CODES};
    options.min_confidence_pct = job->options->min_confidence_pct;
    int rc = look_into(job, IR_REKOGNITION_DETECT_LABELS, &options, ir_rekognition_read_labels,
                       &found, err);
    for (size_t i = 0; rc == 0 && i < found->label_count; i++) {
        const struct ir_label *label = &found->labels[i].public;
        size_t index = code_of(label);
        if (index == CODE_COUNT || (index < PLAIN_CODES && is_told(found, label)))
            continue;
        const struct ir_finding finding = {
            .kind = codes[index].kind,
            .name = index < PLAIN_CODES ? label->name : NULL,
            .confidence_pct = label->confidence_pct,
            .has_box = label->has_box,
            .box = label->box,
            .source = job->result->source,
        };
        rc = ir_check_add(job, &finding, err);
    }
    ir_result_free(found);
    return rc;
}

/* ---- words ------------------------------------------------------------------------------- */

static struct ir_box unite(struct ir_box a, struct ir_box b)
{
    double right = fmax(a.left_frac + a.width_frac, b.left_frac + b.width_frac);
    double bottom = fmax(a.top_frac + a.height_frac, b.top_frac + b.height_frac);
    double left = fmin(a.left_frac, b.left_frac);
    double top = fmin(a.top_frac, b.top_frac);
    return (struct ir_box){left, top, right - left, bottom - top};
}

/* The box of the line's words that the match has a part in; the line's own when they are not told.
 */
static void find_box(const struct ir_result *found, const struct ir_result_text *line,
                     const struct ir_personal *match, struct ir_finding *finding)
{
    size_t cursor = 0;
    bool has_words = false;
    finding->has_box = line->has_box;
    finding->box = line->box;
    for (size_t i = 0; i < found->text_count; i++) {
        const struct ir_result_text *word = &found->texts[i];
        if (!word->is_word || word->parent_id != line->id || !word->has_box)
            continue;
        const char *place = strstr(line->text + cursor, word->text);
        if (place == NULL)
            return; /* the words are not those of the line: its own box is the safe one */
        size_t at = (size_t)(place - line->text);
        cursor = at + strlen(word->text);
        if (at >= match->at + match->bytes || cursor <= match->at)
            continue;
        finding->box = has_words ? unite(finding->box, word->box) : word->box;
        finding->has_box = true;
        has_words = true;
    }
}

static int look_at_line(struct ir_check_job *job, const struct ir_result *found,
                        const struct ir_result_text *line, struct ir_error *err)
{
    struct ir_personal match;
    int rc = 0;
    for (size_t from = 0; rc == 0 && ir_personal_find(line->text, from, &match);
         from = match.at + match.bytes) {
        struct ir_finding finding = {
            .kind = ir_personal_name(match.kind),
            .name = match.shown,
            .confidence_pct = line->confidence_pct,
            .source = job->result->source,
        };
        find_box(found, line, &match, &finding);
        rc = ir_check_add(job, &finding, err);
    }
    return rc;
}

/* With as many words as the service tells at most, there may be more that it does not tell. */
static int check_all_words(const struct ir_result *found, struct ir_error *err)
{
    size_t words = 0;
    for (size_t i = 0; i < found->text_count; i++)
        words += found->texts[i].is_word ? 1 : 0;
    if (words != MAX_TEXT_WORDS)
        return 0;
    ir_fail(err, IR_ERR_TOO_LARGE, "only the first %d words were read", MAX_TEXT_WORDS);
    ir_error_set_service(err, ir_service_rekognition.title);
    ir_error_set_hint(err, "Check the picture in parts.");
    return IR_ERR_TOO_LARGE;
}

int ir_check_look_text(struct ir_check_job *job, struct ir_error *err)
{
    struct ir_rekognition_options options = IR_REKOGNITION_OPTIONS_INIT;
    struct ir_result *found = NULL;
    /* Without a WordFilter: one word left out would tear the number in its line apart. */
    int rc =
        look_into(job, IR_REKOGNITION_DETECT_TEXT, &options, ir_rekognition_read_text, &found, err);
    for (size_t i = 0; rc == 0 && i < found->text_count; i++)
        if (!found->texts[i].is_word)
            rc = look_at_line(job, found, &found->texts[i], err);
    if (rc == 0)
        rc = check_all_words(found, err);
    ir_result_free(found);
    return rc;
}

/* ---- the file ---------------------------------------------------------------------------- */

int ir_check_look_metadata(struct ir_check_job *job, struct ir_error *err)
{
    static const struct {
        unsigned bit;
        const char *kind;
    } rows[] = {{IR_PRIVATE_GPS, "gps"},
                {IR_PRIVATE_OWNER, "owner"},
                {IR_PRIVATE_PERSON, "person-name"},
                {IR_PRIVATE_SERIAL, "serial-number"}};
    int rc = 0;
    if (job->picture->is_rendering)
        return ir_fail(err, IR_ERR_SERVICE, "the metadata of this kind of file cannot be read");
    for (size_t i = 0; rc == 0 && i < sizeof rows / sizeof rows[0]; i++) {
        const struct ir_finding finding = {
            .kind = rows[i].kind, .confidence_pct = NAN, .source = IR_CHECK_SOURCE_FILE};
        if ((job->picture->privates & rows[i].bit) != 0)
            rc = ir_check_add(job, &finding, err);
    }
    return rc;
}

/* ---- what was left out ------------------------------------------------------------------- */

size_t ir_check_left_out(const char *not_checked)
{
    size_t name_bytes = strcspn(not_checked, ":");
    return strcmp(not_checked + name_bytes, ": " IR_CHECK_NOT_ASKED_FOR) == 0 ? name_bytes : 0;
}
