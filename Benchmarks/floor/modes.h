// What the floor can do; see main.c.

#ifndef BENCH_MODES_H
#define BENCH_MODES_H

#include "transfers.h"

// Reads the first list, then the others side by side, and the versions of each package as soon as it is known.
// Gives how many objects were parsed.
long read_lists(const char *const *lists, int with_versions, int with_parse);

// Makes the installs of a file, one a line: the body of its create, a tab, the body of its render. Each takes the calls
// that a daemon makes for one: create, wait, look, look, automatic updates, look, render, wait, look at the render.
// Gives how many were made. With a journal every write is durable before it leaves.
long create_installs(const char *file, int with_journal);

// Intents become durable in groups: those that come while one group is being written make the next.
void journal_open(const char *path);
void journal_write(const char *intent, struct slice body, void (*durable)(void *), void *context);
// Outcomes are written with the next group, and nobody waits for them.
void journal_note(const char *outcome);
// Gives how many times the file was made durable.
long journal_close(void);

#endif
