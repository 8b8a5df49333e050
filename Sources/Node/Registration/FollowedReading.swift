import Model
import Routing

/// Something that was read and published: where in the change feed it stands.
package struct FollowedReading: Sendable {
  let position: FeedPosition
  /// Of the snapshot that was published for it.
  let generation: SnapshotCell.Generation
  /// Before the reading began.
  let begun: BootTime
  /// Returns once the node's disk cannot bring back anything older.
  let settle: @Sendable () async -> Void
}
