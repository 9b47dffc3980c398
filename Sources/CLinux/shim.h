#pragma once
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>

// Linux takes the arguments of `prctl` through "...", which Swift cannot call: one door for each thing that is asked of it.

static inline int clinux_die_with_parent(void) {
    return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

static inline int clinux_conceal_memory(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
