/// What the fetch child is asked to do; it comes over its standard input, and nothing comes any other way.
package struct FetchRequest: Equatable, Sendable {
    package enum Remote: Equatable, Sendable {
        /// A repository on this machine, by absolute path.
        case path(String)
        /// `https`, or `http` on a loopback host.
        case url(String)
    }

    package struct Limits: Equatable, Sendable {
        /// Objects in one fetch.
        package var objects: Int
        /// Bytes received in one fetch.
        package var receivedBytes: Int
        /// Private memory of the child.
        package var memoryBytes: Int
        /// Processor time of the child.
        package var cpuSeconds: Int

        package init(objects: Int, receivedBytes: Int, memoryBytes: Int, cpuSeconds: Int) {
            self.objects = objects
            self.receivedBytes = receivedBytes
            self.memoryBytes = memoryBytes
            self.cpuSeconds = cpuSeconds
        }
    }

    package var remote: Remote
    /// The source's own directory, absolute.
    package var directory: String
    /// The whole name: `refs/heads/main`.
    package var reference: String
    package var username: String?
    package var password: [UInt8]?
    /// The only certificates to trust; nil trusts the system's.
    package var caFile: String?
    package var limits: Limits
    /// Clone anew even if the mirror looks sound: its reader found it damaged.
    package var replacesMirror = false
    /// The process that the child must not outlive.
    package var parent: Int32

    package init(remote: Remote, directory: String, reference: String, limits: Limits, parent: Int32) {
        self.remote = remote
        self.directory = directory
        self.reference = reference
        self.limits = limits
        self.parent = parent
    }
}

extension FetchRequest {
    private enum Key {
        static let path = "path"
        static let url = "url"
        static let directory = "directory"
        static let reference = "reference"
        static let username = "username"
        static let password = "password"
        static let caFile = "ca-file"
        static let objects = "objects-max"
        static let receivedBytes = "received-bytes-max"
        static let memoryBytes = "memory-bytes-max"
        static let cpuSeconds = "cpu-seconds-max"
        static let replacesMirror = "replaces-mirror"
        static let parent = "parent"
    }

    /// The request as it goes over the pipe; it holds the password.
    package var encoded: [UInt8] {
        var records = Records()
        switch remote {
        case .path(let path): records.append(Key.path, path)
        case .url(let url): records.append(Key.url, url)
        }
        records.append(Key.directory, directory)
        records.append(Key.reference, reference)
        if let username { records.append(Key.username, username) }
        if let password { records.append(Key.password, password) }
        if let caFile { records.append(Key.caFile, caFile) }
        records.append(Key.objects, limits.objects)
        records.append(Key.receivedBytes, limits.receivedBytes)
        records.append(Key.memoryBytes, limits.memoryBytes)
        records.append(Key.cpuSeconds, limits.cpuSeconds)
        if replacesMirror { records.append(Key.replacesMirror, 1) }
        records.append(Key.parent, Int(parent))
        return records.bytes
    }

    package init(decoding message: [UInt8]) throws(MalformedMessage) {
        var values: [String: ArraySlice<UInt8>] = [:]
        for (key, value) in try Records.read(message) {
            guard values.updateValue(value, forKey: key) == nil else {
                throw MalformedMessage(problem: "\(key) comes twice")
            }
        }
        func optionalText(_ key: String) -> String? {
            values[key].map { String(decoding: $0, as: UTF8.self) }
        }
        func text(_ key: String) throws(MalformedMessage) -> String {
            guard let text = optionalText(key) else { throw MalformedMessage(problem: "\(key) is missing") }
            return text
        }
        func number(_ key: String) throws(MalformedMessage) -> Int {
            guard let number = Int(try text(key)), number >= 0 else {
                throw MalformedMessage(problem: "\(key) is not a number")
            }
            return number
        }
        let remote: Remote
        if let path = optionalText(Key.path) { remote = .path(path) } else { remote = .url(try text(Key.url)) }
        self.init(
            remote: remote, directory: try text(Key.directory), reference: try text(Key.reference),
            limits: Limits(
                objects: try number(Key.objects), receivedBytes: try number(Key.receivedBytes),
                memoryBytes: try number(Key.memoryBytes), cpuSeconds: try number(Key.cpuSeconds)),
            parent: Int32(truncatingIfNeeded: try number(Key.parent)))
        username = optionalText(Key.username)
        password = values[Key.password].map(Array.init)
        caFile = optionalText(Key.caFile)
        replacesMirror = values[Key.replacesMirror] != nil
    }
}
