package import Model
package import Postgres

/// Statements by which the owner's login checks the audit.
package enum AuditChains {
  /// Whose audit it is: a tenant's, also one that has none although it should, or the installation's.
  package struct Tenancy: Sendable {
    package let tenant: String
    /// nil for the installation, and for a tenant whose row is gone.
    package let slug: String?
    /// Whether the tenant was deleted for good, and its audit with it, of which there may be a rest.
    package let isDeleted: Bool
    /// Whether the tenant was there before there was an audit, which need not tell of it.
    package let isOlder: Bool
    /// The newest event as the head row has it.
    package let head: AuditChain.Head?
  }

  /// What the installation's own audit is of.
  package static let installation = "installation"

  /// The installation's, then the tenants', by slug.
  package static let tenancies: Statement<[Tenancy]> = Query(
    "audit_chain.tenancies",
    """
    SELECT a.tenant_id, t.slug, coalesce(t.state = 'deleted', false),
      coalesce(t.created_at < (SELECT m.applied_at FROM schema_migrations m WHERE m.number = 7), false),
      h.sequence, h.hash
    FROM (
      SELECT tenant_id FROM audit_heads UNION SELECT tenant_id FROM audit_events
      UNION SELECT id FROM tenants UNION SELECT 'installation') a
    LEFT JOIN tenants t ON t.id = a.tenant_id
    LEFT JOIN audit_heads h ON h.tenant_id = a.tenant_id
    ORDER BY a.tenant_id <> 'installation', t.slug, a.tenant_id
    """
  ) { row in
    let (tenant, slug) = (try row.next(String.self), try row.next(String?.self))
    let (isDeleted, isOlder) = (try row.next(Bool.self), try row.next(Bool.self))
    let (sequence, hash) = (try row.next(Int64?.self), try row.next([UInt8]?.self))
    return Tenancy(
      tenant: tenant, slug: slug, isDeleted: isDeleted, isOlder: isOlder,
      head: sequence.map { AuditChain.Head(sequence: $0, hash: hash ?? []) })
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
