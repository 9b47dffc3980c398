// What a workspace holds, and what writes do to it.

#include "workspace.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

void *grow(void *array, long *capacity, size_t size) {
    long old = *capacity;
    *capacity = old ? old * 2 : 256;
    array = realloc(array, (size_t)*capacity * size);
    if (!array) abort();
    memset((char *)array + (size_t)old * size, 0, (size_t)(*capacity - old) * size);
    return array;
}

// Room for one more at the end of an array that doubles.
#define ADD(array, count, capacity) \
    do { \
        if ((count) == (capacity)) (array) = grow(array, &(capacity), sizeof *(array)); \
        (count)++; \
    } while (0)

static long new_version(struct workspace *workspace, long package, char *semver, char *ref, char *schema) {
    long number = workspace->version_count;
    ADD(workspace->versions, workspace->version_count, workspace->version_capacity);
    workspace->versions[number] = (struct version){package, semver, ref, schema};
    struct package *owner = &workspace->packages[package];
    ADD(owner->versions, owner->version_count, owner->version_capacity);
    owner->versions[owner->version_count - 1] = number;
    owner->etag++;
    forget_package_page(workspace, package);
    return number;
}

static long new_package(struct workspace *workspace, char *name, char *oci_ref, char *description) {
    long number = workspace->package_count;
    ADD(workspace->packages, workspace->package_count, workspace->package_capacity);
    workspace->packages[number] = (struct package){.name = name, .oci_ref = oci_ref, .description = description};
    return number;
}

static long new_operation(struct workspace *workspace, struct operation operation) {
    ADD(workspace->operations, workspace->operation_count, workspace->operation_capacity);
    workspace->operations[workspace->operation_count - 1] = operation;
    return workspace->operation_count - 1;
}

static long new_install(struct workspace *workspace, long package, long version) {
    long number = workspace->install_count;
    ADD(workspace->installs, workspace->install_count, workspace->install_capacity);
    workspace->installs[number] = (struct install){package, version, 1, 0, -1};
    forget_install_page(workspace, number);
    return number;
}

static long new_render(struct workspace *workspace, long install, long operation, char *message) {
    long number = workspace->render_count;
    ADD(workspace->renders, workspace->render_count, workspace->render_capacity);
    struct install *owner = &workspace->installs[install];
    workspace->renders[number] =
        (struct render){install, owner->version, operation, owner->newest_render, message};
    owner->newest_render = number;
    return number;
}

void touch_install(struct workspace *workspace, long install) {
    workspace->installs[install].etag++;
    forget_install_page(workspace, install);
}

long import_package(struct workspace *workspace, struct slice body) {
    struct slice description = member_value(body, "description");
    long package = new_package(workspace, slice_copy(member_string(body, "name")), slice_copy(member_string(body, "oci_ref")),
                               slice_copy(description.length ? description : slice_of("null")));
    add_version(workspace, package, member_value(body, "version"));
    return package;
}

long add_version(struct workspace *workspace, long package, struct slice body) {
    return new_version(workspace, package, slice_copy(member_string(body, "semver")), slice_copy(member_string(body, "ref")),
                       slice_copy(member_value(body, "input_schema")));
}

long create_install(struct workspace *workspace, struct slice body, struct slice key, uint64_t now) {
    long package = id_number(KIND_PACKAGE, member_string(body, "package_id")), version = -1;
    if (package < 0 || package >= workspace->package_count) return -1;
    struct slice pin = member_string(member_value(body, "package_version_pin"), "version");
    for (long position = 0; position < workspace->packages[package].version_count; position++) {
        long number = workspace->packages[package].versions[position];
        if (slice_equals(pin, workspace->versions[number].semver)) version = number;
    }
    if (version < 0) return -1;
    long install = new_install(workspace, package, version);
    struct operation operation = {0, install, 0, now + workspace->operation_time, slice_copy(key)};
    long number = new_operation(workspace, operation);
    workspace->operations[number].render = new_render(workspace, install, number, slice_copy(slice_of("null")));
    workspace->installs[install].busy_until = operation.ends_at;
    return number;
}

long create_render(struct workspace *workspace, long install, struct slice message, uint64_t now) {
    struct operation operation = {1, install, 0, now + workspace->operation_time, NULL};
    long number = new_operation(workspace, operation);
    long render = new_render(workspace, install, number, slice_copy(message.length ? message : slice_of("null")));
    workspace->operations[number].render = render;
    workspace->installs[install].busy_until = operation.ends_at;
    touch_install(workspace, install);
    return render;
}

long update_install(struct workspace *workspace, long install, struct slice body, uint64_t now) {
    long version = id_number(KIND_VERSION, member_string(body, "package_version_id"));
    if (version < 0 || version >= workspace->version_count) return -1;
    if (workspace->versions[version].package != workspace->installs[install].package) return -1;
    workspace->installs[install].version = version;
    return create_render(workspace, install, (struct slice){0}, now);
}

static char *formatted(const char *format, long number) {
    struct text text = {0};
    text_format(&text, format, number);
    return slice_copy((struct slice){text.bytes, text.length});
}

// Like the schema of a small chart: what an operator sets, with its types and defaults.
static const char schema[] =
    "{\"type\":\"object\",\"properties\":{\"replicas\":{\"type\":\"integer\",\"minimum\":1,\"default\":2},\"tier\":{\"type\":"
    "\"string\",\"enum\":[\"small\",\"large\"]}}}";

void workspace_fill(struct workspace *workspace, long installs, long packages, long versions) {
    *workspace = (struct workspace){.created_at = time(NULL) - 86400};
    for (long package = 0; package < packages; package++) {
        new_package(workspace, formatted("service-%04ld", package),
                    formatted("oci://registry.example.com/acme/service-%04ld", package),
                    formatted("\"Service %ld of the platform, as its team publishes it\"", package));
        for (long version = 0; version < versions; version++)
            new_version(workspace, package, formatted("1.%ld.0", version),
                        formatted("sha256:%064lx", package * versions + version), slice_copy(slice_of(schema)));
    }
    for (long install = 0; install < installs; install++) {
        long package = install % packages, version = install / packages % versions;
        new_install(workspace, package, package * versions + version);
        new_render(workspace, install, -1, slice_copy(slice_of("null")));
    }
}
