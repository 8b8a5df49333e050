/// A value that is written as text, and whose rules can be told to whoever writes it.
package protocol ConstrainedText: LosslessStringConvertible, Hashable, Sendable {
  static var constraint: TextConstraint { get }
}

/// What a text must be: for a schema, and for the person whose text was refused.
package struct TextConstraint: Sendable {
  /// How many Unicode scalars, which is what JSON Schema counts too.
  package let length: ClosedRange<Int>
  /// A regular expression (ECMA-262) that every such text matches; `nil` if the length says all.
  package let pattern: String?
  /// What the text must be, to be read after its member's name, as in `must be …`.
  package let requirement: String
  /// A text that is so, for the document that describes the API; nil where each use has one of its own.
  package let example: String?

  package init(length: ClosedRange<Int>, pattern: String? = nil, requirement: String, example: String? = nil) {
    (self.length, self.pattern, self.requirement, self.example) = (length, pattern, requirement, example)
  }
}

extension Unicode.Scalar {
  /// C0, DEL or C1: what no terminal, log or page should be sent (Unicode general category Cc).
  var isControl: Bool {
    properties.generalCategory == .control
  }
}

extension ID: ConstrainedText {
  package static var constraint: TextConstraint {
    let length = Entity.idPrefix.utf8CodeUnitCount + 1 + CrockfordBase32.length
    return TextConstraint(
      length: length...length, pattern: "^\(Entity.idPrefix)_[0-7][0-9a-hjkmnp-tv-z]{25}$",
      requirement: "must be an id: \(Entity.idPrefix)_ and 26 characters", example: example.description)
  }

  /// The id that examples have of this kind of entity, so that they go together.
  package static var example: ID { ID(bits: SecretDigest(hashing: "example of \(Entity.idPrefix)").high) }
}

extension Slug: ConstrainedText {
  package static let constraint = TextConstraint(
    length: 1...63, pattern: "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
    requirement: "must be 1 to 63 of a-z, 0-9 and -, with no - at the ends", example: "acme")
}
