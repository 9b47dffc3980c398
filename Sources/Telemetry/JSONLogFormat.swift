import JSON
import Logging

/// One JSON object a line (the default of `run`): `v`, `ts`, `level`, `event`, `msg`, then the fields.
///
/// A line is valid JSON and one line whatever stands in it; a cut one carries `"truncated":true`.
package struct JSONLogFormat: LogFormat {
    /// The version of the schema; new events and fields don't change it.
    package static let version = 1

    package init() {}

    package func bytes(of entry: LogEntry) -> [UInt8] {
        LogLimits.fit(entry) { entry, isTruncated in
            var object = JSONObject()
            object["v"] = .number(JSONNumber(Self.version))
            object["ts"] = .string(entry.timestamp)
            object["level"] = .string(entry.level.rawValue)
            object["event"] = .string(entry.event)
            object["msg"] = .string(entry.message)
            for (name, value) in entry.fields { object[name] = Self.json(value) }
            for (name, value) in entry.foreign {
                // A library may use a name that is ours; its value keeps to itself.
                var free = name
                while object[free] != nil { free += "_" }
                object[free] = Self.json(value)
            }
            if isTruncated { object["truncated"] = true }
            return JSONWriter().bytes(of: .object(object)) + [UInt8(ascii: "\n")]
        }
    }

    private static func json(_ value: FieldValue) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .int(let number): .number(JSONNumber(number))
        // JSON has no infinity and no NaN: those stand as words.
        case .double(let number): JSONNumber(text: String(number)).map(JSONValue.number) ?? .string(String(number))
        case .bool(let flag): .bool(flag)
        }
    }
}
