package import AkuaModel
import CurlTransport

extension AkuaClient {
    /// Sends a write and reads what it answers; see ``Platform/send(_:)``.
    ///
    /// A write that lacks what its call needs is not sent: it fails as the platform would fail it, with status 400.
    package func send(_ write: Write) async throws(APIError) -> WriteAnswer {
        let call = Call(write, options.timeouts)
        if let lack = Self.lack(of: write) {
            var error = APIError(cause: .refused(status: 400), call: call.endpoint.call, mayHaveTakenEffect: false)
            error.messages = ["not sent: \(lack)"]
            throw error
        }
        let response = try await answer(to: call)
        switch write.call {
        case .importPackage: return .package(try read(response, call) { _ in })
        case .createPackage, .createCluster, .createInstall: return .operation(try read(response, call) { _ in })
        case .createPackageVersion(let id):
            return .packageVersion(
                try read(response, call) { version throws(AnswerError) in
                    try Self.require(version.packageID, is: id, at: "package_id")
                })
        case .updateCluster(let id):
            return .cluster(
                try read(response, call) { cluster throws(AnswerError) in try Self.require(cluster.id, is: id) })
        case .updateInstall(let id), .setAutomaticUpdates(let id):
            return .mutation(
                try read(response, call) { mutation throws(AnswerError) in
                    try Self.require(mutation.lifecycle.id, is: id, at: "install.id")
                })
        case .createRender(let id):
            return .render(
                try read(response, call) { render throws(AnswerError) in
                    try Self.require(render.installID, is: id, at: "install_id")
                })
        case .deletePackage: return .done
        case .deleteCluster, .deleteInstall:
            guard !response.body.isEmpty else { return .done }
            return .operation(try read(response, call) { _ in })
        }
    }

    /// What the write lacks that its call needs, as a clause.
    private static func lack(of write: Write) -> String? {
        if let key = write.idempotencyKey {
            let isVisible = key.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            guard isVisible, (1...64).contains(key.utf8.count) else {
                return "an idempotency key has 1 to 64 visible characters"
            }
        }
        switch write.call {
        case .deletePackage, .updateCluster, .deleteCluster, .deleteInstall:
            return write.ifMatch == nil ? "the etag for If-Match is missing" : nil
        case .updateInstall, .setAutomaticUpdates:
            guard write.ifMatch != nil else { return "the etag for If-Match is missing" }
            return write.idempotencyKey == nil ? "the idempotency key is missing" : nil
        case .createPackageVersion:
            return write.idempotencyKey == nil ? nil : "the platform takes no idempotency key for this call"
        case .importPackage, .createPackage, .createCluster, .createInstall, .createRender: return nil
        }
    }
}
