/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each class has a score from 0 to 1 by the evidence for it; the probabilities are their softmax.
 *
 *   portrait  the best face's confidence, the less the smaller it is in the picture
 *   document  the mean confidence of a page of text; a few words count little
 *   code      the best code's confidence, the less the smaller they are
 *   other     a constant: what is left when nothing speaks for the others
 */
#include "plugins/local/sagemaker.h"

#include <math.h>
#include <string.h>

#include "core/base/json.h"
#include "plugins/local/refuse.h"

#define PATH_PREFIX "/endpoints/"
#define PATH_SUFFIX "/invocations"
#define SHARPNESS 8.0       /* of the softmax */
#define OTHER_SCORE 0.4     /* a face of half its weight is still no portrait */
#define FULL_FACE_AREA 0.03 /* of the picture: from here on a face counts in full */
#define FULL_CODE_AREA 0.05
#define FULL_WORDS 60.0
#define FEW_WORDS_SCORE 0.3
#define DECIMALS 6

static const struct refusal refuse_endpoint = {"ValidationError", 400};
static const struct refusal refuse_model = {"ModelError", 424};

static double at_most_one(double number)
{
    return number > 1 ? 1 : number;
}

static double area(struct ir_box box)
{
    return box.width_frac * box.height_frac;
}

static double score_portrait(const struct sight *sight)
{
    double best = 0;
    for (int i = 0; i < sight->evidence.faces.count; i++) {
        double part = at_most_one(area(evidence_face_box(&sight->evidence, i)) / FULL_FACE_AREA);
        double score = sight->evidence.faces.items[i].confidence_pct / 100 * part;
        best = score > best ? score : best;
    }
    return best;
}

static double score_document(const struct sight *sight)
{
    for (int i = 0; i < sight->labels->count; i++)
        if (strcmp(sight->labels->items[i].name, "Document") == 0)
            return sight->labels->items[i].confidence_pct / 100;
    return FEW_WORDS_SCORE * at_most_one(sight->evidence.text.count / FULL_WORDS);
}

static double score_code(const struct sight *sight)
{
    double best = 0;
    double total = 0;
    for (int i = 0; i < sight->evidence.codes.count; i++) {
        const struct code *code = &sight->evidence.codes.items[i];
        total += area(code->box);
        best = code->confidence_pct > best ? code->confidence_pct : best;
    }
    return best / 100 * at_most_one(total / FULL_CODE_AREA);
}

void classifier_judge(const struct sight *sight, double out[CLASS_COUNT])
{
    double sum = 0;
    out[CLASS_PORTRAIT] = score_portrait(sight);
    out[CLASS_DOCUMENT] = score_document(sight);
    out[CLASS_CODE] = score_code(sight);
    out[CLASS_OTHER] = OTHER_SCORE;
    for (int i = 0; i < CLASS_COUNT; i++) {
        out[i] = exp(SHARPNESS * out[i]);
        sum += out[i];
    }
    for (int i = 0; i < CLASS_COUNT; i++)
        out[i] /= sum;
}

/* ---- InvokeEndpoint ---------------------------------------------------------------------- */

static bool path_is(const char *path, const char *endpoint)
{
    size_t prefix_bytes = sizeof PATH_PREFIX - 1;
    size_t name_bytes = strlen(endpoint);
    return strncmp(path, PATH_PREFIX, prefix_bytes) == 0 &&
           strncmp(path + prefix_bytes, endpoint, name_bytes) == 0 &&
           strcmp(path + prefix_bytes + name_bytes, PATH_SUFFIX) == 0;
}

static bool is_picture_type(const char *type)
{
    static const char *const types[] = {"application/x-image", "image/jpeg", "image/png"};
    for (size_t i = 0; type != NULL && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(type, types[i]) == 0)
            return true;
    return false;
}

static void write_prediction(const double probabilities[CLASS_COUNT], bool lines,
                             struct answer *answer)
{
    struct ir_json_writer writer;
    ir_json_writer_init(&writer, &answer->body);
    if (lines) {
        ir_json_begin_object(&writer);
        ir_json_key(&writer, "prediction");
    }
    ir_json_begin_array(&writer);
    for (int i = 0; i < CLASS_COUNT; i++)
        ir_json_put_number(&writer, probabilities[i], DECIMALS);
    ir_json_end_array(&writer);
    if (lines) {
        ir_json_end_object(&writer);
        ir_buf_append_char(&answer->body, '\n');
        answer->content_type = "application/jsonlines";
    }
    answer_header(answer, "x-Amzn-Invoked-Production-Variant", "local");
}

static int classify(struct request *request, struct answer *answer, struct ir_error *err)
{
    const struct ir_buf *body = &request->body.memory;
    const char *accept = request_header(request, "Accept");
    double probabilities[CLASS_COUNT];
    struct sight sight;
    struct ir_error cause;
    bool lines = accept != NULL && strcmp(accept, "application/jsonlines") == 0;
    if (!is_picture_type(request_header(request, "Content-Type")))
        return refuse(err, &refuse_model,
                      "Received client error (415) from the model: the classifier takes "
                      "application/x-image, image/jpeg and image/png.");
    if (sight_look(request->local->recognisers, (const unsigned char *)ir_buf_text(body),
                   body->bytes, &sight, &cause) != 0)
        return refuse(err, &refuse_model, "Received client error (400) from the model: %s",
                      cause.message);
    unsigned unfinished = sight_unfinished(&sight);
    classifier_judge(&sight, probabilities);
    sight_release(&sight);
    if (unfinished != 0)
        return refuse(err, &refuse_model,
                      "Received server error (500) from the model: the local recognisers did not "
                      "finish within their deadline, so the probabilities are not known.");
    write_prediction(probabilities, lines, answer);
    return 0;
}

int sagemaker_serve(struct request *request, struct answer *answer, struct ir_error *err)
{
    if (!request_is(request, "POST") ||
        strncmp(request->path, PATH_PREFIX, sizeof PATH_PREFIX - 1) != 0)
        return refuse(err, &refuse_operation, "The local SageMaker has InvokeEndpoint only.");
    if (!path_is(request->path, SAGEMAKER_ENDPOINT))
        return refuse(err, &refuse_endpoint,
                      "Endpoint of account 000000000000 not found. The endpoint of this machine "
                      "is " SAGEMAKER_ENDPOINT ".");
    return classify(request, answer, err);
}
