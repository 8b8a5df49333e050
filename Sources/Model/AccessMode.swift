/// Whether a group's callers must be authorized. The console calls `required` "Enable Access Authorization".
package enum AccessMode: String, Codable, CaseIterable, Sendable {
  /// Anybody may call; a key, if sent, is stripped, and tells the backend who calls if it is authorized.
  case open
  /// Nothing is refused for want of an authorization; what would have been is counted.
  case observe
  /// Only an authorized subscription key may call.
  case required

  /// Whether keys can be authorized for a group of this mode.
  package var isAuthorizable: Bool { self != .open }
}
