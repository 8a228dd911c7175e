/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imgrecog config: the settings in force. */
#include <stdio.h>

#include "plugins/batch/commands.h"
#include "plugins/batch/print.h"

enum exit_code command_config(const struct session *session)
{
    const struct ir_setting_info *info;
    struct ir_error err;

    for (size_t i = 0; (info = ir_setting_get_info(i)) != NULL; i++) {
        const char *value = ir_settings_get(session->options->settings, info->key);

        if (value == NULL) {
            printf("# %s is not set\n", info->key);
        } else {
            printf("%s = ", info->key);
            print_clean_line("", value, "");
        }
    }
    if (print_finish(&err) == 0)
        return EXIT_FINE;
    print_error(NULL, &err);
    return EXIT_SOME_FAILED;
}
