package import Model
package import Store

extension Console {
  /// The same console, whose transactions are taken down.
  package func witnessed(by witness: CommitWitness) -> Console {
    var console = self
    console.store = store.witnessed(by: witness)
    return console
  }

  /// Waits until what was witnessed is in force on every gateway, at most this long.
  package func receipt(for witness: CommitWitness, within limit: Duration) async -> Receipt {
    await nodes.receipt(for: witness.changes, within: limit)
  }
}
