package import FoundationEssentials

/// All that a caller is told of an authorization that a provider gave to one of its keys.
package struct ReceivedAuthorization: Hashable, Sendable {
  package let id: ID<Authorization>
  package let provider: FoundSubscription.Owner
  package var targets: [Authorization.Target]
  package let expiresAt: Date?
  package let state: Authorization.State
  package let createdAt: Date

  package init(
    id: ID<Authorization>, provider: FoundSubscription.Owner, targets: [Authorization.Target], expiresAt: Date?,
    state: Authorization.State, createdAt: Date
  ) {
    (self.id, self.provider, self.targets) = (id, provider, targets)
    (self.expiresAt, self.state, self.createdAt) = (expiresAt, state, createdAt)
  }
}
