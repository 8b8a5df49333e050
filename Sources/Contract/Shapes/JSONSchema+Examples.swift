extension JSONSchema {
  /// Values of this schema for who learns from the document: one, or one of each kind that it may be of. They are made of
  /// the examples of its parts, so that a thing looks the same wherever it is shown; empty if a part has none.
  package var examples: [JSONValue] {
    switch self {
    case .keywords(let keywords): Self.examples(of: keywords)
    case .object(let object): object.examples
    case .array(let element, let count): Self.arrays(of: element.examples, count: count)
    case .nullable(let schema), .shownOnce(let schema): schema.examples
    case .oneOf(let schemas): schemas.flatMap(\.examples)
    case .allOf(let schemas): [schemas.compactMap(\.examples.first).reduce([:]) { $0.merging($1) }]
    }
  }

  private static func examples(of keywords: [JSONValue.Member]) -> [JSONValue] {
    let keywords = JSONValue.object(keywords)
    if let given = keywords["examples"]?.elements { return given }
    if let usual = keywords["default"] ?? keywords["enum"]?.elements?.first { return [usual] }
    return keywords["type"] == "boolean" ? [false] : []
  }

  private static func arrays(of elements: [JSONValue], count: ClosedRange<Int>?) -> [JSONValue] {
    guard !elements.isEmpty else { return count?.contains(0) ?? true ? [[]] : [] }
    return elements.map { [$0] }
  }
}

extension ObjectSchema {
  /// As many as the member of most kinds has.
  fileprivate var examples: [JSONValue] {
    let examples = members.map { ($0.name, $0.note.example.json.map { [$0] } ?? $0.schema.examples) }
    let count = max(examples.map(\.1.count).max() ?? 0, 1)
    return (0..<count).map { index in
      .object(
        examples.compactMap { name, values in
          values.isEmpty ? nil : JSONValue.Member(name, values[min(index, values.count - 1)])
        })
    }
  }
}

extension ObjectSchema.Member {
  /// A value that a client may give; nil if nobody gave one.
  package var example: JSONValue? { note.example.json ?? schema.examples.first }
}

extension JSONValue {
  /// An object with the members of both.
  fileprivate func merging(_ other: JSONValue) -> JSONValue {
    guard case .object(let own) = self, case .object(let more) = other else { return other }
    return .object(own + more)
  }
}
