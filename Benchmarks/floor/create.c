// Creates of installs with all that follows each: see modes.h.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modes.h"

enum step { CREATE, WAIT_FOR_CREATE, LOOK, LOOK_BEFORE_UPDATES, SET_UPDATES, LOOK_BEFORE_RENDER, RENDER, WAIT_FOR_RENDER,
            LOOK_AT_RENDER, DONE };

struct creation {
    struct slice body, render_body;
    long number;
    enum step step;
    char key[64], operation[64], install[64], render[64], etag[64];
};

static int is_durable;
static long made;

static void go(struct creation *creation);

static void keep(char *target, struct slice found, const char *what) {
    if (!found.length || found.length > 63) fail("an answer has no %s", what);
    memcpy(target, found.start, found.length);
    target[found.length] = 0;
}

static void done(struct transfer *transfer) {
    struct creation *creation = transfer->context;
    const struct text *answer = &transfer->answer;
    int is_running = memmem(answer->bytes, answer->length, "\"done\":false", 12) != NULL;
    switch (creation->step) {
    case CREATE: keep(creation->operation, find_string(answer, "id"), "operation"); break;
    case WAIT_FOR_CREATE:
        if (is_running) return go(creation);
        keep(creation->install, find_string(answer, "install_id"), "install");
        break;
    case LOOK: case LOOK_BEFORE_UPDATES: case LOOK_BEFORE_RENDER:
        keep(creation->etag, find_string(answer, "etag"), "etag");
        break;
    case RENDER:
        keep(creation->render, find_string(answer, "id"), "render");
        keep(creation->operation, find_string(answer, "operation_id"), "operation");
        break;
    case WAIT_FOR_RENDER: if (is_running) return go(creation); break;
    case SET_UPDATES: case LOOK_AT_RENDER: case DONE: break;
    }
    int ends_action = creation->step == LOOK || creation->step == SET_UPDATES || creation->step == LOOK_AT_RENDER;
    if (is_durable && ends_action) journal_note(creation->key);
    creation->step++;
    go(creation);
}

static void send_step(void *context) {
    struct creation *creation = context;
    struct transfer *transfer = transfer_new("GET", done, creation);
    static const struct slice updates = {"{\"automatic_updates_enabled\":false}", 35};
    switch (creation->step) {
    case CREATE:
        transfer->method = "POST";
        transfer->body = creation->body;
        text_format(&transfer->target, "/installs");
        break;
    case WAIT_FOR_CREATE: case WAIT_FOR_RENDER:
        transfer->method = "POST";
        transfer->lane = LANE_LONG_POLL;
        text_format(&transfer->target, "/operations/%s:wait?timeout=30", creation->operation);
        break;
    case LOOK: case LOOK_BEFORE_UPDATES: case LOOK_BEFORE_RENDER:
        text_format(&transfer->target, "/installs/%s", creation->install);
        break;
    case SET_UPDATES:
        transfer->method = "PATCH";
        transfer->body = updates;
        transfer->if_match = creation->etag;
        text_format(&transfer->target, "/installs/%s/automatic_updates", creation->install);
        break;
    case RENDER:
        transfer->method = "POST";
        transfer->body = creation->render_body;
        text_format(&transfer->target, "/installs/%s/renders", creation->install);
        break;
    case LOOK_AT_RENDER:
        text_format(&transfer->target, "/installs/%s/renders/%s", creation->install, creation->render);
        break;
    case DONE: break;
    }
    if (transfer->body.length) transfer->idempotency_key = creation->key;
    transfer_start(transfer);
}

static void go(struct creation *creation) {
    if (creation->step == DONE) {
        made++;
        free(creation);
        return;
    }
    int is_write = creation->step == CREATE || creation->step == SET_UPDATES || creation->step == RENDER;
    if (!is_write) return send_step(creation);
    // As long as a derived key is.
    snprintf(creation->key, sizeof creation->key, "agl1-%026ld-%026d", creation->number, (int)creation->step);
    if (!is_durable) return send_step(creation);
    struct slice body = creation->step == CREATE ? creation->body : creation->render_body;
    journal_write(creation->key, body, send_step, creation);
}

static char *read_file(const char *path, size_t *length) {
    FILE *file = fopen(path, "r");
    if (!file || fseek(file, 0, SEEK_END)) fail("%s can't be read", path);
    *length = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*length + 1);
    if (!bytes || fread(bytes, 1, *length, file) != *length) fail("%s can't be read", path);
    fclose(file);
    return bytes;
}

long create_installs(const char *path, int with_journal) {
    size_t length;
    char *bytes = read_file(path, &length);
    struct slice rest = {bytes, length};
    is_durable = with_journal;
    for (long number = 0; rest.length; number++) {
        struct creation *creation = calloc(1, sizeof *creation);
        if (!creation) abort();
        creation->render_body = slice_cut(&rest, '\n');
        creation->body = slice_cut(&creation->render_body, '\t');
        creation->number = number;
        go(creation);
    }
    transfers_run(NULL);
    free(bytes);
    return made;
}
