import Foundation
import Model

/// Of which version of a thing a form was filled, so that nobody takes back by it what others changed meanwhile.
enum FormVersion {
  static let field = "version"

  /// What a form expects the thing to be.
  static func expected(by form: TypedForm) -> ExpectedVersion {
    form[field].flatMap(RFC3339.date).map { .oneOf([$0]) } ?? .any
  }

  /// Whether the thing is another by now than the form was filled with.
  static func isOvertaken(_ form: TypedForm, by present: TypedForm?) -> Bool {
    guard let own = form[field], let now = present?[field] else { return false }
    return own != now
  }
}
