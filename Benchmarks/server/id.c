// Ids as the platform gives them: a prefix, and 32 characters that look like chance.

#include "id.h"

#include <stdint.h>
#include <string.h>

static const char *const prefixes[] = {"ws_",  "reg_", "clu_", "pkg_", "pver_",
                                       "inst_", "op_",  "rnd_", "cur_", "repo_"};
static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

// An id is its prefix and 32 characters that look like chance, of which the first 13 hold the number.
static const uint64_t factor = 0x9E3779B97F4A7C15u;

struct id id_of(enum kind kind, long number) {
    struct id id;
    uint64_t parts[3] = {((uint64_t)number + 1) * factor, (uint64_t)number * 0xD1342543DE82EF95u + kind * factor, 0};
    parts[1] ^= parts[1] >> 29;
    parts[2] = (parts[1] ^ parts[0] >> 7) * factor;
    char *at = stpcpy(id.text, prefixes[kind]);
    for (int position = 0; position < 32; position++) {
        uint64_t *part = &parts[position < 13 ? 0 : position < 23 ? 1 : 2];
        *at++ = digits[*part & 31];
        *part >>= 5;
    }
    *at = 0;
    return id;
}

long id_number(enum kind kind, struct slice id) {
    size_t prefix = strlen(prefixes[kind]);
    if (id.length != prefix + 32 || !slice_starts_with(id, prefixes[kind])) return -1;
    uint64_t value = 0, inverse = 1;
    for (int position = 12; position >= 0; position--) {
        const char *digit = strchr(digits, id.start[prefix + (size_t)position]);
        if (!digit) return -1;
        value = value << 5 | (uint64_t)(digit - digits);
    }
    // Newton's iteration doubles the bits in which `inverse` is the inverse of `factor`.
    for (int step = 0; step < 6; step++) inverse *= 2 - factor * inverse;
    return (long)(value * inverse - 1);
}
