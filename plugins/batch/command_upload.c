/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imgrecog upload FILE... s3://BUCKET/KEY */
#include <stdio.h>
#include <string.h>

#include "plugins/batch/print.h"
#include "plugins/batch/put.h"
#include "plugins/common/fail.h"

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* The object's place: `target`, with the file's name where it ends in '/' or names a bucket only.
 */
static int place_of(const struct ir_s3_uri *target, const char *path, bool is_one,
                    struct ir_s3_uri *out, struct ir_error *err)
{
    size_t chars = strlen(target->key);
    bool is_prefix = chars == 0 || target->key[chars - 1] == '/';
    int written;

    *out = *target;
    if (!is_prefix)
        return is_one ? 0
                      : common_fail(err, IR_ERR_ARG, "End it in / to keep their names.",
                                    "Several files cannot have one key.");
    written = snprintf(out->key, sizeof out->key, "%s%s", target->key, name_of(path));
    if (written < 0 || (size_t)written >= sizeof out->key)
        return common_fail(err, IR_ERR_ARG, "Use a shorter prefix.", "The key is too long.");
    return 0;
}

static int upload_one(const struct session *session, const struct ir_s3_uri *target,
                      const char *path, struct ir_error *err)
{
    struct ir_s3_uri uri;
    int rc = place_of(target, path, session->options->operand_count == 2, &uri, err);

    if (rc == 0)
        rc = put_file(session, path, &uri, err);
    return rc == 0 ? print_finish(err) : rc;
}

enum exit_code command_upload(const struct session *session)
{
    const struct options *options = session->options;
    int count = options->operand_count - 1;
    enum exit_code code = EXIT_FINE;
    struct ir_s3_uri target;
    struct ir_error err;

    ir_error_clear(&err);
    if (ir_s3_uri_parse(options->operands[count], &target, &err) != 0) {
        print_error(options->operands[count], &err);
        return EXIT_WRONG_USE;
    }
    if (put_check(session, &err) != 0) {
        print_error(NULL, &err);
        return EXIT_WRONG_USE;
    }
    for (int i = 0; i < count; i++) {
        int rc;

        ir_error_clear(&err);
        rc = upload_one(session, &target, options->operands[i], &err);
        if (rc == 0)
            continue;
        print_error(options->operands[i], &err);
        if (rc == IR_ERR_CANCELLED)
            return EXIT_CANCELLED;
        code = EXIT_SOME_FAILED;
        if (rc == IR_ERR_AUTH)
            break;
    }
    return code;
}
