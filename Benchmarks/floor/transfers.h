// Requests on libcurl's multi interface: so many at a time, in the order in which they were asked for.

#ifndef BENCH_TRANSFERS_H
#define BENCH_TRANSFERS_H

#include <curl/curl.h>

#include "../server/text.h"

// Work shares a fixed number of places; long polls have a lane of their own and wait for nobody.
enum lane { LANE_WORK, LANE_LONG_POLL };

struct options {
    const char *base_url, *ca_file;
    long concurrency;  // requests of LANE_WORK at a time
    int http2;
};

struct transfer {
    const char *method;
    struct text target;           // the path with its query, then a zero
    struct slice body;            // of the caller, valid until `done`
    const char *idempotency_key, *if_match;
    enum lane lane;
    struct text answer;           // what has come; `done` may take it
    long status;
    void (*done)(struct transfer *transfer);
    void *context;
    // The machinery's own.
    CURL *easy;
    struct curl_slist *headers;
    struct transfer *next;
};

// What a run has done, for its report.
struct totals {
    long requests, connections, bytes;
};

void transfers_begin(const struct options *options);

// A new transfer to be filled in, then started; it belongs to the machinery, and is gone when `done` has returned.
struct transfer *transfer_new(const char *method, void (*done)(struct transfer *), void *context);
void transfer_start(struct transfer *transfer);

// Runs until nothing is left. After each round, when all that could be sent is on its way, `between` has a turn (or is
// null); it answers whether it has more to do.
void transfers_run(int (*between)(void));

// Something beside the network will wake the loop: a file descriptor to wait for, and what to do then.
void transfers_watch(int descriptor, void (*ready)(void));

// For who waits for something else than a transfer: the loop runs on until it is released.
void transfers_hold(void);
void transfers_release(void);

struct totals transfers_end(void);

// The text between `"name":"` and the next quote, in the first place where it stands.
struct slice find_string(const struct text *text, const char *name);

void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
