// Pages of lists. A page is written once and kept until something on it changes.

#include "workspace.h"

static struct text *page_at(struct text **pages, long *capacity, long page) {
    while (page >= *capacity) *pages = grow(*pages, capacity, sizeof **pages);
    return &(*pages)[page];
}

void forget_install_page(struct workspace *workspace, long install) {
    long page = install / PAGE;
    text_free(page_at(&workspace->install_pages, &workspace->install_page_capacity, page));
    // The page before tells whether there is one more.
    if (page > 0) text_free(page_at(&workspace->install_pages, &workspace->install_page_capacity, page - 1));
}

void forget_package_page(struct workspace *workspace, long package) {
    text_free(page_at(&workspace->version_pages, &workspace->version_page_capacity, package));
    text_free(page_at(&workspace->package_pages, &workspace->package_page_capacity, package / PAGE));
    if (package >= PAGE)
        text_free(page_at(&workspace->package_pages, &workspace->package_page_capacity, package / PAGE - 1));
}

static void page_end(struct text *out, long next) {
    if (next < 0) text_format(out, "],\"has_more\":false,\"next_cursor\":null}");
    else text_format(out, "],\"has_more\":true,\"next_cursor\":\"%s\"}", ID(CURSOR, next));
}

static void page_begin(struct text *out) { text_format(out, "{\"data\":["); }

static long page_start(struct slice cursor, long count) {
    long start = cursor.length ? id_number(KIND_CURSOR, cursor) : 0;
    return start < 0 || start > count ? 0 : start;
}

void list_nothing(struct text *out) {
    page_begin(out);
    page_end(out, -1);
}

void list_workspaces(struct workspace *workspace, struct text *out) {
    page_begin(out);
    text_format(out,
                "{\"id\":\"%s\",\"name\":\"Acme Platform\",\"slug\":\"acme-platform\",\"plan\":{\"tier\":\"scale\",\"billed_by\":"
                "\"platform\"},\"workspace_class\":\"standard\",\"created_at\":%ld,\"updated_at\":%ld,\"etag\":\"12\"}",
                ID(WORKSPACE, 0), workspace->created_at, workspace->created_at);
    page_end(out, -1);
}

void list_regions(struct workspace *workspace, struct text *out) {
    page_begin(out);
    text_format(out, "{\"id\":\"%s\",\"name\":\"eu-central\",\"icon\":null,\"workspace_id\":\"%s\",\"created_at\":%ld}",
                ID(REGION, 0), ID(WORKSPACE, 0), workspace->created_at);
    page_end(out, -1);
}

void list_clusters(struct workspace *workspace, struct text *out) {
    page_begin(out);
    write_cluster(workspace, out);
    page_end(out, -1);
}

void list_packages(struct workspace *workspace, struct slice cursor, struct text *out) {
    long start = page_start(cursor, workspace->package_count), end = start + PAGE;
    struct text *page = page_at(&workspace->package_pages, &workspace->package_page_capacity, start / PAGE);
    if (!page->length) {
        page_begin(page);
        for (long number = start; number < end && number < workspace->package_count; number++) {
            if (number > start) text_append(page, ",", 1);
            write_package(workspace, number, page);
        }
        page_end(page, end < workspace->package_count ? end : -1);
    }
    text_append(out, page->bytes, page->length);
}

void list_versions(struct workspace *workspace, long number, struct slice cursor, struct text *out) {
    const struct package *package = &workspace->packages[number];
    long start = page_start(cursor, package->version_count), end = start + PAGE;
    struct text fresh = {0}, *page = &fresh;
    if (start == 0) page = page_at(&workspace->version_pages, &workspace->version_page_capacity, number);
    if (!page->length) {
        page_begin(page);
        // Newest first, as the platform says.
        for (long position = start; position < end && position < package->version_count; position++) {
            if (position > start) text_append(page, ",", 1);
            write_version(workspace, package->versions[package->version_count - 1 - position], page);
        }
        page_end(page, end < package->version_count ? end : -1);
    }
    text_append(out, page->bytes, page->length);
    text_free(&fresh);
}

void list_installs(struct workspace *workspace, struct slice cursor, uint64_t now, struct text *out) {
    long start = page_start(cursor, workspace->install_count), end = start + PAGE;
    struct text *page = page_at(&workspace->install_pages, &workspace->install_page_capacity, start / PAGE);
    int busy = 0;
    if (!page->length) {
        page_begin(page);
        for (long number = start; number < end && number < workspace->install_count; number++) {
            if (number > start) text_append(page, ",", 1);
            busy |= is_busy(&workspace->installs[number], now);
            write_install(workspace, number, now, page);
        }
        page_end(page, end < workspace->install_count ? end : -1);
    }
    text_append(out, page->bytes, page->length);
    // It is another page once what is under way has ended.
    if (busy) text_free(page);
}

void list_renders(struct workspace *workspace, long install, uint64_t now, struct text *out) {
    page_begin(out);
    long newest = workspace->installs[install].newest_render;
    for (long number = newest, count = 0; number >= 0 && count < PAGE; number = workspace->renders[number].previous) {
        if (count++) text_append(out, ",", 1);
        write_render(workspace, number, now, out);
    }
    page_end(out, -1);
}

void list_operations(struct workspace *workspace, struct slice cursor, uint64_t now, struct text *out) {
    // Newest first; a cursor holds how many were left when it was given, so that new ones move nothing.
    long left = cursor.length ? id_number(KIND_CURSOR, cursor) : workspace->operation_count;
    if (left < 0 || left > workspace->operation_count) left = workspace->operation_count;
    long end = left > PAGE ? left - PAGE : 0;
    page_begin(out);
    for (long number = left - 1; number >= end; number--) {
        if (number < left - 1) text_append(out, ",", 1);
        write_operation(workspace, number, now, out);
    }
    page_end(out, end > 0 ? end : -1);
}
