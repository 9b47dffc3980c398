package import JSON

/// What the emulator does where the platform's documents are silent or disagree.
///
/// Each has a name and a default, and can be set when the emulator starts and while it runs.
package struct Switches: Sendable, Equatable {
    /// The body of an error.
    package enum Envelope: String, Sendable, CaseIterable { case openAPI = "openapi", older, html, empty }
    package enum Timestamps: String, Sendable, CaseIterable { case seconds, milliseconds }
    package enum IDs: String, Sendable, CaseIterable { case prefixed, bare }
    package enum ETags: String, Sendable, CaseIterable { case bare, quoted }
    /// What a key gets that was used before with another body.
    package enum KeyReuse: String, Sendable, CaseIterable { case replay, conflict }
    /// What a key gets whose object has been deleted since.
    package enum DeletedReplay: String, Sendable, CaseIterable { case old, gone, conflict }
    /// Where a deleted install can be seen: nowhere, by its id, or in lists too.
    package enum DeletedInstalls: String, Sendable, CaseIterable {
        case notFound = "not_found"
        case tombstone, listed
    }
    /// Whether a create's operation names the object while it runs.
    package enum OwnerID: String, Sendable, CaseIterable { case early, late }
    /// How the colon of a custom verb may be written.
    package enum Colon: String, Sendable, CaseIterable { case both, raw, encoded }
    package enum Skipping: String, Sendable, CaseIterable { case equal, never, always }
    package enum BusyInstall: String, Sendable, CaseIterable { case queue, conflict }
    /// Which version `latest` means.
    package enum Latest: String, Sendable, CaseIterable { case highest, newest }
    package enum ListOrder: String, Sendable, CaseIterable {
        case stable, shuffled
        case shuffledEachPage = "shuffled_each_page"
    }
    /// What an import is compared with: whatever came before under that reference, or registered artifacts alone.
    package enum Registry: String, Sendable, CaseIterable { case open, strict }

    package var envelope = Envelope.openAPI
    package var timestamps = Timestamps.seconds
    package var ids = IDs.prefixed
    package var etags = ETags.bare
    package var packageETags = true
    /// Under which name an error about a stale etag carries the current one; empty for not at all.
    package var conflictMetadataKey = "etag"
    package var staleStatus = 409
    package var missingIfMatchStatus = 400
    package var invalidBodyStatus = 422
    package var keyReuse = KeyReuse.replay
    package var deletedReplay = DeletedReplay.old
    /// How long a key is remembered, in seconds of the emulator's time; 0 for ever.
    package var keyRetentionSeconds = 0
    package var deletedInstalls = DeletedInstalls.notFound
    /// How much later than its effect an operation is seen to be done.
    package var operationLagMilliseconds = 0
    /// How long operations are kept once done; 0 for ever.
    package var operationRetentionSeconds = 0
    package var ownerID = OwnerID.early
    package var colon = Colon.both
    package var skipping = Skipping.equal
    package var annotationsInHash = true
    package var skippedRenderKeepsMessage = true
    package var automaticUpdatesDefault = false
    /// Whether an install's etag moves when it only becomes healthy, starts to sync and so on.
    package var etagMovesWithState = true
    package var busyInstall = BusyInstall.queue
    package var latest = Latest.highest
    package var registry = Registry.open
    /// How many walks a list lags behind.
    package var listLagWalks = 0
    package var listOmitPercent = 0
    package var listRepeatPercent = 0
    package var listOrder = ListOrder.stable
    /// Objects on a page at most, whatever was asked for; 0 for as many as were asked for.
    package var listPageMax = 0

    package init() {}
}

extension Switches {
    /// A switch as the command line and the control API name it.
    package struct Descriptor: Sendable {
        package let name: String
        /// What it can be set to.
        package let values: String
        package let read: @Sendable (Switches) -> JSONValue
        /// False when the value is none of ``values``.
        package let write: @Sendable (inout Switches, JSONValue) -> Bool
    }

