import Postgres
import Synchronization

/// A transaction by the number that gateways know it by, which means something within one run of one database only.
package struct CommittedChange: Hashable, Sendable {
  package let transaction: Int64
  package let history: String
  package let run: String

  package init(transaction: Int64, history: String, run: String) {
    (self.transaction, self.history, self.run) = (transaction, history, run)
  }
}

/// Takes down which transactions a store ran.
package final class CommitWitness: Sendable {
  private let seen = Mutex<[CommittedChange]>([])

  package init() {}

  /// All of them; those that were rolled back too, which changes nothing: nobody waits for them in vain.
  package var changes: [CommittedChange] { seen.withLock { $0 } }

  /// Takes down the transaction that it runs in.
  var statement: Statement<Void> {
    Query<Void>(
      "change.witness", "SELECT pg_current_xact_id(), feed_history(), feed_run()"
    ).fold(into: ()) { [self] _, row in
      let change = CommittedChange(transaction: try row.next(), history: try row.next(), run: try row.next())
      seen.withLock { $0.append(change) }
    }
  }
}
