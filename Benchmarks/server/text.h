// Text that grows, and just enough JSON to read one member of a request's body.

#ifndef BENCH_TEXT_H
#define BENCH_TEXT_H

#include <stddef.h>

// Bytes that belong to someone else.
struct slice {
    const char *start;
    size_t length;
};

// Bytes of its own; all zero is the empty text.
struct text {
    char *bytes;
    size_t length, capacity;
};

void text_append(struct text *text, const char *bytes, size_t length);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_free(struct text *text);

struct slice slice_of(const char *string);
int slice_equals(struct slice slice, const char *string);
int slice_starts_with(struct slice slice, const char *prefix);

// What stands before the first `separator`; `rest` begins after it, and is empty where there is none.
struct slice slice_cut(struct slice *rest, char separator);

// A copy with a zero at its end.
char *slice_copy(struct slice slice);

// The value of a member of a JSON object, as it is written there; empty when it is not there.
struct slice member_value(struct slice object, const char *name);

// The same for a member that is a string: what stands between its quotes.
struct slice member_string(struct slice object, const char *name);

#endif
