package import Telemetry

/// Versions of the machine's libraries that nobody should run any more (S11).
///
/// A library tells the number of its makers. A distribution that corrects an old one keeps that number, so only what is older
/// than in every supported distribution (Debian 12, Ubuntu 24.04) can be called bad by it: a warning at each start of a machine
/// that is up to date would teach people to look away. Updates of those come from the distribution, in time and under the
/// same number.
///
/// Not here, since this program does not meet it: SQLite's WAL-reset defect (before 3.51.3) takes two connections that
/// write or make checkpoints at once, and the journal has one; libcurl's retries over HTTP/2 (curl#12054, before 8.5) can send a write
/// twice, which its key makes harmless.
package enum KnownDefects {
    /// One of them.
    package struct Defect: Equatable, Sendable {
        /// As ``Runtime/libraries`` names it.
        package var library: String
        /// The first version without it.
        package var correctedIn: String
        package var reason: String
    }

    package static let all = [
        Defect(
            library: "libgit2", correctedIn: "1.5.1",
            reason: "CVE-2023-22742: the key of an ssh server is not verified"),
        Defect(
            library: "libcurl", correctedIn: "7.83.1",
            reason: "CVE-2022-27782: a connection is used again although its TLS settings have changed"),
        Defect(
            library: "sqlite", correctedIn: "3.39.2", reason: "CVE-2022-35737: a very long text writes beyond its array"
        ),
        Defect(library: "libyaml", correctedIn: "0.1.7", reason: "CVE-2014-9130: a crafted document ends the process"),
    ]

    /// The libraries among these that are known to be bad, as they name themselves (`libgit2/1.4.0`).
    package static func found(in libraries: String) -> [(library: String, defect: Defect)] {
        libraries.split(separator: " ").flatMap { word in
            let parts = word.split(separator: "/", maxSplits: 1)
            guard parts.count == 2 else { return [(library: String, defect: Defect)]() }
            return all.filter { $0.library == parts[0] && isOlder(parts[1], than: $0.correctedIn) }
                .map { (String(word), $0) }
        }
    }

    /// Says which of the libraries are known to be bad.
    package static func warn(of libraries: String, to logger: Logger) {
        for (library, defect) in found(in: libraries) {
            logger.emit(
                .libraryOutdated, "a library of the machine has a known defect: update it",
                [.libraries: library, .reason: "\(defect.reason); corrected in \(defect.correctedIn)"])
        }
    }

    private static func isOlder(_ version: some StringProtocol, than other: String) -> Bool {
        numbers(version).lexicographicallyPrecedes(numbers(other))
    }

    /// `7.88.1-DEV` is 7, 88, 1.
    private static func numbers(_ version: some StringProtocol) -> [Int] {
        version.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }.split(separator: ".").compactMap { Int($0) }
    }
}
