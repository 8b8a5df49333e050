package import FoundationEssentials

/// A change of state as the audit has it: one link of its tenant's chain.
package struct AuditEvent: Identified, Sendable {
  package static var idPrefix: StaticString { "evt" }

  /// Whose doing it was.
  package enum ActorKind: String, CaseIterable, Sendable {
    case account
    /// Who holds the owner's database login.
    case `operator`
    /// A job, or somebody who was not signed in.
    case system
  }

  /// What may be personal, and can be erased without breaking the chain.
  package struct Particulars: Sendable, Equatable {
    /// Where the actor was.
    package let address: String?
    /// JSON of the changed columns: `{"before": {…}, "after": {…}}`, as the database wrote it.
    package let change: String?

    package init(address: String?, change: String?) {
      (self.address, self.change) = (address, change)
    }
  }

  /// 1 for the tenant's first event; without gaps.
  package let sequence: Int64
  package let occurredAt: Date
  /// `subscriptionKey`, and `subscriptionKey.created`.
  package let entityKind, action: String
  package let entityID: String
  package let actorKind: ActorKind
  package let account: ID<Account>?
  package let requestID: String?
  package let particulars: Particulars
  /// SHA-256, over what `docs/audit.md` says.
  package let previousHash, hash: [UInt8]

  package init(
    sequence: Int64, occurredAt: Date, entityKind: String, entityID: String, action: String, actorKind: ActorKind,
    account: ID<Account>?, requestID: String?, particulars: Particulars, previousHash: [UInt8], hash: [UInt8]
  ) {
    (self.sequence, self.occurredAt) = (sequence, occurredAt)
    (self.entityKind, self.entityID, self.action) = (entityKind, entityID, action)
    (self.actorKind, self.account, self.requestID) = (actorKind, account, requestID)
    (self.particulars, self.previousHash, self.hash) = (particulars, previousHash, hash)
  }

  /// Where the event stands in its tenant's list: events have no random ids, their place in the chain names them.
  package var position: Position<AuditEvent> { Position(createdAt: occurredAt, id: ID(bits: UInt128(sequence))) }

  /// What a list shows.
  package struct Filter: Sendable {
    package let action: String?
    package let entity: String?
    package let account: String?
    package let from, to: Date?

    package init(
      action: String? = nil, entity: String? = nil, account: String? = nil, from: Date? = nil, to: Date? = nil
    ) {
      (self.action, self.entity, self.account) = (action, entity, account)
      (self.from, self.to) = (from, to)
    }
  }
}
