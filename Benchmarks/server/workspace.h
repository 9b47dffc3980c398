// A workspace of the platform in memory: what is in it, and how each of its objects is written as JSON.

#ifndef BENCH_WORKSPACE_H
#define BENCH_WORKSPACE_H

#include <stdint.h>

#include "id.h"
#include "text.h"

// Objects on one page of a list; the most that the platform gives.
enum { PAGE = 100 };

struct package {
    char *name, *oci_ref;
    char *description;  // as JSON
    long *versions;     // oldest first
    long version_count, version_capacity, etag;
};

struct version {
    long package;
    char *semver, *ref, *schema;  // the schema as JSON
};

struct install {
    long package, version, etag;
    uint64_t busy_until;   // ns; what is under way has ended by then
    long newest_render;    // -1 if there is none
};

struct operation {
    int is_render;         // or a create
    long install, render;
    uint64_t ends_at;
    char *idempotency_key; // of a create
};

struct render {
    long install, version, operation, previous;  // `previous` is the next older one of the same install
    char *message;                               // as JSON
};

// One growing array for each kind, and the pages of lists that are still as they were last written.
struct workspace {
    struct package *packages;
    struct version *versions;
    struct install *installs;
    struct operation *operations;
    struct render *renders;
    long package_count, version_count, install_count, operation_count, render_count;
    long package_capacity, version_capacity, install_capacity, operation_capacity, render_capacity;
    struct text *install_pages, *version_pages, *package_pages;
    long install_page_capacity, version_page_capacity, package_page_capacity;
    uint64_t operation_time;  // ns that an operation takes
    long created_at;          // what every object tells; a page of it is as long as a real one's
};

void workspace_fill(struct workspace *workspace, long installs, long packages, long versions);

// Whether something is still under way with an install at `now`.
int is_busy(const struct install *install, uint64_t now);

// Pages of lists, as they are at `now`; a cursor that is not one begins at the start.
void list_workspaces(struct workspace *workspace, struct text *out);
void list_regions(struct workspace *workspace, struct text *out);
void list_clusters(struct workspace *workspace, struct text *out);
void list_nothing(struct text *out);
void list_packages(struct workspace *workspace, struct slice cursor, struct text *out);
void list_versions(struct workspace *workspace, long package, struct slice cursor, struct text *out);
void list_installs(struct workspace *workspace, struct slice cursor, uint64_t now, struct text *out);
void list_renders(struct workspace *workspace, long install, uint64_t now, struct text *out);
void list_operations(struct workspace *workspace, struct slice cursor, uint64_t now, struct text *out);

void write_access_state(struct text *out);
void write_cluster(struct workspace *workspace, struct text *out);
void write_package(struct workspace *workspace, long number, struct text *out);
void write_version(struct workspace *workspace, long number, struct text *out);
void write_install(struct workspace *workspace, long number, uint64_t now, struct text *out);
void write_status(struct workspace *workspace, long number, uint64_t now, struct text *out);
void write_operation(struct workspace *workspace, long number, uint64_t now, struct text *out);
void write_render(struct workspace *workspace, long number, uint64_t now, struct text *out);
void write_mutation(struct workspace *workspace, long install, long render, uint64_t now, struct text *out);

// What writes do. They give the number of what they have made, or -1 when the body names something that is not there.
long import_package(struct workspace *workspace, struct slice body);
long add_version(struct workspace *workspace, long package, struct slice body);
long create_install(struct workspace *workspace, struct slice body, struct slice key, uint64_t now);
long create_render(struct workspace *workspace, long install, struct slice message, uint64_t now);
long update_install(struct workspace *workspace, long install, struct slice body, uint64_t now);
void touch_install(struct workspace *workspace, long install);

// The pages that tell of an object are written anew when they are next asked for.
void forget_install_page(struct workspace *workspace, long install);
void forget_package_page(struct workspace *workspace, long package);

// Doubles an array; what is new in it is zero.
void *grow(void *array, long *capacity, size_t size);

#endif
