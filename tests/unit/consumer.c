/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program outside the tree, as installed.py builds it from an installation, in C and in C++: it
 * sees the installed headers and the shared library, nothing else. Prints what it got.
 */
#include <imgrecog/client.h>
#include <imgrecog/labels.h>
#include <imgrecog/memory.h>
#include <imgrecog/picture.h>
#include <imgrecog/result.h>
#include <imgrecog/settings.h>

#include <stdio.h>

/* A PNG's header: 100 x 80 pixels. */
static const char picture_data[] =
    "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x64\0\0\0\x50\x8\2\0\0\0\0\0\0\0";

int main(void)
{
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    struct ir_labels_options labels = IR_LABELS_OPTIONS_INIT;
    struct ir_client *client = NULL;
    struct ir_picture *picture = NULL;
    struct ir_result *result = NULL;
    struct ir_error err;
    char line[1024];
    int code;

    ir_error_clear(&err);
    options.region = "eu-west-1";
    options.endpoint = "http://127.0.0.1:1";
    code = ir_client_new(&options, &client, &err);
    if (code == 0)
        code = ir_picture_new(picture_data, sizeof picture_data - 1, "a.png", &picture, &err);
    if (code == 0) {
        printf("%s, %u labels\n", ir_client_endpoint(client), labels.max_labels);
        code = ir_labels(client, picture, &labels, &result, &err);
    }
    printf("%d %s\n", code, ir_error_line(&err, line, sizeof line));
    ir_result_free(result);
    ir_picture_free(picture);
    ir_client_free(client);
    return code == IR_ERR_NET ? 0 : 1;
}
