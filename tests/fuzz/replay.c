/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a fuzz target over every file of a folder, each as it is, cut short, and changed in some
 * bytes by a generator with a fixed seed, so that a failure comes again. TAP on standard output.
 *
 *     replay FOLDER [CHANGES-PER-FILE]
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>

#define DEFAULT_CHANGES 300
#define MAX_PATH_BYTES 4096
#define MAX_FILES 10000

static uint64_t random_state = 20261120;

/* xorshift64 of Marsaglia, https://www.jstatsoft.org/article/view/v008i14 */
static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* On the heap at its exact size, so that the sanitizer sees a byte read too far. */
static void run_copy(const uint8_t *data, size_t bytes)
{
    FUZZ_CHECK(bytes <= FUZZ_MAX_BYTES);
    uint8_t *copy = malloc(bytes ? bytes : 1);
    FUZZ_CHECK(copy);
    memcpy(copy, data, bytes);
    LLVMFuzzerTestOneInput(copy, bytes);
    free(copy);
}

/* One to four bytes set, swapped with others or flipped in a bit. */
static void change(uint8_t *data, size_t bytes)
{
    static const char marks[] = "\"\\{}[]<>&;%=#:/@'\n\r\t 0-.eE\0\xFF\xED\xA0\x80";
    size_t count = next_random() % 4 + 1;
    for (size_t i = 0; i < count; i++) {
        size_t at = next_random() % bytes;
        size_t other = next_random() % bytes;
        uint8_t kept = data[at];
        switch (next_random() % 3) {
        case 0:
            data[at] = (uint8_t)marks[next_random() % (sizeof marks - 1)];
            break;
        case 1:
            data[at] = data[other];
            data[other] = kept;
            break;
        default:
            data[at] ^= (uint8_t)(1U << next_random() % 8);
            break;
        }
    }
}

static void run_file(const uint8_t *data, size_t bytes, unsigned long changes)
{
    static uint8_t changed[FUZZ_MAX_BYTES];
    run_copy(data, bytes);
    for (unsigned long i = 0; i < changes && bytes; i++) {
        memcpy(changed, data, bytes);
        change(changed, bytes);
        run_copy(changed, i % 4 ? bytes : next_random() % (bytes + 1));
    }
}

/* The bytes read; over FUZZ_MAX_BYTES are left out. (size_t)-1 when it is no readable file. */
static size_t read_file(const char *path, uint8_t *out)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return (size_t)-1;
    size_t bytes = fread(out, 1, FUZZ_MAX_BYTES, file);
    int failed = ferror(file);
    fclose(file);
    return failed ? (size_t)-1 : bytes;
}

int main(int argc, char **argv)
{
    static uint8_t data[FUZZ_MAX_BYTES];
    struct dirent **entries = NULL;
    unsigned long changes = argc > 2 ? strtoul(argv[2], NULL, 10) : DEFAULT_CHANGES;
    int count = argc > 1 ? scandir(argv[1], &entries, NULL, alphasort) : -1;
    int done = 0;
    int bad = 0;
    if (count < 0 || count > MAX_FILES) {
        puts("Bail out! usage: replay FOLDER [CHANGES-PER-FILE]");
        return 1;
    }
    for (int i = 0; i < count; i++) {
        char path[MAX_PATH_BYTES];
        snprintf(path, sizeof path, "%s/%s", argv[1], entries[i]->d_name);
        if (entries[i]->d_name[0] != '.') {
            size_t bytes = read_file(path, data);
            if (bytes == (size_t)-1)
                bad++;
            else
                run_file(data, bytes, changes);
            printf("%s %d - %s\n", bytes == (size_t)-1 ? "not ok" : "ok", ++done,
                   entries[i]->d_name);
            fflush(stdout);
        }
        free(entries[i]);
    }
    free(entries);
    printf("1..%d\n", done);
    return done && !bad ? 0 : 1;
}
