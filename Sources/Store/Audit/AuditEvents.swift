package import Model
package import Postgres

/// Statements about the audit, which the database itself writes.
package enum AuditEvents {
  /// Up to `limit` events, newest first.
  package static func list(
    _ filter: AuditEvent.Filter, after position: Position<AuditEvent>?, limit: Int, in tenant: ID<Tenant>
  ) -> Statement<[AuditEvent]> {
    Query(
      "audit_event.list",
      """
      SELECT e.sequence, e.occurred_at, e.entity_kind, e.entity_id, e.action, e.actor_kind, e.account_id, e.request_id,
        o.content::jsonb ->> 'address', c.content, e.previous_hash, e.hash
      FROM audit_events e
      LEFT JOIN audit_particulars o ON o.tenant_id = e.tenant_id AND o.sequence = e.sequence AND o.part = 'origin'
      LEFT JOIN audit_particulars c ON c.tenant_id = e.tenant_id AND c.sequence = e.sequence AND c.part = 'change'
      WHERE e.tenant_id = \(tenant)
        AND e.sequence < coalesce(\(position.map { Int64(truncatingIfNeeded: $0.id.bits) })::bigint, 9223372036854775807)
        AND (\(filter.action)::text IS NULL OR e.action = \(filter.action) OR e.entity_kind = \(filter.action))
        AND (\(filter.entity)::text IS NULL OR e.entity_id = \(filter.entity))
        AND (\(filter.account)::text IS NULL OR e.account_id = \(filter.account))
        AND (\(filter.from)::timestamptz IS NULL OR e.occurred_at >= \(filter.from))
        AND (\(filter.to)::timestamptz IS NULL OR e.occurred_at < \(filter.to))
      ORDER BY e.sequence DESC
      LIMIT \(limit)
      """
    ) { row in
      AuditEvent(
        sequence: try row.next(), occurredAt: try row.next(), entityKind: try row.next(), entityID: try row.next(),
        action: try row.next(), actorKind: try row.next(), account: try row.next(), requestID: try row.next(),
        particulars: AuditEvent.Particulars(address: try row.next(), change: try row.next()),
        previousHash: try row.next(), hash: try row.next())
    }.all
  }
}

extension AuditEvent.ActorKind: PostgresEncodable, PostgresDecodable {}