    /// Every switch, in the order of the documentation.
    package static let all: [Descriptor] = [
        word("envelope", \.envelope), word("timestamps", \.timestamps), word("ids", \.ids), word("etags", \.etags),
        flag("package_etags", \.packageETags), text("conflict_metadata_key", \.conflictMetadataKey),
        number("stale_status", \.staleStatus, [409, 412]),
        number("missing_if_match_status", \.missingIfMatchStatus, [400, 428]),
        number("invalid_body_status", \.invalidBodyStatus, [400, 422]), word("key_reuse", \.keyReuse),
        word("deleted_replay", \.deletedReplay), number("key_retention_s", \.keyRetentionSeconds),
        word("deleted_installs", \.deletedInstalls), number("operation_lag_ms", \.operationLagMilliseconds),
        number("operation_retention_s", \.operationRetentionSeconds), word("owner_id", \.ownerID),
        word("colon", \.colon), word("render_skipping", \.skipping),
        flag("annotations_in_hash", \.annotationsInHash),
        flag("skipped_render_keeps_message", \.skippedRenderKeepsMessage),
        flag("automatic_updates_default", \.automaticUpdatesDefault),
        flag("etag_moves_with_state", \.etagMovesWithState), word("busy_install", \.busyInstall),
        word("latest", \.latest), word("registry", \.registry), number("list_lag_walks", \.listLagWalks),
        number("list_omit_percent", \.listOmitPercent, Array(0...100)),
        number("list_repeat_percent", \.listRepeatPercent, Array(0...100)), word("list_order", \.listOrder),
        number("list_page_max", \.listPageMax),
    ]

    /// All switches with their values.
    package var json: JSONValue {
        .object { for descriptor in Self.all { $0[descriptor.name] = descriptor.read(self) } }
    }

    /// Sets the switch of that name; throws a sentence when there is none or it can't have that value.
    package mutating func set(_ name: String, to value: JSONValue) throws(SwitchError) {
        guard let descriptor = Self.all.first(where: { $0.name == name }) else {
            throw SwitchError(description: "There is no switch '\(name)'.")
        }
        guard descriptor.write(&self, value) else {
            throw SwitchError(description: "The switch '\(name)' can be \(descriptor.values).")
        }
    }

    private static func word<Value: RawRepresentable & CaseIterable & Sendable>(
        _ name: String, _ path: any WritableKeyPath<Switches, Value> & Sendable
    ) -> Descriptor where Value.RawValue == String {
        let words = Value.allCases.map(\.rawValue).joined(separator: "|")
        return Descriptor(name: name, values: words) {
            .string($0[keyPath: path].rawValue)
        } write: { switches, value in
            guard let word = value.string.flatMap(Value.init) else { return false }
            switches[keyPath: path] = word
            return true
        }
    }

    private static func flag(_ name: String, _ path: any WritableKeyPath<Switches, Bool> & Sendable) -> Descriptor {
        Descriptor(name: name, values: "true|false") {
            .bool($0[keyPath: path])
        } write: { switches, value in
            guard let flag = value.bool else { return false }
            switches[keyPath: path] = flag
            return true
        }
    }

    private static func number(
        _ name: String, _ path: any WritableKeyPath<Switches, Int> & Sendable, _ allowed: [Int]? = nil
    ) -> Descriptor {
        let values = allowed.map { $0.count > 3 ? "0 to 100" : $0.map(String.init).joined(separator: "|") }
        return Descriptor(name: name, values: values ?? "a number from 0") {
            .number(JSONNumber($0[keyPath: path]))
        } write: { switches, value in
            guard let number = value.number?.int, allowed?.contains(number) ?? (number >= 0) else { return false }
            switches[keyPath: path] = number
            return true
        }
    }

    private static func text(_ name: String, _ path: any WritableKeyPath<Switches, String> & Sendable) -> Descriptor {
        Descriptor(name: name, values: "a text") {
            .string($0[keyPath: path])
        } write: { switches, value in
            guard let text = value.string else { return false }
            switches[keyPath: path] = text
            return true
        }
    }

    /// How values are to be shown under these switches.
    var style: WireStyle {
        WireStyle(
            usesMilliseconds: timestamps == .milliseconds, hasBareIDs: ids == .bare, quotesETags: etags == .quoted,
            showsPackageETags: packageETags)
    }
}

/// A switch that does not exist or can't have that value.
package struct SwitchError: Error, Equatable, CustomStringConvertible {
    package let description: String
}
