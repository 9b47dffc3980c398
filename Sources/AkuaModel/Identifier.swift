/// An id that the platform gave: opaque, compared byte by byte, never built or taken apart.
///
/// The tag keeps an install's id from standing where a package's is wanted. Holds: 1 to 64 characters of
/// `A–Z a–z 0–9 - _ . ~`, so that it can stand in a path as it is and can't end in a custom verb.
package struct Identifier<Tag>: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// The id, or nil when the text can't be one.
    package init?(_ text: String) {
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(Self.allows), text != ".", text != ".."
        else { return nil }
        self.text = text
    }

    package var description: String { text }

    private static func allows(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

extension Identifier: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = Identifier(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "it can't be an id")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension Identifier: Comparable {
    package static func < (left: Identifier, right: Identifier) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

package typealias WorkspaceID = Identifier<Workspace>
package typealias RegionID = Identifier<Region>
package typealias ClusterID = Identifier<Cluster>
package typealias PackageID = Identifier<Package>
package typealias PackageVersionID = Identifier<PackageVersion>
package typealias ProductID = Identifier<Product>
package typealias InstallID = Identifier<Install>
package typealias RenderID = Identifier<Render>
package typealias OperationID = Identifier<Operation>
package typealias RepositoryID = Identifier<Repository>
