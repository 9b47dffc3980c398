import CLinux

/// How the C library's allocator holds the process's memory.
///
/// A pass allocates tens of megabytes for seconds, on whichever threads are free, and then nothing for minutes.
enum HeapMemory {
    /// Arenas at most, before the first thread has one of its own: each keeps what was once needed from it, and by default
    /// there may be eight for each core.
    private static let arenasMax: Int32 = 2

    static func limitArenas() { _ = mallopt(M_ARENA_MAX, arenasMax) }

    /// Gives back to the system what is free; takes a millisecond or a few.
    static func trim() { _ = malloc_trim(0) }
}
