package import Contract
package import Hummingbird
import Model

/// The query of a request, `application/x-www-form-urlencoded`.
package enum QueryString {
  /// What the parameters of `schema` are given; those that may be left out are left out when they are empty.
  ///
  /// - Throws: ``InvalidInput`` for what is no percent-encoded UTF-8.
  static func json(of request: Request, for schema: ObjectSchema) throws -> JSONValue {
    guard case .object(let members) = try json(of: request) else { return .object([]) }
    let optional = Set(schema.members.filter { !$0.isRequired }.map(\.name))
    return .object(members.filter { $0.value != .string("") || !optional.contains($0.name) })
  }

  /// The parameters as an object of strings, in order, repeated ones too.
  ///
  /// - Throws: ``InvalidInput`` for what is no percent-encoded UTF-8.
  package static func json(of request: Request) throws -> JSONValue {
    try json(ofEncoded: request.uri.query ?? "")
  }

  /// The same of any text that is encoded so, as a form is.
  package static func json(ofEncoded text: String) throws -> JSONValue {
    try json(of: text.split(separator: "&"))
  }

  /// The parameters of these names as an object, and the query of all others.
  ///
  /// - Throws: ``InvalidInput`` for what is no percent-encoded UTF-8.
  static func split(_ request: Request, names: [String]) throws -> (JSONValue, rest: String) {
    let pairs = (request.uri.query ?? "").split(separator: "&")
    let isNamed = { (pair: Substring) in decoded(pair.prefix { $0 != "=" }).map(names.contains) ?? true }
    return (try json(of: pairs.filter(isNamed)), pairs.filter { !isNamed($0) }.joined(separator: "&"))
  }

  private static func json(of pairs: [Substring]) throws -> JSONValue {
    let members = pairs.map { pair -> (name: String?, value: String?) in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (decoded(parts[0]), parts.count > 1 ? decoded(parts[1]) : "")
    }
    let bad = members.filter { $0.name == nil || $0.value == nil }
    guard bad.isEmpty else {
      throw InvalidInput(
        bad.map { InvalidInput.Complaint(pointer: "?" + ($0.name ?? ""), detail: "must be percent-encoded UTF-8") })
    }
    return .object(members.map { JSONValue.Member($0.name ?? "", .string($0.value ?? "")) })
  }

  /// - Throws: ``InvalidInput`` if there is any parameter.
  static func refuse(in request: Request) throws {
    guard case .object(let members) = try json(of: request), !members.isEmpty else { return }
    throw InvalidInput(
      members.map { InvalidInput.Complaint(pointer: "?" + $0.name, detail: "is not known here") })
  }

  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        guard rest.count >= 2, let value = UInt8(hexadecimal: rest.prefix(2)) else { return nil }
        bytes.append(value)
        rest = rest.dropFirst(2)
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }
}

extension UInt8 {
  /// `nil` unless these are two hexadecimal digits.
  fileprivate init?(hexadecimal digits: Substring.UTF8View) {
    guard digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else { return nil }
    self.init(String(Substring(digits)), radix: 16)
  }
}
