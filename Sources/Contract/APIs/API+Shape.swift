package import Model

extension API {
  package static let shape = Shape<API>.answer(
    "API",
    .required("id", \.id, .text),
    .required("name", \.name, .text),
    .nullable("description", \.description, .text),
    .required("method", \.pattern.method, .choice),
    .required("path", \.pattern.path, .text),
    .required("match", \.pattern.match, .choice),
    .required("createdAt", \.createdAt, .time),
    .required("updatedAt", \.updatedAt, .time)
  ) {
    API(
      id: $0, name: $1, description: $2, pattern: APIPattern(method: $3, path: $4, match: $5), createdAt: $6,
      updatedAt: $7)
  }
}

extension API.Draft {
  package static let shape = Shape<API.Draft>.request(
    "APICreation",
    .required("name", \.name, .text),
    .required("method", \.pattern.method, .choice),
    .required("path", \.pattern.path, .text),
    .required("match", \.pattern.match, .choice),
    .optional("description", \.description, .text)
  ) { API.Draft(name: $0, description: $4, pattern: APIPattern(method: $1, path: $2, match: $3)) }
}

extension API.Changes {
  package static let shape = Shape<API.Changes>.request(
    "APIUpdate",
    .given("name", \.name, .text),
    .given("method", \.method, .choice),
    .given("path", \.path, .text),
    .given("match", \.match, .choice),
    .changed("description", \.description, .text)
  ) { API.Changes(name: $0, description: $4, method: $1, path: $2, match: $3) }
}
