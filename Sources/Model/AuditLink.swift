import Crypto

/// An event of the audit as it lies in the database, for who checks that it was not tampered with.
package struct AuditLink: Sendable {
  /// Where an event says something that may have been erased: its digest, and what lies beside it.
  package struct Particular: Sendable {
    package let name: String
    /// In the event; nil where it has none.
    package let digest: [UInt8]?
    /// Whether there is a row beside it.
    package let isThere: Bool
    /// nil once erased.
    package let salt: [UInt8]?
    package let content: String?

    package init(name: String, digest: [UInt8]?, isThere: Bool, salt: [UInt8]?, content: String?) {
      (self.name, self.digest, self.isThere) = (name, digest, isThere)
      (self.salt, self.content) = (salt, content)
    }

    package var isErased: Bool { isThere && content == nil }

    /// Whether what lies beside the event is what it says. Erased content cannot be told from the right one.
    package var isRight: Bool {
      guard let digest else { return !isThere }
      guard isThere, let salt, let content else { return isErased }
      var hash = SHA256()
      hash.update(data: salt)
      hash.update(data: Array(content.utf8))
      return Array(hash.finalize()) == digest
    }
  }

  package let tenant: String
  package let sequence: Int64
  /// Microseconds since 1970.
  package let occurredAt: Int64
  package let entityKind, entityID, action, actorKind: String
  package let account, requestID: String?
  package let origin, change: Particular
  package let previousHash, hash: [UInt8]

  package init(
    tenant: String, sequence: Int64, occurredAt: Int64, entityKind: String, entityID: String, action: String,
    actorKind: String, account: String?, requestID: String?, origin: Particular, change: Particular,
    previousHash: [UInt8], hash: [UInt8]
  ) {
    (self.tenant, self.sequence, self.occurredAt) = (tenant, sequence, occurredAt)
    (self.entityKind, self.entityID, self.action, self.actorKind) = (entityKind, entityID, action, actorKind)
    (self.account, self.requestID, self.origin, self.change) = (account, requestID, origin, change)
    (self.previousHash, self.hash) = (previousHash, hash)
  }

  /// What the hash has to be: SHA-256 of one part a line, as the database's `audit_hash` makes it.
  package var rightHash: [UInt8] {
    let parts = [
      "latchkey audit 1", tenant, "\(sequence)", "\(occurredAt)", entityKind, entityID, action, actorKind,
      account ?? "", requestID ?? "", Hexadecimal.encode(origin.digest ?? []),
      Hexadecimal.encode(change.digest ?? []), Hexadecimal.encode(previousHash),
    ]
    return Array(SHA256.hash(data: Array(parts.joined(separator: "\n").utf8)))
  }
}
