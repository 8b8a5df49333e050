package import Model

extension API {
  package static let shape = Shape<API>.answer(
    "API",
    .required("id", \.id, .text, "The API's id."),
    .required("name", \.name, .text, "What people call the API.", example: .string("getOrder")),
    .nullable("description", \.description, .text, "What else to know of it.", example: .string("Shows an order.")),
    .required(
      "method", \.pattern.method, .choice, "The method that it takes; `ANY` takes each.", example: .string("GET")),
    .required("path", \.pattern.path, .text, "The path behind the group's prefix; `{name}` stands for one segment."),
    .required("match", \.pattern.match, .choice, "`exact` takes the path only, `prefix` also what is below it."),
    .required("createdAt", \.createdAt, .time, "When it was made."),
    .required(
      "updatedAt", \.updatedAt, .time, "When it was last changed; the `ETag` is made of it.",
      example: .string("2026-11-20T16:05:12.250000Z"))
  ) {
    API(
      id: $0, name: $1, description: $2, pattern: APIPattern(method: $3, path: $4, match: $5), createdAt: $6,
      updatedAt: $7)
  }
}

extension API.Draft {
  package static let shape = Shape<API.Draft>.request(
    "APICreation",
    .required("name", \.name, .text, "What people call the API.", example: .string("getOrder")),
    .required(
      "method", \.pattern.method, .choice, "The method that it takes; `ANY` takes each.", example: .string("GET")),
    .required("path", \.pattern.path, .text, "The path behind the group's prefix; `{name}` stands for one segment."),
    .required("match", \.pattern.match, .choice, "`exact` takes the path only, `prefix` also what is below it."),
    .optional("description", \.description, .text, "What else to know of it.", example: .string("Shows an order."))
  ) { API.Draft(name: $0, description: $4, pattern: APIPattern(method: $1, path: $2, match: $3)) }
}

extension API.Changes {
  package static let shape = Shape<API.Changes>.request(
    "APIUpdate",
    .given("name", \.name, .text, "What people call the API.", example: .string("getOrder")),
    .given("method", \.method, .choice, "The method that it takes; `ANY` takes each.", example: .string("GET")),
    .given("path", \.path, .text, "The path behind the group's prefix; `{name}` stands for one segment."),
    .given("match", \.match, .choice, "`exact` takes the path only, `prefix` also what is below it."),
    .changed(
      "description", \.description, .text, "What else to know of it; null: nothing.",
      example: .string("Shows an order."))
  ) { API.Changes(name: $0, description: $4, method: $1, path: $2, match: $3) }
}

extension API.Filter {
  package static let query = Shape<ListQuery<API.Filter>>.request(
    "APIQuery",
    .limit(\.limit),
    .cursor(\.cursor),
    .order(\.order, name: "path"),
    .given(
      "q", \.filter.text, .text,
      "What method and path, as `GET /orders`, name, description or id contain; upper and lower case are the same.",
      example: .string("/orders"))
  ) { ListQuery(limit: $0, cursor: $1, order: $2, filter: API.Filter(text: $3)) }
}
