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
