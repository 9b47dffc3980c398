// A bad machine for one program: loaded into it with LD_PRELOAD, this stands between it and the kernel, counts what it
// does to one directory and to its sockets, and breaks it on request. For tests only; no product contains it.
//
// It can
//   - kill the process before its n-th counted call, or before it sends its n-th HTTP request;
//   - let the power fail at that moment: of what was written to the directory and not flushed, all is lost, or a random
//     half, or one sector of 512 bytes;
//   - answer writes or flushes with an error, from one on, for as long as the test likes; with EROFS, whatever would
//     change the directory;
//   - move the date, at the start or under way.
//
// The test decides through a page of 64-bit words in a file (CRASHPOINT_PAGE) that both map; CRASHPOINT_DIRECTORY names the
// directory. Without both, nothing happens. The words are `enum word`; Tests/CommandTests/CrashPage.swift has the same list.
//
// Limits: what is written through a mapping is not counted (SQLite's -shm, which is rebuilt), and an unlink or a rename
// counts as durable at once. A file that came to be is durable when its directory was flushed, what is in it when the
// file was. After a flush that failed, what it should have flushed is never durable: the kernel has forgotten it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum word {
    CALLS,            // counted so far
    KILL_AT,          // the call before which the process dies; 0 for none
    LOSS,             // what the power takes with it: enum loss
    SEED,             // of what is lost
    REQUESTS,         // HTTP requests that were about to be sent so far
    KILL_AT_REQUEST,  // the one before which the process dies; 0 for none
    WRITE_ERROR,      // the errno of failing writes; 0 for none
    SYNC_ERROR,       // the errno of failing flushes; 0 for none
    FAIL_FROM,        // the first write or flush that fails, counted as in WRITES or SYNCS
    FAIL_COUNT,       // how many fail; 0 for all that follow
    WRITES,           // to the directory so far
    SYNCS,            // of the directory's files so far
    FAILED,           // calls that were made to fail
    CLOCK_OFFSET,     // seconds that the date is off
    LAST_KIND,        // of the call at which the process died: enum kind
    WORD_COUNT
};
enum loss { LOSS_NONE, LOSS_ALL, LOSS_HALF, LOSS_TORN };
enum kind { KIND_WRITE = 1, KIND_SYNC, KIND_TRUNCATE, KIND_RENAME, KIND_UNLINK, KIND_NET, KIND_REQUEST };
enum { SECTOR = 512 };

static _Atomic int64_t *page;
static char directory[PATH_MAX];
static size_t directory_length;
// Held over each counted call to the disk, and for ever by the thread that kills the process: nobody acts after it.
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("CRASHPOINT_PAGE"), *watched = getenv("CRASHPOINT_DIRECTORY");
    if (!file || !watched || strlen(watched) >= sizeof directory) return;
    int fd = open(file, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void *mapped = mmap(NULL, WORD_COUNT * sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped == MAP_FAILED) return;
    strcpy(directory, watched);
    directory_length = strlen(directory);
    page = mapped;
}

static int is_watched(const char *path) {
    return page && !strncmp(path, directory, directory_length)
        && (path[directory_length] == '/' || path[directory_length] == 0);
}

// The path of an open file or folder of the directory.
static int watched_path(int fd, char path[PATH_MAX]) {
    if (!page) return 0;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return path[0] == '/' && is_watched(path);
}

static int is_socket(int fd) {
    struct stat about;
    return page && !fstat(fd, &about) && S_ISSOCK(about.st_mode);
}

// What the disk has for sure, and what it was told besides.

struct change {
    enum { WRITTEN, TRUNCATED, MADE } what;
    off_t offset;
    size_t length;
    unsigned char *bytes;
    int is_forgotten;  // by the kernel, after a flush that failed
};

struct file {
    char path[PATH_MAX];
    unsigned char *durable;
    size_t length;
    struct change *changes;
    size_t count;
    struct file *next;
};

static struct file *files;

static void *checked(void *memory) {
    if (!memory) abort();
    return memory;
}

static ssize_t raw_pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    REAL(pwrite64);
    return real(fd, bytes, length, offset);
}

static struct file *known(const char *path) {
    struct file *file = files;
    while (file && strcmp(file->path, path)) file = file->next;
    return file;
}

