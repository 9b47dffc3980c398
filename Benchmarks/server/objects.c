// How each object of a workspace is written as JSON, with all members that the platform always gives.

#include "workspace.h"

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

int is_busy(const struct install *install, uint64_t now) { return install->busy_until > now; }

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
