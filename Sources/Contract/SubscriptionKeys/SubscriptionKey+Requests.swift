package import Model

extension SubscriptionKey.Draft {
  package static let shape = Shape<SubscriptionKey.Draft>.request(
    "SubscriptionKeyCreation",
    .required("name", \.name, .text),
    .optional("description", \.description, .text),
    .optional("expiresAt", \.expiresAt, .futureTime),
    .optional("providers", \.providers, .providers),
    .optional("value", \.value, .importedValue)
  ) { SubscriptionKey.Draft(name: $0, description: $1, expiresAt: $2, providers: $3, value: $4) }
}

extension SubscriptionKey.Changes {
  package static let shape = Shape<SubscriptionKey.Changes>.request(
    "SubscriptionKeyUpdate",
    .given("name", \.name, .text),
    .changed("description", \.description, .text),
    .changed("expiresAt", \.expiresAt, .futureTime),
    .changed("providers", \.providers, .providers),
    .given("state", \.state, .choice)
  ) { SubscriptionKey.Changes(name: $0, description: $1, expiresAt: $2, providers: $3, state: $4) }
}

extension Shape where Value == [Slug] {
  /// The slugs of tenants, whether there are such tenants or not.
  static var providers: Shape {
    .distinct(.array(of: .text, count: 0...SubscriptionKey.maximumProviders), by: \.self)
  }
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

/// How a key is deleted.
package struct SubscriptionKeyDeletion: Sendable {
  /// Whether its secrets are in wrong hands, so that it is never restored.
  package let isCompromised: Bool

  package static let query = Shape<SubscriptionKeyDeletion>.request(
    "SubscriptionKeyDeletion",
    .defaulted("compromised", \.isCompromised, .booleanText, to: false)
  ) { SubscriptionKeyDeletion(isCompromised: $0) }
}

extension SubscriptionKey.SecretDraft {
  package static let shape = Shape<SubscriptionKey.SecretDraft>.request(
    "SecretCreation",
    .optional("expiresAt", \.expiresAt, .futureTime)
  ) { SubscriptionKey.SecretDraft(expiresAt: $0) }
}

extension SubscriptionKey.SecretChanges {
  package static let shape = Shape<SubscriptionKey.SecretChanges>.request(
    "SecretUpdate",
    .changed("expiresAt", \.expiresAt, .futureTime)
  ) { SubscriptionKey.SecretChanges(expiresAt: $0) }
}
