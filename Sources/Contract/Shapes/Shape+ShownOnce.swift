extension Shape {
  /// The same value, which an answer shows to whoever made it and never again: when the answer is repeated, the member
  /// is left out.
  package var shownOnce: Shape {
    Shape(.shownOnce(schema), read: read, write: write)
  }
}

extension JSONSchema {
  /// What the document says of such a member.
  package static let shownOnceNote = "Shown once: left out where the answer is repeated to an Idempotency-Key."

  /// Whether anything in it is shown once.
  package var hasWhatIsShownOnce: Bool {
    switch self {
    case .shownOnce: true
    case .keywords: false
    case .object(let object): object.members.contains { $0.schema.hasWhatIsShownOnce }
    case .array(let schema, _), .nullable(let schema): schema.hasWhatIsShownOnce
    case .oneOf(let schemas), .allOf(let schemas): schemas.contains(where: \.hasWhatIsShownOnce)
    }
  }

  /// A value of this schema without the members that are shown once.
  package func withoutWhatIsShownOnce(_ json: JSONValue) -> JSONValue {
    switch (self, json) {
    case (.object(let object), .object(let members)): .object(object.kept(members))
    case (.array(let schema, _), .array(let elements)): .array(elements.map(schema.withoutWhatIsShownOnce))
    case (.nullable(let schema), _): schema.withoutWhatIsShownOnce(json)
    case (.oneOf(let schemas), _), (.allOf(let schemas), _): schemas.reduce(json) { $1.withoutWhatIsShownOnce($0) }
    default: json
    }
  }
}

extension ObjectSchema {
  fileprivate func kept(_ given: [JSONValue.Member]) -> [JSONValue.Member] {
    given.compactMap { member in
      guard let declared = members.first(where: { $0.name == member.name }) else { return member }
      return declared.isShownOnce
        ? nil : JSONValue.Member(member.name, declared.schema.withoutWhatIsShownOnce(member.value))
    }
  }
}

extension ObjectSchema.Member {
  var isShownOnce: Bool {
    if case .shownOnce = schema { true } else { false }
  }
}
