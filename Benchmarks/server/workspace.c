// A workspace of the platform in memory: what is in it, and how each of its objects is written as JSON.

#include "workspace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const prefixes[] = {"ws_",  "reg_", "clu_", "pkg_", "pver_",
                                       "inst_", "op_",  "rnd_", "cur_", "repo_"};
static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

// Long enough for any id with the zero at its end.
struct id {
    char text[48];
};

// An id is its prefix and 32 characters that look like chance, of which the first 13 hold the number.
static const uint64_t factor = 0x9E3779B97F4A7C15u;

static struct id id_of(enum kind kind, long number) {
    struct id id;
    uint64_t parts[3] = {((uint64_t)number + 1) * factor, (uint64_t)number * 0xD1342543DE82EF95u + kind * factor, 0};
    parts[1] ^= parts[1] >> 29;
    parts[2] = (parts[1] ^ parts[0] >> 7) * factor;
    char *at = stpcpy(id.text, prefixes[kind]);
    for (int position = 0; position < 32; position++) {
        uint64_t *part = &parts[position < 13 ? 0 : position < 23 ? 1 : 2];
        *at++ = digits[*part & 31];
        *part >>= 5;
    }
    *at = 0;
    return id;
}

long id_number(enum kind kind, struct slice id) {
    size_t prefix = strlen(prefixes[kind]);
    if (id.length != prefix + 32 || !slice_starts_with(id, prefixes[kind])) return -1;
    uint64_t value = 0, inverse = 1;
    for (int position = 12; position >= 0; position--) {
        const char *digit = strchr(digits, id.start[prefix + (size_t)position]);
        if (!digit) return -1;
        value = value << 5 | (uint64_t)(digit - digits);
    }
    // Newton's iteration doubles the bits in which `inverse` is the inverse of `factor`.
    for (int step = 0; step < 6; step++) inverse *= 2 - factor * inverse;
    return (long)(value * inverse - 1);
}

#define ID(kind, number) (id_of(KIND_##kind, number).text)

// Room for one more at the end of an array that doubles.
#define ADD(array, count, capacity) \
    do { \
        if ((count) == (capacity)) (array) = grow(array, &(capacity), sizeof *(array)); \
        (count)++; \
    } while (0)

static void *grow(void *array, long *capacity, size_t size) {
    long old = *capacity;
    *capacity = old ? old * 2 : 256;
    array = realloc(array, (size_t)*capacity * size);
    if (!array) abort();
    memset((char *)array + (size_t)old * size, 0, (size_t)(*capacity - old) * size);
    return array;
}

static struct text *page_at(struct text **pages, long *capacity, long page) {
    while (page >= *capacity) *pages = grow(*pages, capacity, sizeof **pages);
    return &(*pages)[page];
}

static void forget_install_page(struct workspace *workspace, long install) {
    long page = install / PAGE;
    text_free(page_at(&workspace->install_pages, &workspace->install_page_capacity, page));
    // The page before tells whether there is one more.
    if (page > 0) text_free(page_at(&workspace->install_pages, &workspace->install_page_capacity, page - 1));
}


static void write_href(struct text *out, const char *collection, const char *id) {
    text_format(out, "\"id\":\"%s\",\"html_url\":\"https://akua.dev/%s/%s\"", id, collection, id);
}

void write_access_state(struct text *out) {
    text_format(out,
                "{\"workspace_id\":\"%s\",\"status\":\"active\",\"access_version\":7,\"accessible\":true,\"reason\":null,"
                "\"reconciliation_status\":\"reconciled\",\"payment_grace_ends_at\":null,\"restricted_at\":null,"
                "\"suspend_at\":null,\"ended_at\":null}",
                ID(WORKSPACE, 0));
}

void write_cluster(struct workspace *workspace, struct text *out) {
    text_format(out, "{");
    write_href(out, "clusters", ID(CLUSTER, 0));
    text_format(out,
                ",\"name\":\"prod-eu\",\"workspace_id\":\"%s\",\"state\":\"active\",\"provider\":\"managed_kaas\","
                "\"reconciling\":false,\"created_at\":%ld,\"updated_at\":%ld,\"etag\":\"3\"}",
                ID(WORKSPACE, 0), workspace->created_at, workspace->created_at);
}

