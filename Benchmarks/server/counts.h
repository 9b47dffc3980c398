// What was asked: requests by route, connections, how many at once, and when.

#ifndef BENCH_COUNTS_H
#define BENCH_COUNTS_H

#include <stdint.h>

#include "text.h"

// The count in which a connection was last seen; zero for a new one.
struct seen {
    long in;
};

// Begins anew; what is in flight goes on being in flight.
void reset_counts(void);

// Long polls are counted in a lane of their own.
void count_request(struct seen *connection, const char *route, int is_long_poll, uint64_t now);
void count_answer(int is_long_poll, size_t bytes, uint64_t now);

// A JSON object without its last brace, for who has more to tell.
void write_counts(struct text *out);

#endif
