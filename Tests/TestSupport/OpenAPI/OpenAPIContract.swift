package import AkuaEmulator
package import Foundation
package import JSON

/// The platform's public OpenAPI document, as the arbiter between the emulator and the daemon.
///
/// It is data for tests and not part of the project: where it is absent, nothing can be checked and tests say so.
package struct OpenAPIContract: Sendable {
    /// What is wrong with one exchange.
    package struct Violation: Equatable, Sendable, CustomStringConvertible {
        package var exchange: String
        package var problem: String
        package var description: String { "\(exchange): \(problem)" }
    }

    /// One call as the document describes it.
    private struct Operation: Sendable {
        var method: String
        var path: String
        var description: JSONValue
    }

    private let components: JSONValue
    private let operations: [String: Operation]

    /// The folder with the document: `AKUA_SHARED_DIR`, or `shared` beside the checkout.
    package static var folder: URL {
        if let path = ProcessInfo.processInfo.environment["AKUA_SHARED_DIR"] { return URL(filePath: path) }
        return URL(filePath: FileManager.default.currentDirectoryPath).appending(path: "../shared").standardized
    }

    /// The document where it is present, read once.
    package static let shared: OpenAPIContract? = {
        guard let data = FileManager.default.contents(atPath: folder.appending(path: "openapi/akua-public.json").path),
            let document = try? JSONReader.read(Array(data))  // What can't be read can't be checked against.
        else { return nil }
        return OpenAPIContract(document)
    }()

    /// Why nothing can be checked, for the comment of a skipped test.
    package static var absence: String {
        "There is no openapi/akua-public.json in \(folder.path): nothing was checked against the platform's document."
    }

    package init(_ document: JSONValue) {
        components = document["components"] ?? [:]
        var operations: [String: Operation] = [:]
        for path in document["paths"]?.object ?? JSONObject() {
            for method in path.value.object ?? JSONObject() {
                guard let name = method.value["operationId"]?.string else { continue }
                operations[name] = Operation(
                    method: method.name.uppercased(), path: path.name, description: method.value)
            }
        }
        self.operations = operations
    }

    /// How the document addresses a call, such as `POST /packages:import`; nil when it knows no such call.
    package func address(of call: String) -> String? { operations[call].map { "\($0.method) \($0.path)" } }

    /// What in an exchange the document does not allow.
    ///
    /// A request that was refused with 400, 401, 403 or 422 need not be right. Exchanges that a fault had its hands
    /// in are not looked at.
    package func violations(in exchange: Exchange) -> [Violation] {
        guard !exchange.isFaulty, let call = exchange.call else { return [] }
        let label = "\(exchange.method) \(exchange.path) (\(call)) answered with \(exchange.status)"
        guard let operation = operations[call] else {
            return [Violation(exchange: label, problem: "the document has no such call")]
        }
        var problems: [String] = []
        if !UndeclaredAnswers.mayRefuse(exchange.status) {
            problems += requestProblems(exchange, operation.description)
        }
        problems += answerProblems(exchange, call, operation.description)
        return problems.map { Violation(exchange: label, problem: $0) }
    }

    private func requestProblems(_ exchange: Exchange, _ operation: JSONValue) -> [String] {
        var problems: [String] = []
        var queryNames = Set(Self.query(exchange.query).keys)
        for parameter in operation["parameters"]?.array ?? [] {
            let name = parameter["name"]?.string ?? ""
            let value: String?
            switch parameter["in"]?.string {
            case "query": value = Self.query(exchange.query)[queryNames.remove(name) ?? name]
            case "header": value = exchange.requestHeaders.first { $0.name == name.lowercased() }?.value
            default: continue
            }
            if value == nil, parameter["required"] == true { problems.append("the request lacks \(name)") }
            guard let value, let schema = parameter["schema"] else { continue }
            let isNumber = schema["type"] == "integer"
            let json = isNumber ? JSONNumber(text: value).map(JSONValue.number) ?? .string(value) : .string(value)
            problems += describe(
                SchemaCheck(components: components).violations(of: schema, in: json), "\(name) in the request")
        }
        problems += queryNames.sorted().map { "the query parameter \($0) is not declared" }
        let schema = operation["requestBody"]?["content"]?["application/json"]?["schema"]
        if exchange.requestBody.isEmpty {
            if operation["requestBody"]?["required"] == true { problems.append("the request lacks a body") }
        } else if let schema {
            guard let body = Self.json(exchange.requestBody) else {
                return problems + ["the body of the request is no JSON"]
            }
            problems += describe(
                SchemaCheck(components: components).violations(of: schema, in: body), "the body of the request")
        } else {
            problems.append("the call takes no body")
        }
        return problems
    }

    private func answerProblems(_ exchange: Exchange, _ call: String, _ operation: JSONValue) -> [String] {
        let declared = operation["responses"]?[String(exchange.status)]
        if declared == nil, !UndeclaredAnswers.allow(exchange.status, to: call) {
            return ["the status is not declared"]
        }
        let described = declared == nil ? Self.errorContents : declared?["content"]
        guard let contents = described else {
            return exchange.responseBody.isEmpty ? [] : ["the answer has a body and may have none"]
        }
        guard exchange.contentType?.hasPrefix("application/json") ?? false,
            let schema = contents["application/json"]?["schema"]
        else { return ["the answer is \(exchange.contentType ?? "nothing") and not application/json"] }
        guard let body = Self.json(exchange.responseBody) else { return ["the answer is no JSON"] }
        let check = SchemaCheck(components: components, forbidsUndeclared: true)
        return describe(check.violations(of: schema, in: body), "the answer")
    }

    private static let errorContents: JSONValue = [
        "application/json": ["schema": ["$ref": "#/components/schemas/ApiErrorResponse"]]
    ]

    private func describe(_ violations: [SchemaCheck.Violation], _ subject: String) -> [String] {
        violations.map { "\(subject): \($0)" }
    }

    /// Nil for what is no JSON, which is a violation by itself.
    private static func json(_ bytes: [UInt8]) -> JSONValue? { try? JSONReader.read(bytes) }

    private static func query(_ text: String?) -> [String: String] {
        var values: [String: String] = [:]
        for item in URLComponents(string: "?\(text ?? "")")?.queryItems ?? [] { values[item.name] = item.value ?? "" }
        return values
    }
}

/// Answers that the document does not declare and that are certain to occur.
package enum UndeclaredAnswers {
    /// Of any call: the request is malformed or too large, its key or etag is missing, the server is in trouble.
    private static let ofAnyCall: Set<Int> = [400, 408, 410, 412, 413, 422, 428, 429, 500, 502, 503, 504]

    /// Of single calls: what they refer to is not there, or its state does not allow it.
    private static let ofCalls: [String: Set<Int>] = [
        "installs.create": [404, 409], "installs.delete": [404], "installs.createRender": [404, 409],
        "clusters.create": [404, 409], "packages.create": [409], "packages.importPublished": [409],
        "products.create": [404, 409],
    ]

    /// Whether a call may be answered with a status that the document does not declare for it.
    package static func allow(_ status: Int, to call: String) -> Bool {
        ofAnyCall.contains(status) || ofCalls[call]?.contains(status) ?? false
    }

    /// Whether a status says that the request itself was at fault.
    static func mayRefuse(_ status: Int) -> Bool { [400, 401, 403, 404, 410, 412, 413, 422, 428].contains(status) }
}