void write_package(struct workspace *workspace, long number, struct text *out) {
    const struct package *package = &workspace->packages[number];
    text_format(out, "{");
    write_href(out, "packages", ID(PACKAGE, number));
    text_format(out,
                ",\"workspace_id\":\"%s\",\"name\":\"%s\",\"latest_version_id\":\"%s\",\"description\":%s,"
                "\"display_image_url\":null,\"source\":{\"kind\":\"oci\",\"oci_ref\":\"%s\"},\"created_at\":%ld,\"etag\":\"%ld\"}",
                ID(WORKSPACE, 0), package->name, ID(VERSION, package->versions[package->version_count - 1]),
                package->description, package->oci_ref, workspace->created_at, package->etag);
}

void write_version(struct workspace *workspace, long number, struct text *out) {
    const struct version *version = &workspace->versions[number];
    text_format(out,
                "{\"id\":\"%s\",\"package_id\":\"%s\",\"semver\":\"%s\",\"ref\":\"%s\",\"input_schema\":%s,"
                "\"published_at\":%ld,\"created_at\":%ld,\"etag\":\"1\"}",
                ID(VERSION, number), ID(PACKAGE, version->package), version->semver, version->ref, version->schema,
                workspace->created_at, workspace->created_at);
}

static int is_busy(const struct install *install, uint64_t now) { return install->busy_until > now; }

void write_install(struct workspace *workspace, long number, uint64_t now, struct text *out) {
    const struct install *install = &workspace->installs[number];
    int busy = is_busy(install, now);
    text_format(out, "{");
    write_href(out, "installs", ID(INSTALL, number));
    text_format(out,
                ",\"workspace_id\":\"%s\",\"customer_workspace\":{\"id\":\"%s\",\"name\":\"Acme Platform\"},"
                "\"cluster_id\":\"%s\",\"package_version_id\":\"%s\",\"state\":\"%s\",\"reconciling\":%s,"
                "\"urls\":[{\"route_key\":\"web\",\"hostname\":\"app-%05ld.acme.akua.app\",\"url\":\"https://app-%05ld.acme.akua.app\","
                "\"protocol\":\"http\",\"routing_mode\":\"through_dispatcher\",\"status\":\"active\",\"updated_at\":%ld}],"
                "\"created_at\":%ld,\"updated_at\":%ld,\"etag\":\"%ld\"}",
                ID(WORKSPACE, 0), ID(WORKSPACE, 0), ID(CLUSTER, 0), ID(VERSION, install->version),
                busy ? "rendering" : "healthy", busy ? "true" : "false", number, number, workspace->created_at,
                workspace->created_at, workspace->created_at, install->etag);
}

void write_status(struct workspace *workspace, long number, uint64_t now, struct text *out) {
    int busy = is_busy(&workspace->installs[number], now);
    text_format(out,
                "{\"install_id\":\"%s\",\"health\":\"Healthy\",\"sync\":\"Synced\",\"revision\":null,\"resources\":[],"
                "\"operation_phase\":\"Succeeded\",\"updated_at\":%ld,\"state\":\"%s\",\"reconciling\":%s}",
                ID(INSTALL, number), workspace->created_at, busy ? "rendering" : "healthy", busy ? "true" : "false");
}

static void write_operation_response(const struct operation *operation, struct text *out) {
    if (operation->is_render)
        text_format(out,
                    "{\"type\":\"install.render\",\"install_render_id\":\"%s\",\"repository_id\":\"%s\","
                    "\"commit_sha\":\"%040lx\",\"render_hash\":\"%064lx\",\"skipped\":false}",
                    ID(RENDER, operation->render), ID(REPOSITORY, operation->install), operation->render,
                    operation->render);
    else
        text_format(out,
                    "{\"type\":\"install.create\",\"install_id\":\"%s\",\"argo_app_name\":\"app-%05ld\","
                    "\"argo_app_namespace\":\"argocd\"}",
                    ID(INSTALL, operation->install), operation->install);
}

