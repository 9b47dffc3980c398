import JSON

/// A request that is turned down, as a value: status, what is wrong, and where.
struct Refusal: Error, Equatable {
    /// One thing that is wrong.
    struct Issue: Equatable, Sendable {
        var code: Code
        var message: String
        /// Where in the request, such as `body`, `version`, `semver`.
        var path: [String] = []
        var metadata: [String: String] = [:]
    }

    /// The codes of the current documents, which name 7002 alone; the others are of our making, in its vicinity.
    enum Code: Int, Sendable {
        case invalid = 7001
        case notFound = 7002
        case unauthorized = 7003
        case forbidden = 7004
        case methodNotAllowed = 7005
        case conflict = 7006
        case unprocessable = 7007
        case gone = 7010
        case tooLarge = 7013
        case unavailable = 7503

        /// The word that the older documents use for a status.
        static func olderWord(for status: Int) -> String {
            switch status {
            case 400: "bad_request"
            case 401: "unauthorized"
            case 403: "forbidden"
            case 404: "not_found"
            case 409: "conflict"
            case 422: "validation_error"
            default: "internal_error"
            }
        }
    }

    var status: Int
    var issues: [Issue]

    init(status: Int, _ issues: [Issue]) {
        self.status = status
        self.issues = issues
    }

    static func badRequest(_ message: String, at path: [String] = []) -> Refusal {
        Refusal(status: 400, [Issue(code: .invalid, message: message, path: path)])
    }

    static let unauthorized = Refusal(
        status: 401, [Issue(code: .unauthorized, message: "The access token is missing, unknown or revoked.")])

    static func forbidden(_ message: String) -> Refusal {
        Refusal(status: 403, [Issue(code: .forbidden, message: message)])
    }

    static func notFound(_ kind: Kind, _ id: String, at path: [String] = []) -> Refusal {
        Refusal(status: 404, [Issue(code: .notFound, message: "No \(kind.noun) has the id '\(id)'.", path: path)])
    }

    static func conflict(_ message: String, metadata: [String: String] = [:]) -> Refusal {
        Refusal(status: 409, [Issue(code: .conflict, message: message, metadata: metadata)])
    }

    static func unprocessable(_ message: String, at path: [String] = []) -> Refusal {
        Refusal(status: 422, [Issue(code: .unprocessable, message: message, path: path)])
    }
}

extension Refusal {
    /// The body of the answer, in one of the forms that the documents or a proxy know.
    func body(in envelope: Switches.Envelope) -> (contentType: String, bytes: [UInt8]) {
        switch envelope {
        case .openAPI: ("application/json", JSONWriter().bytes(of: currentEnvelope))
        case .older: ("application/json", JSONWriter().bytes(of: olderEnvelope))
        case .html:
            ("text/html", Array("<html><body><h1>\(status)</h1><hr>proxy</body></html>\n".utf8))
        case .empty: ("text/plain", [])
        }
    }

    private var currentEnvelope: JSONValue {
        let entries: [JSONValue] = issues.map { issue in
            .object {
                $0["code"] = .number(JSONNumber(issue.code.rawValue))
                $0["message"] = .string(issue.message)
                if !issue.path.isEmpty { $0["path"] = .array(issue.path.map(JSONValue.string)) }
                if !issue.metadata.isEmpty {
                    $0["metadata"] = .object { members in
                        for (name, value) in issue.metadata.sorted(by: { $0.key < $1.key }) {
                            members[name] = .string(value)
                        }
                    }
                }
            }
        }
        return ["success": false, "errors": .array(entries), "result": [:]]
    }

    private var olderEnvelope: JSONValue {
        let message = issues.map(\.message).joined(separator: " ")
        return ["error": ["code": .string(Code.olderWord(for: status)), "message": .string(message)]]
    }
}
