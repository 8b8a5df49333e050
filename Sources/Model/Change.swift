/// What an update does to a value that may be absent.
package enum Change<Value: Sendable>: Sendable {
  case keep
  case clear
  case set(Value)

  /// Whether anything is to be written.
  package var isChange: Bool {
    if case .keep = self { false } else { true }
  }

  /// What is to be written; `nil` to clear, and meaningless for `.keep`.
  package var value: Value? {
    if case .set(let value) = self { value } else { nil }
  }
}
