package import FoundationEssentials

/// Whether a change is in force on every gateway, and if not, on which it may not be.
package struct Receipt: Hashable, Sendable {
  /// A gateway that may still decide without the change.
  package struct Unconfirmed: Hashable, Sendable {
    package let name: String
    /// Until when it was last heard of; past, for one that is cut off or gone.
    package let leaseExpiresAt: Date

    package init(name: String, leaseExpiresAt: Date) {
      (self.name, self.leaseExpiresAt) = (name, leaseExpiresAt)
    }
  }

  /// Whether no gateway decides without the change any more.
  package let isEnforced: Bool
  /// How many gateways are known, how many of them have the change in force, and how many of the rest refuse all calls.
  package let nodes, confirmed, refusing: Int
  /// The rest.
  package let unconfirmed: [Unconfirmed]
  /// How long after the commit that was known.
  package let after: Duration

  package init(
    isEnforced: Bool, nodes: Int, confirmed: Int, refusing: Int, unconfirmed: [Unconfirmed], after: Duration
  ) {
    (self.isEnforced, self.nodes, self.confirmed, self.refusing) = (isEnforced, nodes, confirmed, refusing)
    (self.unconfirmed, self.after) = (unconfirmed, after)
  }

  /// Of a change of which nothing could be learnt.
  package static func unknown(after: Duration) -> Receipt {
    Receipt(isEnforced: false, nodes: 0, confirmed: 0, refusing: 0, unconfirmed: [], after: after)
  }
}
