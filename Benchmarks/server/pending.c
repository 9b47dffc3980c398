// Answers that wait for their time: a binary heap, the earliest first.

#include "pending.h"

#include <stdlib.h>

static struct pending *heap;
static size_t heap_length, heap_capacity;

uint64_t pending_due(void) { return heap_length ? heap[0].due : NEVER; }

void pending_add(struct pending pending) {
    if (heap_length == heap_capacity) {
        heap_capacity = heap_capacity ? heap_capacity * 2 : 256;
        heap = realloc(heap, heap_capacity * sizeof *heap);
        if (!heap) abort();
    }
    size_t at = heap_length++;
    for (; at && heap[(at - 1) / 2].due > pending.due; at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
    heap[at] = pending;
}

struct pending pending_take(void) {
    struct pending first = heap[0], last = heap[--heap_length];
    size_t at = 0;
    while (1) {
        size_t child = 2 * at + 1;
        if (child >= heap_length) break;
        if (child + 1 < heap_length && heap[child + 1].due < heap[child].due) child++;
        if (heap[child].due >= last.due) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return first;
}
