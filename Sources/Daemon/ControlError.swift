/// Why the control socket could not be opened or reached.
package enum ControlError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The path is longer than a socket's may be (107 bytes).
    case pathTooLong(path: String)
    /// Something that is no socket is where the socket belongs.
    case inTheWay(path: String)
    /// The system refused.
    case failed(path: String, reason: String)
    /// Nobody listens there.
    case noDaemon(path: String)
    /// The socket belongs to someone else.
    case notAllowed(path: String)
    /// The daemon closed the connection, or said nothing in time.
    case noAnswer(path: String)
    /// What came back is no answer.
    case malformedAnswer(path: String, problem: String)

    package var description: String {
        switch self {
        case .pathTooLong(let path): "the path of the control socket, \(path), is longer than 107 bytes"
        case .inTheWay(let path): "\(path) is not a socket; move it away, the daemon listens there"
        case .failed(let path, let reason): "the control socket \(path) can't be used: \(reason)"
        case .noDaemon(let path): "no daemon listens on \(path); is it running, with this state directory?"
        case .notAllowed(let path):
            "\(path) belongs to the user that the daemon runs as; try it as that user or as root"
        case .noAnswer(let path): "the daemon at \(path) gave no answer in time"
        case .malformedAnswer(let path, let problem): "the daemon at \(path) gave an answer that is none: \(problem)"
        }
    }
}
