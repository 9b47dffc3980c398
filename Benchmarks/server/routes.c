// Which request does what to the workspace.

#include "routes.h"

#include <stdlib.h>
#include <string.h>

static struct slice query_value(struct slice query, const char *name) {
    while (query.length) {
        struct slice item = slice_cut(&query, '&');
        struct slice found = slice_cut(&item, '=');
        if (slice_equals(found, name)) return item;
    }
    return (struct slice){0};
}

static struct answer error(int status) {
    struct answer answer = {.status = status, .route = "refused"};
    text_format(&answer.body,
                "{\"success\":false,\"errors\":[{\"code\":7002,\"message\":\"not found, or not served here\"}],\"result\":{}}");
    return answer;
}

// Everything under /workspaces, /regions, /clusters and the lists that are always empty here.
static struct answer answer_surroundings(struct workspace *workspace, struct slice collection, struct slice rest) {
    struct answer answer = {.status = 200};
    if (slice_equals(collection, "workspaces") && !rest.length) {
        answer.route = "GET /workspaces";
        list_workspaces(workspace, &answer.body);
    } else if (slice_equals(collection, "workspaces")) {
        answer.route = "GET /workspaces/{id}/access_state";
        write_access_state(&answer.body);
    } else if (slice_equals(collection, "regions")) {
        answer.route = "GET /regions";
        list_regions(workspace, &answer.body);
    } else if (slice_equals(collection, "clusters") && !rest.length) {
        answer.route = "GET /clusters";
        list_clusters(workspace, &answer.body);
    } else if (slice_equals(collection, "clusters")) {
        answer.route = "GET /clusters/{id}";
        write_cluster(workspace, &answer.body);
    } else if (slice_equals(collection, "products")) {
        answer.route = "GET /products";
        list_nothing(&answer.body);
    } else if (slice_equals(collection, "repositories")) {
        answer.route = "GET /repositories";
        list_nothing(&answer.body);
    } else {
        return error(404);
    }
    return answer;
}

static struct answer answer_package(struct workspace *workspace, const struct request *request, struct slice rest) {
    struct answer answer = {.status = 200};
    int is_post = slice_equals(request->method, "POST");
    if (!rest.length) {
        answer.route = "GET /packages";
        list_packages(workspace, query_value(request->query, "cursor"), &answer.body);
        return answer;
    }
    long package = id_number(KIND_PACKAGE, slice_cut(&rest, '/'));
    if (package < 0 || package >= workspace->package_count) return error(404);
    struct slice part = slice_cut(&rest, '/');
    if (!part.length) {
        answer.route = "GET /packages/{id}";
        write_package(workspace, package, &answer.body);
    } else if (is_post) {
        answer.status = 201;
        answer.route = "POST /packages/{id}/versions";
        write_version(workspace, add_version(workspace, package, request->body), &answer.body);
    } else if (!rest.length) {
        answer.route = "GET /packages/{id}/versions";
        list_versions(workspace, package, query_value(request->query, "cursor"), &answer.body);
    } else {
        long version = id_number(KIND_VERSION, slice_cut(&rest, '/'));
        if (version < 0 || version >= workspace->version_count) return error(404);
        answer.route = "GET /packages/{id}/versions/{version_id}";
        write_version(workspace, version, &answer.body);
    }
    return answer;
}

