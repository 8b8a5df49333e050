package import Model

extension SubscriptionKey.Draft {
  package static let shape = Shape<SubscriptionKey.Draft>.request(
    "SubscriptionKeyCreation",
    .required("name", \.name, .text),
    .optional("description", \.description, .text),
    .optional("expiresAt", \.expiresAt, .futureTime)
  ) { SubscriptionKey.Draft(name: $0, description: $1, expiresAt: $2) }
}

extension SubscriptionKey.Changes {
  package static let shape = Shape<SubscriptionKey.Changes>.request(
    "SubscriptionKeyUpdate",
    .given("name", \.name, .text),
    .changed("description", \.description, .text),
    .changed("expiresAt", \.expiresAt, .futureTime),
    .given("state", \.state, .choice)
  ) { SubscriptionKey.Changes(name: $0, description: $1, expiresAt: $2, state: $3) }
}

extension SubscriptionKey.Filter {
  package static let query = Shape<ListQuery<SubscriptionKey.Filter>>.request(
    "SubscriptionKeyQuery",
    .limit(\.limit),
    .cursor(\.cursor),
    .given("q", \.filter.text, .text),
    .given("state", \.filter.state, .choice)
  ) { ListQuery(limit: $0, cursor: $1, filter: SubscriptionKey.Filter(text: $2, state: $3)) }
}
