/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading with Tesseract. First the whole page is laid out (page segmentation mode 3); words with
 * confidence 60 and two letters count, and lone characters beside them on a line. A picture that
 * gives fewer than three words is looked through once more for scattered text (mode 11), where only
 * words with confidence 85 and four letters count: on photographs without text, what is below that
 * is noise. The rules were chosen on about a hundred pictures.
 */
#include "plugins/local/text.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <leptonica/allheaders.h>
#include <tesseract/capi.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/utf8.h"
#include "plugins/local/deadline.h"

#define SERVICE "imgrecog-local"
#define DEFAULT_LANGUAGES "eng+kor"
#define REQUIRED_LANGUAGE "eng"
#define SOURCE_DPI 150
#define FEW_WORDS 3
#define PUNCTUATION_FROM 0x2000U /* general punctuation to CJK symbols */
#define PUNCTUATION_TO 0x3040U
#define WIDE_FROM 0x1100U /* Hangul, kana and Han begin above this */
#define SPARSE_MIN_MS 100 /* a second pass is not begun with less time left */

/* What a word must be to count, by pass. */
struct rules {
    double min_confidence_pct;
    int min_letters;
    bool short_words_in_lines;
};
static const struct rules page_rules = {60.0, 2, true};
static const struct rules sparse_rules = {85.0, 4, false};

struct text_reader {
    pthread_mutex_t lock;
    pthread_cond_t returned;
    TessBaseAPI *idle[TEXT_MAX_HANDLES];
    int idle_count;
    int missing_count; /* handles that may still be made */
    char languages[128];
};

/* What one UTF-8 character of `length` bytes counts; 0 bytes: it is none. */
static int letters_in(const char *character, size_t length)
{
    unsigned char first = (unsigned char)character[0];
    if (length == 1)
        return (first >= '0' && first <= '9') || (first >= 'a' && first <= 'z') ||
               (first >= 'A' && first <= 'Z');
    if (length <= 2)
        return length == 2;
    unsigned code = ((first & 0x0FU) << 12) | ((unsigned)(character[1] & 0x3F) << 6);
    if (length == 3 && code >= PUNCTUATION_FROM && code < PUNCTUATION_TO)
        return 0;
    return code >= WIDE_FROM || length == 4 ? 2 : 1;
}

int text_letters(const char *text)
{
    int letters = 0;
    size_t bytes = strlen(text);
    for (size_t i = 0; i < bytes;) {
        size_t length = ir_utf8_next(text + i, bytes - i);
        letters += letters_in(text + i, length);
        i += length > 0 ? length : 1;
    }
    return letters;
}

/* ---- handles ----------------------------------------------------------------------------- */

static TessBaseAPI *new_handle(const char *languages)
{
    TessBaseAPI *handle = TessBaseAPICreate();
    if (handle == NULL)
        return NULL;
    TessBaseAPISetVariable(handle, "debug_file", "/dev/null");
    if (TessBaseAPIInit2(handle, NULL, languages, OEM_LSTM_ONLY) != 0) {
        TessBaseAPIDelete(handle);
        return NULL;
    }
    return handle;
}

static bool in_list(char **list, const char *name, size_t name_bytes)
{
    for (; list != NULL && *list != NULL; list++)
        if (strlen(*list) == name_bytes && memcmp(*list, name, name_bytes) == 0)
            return true;
    return false;
}

/* The first language of "a+b" that the handle has not loaded; its length is written. */
static const char *find_missing(TessBaseAPI *handle, const char *languages, size_t *out_bytes)
{
    char **loaded = TessBaseAPIGetLoadedLanguagesAsVector(handle);
    const char *missing = NULL;
    for (const char *name = languages; missing == NULL && *name != '\0';) {
        size_t bytes = strcspn(name, "+");
        if (!in_list(loaded, name, bytes)) {
            missing = name;
            *out_bytes = bytes;
        }
        name += bytes + (name[bytes] == '+');
    }
    TessDeleteTextArray(loaded);
    return missing;
}

static int fail_language(struct ir_error *err, const char *name, size_t bytes)
{
    int rc = ir_fail(err, IR_ERR_ARG, "the text recogniser has no data for the language \"%.*s\"",
                     (int)bytes, name);
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "Install the package tesseract-ocr-%.*s.", (int)bytes, name);
    return rc;
}

/* Makes the first handle, which tells whether the languages are there. */
static int open_reader(struct text_reader *reader, bool any_of_default, struct ir_error *err)
{
    size_t bytes = strlen(reader->languages);
    TessBaseAPI *handle = new_handle(reader->languages);
    if (handle == NULL)
        return fail_language(err, reader->languages, bytes);
    const char *missing = find_missing(handle, reader->languages, &bytes);
    if (missing != NULL && any_of_default && strncmp(missing, REQUIRED_LANGUAGE, bytes) != 0) {
        ir_text_copy(reader->languages, sizeof reader->languages, REQUIRED_LANGUAGE);
        missing = NULL;
    }
    if (missing != NULL) {
        TessBaseAPIDelete(handle);
        return fail_language(err, missing, bytes);
    }
    reader->idle[reader->idle_count++] = handle;
    reader->missing_count--;
    return 0;
}

