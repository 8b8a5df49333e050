package import Model

extension Deployment {
  package static let shape = Shape<Deployment>.answer(
    "Deployment",
    .required("id", \.id, .text, "The deployment's id."),
    .required("revisionId", \.revision, .text, "What was released."),
    .required("version", \.version, .text, "The number of what was released."),
    .required("environment", \.environment, .choice, "Where to.", example: .string("online")),
    .required("backend", \.backend, .backend, "What answers the calls."),
    .required("state", \.state, .choice, "`live`, or `ended` by a later one or by being taken offline."),
    .required("createdAt", \.createdAt, .time, "When it was released."),
    .nullable("endedAt", \.endedAt, .time, "When it ended; null while it is live.", example: .null)
  ) { id, revision, version, environment, backend, _, createdAt, endedAt in
    Deployment(
      id: id, revision: revision, version: version, environment: environment, backend: backend, createdAt: createdAt,
      endedAt: endedAt)
  }
}

extension Deployment.Release {
  package static let shape = Shape<Deployment.Release>.request(
    "Release",
    .required("version", \.version, .text, "The number of the revision; an earlier one too, to roll back."),
    .required("environment", \.environment, .choice, "Where to.", example: .string("online")),
    .required("backend", \.backend, .givenBackend, "What is to answer the calls.")
  ) { Deployment.Release(version: $0, environment: $1, backend: $2) }
}

extension Deployment.Filter {
  package static let query = Shape<ListQuery<Deployment.Filter>>.request(
    "DeploymentQuery",
    .limit(\.limit),
    .cursor(\.cursor),
    .given("environment", \.filter.environment, .choice, "Of which environment only.", example: .string("online"))
  ) { ListQuery(limit: $0, cursor: $1, filter: Deployment.Filter(environment: $2)) }
}
