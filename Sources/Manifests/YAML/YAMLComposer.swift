/// Builds the tree of one document from its events.
struct YAMLComposer {
    /// A collection whose end has not come yet.
    private struct Frame {
        var isMapping: Bool
        var mark: YAMLMark
        var anchor: String?
        var items: [YAMLNode] = []
        var entries: [YAMLEntry] = []
        /// The key that waits for its value.
        var key: Key?
        /// Names already taken, kept from the point where a search in line would be slow.
        var names: Set<String>?
        /// Where `<<` stands, and the mappings that it names.
        var mergeMark: YAMLMark?
        var merges: [YAMLNode] = []
    }
    private struct Key {
        var name: String
        var mark: YAMLMark
        var role: Role

        enum Role { case ordinary, merge, unusable }
    }
    private enum Anchored {
        case node(YAMLNode)
        /// The node with that anchor is still being read: an alias to it would contain itself.
        case open
    }

    private let limits: YAMLReader.Limits
    private let errorsMax: Int
    private var frames: [Frame] = []
    private var anchors: [String: Anchored] = [:]
    private var errors: [YAMLError] = []
    private var nodes = 0
    private var expansion: Expansion

    init(limits: YAMLReader.Limits, errorsMax: Int) {
        self.limits = limits
        self.errorsMax = errorsMax
        expansion = Expansion(nodesLeft: limits.expandedNodesMax, bytesLeft: limits.expandedBytesMax)
    }

    /// The document whose start was the last event.
    mutating func document(from events: inout YAMLEventParser) throws(YAMLError) -> YAMLDocument {
        var root: YAMLNode?
        while true {
            let event = try events.next()
            guard let node = try node(completedBy: event) else {
                if case .documentEnd = event.kind { break }
                continue
            }
            // A node that came by an alias stands at the alias, a collection where it began.
            let place = if case .collectionEnd = event.kind { node.mark } else { event.mark }
            if frames.isEmpty { root = node } else { try add(node, at: place) }
        }
        return YAMLDocument(root: root ?? .nothing(at: YAMLMark(line: 1, column: 1)), errors: errors)
    }

    /// The node that the event completes, or nil when it opens a collection or ends the document.
    private mutating func node(completedBy event: YAMLEvent) throws(YAMLError) -> YAMLNode? {
        switch event.kind {
        case .scalar(let style, let text, let properties):
            try count(at: event.mark)
            let scalar = YAMLScalar(text: text, style: style, tag: try tag(properties.tag, on: text, at: event.mark))
            let node = YAMLNode(.scalar(scalar), at: event.mark)
            try anchor(properties.anchor, .node(node), at: event.mark)
            return node
        case .alias(let name):
            try count(at: event.mark)
            return try expand(name, at: event.mark)
        case .sequenceStart(let properties):
            try open(Frame(isMapping: false, mark: event.mark, anchor: properties.anchor), tag: properties.tag)
            return nil
        case .mappingStart(let properties):
            try open(Frame(isMapping: true, mark: event.mark, anchor: properties.anchor), tag: properties.tag)
            return nil
        case .collectionEnd: return try close()
        case .streamStart, .streamEnd, .documentStart, .documentEnd: return nil
        }
    }

    private mutating func anchor(_ name: String?, _ meaning: Anchored, at mark: YAMLMark) throws(YAMLError) {
        guard let name else { return }
        anchors[name] = meaning
        guard anchors.count <= limits.anchorsMax else {
            throw YAMLError(.limit, at: mark, "more than \(limits.anchorsMax) anchors in one document")
        }
    }

    private mutating func count(at mark: YAMLMark) throws(YAMLError) {
        nodes += 1
        guard nodes <= limits.nodesMax else {
            throw YAMLError(.limit, at: mark, "more than \(limits.nodesMax) keys and values in one document")
        }
    }

    private mutating func report(_ error: YAMLError) throws(YAMLError) {
        guard errors.count < errorsMax else {
            throw YAMLError(.limit, at: error.mark, "more than \(limits.errorsMax) errors in one file")
        }
        errors.append(error)
    }
}

