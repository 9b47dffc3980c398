import Logging

/// The journal's native protocol: one datagram of fields, so that `journalctl AKUA_NAME=checkout-eu` finds a line.
///
/// `MESSAGE_ID` stands for the event. Ours are `AKUA_` and the field's name in capitals; a value with a newline goes with its length before it.
package struct JournaldLogFormat: LogFormat {
    /// The name that `journalctl -t` takes.
    package static let identifier = "akua-gitops"

    package init() {}

    package func bytes(of entry: LogEntry) -> [UInt8] {
        LogLimits.fit(entry) { entry, isTruncated in
            var datagram: [UInt8] = []
            Self.append("MESSAGE", entry.message, to: &datagram)
            if let event = Event(rawValue: entry.event) { Self.append("MESSAGE_ID", event.messageID, to: &datagram) }
            Self.append("PRIORITY", String(Self.priority(of: entry.level)), to: &datagram)
            Self.append("SYSLOG_IDENTIFIER", Self.identifier, to: &datagram)
            Self.append("AKUA_V", String(JSONLogFormat.version), to: &datagram)
            Self.append("AKUA_LEVEL", entry.level.rawValue, to: &datagram)
            Self.append("AKUA_EVENT", entry.event, to: &datagram)
            var taken: Set<String> = ["AKUA_V", "AKUA_LEVEL", "AKUA_EVENT", "AKUA_TRUNCATED"]
            for (name, value) in entry.fields + entry.foreign {
                // A library may use a name that is ours, or becomes ours in capitals; its value keeps to itself.
                let name = Self.fieldName(name)
                var (free, count) = (name, 1)
                while !taken.insert(free).inserted {
                    count += 1
                    free = "\(name.prefix(Self.nameLengthMax - 8))_\(count)"
                }
                Self.append(free, value.description, to: &datagram)
            }
            if isTruncated { Self.append("AKUA_TRUNCATED", "true", to: &datagram) }
            return datagram
        }
    }

    private static func append(_ name: String, _ value: String, to datagram: inout [UInt8]) {
        datagram.append(contentsOf: name.utf8)
        if value.utf8.contains(UInt8(ascii: "\n")) {
            datagram.append(UInt8(ascii: "\n"))
            var length = UInt64(value.utf8.count).littleEndian
            withUnsafeBytes(of: &length) { datagram.append(contentsOf: $0) }
        } else {
            datagram.append(UInt8(ascii: "="))
        }
        datagram.append(contentsOf: value.utf8)
        datagram.append(UInt8(ascii: "\n"))
    }

    /// The journal takes capitals, digits and underscores, 64 at most, and drops a datagram with other names.
    private static func fieldName(_ name: String) -> String {
        let clean = name.uppercased().unicodeScalars.map { scalar in
            switch scalar {
            case "A"..."Z", "0"..."9": Character(scalar)
            default: "_" as Character
            }
        }
        return "AKUA_" + String(clean.prefix(nameLengthMax - 5))
    }
    private static let nameLengthMax = 64

    /// The level as syslog counts it.
    private static func priority(of level: Logger.Level) -> Int {
        switch level {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }
}