// Everything under /installs/{id}, with `verb` after a colon and `part` after a slash.
static struct answer answer_install(
    struct workspace *workspace, const struct request *request, long install, struct slice verb, struct slice part,
    struct slice rest
) {
    struct answer answer = {.status = 200};
    uint64_t now = request->answer_at;
    int is_post = slice_equals(request->method, "POST");
    if (slice_equals(verb, "update")) {
        long render = update_install(workspace, install, request->body, now);
        if (render < 0) return error(404);
        answer.status = 202;
        answer.route = "POST /installs/{id}:update";
        write_mutation(workspace, install, render, now, &answer.body);
    } else if (!part.length) {
        answer.route = "GET /installs/{id}";
        write_install(workspace, install, now, &answer.body);
    } else if (slice_equals(part, "status")) {
        answer.route = "GET /installs/{id}/status";
        write_status(workspace, install, now, &answer.body);
    } else if (slice_equals(part, "automatic_updates")) {
        touch_install(workspace, install);
        answer.route = "PATCH /installs/{id}/automatic_updates";
        write_mutation(workspace, install, -1, now, &answer.body);
    } else if (slice_equals(part, "renders") && is_post) {
        answer.status = 201;
        answer.route = "POST /installs/{id}/renders";
        write_render(workspace, create_render(workspace, install, member_value(request->body, "message"), now), now,
                     &answer.body);
    } else if (slice_equals(part, "renders") && !rest.length) {
        answer.route = "GET /installs/{id}/renders";
        list_renders(workspace, install, now, &answer.body);
    } else if (slice_equals(part, "renders")) {
        long render = id_number(KIND_RENDER, rest);
        if (render < 0 || render >= workspace->render_count) return error(404);
        answer.route = "GET /installs/{id}/renders/{render_id}";
        write_render(workspace, render, now, &answer.body);
    } else {
        return error(404);
    }
    return answer;
}

static struct answer answer_installs(struct workspace *workspace, const struct request *request, struct slice rest) {
    struct answer answer = {.status = 200};
    if (rest.length) {
        struct slice head = slice_cut(&rest, '/'), part = slice_cut(&rest, '/');
        struct slice id = slice_cut(&head, ':');
        long install = id_number(KIND_INSTALL, id);
        if (install < 0 || install >= workspace->install_count) return error(404);
        return answer_install(workspace, request, install, head, part, rest);
    }
    if (!slice_equals(request->method, "POST")) {
        answer.route = "GET /installs";
        list_installs(workspace, query_value(request->query, "cursor"), request->answer_at, &answer.body);
        return answer;
    }
    long operation = create_install(workspace, request->body, request->idempotency_key, request->answer_at);
    if (operation < 0) return error(404);
    answer.status = 202;
    answer.route = "POST /installs";
    write_operation(workspace, operation, request->answer_at, &answer.body);
    return answer;
}

static struct answer answer_operations(struct workspace *workspace, struct request *request, struct slice rest) {
    struct answer answer = {.status = 200};
    if (!rest.length) {
        answer.route = "GET /operations";
        list_operations(workspace, query_value(request->query, "cursor"), request->answer_at, &answer.body);
        return answer;
    }
    struct slice verb = rest, id = slice_cut(&verb, ':');
    long operation = id_number(KIND_OPERATION, id);
    if (operation < 0 || operation >= workspace->operation_count) return error(404);
    answer.route = "GET /operations/{id}";
    if (slice_equals(verb, "wait")) {
        answer.route = "POST /operations/{id}:wait";
        struct slice timeout = query_value(request->query, "timeout");
        uint64_t seconds = timeout.length ? (uint64_t)atoi(timeout.start) : 30;
        uint64_t ends_at = workspace->operations[operation].ends_at;
        uint64_t latest = request->arrived_at + seconds * 1000000000u;
        uint64_t answer_at = ends_at < latest ? ends_at : latest;
        if (answer_at > request->answer_at) request->answer_at = answer_at;
    }
    write_operation(workspace, operation, request->answer_at, &answer.body);
    return answer;
}

struct answer answer_request(struct workspace *workspace, struct request *request) {
    struct slice rest = request->path;
    if (!slice_starts_with(rest, "/v1/")) return error(404);
    rest = (struct slice){rest.start + 4, rest.length - 4};
    struct slice collection = slice_cut(&rest, '/');
    if (slice_equals(collection, "installs")) return answer_installs(workspace, request, rest);
    if (slice_starts_with(collection, "installs:")) return error(404);
    if (slice_equals(collection, "packages")) return answer_package(workspace, request, rest);
    if (slice_equals(collection, "operations")) return answer_operations(workspace, request, rest);
    if (slice_equals(collection, "packages:import")) {
        struct answer answer = {.status = 201, .route = "POST /packages:import"};
        write_package(workspace, import_package(workspace, request->body), &answer.body);
        return answer;
    }
    return answer_surroundings(workspace, collection, rest);
}