int text_reader_new(const char *languages, int handle_count, struct text_reader **out,
                    struct ir_error *err)
{
    struct text_reader *reader = ir_calloc(1, sizeof *reader);
    if (reader == NULL)
        return ir_fail_nomem(err);
    setMsgSeverity(L_SEVERITY_NONE); /* Leptonica prints about empty boxes, which are no errors */
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_mutex_init(&reader->lock, NULL);
    pthread_cond_init(&reader->returned, &clock);
    pthread_condattr_destroy(&clock);
    reader->missing_count = handle_count < 1                  ? 1
                            : handle_count > TEXT_MAX_HANDLES ? TEXT_MAX_HANDLES
                                                              : handle_count;
    ir_text_copy(reader->languages, sizeof reader->languages,
                 languages != NULL ? languages : DEFAULT_LANGUAGES);
    int rc = open_reader(reader, languages == NULL, err);
    if (rc != 0)
        text_reader_free(reader);
    else
        *out = reader;
    return rc;
}

void text_reader_free(struct text_reader *reader)
{
    if (reader == NULL)
        return;
    for (int i = 0; i < reader->idle_count; i++)
        TessBaseAPIDelete(reader->idle[i]);
    pthread_cond_destroy(&reader->returned);
    pthread_mutex_destroy(&reader->lock);
    ir_free(reader);
}

const char *text_reader_languages(const struct text_reader *reader)
{
    return reader->languages;
}

/* NULL when none became free in time, or none could be made. */
static TessBaseAPI *borrow_handle(struct text_reader *reader, int64_t deadline_ms)
{
    TessBaseAPI *handle = NULL;
    bool make = false;
    const struct timespec until = {.tv_sec = (time_t)(deadline_ms / 1000),
                                   .tv_nsec = (long)(deadline_ms % 1000) * 1000000L};
    pthread_mutex_lock(&reader->lock);
    while (reader->idle_count == 0 && reader->missing_count == 0)
        if (pthread_cond_timedwait(&reader->returned, &reader->lock, &until) == ETIMEDOUT)
            break;
    if (reader->idle_count > 0) {
        handle = reader->idle[--reader->idle_count];
    } else if (reader->missing_count > 0) {
        reader->missing_count--;
        make = true;
    }
    pthread_mutex_unlock(&reader->lock);
    if (!make)
        return handle;
    handle = new_handle(reader->languages);
    if (handle == NULL) {
        pthread_mutex_lock(&reader->lock);
        reader->missing_count++;
        pthread_cond_signal(&reader->returned);
        pthread_mutex_unlock(&reader->lock);
    }
    return handle;
}

static void return_handle(struct text_reader *reader, TessBaseAPI *handle)
{
    TessBaseAPIClear(handle);
    TessBaseAPIClearAdaptiveClassifier(handle);
    pthread_mutex_lock(&reader->lock);
    reader->idle[reader->idle_count++] = handle;
    pthread_cond_signal(&reader->returned);
    pthread_mutex_unlock(&reader->lock);
}

/* ---- one pass ---------------------------------------------------------------------------- */

static bool read_word(const TessResultIterator *words, const struct gray *gray,
                      struct text_word *out)
{
    int left = 0;
    int top = 0;
    int right = 0;
    int bottom = 0;
    const TessPageIterator *place = TessResultIteratorGetPageIteratorConst(words);
    if (!TessPageIteratorBoundingBox(place, RIL_WORD, &left, &top, &right, &bottom))
        return false;
    char *text = TessResultIteratorGetUTF8Text(words, RIL_WORD);
    if (text == NULL)
        return false;
    ir_text_copy(out->text, sizeof out->text, text);
    TessDeleteText(text);
    out->confidence_pct = (double)TessResultIteratorConfidence(words, RIL_WORD);
    out->box = (struct ir_box){(double)left / gray->width_px, (double)top / gray->height_px,
                               (double)(right - left) / gray->width_px,
                               (double)(bottom - top) / gray->height_px};
    return ir_box_clamp(&out->box);
}

