import Model

/// What a value on the wire may be: JSON Schema 2020-12, as OpenAPI 3.1 has it.
package indirect enum JSONSchema: Sendable {
  /// A schema of its own, of these keywords.
  case keywords([JSONValue.Member])
  /// A component of the document, referred to by its name.
  case object(ObjectSchema)
  case array(JSONSchema, count: ClosedRange<Int>?)
  case nullable(JSONSchema)
  case oneOf([JSONSchema])
  /// An object with the members of several.
  case allOf([JSONSchema])
  /// A member that an answer shows once: see ``withoutWhatIsShownOnce(_:)``.
  case shownOnce(JSONSchema)

  /// What an object may have; nil for what is none.
  package var members: [ObjectSchema.Member]? {
    if case .object(let object) = self { object.members } else { nil }
  }

  static func text(_ constraint: TextConstraint) -> JSONSchema {
    var keywords: [JSONValue.Member] = [
      .init("type", "string"), .init("minLength", .integer(constraint.length.lowerBound)),
      .init("maxLength", .integer(constraint.length.upperBound)),
    ]
    if let pattern = constraint.pattern { keywords.append(.init("pattern", .string(pattern))) }
    if let example = constraint.example { keywords.append(.init("examples", [.string(example)])) }
    return .keywords(keywords)
  }

  /// The same with more keywords; only a schema of keywords takes any.
  func adding(_ more: [JSONValue.Member]) -> JSONSchema {
    switch self {
    case .keywords(let keywords): .keywords(keywords + more)
    case .nullable(let schema): .nullable(schema.adding(more))
    case .shownOnce(let schema): .shownOnce(schema.adding(more))
    case .object, .array, .oneOf, .allOf: self
    }
  }

  /// The schema as JSON. Objects in it are put into `components` and referred to.
  package func json(components: inout [String: JSONValue]) -> JSONValue {
    switch self {
    case .keywords(let keywords):
      return .object(keywords)
    case .object(let object):
      if components[object.name] == nil {
        components[object.name] = .null
        components[object.name] = object.json(components: &components)
      }
      return ["$ref": .string("#/components/schemas/\(object.name)")]
    case .array(let element, let count):
      var keywords: [JSONValue.Member] = [
        .init("type", "array"), .init("items", element.json(components: &components)),
      ]
      if let count {
        keywords += [.init("minItems", .integer(count.lowerBound)), .init("maxItems", .integer(count.upperBound))]
      }
      return .object(keywords)
    case .nullable(let schema):
      return ["anyOf": [schema.json(components: &components), ["type": "null"]]]
    case .oneOf(let schemas):
      return ["oneOf": .array(schemas.map { $0.json(components: &components) })]
    case .allOf(let schemas):
      return ["allOf": .array(schemas.map { $0.json(components: &components) })]
    case .shownOnce(let schema):
      return schema.adding([.init("description", .string(Self.shownOnceNote))]).json(components: &components)
    }
  }
}

/// What an object on the wire may have.
package struct ObjectSchema: Sendable {
  package struct Member: Sendable {
    package let name: String
    package let schema: JSONSchema
    package let isRequired: Bool
    package let note: MemberNote

    package init(name: String, schema: JSONSchema, isRequired: Bool, note: MemberNote = MemberNote()) {
      (self.name, self.schema, self.isRequired, self.note) = (name, schema, isRequired, note)
    }

    /// The schema with what is said of the member.
    package func json(components: inout [String: JSONValue]) -> JSONValue {
      var keywords: [JSONValue.Member] = []
      if case .object(let own) = schema.json(components: &components) { keywords = own }
      func set(_ name: String, _ value: JSONValue) {
        keywords.removeAll { $0.name == name }
        keywords.append(.init(name, value))
      }
      if !note.about.isEmpty {
        let more = keywords.first { $0.name == "description" }?.value.text
        set("description", .string([note.about, more].compactMap(\.self).joined(separator: " ")))
      }
      if let example = note.example.json { set("examples", [example]) }
      return .object(keywords)
    }
  }

  package let name: String
  package let members: [Member]
  /// Whether members that are not declared are refused.
  package let isClosed: Bool

  package init(name: String, members: [Member], isClosed: Bool) {
    (self.name, self.members, self.isClosed) = (name, members, isClosed)
  }

  func json(components: inout [String: JSONValue]) -> JSONValue {
    var properties: [JSONValue.Member] = []
    for member in members {
      properties.append(.init(member.name, member.json(components: &components)))
    }
    var keywords: [JSONValue.Member] = [
      .init("type", "object"), .init("properties", .object(properties)),
      .init("required", .array(members.filter { $0.isRequired && !$0.isShownOnce }.map { .string($0.name) })),
    ]
    if isClosed { keywords.append(.init("additionalProperties", false)) }
    return .object(keywords)
  }
}
