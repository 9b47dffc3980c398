// A stand-in for the platform that is fast enough not to be what a benchmark measures.
//
//   server --port-file FILE [--installs N] [--packages N] [--versions N] [--delay-us N] [--operation-us N]
//
// One thread, epoll, HTTP/1.1 on a port of loopback that the system chooses. Every request is answered `--delay-us`
// after it came; every operation takes `--operation-us`. It is no emulator: it believes every body and every etag.
//
// GET /_counts tells what was asked since the last GET /_counts/reset; GET /_settings?delay-us=N&operation-us=N changes
// the times. None of these is counted.

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "counts.h"
#include "pending.h"
#include "routes.h"

enum { EVENTS = 64, REQUEST_MAX = 1 << 20 };

struct connection {
    int socket;
    struct text in, out;
    size_t sent;
    int is_waiting;  // a request has come whose answer has not left
    int is_closed;
    struct seen seen;
};

static struct workspace workspace;
static int poller, timer;
static uint64_t delay;

static uint64_t monotonic(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void set_timer(void) {
    struct itimerspec when = {0};
    uint64_t due = pending_due();
    if (due != NEVER) {
        when.it_value.tv_sec = (time_t)(due / 1000000000u);
        when.it_value.tv_nsec = (long)(due % 1000000000u);
    }
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void change_settings(struct slice query) {
    while (query.length) {
        struct slice item = slice_cut(&query, '&'), name = slice_cut(&item, '=');
        uint64_t nanoseconds = item.length ? strtoull(item.start, NULL, 10) * 1000u : 0;
        if (slice_equals(name, "delay-us")) delay = nanoseconds;
        if (slice_equals(name, "operation-us")) workspace.operation_time = nanoseconds;
    }
}

// Connections.

static void close_connection(struct connection *connection) {
    if (!connection->is_closed) close(connection->socket);
    connection->is_closed = 1;
    if (connection->is_waiting) return;  // freed when its answer is due
    text_free(&connection->in);
    text_free(&connection->out);
    free(connection);
}

// Writes what there is; 0 when the other side is gone.
static int flush(struct connection *connection) {
    while (connection->sent < connection->out.length) {
        ssize_t written = send(connection->socket, connection->out.bytes + connection->sent,
                               connection->out.length - connection->sent, MSG_NOSIGNAL);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno != EAGAIN) return 0;
        struct epoll_event event = {.events = EPOLLIN | (written < 0 ? EPOLLOUT : 0), .data.ptr = connection};
        if (written < 0) return epoll_ctl(poller, EPOLL_CTL_MOD, connection->socket, &event) == 0;
        connection->sent += (size_t)written;
    }
    connection->out.length = connection->sent = 0;
    return 1;
}

static void compose(struct text *out, int status, const struct text *body) {
    const char *reason = status == 200 ? "OK" : status == 201 ? "Created" : status == 202 ? "Accepted" : "Not Found";
    text_format(out, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", status, reason,
                body->length);
    text_append(out, body->bytes, body->length);
}

static int serve(struct connection *connection);

static void deliver(struct pending pending) {
    struct connection *connection = pending.connection;
    count_answer(pending.is_long_poll, pending.bytes.length, monotonic());
    connection->is_waiting = 0;
    if (!connection->is_closed) {
        if (connection->out.length) {
            text_append(&connection->out, pending.bytes.bytes, pending.bytes.length);
            text_free(&pending.bytes);
        } else {
            text_free(&connection->out);
            connection->out = pending.bytes;
        }
    } else {
        text_free(&pending.bytes);
    }
    if (connection->is_closed || !flush(connection) || !serve(connection)) close_connection(connection);
}

static void deliver_due(void) {
    while (pending_due() <= monotonic()) deliver(pending_take());
    set_timer();
}

static void answer_control(struct connection *connection, struct slice path, struct slice query) {
    struct text body = {0};
    if (slice_equals(path, "/_counts/reset")) reset_counts();
    if (slice_equals(path, "/_settings")) change_settings(query);
    write_counts(&body);
    text_format(&body, ",\"installs\":%ld}", workspace.install_count);
    compose(&connection->out, 200, &body);
    text_free(&body);
}

static void answer(struct connection *connection, struct request *request) {
    request->arrived_at = monotonic();
    request->answer_at = request->arrived_at + delay;
    struct answer answer = answer_request(&workspace, request);
    struct pending pending = {.connection = connection};
    pending.is_long_poll = strcmp(answer.route, "POST /operations/{id}:wait") == 0;
    pending.due = request->answer_at;
    count_request(&connection->seen, answer.route, pending.is_long_poll, request->arrived_at);
    compose(&pending.bytes, answer.status, &answer.body);
    text_free(&answer.body);
    connection->is_waiting = 1;
    pending_add(pending);
}

// Takes the next whole request off what has come, if there is one and none is being answered; 0 when it is no HTTP.
static int serve(struct connection *connection) {
    while (!connection->is_waiting && connection->in.length) {
        struct slice head = {connection->in.bytes, connection->in.length};
        const char *end = memmem(head.start, head.length, "\r\n\r\n", 4);
        if (!end) return connection->in.length < REQUEST_MAX;
        struct slice lines = {head.start, (size_t)(end - head.start)}, line = slice_cut(&lines, '\n');
        struct request request = {.method = slice_cut(&line, ' ')};
        request.query = slice_cut(&line, ' ');
        request.path = slice_cut(&request.query, '?');
        size_t length = 0;
        while (lines.length) {
            line = slice_cut(&lines, '\n');
            struct slice name = slice_cut(&line, ':');
            while (line.length && *line.start == ' ') line = (struct slice){line.start + 1, line.length - 1};
            if (line.length && line.start[line.length - 1] == '\r') line.length--;
            if (name.length == 14 && !strncasecmp(name.start, "Content-Length", 14)) length = strtoul(line.start, NULL, 10);
            if (name.length == 15 && !strncasecmp(name.start, "Idempotency-Key", 15)) request.idempotency_key = line;
        }
        size_t whole = (size_t)(end + 4 - head.start) + length;
        if (connection->in.length < whole) return whole < REQUEST_MAX;
        request.body = (struct slice){end + 4, length};
        if (slice_starts_with(request.path, "/_")) answer_control(connection, request.path, request.query);
        else answer(connection, &request);
        connection->in.length -= whole;
        memmove(connection->in.bytes, connection->in.bytes + whole, connection->in.length);
        if (!flush(connection)) return 0;
    }
    return 1;
}

static int receive(struct connection *connection) {
    char buffer[65536];
    while (1) {
        ssize_t length = recv(connection->socket, buffer, sizeof buffer, 0);
        if (length < 0 && errno == EINTR) continue;
        if (length < 0 && errno == EAGAIN) return serve(connection);
        if (length <= 0) return 0;
        text_append(&connection->in, buffer, (size_t)length);
        if ((size_t)length < sizeof buffer) return serve(connection);
    }
}

static void accept_all(int listener) {
    while (1) {
        int socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket < 0) return;
        int yes = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        struct connection *connection = calloc(1, sizeof *connection);
        if (!connection) abort();
        connection->socket = socket;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event);
    }
}