/* All that Tesseract has, good or not. */
static int collect_words(TessBaseAPI *handle, const struct gray *gray, struct text_word *out)
{
    int count = 0;
    int line = -1;
    int paragraph = -1;
    TessResultIterator *words = TessBaseAPIGetIterator(handle);
    if (words == NULL)
        return 0;
    do {
        const TessPageIterator *place = TessResultIteratorGetPageIteratorConst(words);
        if (TessPageIteratorIsAtBeginningOf(place, RIL_PARA))
            paragraph++;
        if (TessPageIteratorIsAtBeginningOf(place, RIL_TEXTLINE))
            line++;
        if (!read_word(words, gray, &out[count]))
            continue;
        out[count].line = line < 0 ? 0 : line;
        out[count].paragraph = paragraph < 0 ? 0 : paragraph;
        count++;
    } while (count < TEXT_MAX_WORDS && TessResultIteratorNext(words, RIL_WORD));
    TessResultIteratorDelete(words);
    return count;
}

/*
 * Drops in place what the rules refuse, returns how many are left; `out_full` counts those that are
 * no lone characters.
 */
static int keep_words(struct text_word *words, int count, const struct rules *rules, int *out_full)
{
    int kept = 0;
    *out_full = 0;
    for (int first = 0; first < count;) {
        int end = first;
        int full = 0;
        for (; end < count && words[end].line == words[first].line; end++)
            full += words[end].confidence_pct >= rules->min_confidence_pct &&
                    text_letters(words[end].text) >= rules->min_letters;
        bool take_short = rules->short_words_in_lines && full >= 2;
        for (int i = first; i < end; i++) {
            int letters = text_letters(words[i].text);
            if (words[i].confidence_pct >= rules->min_confidence_pct &&
                (letters >= rules->min_letters || (take_short && letters > 0)))
                words[kept++] = words[i];
        }
        *out_full += full;
        first = end;
    }
    return kept;
}

/* IR_ERR_TIMEOUT: not finished. Else the number of words. */
static int read_pass(TessBaseAPI *handle, const struct gray *gray, TessPageSegMode mode,
                     int64_t deadline_ms, struct text_word *out)
{
    int64_t left_ms = deadline_ms - deadline_now_ms();
    if (left_ms <= 0)
        return IR_ERR_TIMEOUT;
    ETEXT_DESC *monitor = TessMonitorCreate();
    if (monitor == NULL)
        return IR_ERR_NOMEM;
    TessMonitorSetDeadlineMSecs(monitor, (int)left_ms);
    TessBaseAPISetPageSegMode(handle, mode);
    TessBaseAPISetImage(handle, gray->pixels, gray->width_px, gray->height_px, 1, gray->width_px);
    TessBaseAPISetSourceResolution(handle, SOURCE_DPI);
    int failed = TessBaseAPIRecognize(handle, monitor);
    TessMonitorDelete(monitor);
    /* A cut-off run may return success with nothing read, so the clock decides, not the code. */
    if (failed != 0 || deadline_passed(deadline_ms))
        return IR_ERR_TIMEOUT;
    return collect_words(handle, gray, out);
}

static int read_both(TessBaseAPI *handle, const struct gray *gray, int64_t deadline_ms,
                     struct text_page *page)
{
    int full = 0;
    int count = read_pass(handle, gray, PSM_AUTO, deadline_ms, page->words);
    if (count < 0)
        return count;
    page->count = keep_words(page->words, count, &page_rules, &full);
    page->finished = true;
    if (full >= FEW_WORDS)
        return 0;
    page->finished = false;
    if (deadline_now_ms() + SPARSE_MIN_MS > deadline_ms)
        return page->count > 0 ? 0 : IR_ERR_TIMEOUT;
    struct text_word *sparse = ir_calloc(TEXT_MAX_WORDS, sizeof *sparse);
    if (sparse == NULL)
        return IR_ERR_NOMEM;
    count = read_pass(handle, gray, PSM_SPARSE_TEXT, deadline_ms, sparse);
    if (count < 0) {
        ir_free(sparse);
        return page->count > 0 && count == IR_ERR_TIMEOUT ? 0 : count;
    }
    page->finished = true;
    count = keep_words(sparse, count, &sparse_rules, &full);
    if (count > page->count) {
        ir_free(page->words);
        page->words = sparse;
        page->count = count;
    } else {
        ir_free(sparse);
    }
    return 0;
}

int text_read(struct text_reader *reader, const struct gray *gray, int64_t deadline_ms,
              struct text_page *out)
{
    struct text_page page = {0};
    page.words = ir_calloc(TEXT_MAX_WORDS, sizeof *page.words);
    if (page.words == NULL)
        return IR_ERR_NOMEM;
    TessBaseAPI *handle = borrow_handle(reader, deadline_ms);
    int rc = handle != NULL ? read_both(handle, gray, deadline_ms, &page) : IR_ERR_TIMEOUT;
    if (handle != NULL)
        return_handle(reader, handle);
    if (rc != 0)
        text_page_release(&page);
    else
        *out = page;
    return rc;
}

void text_page_release(struct text_page *page)
{
    ir_free(page->words);
    page->words = NULL;
    page->count = 0;
}
