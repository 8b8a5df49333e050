import Model
import Postgres

// What a node tells the database of itself. `now()` is when the transaction began, and so after the node has asked.

extension Query<Void> {
  /// Takes or renews a node's lease, and tells what it has in force.
  ///
  /// - Parameters:
  ///   - lease: how long the lease is.
  ///   - refusal: after how long the node answers no call any more if it renews nothing.
  static func renew(
    _ node: ID<GatewayNode>, named name: String, at position: FeedPosition?, lease: Duration, refusal: Duration
  ) -> Query {
    Query(
      "gateway_node.renew",
      """
      INSERT INTO gateway_nodes AS node (id, name, snapshot, history, run, lease_expires_at, refuses_at)
      VALUES (\(node.description), \(name), \(position?.snapshot)::pg_snapshot, \(position?.history), \(position?.run),
        now() + make_interval(secs => \(lease.seconds)), now() + make_interval(secs => \(refusal.seconds)))
      ON CONFLICT (id) DO UPDATE
      SET name = excluded.name, snapshot = excluded.snapshot, history = excluded.history, run = excluded.run,
        lease_expires_at = greatest(node.lease_expires_at, excluded.lease_expires_at),
        refuses_at = greatest(node.refuses_at, excluded.refuses_at)
      """)
  }

  /// Tells what a node has in force, if it is registered.
  static func confirm(_ position: FeedPosition, by node: ID<GatewayNode>) -> Query {
    Query(
      "gateway_node.confirm",
      """
      UPDATE gateway_nodes
      SET snapshot = \(position.snapshot)::pg_snapshot, history = \(position.history), run = \(position.run)
      WHERE id = \(node.description)
      """)
  }

  /// Forgets those whose name, or whose snapshot on disk, a node has taken over from them.
  static func succeed(by node: ID<GatewayNode>, named name: String, after former: ID<GatewayNode>?) -> Query {
    Query(
      "gateway_node.succeed",
      """
      DELETE FROM gateway_nodes
      WHERE (name = \(name) OR id = \(former?.description)) AND id <> \(node.description) AND lease_expires_at < now()
      """)
  }

  /// Forgets a node that serves nothing any more.
  static func withdraw(_ node: ID<GatewayNode>) -> Query {
    Query("gateway_node.withdraw", "DELETE FROM gateway_nodes WHERE id = \(node.description)")
  }
}

extension Duration {
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
