import Model
import Store

extension Receipt {
  /// What the database's knowledge of the gateways says of changes.
  ///
  /// Of changes that were made in another run nothing can be said: the database may have been restored without them,
  /// and their numbers be other transactions'.
  init(of changes: [CommittedChange], by roster: NodeRoster, after: Duration) {
    let areKnown = changes.allSatisfy { $0.history == roster.history && $0.run == roster.run }
    func confirms(_ node: NodeRoster.Node) -> Bool {
      guard areKnown, let inForce = node.inForce else { return false }
      return changes.allSatisfy { inForce.contains($0.transaction) }
    }
    let rest = roster.nodes.filter { !confirms($0) }
    let unconfirmed = rest.filter { !$0.refuses }
    self.init(
      isEnforced: areKnown && unconfirmed.isEmpty, nodes: roster.nodes.count,
      confirmed: roster.nodes.count - rest.count, refusing: rest.count - unconfirmed.count,
      unconfirmed: unconfirmed.map { Unconfirmed(name: $0.name, leaseExpiresAt: $0.leaseExpiresAt) }, after: after)
  }
}
