/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies in pieces, read with every room, and the response's header lines. */
#include "tests/unit/unit.h"

#include "core/aws/http.h"
#include "core/base/base64.h"

#define DATA_BYTES 3000
#define TEXT_BYTES (DATA_BYTES * 4)
#define MAX_SPANS 64
#define MAX_ROOM 9

static unsigned char data[DATA_BYTES];

static void make_data(void)
{
    unsigned seed = 12345;
    for (size_t i = 0; i < sizeof data; i++) {
        seed = seed * 1103515245U + 12345U;
        data[i] = (unsigned char)(seed >> 16);
    }
}

/* ---- base64 over spans ------------------------------------------------------------------- */

#define MAX_SIZES 12

struct body_row {
    const char *name;
    size_t sizes[MAX_SIZES]; /* of the spans; the row ends at STOP */
};

#define STOP ((size_t)-1)

static const struct body_row body_rows[] = {
    {"no span", {STOP}},
    {"an empty span", {0, STOP}},
    {"one byte", {1, STOP}},
    {"two bytes", {2, STOP}},
    {"three bytes", {3, STOP}},
    {"four bytes", {4, STOP}},
    {"one and one", {1, 1, STOP}},
    {"one, one, one", {1, 1, 1, STOP}},
    {"one and two", {1, 2, STOP}},
    {"two and two", {2, 2, STOP}},
    {"empty ones between", {0, 1, 0, 0, 1, 0, 5, 0, STOP}},
    {"odd sizes", {7, 11, 13, 1, 17, 2, 19, STOP}},
    {"all of four", {4, 4, 4, 4, 4, 4, STOP}},
    {"all of five", {5, 5, 5, 5, 5, STOP}},
    {"a small one before a large one", {1, 1000, STOP}},
    {"a small one behind a large one", {1000, 1, STOP}},
    {"large ones", {997, 1000, 1003, STOP}},
};

/* Reads all of `body` with `room`; out must hold it. */
static size_t read_all(const struct ir_body *body, size_t room, char *out)
{
    struct ir_body_reader reader;
    size_t bytes = 0;
    char piece[DATA_BYTES];
    ir_body_reader_init(&reader, body);
    for (;;) {
        memset(piece, '#', sizeof piece);
        size_t got = ir_body_read(&reader, piece, room);
        assert_true(got <= room);
        assert_int_equal(piece[room], '#');
        if (got == 0)
            break;
        assert_true(bytes + got < TEXT_BYTES);
        memcpy(out + bytes, piece, got);
        bytes += got;
    }
    assert_int_equal(ir_body_read(&reader, piece, room), 0);
    out[bytes] = '\0';
    return bytes;
}

static size_t make_spans(const struct body_row *row, struct ir_span *spans, size_t *out_bytes)
{
    size_t count = 0;
    size_t at = 0;
    for (; row->sizes[count] != STOP; count++) {
        spans[count] = (struct ir_span){data + at, row->sizes[count]};
        at += row->sizes[count];
    }
    *out_bytes = at;
    return count;
}

static void check_sha256(const struct ir_body *body, const char *text, size_t bytes)
{
    unsigned char digest[IR_SHA256_BYTES];
    char expected[IR_SHA256_HEX_BYTES];
    char hex[IR_SHA256_HEX_BYTES];
    assert_int_equal(ir_sha256_once(text, bytes, digest), 0);
    ir_hex(digest, sizeof digest, expected);
    assert_int_equal(ir_body_sha256(body, hex), 0);
    assert_string_equal(hex, expected);
}

