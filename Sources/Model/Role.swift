/// What an account may do in its tenant; each role may all that the ones before it may.
package enum Role: String, Codable, CaseIterable, Comparable, Sendable {
  /// Reads.
  case viewer
  /// Also manages the keys it created.
  case developer
  /// Also manages all keys, groups, authorizations and policies.
  case admin
  /// Also manages accounts and the tenant.
  case owner

  package static func < (left: Self, right: Self) -> Bool {
    left.rank < right.rank
  }

  private var rank: Int {
    switch self {
    case .viewer: 0
    case .developer: 1
    case .admin: 2
    case .owner: 3
    }
  }
}
