// Text that grows, and just enough JSON to read one member of a request's body.

#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void reserve(struct text *text, size_t more) {
    if (text->length + more <= text->capacity) return;
    while (text->capacity < text->length + more) text->capacity = text->capacity ? text->capacity * 2 : 1024;
    text->bytes = realloc(text->bytes, text->capacity);
    if (!text->bytes) abort();
}

void text_append(struct text *text, const char *bytes, size_t length) {
    reserve(text, length);
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
}

void text_format(struct text *text, const char *format, ...) {
    va_list arguments;
    reserve(text, 256);
    va_start(arguments, format);
    size_t room = text->capacity - text->length;
    size_t length = (size_t)vsnprintf(text->bytes + text->length, room, format, arguments);
    va_end(arguments);
    if (length >= room) {
        reserve(text, length + 1);
        va_start(arguments, format);
        vsnprintf(text->bytes + text->length, length + 1, format, arguments);
        va_end(arguments);
    }
    text->length += length;
}

void text_free(struct text *text) {
    free(text->bytes);
    *text = (struct text){0};
}

struct slice slice_of(const char *string) { return (struct slice){string, strlen(string)}; }

int slice_equals(struct slice slice, const char *string) {
    return slice.length == strlen(string) && memcmp(slice.start, string, slice.length) == 0;
}

int slice_starts_with(struct slice slice, const char *prefix) {
    size_t length = strlen(prefix);
    return slice.length >= length && memcmp(slice.start, prefix, length) == 0;
}

struct slice slice_cut(struct slice *rest, char separator) {
    struct slice head = *rest;
    const char *end = memchr(rest->start, separator, rest->length);
    if (end) head.length = (size_t)(end - rest->start);
    size_t taken = end ? head.length + 1 : head.length;
    *rest = (struct slice){rest->start + taken, rest->length - taken};
    return head;
}

char *slice_copy(struct slice slice) {
    char *copy = strndup(slice.start ? slice.start : "", slice.length);
    if (!copy) abort();
    return copy;
}

// The end of the JSON value that begins at `at`.
static const char *value_end(const char *at, const char *end) {
    int depth = 0;
    for (; at < end; at++) {
        if (*at == '"') {
            for (at++; at < end && *at != '"'; at++)
                if (*at == '\\') at++;
        } else if (*at == '{' || *at == '[') {
            depth++;
            continue;
        } else if (*at == '}' || *at == ']') {
            if (depth == 0) return at;
            depth--;
        } else if (depth == 0 && *at == ',') {
            return at;
        } else {
            continue;
        }
        if (depth == 0) return at + 1;
    }
    return end;
}

static const char *after_space(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) at++;
    return at;
}

struct slice member_value(struct slice object, const char *name) {
    const char *at = object.start, *end = object.start + object.length;
    at = after_space(at, end);
    if (at == end || *at != '{') return (struct slice){0};
    at++;
    while ((at = after_space(at, end)) < end && *at == '"') {
        const char *name_end = value_end(at, end);
        struct slice found = {at + 1, (size_t)(name_end - at) - 2};
        at = after_space(name_end, end);
        if (at == end || *at != ':') break;
        at = after_space(at + 1, end);
        const char *stop = value_end(at, end);
        if (slice_equals(found, name)) return (struct slice){at, (size_t)(stop - at)};
        at = after_space(stop, end);
        if (at < end && *at == ',') at++;
    }
    return (struct slice){0};
}

struct slice member_string(struct slice object, const char *name) {
    struct slice value = member_value(object, name);
    if (value.length < 2 || *value.start != '"') return (struct slice){0};
    return (struct slice){value.start + 1, value.length - 2};
}
