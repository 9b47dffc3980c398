// Which request does what to the workspace.

#ifndef BENCH_ROUTES_H
#define BENCH_ROUTES_H

#include "workspace.h"

struct request {
    struct slice method, path, query, body, idempotency_key;
    uint64_t arrived_at;  // ns of the monotonic clock
    uint64_t answer_at;   // when the answer leaves; a long poll moves it
};

struct answer {
    int status;
    struct text body;
    const char *route;  // the path with placeholders: what the request is counted as
};

// Answers as things are at `request->answer_at`: the future is known, since everything takes the time it is told to.
struct answer answer_request(struct workspace *workspace, struct request *request);

#endif
