/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command `imgrecog`: finds the command, makes the client, hears signals, gives exit codes. */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <MagickCore/MagickCore.h>

#include "plugins/batch/commands.h"
#include "plugins/batch/print.h"
#include "plugins/common/fail.h"

/* What a command is given. */
enum need {
    NEEDS_NOTHING,
    NEEDS_CLIENT,  /* and signals */
    NEEDS_SIGNALS, /* that set session.cancel */
};

struct command {
    const char *name;
    const char *operands; /* as the usage shows them */
    const char *summary;
    int operands_min; /* 0 = none is taken; -1 = the command counts them */
    struct option_rules rules;
    enum need need;
    enum exit_code (*run)(const struct session *session);
    int operands_max; /* where operands_min is 0 */
};

/* Of a task on pictures. */
#define TASK(task)                                                                                 \
    {.tasks = (task) | IR_SETTING_LOG | IR_SETTING_UPLOAD | IR_SETTING_CAPTURE,                    \
     .json = true,                                                                                 \
     .upload = true,                                                                               \
     .attributes = true}

static const struct command commands[] = {
    {"labels", "PICTURE...", "What is in a picture, and where.", 1, TASK(IR_SETTING_LABELS),
     NEEDS_CLIENT, command_labels},
    {"caption", "PICTURE...", "A picture in words: caption, alt text, title, keywords.", 1,
     TASK(IR_SETTING_CAPTION), NEEDS_CLIENT, command_caption},
    {"check", "PICTURE...", "Whether a picture holds something that should not get about.", 1,
     TASK(IR_SETTING_CHECK), NEEDS_CLIENT, command_check},
    {"ask", "QUESTION PICTURE...", "A model's answer to any question about a picture.", 2,
     TASK(IR_SETTING_ASK), NEEDS_CLIENT, command_ask},
    {"generate",
     "[PROMPT] -o FILE",
     "A picture from words, or from words and pictures; PROMPT may be left out with --edit.",
     -1,
     {.tasks = IR_SETTING_GENERATE | IR_SETTING_UPLOAD | IR_SETTING_LOG,
      .json = true,
      .pictures = true,
      .upload = true,
      .attributes = true},
     NEEDS_CLIENT,
     command_generate},
    {"upload",
     "FILE... s3://BUCKET/KEY",
     "Files to S3. KEY may have {year} {month} {name} {ext} {sha256:8} and others; where it ends "
     "in "
     "/ the files' names stand behind it.",
     2,
     {.tasks = IR_SETTING_UPLOAD | IR_SETTING_LOG, .json = true, .attributes = true},
     NEEDS_CLIENT,
     command_upload},
    {"models",
     "",
     "The models that can be asked in this region, with their kind and end.",
     0,
     {.json_once = true, .kind = true},
     NEEDS_CLIENT,
     command_models},
    {"doctor",
     "",
     "What is so with settings, credentials, permissions and programs, and what to do.",
     0,
     {.tasks = ~0U, .json_once = true, .bucket = true, .may_lack_settings = true},
     NEEDS_SIGNALS,
     command_doctor},
    {"cost",
     "[MONTH]",
     "What a month (2026-11; not set, this one) has cost, by the ledger.",
     0,
     {.json_once = true},
     NEEDS_NOTHING,
     command_cost,
     1},
    {"config", "", "The settings in force.", 0, {.tasks = ~0U}, NEEDS_NOTHING, command_config},
};
#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static struct ir_cancel *cancel_token;

/* The second signal ends the program at once. */
static void on_signal(int number)
{
    ir_cancel_set(cancel_token);
    signal(number, SIG_DFL);
}

static void print_usage(void)
{
    printf("Usage: imgrecog COMMAND [OPTION...]\n\n"
           "Amazon's image recognition and generation for pictures on this machine. A PICTURE is\n"
           "a file, or - for standard input: JPEG, PNG, TIFF, WebP, HEIC, AVIF, GIF and others.\n\n"
           "Commands:\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("  %s%s%s\n      %s\n", commands[i].name, *commands[i].operands != '\0' ? " " : "",
               commands[i].operands, commands[i].summary);
    printf("\n`imgrecog COMMAND --help` tells a command's options.\n"
           "Without an AWS account: --endpoint local asks the recogniser on this machine.\n"
           "Exit codes: 0 all done (check: NO), 1 something failed (standard error says what),\n"
           "2 wrong use, 3 check says YES, 4 check says UNKNOWN, 130 interrupted.\n");
}

