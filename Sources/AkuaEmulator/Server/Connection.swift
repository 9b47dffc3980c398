import Hummingbird
import NIOCore

/// The connection that a request came in on: all that a request of the emulator has for a context.
struct Connection: InitializableFromSource, Sendable {
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        // With HTTP/2 each request has a channel of its own, inside that of the connection, whose own parent is the
        // listening one.
        if let parent = source.channel.parent, parent.parent != nil {
            channel = parent
        } else {
            channel = source.channel
        }
    }

    /// Whether the other end is on this machine.
    var isLocal: Bool {
        guard let address = channel.remoteAddress?.ipAddress else { return true }
        return address.hasPrefix("127.") || address == "::1" || address.hasPrefix("::ffff:127.")
    }

    /// Closes it at once, whatever was promised.
    func drop() async {
        // It may be closed already, and then there is nothing left to do.
        try? await channel.close().get()
    }
}
