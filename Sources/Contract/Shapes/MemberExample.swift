/// What a member's example is.
///
/// It is made by these functions and not by literals, which would have the compiler try what each may be for every member
/// of an object at once.
package enum MemberExample: Sendable {
  /// That of its shape.
  case shapesOwn
  /// One of the member's own, in place of its shape's.
  case json(JSONValue)

  package static let null = MemberExample.json(.null)

  package static func string(_ text: String) -> MemberExample { .json(.string(text)) }
  package static func strings(_ texts: String...) -> MemberExample { .json(.array(texts.map(JSONValue.string))) }
  package static func integer(_ number: Int) -> MemberExample { .json(.integer(number)) }
  package static func bool(_ value: Bool) -> MemberExample { .json(.bool(value)) }

  var json: JSONValue? {
    if case .json(let json) = self { json } else { nil }
  }
}
