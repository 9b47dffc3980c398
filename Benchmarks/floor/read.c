// The lists of a workspace: each follows its own cursors, and all of them run side by side.

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "modes.h"

// A page that has come and is not parsed yet.
struct page {
    struct text bytes;
    struct page *next;
};

static struct page *first_page, **last_page = &first_page;
static int parses, reads_versions;
static long objects;

static void start_list(const char *path, struct slice cursor, void (*done)(struct transfer *));

// The next page's cursor stands at the end of this one: it is found without a parse.
static struct slice next_cursor(const struct text *answer) {
    static const char name[] = "\"next_cursor\":\"";
    size_t tail = answer->length < 200 ? answer->length : 200;
    const char *found = memmem(answer->bytes + answer->length - tail, tail, name, sizeof name - 1);
    if (!found) return (struct slice){0};
    const char *start = found + sizeof name - 1;
    struct slice rest = {start, (size_t)(answer->bytes + answer->length - start)};
    return slice_cut(&rest, '"');
}

static void start_version_lists(const struct text *answer) {
    struct slice rest = {answer->bytes, answer->length};
    const char *found;
    // A package's own id is the only "id" of its object.
    while ((found = memmem(rest.start, rest.length, "\"id\":\"", 6))) {
        rest = (struct slice){found + 6, rest.length - (size_t)(found + 6 - rest.start)};
        struct slice id = slice_cut(&rest, '"');
        struct text path = {0};
        text_format(&path, "/packages/%.*s/versions", (int)id.length, id.start);
        start_list(path.bytes, (struct slice){0}, NULL);
        text_free(&path);
    }
}

static void page_done(struct transfer *transfer) {
    struct slice path = {transfer->target.bytes, transfer->target.length};
    path = slice_cut(&path, '?');
    char *copy = slice_copy(path);
    struct slice cursor = next_cursor(&transfer->answer);
    if (cursor.length) start_list(copy, cursor, NULL);
    if (reads_versions && !strcmp(copy, "/packages")) start_version_lists(&transfer->answer);
    free(copy);
    if (!parses) return;
    struct page *page = calloc(1, sizeof *page);
    if (!page) abort();
    page->bytes = transfer->answer;
    transfer->answer = (struct text){0};
    *last_page = page;
    last_page = &page->next;
}

static void start_list(const char *path, struct slice cursor, void (*done)(struct transfer *)) {
    struct transfer *transfer = transfer_new("GET", done ? done : page_done, NULL);
    text_format(&transfer->target, "%s?limit=100", path);
    if (cursor.length) text_format(&transfer->target, "&cursor=%.*s", (int)cursor.length, cursor.start);
    transfer_start(transfer);
}

static int parse_one(void) {
    struct page *page = first_page;
    if (!page) return 0;
    first_page = page->next;
    if (!first_page) last_page = &first_page;
    json_error_t error;
    json_t *value = json_loadb(page->bytes.bytes, page->bytes.length, 0, &error);
    if (!value) fail("a page is no JSON: %s", error.text);
    objects += (long)json_array_size(json_object_get(value, "data"));
    json_decref(value);
    text_free(&page->bytes);
    free(page);
    return first_page != NULL;
}

static const char *const *rest_of_lists;

static void first_done(struct transfer *transfer) {
    page_done(transfer);
    for (; *rest_of_lists; rest_of_lists++) start_list(*rest_of_lists, (struct slice){0}, NULL);
}

long read_lists(const char *const *lists, int with_versions, int with_parse) {
    parses = with_parse;
    reads_versions = with_versions;
    rest_of_lists = lists + 1;
    // The first one says whose workspace it is; the others come after it.
    start_list(lists[0], (struct slice){0}, first_done);
    transfers_run(with_parse ? parse_one : NULL);
    return objects;
}
