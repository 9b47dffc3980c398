/// Why a JSON document is no schema that values can be checked with.
package struct InputSchemaError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Problem: Equatable, Sendable {
        /// A schema is an object or a boolean.
        case notASchema(kind: String)
        /// A keyword's value is not what the dialect allows.
        case badKeyword(String, expected: String)
        /// Draft 2020-12 calls it `prefixItems`.
        case listOfItems
        case badPattern(String, reason: String)
        case unknownDialect(String)
        /// A metaschema requires a vocabulary that is not supported.
        case unknownVocabulary(String)
        case malformedReference(String)
        /// The document of a reference is not at hand; nothing is ever fetched.
        case unknownDocument(String)
        /// The document is there, but not what the fragment names in it.
        case danglingReference(String)
        case duplicateIdentifier(String)
        case tooDeep(limit: Int)
        case tooLarge(limit: Int)
    }

    package var problem: Problem
    /// A JSON pointer into the schema, behind the address of its document where that is not the schema itself.
    package var location: String

    package var description: String {
        "\(location.isEmpty ? "the schema" : "the schema at \(Quoted.clean(location))"): \(sentence)"
    }

    /// What is wrong and what to do about it, without the place.
    package var sentence: String {
        switch problem {
        case .notASchema(let kind): "a schema must be an object, true or false, not \(kind)"
        case .badKeyword(let keyword, let expected): "\(keyword) must be \(expected)"
        case .listOfItems:
            "items must be one schema in draft 2020-12; call the list prefixItems, or declare \"$schema\": "
                + "\"http://json-schema.org/draft-07/schema#\""
        case .badPattern(let pattern, let reason): "the pattern \(Quoted(pattern)) is not supported: \(reason)"
        case .unknownDialect(let uri):
            "the dialect \(Quoted(uri)) is not supported; draft-07 and draft 2020-12 are"
        case .unknownVocabulary(let uri): "the vocabulary \(Quoted(uri)) is not supported"
        case .malformedReference(let reference): "\(Quoted(reference)) is not a valid reference"
        case .unknownDocument(let uri):
            "\(Quoted(uri)) is not part of the schema, and nothing is fetched; move what it holds into $defs"
        case .danglingReference(let reference): "\(Quoted(reference)) refers to nothing"
        case .duplicateIdentifier(let uri): "\(Quoted(uri)) names two schemas"
        case .tooDeep(let limit): "nested more than \(limit) levels deep"
        case .tooLarge(let limit): "more than \(limit) schemas"
        }
    }
}
