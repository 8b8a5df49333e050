package import Model

extension FoundSubscription {
  package static let shape = Shape<FoundSubscription>.answer(
    "FoundSubscription",
    .required("id", \.id, .text, "The subscription ID."),
    .required("name", \.name, .text, "What its tenant calls the key.", example: .string("Web shop")),
    .required("tenant", \.tenant, Owner.shape, "Whose key it is.")
  ) { FoundSubscription(id: $0, name: $1, tenant: $2) }
}

extension FoundSubscription.Owner {
  package static let shape = Shape<FoundSubscription.Owner>.answer(
    "OtherTenant",
    .required("name", \.name, .text, "What people call the tenant.", example: .string("Acme")),
    .required("slug", \.slug, .text, "The tenant's name in URLs.")
  ) { FoundSubscription.Owner(name: $0, slug: $1) }
}

/// What the search is asked for. Any text, so that a malformed id is answered as an unknown one.
package struct SubscriptionSearch: Sendable {
  package let subscriptionID: String

  package static let query = Shape<SubscriptionSearch>.request(
    "SubscriptionSearchQuery",
    .required(
      "subscriptionId", \.subscriptionID, .string(0...1000), "The whole subscription ID, as its holder tells it.",
      example: .string(ID<SubscriptionKey>.example.description))
  ) { SubscriptionSearch(subscriptionID: $0) }
}
