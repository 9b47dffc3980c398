extension Emulator {
    /// How a call is addressed.
    package struct CallAddress: Sendable, Equatable, CustomStringConvertible {
        /// Its name in the OpenAPI document.
        package var name: String
        package var method: String
        /// Relative to the base, such as `/installs/{id}:update`.
        package var path: String

        package var description: String { name }
    }

    /// Every call that the emulator knows.
    package static let calls: [CallAddress] = Route.all.map {
        CallAddress(name: $0.endpoint.rawValue, method: $0.method.rawValue, path: $0.template)
    }
}
