import Model
import Routing

/// What a node's disk has of the node's snapshots, and what has yet to be written before a change may be confirmed. No
/// I/O and no clock.
///
/// Snapshots are numbered as the node gets them. One is *settled* once no later process can start from an older one: the
/// file has it or a later one, or a mark says that whatever file is there is old. A file takes long to write, a mark does
/// not; so marks are made while a file is written too, and what counts is which of both has the higher sequence number.
struct KeptState {
  /// What the node decides by now.
  struct Latest {
    var reading: SnapshotFeed.Reading
    var confirmedAt: Moment
    /// Which snapshot it is can be told by it without keeping that alive.
    var number: Int
  }

  /// A file that is being written.
  struct Draft {
    let latest: Latest
    let sequence: UInt64
  }

  private(set) var latest: Latest?
  /// The node that speaks in the database for what is on disk: this process's, or before that is known the former's.
  private(set) var counted: CountedNode?
  /// The mark on disk; nil while there is none that this node made or could read.
  private(set) var mark: SnapshotMark?
  /// The number of the snapshot that can be started from; 0 for none.
  private(set) var written = 0
  private(set) var settled = 0
  /// The highest sequence number that was ever given.
  private var lastSequence: UInt64 = 0
  /// That of the last file.
  private var lastDraft: UInt64 = 0
  private var isDrafting = false

  /// Whether the node decides by another snapshot than could be started from.
  var isBehind: Bool { latest.map { $0.number != written } ?? false }

  /// Whether it is on disk that this node speaks for it.
  func isMarked(as node: ID<GatewayNode>) -> Bool { mark?.counted?.id == node }

  /// Whether nothing can be started from, also when the file that is being written is done.
  private var isBare: Bool { mark.map { $0.checksum == nil && $0.sequence > lastDraft } ?? false }
}

extension KeptState {
  /// A former process left this, to start from.
  mutating func found(_ contents: SnapshotFolder.Contents) {
    latest = Latest(reading: contents.reading, confirmedAt: contents.mark.confirmedAt, number: 1)
    (mark, written, settled) = (contents.mark, 1, 1)
    counted = contents.mark.counted
    (lastSequence, lastDraft) = (contents.mark.sequence, contents.mark.sequence)
  }

  /// There is nothing to start from; the highest sequence number that is known was this.
  mutating func foundNothing(lastSequence: UInt64) { self.lastSequence = lastSequence }

  /// The node decides by this.
  /// - Returns: the snapshot's number.
  mutating func note(_ reading: SnapshotFeed.Reading, confirmedAt: Moment) -> Int {
    let former = latest
    let number = (former?.number ?? 0) + (former?.reading.snapshot === reading.snapshot ? 0 : 1)
    latest = Latest(reading: reading, confirmedAt: confirmedAt, number: number)
    if isBare { settled = number }
    return number
  }

  /// The database knows of this node.
  mutating func count(_ node: CountedNode) { counted = node }

  private mutating func nextSequence(at now: UnixTime) -> UInt64 {
    // Larger than all before, also where it is not known any more how large those were.
    lastSequence = max(lastSequence &+ 1, UInt64(clamping: now.microseconds))
    return lastSequence
  }
}

// MARK: - Marks

extension KeptState {
  /// The mark that settles the latest snapshot, or says who speaks for the next file; nil where neither is due.
  mutating func settlingMark(at now: UnixTime) -> (mark: SnapshotMark, number: Int)? {
    guard let latest else { return nil }
    let isOfAnother = mark.map { $0.checksum == nil && $0.counted?.id != counted?.id } ?? true
    guard settled < latest.number || isOfAnother else { return nil }
    let mark = SnapshotMark(
      sequence: nextSequence(at: now), checksum: nil, confirmedAt: latest.confirmedAt, counted: counted,
      position: latest.reading.position.parts)
    return (mark, latest.number)
  }

  /// The mark which says that the file still is what the database has, and who speaks for it; nil while the last one is
  /// younger than this and says the same.
  func renewedMark(after interval: Duration) -> SnapshotMark? {
    guard let latest, latest.number == written, var mark, mark.checksum != nil else { return nil }
    let age = mark.confirmedAt.age(at: latest.confirmedAt)
    if let age, age < interval, mark.counted?.id == counted?.id { return nil }
    (mark.confirmedAt, mark.position) = (latest.confirmedAt, latest.reading.position.parts)
    mark.counted = counted
    return mark
  }

  /// The mark is on disk, and settles the snapshot with this number.
  mutating func marked(_ mark: SnapshotMark, settling number: Int) {
    self.mark = mark
    if mark.checksum == nil { written = 0 }
    settled = max(settled, number)
    if isBare, let latest { settled = latest.number }
  }

  /// The file was removed when the latest snapshot had this number. One that is being written may still come.
  mutating func removed(settling number: Int) {
    written = 0
    if !isDrafting { settled = max(settled, number) }
  }
}

// MARK: - Files

extension KeptState {
  /// What is to be written; nil where the file has it already.
  mutating func beginDraft(at now: UnixTime) -> Draft? {
    guard let latest, latest.number != written else { return nil }
    lastDraft = nextSequence(at: now)
    isDrafting = true
    return Draft(latest: latest, sequence: lastDraft)
  }

  /// The mark of a file that is on disk; nil when a change has made it old meanwhile.
  func mark(of draft: Draft, checksum: UInt64) -> SnapshotMark? {
    guard let mark, mark.sequence < draft.sequence else { return nil }
    return SnapshotMark(
      sequence: draft.sequence, checksum: checksum, confirmedAt: draft.latest.confirmedAt, counted: counted,
      position: draft.latest.reading.position.parts)
  }

  /// The file is on disk, or will never be.
  mutating func endDraft() { isDrafting = false }

  /// The file's mark is on disk.
  mutating func kept(_ draft: Draft, by mark: SnapshotMark) {
    (self.mark, written) = (mark, draft.latest.number)
    settled = max(settled, written)
  }
}