void write_operation(struct workspace *workspace, long number, uint64_t now, struct text *out) {
    const struct operation *operation = &workspace->operations[number];
    int done = operation->ends_at <= now;
    text_format(out,
                "{\"id\":\"%s\",\"workspace_id\":\"%s\",\"organization_id\":null,\"owner_type\":\"install\",\"owner_id\":\"%s\","
                "\"parent_operation_id\":null,\"state\":\"%s\",\"done\":%s,"
                "\"html_url\":\"https://akua.dev/installs/%s?tab=operations\",\"metadata\":",
                ID(OPERATION, number), ID(WORKSPACE, 0), ID(INSTALL, operation->install),
                done ? "SUCCEEDED" : "RUNNING", done ? "true" : "false", ID(INSTALL, operation->install));
    if (operation->is_render)
        text_format(out, "{\"type\":\"install.render\",\"install_id\":\"%s\"}", ID(INSTALL, operation->install));
    else
        text_format(out, "{\"type\":\"install.create\",\"idempotency_key\":\"%s\",\"workspace_id\":\"%s\"}",
                    operation->idempotency_key, ID(WORKSPACE, 0));
    text_format(out, ",\"response\":");
    if (done) write_operation_response(operation, out);
    else text_format(out, "null");
    text_format(out, ",\"error\":null,\"last_error\":null,\"started_at\":%ld,\"completed_at\":", workspace->created_at);
    if (done) text_format(out, "%ld}", workspace->created_at);
    else text_format(out, "null}");
}

void write_render(struct workspace *workspace, long number, uint64_t now, struct text *out) {
    const struct render *render = &workspace->renders[number];
    int done = render->operation < 0 || workspace->operations[render->operation].ends_at <= now;
    text_format(out, "{\"id\":\"%s\",\"workspace_id\":\"%s\",\"install_id\":\"%s\",", ID(RENDER, number), ID(WORKSPACE, 0),
                ID(INSTALL, render->install));
    if (render->operation < 0) text_format(out, "\"operation_id\":null,");
    else text_format(out, "\"operation_id\":\"%s\",", ID(OPERATION, render->operation));
    if (done) text_format(out, "\"render_hash\":\"%064lx\",\"commit_sha\":\"%040lx\",", number, number);
    else text_format(out, "\"render_hash\":null,\"commit_sha\":null,");
    text_format(out,
                "\"package_version_id\":\"%s\",\"state\":\"%s\",\"message\":%s,\"created_at\":%ld,\"updated_at\":%ld}",
                ID(VERSION, render->version), done ? "deployed" : "running", render->message, workspace->created_at,
                workspace->created_at);
}

void write_mutation(struct workspace *workspace, long number, long render, uint64_t now, struct text *out) {
    const struct install *install = &workspace->installs[number];
    const struct version *version = &workspace->versions[install->version];
    text_format(out,
                "{\"install\":{\"id\":\"%s\",\"current_version\":{\"id\":\"%s\",\"semver\":\"%s\"},\"desired_version\":null,"
                "\"automatic_updates_enabled\":false,\"updated_at\":%ld,\"etag\":\"%ld\"},\"render\":",
                ID(INSTALL, number), ID(VERSION, install->version), version->semver, workspace->created_at,
                install->etag);
    if (render < 0) text_format(out, "null");
    else write_render(workspace, render, now, out);
    text_format(out, "}");
}

// Pages of lists.

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

// What writes do.

static long new_version(struct workspace *workspace, long package, char *semver, char *ref, char *schema) {
    long number = workspace->version_count;
    ADD(workspace->versions, workspace->version_count, workspace->version_capacity);
    workspace->versions[number] = (struct version){package, semver, ref, schema};
    struct package *owner = &workspace->packages[package];
    ADD(owner->versions, owner->version_count, owner->version_capacity);
    owner->versions[owner->version_count - 1] = number;
    owner->etag++;
    text_free(page_at(&workspace->version_pages, &workspace->version_page_capacity, package));
    text_free(page_at(&workspace->package_pages, &workspace->package_page_capacity, package / PAGE));
    return number;
}

static long new_package(struct workspace *workspace, char *name, char *oci_ref, char *description) {
    long number = workspace->package_count;
    ADD(workspace->packages, workspace->package_count, workspace->package_capacity);
    workspace->packages[number] = (struct package){.name = name, .oci_ref = oci_ref, .description = description};
    if (number >= PAGE)
        text_free(page_at(&workspace->package_pages, &workspace->package_page_capacity, number / PAGE - 1));
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
