import Model
import Store

/// What the owner's login does to one tenant, or to something of it.
extension Holder {
  private static let owner = "latchkey_owner"

  var operatorTrials: [StatementTrial] {
    [
      StatementTrial(OperatedDomains.approve(domain, in: tenant), as: Self.owner),
      StatementTrial(OperatedDomains.reject(domain, in: tenant), as: Self.owner),
    ]
  }

  var operatedTenantTrials: [StatementTrial] {
    let quotas = TenantQuotas.Changes(subscriptionKeys: 7)
    let email = EmailAddress("owner@acme.example")!
    // Somebody else has the address, and another tenant's account the id.
    let other = "UPDATE accounts SET email = 'other@acme.example' WHERE tenant_id = '\(tenant)' AND id = '\(account)'"
    return [
      StatementTrial(OperatedTenants.make(.suspend, of: tenant), as: Self.owner, finds: 1),
      StatementTrial(
        OperatedTenants.make(.restore, of: tenant), as: Self.owner, after: ["UPDATE tenants SET state = 'suspended'"],
        finds: 1),
      StatementTrial(OperatedTenants.make(.requestDeletion, of: tenant), as: Self.owner, finds: 1),
      StatementTrial(Quotas.update(tenant, to: quotas), as: Self.owner, finds: 1),
      StatementTrial(
        OperatedAccounts.reset(email, in: tenant, passwordHash: "x", role: nil, isEnabled: false), as: Self.owner,
        finds: 1),
      StatementTrial(OperatedAccounts.endSessions(of: email, in: tenant), as: Self.owner),
      StatementTrial(OperatedAccounts.endSessions(of: email, in: tenant), as: Self.owner, after: [other], finds: 0),
    ] + acrossTrials
  }

  /// What is listed of all tenants: each thing with its own tenant's.
  private var acrossTrials: [StatementTrial] {
    let others = ["audit_particulars", "audit_events", "audit_heads"].map {
      "DELETE FROM \($0) WHERE tenant_id NOT IN ('\(tenant)', (SELECT id FROM tenants WHERE slug = 'globex'))"
    }
    let tenants = "DELETE FROM tenants WHERE id <> '\(tenant)' AND slug <> 'globex'"
    return [
      StatementTrial(
        OperatedDomains.list(id: domain), as: Self.owner,
        after: ["DELETE FROM domains WHERE tenant_id <> '\(tenant)'"], finds: 1),
      StatementTrial(AuditChains.tenancies, as: Self.owner, after: [Self.unchecked] + others + [tenants], finds: 3),
      StatementTrial(AuditChains.read(tenant.description, into: AuditChain()), as: Self.owner),
    ]
  }
}
