package import Model

extension Revision {
  package static let shape = Shape<Revision>.answer(
    "Revision",
    .required("id", \.id, .text),
    .required("version", \.version, .text),
    .nullable("note", \.note, .text),
    .required("apiCount", \.apiCount, .integer(1...Int(Int32.max))),
    .required("createdAt", \.createdAt, .time)
  ) { Revision(id: $0, version: $1, note: $2, apiCount: $3, createdAt: $4) }
}

extension Revision.Contents {
  package static let shape = Shape<Revision.Contents>.answer(
    "RevisionWithAPIs",
    .required("id", \.revision.id, .text),
    .required("version", \.revision.version, .text),
    .nullable("note", \.revision.note, .text),
    .required("apiCount", \.revision.apiCount, .integer(1...Int(Int32.max))),
    .required("createdAt", \.revision.createdAt, .time),
    .required("apis", \.apis, .array(of: Revision.FrozenAPI.shape))
  ) {
    let revision = Revision(id: $0, version: $1, note: $2, apiCount: $3, createdAt: $4)
    return Revision.Contents(revision: revision, apis: $5)
  }
}

extension Revision.FrozenAPI {
  package static let shape = Shape<Revision.FrozenAPI>.answer(
    "FrozenAPI",
    .required("id", \.id, .text),
    .required("name", \.name, .text),
    .nullable("description", \.description, .text),
    .required("method", \.pattern.method, .choice),
    .required("path", \.pattern.path, .text),
    .required("match", \.pattern.match, .choice)
  ) { Revision.FrozenAPI(id: $0, name: $1, description: $2, pattern: APIPattern(method: $3, path: $4, match: $5)) }
}

extension Revision.Draft {
  package static let shape = Shape<Revision.Draft>.request(
    "RevisionCreation",
    .required("version", \.version, .text),
    .optional("note", \.note, .text)
  ) { Revision.Draft(version: $0, note: $1) }
}

extension Revision.Difference {
  package static let shape = Shape<Revision.Difference>.answer(
    "RevisionDifference",
    .required("added", \.added, .array(of: Revision.FrozenAPI.shape)),
    .required("removed", \.removed, .array(of: Revision.FrozenAPI.shape)),
    .required("changed", \.changed, .array(of: Change.shape))
  ) { Revision.Difference(added: $0, removed: $1, changed: $2) }
}

extension Revision.Difference.Change {
  package static let shape = Shape<Revision.Difference.Change>.answer(
    "ChangedAPI",
    .required("before", \.before, Revision.FrozenAPI.shape),
    .required("after", \.after, Revision.FrozenAPI.shape)
  ) { Revision.Difference.Change(before: $0, after: $1) }
}

/// What a revision is to be compared with.
package struct RevisionComparison: Sendable {
  /// `nil` for what is no revision's id: it is answered as an unknown one.
  package let against: Revision.Standard?

  package static let query = Shape<RevisionComparison>.request(
    "RevisionComparisonQuery",
    .required("against", \.against, .standard)
  ) { RevisionComparison(against: $0) }
}

extension Shape where Value == Revision.Standard? {
  fileprivate static var standard: Shape {
    let schema = JSONSchema.keywords([
      .init("type", "string"), .init("maxLength", 100),
      .init("description", "The id of another revision of the group, or `draft`."),
    ])
    return Shape(schema) { json, reading in
      guard let text = json.text else { return reading.refuse("must be a string") }
      return .some(text == "draft" ? .draft : ID(text).map(Revision.Standard.revision))
    } write: { standard in
      switch standard {
      case .draft: "draft"
      case .revision(let id): .string(id.description)
      case nil: ""
      }
    }
  }
}
