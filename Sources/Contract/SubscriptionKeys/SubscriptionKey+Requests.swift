package import Model

extension SubscriptionKey.Draft {
  package static let shape = Shape<SubscriptionKey.Draft>.request(
    "SubscriptionKeyCreation",
    .required("name", \.name, .text, "What the key is for.", example: .string("Web shop")),
    .optional("description", \.description, .text, "What else to know of it."),
    .optional("expiresAt", \.expiresAt, .futureTime, "When the key ends; left out, never."),
    .optional(
      "providers", \.providers, .providers, "The slugs of the tenants that may authorize it; left out, any.",
      example: .strings("acme")),
    .optional(
      "value", \.value, .importedValue,
      "A value that callers use already, to be its secret at this tenant's own groups; left out, one is made.")
  ) { SubscriptionKey.Draft(name: $0, description: $1, expiresAt: $2, providers: $3, value: $4) }
}

extension SubscriptionKey.Changes {
  package static let shape = Shape<SubscriptionKey.Changes>.request(
    "SubscriptionKeyUpdate",
    .given("name", \.name, .text, "What the key is for.", example: .string("Web shop")),
    .changed("description", \.description, .text, "What else to know of it; null: nothing."),
    .changed("expiresAt", \.expiresAt, .futureTime, "When the key ends; null: never."),
    .changed(
      "providers", \.providers, .providers, "The slugs of the tenants that may authorize it; null: any.",
      example: .strings("acme")),
    .given("state", \.state, .choice, "`disabled` has it refused everywhere, `active` admitted again.")
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
    .order(\.order),
    .given("q", \.filter.text, .text, "What name, description or id contain; upper and lower case are the same."),
    .given(
      "state", \.filter.state, .choice,
      "Of which state only, where `expired` are those of state `active` whose `expiresAt` has passed, and `active` the "
        + "others; left out, all but deleted ones.")
  ) { ListQuery(limit: $0, cursor: $1, order: $2, filter: SubscriptionKey.Filter(text: $3, state: $4)) }
}

/// How a key is deleted.
package struct SubscriptionKeyDeletion: Sendable {
  /// Whether its secrets are in wrong hands, so that it is never restored.
  package let isCompromised: Bool

  package static let query = Shape<SubscriptionKeyDeletion>.request(
    "SubscriptionKeyDeletion",
    .defaulted(
      "compromised", \.isCompromised, .booleanText, to: false,
      "Whether its secrets are in wrong hands: it is never restored then.")
  ) { SubscriptionKeyDeletion(isCompromised: $0) }
}

extension SubscriptionKey.SecretDraft {
  package static let shape = Shape<SubscriptionKey.SecretDraft>.request(
    "SecretCreation",
    .optional("expiresAt", \.expiresAt, .futureTime, "When the new secret ends; left out, with its key.")
  ) { SubscriptionKey.SecretDraft(expiresAt: $0) }
}

extension SubscriptionKey.SecretChanges {
  package static let shape = Shape<SubscriptionKey.SecretChanges>.request(
    "SecretUpdate",
    .changed("expiresAt", \.expiresAt, .futureTime, "When the secret ends; null: with its key.")
  ) { SubscriptionKey.SecretChanges(expiresAt: $0) }
}
