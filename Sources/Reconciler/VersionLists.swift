import AkuaModel
import Planning
import Synchronization

/// The version lists that earlier passes have read, by package: good for as long as the package's etag and newest
/// version are the same, and an hour at most (DESIGN §7).
///
/// An answer is only taken from here when every version that is asked for is in it: one that was published out of order
/// moves neither etag nor newest version on every platform. So nothing that follows a range or `latest` is.
package final class VersionLists: Sendable {
    /// How long a list is good for, in milliseconds.
    private static let ageMax = 3_600_000

    private struct Entry {
        var etag: ETag
        var latest: PackageVersionID
        /// Milliseconds since some fixed moment.
        var readAt: Int
        var versions: [PackageVersion]
    }
    private let entries = Mutex<[PackageID: Entry]>([:])

    package init() {}

    /// The versions of a package, if what an earlier pass has read can stand for reading them now.
    func versions(of package: AkuaModel.Package, for demand: VersionDemand, at now: Int) -> [PackageVersion]? {
        guard !demand.isOpen, let entry = entries.withLock({ $0[package.id] }), entry.etag == package.etag,
            entry.latest == package.latestVersionID, now - entry.readAt < Self.ageMax,
            demand.exact.isSubset(of: entry.versions.lazy.map(\.semver))
        else { return nil }
        return entry.versions
    }

    /// Keeps what was read for a package as `package` lists it; without an etag nothing is kept.
    func keep(_ versions: [PackageVersion], of package: AkuaModel.Package, at now: Int) {
        let entry = package.etag.map {
            Entry(etag: $0, latest: package.latestVersionID, readAt: now, versions: versions)
        }
        entries.withLock { $0[package.id] = entry }
    }

    /// Lets go of all lists but those of these packages.
    func forget(allBut packages: some Sequence<PackageID>) {
        let kept = Set(packages)
        entries.withLock { entries in entries = entries.filter { kept.contains($0.key) } }
    }
}
