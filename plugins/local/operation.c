/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which operations there are, which this endpoint refuses and why, and the reading of members with
 * the checks that botocore's service model (rekognition 2016-06-27) states. An operation whose
 * answer a local recogniser cannot know is refused; an empty list would read as "nothing there",
 * in the case of moderation as "safe".
 */
#include "plugins/local/operation.h"

#include <math.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/base64.h"
#include "plugins/local/refuse.h"
#include "plugins/local/s3_store.h"

typedef int (*operation_fn)(struct local *local, const struct ir_json_value *input,
                            struct answer *answer, struct ir_error *err);

static const struct {
    const char *name;
    operation_fn run;
} offered[] = {
    {"DetectLabels", operation_detect_labels},
    {"DetectText", operation_detect_text},
    {"DetectFaces", operation_detect_faces},
};

/* Operations on one picture that need knowledge which is not in this machine. */
static const struct {
    const char *name;
    const char *unknown;
} unknowable[] = {
    {"DetectModerationLabels", "whether a picture is unsafe or offensive"},
    {"DetectProtectiveEquipment", "what equipment somebody wears"},
    {"RecognizeCelebrities", "who somebody is"},
    {"CompareFaces", "whether two faces belong to the same person"},
    {"SearchFacesByImage", "who somebody is"},
    {"SearchUsersByImage", "who somebody is"},
    {"IndexFaces", "how to tell faces apart"},
    {"DetectCustomLabels", "your own labels"},
};

