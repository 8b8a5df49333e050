/// Where a snapshot in a file comes from.
package struct SnapshotProvenance: Hashable, Sendable {
  /// How many states this node had kept before this one. It only grows, so that an older file is known as one.
  package var sequence: UInt64
  /// The database that the node was told to read, without anything secret.
  package var origin: String
  /// Where in the database's history and in its change feed the snapshot stands; only who wrote it knows how to read it.
  package var position: [String]

  package init(sequence: UInt64, origin: String, position: [String]) {
    (self.sequence, self.origin, self.position) = (sequence, origin, position)
  }
}
