/// A secret on its way from where it is read to where it is used.
///
/// It prints as `<redacted>` however it is printed, is no ``LogValue``, and gives its value only to who asks for it
/// by name. Holds I11.
package struct Redacted<Value: Sendable>: Sendable {
    private let value: Value

    package init(_ value: Value) { self.value = value }

    /// The secret itself: for the one call that sends it.
    package func reveal() -> Value { value }
}

extension Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { description }
    /// Without children, so that `dump` and interpolation of a containing value show nothing either.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
