package import Model

extension Deployment {
  package static let shape = Shape<Deployment>.answer(
    "Deployment",
    .required("id", \.id, .text),
    .required("revisionId", \.revision, .text),
    .required("version", \.version, .text),
    .required("environment", \.environment, .choice),
    .required("backend", \.backend, .backend),
    .required("state", \.state, .choice),
    .required("createdAt", \.createdAt, .time),
    .nullable("endedAt", \.endedAt, .time)
  ) { id, revision, version, environment, backend, _, createdAt, endedAt in
    Deployment(
      id: id, revision: revision, version: version, environment: environment, backend: backend, createdAt: createdAt,
      endedAt: endedAt)
  }
}

extension Deployment.Release {
  package static let shape = Shape<Deployment.Release>.request(
    "Release",
    .required("version", \.version, .text),
    .required("environment", \.environment, .choice),
    .required("backend", \.givenBackend, .givenBackend)
  ) { Deployment.Release(version: $0, environment: $1, backend: $2.backend, headers: $2.headers) }

  private var givenBackend: GivenBackend { GivenBackend(backend, headers: headers) }
}

extension Deployment.Filter {
  package static let query = Shape<ListQuery<Deployment.Filter>>.request(
    "DeploymentQuery",
    .limit(\.limit),
    .cursor(\.cursor),
    .given("environment", \.filter.environment, .choice)
  ) { ListQuery(limit: $0, cursor: $1, filter: Deployment.Filter(environment: $2)) }
}
