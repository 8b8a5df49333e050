/// Checks a tenant's audit, event by event in the order of their sequence, against itself and against what was kept of
/// it elsewhere.
package struct AuditChain: Sendable {
  /// The newest event of a chain, as the database has it or as it was exported once.
  package struct Head: Sendable, Hashable {
    package let sequence: Int64
    package let hash: [UInt8]

    package init(sequence: Int64, hash: [UInt8]) {
      (self.sequence, self.hash) = (sequence, hash)
    }
  }

  package enum Flaw: Hashable, Sendable, CustomStringConvertible {
    /// The event is not what its hash says.
    case changed(Int64)
    /// The event does not follow from the one before it.
    case unlinked(Int64)
    case missing(ClosedRange<Int64>)
    /// What lies beside the event is not what it says.
    case particularsChanged(Int64, String)
    /// There is no event where there has to be one: a tenant's first tells that it was made.
    case gone
    /// The chain ends before its head.
    case cutOff(head: Int64)
    /// An event that was exported is not there any more, or another.
    case notAsExported(Int64)

    package var description: String {
      switch self {
      case .changed(let sequence): "event \(sequence) was changed"
      case .unlinked(let sequence): "event \(sequence) does not follow from the one before it"
      case .missing(let range):
        range.count == 1
          ? "event \(range.lowerBound) is missing" : "events \(range.lowerBound) to \(range.upperBound) are missing"
      case .particularsChanged(let sequence, let part): "the \(part) of event \(sequence) was changed"
      case .gone: "nothing is left of its audit"
      case .cutOff(let head): "the chain does not end with event \(head), as its head says"
      case .notAsExported(let sequence): "event \(sequence) is not the one that was exported"
      }
    }
  }

  private let exported: Set<Head>
  private var found: Set<Head> = []
  private var last = Head(sequence: 0, hash: [])
  package private(set) var flaws: [Flaw] = []
  /// How many events' particulars were erased, which is no flaw.
  package private(set) var erased = 0
  /// The tenants that it says were deleted for good, with their audit. Only the installation's says so.
  package private(set) var purged: Set<String> = []

  /// - Parameter exported: heads that were kept elsewhere.
  package init(exported: [Head] = []) {
    self.exported = Set(exported)
  }

  /// Its newest event so far.
  package var head: Head { last }

  package mutating func add(_ link: AuditLink) {
    if link.sequence > last.sequence + 1 { flaws.append(.missing(last.sequence + 1...link.sequence - 1)) }
    if link.previousHash != last.hash { flaws.append(.unlinked(link.sequence)) }
    if link.hash != link.rightHash { flaws.append(.changed(link.sequence)) }
    for particular in [link.origin, link.change] where !particular.isRight {
      flaws.append(.particularsChanged(link.sequence, particular.name))
    }
    if link.origin.isErased || link.change.isErased { erased += 1 }
    if link.action == "tenant.purged" { purged.insert(link.entityID) }
    last = Head(sequence: link.sequence, hash: link.hash)
    if exported.contains(last) { found.insert(last) }
  }

  /// Says that there are no more.
  /// - Parameters:
  ///   - head: what the database says is the newest; nil when it says nothing.
  ///   - isTenants: whether it is the audit of a tenant that is there, and not older, and so has events.
  package mutating func end(at head: Head?, isTenants: Bool = false) {
    if isTenants, last.sequence == 0 { flaws.append(.gone) }
    if let head, head != last { flaws.append(.cutOff(head: head.sequence)) }
    if head == nil, last.sequence > 0 { flaws.append(.cutOff(head: 0)) }
    for missing in exported.subtracting(found).sorted(by: { $0.sequence < $1.sequence }) {
      flaws.append(.notAsExported(missing.sequence))
    }
  }
}
