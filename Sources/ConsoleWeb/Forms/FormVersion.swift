import Foundation
import Model

/// Of which version of a thing a form was filled, so that nobody takes back by it what others changed meanwhile.
enum FormVersion {
  static let field = "version"

  /// What a form expects the thing to be.
  static func expected(by form: TypedForm) -> ExpectedVersion {
    form[field].flatMap(RFC3339.date).map { .oneOf([$0]) } ?? .any
  }

  /// What a form that is shown again carries: whoever has been told that the thing has changed may go on.
  static func hidden(_ version: Date) -> [String: any Sendable] {
    ["hidden": [["name": field, "value": RFC3339.string(version)] as [String: any Sendable]]]
  }
}
