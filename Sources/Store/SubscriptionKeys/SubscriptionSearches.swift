package import Model
package import Postgres

/// How often an account has searched in the present minute.
package struct SearchCount: Sendable {
  package let searches: Int
  /// Until the minute is over; at least 1.
  package let secondsLeft: Int
}

/// Statements about the search for other tenants' keys.
package enum SubscriptionSearches {
  /// Counts one search more.
  package static func count(by account: ID<Account>, in tenant: ID<Tenant>) -> Statement<SearchCount> {
    Query(
      "subscription_search.count",
      """
      INSERT INTO subscription_searches AS s (tenant_id, account_id, minute, searches)
      VALUES (\(tenant), \(account), date_trunc('minute', now()), 1)
      ON CONFLICT (tenant_id, account_id) DO UPDATE
      SET minute = excluded.minute, searches = CASE WHEN s.minute = excluded.minute THEN s.searches + 1 ELSE 1 END
      RETURNING searches, ceil(extract(epoch FROM minute + interval '1 minute' - now()))::integer
      """
    ) { row in try SearchCount(searches: row.next(), secondsLeft: max(1, row.next())) }.only
  }

  /// The key of any tenant with this id. `nil`, for what is no id at all, is looked up and not found as well.
  package static func find(_ id: ID<SubscriptionKey>?) -> Statement<FoundSubscription?> {
    Query(
      "subscription_search.find",
      "SELECT id, name, tenant_name, tenant_slug FROM subscription_by_id(\(id))"
    ) { row in
      try FoundSubscription(
        id: row.next(), name: row.next(), tenant: FoundSubscription.Owner(name: row.next(), slug: row.next()))
    }.first
  }
}
