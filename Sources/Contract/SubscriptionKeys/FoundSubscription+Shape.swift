package import Model

extension FoundSubscription {
  package static let shape = Shape<FoundSubscription>.answer(
    "FoundSubscription",
    .required("id", \.id, .text),
    .required("name", \.name, .text),
    .required("tenant", \.tenant, Owner.shape)
  ) { FoundSubscription(id: $0, name: $1, tenant: $2) }
}

extension FoundSubscription.Owner {
  package static let shape = Shape<FoundSubscription.Owner>.answer(
    "OtherTenant",
    .required("name", \.name, .text),
    .required("slug", \.slug, .text)
  ) { FoundSubscription.Owner(name: $0, slug: $1) }
}

/// What the search is asked for. Any text, so that a malformed id is answered as an unknown one.
package struct SubscriptionSearch: Sendable {
  package let subscriptionID: String

  package static let query = Shape<SubscriptionSearch>.request(
    "SubscriptionSearchQuery",
    .required("subscriptionId", \.subscriptionID, .string(0...1000))
  ) { SubscriptionSearch(subscriptionID: $0) }
}
