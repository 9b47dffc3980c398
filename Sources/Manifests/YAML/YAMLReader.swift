import CYAML

/// One document of a YAML stream, or the one value of a JSON text.
package struct YAMLDocument: Sendable {
    /// The value; null for an empty document.
    package var root: YAMLNode
    /// Where the document's first node begins.
    package var mark: YAMLMark { root.mark }
    /// What is wrong with it though it could be read to its end: duplicate keys, unknown tags and the like.
    ///
    /// The tree is then what is left when those are passed over: good for finding further errors, for nothing else.
    package var errors: [YAMLError]

    package init(root: YAMLNode, errors: [YAMLError] = []) {
        self.root = root
        self.errors = errors
    }
}

/// Reads YAML 1.2 (core schema) into trees that know the place of every key and value.
///
/// Aliases are expanded and merge keys honoured. Holds I12 and goal S6: size, number of documents, depth, nodes, keys
/// and what aliases expand to are all bounded, and nothing recurses deeper than ``Limits/depthMax``.
package enum YAMLReader {
    /// The version of libyaml, such as `0.2.5`.
    package static var libraryVersion: String { String(cString: yaml_get_version_string()) }

    /// How much is read before giving up.
    package struct Limits: Sendable {
        package var bytesMax = 4 << 20
        package var documentsMax = 10_000
        /// Collections within collections.
        package var depthMax = 100
        /// Keys and values of one document, those that aliases expand to included.
        package var nodesMax = 200_000
        /// Of those, what aliases may expand to, and the bytes of text in it.
        package var expandedNodesMax = 50_000
        package var expandedBytesMax = 2 << 20
        package var anchorsMax = 1_000
        /// Bytes of one key; libyaml takes no longer one either unless it follows a `?`.
        package var keyBytesMax = 1_024
        /// Errors of one text that are reported.
        package var errorsMax = 100

        package init() {}
    }

    /// Hands every document to `body`, one after the other, so that no more than one is held.
    ///
    /// - Throws: the error at which reading ends, such as one of syntax; what is wrong with a document that could be
    ///   read to its end is in ``YAMLDocument/errors``.
    package static func read(
        _ bytes: [UInt8], limits: Limits = Limits(), each body: (YAMLDocument) -> Void
    ) throws(YAMLError) {
        let text = try YAMLText(bytes, bytesMax: limits.bytesMax)
        try text.checkCharacters()
        // The result travels out as a value because the closure of the standard library can't throw a typed error.
        let result: Result<Void, YAMLError> = bytes.withUnsafeBufferPointer { buffer in
            let content = UnsafeBufferPointer(rebasing: buffer[text.start...])
            do throws(YAMLError) {
                try readDocuments(content, limits: limits, each: body)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// The one document of a text that must not have more; null when it has none.
    ///
    /// - Throws: all that is wrong with it.
    package static func document(in bytes: [UInt8], limits: Limits = Limits()) throws(YAMLErrors) -> YAMLNode {
        var documents: [YAMLDocument] = []
        var errors: [YAMLError] = []
        do throws(YAMLError) {
            try read(bytes, limits: limits) { document in
                // Two are enough to know that there are too many.
                if documents.count < 2 { documents.append(document) }
                errors += document.errors
            }
        } catch {
            errors.append(error)
        }
        if documents.count > 1 {
            errors.append(
                YAMLError(
                    .syntax, at: documents[1].mark, "a second document", hint: "only one is expected in this file"))
        }
        guard errors.isEmpty else { throw YAMLErrors(errors) }
        return documents.first?.root ?? .nothing(at: YAMLMark(line: 1, column: 1))
    }

    private static func readDocuments(
        _ bytes: UnsafeBufferPointer<UInt8>, limits: Limits, each body: (YAMLDocument) -> Void
    ) throws(YAMLError) {
        var events = try YAMLEventParser(bytes)
        var (documents, errors) = (0, 0)
        while true {
            let event = try events.next()
            switch event.kind {
            case .streamEnd: return
            case .documentStart:
                documents += 1
                guard documents <= limits.documentsMax else {
                    throw YAMLError(
                        .limit, at: event.mark, "more than \(limits.documentsMax) documents in one file")
                }
                var composer = YAMLComposer(limits: limits, errorsMax: limits.errorsMax - errors)
                let document = try composer.document(from: &events)
                errors += document.errors.count
                body(document)
            default: continue
            }
        }
    }
}

extension YAMLNode {
    /// The null that an empty document or a missing value stands for.
    static func nothing(at mark: YAMLMark) -> YAMLNode {
        YAMLNode(.scalar(YAMLScalar(text: "", style: .plain)), at: mark)
    }
}
