import CLinux
import GitPlumbing
import Glibc

/// What this process may use up, and how long it may live.
enum Confinement {
    /// Bounds memory and processor time, refuses core dumps, and ties the process to the daemon's life.
    ///
    /// A limit that the system does not grant is left as it is: the daemon's deadline holds in any case.
    static func enter(_ request: FetchRequest) {
        umask(0o077)
        signal(SIGPIPE, SIG_IGN)
        _ = clinux_conceal_memory()
        _ = clinux_die_with_parent()
        // A parent that ended before the line above took effect sends no signal any more.
        guard getppid() == request.parent else { exit(1) }
        limit(RLIMIT_CORE, to: 0)
        limit(RLIMIT_CPU, to: request.limits.cpuSeconds)
        #if !SANITIZED
            // A sanitizer keeps a shadow of all memory, which counts.
            limit(RLIMIT_DATA, to: request.limits.memoryBytes)
        #endif
    }

    private static func limit(_ resource: __rlimit_resource, to value: Int) {
        var limits = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value))
        _ = setrlimit(__rlimit_resource_t(resource.rawValue), &limits)
    }
}
