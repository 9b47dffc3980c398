// Intents on disk before their requests leave, in groups: one write and one fdatasync for all that have come meanwhile.

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "modes.h"

struct intent {
    void (*durable)(void *);
    void *context;
    struct intent *next;
};

static pthread_t writer;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
// Under the lock.
static struct text pending_bytes;
static struct intent *pending, *durable;
static int is_closing;
static long syncs;

static int file, signal_descriptor;

static void write_out(struct text *bytes) {
    for (size_t sent = 0; sent < bytes->length;) {
        ssize_t written = write(file, bytes->bytes + sent, bytes->length - sent);
        if (written < 0 && errno != EINTR) fail("the journal can't be written: %s", strerror(errno));
        if (written > 0) sent += (size_t)written;
    }
    text_free(bytes);
    if (fdatasync(file)) fail("the journal can't be made durable: %s", strerror(errno));
}

static void *write_groups(void *unused) {
    pthread_mutex_lock(&lock);
    while (1) {
        while (!pending && !is_closing) pthread_cond_wait(&changed, &lock);
        if (!pending && !pending_bytes.length) break;
        struct text bytes = pending_bytes;
        struct intent *group = pending, *last = group;
        pending_bytes = (struct text){0};
        pending = NULL;
        pthread_mutex_unlock(&lock);
        write_out(&bytes);
        pthread_mutex_lock(&lock);
        syncs++;
        while (last && last->next) last = last->next;
        if (last) last->next = durable, durable = group;
        uint64_t one = 1;
        if (write(signal_descriptor, &one, sizeof one) < 0) fail("eventfd: %s", strerror(errno));
    }
    pthread_mutex_unlock(&lock);
    return unused;
}

// On the thread of the transfers: what has become durable may leave.
static void send_durable(void) {
    uint64_t count;
    if (read(signal_descriptor, &count, sizeof count) < 0) return;
    pthread_mutex_lock(&lock);
    struct intent *group = durable;
    durable = NULL;
    pthread_mutex_unlock(&lock);
    while (group) {
        struct intent *intent = group;
        group = intent->next;
        transfers_release();
        intent->durable(intent->context);
        free(intent);
    }
}

void journal_open(const char *path) {
    file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    signal_descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (file < 0 || signal_descriptor < 0) fail("%s: %s", path, strerror(errno));
    transfers_watch(signal_descriptor, send_durable);
    if (pthread_create(&writer, NULL, write_groups, NULL)) fail("no thread for the journal");
}

void journal_write(const char *line, struct slice body, void (*then)(void *), void *context) {
    struct intent *intent = malloc(sizeof *intent);
    if (!intent) abort();
    *intent = (struct intent){then, context, NULL};
    transfers_hold();
    pthread_mutex_lock(&lock);
    text_format(&pending_bytes, "intent %s ", line);
    text_append(&pending_bytes, body.start, body.length);
    text_append(&pending_bytes, "\n", 1);
    // In the order in which they came.
    struct intent **last = &pending;
    while (*last) last = &(*last)->next;
    *last = intent;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

void journal_note(const char *outcome) {
    pthread_mutex_lock(&lock);
    text_format(&pending_bytes, "outcome %s\n", outcome);
    pthread_mutex_unlock(&lock);
}

long journal_close(void) {
    pthread_mutex_lock(&lock);
    is_closing = 1;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    pthread_join(writer, NULL);
    close(file);
    return syncs;
}
