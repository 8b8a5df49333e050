import Model
import Routing

/// The node that receipts reckon with as long as somebody may decide by the snapshot on disk: a row in the database speaks
/// for the file, from one process to the next.
package struct CountedNode: Hashable, Sendable {
  let id: ID<GatewayNode>
  /// From before the database was last told of it.
  let since: Moment
  /// How long after that receipts list it while it confirms nothing; zero where they take it for one that refuses.
  let duration: Duration

  /// From when on a process that has registered no node of its own must decide nothing by the file: nobody would know of
  /// it. Nil where that cannot be told.
  func end(at now: Moment) -> BootTime? {
    since.age(at: now).map { now.boot - $0 + duration }
  }
}