extension YAMLComposer {
    private mutating func open(_ frame: Frame, tag: String?) throws(YAMLError) {
        try count(at: frame.mark)
        guard frames.count < limits.depthMax else { throw tooDeep(at: frame.mark) }
        let expected = frame.isMapping ? "tag:yaml.org,2002:map" : "tag:yaml.org,2002:seq"
        if let tag, tag != expected, tag != "!" {
            try report(unknown(tag, at: frame.mark, on: frame.isMapping ? "a mapping" : "a list"))
        }
        try anchor(frame.anchor, .open, at: frame.mark)
        frames.append(frame)
    }

    private mutating func close() throws(YAMLError) -> YAMLNode? {
        guard var frame = frames.popLast() else { return nil }
        if !frame.merges.isEmpty { Self.merge(into: &frame) }
        let node = YAMLNode(frame.isMapping ? .mapping(frame.entries) : .sequence(frame.items), at: frame.mark)
        try anchor(frame.anchor, .node(node), at: frame.mark)
        return node
    }

    /// Puts a completed node where it belongs in the innermost open collection; `mark` is where it stands there.
    private mutating func add(_ node: YAMLNode, at mark: YAMLMark) throws(YAMLError) {
        let innermost = frames.count - 1
        guard frames[innermost].isMapping else {
            frames[innermost].items.append(node)
            return
        }
        guard let key = frames[innermost].key else {
            frames[innermost].key = try key(from: node, at: mark, in: innermost)
            return
        }
        frames[innermost].key = nil
        switch key.role {
        case .ordinary:
            frames[innermost].entries.append(YAMLEntry(key: key.name, keyMark: key.mark, value: node))
        case .merge: try addMerge(node, at: mark, in: innermost)
        case .unusable: break
        }
    }

    private mutating func key(from node: YAMLNode, at mark: YAMLMark, in frame: Int) throws(YAMLError) -> Key {
        guard let scalar = node.scalar else {
            try report(YAMLError(.key, at: mark, "a key that is \(node.kind)", hint: "only text can be a key"))
            return Key(name: "", mark: mark, role: .unusable)
        }
        let name = scalar.text
        guard name.utf8.count <= limits.keyBytesMax else {
            throw YAMLError(.limit, at: mark, "a key of more than \(limits.keyBytesMax) bytes")
        }
        if name.isEmpty, scalar.style == .plain {
            try report(YAMLError(.key, at: mark, "a value without a key"))
            return Key(name: "", mark: mark, role: .unusable)
        }
        let isMerge = name == "<<" && scalar.style == .plain && scalar.tag == nil
        if let first = place(of: name, isMerge: isMerge, in: frame) {
            try report(
                YAMLError(
                    .duplicateKey, at: mark, "the key \(Quoted(name)) occurs twice in one mapping",
                    hint: "it was first given at \(first)"))
            return Key(name: name, mark: mark, role: .unusable)
        }
        if isMerge { frames[frame].mergeMark = mark }
        return Key(name: name, mark: mark, role: isMerge ? .merge : .ordinary)
    }

    /// Where the frame already has that key, if it has; the name is taken from then on.
    private mutating func place(of name: String, isMerge: Bool, in index: Int) -> YAMLMark? {
        if isMerge { return frames[index].mergeMark }
        if frames[index].names == nil {
            guard frames[index].entries.count >= 16 else {
                return frames[index].entries.first { $0.key == name }?.keyMark
            }
            frames[index].names = Set(frames[index].entries.map(\.key))
        }
        guard frames[index].names?.insert(name).inserted == false else { return nil }
        return frames[index].entries.first { $0.key == name }?.keyMark
    }
}

