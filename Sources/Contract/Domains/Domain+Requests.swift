package import Model

extension Domain.Draft {
  package static let shape = Shape<Domain.Draft>.request(
    "DomainCreation",
    .required("host", \.host, .text, "A DNS name in lower case, of at least two labels."),
    .required("groupId", \.group, .reference(), "One of the tenant's groups."),
    .required("environment", \.environment, .choice, "In which environment.", example: .string("online"))
  ) { Domain.Draft(host: $0, group: $1, environment: $2) }
}

extension Domain.Changes {
  package static let shape = Shape<Domain.Changes>.request(
    "DomainUpdate",
    .given("groupId", \.group, .reference(), "One of the tenant's groups."),
    .given("environment", \.environment, .choice, "In which environment.", example: .string("online"))
  ) { Domain.Changes(group: $0, environment: $1) }
}

extension Domain.Filter {
  package static let query = Shape<ListQuery<Domain.Filter>>.request(
    "DomainQuery",
    .limit(\.limit),
    .cursor(\.cursor),
    .order(\.order, name: "host"),
    .given("host", \.filter.host, .text, "Of which host only."),
    .given("groupId", \.filter.group, .text, "Of which group only."),
    .given("environment", \.filter.environment, .choice, "Of which environment only.", example: .string("online")),
    .given("state", \.filter.state, .choice, "Of which state only.")
  ) {
    let filter = Domain.Filter(host: $3, group: $4, environment: $5, state: $6)
    return ListQuery(limit: $0, cursor: $1, order: $2, filter: filter)
  }
}
