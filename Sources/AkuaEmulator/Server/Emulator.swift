import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
import HummingbirdTLS
import JSON
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle

/// A local Akua: the platform's API over real HTTP, with a control API beside it.
///
/// The API is at `/v1`, as the platform's own, and the control API at `/_emulator`.
package struct Emulator: Service {
    package let options: EmulatorOptions
    let core: Core
    private let onStart: @Sendable (Address) -> Void

    /// Where a running emulator can be reached.
    package struct Address: Sendable, Equatable {
        package var host: String
        package var port: Int
        package var isSecure: Bool

        private var root: String {
            let name = host.contains(":") ? "[\(host)]" : host
            return "\(isSecure ? "https" : "http")://\(name):\(port)"
        }
        /// The base of the platform's API.
        package var baseURL: String { root + Router.base }
        /// The base of the control API.
        package var controlURL: String { root + ControlRoutes.base }
    }

    /// Reads the state that an earlier run left; `onStart` is called once requests can come in.
    package init(_ options: EmulatorOptions, onStart: @escaping @Sendable (Address) -> Void = { _ in }) throws {
        self.options = options
        self.onStart = onStart
        core = try Core(options)
    }

    /// Serves until the task is cancelled or a graceful shutdown is asked for.
    package func run() async throws {
        var logger = Logger(label: "akua-emulator")
        logger.logLevel = .error
        let application = Application(
            responder: Responder(core: core), server: try server(),
            configuration: .init(address: .hostname(options.host, port: options.port), serverName: "akua-emulator"),
            onServerRunning: { channel in
                let address = Address(
                    host: options.host, port: channel.localAddress?.port ?? 0, isSecure: options.tls != nil)
                onStart(address)
            }, logger: logger)
        try await withThrowingTaskGroup { group in
            group.addTask { await core.keepTime() }
            try await withGracefulShutdownHandler {
                try await application.run()
            } onGracefulShutdown: {
                core.stop()
            }
            group.cancelAll()
        }
    }

    private func server() throws -> HTTPServerBuilder {
        guard let tls = options.tls else { return .http1() }
        let chain = try NIOSSLCertificate.fromPEMFile(tls.certificateFile).map {
            NIOSSLCertificateSource.certificate($0)
        }
        let key = try NIOSSLPrivateKey(file: tls.keyFile, format: .pem)
        return try .http2Upgrade(
            tlsConfiguration: .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key)))
    }
}
