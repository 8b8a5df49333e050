/// Why a sealed value does not open.
package enum SealingError: Error, Equatable, CustomStringConvertible {
  /// There is no key at all.
  case noKey
  /// It was sealed under a key that is not given.
  case unknownKey(version: UInt32)
  /// It is none, was changed, or belongs somewhere else.
  case damaged

  package var description: String {
    switch self {
    case .noKey: "there is no sealing key"
    case .unknownKey(let version): "it was sealed under key \(version), which is not given"
    case .damaged: "it is not what was sealed here"
    }
  }
}
