import FoundationEssentials
import HTTPTypes
import Hummingbird
import Model

/// The `ETag` of an entity: when it was last changed, in hexadecimal microseconds since 1970.
enum EntityTag {
  static func text(_ version: Date) -> String {
    "\"\(String(RFC3339.microseconds(since1970: version), radix: 16))\""
  }

  /// What a request's `If-Match` (RFC 9110 §13.1.1) wants. Tags that are not ours match no version.
  static func expectation(of request: Request) -> ExpectedVersion {
    let fields = request.headers[values: .ifMatch]
    guard !fields.isEmpty else { return .any }
    let tags = fields.joined(separator: ",").filter { $0 != " " && $0 != "\t" }.split(separator: ",").map(String.init)
    return tags.contains("*") ? .any : .oneOf(tags.compactMap(version))
  }

  private static func version(_ tag: String) -> Date? {
    guard let microseconds = Int64(tag.dropFirst().dropLast(), radix: 16),
      let date = RFC3339.date(microsecondsSince1970: microseconds)
    else { return nil }
    return text(date) == tag ? date : nil
  }
}