/* All others of the service model: collections, projects, videos, streams. */
static const char *const others[] = {
    "AssociateFaces",
    "CopyProjectVersion",
    "CreateCollection",
    "CreateDataset",
    "CreateFaceLivenessSession",
    "CreateProject",
    "CreateProjectVersion",
    "CreateStreamProcessor",
    "CreateUser",
    "DeleteCollection",
    "DeleteDataset",
    "DeleteFaces",
    "DeleteProject",
    "DeleteProjectPolicy",
    "DeleteProjectVersion",
    "DeleteStreamProcessor",
    "DeleteUser",
    "DescribeCollection",
    "DescribeDataset",
    "DescribeProjectVersions",
    "DescribeProjects",
    "DescribeStreamProcessor",
    "DisassociateFaces",
    "DistributeDatasetEntries",
    "GetCelebrityInfo",
    "GetCelebrityRecognition",
    "GetContentModeration",
    "GetFaceDetection",
    "GetFaceLivenessSessionResults",
    "GetFaceSearch",
    "GetLabelDetection",
    "GetMediaAnalysisJob",
    "GetPersonTracking",
    "GetSegmentDetection",
    "GetTextDetection",
    "ListCollections",
    "ListDatasetEntries",
    "ListDatasetLabels",
    "ListFaces",
    "ListMediaAnalysisJobs",
    "ListProjectPolicies",
    "ListStreamProcessors",
    "ListTagsForResource",
    "ListUsers",
    "PutProjectPolicy",
    "SearchFaces",
    "SearchUsers",
    "StartCelebrityRecognition",
    "StartContentModeration",
    "StartFaceDetection",
    "StartFaceSearch",
    "StartLabelDetection",
    "StartMediaAnalysisJob",
    "StartPersonTracking",
    "StartProjectVersion",
    "StartSegmentDetection",
    "StartStreamProcessor",
    "StartTextDetection",
    "StopProjectVersion",
    "StopStreamProcessor",
    "TagResource",
    "UntagResource",
    "UpdateDatasetEntries",
    "UpdateStreamProcessor",
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static int refuse_target(const char *name, struct ir_error *err)
{
    for (size_t i = 0; i < COUNT(unknowable); i++)
        if (strcmp(name, unknowable[i].name) == 0)
            return refuse(err, &refuse_unsupported,
                          "The local recogniser cannot know %s, so %s has no answer here. Send the "
                          "picture to AWS for this.",
                          unknowable[i].unknown, name);
    for (size_t i = 0; i < COUNT(others); i++)
        if (strcmp(name, others[i]) == 0)
            return refuse(err, &refuse_unsupported,
                          "The local recogniser looks at single pictures and has no %s. Use AWS "
                          "for this.",
                          name);
    return refuse(err, &refuse_operation, "There is no such operation.");
}

int operation_serve(struct request *request, struct answer *answer, struct ir_error *err)
{
    const char *target = request_header(request, "X-Amz-Target");
    size_t prefix_bytes = strlen(OPERATION_TARGET_PREFIX);
    operation_fn run = NULL;
    struct ir_json_doc *doc = NULL;
    if (!request_is(request, "POST") || strcmp(request->path, "/") != 0)
        return refuse(err, &refuse_operation, "Requests are POST to the path /.");
    if (target == NULL || strncmp(target, OPERATION_TARGET_PREFIX, prefix_bytes) != 0)
        return refuse(err, &refuse_operation,
                      "The header X-Amz-Target names no operation of Rekognition.");
    for (size_t i = 0; i < COUNT(offered); i++)
        if (strcmp(target + prefix_bytes, offered[i].name) == 0)
            run = offered[i].run;
    if (run == NULL)
        return refuse_target(target + prefix_bytes, err);
    int rc = request_json(request, &refuse_serialization, &doc, err);
    if (rc != 0)
        return rc;
    rc = run(request->local, ir_json_root(doc), answer, err);
    ir_json_free(doc);
    return rc;
}

/* ---- members ----------------------------------------------------------------------------- */

static int refuse_type(struct ir_error *err, const char *member, const char *wanted)
{
    return refuse(err, &refuse_serialization, "%s must be %s.", member, wanted);
}

int input_number(const struct ir_json_value *object, const char *member, double minimum,
                 double maximum, double *out, struct ir_error *err)
{
    const struct ir_json_value *value = ir_json_get(object, member);
    if (value == NULL)
        return 0;
    if (!ir_json_is_number(value))
        return refuse_type(err, member, "a number");
    double number = ir_json_number(value, NAN);
    if (!(number >= minimum && number <= maximum))
        return refuse(err, &refuse_parameter,
                      "Request has invalid parameters: %s is %g, it must be from %g to %g.", member,
                      number, minimum, maximum);
    *out = number;
    return 0;
}

int input_whole(double number, const char *member, struct ir_error *err)
{
    return number == floor(number) ? 0 : refuse_type(err, member, "a whole number");
}

int input_object(const struct ir_json_value *object, const char *member,
                 const struct ir_json_value **out, struct ir_error *err)
{
    const struct ir_json_value *value = ir_json_get(object, member);
    if (value != NULL && !ir_json_is_object(value))
        return refuse_type(err, member, "an object");
    *out = value;
    return 0;
}

int input_array(const struct ir_json_value *object, const char *member, size_t max_items,
                const struct ir_json_value **out, struct ir_error *err)
{
    const struct ir_json_value *value = ir_json_get(object, member);
    if (value != NULL && !ir_json_is_array(value))
        return refuse_type(err, member, "an array");
    if (ir_json_count(value) > max_items)
        return refuse(err, &refuse_parameter,
                      "Request has invalid parameters: %s has %zu items, at most %zu are taken.",
                      member, ir_json_count(value), max_items);
    *out = value;
    return 0;
}

static int decode_bytes(const struct ir_json_value *value, struct image *out, struct ir_error *err)
{
    size_t text_bytes = 0;
    const char *text = ir_json_string(value, &text_bytes, NULL);
    if (text == NULL)
        return refuse_type(err, "Image.Bytes", "a string of base64");
    if (text_bytes == 0)
        return refuse(err, &refuse_parameter,
                      "Request has invalid parameters: Image.Bytes is empty.");
    if (text_bytes > ir_base64_length(IMAGE_MAX_BYTES))
        return refuse(err, &refuse_image_too_large,
                      "The picture has about %zu bytes; at most %u are taken inline.",
                      text_bytes / 4 * 3, IMAGE_MAX_BYTES);
    unsigned char *data = ir_malloc(3 * text_bytes / 4 + 3);
    size_t data_bytes = 0;
    if (data == NULL)
        return refuse_nomem(err);
    int rc = 0;
    if (ir_base64_decode(text, text_bytes, data, &data_bytes) != 0)
        rc = refuse_type(err, "Image.Bytes", "a string of base64");
    else
        rc = image_decode(data, data_bytes, out, err);
    ir_free(data);
    return rc;
}

/* The picture of a bucket and key of the local S3. */
static int read_s3_object(struct local *local, const struct ir_json_value *object,
                          struct image *out, struct ir_error *err)
{
    const char *bucket = ir_json_member_string(object, "Bucket", NULL);
    const char *key = ir_json_member_string(object, "Name", NULL);
    struct s3_store *store = NULL;
    struct ir_buf file;
    struct ir_error cause;
    if (bucket == NULL || key == NULL || ir_json_get(object, "Version") != NULL)
        return refuse(
            err, &refuse_parameter,
            "Request has invalid parameters: S3Object needs Bucket and Name; the local S3 "
            "has no versions.");
    int rc = local_s3(local, &store, err);
    if (rc != 0)
        return rc;
    ir_buf_init(&file, IMAGE_MAX_STORED_BYTES);
    rc = s3_read_object(store, bucket, key, &file, &cause);
    if (rc == IR_ERR_TOO_LARGE)
        rc = refuse(err, &refuse_image_too_large, "The object is larger than %u bytes.",
                    IMAGE_MAX_STORED_BYTES);
    else if (rc != 0)
        rc = refuse(err, &refuse_s3_object,
                    "Unable to get object metadata from S3. Check object key, region and/or access "
                    "permissions. The local S3 says: %s",
                    cause.message);
    else
        rc = image_decode_stored((const unsigned char *)ir_buf_text(&file), file.bytes, out, err);
    ir_buf_release(&file);
    return rc;
}

int input_image(struct local *local, const struct ir_json_value *input, struct image *out,
                struct ir_error *err)
{
    const struct ir_json_value *image = NULL;
    int rc = input_object(input, "Image", &image, err);
    if (rc != 0)
        return rc;
    const struct ir_json_value *bytes = ir_json_get(image, "Bytes");
    const struct ir_json_value *object = ir_json_get(image, "S3Object");
    if (bytes != NULL && object == NULL)
        return decode_bytes(bytes, out, err);
    if (bytes == NULL && object != NULL)
        return read_s3_object(local, object, out, err);
    return refuse(err, &refuse_parameter,
                  "Request has invalid parameters: Image needs either Bytes or S3Object.");
}

void output_box(struct ir_json_writer *writer, struct ir_box box)
{
    ir_json_key(writer, "BoundingBox");
    ir_json_begin_object(writer);
    ir_json_member_put_number(writer, "Width", box.width_frac, OPERATION_NUMBER_DECIMALS);
    ir_json_member_put_number(writer, "Height", box.height_frac, OPERATION_NUMBER_DECIMALS);
    ir_json_member_put_number(writer, "Left", box.left_frac, OPERATION_NUMBER_DECIMALS);
    ir_json_member_put_number(writer, "Top", box.top_frac, OPERATION_NUMBER_DECIMALS);
    ir_json_end_object(writer);
}
