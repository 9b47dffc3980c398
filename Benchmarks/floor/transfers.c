// Requests on libcurl's multi interface: so many at a time, in the order in which they were asked for.

#include "transfers.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IDLE_MAX = 1024 };

static struct options options;
static CURLM *multi;
static CURL *idle[IDLE_MAX];
static long idle_count, in_flight, working, held;
static struct transfer *first_waiting, **last_waiting = &first_waiting;
static struct totals totals;
static struct curl_waitfd watched = {.fd = -1, .events = CURL_WAIT_POLLIN};
static void (*watched_ready)(void);

void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "floor: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    exit(1);
}

void transfers_begin(const struct options *given) {
    options = *given;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    multi = curl_multi_init();
    // Kept open between requests however few there are at the moment.
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)IDLE_MAX);
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, options.http2 ? CURLPIPE_MULTIPLEX : CURLPIPE_NOTHING);
}

struct transfer *transfer_new(const char *method, void (*done)(struct transfer *), void *context) {
    struct transfer *transfer = calloc(1, sizeof *transfer);
    if (!transfer) abort();
    transfer->method = method;
    transfer->done = done;
    transfer->context = context;
    return transfer;
}

static size_t receive(char *bytes, size_t size, size_t count, void *context) {
    text_append(&((struct transfer *)context)->answer, bytes, size * count);
    return size * count;
}

static void add_header(struct transfer *transfer, const char *name, const char *value) {
    char line[512];
    snprintf(line, sizeof line, "%s: %s", name, value);
    transfer->headers = curl_slist_append(transfer->headers, line);
}

static void send_now(struct transfer *transfer) {
    CURL *easy = idle_count ? idle[--idle_count] : curl_easy_init();
    curl_easy_reset(easy);
    transfer->easy = easy;
    struct text url = {0};
    text_format(&url, "%s", options.base_url);
    text_append(&url, transfer->target.bytes, transfer->target.length + 1);
    curl_easy_setopt(easy, CURLOPT_URL, url.bytes);
    text_free(&url);
    add_header(transfer, "Authorization", "Bearer sk_akua_bench");
    add_header(transfer, "Accept", "application/json");
    if (transfer->idempotency_key) add_header(transfer, "Idempotency-Key", transfer->idempotency_key);
    if (transfer->if_match) add_header(transfer, "If-Match", transfer->if_match);
    if (strcmp(transfer->method, "GET")) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer->body.length ? transfer->body.start : "");
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)transfer->body.length);
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, transfer->method);
        add_header(transfer, "Content-Type", "application/json");
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    if (options.ca_file) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, options.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
    if (options.http2) curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    curl_multi_add_handle(multi, easy);
    in_flight++;
    working += transfer->lane == LANE_WORK;
}

void transfer_start(struct transfer *transfer) {
    // The zero ends the target without counting.
    text_append(&transfer->target, "", 1);
    transfer->target.length--;
    if (transfer->lane == LANE_LONG_POLL || working < options.concurrency) return send_now(transfer);
    transfer->next = NULL;
    *last_waiting = transfer;
    last_waiting = &transfer->next;
}

static void finish(CURL *easy, CURLcode result) {
    struct transfer *transfer;
    long connections = 0;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &transfer->status);
    curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connections);
    if (result != CURLE_OK || transfer->status >= 300)
        fail("%s %s: %s, status %ld: %.*s", transfer->method, transfer->target.bytes, curl_easy_strerror(result),
             transfer->status, (int)(transfer->answer.length > 300 ? 300 : transfer->answer.length), transfer->answer.bytes);
    totals.requests++;
    totals.connections += connections;
    totals.bytes += (long)transfer->answer.length;
    curl_multi_remove_handle(multi, easy);
    if (idle_count < IDLE_MAX) idle[idle_count++] = easy;
    else curl_easy_cleanup(easy);
    in_flight--;
    working -= transfer->lane == LANE_WORK;
    // What waits has waited longer than what `done` may start.
    if (first_waiting && working < options.concurrency) {
        struct transfer *next = first_waiting;
        first_waiting = next->next;
        if (!first_waiting) last_waiting = &first_waiting;
        send_now(next);
    }
    transfer->done(transfer);
    curl_slist_free_all(transfer->headers);
    text_free(&transfer->target);
    text_free(&transfer->answer);
    free(transfer);
}

void transfers_watch(int descriptor, void (*ready)(void)) {
    watched.fd = descriptor;
    watched_ready = ready;
}

void transfers_hold(void) { held++; }

void transfers_release(void) { held--; }

void transfers_run(int (*between)(void)) {
    int running, left, has_more = 0;
    while (in_flight || first_waiting || held || has_more) {
        curl_multi_perform(multi, &running);
        CURLMsg *message;
        int finished = 0;
        while ((message = curl_multi_info_read(multi, &left))) {
            if (message->msg != CURLMSG_DONE) continue;
            finish(message->easy_handle, message->data.result);
            finished++;
        }
        // What `done` has asked for leaves before anything else is done.
        if (finished) {
            has_more = between != NULL;
            continue;
        }
        has_more = between ? between() : 0;
        if (has_more) continue;
        int is_watching = watched.fd >= 0;
        watched.revents = 0;
        if (in_flight || held) curl_multi_poll(multi, is_watching ? &watched : NULL, is_watching ? 1 : 0, 1000, NULL);
        if (watched.revents) watched_ready();
    }
}

struct totals transfers_end(void) {
    while (idle_count) curl_easy_cleanup(idle[--idle_count]);
    curl_multi_cleanup(multi);
    return totals;
}

struct slice find_string(const struct text *text, const char *name) {
    char pattern[64];
    int length = snprintf(pattern, sizeof pattern, "\"%s\":\"", name);
    const char *found = memmem(text->bytes, text->length, pattern, (size_t)length);
    if (!found) return (struct slice){0};
    struct slice rest = {found + length, text->length - (size_t)(found + length - text->bytes)};
    return slice_cut(&rest, '"');
}
