package import Model

/// What was counted within a minute of calls that are alike.
package struct UsageRow: Sendable {
  /// When the minute began, in seconds since 1970.
  package let minute: Int64
  /// The tenant whose group it is.
  package let provider: ID<Tenant>
  package let key: UsageKey
  /// The subscription key that the secret is of, where the gateway knows it.
  package let subscription: ID<SubscriptionKey>?
  package var counts: UsageCounts

  package init(
    minute: Int64, provider: ID<Tenant>, key: UsageKey, subscription: ID<SubscriptionKey>?, counts: UsageCounts
  ) {
    (self.minute, self.provider, self.key, self.subscription) = (minute, provider, key, subscription)
    self.counts = counts
  }

  package var place: Place { Place(minute: minute, key: key) }

  /// What rows are told apart by.
  package struct Place: Hashable, Sendable {
    let minute: Int64
    let key: UsageKey
  }
}
