// Answers that wait for their time.

#ifndef BENCH_PENDING_H
#define BENCH_PENDING_H

#include <stdint.h>

#include "text.h"

struct connection;

struct pending {
    uint64_t due;  // ns of the monotonic clock
    struct connection *connection;
    struct text bytes;
    int is_long_poll;
};

#define NEVER UINT64_MAX

void pending_add(struct pending pending);

// When the earliest is due, or NEVER.
uint64_t pending_due(void);

// Takes the earliest out.
struct pending pending_take(void);

#endif
