// Ids as the platform gives them: a prefix, and 32 characters that look like chance.

#ifndef BENCH_ID_H
#define BENCH_ID_H

#include "text.h"

// What an id names; ids of one kind are told by its prefix.
enum kind { KIND_WORKSPACE, KIND_REGION, KIND_CLUSTER, KIND_PACKAGE, KIND_VERSION, KIND_INSTALL, KIND_OPERATION,
            KIND_RENDER, KIND_CURSOR, KIND_REPOSITORY };

// Long enough for any id with the zero at its end.
struct id {
    char text[48];
};

struct id id_of(enum kind kind, long number);

// The number of the object that an id names, or -1.
long id_number(enum kind kind, struct slice id);

#define ID(kind, number) (id_of(KIND_##kind, number).text)

#endif
