@testable import Manifests

extension FuzzTarget {
    static let versions = [
        FuzzTarget("version-range", "a range and what it stands for hold the same versions; the highest is in it") {
            let lines = $0.lines(8)
            guard let range = VersionRange(lines[0]) else { return }
            let versions = (lines.dropFirst() + probes).compactMap(SemanticVersion.init)
            if range.expanded.count <= VersionRange.lengthMax {
                let expanded = try VersionRange(parsing: range.expanded)
                for version in versions {
                    try require(
                        range.contains(version) == expanded.contains(version),
                        "\(version) in \(range.text) and in \(range.expanded)")
                }
            }
            let highest = range.highest(among: versions)
            try require(
                highest.map(range.contains) ?? !versions.contains(where: range.contains), "not in \(range.text)")
            for version in versions where range.contains(version) {
                try require(highest.map { version <= $0 } ?? false, "\(version) is above the highest of \(range.text)")
                try require(!version.isPrerelease || range.text.contains("-"), "\(version) in \(range.text)")
            }
        },
        FuzzTarget("semantic-version", "versions keep their text and have one order, also beside what is none") {
            let lines = $0.lines(3)
            for text in lines {
                guard let version = SemanticVersion(text) else { continue }
                try require(version.description.isSpelt(as: text), "\(text) has become \(version)")
                try require(version.isPrerelease == text.prefix { $0 != "+" }.contains("-"), text)
            }
            let (a, b, c) = (lines[0], lines[1], lines[2])
            let isBefore = SemanticVersion.orders
            try require(!isBefore(a, a), "\(a) is before itself")
            try require(!(isBefore(a, b) && isBefore(b, a)), "\(a) and \(b) are before each other")
            try require(isBefore(a, b) || isBefore(b, a) || a.isSpelt(as: b), "\(a) and \(b) have no order")
            if isBefore(a, b), isBefore(b, c) { try require(isBefore(a, c), "\(a), \(b), \(c)") }
        },
    ]

    private static let probes = [
        "0.0.0", "0.0.1", "0.1.0", "1.0.0-0", "1.0.0-rc.1", "1.0.0", "1.2.3-rc.1", "1.2.3", "1.2.4-0", "1.3.0",
        "2.0.0-0",
        "2.0.0", "9999999999999999999999.0.0",
    ]
}
