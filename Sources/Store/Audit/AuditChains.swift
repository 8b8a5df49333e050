package import Model
package import Postgres

/// Statements by which the owner's login checks the audit.
package enum AuditChains {
  /// A tenant that has an audit: its id, its slug while it has one, and its newest event as the head row has it.
  package struct Tenancy: Sendable {
    package let tenant: String
    package let slug: String?
    package let head: AuditChain.Head?
  }

  /// All that have events or a head, by slug.
  package static let tenancies: Statement<[Tenancy]> = Query(
    "audit_chain.tenancies",
    """
    SELECT a.tenant_id, t.slug, h.sequence, h.hash
    FROM (SELECT tenant_id FROM audit_heads UNION SELECT tenant_id FROM audit_events) a
    LEFT JOIN tenants t ON t.id = a.tenant_id
    LEFT JOIN audit_heads h ON h.tenant_id = a.tenant_id
    ORDER BY t.slug, a.tenant_id
    """
  ) { row in
    let (tenant, slug) = (try row.next(String.self), try row.next(String?.self))
    let (sequence, hash) = (try row.next(Int64?.self), try row.next([UInt8]?.self))
    return Tenancy(
      tenant: tenant, slug: slug, head: sequence.map { AuditChain.Head(sequence: $0, hash: hash ?? []) })
  }.all

  /// Adds a tenant's events to `chain`, in the order of their sequence.
  package static func read(_ tenant: String, into chain: AuditChain) -> Statement<AuditChain> {
    Query<Void>(
      "audit_chain.read",
      """
      SELECT e.sequence, (extract(epoch FROM e.occurred_at) * 1000000)::bigint, e.entity_kind, e.entity_id, e.action,
        e.actor_kind, e.account_id, e.request_id,
        e.origin_digest, o.part IS NOT NULL, o.salt, o.content,
        e.change_digest, c.part IS NOT NULL, c.salt, c.content, e.previous_hash, e.hash
      FROM audit_events e
      LEFT JOIN audit_particulars o ON o.tenant_id = e.tenant_id AND o.sequence = e.sequence AND o.part = 'origin'
      LEFT JOIN audit_particulars c ON c.tenant_id = e.tenant_id AND c.sequence = e.sequence AND c.part = 'change'
      WHERE e.tenant_id = \(tenant)
      ORDER BY e.sequence
      """
    ).fold(into: chain) { chain, row in chain.add(try AuditLink(of: tenant, row: &row)) }
  }
}

extension AuditLink {
  fileprivate init(of tenant: String, row: inout Row) throws {
    self.init(
      tenant: tenant, sequence: try row.next(), occurredAt: try row.next(), entityKind: try row.next(),
      entityID: try row.next(), action: try row.next(), actorKind: try row.next(), account: try row.next(),
      requestID: try row.next(), origin: try Particular(named: "origin", row: &row),
      change: try Particular(named: "change", row: &row), previousHash: try row.next(), hash: try row.next())
  }
}

extension AuditLink.Particular {
  fileprivate init(named name: String, row: inout Row) throws {
    self.init(
      name: name, digest: try row.next(), isThere: try row.next(), salt: try row.next(), content: try row.next())
  }
}
