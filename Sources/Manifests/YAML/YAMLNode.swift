/// A place in a text: line and column from 1, the column in characters (Unicode scalars).
package struct YAMLMark: Hashable, Sendable, Comparable, CustomStringConvertible {
    // Half the size of two Ints: every node and every key has one, and files are far below 2^31 bytes.
    private let storedLine: Int32
    private let storedColumn: Int32

    package init(line: Int, column: Int) {
        storedLine = Int32(clamping: line)
        storedColumn = Int32(clamping: column)
    }

    package var line: Int { Int(storedLine) }
    package var column: Int { Int(storedColumn) }

    /// As in `12:5`.
    package var description: String { "\(line):\(column)" }

    package static func < (left: YAMLMark, right: YAMLMark) -> Bool {
        (left.storedLine, left.storedColumn) < (right.storedLine, right.storedColumn)
    }
}

/// A value of a YAML or JSON text with the place where it stands; aliases and merge keys are already expanded.
package struct YAMLNode: Sendable {
    package enum Content: Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        /// In the order written; no two entries have the same key.
        case mapping([YAMLEntry])
    }

    package var content: Content
    /// Where the node begins, at its tag or anchor if it has one; for an alias, where its anchor is.
    package var mark: YAMLMark

    package init(_ content: Content, at mark: YAMLMark) {
        self.content = content
        self.mark = mark
    }
}

/// One key of a mapping with its value.
///
/// Keys are text: a scalar key such as `8080` or `true` is its own text.
package struct YAMLEntry: Sendable {
    package var key: String
    package var keyMark: YAMLMark
    package var value: YAMLNode

    package init(key: String, keyMark: YAMLMark, value: YAMLNode) {
        self.key = key
        self.keyMark = keyMark
        self.value = value
    }
}

/// A scalar as it was written: what it means is decided when it is asked for, so that `1.10` can still be text.
package struct YAMLScalar: Hashable, Sendable {
    package enum Style: Hashable, Sendable {
        case plain
        /// In single or double quotes.
        case quoted
        /// Literal (`|`) or folded (`>`).
        case block
    }
    /// An explicit tag of the core schema; ``text`` agrees with it.
    package enum Tag: Hashable, Sendable {
        /// `!!str`, or `!` on its own.
        case text
        case int, float, bool, null
    }

    package var text: String
    package var style: Style
    package var tag: Tag?

    package init(text: String, style: Style, tag: Tag? = nil) {
        self.text = text
        self.style = style
        self.tag = tag
    }
}

extension YAMLNode {
    /// The scalar, when this is one.
    package var scalar: YAMLScalar? { if case .scalar(let scalar) = content { scalar } else { nil } }
    /// The items, when this is a sequence.
    package var items: [YAMLNode]? { if case .sequence(let items) = content { items } else { nil } }
    /// The entries, when this is a mapping.
    package var entries: [YAMLEntry]? { if case .mapping(let entries) = content { entries } else { nil } }

    /// Whether this is null by the core schema: `~`, `null`, or nothing at all.
    package var isNull: Bool { scalar?.isNull ?? false }

    /// The scalar's own text, whatever it would resolve to; nil for null and for collections.
    package var text: String? {
        guard let scalar, !scalar.isNull else { return nil }
        return scalar.text
    }

    /// The entry of that key, when this is a mapping that has one.
    package func entry(_ key: String) -> YAMLEntry? { entries?.first { $0.key == key } }

    /// The value of that key, when this is a mapping that has one.
    package subscript(key: String) -> YAMLNode? { entry(key)?.value }

    /// What kind of value this is, in the words of an error message; never the value itself.
    package var kind: String {
        switch content {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .scalar(let scalar):
            switch scalar.resolved {
            case .null: "nothing"
            case .bool: "a boolean"
            case .number, .notInJSON: "a number"
            case .string: "text"
            }
        }
    }
}