// The file's record; what is in it before its first change counts as durable.
static struct file *record(const char *path) {
    struct file *file = known(path);
    if (file) return file;
    file = checked(calloc(1, sizeof *file));
    strcpy(file->path, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    if (fd >= 0 && !fstat(fd, &about) && about.st_size > 0) {
        file->durable = checked(malloc(about.st_size));
        ssize_t got = pread(fd, file->durable, about.st_size, 0);
        file->length = got > 0 ? got : 0;
    }
    if (fd >= 0) close(fd);
    file->next = files;
    files = file;
    return file;
}

static void forget(const char *path) {
    for (struct file **at = &files; *at; at = &(*at)->next) {
        if (strcmp((*at)->path, path)) continue;
        struct file *gone = *at;
        *at = gone->next;
        for (size_t i = 0; i < gone->count; i++) free(gone->changes[i].bytes);
        free(gone->changes);
        free(gone->durable);
        free(gone);
        return;
    }
}

static void note(const char *path, int what, const void *bytes, size_t length, off_t offset) {
    size_t end = strlen(path);
    if (atomic_load(&page[LOSS]) == LOSS_NONE || (end > 4 && !strcmp(path + end - 4, "-shm"))) return;
    struct file *file = record(path);
    file->changes = checked(realloc(file->changes, (file->count + 1) * sizeof *file->changes));
    struct change *change = &file->changes[file->count++];
    *change = (struct change){.what = what, .offset = offset, .length = length};
    if (!bytes) return;
    change->bytes = checked(malloc(length));
    memcpy(change->bytes, bytes, length);
}

static void apply(struct file *file, const struct change *change, off_t torn) {
    if (change->what == MADE) return;
    size_t end = change->what == WRITTEN ? change->offset + change->length : (size_t)change->offset;
    if (end > file->length) {
        file->durable = checked(realloc(file->durable, end));
        memset(file->durable + file->length, 0, end - file->length);
        file->length = end;
    }
    if (change->what == TRUNCATED) file->length = change->offset;
    else {
        for (size_t i = 0; i < change->length; i++) {
            off_t at = change->offset + i;
            if (torn < 0 || at / SECTOR != torn) file->durable[at] = change->bytes[i];
        }
    }
}

// A flush that worked makes durable what no earlier one has lost; one that failed loses what it was to flush.
static void flushed(const char *path, int worked) {
    struct stat about;
    int is_folder = !stat(path, &about) && S_ISDIR(about.st_mode);
    for (struct file *file = files; file; file = file->next) {
        const char *name = strrchr(file->path, '/');
        size_t folder = name - file->path;
        int is_parent = is_folder && strlen(path) == folder && !strncmp(path, file->path, folder);
        if (!is_parent && strcmp(path, file->path)) continue;
        size_t kept = 0;
        for (size_t i = 0; i < file->count; i++) {
            struct change change = file->changes[i];
            if ((change.what == MADE) == is_parent && !change.is_forgotten) {
                if (worked) {
                    apply(file, &change, -1);
                    free(change.bytes);
                    continue;
                }
                change.is_forgotten = 1;
            }
            file->changes[kept++] = change;
        }
        file->count = kept;
    }
}

static uint64_t chance(void) {
    static uint64_t state;
    if (!state) state = (uint64_t)atomic_load(&page[SEED]) * 2 + 1;
    uint64_t z = state += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

// Makes a file what the disk has of it after the power failed.
static void lose(struct file *file, int64_t loss) {
    if (!file->count) return;
    int is_lost = 0;
    size_t torn = file->count ? chance() % file->count : 0;
    for (size_t i = 0; i < file->count; i++) {
        struct change *change = &file->changes[i];
        int is_kept = loss == LOSS_TORN || (loss == LOSS_HALF && chance() % 2);
        if (change->is_forgotten) is_kept = 0;
        if (change->what == MADE) is_lost = !is_kept;
        else if (is_kept) {
            off_t first = change->offset / SECTOR, last = (change->offset + change->length - 1) / SECTOR;
            int is_torn = loss == LOSS_TORN && i == torn && change->what == WRITTEN && change->length;
            apply(file, change, is_torn ? first + (off_t)(chance() % (last - first + 1)) : -1);
        }
    }
    if (is_lost) {
        REAL(unlink);
        real(file->path);
        return;
    }
    int fd = open(file->path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;  // removed since
    REAL(ftruncate64);
    if (real(fd, 0) || raw_pwrite(fd, file->durable, file->length, 0) != (ssize_t)file->length) abort();
    close(fd);
}

static void die(int kind) __attribute__((noreturn));
static void die(int kind) {
    atomic_store(&page[LAST_KIND], kind);
    int64_t loss = atomic_load(&page[LOSS]);
    if (loss != LOSS_NONE) for (struct file *file = files; file; file = file->next) lose(file, loss);
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

// Counts a call, and ends the process before the one that is asked for; the gate is the caller's.
static void count(int kind) {
    int64_t number = atomic_fetch_add(&page[CALLS], 1) + 1;
    if (number == atomic_load(&page[KILL_AT])) die(kind);
}

static void count_net(int fd, const void *bytes, size_t length) {
    if (!is_socket(fd)) return;
    static const char *const methods[] = {"GET ", "POST ", "PATCH ", "DELETE ", "PUT "};
    pthread_mutex_lock(&gate);
    count(KIND_NET);
    for (size_t i = 0; bytes && i < sizeof methods / sizeof *methods; i++) {
        size_t size = strlen(methods[i]);
        if (length < size || memcmp(bytes, methods[i], size)) continue;
        int64_t number = atomic_fetch_add(&page[REQUESTS], 1) + 1;
        if (number == atomic_load(&page[KILL_AT_REQUEST])) die(KIND_REQUEST);
    }
    pthread_mutex_unlock(&gate);
}

// The errno that a write or a flush is to fail with, or 0.
static int failure(enum word counter, enum word error) {
    int64_t number = atomic_fetch_add(&page[counter], 1) + 1;
    int64_t wanted = atomic_load(&page[error]), from = atomic_load(&page[FAIL_FROM]);
    int64_t many = atomic_load(&page[FAIL_COUNT]);
    if (!wanted || number < from || (many && number >= from + many)) return 0;
    atomic_fetch_add(&page[FAILED], 1);
    return (int)wanted;
}

// Whether nothing may be changed, as after the kernel has made a file system read-only.
static int is_read_only(void) {
    int64_t next = atomic_load(&page[WRITES]) + 1, from = atomic_load(&page[FAIL_FROM]);
    int64_t many = atomic_load(&page[FAIL_COUNT]);
    return atomic_load(&page[WRITE_ERROR]) == EROFS && next >= from && (!many || next < from + many);
}

static int refused(void) {
    atomic_fetch_add(&page[FAILED], 1);
    errno = EROFS;
    return -1;
}

// The disk.

static ssize_t written(int fd, const char *path, const void *bytes, size_t length, off_t offset) {
    pthread_mutex_lock(&gate);
    count(KIND_WRITE);
    int error = failure(WRITES, WRITE_ERROR);
    ssize_t done = -1;
    if (!error) {
        if (atomic_load(&page[LOSS]) != LOSS_NONE) record(path);
        done = raw_pwrite(fd, bytes, length, offset);
        error = errno;
        if (done > 0) note(path, WRITTEN, bytes, done, offset);
    }
    pthread_mutex_unlock(&gate);
    errno = error;
    return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
    char path[PATH_MAX];
    if (!watched_path(fd, path)) return raw_pwrite(fd, bytes, length, offset);
    return written(fd, path, bytes, length, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }

ssize_t write(int fd, const void *bytes, size_t length) {
    REAL(write);
    char path[PATH_MAX];
    if (!watched_path(fd, path)) {
        count_net(fd, bytes, length);
        return real(fd, bytes, length);
    }
    off_t offset = fcntl(fd, F_GETFL) & O_APPEND ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
    if (offset < 0) return real(fd, bytes, length);
    ssize_t done = written(fd, path, bytes, length, offset);
    int error = errno;
    if (done > 0) lseek(fd, offset + done, SEEK_SET);
    errno = error;
    return done;
}

static int synced(int fd, const char *path, int (*flush)(int)) {
    pthread_mutex_lock(&gate);
    count(KIND_SYNC);
    int error = failure(SYNCS, SYNC_ERROR);
    int done = error ? -1 : flush(fd);
    if (!error) error = errno;
    flushed(path, done == 0);
    pthread_mutex_unlock(&gate);
    errno = error;
    return done;
}

int fsync(int fd) {
    REAL(fsync);
    char path[PATH_MAX];
    return watched_path(fd, path) ? synced(fd, path, real) : real(fd);
}

int fdatasync(int fd) {
    REAL(fdatasync);
    char path[PATH_MAX];
    return watched_path(fd, path) ? synced(fd, path, real) : real(fd);
}

int ftruncate64(int fd, off64_t length) {
    REAL(ftruncate64);
    char path[PATH_MAX];
    if (!watched_path(fd, path)) return real(fd, length);
    pthread_mutex_lock(&gate);
    count(KIND_TRUNCATE);
    int error = failure(WRITES, WRITE_ERROR);
    int done = -1;
    if (!error) {
        if (atomic_load(&page[LOSS]) != LOSS_NONE) record(path);
        done = real(fd, length);
        error = errno;
        if (!done) note(path, TRUNCATED, NULL, 0, length);
    }
    pthread_mutex_unlock(&gate);
    errno = error;
    return done;
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int unlink(const char *path) {
    REAL(unlink);
    if (!is_watched(path)) return real(path);
    if (is_read_only()) return refused();
    pthread_mutex_lock(&gate);
    count(KIND_UNLINK);
    int done = real(path), error = errno;
    if (!done) forget(path);
    pthread_mutex_unlock(&gate);
    errno = error;
    return done;
}

int rename(const char *from, const char *to) {
    REAL(rename);
    if (!is_watched(from)) return real(from, to);
    if (is_read_only()) return refused();
    pthread_mutex_lock(&gate);
    count(KIND_RENAME);
    int done = real(from, to), error = errno;
    if (!done) {
        forget(to);
        struct file *file = known(from);
        if (file) strcpy(file->path, to);
    }
    pthread_mutex_unlock(&gate);
    errno = error;
    return done;
}

// Opening counts as no call, but what it makes is not durable yet.
static int opened(int (*real)(const char *, int, ...), const char *path, int flags, mode_t mode) {
    if (is_watched(path) && (flags & (O_ACCMODE | O_CREAT)) && is_read_only()) return refused();
    if (!is_watched(path) || !(flags & O_CREAT) || atomic_load(&page[LOSS]) == LOSS_NONE) return real(path, flags, mode);
    pthread_mutex_lock(&gate);
    int is_new = access(path, F_OK) != 0;
    int fd = real(path, flags, mode), error = errno;
    if (fd >= 0 && is_new) note(path, MADE, NULL, 0, 0);
    pthread_mutex_unlock(&gate);
    errno = error;
    return fd;
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REAL(name); \
        mode_t mode = 0; \
        if (flags & (O_CREAT | __O_TMPFILE)) { \
            va_list rest; \
            va_start(rest, flags); \
            mode = va_arg(rest, mode_t); \
            va_end(rest); \
        } \
        return opened(real, path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

int access(const char *path, int mode) {
    REAL(access);
    if (is_watched(path) && (mode & W_OK) && is_read_only()) return refused();
    return real(path, mode);
}

// The network.

int connect(int fd, const struct sockaddr *address, socklen_t length) {
    REAL(connect);
    count_net(fd, NULL, 0);
    return real(fd, address, length);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags) {
    REAL(send);
    count_net(fd, bytes, length);
    return real(fd, bytes, length, flags);
}

ssize_t sendto(int fd, const void *bytes, size_t length, int flags, const struct sockaddr *to, socklen_t size) {
    REAL(sendto);
    count_net(fd, bytes, length);
    return real(fd, bytes, length, flags, to, size);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    REAL(sendmsg);
    count_net(fd, NULL, 0);
    return real(fd, message, flags);
}

ssize_t writev(int fd, const struct iovec *parts, int number) {
    REAL(writev);
    count_net(fd, NULL, 0);
    return real(fd, parts, number);
}

ssize_t recv(int fd, void *bytes, size_t length, int flags) {
    REAL(recv);
    count_net(fd, NULL, 0);
    return real(fd, bytes, length, flags);
}

ssize_t recvfrom(int fd, void *bytes, size_t length, int flags, struct sockaddr *from, socklen_t *size) {
    REAL(recvfrom);
    count_net(fd, NULL, 0);
    return real(fd, bytes, length, flags, from, size);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags) {
    REAL(recvmsg);
    count_net(fd, NULL, 0);
    return real(fd, message, flags);
}

// The date.

static int64_t offset(void) { return page ? atomic_load(&page[CLOCK_OFFSET]) : 0; }

int clock_gettime(clockid_t clock, struct timespec *time) {
    REAL(clock_gettime);
    int done = real(clock, time);
    if (!done && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += offset();
    return done;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    REAL(gettimeofday);
    int done = real(time, zone);
    if (!done) time->tv_sec += offset();
    return done;
}

time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}

// A deadline that was made of our date, as the kernel's clock has it; one of the steady clock stays, which no machine
// has kept running for thirty years.
int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict deadline) {
    REAL(pthread_cond_timedwait);
    struct timespec moved = *deadline;
    if (moved.tv_sec > 1000000000) moved.tv_sec -= offset();
    return real(condition, mutex, &moved);
}