extension YAMLComposer {
    private mutating func tag(
        _ tag: String?, on text: String, at mark: YAMLMark
    ) throws(YAMLError) -> YAMLScalar.Tag? {
        guard let tag else { return nil }
        // `<<` with its own tag means what it means without.
        if tag == "tag:yaml.org,2002:merge", text == "<<" { return nil }
        let known: YAMLScalar.Tag
        switch tag {
        case "!", "tag:yaml.org,2002:str": known = .text
        case "tag:yaml.org,2002:int": known = .int
        case "tag:yaml.org,2002:float": known = .float
        case "tag:yaml.org,2002:bool": known = .bool
        case "tag:yaml.org,2002:null": known = .null
        default:
            try report(unknown(tag, at: mark, on: "a scalar"))
            return .text
        }
        guard CoreSchema.text(text, agreesWith: known) else {
            try report(YAMLError(.tag, at: mark, "the tag !!\(known) on text that is no \(known)"))
            return .text
        }
        return known
    }

    private func unknown(_ tag: String, at mark: YAMLMark, on kind: String) -> YAMLError {
        let core = "tag:yaml.org,2002:"
        let name = tag.hasPrefix(core) ? "!!" + tag.dropFirst(core.count) : tag
        return YAMLError(
            .tag, at: mark, "the tag \(Quoted(name)) can't stand on \(kind)",
            hint: "only the tags of the core schema are read: !!str !!int !!float !!bool !!null !!map !!seq")
    }

    private func tooDeep(at mark: YAMLMark) -> YAMLError {
        YAMLError(.limit, at: mark, "nested more than \(limits.depthMax) levels deep")
    }
}

extension YAMLComposer {
    private mutating func expand(_ name: String, at mark: YAMLMark) throws(YAMLError) -> YAMLNode {
        switch anchors[name] {
        case nil: throw YAMLError(.alias, at: mark, "the alias *\(Quoted.clean(name)) has no anchor before it")
        case .open: throw YAMLError(.alias, at: mark, "the alias *\(Quoted.clean(name)) stands inside what it means")
        case .node(let node):
            switch expansion.take(node, depthLeft: limits.depthMax - frames.count) {
            case .fits: return node
            case .tooDeep: throw tooDeep(at: mark)
            case .tooLarge:
                throw YAMLError(
                    .limit, at: mark,
                    "aliases expand to more than \(limits.expandedNodesMax) values"
                        + " or \(limits.expandedBytesMax) bytes in one document")
            }
        }
    }

    private mutating func addMerge(_ node: YAMLNode, at mark: YAMLMark, in frame: Int) throws(YAMLError) {
        let maps = node.items ?? [node]
        guard maps.allSatisfy({ $0.entries != nil }) else {
            try report(YAMLError(.merge, at: mark, "the value of '<<' is neither a mapping nor a list of mappings"))
            return
        }
        frames[frame].merges += maps
    }

    /// Appends what the merged mappings have and the mapping itself has not; of two merged ones the first wins.
    private static func merge(into frame: inout Frame) {
        var names = frame.names ?? Set(frame.entries.map(\.key))
        for merged in frame.merges {
            for entry in merged.entries ?? [] where names.insert(entry.key).inserted { frame.entries.append(entry) }
        }
    }
}

/// What aliases may still expand to.
///
/// A shared subtree costs no memory here, but everyone who walks the tree later visits it as often as it is aliased.
private struct Expansion {
    enum Answer { case fits, tooDeep, tooLarge }

    var nodesLeft: Int
    var bytesLeft: Int

    /// Takes the whole of `node` from what is left; ends as soon as nothing is, so that the work is bounded too.
    mutating func take(_ node: YAMLNode, depthLeft: Int) -> Answer {
        nodesLeft -= 1
        guard nodesLeft >= 0 else { return .tooLarge }
        switch node.content {
        case .scalar(let scalar):
            bytesLeft -= scalar.text.utf8.count
            return bytesLeft >= 0 ? .fits : .tooLarge
        case .sequence(let items):
            guard depthLeft > 0 else { return .tooDeep }
            for item in items {
                let answer = take(item, depthLeft: depthLeft - 1)
                guard answer == .fits else { return answer }
            }
        case .mapping(let entries):
            guard depthLeft > 0 else { return .tooDeep }
            for entry in entries {
                nodesLeft -= 1
                bytesLeft -= entry.key.utf8.count
                let answer = take(entry.value, depthLeft: depthLeft - 1)
                guard answer == .fits else { return answer }
            }
        }
        return .fits
    }
}
