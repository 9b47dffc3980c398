import Foundation
import HummingbirdCore
import JSON
package import NIOCore
import NIOPosix
import ServiceLifecycle

/// The daemon's end of the control socket: one JSON object a line in, one out.
///
/// Only the user that the daemon runs as, and root, get through: the socket has mode 0600 from the moment it exists, and
/// the peer's uid is asked of the kernel besides. Holds I12: a line has at most ``lineBytesMax`` bytes, at most
/// ``connectionsMax`` connections are served at a time, each for ``connectionLifetime`` at most.
package struct ControlSocket: Service {
    /// Carries out a request, or says why not; quick, and the work itself elsewhere.
    package typealias Handler = @Sendable (ControlRequest) async -> ControlReply

    /// The file's name in its folder.
    package static let name = "control.sock"
    package static let lineBytesMax = 64 << 10
    package static let connectionsMax = 16
    package static let connectionLifetime = TimeAmount.seconds(30)

    private let path: String
    private let alias: String?
    private let group: any EventLoopGroup
    private let handler: Handler
    private let onListening: @Sendable () -> Void

    /// Listens in `runtimeDirectory`, else in `stateDirectory`; in the first case a link in the second leads commands,
    /// which know only that one, to it.
    package init(
        runtimeDirectory: String?, stateDirectory: String, group: any EventLoopGroup,
        onListening: @escaping @Sendable () -> Void = {}, handler: @escaping Handler
    ) {
        let inState = "\(stateDirectory)/\(Self.name)"
        path = runtimeDirectory.map { "\($0)/\(Self.name)" } ?? inState
        alias = path == inState ? nil : inState
        self.group = group
        self.onListening = onListening
        self.handler = handler
    }

    package func run() async throws {
        let descriptor = try UnixListener.open(at: path)
        try linkAlias()
        let bootstrap = ServerBootstrap(group: group).serverChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                // Those beyond the limit wait in the kernel's queue until one ends.
                let limit = AvailableConnectionsChannelHandler(maxConnections: Self.connectionsMax)
                try channel.pipeline.syncOperations.addHandler(limit)
            }
        }
        let server = try await bootstrap.bind(descriptor) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(ConnectionLifetime(Self.connectionLifetime))
                return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        onListening()
        defer { removeFiles() }
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await serve(server)
        } onCancelOrGracefulShutdown: {
            server.channel.close(promise: nil)
        }
    }

    private func serve(_ server: NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            try await server.executeThenClose { connections in
                for try await connection in connections {
                    group.addTask {
                        // At a shutdown the request in hand is answered, and no other is read.
                        await withGracefulShutdownHandler {
                            await serve(connection)
                        } onGracefulShutdown: {
                            connection.channel.close(mode: .input, promise: nil)
                        }
                    }
                }
            }
        }
    }

    private func serve(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async {
        do {
            try await connection.executeThenClose { inbound, outbound in
                guard try await isAllowed(connection.channel) else {
                    let refusal = ControlReply.refused(
                        code: "not-allowed", message: "only the daemon's user and root may")
                    return try await outbound.write(ControlLine.buffer(refusal.json))
                }
                var lines = ControlLine(bytesMax: Self.lineBytesMax)
                for try await buffer in inbound {
                    for line in try lines.append(buffer) {
                        try await outbound.write(ControlLine.buffer(await reply(to: line).json))
                    }
                }
            }
        } catch {
            // A client that went away, or sent a line without end, is closed and needs no answer.
        }
    }

    private func reply(to line: [UInt8]) async -> ControlReply {
        do {
            return await handler(try ControlRequest(json: try JSONReader.read(line)))
        } catch let error as ControlMessageError {
            return .refused(code: "bad-request", message: error.description)
        } catch {
            return .refused(code: "bad-request", message: "not a line of JSON: \(error)")
        }
    }

    private func isAllowed(_ channel: any Channel) async throws -> Bool {
        guard let options = channel as? any SocketOptionProvider else { return false }
        // SAFETY: `PeerCredentials` has the size and the members of what the kernel writes for this option.
        let peer: PeerCredentials = try await options.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
        ).get()
        return peer.uid == 0 || peer.uid == geteuid()
    }

    private func linkAlias() throws(ControlError) {
        guard let alias else { return }
        try UnixListener.clear(alias)
        guard symlink(path, alias) == 0 else {
            throw .failed(path: alias, reason: String(cString: strerror(errno)))
        }
    }

    private func removeFiles() {
        for file in [path, alias] { if let file { unlink(file) } }
    }
}

/// The kernel's `struct ucred`: who is at the other end of a Unix socket.
private struct PeerCredentials: Sendable {
    var pid: Int32 = 0
    var uid: UInt32 = .max
    var gid: UInt32 = .max
}

/// A listening Unix socket that nobody else could ever open.
private enum UnixListener {
    /// Binds `path` with mode 0600, replacing the socket of a daemon that is gone.
    static func open(at path: String) throws(ControlError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { throw .pathTooLong(path: path) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        try clear(path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure(path) }
        // The file takes over the mode that the socket has when it is bound: there is no moment with a wider one.
        let isBound =
            fchmod(descriptor, 0o600) == 0
            && withUnsafePointer(to: &address) { pointer in
                // SAFETY: sockets take every family of address as a `sockaddr`, and are told its length.
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    bind(descriptor, generic, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            } == 0
        guard isBound else {
            let error = failure(path)
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Removes a socket or a link that an earlier daemon left; whoever calls this owns the state directory.
    static func clear(_ path: String) throws(ControlError) {
        guard let found = try? FileManager.default.attributesOfItem(atPath: path) else {
            // Nothing there, or nothing that can be looked at: then binding fails, and says why.
            return
        }
        let type = found[.type] as? FileAttributeType
        guard type == .typeSocket || type == .typeSymbolicLink else { throw .inTheWay(path: path) }
        guard unlink(path) == 0 else { throw failure(path) }
    }

    private static func failure(_ path: String) -> ControlError {
        .failed(path: path, reason: String(cString: strerror(errno)))
    }
}