static void test_base64(void **state)
{
    static const size_t large_rooms[] = {16, 100, 333, 2999};
    static char expected[TEXT_BYTES];
    static char text[TEXT_BYTES];
    struct ir_span spans[MAX_SIZES];
    size_t raw_bytes;
    size_t count = make_spans(*state, spans, &raw_bytes);
    const struct ir_body body = {{{.spans = spans, .span_count = count, .base64 = true}}, 1};
    size_t expected_bytes = ir_base64_encode(data, raw_bytes, expected);
    assert_int_equal(ir_body_length(&body), expected_bytes);
    for (size_t room = 1; room <= MAX_ROOM + 4; room++) {
        size_t used = room <= MAX_ROOM ? room : large_rooms[room - MAX_ROOM - 1];
        assert_int_equal(read_all(&body, used, text), expected_bytes);
        assert_string_equal(text, expected);
    }
    check_sha256(&body, expected, expected_bytes);
}

/* {"a":"<base64>"}: text before, a picture of many spans, text behind, and another picture. */
static void test_mixed(void **state)
{
    static const char head[] = "{\"a\":\"";
    static const char tail[] = "\",\"b\":\"";
    static char expected[TEXT_BYTES];
    static char text[TEXT_BYTES];
    struct ir_span spans[MAX_SIZES];
    size_t raw_bytes;
    size_t count = make_spans(*state, spans, &raw_bytes);
    const struct ir_span head_span = {head, sizeof head - 1};
    const struct ir_span tail_spans[] = {{tail, 1}, {NULL, 0}, {tail + 1, sizeof tail - 2}};
    const struct ir_body body = {
        {{.spans = &head_span, .span_count = 1},
         {.spans = spans, .span_count = count, .base64 = true},
         {.spans = tail_spans, .span_count = 3},
         {.spans = spans, .span_count = count > 2 ? 2 : count, .base64 = true}},
        4};
    size_t second_bytes = 0;
    for (size_t i = 0; i < count && i < 2; i++)
        second_bytes += spans[i].bytes;
    size_t bytes = (size_t)sprintf(expected, "%s", head);
    bytes += ir_base64_encode(data, raw_bytes, expected + bytes);
    bytes += (size_t)sprintf(expected + bytes, "%s", tail);
    bytes += ir_base64_encode(data, second_bytes, expected + bytes);
    assert_int_equal(ir_body_length(&body), bytes);
    for (size_t room = 1; room <= MAX_ROOM; room++) {
        assert_int_equal(read_all(&body, room, text), bytes);
        assert_string_equal(text, expected);
    }
    check_sha256(&body, expected, bytes);
}

/* Rooms that change from call to call, as libcurl's do. */
static void test_changing_rooms(void **state)
{
    (void)state;
    static char expected[TEXT_BYTES];
    static char text[TEXT_BYTES];
    struct ir_span spans[MAX_SPANS];
    size_t at = 0;
    for (size_t i = 0; i < MAX_SPANS; i++) {
        size_t bytes = (i * 7) % 41;
        spans[i] = (struct ir_span){data + at, bytes};
        at += bytes;
    }
    const struct ir_body body = {{{.spans = spans, .span_count = MAX_SPANS, .base64 = true}}, 1};
    size_t expected_bytes = ir_base64_encode(data, at, expected);
    for (unsigned seed = 1; seed <= 200; seed++) {
        struct ir_body_reader reader;
        unsigned chance = seed;
        size_t bytes = 0;
        ir_body_reader_init(&reader, &body);
        for (size_t got = 1; got > 0; bytes += got) {
            chance = chance * 1103515245U + 12345U;
            size_t room = 1 + (chance >> 16) % 23;
            assert_true(bytes + room < sizeof text);
            got = ir_body_read(&reader, text + bytes, room);
        }
        assert_int_equal(bytes, expected_bytes);
        assert_memory_equal(text, expected, bytes);
    }
}

static void test_empty_body(void **state)
{
    (void)state;
    static const struct ir_body body = {.piece_count = 0};
    char text[4];
    assert_int_equal(ir_body_length(&body), 0);
    assert_int_equal(read_all(&body, 1, text), 0);
    check_sha256(&body, "", 0);
}

/* ---- sources ----------------------------------------------------------------------------- */

