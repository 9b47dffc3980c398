// The floor: what the same requests cost a small C program that decides nothing.
//
//   floor read   --base-url URL [--concurrency N] [--versions] [--parse] LIST...   such as /workspaces /installs
//   floor create --base-url URL [--concurrency N] [--journal FILE] --work FILE
//   options for both: --http2 and --ca FILE, for TLS
//
// Prints one JSON object with the wall and processor time from before the first request to the end, without the start
// of the process.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "modes.h"

static double seconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void usage(void) {
    fprintf(stderr, "usage: floor read|create --base-url URL [--concurrency N] [--http2] [--ca FILE] [--versions] [--parse] "
                    "[--journal FILE] [--work FILE] [LIST...]\n");
    exit(64);
}

int main(int argc, char **argv) {
    struct options options = {.concurrency = 16};
    const char *lists[64] = {0}, *work = NULL, *journal = NULL;
    int list_count = 0, with_versions = 0, with_parse = 0;
    if (argc < 2) usage();
    for (int i = 2; i < argc; i++) {
        const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";
        if (!strcmp(name, "--versions")) with_versions = 1;
        else if (!strcmp(name, "--parse")) with_parse = 1;
        else if (!strcmp(name, "--http2")) options.http2 = 1;
        else if (!strcmp(name, "--base-url")) options.base_url = value, i++;
        else if (!strcmp(name, "--ca")) options.ca_file = value, i++;
        else if (!strcmp(name, "--concurrency")) options.concurrency = atol(value), i++;
        else if (!strcmp(name, "--journal")) journal = value, i++;
        else if (!strcmp(name, "--work")) work = value, i++;
        else if (*name == '/' && list_count < 63) lists[list_count++] = name;
        else usage();
    }
    int reads = !strcmp(argv[1], "read");
    if (!options.base_url || (reads ? !list_count : !work)) usage();
    transfers_begin(&options);
    if (journal) journal_open(journal);
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    long objects = reads ? read_lists(lists, with_versions, with_parse) : create_installs(work, journal != NULL);
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    wall = seconds(CLOCK_MONOTONIC) - wall;
    long syncs = journal ? journal_close() : 0;
    struct totals totals = transfers_end();
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"wall\":%.6f,\"cpu\":%.6f,\"requests\":%ld,\"connections\":%ld,\"bytes\":%ld,\"objects\":%ld,\"syncs\":%ld,"
           "\"peak_mib\":%.1f}\n",
           wall, cpu, totals.requests, totals.connections, totals.bytes, objects, syncs,
           (double)usage.ru_maxrss / 1024);
    return 0;
}
