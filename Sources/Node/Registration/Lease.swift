import Model
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
  /// How long after a lease the database goes on counting the node as one that decides.
  let grace: Duration
  /// Until when it does so; nil while it does not. Whoever makes a change is told of the node until then.
  private(set) var servesUntil: BootTime?
  private(set) var expiry: BootTime?
  /// When the answer came that began the present term.
  private var termBegan: BootTime?
  private var isCurrent = false

  /// - Parameter servesUntil: the same of a former process, whose place this one takes.
  init(duration: Duration, grace: Duration = .zero, servesUntil: BootTime? = nil) {
    (self.duration, self.grace, self.servesUntil) = (duration, grace, servesUntil)
  }

  /// The database has granted what was asked for at `asked`; its answer came at `answered`.
  mutating func granted(askedAt asked: BootTime, answeredAt answered: BootTime) {
    // Only an answer that comes within the lease extends it: of one that comes later nobody knows when it was given.
    let isExtension = expiry.map { answered < $0 } ?? false
    if !isExtension { (termBegan, isCurrent) = (answered, false) }
    let expiry = max(expiry ?? asked, asked + duration)
    self.expiry = expiry
    // From the moment on that it is not counted any more, only a reading within a lease makes it known again.
    if let servesUntil, answered < servesUntil { self.servesUntil = max(servesUntil, expiry + grace) }
  }

  /// Every event loop decides by what was read from `begun` on.
  mutating func cameIntoForce(readFrom begun: BootTime) {
    guard let expiry, let termBegan, begun >= termBegan else { return }
    isCurrent = true
    servesUntil = max(servesUntil ?? expiry, expiry + grace)
  }

  /// Until when the node may decide by its lease; nil while it may not.
  var decidesUntil: BootTime? { isCurrent ? expiry : nil }
}
