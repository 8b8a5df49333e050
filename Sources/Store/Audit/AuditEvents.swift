package import Model
package import Postgres

/// Statements about the audit, which the database itself writes.
package enum AuditEvents {
  /// At least the first `limit` events, newest or oldest first.
  package static func list(
    _ filter: AuditEvent.Filter, _ order: ListOrder = .newest, after position: Position<AuditEvent>?, limit: Int,
    in tenant: ID<Tenant>
  ) -> Statement<[AuditEvent]> {
    let last = position.map { Int64(truncatingIfNeeded: $0.id.bits) }
    var narrowing = narrowing(filter, order, after: last, in: tenant)
    let clause = filter.isOfTimes ? order.clause("occurred_at", "sequence") : order.clause("sequence")
    let rows = narrowing.rows(limit)
    return Query(
      "audit_event.list",
      """
      WITH page AS (
        SELECT tenant_id, sequence, occurred_at, entity_kind, entity_id, action, actor_kind, account_id, request_id,
          previous_hash, hash
        FROM audit_events
        WHERE tenant_id = \(tenant) \(narrowing.conditions)
        ORDER BY \(clause)
        LIMIT \(rows)
      )
      SELECT e.sequence, e.occurred_at, e.entity_kind, e.entity_id, e.action, e.actor_kind, e.account_id, e.request_id,
        (SELECT o.content::jsonb ->> 'address' FROM audit_particulars o
          WHERE o.tenant_id = e.tenant_id AND o.sequence = e.sequence AND o.part = 'origin'),
        (SELECT c.content FROM audit_particulars c
          WHERE c.tenant_id = e.tenant_id AND c.sequence = e.sequence AND c.part = 'change'),
        e.previous_hash, e.hash
      FROM page e
      ORDER BY \(clause)
      """
    ) { row in
      AuditEvent(
        sequence: try row.next(), occurredAt: try row.next(), entityKind: try row.next(), entityID: try row.next(),
        action: try row.next(), actorKind: try row.next(), account: try row.next(), requestID: try row.next(),
        particulars: AuditEvent.Particulars(address: try row.next(), change: try row.next()),
        previousHash: try row.next(), hash: try row.next())
    }.variant(narrowing.names).all
  }

  /// Within times, events are in the order of their times: where the clock was set back, that of the chain is another.
  private static func narrowing(
    _ filter: AuditEvent.Filter, _ order: ListOrder, after last: Int64?, in tenant: ID<Tenant>
  ) -> Narrowing {
    var narrowing = Narrowing()
    narrowing.add("oldest", order == .oldest ? "" : nil)
    narrowing.add(
      "after",
      last.map { last in
        guard filter.isOfTimes else { return "AND sequence \(order.isBehind) \(last)" }
        return """
          AND (occurred_at, sequence) \(order.isBehind) (
            (SELECT l.occurred_at FROM audit_events l WHERE l.tenant_id = \(tenant) AND l.sequence = \(last)), \(last))
          """
      })
    if let action = filter.action {
      // An action is `kind.verb`.
      let isKind = !action.contains(".")
      narrowing.add(isKind ? "kind" : "action", isKind ? "AND entity_kind = \(action)" : "AND action = \(action)")
    }
    narrowing.add("entity", filter.entity.map { "AND entity_id = \($0)" })
    narrowing.add("account", filter.account.map { "AND account_id = \($0)" })
    narrowing.add("from", filter.from.map { "AND occurred_at >= \($0)" })
    narrowing.add("to", filter.to.map { "AND occurred_at < \($0)" })
    return narrowing
  }
}

extension AuditEvent.Filter {
  fileprivate var isOfTimes: Bool { from != nil || to != nil }
}

extension AuditEvent.ActorKind: PostgresEncodable, PostgresDecodable {}