struct file {
    uint64_t fails_at; /* the first offset that cannot be read */
    unsigned reads;
};

static bool read_at(void *context, uint64_t offset, char *out, size_t bytes)
{
    struct file *file = context;
    file->reads++;
    if (offset + bytes > file->fails_at || offset + bytes > DATA_BYTES)
        return false;
    memcpy(out, data + offset, bytes);
    return true;
}

static void test_source(void **state)
{
    (void)state;
    static char text[TEXT_BYTES];
    struct file file = {.fails_at = DATA_BYTES};
    const struct ir_body_source source = {&file, DATA_BYTES, read_at};
    const struct ir_body body = {{{.source = &source}}, 1};
    assert_int_equal(ir_body_length(&body), DATA_BYTES);
    for (size_t room = 1; room <= MAX_ROOM; room++) {
        assert_int_equal(read_all(&body, room, text), DATA_BYTES);
        assert_memory_equal(text, data, DATA_BYTES);
    }
    check_sha256(&body, (const char *)data, DATA_BYTES);
}

static void test_source_fails(void **state)
{
    (void)state;
    struct file file = {.fails_at = 100};
    const struct ir_body_source source = {&file, DATA_BYTES, read_at};
    const struct ir_body body = {{{.source = &source}}, 1};
    struct ir_body_reader reader;
    char text[64];
    char hex[IR_SHA256_HEX_BYTES] = "as before";
    ir_body_reader_init(&reader, &body);
    assert_int_equal(ir_body_read(&reader, text, 64), 64);
    assert_false(reader.failed);
    assert_int_equal(ir_body_read(&reader, text, 64), 0);
    assert_true(reader.failed);
    assert_int_equal(ir_body_sha256(&body, hex), IR_ERR_ARG);
    assert_string_equal(hex, "as before");
}

/* ---- responses --------------------------------------------------------------------------- */

#define MAX_LINES 6

struct line_row {
    const char *name;
    const char *lines[MAX_LINES];
    const char *headers; /* what is kept */
};

static const struct line_row line_rows[] = {
    {"plain",
     {"HTTP/1.1 200 OK\r\n", "Content-Type: text/plain\r\n", "\r\n"},
     "content-type: text/plain\n"},
    {"no line ends", {"HTTP/2 200", "date: now", ""}, "date: now\n"},
    {"an interim answer is forgotten",
     {"HTTP/1.1 100 Continue\r\n", "X-Old: 1\r\n", "\r\n", "HTTP/1.1 200 OK\r\n", "X-New: 2\r\n"},
     "x-new: 2\n"},
    {"blanks around the value", {"A:   b c \t \r\n"}, "a: b c\n"},
    {"no blank", {"A:b\r\n"}, "a: b\n"},
    {"empty value", {"A:\r\n", "B: \r\n"}, "a: \nb: \n"},
    {"colons in the value", {"Location: http://x:1/\r\n"}, "location: http://x:1/\n"},
    {"the same name twice", {"A: 1\r\n", "a: 2\r\n"}, "a: 1\na: 2\n"},
    {"a line without a colon", {"junk\r\n", "A: 1\r\n"}, "a: 1\n"},
    {"a name in capitals", {"X-AMZN-REQUESTID: ID\r\n"}, "x-amzn-requestid: ID\n"},
    {"bytes over 127", {"A: \xc3\xa9\xff\r\n"}, "a: \xc3\xa9\xff\n"},
    {"a line break within", {"A: 1\nX-Forged: 2\r\n"}, ""},
    {"a carriage return within", {"A: 1\rX-Forged: 2\r\n"}, ""},
};

static void test_lines(void **state)
{
    const struct line_row *row = *state;
    struct ir_http_response response;
    ir_http_response_init(&response);
    ir_http_response_clear(&response, 100);
    for (size_t i = 0; i < MAX_LINES && row->lines[i] != NULL; i++)
        ir_http_response_add_line(&response, row->lines[i], strlen(row->lines[i]));
    assert_string_equal(ir_buf_text(&response.headers), row->headers);
    ir_http_response_release(&response);
}