static int listen_on_loopback(const char *port_file) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1024) ||
        getsockname(listener, (struct sockaddr *)&address, &length)) {
        perror("server: listen");
        exit(1);
    }
    // Written aside and renamed, so that whoever waits for the file finds the whole number in it.
    char aside[4096];
    snprintf(aside, sizeof aside, "%s.new", port_file);
    FILE *file = fopen(aside, "w");
    if (!file || fprintf(file, "%d\n", ntohs(address.sin_port)) < 0 || fclose(file) || rename(aside, port_file)) {
        perror("server: port file");
        exit(1);
    }
    return listener;
}

static void handle(struct epoll_event event, int listener) {
    if (event.data.ptr == &timer) {
        uint64_t expirations;
        (void)!read(timer, &expirations, sizeof expirations);
        return;
    }
    if (event.data.ptr == &poller) return accept_all(listener);
    struct connection *connection = event.data.ptr;
    if (event.events & EPOLLOUT) {
        struct epoll_event reading = {.events = EPOLLIN, .data.ptr = connection};
        epoll_ctl(poller, EPOLL_CTL_MOD, connection->socket, &reading);
        if (!flush(connection)) return close_connection(connection);
    }
    if (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !receive(connection)) close_connection(connection);
}

static int run(int listener) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &poller}, events[EVENTS];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    event.data.ptr = &timer;
    epoll_ctl(poller, EPOLL_CTL_ADD, timer, &event);
    while (1) {
        int number = epoll_wait(poller, events, EVENTS, -1);
        if (number < 0 && errno != EINTR) return 1;
        for (int i = 0; i < number; i++) handle(events[i], listener);
        deliver_due();
    }
}

int main(int argc, char **argv) {
    long installs = 10000, packages = 200, versions = 5, operation_us = 0;
    const char *port_file = NULL;
    for (int i = 1; i + 1 < argc; i += 2) {
        long value = atol(argv[i + 1]);
        if (!strcmp(argv[i], "--port-file")) port_file = argv[i + 1];
        else if (!strcmp(argv[i], "--installs")) installs = value;
        else if (!strcmp(argv[i], "--packages")) packages = value;
        else if (!strcmp(argv[i], "--versions")) versions = value;
        else if (!strcmp(argv[i], "--delay-us")) delay = (uint64_t)value * 1000u;
        else if (!strcmp(argv[i], "--operation-us")) operation_us = value;
        else port_file = NULL, i = argc;
    }
    if (!port_file || packages < 1 || versions < 1) {
        fprintf(stderr, "usage: server --port-file FILE [--installs N] [--packages N] [--versions N] [--delay-us N] "
                        "[--operation-us N]\n");
        return 64;
    }
    workspace_fill(&workspace, installs, packages, versions);
    workspace.operation_time = (uint64_t)operation_us * 1000u;
    poller = epoll_create1(EPOLL_CLOEXEC);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    return run(listen_on_loopback(port_file));
}
