import CGit2

/// The library's start in a process: once, and cut off from the git configuration of the host.
package enum LibGit2 {
    /// Makes the library ready; every further call is free.
    ///
    /// No file under `HOME` or `/etc` is read afterwards: an `insteadOf`, a proxy or a credential helper of whoever
    /// owns the machine changes nothing here. What the library keeps in memory is bounded.
    package static func start() throws(LibGit2Error) { try started.get() }

    /// Such as `1.5.1`.
    package static var version: String {
        var (major, minor, revision): (Int32, Int32, Int32) = (0, 0, 0)
        // It fails for no version that is out, and what it leaves then is no version either.
        _ = git_libgit2_version(&major, &minor, &revision)
        return "\(major).\(minor).\(revision)"
    }

    private static let started = Result { () throws(LibGit2Error) in
        try LibGit2Error.check(git_libgit2_init(), "git_libgit2_init")
        for level in [GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL] {
            try LibGit2Error.check(cgit2_set_search_path(level, ""), "git_libgit2_opts(SET_SEARCH_PATH)")
        }
        try LibGit2Error.check(cgit2_set_template_path(""), "git_libgit2_opts(SET_TEMPLATE_PATH)")
        try LibGit2Error.check(cgit2_set_cache_bytes_max(cacheBytesMax), "git_libgit2_opts(SET_CACHE_MAX_SIZE)")
        try LibGit2Error.check(cgit2_set_window_bytes(windowBytes), "git_libgit2_opts(SET_MWINDOW_SIZE)")
        try LibGit2Error.check(
            cgit2_set_mapped_bytes_max(mappedBytesMax), "git_libgit2_opts(SET_MWINDOW_MAPPED_LIMIT)")
    }

    /// Objects that the library keeps decoded: a pass reads each once, so a large cache would only be memory.
    private static let cacheBytesMax = 4 << 20
    /// Packs are mapped in windows of this size, up to the second number altogether.
    private static let windowBytes = 8 << 20
    private static let mappedBytesMax = 128 << 20
}
