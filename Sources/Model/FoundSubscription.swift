/// All that a tenant is told of another's subscription key whose whole id it knows.
package struct FoundSubscription: Hashable, Sendable {
  /// Whose key it is.
  package struct Owner: Hashable, Sendable {
    package let name: DisplayName
    package let slug: Slug

    package init(name: DisplayName, slug: Slug) {
      (self.name, self.slug) = (name, slug)
    }
  }

  package let id: ID<SubscriptionKey>
  package let name: DisplayName
  package let tenant: Owner

  package init(id: ID<SubscriptionKey>, name: DisplayName, tenant: Owner) {
    (self.id, self.name, self.tenant) = (id, name, tenant)
  }
}
