/// Where a snapshot in a file comes from, and when.
package struct SnapshotProvenance: Hashable, Sendable {
  /// How many states this node had kept before this one. It only grows, so that an older file is known as one.
  package var sequence: UInt64
  /// The database that the node was told to read, without anything secret.
  package var origin: String
  /// Where in the database's history and in its change feed the snapshot stands; only who wrote it knows how to read it.
  package var position: [String]
  /// When the snapshot was last known to be what the database has.
  package var confirmedAt: UnixTime

  package init(sequence: UInt64, origin: String, position: [String], confirmedAt: UnixTime) {
    (self.sequence, self.origin) = (sequence, origin)
    (self.position, self.confirmedAt) = (position, confirmedAt)
  }
}
