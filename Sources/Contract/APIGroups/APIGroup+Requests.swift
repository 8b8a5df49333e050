package import Model

extension APIGroup.Draft {
  package static let shape = Shape<APIGroup.Draft>.request(
    "APIGroupCreation",
    .required("name", \.name, .text),
    .optional("description", \.description, .text),
    .required("prefix", \.prefix, .text),
    .required("accessMode", \.accessMode, .choice),
    .optional("keyHeaders", \.givenKeyHeaders, .keyHeaders)
  ) { APIGroup.Draft(name: $0, description: $1, prefix: $2, accessMode: $3, keyHeaders: $4 ?? []) }

  private var givenKeyHeaders: [KeyHeaderName]? { keyHeaders }
}

extension APIGroup.Changes {
  package static let shape = Shape<APIGroup.Changes>.request(
    "APIGroupUpdate",
    .given("name", \.name, .text),
    .changed("description", \.description, .text),
    .given("prefix", \.prefix, .text),
    .given("accessMode", \.accessMode, .choice),
    .changed("keyHeaders", \.keyHeaders, .keyHeaders)
  ) { APIGroup.Changes(name: $0, description: $1, prefix: $2, accessMode: $3, keyHeaders: $4) }
}

extension APIGroup.EnvironmentChanges {
  package static let shape = Shape<APIGroup.EnvironmentChanges>.request(
    "APIGroupEnvironmentUpdate", .changed("accessMode", \.accessMode, .choice)
  ) { APIGroup.EnvironmentChanges(accessMode: $0) }
}

extension ListQuery where Filter == Void {
  /// Of a list that has no filters.
  package static var plain: Shape<ListQuery> {
    .request("PlainQuery", .limit(\.limit), .cursor(\.cursor)) { ListQuery(limit: $0, cursor: $1, filter: ()) }
  }
}
