import Routing

/// A node's lease as the node counts it. No I/O and no clock.
///
/// The database counts from when it grants, and longer; the node from before it asked, in boot time. So whenever the
/// node believes that it holds a lease, the database believes it too, and nobody was told that the node refuses.
///
/// Once a lease has run out, somebody may have been told so. The next one then begins a new term, which is worth nothing
/// until what is in force everywhere was read within it: changes that were made meanwhile may count on the refusal.
struct Lease: Sendable {
  /// How long a lease is, as the node counts it.
  let duration: Duration
  private(set) var expiry: BootTime?
  /// When the answer came that began the present term.
  private var termBegan: BootTime?
  private var isCurrent = false

  init(duration: Duration) {
    self.duration = duration
  }

  /// The database has granted what was asked for at `asked`; its answer came at `answered`.
  mutating func granted(askedAt asked: BootTime, answeredAt answered: BootTime) {
    // Only an answer that comes within the lease extends it: of one that comes later nobody knows when it was given.
    let isExtension = expiry.map { answered < $0 } ?? false
    if !isExtension { (termBegan, isCurrent) = (answered, false) }
    expiry = max(expiry ?? asked, asked + duration)
  }

  /// Every event loop decides by what was read from `begun` on.
  mutating func cameIntoForce(readFrom begun: BootTime) {
    if let termBegan, begun >= termBegan { isCurrent = true }
  }

  /// Until when the node may decide by its lease; nil while it may not.
  var decidesUntil: BootTime? { isCurrent ? expiry : nil }
}
