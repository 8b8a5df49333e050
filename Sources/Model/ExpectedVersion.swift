package import FoundationEssentials

/// Which version of an entity an update is meant for. A version is told by when it was made.
package enum ExpectedVersion: Hashable, Sendable {
  case any
  case oneOf([Date])

  /// `nil` if any version will do.
  package var dates: [Date]? {
    switch self {
    case .any: nil
    case .oneOf(let dates): dates
    }
  }
}
