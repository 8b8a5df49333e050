package import FoundationEssentials

/// A session of an account that has not ended, as its account sees it.
package struct OpenSession: Identified, Hashable, Sendable {
  package static var idPrefix: StaticString { "ssn" }

  package let id: ID<OpenSession>
  /// Where it was begun; `nil` if that was not known.
  package let address: String?
  /// By which program; `nil` if it did not say.
  package let client: ClientName?
  package let createdAt: Date
  /// To the minute.
  package let lastUsedAt: Date
  /// When it ends at the latest, used or not.
  package let expiresAt: Date
  /// Whether it is the one that asks.
  package let isCurrent: Bool

  package init(
    id: ID<OpenSession>, address: String?, client: ClientName?, createdAt: Date, lastUsedAt: Date, expiresAt: Date,
    isCurrent: Bool
  ) {
    (self.id, self.address, self.client, self.createdAt) = (id, address, client, createdAt)
    (self.lastUsedAt, self.expiresAt, self.isCurrent) = (lastUsedAt, expiresAt, isCurrent)
  }
}
