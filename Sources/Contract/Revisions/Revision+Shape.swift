package import Model

extension Revision {
  package static let shape = Shape<Revision>.answer(
    "Revision",
    .required("id", \.id, .text, "The revision's id."),
    .required("version", \.version, .text, "Its number, by which it is released."),
    .nullable("note", \.note, .text, "What is new in it.", example: .string("First release.")),
    .required("apiCount", \.apiCount, .integer(1...Int(Int32.max)), "How many APIs it has.", example: .integer(1)),
    .required("createdAt", \.createdAt, .time, "When it was made.")
  ) { Revision(id: $0, version: $1, note: $2, apiCount: $3, createdAt: $4) }
}

extension Revision.Contents {
  package static let shape = Shape<Revision.Contents>.answer(
    "RevisionWithAPIs",
    .required("id", \.revision.id, .text, "The revision's id."),
    .required("version", \.revision.version, .text, "Its number, by which it is released."),
    .nullable("note", \.revision.note, .text, "What is new in it.", example: .string("First release.")),
    .required(
      "apiCount", \.revision.apiCount, .integer(1...Int(Int32.max)), "How many APIs it has.", example: .integer(1)),
    .required("createdAt", \.revision.createdAt, .time, "When it was made."),
    .required("apis", \.apis, .array(of: Revision.FrozenAPI.shape), "The APIs as they were in the draft then.")
  ) {
    let revision = Revision(id: $0, version: $1, note: $2, apiCount: $3, createdAt: $4)
    return Revision.Contents(revision: revision, apis: $5)
  }
}

extension Revision.FrozenAPI {
  package static let shape = Shape<Revision.FrozenAPI>.answer(
    "FrozenAPI",
    .required("id", \.id, .text, "The id that the API had in the draft."),
    .required("name", \.name, .text, "What people call the API.", example: .string("getOrder")),
    .nullable("description", \.description, .text, "What else to know of it.", example: .string("Shows an order.")),
    .required(
      "method", \.pattern.method, .choice, "The method that it takes; `ANY` takes each.", example: .string("GET")),
    .required("path", \.pattern.path, .text, "The path behind the group's prefix; `{name}` stands for one segment."),
    .required("match", \.pattern.match, .choice, "`exact` takes the path only, `prefix` also what is below it.")
  ) { Revision.FrozenAPI(id: $0, name: $1, description: $2, pattern: APIPattern(method: $3, path: $4, match: $5)) }
}

extension Revision.Draft {
  package static let shape = Shape<Revision.Draft>.request(
    "RevisionCreation",
    .required("version", \.version, .text, "Its number, which no other revision of the group has."),
    .optional("note", \.note, .text, "What is new in it.", example: .string("First release."))
  ) { Revision.Draft(version: $0, note: $1) }
}

extension Revision.Filter {
  package static let query = Shape<ListQuery<Revision.Filter>>.request(
    "RevisionQuery",
    .limit(\.limit),
    .cursor(\.cursor),
    .given("q", \.filter.text, .text, "What version, note or id contain; upper and lower case are the same.")
  ) { ListQuery(limit: $0, cursor: $1, filter: Revision.Filter(text: $2)) }
}

extension Revision.Difference {
  package static let shape = Shape<Revision.Difference>.answer(
    "RevisionDifference",
    .required("added", \.added, .array(of: Revision.FrozenAPI.shape), "What only this revision has."),
    .required("removed", \.removed, .array(of: Revision.FrozenAPI.shape), "What only the other has."),
    .required("changed", \.changed, .array(of: Change.shape), "What both have, but otherwise.")
  ) { Revision.Difference(added: $0, removed: $1, changed: $2) }
}

extension Revision.Difference.Change {
  package static let shape = Shape<Revision.Difference.Change>.answer(
    "ChangedAPI",
    .required("before", \.before, Revision.FrozenAPI.shape, "As the other has it."),
    .required("after", \.after, Revision.FrozenAPI.shape, "As this revision has it.")
  ) { Revision.Difference.Change(before: $0, after: $1) }
}

/// What a revision is to be compared with.
package struct RevisionComparison: Sendable {
  /// `nil` for what is no revision's id: it is answered as an unknown one.
  package let against: Revision.Standard?

  package static let query = Shape<RevisionComparison>.request(
    "RevisionComparisonQuery",
    .required("against", \.against, .standard, "What to compare with.", example: .string("draft"))
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
