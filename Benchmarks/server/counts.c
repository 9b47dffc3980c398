// What was asked: requests by route, connections, how many at once, and when.

#include "counts.h"

#include <string.h>
#include <time.h>

enum { ROUTES = 40 };

static struct {
    long epoch;  // which count this is, from one
    long requests, connections, opened, in_flight, in_flight_max, waiting, waiting_max, bytes;
    uint64_t first_at, first_write_at, last_at;
    struct { const char *route; long count; } routes[ROUTES];
} counts = {.epoch = 1};

void reset_counts(void) {
    long epoch = counts.epoch + 1, in_flight = counts.in_flight, waiting = counts.waiting;
    memset(&counts, 0, sizeof counts);
    counts.epoch = epoch;
    counts.in_flight = counts.in_flight_max = in_flight;
    counts.waiting = counts.waiting_max = waiting;
}

void count_request(struct seen *seen, const char *route, int is_long_poll, uint64_t now) {
    int is_write = !is_long_poll && strncmp(route, "GET ", 4);
    long *current = is_long_poll ? &counts.waiting : &counts.in_flight;
    long *most = is_long_poll ? &counts.waiting_max : &counts.in_flight_max;
    if (++*current > *most) *most = *current;
    if (!counts.requests++) counts.first_at = now;
    if (is_write && !counts.first_write_at) counts.first_write_at = now;
    if (!seen->in) counts.opened++;
    if (seen->in != counts.epoch) counts.connections++;
    seen->in = counts.epoch;
    for (int i = 0; i < ROUTES; i++) {
        if (!counts.routes[i].route) counts.routes[i].route = route;
        if (strcmp(counts.routes[i].route, route)) continue;
        counts.routes[i].count++;
        return;
    }
}

void write_counts(struct text *out) {
    struct timespec cpu;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    text_format(out,
                "{\"requests\":%ld,\"connections\":%ld,\"opened\":%ld,\"in_flight_max\":%ld,\"long_polls_max\":%ld,"
                "\"bytes\":%ld,\"first_ns\":%lu,\"first_write_ns\":%lu,\"last_ns\":%lu,\"cpu_ns\":%lu,\"routes\":{",
                counts.requests, counts.connections, counts.opened, counts.in_flight_max, counts.waiting_max,
                counts.bytes, counts.first_at, counts.first_write_at, counts.last_at,
                (uint64_t)cpu.tv_sec * 1000000000u + (uint64_t)cpu.tv_nsec);
    for (int i = 0; i < ROUTES && counts.routes[i].route; i++)
        text_format(out, "%s\"%s\":%ld", i ? "," : "", counts.routes[i].route, counts.routes[i].count);
    text_format(out, "}");
}

void count_answer(int is_long_poll, size_t bytes, uint64_t now) {
    --*(is_long_poll ? &counts.waiting : &counts.in_flight);
    counts.last_at = now;
    counts.bytes += (long)bytes;
}