static void test_line_with_nul(void **state)
{
    (void)state;
    struct ir_http_response response;
    char value[16];
    ir_http_response_init(&response);
    ir_http_response_add_line(&response, "A: b\0c\r\n", 8);
    ir_http_response_add_line(&response, "\0A: b\r\n", 7);
    ir_http_response_add_line(&response, "", 0);
    ir_http_response_header(&response, "a", value, sizeof value);
    assert_string_equal(value, "");
    assert_int_equal(response.headers.bytes, 0);
    ir_http_response_release(&response);
}

static void test_header(void **state)
{
    (void)state;
    struct ir_http_response response;
    char value[8];
    char one[1];
    ir_http_response_init(&response);
    ir_http_response_header(&response, "a", value, sizeof value);
    assert_string_equal(value, "");
    ir_http_response_add_line(&response, "AB: longer than it fits", 23);
    ir_http_response_add_line(&response, "A: first", 8);
    ir_http_response_add_line(&response, "A: second", 9);
    ir_http_response_header(&response, "a", value, sizeof value);
    assert_string_equal(value, "first");
    ir_http_response_header(&response, "ab", value, sizeof value);
    assert_string_equal(value, "longer ");
    ir_http_response_header(&response, "b", value, sizeof value);
    assert_string_equal(value, "");
    ir_http_response_header(&response, "first", value, sizeof value);
    assert_string_equal(value, "");
    ir_http_response_header(&response, "a", one, sizeof one);
    assert_string_equal(one, "");
    ir_http_response_release(&response);
}

static void test_limits(void **state)
{
    (void)state;
    static char line[1024] = "A: ";
    struct ir_http_response response;
    char value[8];
    memset(line + 3, 'v', sizeof line - 3);
    ir_http_response_init(&response);
    for (int i = 0; i < 100; i++)
        ir_http_response_add_line(&response, line, sizeof line);
    assert_int_equal(response.headers.failed, IR_ERR_TOO_LARGE);
    assert_true(response.headers.bytes <= IR_HTTP_MAX_HEADER_BYTES);
    ir_http_response_header(&response, "b", value, sizeof value);
    assert_string_equal(value, "");
    ir_buf_append_text(&response.body, "x");
    assert_int_equal(response.body.failed, IR_ERR_TOO_LARGE); /* nothing before it is cleared */
    ir_http_response_clear(&response, 3);
    assert_int_equal(response.headers.failed, 0);
    assert_int_equal(response.headers.bytes, 0);
    ir_buf_append_text(&response.body, "xyz");
    assert_int_equal(response.body.failed, 0);
    ir_buf_append_text(&response.body, "x");
    assert_int_equal(response.body.failed, IR_ERR_TOO_LARGE);
    ir_http_response_release(&response);
}

int main(void)
{
    static struct unit_list list;
    static char mixed_names[sizeof body_rows / sizeof body_rows[0]][64];
    make_data();
    UNIT_ADD_ROWS(&list, test_base64, body_rows);
    for (size_t i = 0; i < sizeof body_rows / sizeof body_rows[0]; i++) {
        snprintf(mixed_names[i], sizeof mixed_names[i], "among text: %s", body_rows[i].name);
        unit_add_row(&list, mixed_names[i], test_mixed, &body_rows[i]);
    }
    unit_add(&list, "rooms that change", test_changing_rooms);
    unit_add(&list, "empty body", test_empty_body);
    unit_add(&list, "source", test_source);
    unit_add(&list, "source that fails", test_source_fails);
    UNIT_ADD_ROWS(&list, test_lines, line_rows);
    unit_add(&list, "a line with a NUL", test_line_with_nul);
    unit_add(&list, "header", test_header);
    unit_add(&list, "limits", test_limits);
    return unit_run(&list, "aws-http");
}
