import JSON
package import NIOCore
import NIOPosix

/// A command's end of the control socket.
package struct ControlClient: Sendable {
    private let path: String
    private let group: any EventLoopGroup
    private let patience: Duration

    /// Reaches the daemon that keeps its state in `stateDirectory`, or whose `RUNTIME_DIRECTORY` this is.
    ///
    /// Waits for an answer for `patience` at most.
    package init(
        runtimeDirectory: String?, stateDirectory: String, group: any EventLoopGroup, patience: Duration = .seconds(20)
    ) {
        path = "\(runtimeDirectory ?? stateDirectory)/\(ControlSocket.name)"
        self.group = group
        self.patience = patience
    }

    /// Sends one request and waits for the answer.
    package func send(_ request: ControlRequest) async throws(ControlError) -> ControlReply {
        do {
            return try await withThrowingTaskGroup(of: ControlReply.self) { tasks in
                tasks.addTask { try await exchange(request) }
                tasks.addTask {
                    try await Task.sleep(for: patience)
                    throw ControlError.noAnswer(path: path)
                }
                defer { tasks.cancelAll() }
                guard let reply = try await tasks.next() else { throw ControlError.noAnswer(path: path) }
                return reply
            }
        } catch let error as ControlError {
            throw error
        } catch let error as ControlMessageError {
            throw .malformedAnswer(path: path, problem: error.problem)
        } catch let error as IOError {
            throw Self.error(errno: error.errnoCode, path: path)
        } catch is SocketAddressError {
            throw .pathTooLong(path: path)
        } catch {
            throw .failed(path: path, reason: String(describing: error))
        }
    }

    private func exchange(_ request: ControlRequest) async throws -> ControlReply {
        let channel = try await ClientBootstrap(group: group).connect(unixDomainSocketPath: path) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ControlLine.buffer(request.json))
            var lines = ControlLine(bytesMax: ControlSocket.lineBytesMax)
            for try await buffer in inbound {
                guard let line = try lines.append(buffer).first else { continue }
                do {
                    return try ControlReply(json: try JSONReader.read(line))
                } catch let error as JSONSyntaxError {
                    throw ControlMessageError(problem: error.description)
                }
            }
            throw ControlError.noAnswer(path: path)
        }
    }

    private static func error(errno code: CInt, path: String) -> ControlError {
        switch code {
        case ENOENT, ECONNREFUSED, ENOTDIR: .noDaemon(path: path)
        case EACCES, EPERM: .notAllowed(path: path)
        default: .failed(path: path, reason: String(cString: strerror(code)))
        }
    }
}
