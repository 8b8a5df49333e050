import Postgres

extension Query<FeedState> {
  /// Where this transaction stands, and what has become of a former position meanwhile.
  static func feedState(since former: FeedPosition?) -> Query {
    Query(
      "feed.state",
      """
      SELECT pg_current_snapshot()::text,
        feed_history(),
        feed_run(),
        horizon.xmin::text,
        horizon.transaction_id >= pg_snapshot_xmin(former.snapshot),
        pg_snapshot_xmax(pg_current_snapshot()) < pg_snapshot_xmax(former.snapshot)
          OR EXISTS (
            SELECT FROM pg_snapshot_xip(pg_current_snapshot()) AS running (id)
            WHERE pg_visible_in_snapshot(running.id, former.snapshot)),
        pg_is_in_recovery()
      FROM change_horizon AS horizon
      CROSS JOIN (SELECT \(former?.snapshot)::pg_snapshot) AS former (snapshot)
      """
    ) { row in
      FeedState(
        position: FeedPosition(
          snapshot: try row.next(), history: try row.next(), run: try row.next(), horizon: try row.next()),
        isPastHorizon: try row.next(Bool?.self) ?? false, isBehind: try row.next(Bool?.self) ?? false,
        isStandby: try row.next())
    }
  }
}

/// An entity that changed, by the tenant that owns it.
struct ChangedEntity: Hashable, Sendable {
  enum Kind: String, Sendable {
    case tenant, subscriptionKey, group, domain, limitPolicy
    /// Names the subscription key that is authorized, which is read again whole.
    case authorization
  }

  let kind: Kind
  let tenant: String
  let id: String
}

extension Query<ChangedEntity?> {
  /// What was committed that `position` has not seen, in whatever order it was; nil for a kind that a newer version of
  /// the schema records. No more than `limit`, in no order.
  static func changes(since position: FeedPosition, limit: Int) -> Query {
    Query(
      "feed.changes",
      """
      SELECT DISTINCT kind, tenant_id, entity_id
      FROM changes
      WHERE transaction_id >= pg_snapshot_xmin(\(position.snapshot)::pg_snapshot)
        AND NOT pg_visible_in_snapshot(transaction_id, \(position.snapshot)::pg_snapshot)
      LIMIT \(limit)
      """
    ) { row in
      let kind = ChangedEntity.Kind(rawValue: try row.next())
      let (tenant, id) = (try row.next(String.self), try row.next(String.self))
      return kind.map { ChangedEntity(kind: $0, tenant: tenant, id: id) }
    }
  }
}
