package import FoundationEssentials
package import Postgres

/// The gateways as the database knows them, in one moment of one run.
package struct NodeRoster: Hashable, Sendable {
  package struct Node: Hashable, Sendable {
    package let name: String
    /// What it has in force; nil before it has anything, and of another run.
    package let inForce: SeenTransactions?
    package let leaseExpiresAt: Date
    /// Whether it answers no call any more, since it did not renew its lease.
    package let refuses: Bool

    package init(name: String, inForce: SeenTransactions?, leaseExpiresAt: Date, refuses: Bool) {
      (self.name, self.inForce) = (name, inForce)
      (self.leaseExpiresAt, self.refuses) = (leaseExpiresAt, refuses)
    }
  }

  package let history: String
  package let run: String
  package var nodes: [Node]

  package init(history: String, run: String, nodes: [Node]) {
    (self.history, self.run, self.nodes) = (history, run, nodes)
  }
}

/// Statements about gateways.
package enum GatewayNodes {
  /// Every gateway, by name.
  ///
  /// Time is the transaction's beginning, before its snapshot: what was renewed by then is seen as renewed.
  package static var all: Statement<NodeRoster?> {
    Query<Void>(
      "gateway_node.list",
      """
      SELECT here.history, here.run, n.name, n.snapshot::text, n.history = here.history AND n.run = here.run,
        n.lease_expires_at, n.refuses_at <= now()
      FROM (SELECT feed_history() AS history, feed_run() AS run) AS here
      LEFT JOIN gateway_nodes n ON true
      ORDER BY n.name, n.id
      """
    ).fold(into: nil) { roster, row in
      let (history, run) = (try row.next(String.self), try row.next(String.self))
      if roster == nil { roster = NodeRoster(history: history, run: run, nodes: []) }
      // Without any there is one row of nulls.
      guard let name = try row.next(String?.self) else { return }
      let snapshot = try row.next(String?.self)
      let isOfThisRun = try row.next(Bool?.self) ?? false
      roster?.nodes.append(
        NodeRoster.Node(
          name: name, inForce: isOfThisRun ? snapshot.flatMap(SeenTransactions.init) : nil,
          leaseExpiresAt: try row.next(), refuses: try row.next()))
    }
  }
}