static void print_command_usage(const struct command *command)
{
    printf("Usage: imgrecog %s [OPTION...]%s%s\n\n%s\n\n", command->name,
           *command->operands != '\0' ? " " : "", command->operands, command->summary);
    options_print(&command->rules);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/*
 * A standard stream that is closed would be the next file or connection that is opened, and what is
 * printed would go there. In its place comes one that cannot be used, so that its use is a failure.
 */
static void fill_standard_streams(void)
{
    for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
        if (fcntl(i, F_GETFD) < 0 && open("/dev/null", i == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            abort();
}

/* Words that were asked for and could not be printed are a failure too. */
static enum exit_code finish_words(void)
{
    struct ir_error err;

    if (print_finish(&err) == 0)
        return EXIT_FINE;
    print_error(NULL, &err);
    return EXIT_SOME_FAILED;
}

/* A line about a word of the command line, which a shell may have made of files' names. */
static void fail_word(const char *command, const char *before, const char *word, const char *after)
{
    fprintf(stderr, "imgrecog: %s%s", command, before);
    print_clean(word, stderr);
    fprintf(stderr, "%s\n", after);
}

/* What stands on the command line, and what is missing there or too much. */
static enum exit_code fail_usage(const struct command *command, const struct options *options)
{
    const char *name = command->name;

    if (options->operand_count < command->operands_min)
        fprintf(stderr, "imgrecog: %s takes %s, and %s given\n", name, command->operands,
                options->operand_count == 0 ? "nothing is" : "that is not all");
    else
        fail_word(name, " does not take \"", options->operands[command->operands_max], "\"");
    fprintf(stderr, "More: imgrecog %s --help\n", name);
    return EXIT_WRONG_USE;
}

static int hear_signals(struct session *session, struct ir_error *err)
{
    struct sigaction action = {.sa_handler = on_signal};

    cancel_token = session->cancel = ir_cancel_new();
    if (session->cancel == NULL)
        return common_fail_nomem(err);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return 0;
}

static enum exit_code run_with_client(const struct command *command, struct session *session,
                                      struct ir_error *err)
{
    struct ir_client_options options = ir_settings_client_options(session->options->settings);
    enum exit_code code = EXIT_WRONG_USE;

    session->is_dry = options.dry_run;
    if (ir_client_new(&options, &session->client, err) == 0)
        code = command->run(session);
    else
        print_error(NULL, err);
    ir_client_free(session->client);
    return code;
}

/* The token stays: a signal may come until the end. */
static enum exit_code run_with_signals(const struct command *command, struct session *session,
                                       struct ir_error *err)
{
    if (hear_signals(session, err) != 0) {
        print_error(NULL, err);
        return EXIT_SOME_FAILED;
    }
    return command->need == NEEDS_CLIENT ? run_with_client(command, session, err)
                                         : command->run(session);
}

static enum exit_code run_command(const struct command *command, int argc, char **argv)
{
    struct options options;
    struct session session = {.options = &options};
    struct ir_error err;
    enum exit_code code = EXIT_WRONG_USE;

    ir_error_clear(&err);
    if (options_init(&options, &command->rules, argc, argv, &err) != 0) {
        print_error(NULL, &err);
    } else if (options.help) {
        print_command_usage(command);
        code = finish_words();
    } else if (options.operand_count < command->operands_min ||
               (command->operands_min == 0 && options.operand_count > command->operands_max)) {
        code = fail_usage(command, &options);
    } else if (command->need != NEEDS_NOTHING) {
        code = run_with_signals(command, &session, &err);
    } else {
        code = command->run(&session);
    }
    options_release(&options);
    return code;
}

static enum exit_code fail_command(const char *name)
{
    if (name[0] == '-')
        fail_word("", "options stand behind the command: imgrecog COMMAND ", name, "");
    else
        fail_word("", "there is no command \"", name, "\"");
    fprintf(stderr, "More: imgrecog help\n");
    return EXIT_WRONG_USE;
}

/* `imgrecog help` and `imgrecog help COMMAND`. */
static enum exit_code tell_help(const char *name)
{
    const struct command *command = name != NULL ? find_command(name) : NULL;

    if (name != NULL && command == NULL)
        return fail_command(name);
    if (command != NULL)
        print_command_usage(command);
    else
        print_usage();
    return finish_words();
}

int main(int argc, char **argv)
{
    const struct command *command;
    enum exit_code code;

    fill_standard_streams();
    setlocale(LC_CTYPE, "");
    if (argc < 2) {
        fprintf(stderr, "Usage: imgrecog COMMAND [OPTION...]\nMore: imgrecog help\n");
        return EXIT_WRONG_USE;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "-h") == 0)
        return (int)tell_help(argv[2]);
    if (strcmp(argv[1], "--version") == 0) {
        printf("imgrecog " IR_VERSION "\n");
        return (int)finish_words();
    }
    command = find_command(argv[1]);
    if (command == NULL)
        return (int)fail_command(argv[1]);
    MagickCoreGenesis(argv[0], MagickFalse);
    code = run_command(command, argc - 2, argv + 2);
    MagickCoreTerminus();
    return (int)code;
}
