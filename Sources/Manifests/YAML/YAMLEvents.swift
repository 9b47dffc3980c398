internal import CYAML

/// One step of a YAML text as libyaml reports it.
struct YAMLEvent {
    enum Kind {
        case streamStart, streamEnd
        case documentStart, documentEnd
        case alias(name: String)
        case scalar(YAMLScalar.Style, text: String, Properties)
        case sequenceStart(Properties)
        case mappingStart(Properties)
        case collectionEnd
    }
    /// What can stand before a node.
    struct Properties {
        /// The tag in full, such as `tag:yaml.org,2002:str`, or `!`.
        var tag: String?
        var anchor: String?
    }

    var kind: Kind
    var mark: YAMLMark
}

/// libyaml's parser over bytes that it does not own: made, used and freed within one call of `withUnsafeBufferPointer`.
///
/// The bytes are valid UTF-8 without a byte order mark.
struct YAMLEventParser: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    init(_ bytes: UnsafeBufferPointer<UInt8>) throws(YAMLError) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            throw YAMLError(.limit, at: YAMLMark(line: 1, column: 1), "no memory to read the file")
        }
        self.parser = parser
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event; after ``YAMLEvent/Kind/streamEnd`` or an error there is none.
    mutating func next() throws(YAMLError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
        defer { yaml_event_delete(&event) }
        return YAMLEvent(kind: Self.kind(of: event), mark: YAMLMark(event.start_mark))
    }

    private static func kind(of event: yaml_event_t) -> YAMLEvent.Kind {
        switch event.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT: return .alias(name: text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return .scalar(
                style(of: scalar.style), text: String(decoding: bytes, as: UTF8.self),
                .init(tag: text(scalar.tag), anchor: text(scalar.anchor)))
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            return .sequenceStart(.init(tag: text(start.tag), anchor: text(start.anchor)))
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            return .mappingStart(.init(tag: text(start.tag), anchor: text(start.anchor)))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .collectionEnd
        default: return .streamEnd
        }
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private static func style(of style: yaml_scalar_style_t) -> YAMLScalar.Style {
        switch style {
        case YAML_PLAIN_SCALAR_STYLE: .plain
        case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
        default: .quoted
        }
    }

    /// libyaml's two half sentences as one, with the place that it names in the first.
    private func syntaxError() -> YAMLError {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "not readable as YAML"
        let mark = YAMLMark(state.problem_mark)
        guard let context = state.context.map({ String(cString: $0) }) else {
            return YAMLError(.syntax, at: mark, problem)
        }
        let origin = YAMLMark(state.context_mark)
        let place = origin == mark ? "" : " that begins at \(origin)"
        return YAMLError(.syntax, at: mark, "\(problem) \(context)\(place)")
    }
}

extension YAMLMark {
    fileprivate init(_ mark: yaml_mark_t) { self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1) }
}
