package import Model
import Synchronization

/// All that this node may let through: one ``Allowance`` for each subject that was called of late.
///
/// Event loops take from it; one other asks the ledger for what is wanted, in batches.
package final class Allowances: Sendable {
  /// Subjects of which the ledger is to be asked, those first for which calls wait.
  private struct Wanted: Sendable {
    private struct Queue: Sendable {
      private var order: [LimitedSubject] = []
      private var known: Set<LimitedSubject> = []

      var isEmpty: Bool { known.isEmpty }

      mutating func append(_ subject: LimitedSubject) -> Bool {
        guard known.insert(subject).inserted else { return false }
        order.append(subject)
        return true
      }

      mutating func remove(_ subject: LimitedSubject) { known.remove(subject) }

      /// The next ones, of at most `count`.
      mutating func take(_ count: Int) -> [LimitedSubject] {
        var taken: [LimitedSubject] = []
        var looked = 0
        while taken.count < count, looked < order.count {
          if known.remove(order[looked]) != nil { taken.append(order[looked]) }
          looked += 1
        }
        order.removeFirst(looked)
        return taken
      }
    }

    private var urgent = Queue()
    private var others = Queue()

    var isEmpty: Bool { urgent.isEmpty && others.isEmpty }

    /// Whether it was not wanted so much before.
    mutating func append(_ subject: LimitedSubject, isUrgent: Bool) -> Bool {
      isUrgent ? urgent.append(subject) : others.append(subject)
    }

    mutating func take(_ count: Int) -> [LimitedSubject] {
      let first = urgent.take(count)
      for subject in first { others.remove(subject) }
      return first + others.take(count - first.count)
    }
  }

  private final class Part: Sendable {
    let allowances = Mutex<[LimitedSubject: Allowance]>([:])
  }

  /// Apart, so that loops seldom meet.
  private let parts = (0..<16).map { _ in Part() }
  private let wanted = Mutex(Wanted())
  private let isWanted: AsyncStream<Void>.Continuation
  /// Says that there may be something to ask the ledger.
  package let wishes: AsyncStream<Void>

  package init() {
    (wishes, isWanted) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  private func part(of subject: LimitedSubject) -> Part {
    parts[Int(truncatingIfNeeded: UInt(bitPattern: subject.hashValue) % UInt(parts.count))]
  }

  private func allowance(
    of subject: LimitedSubject, under policy: PublishedLimits, _ memo: inout Allowance?
  ) -> Allowance {
    if let memo, memo.subject == subject, !memo.isForgotten { return memo }
    let allowance = allowance(of: subject, under: policy)
    memo = allowance
    return allowance
  }

  private func allowance(of subject: LimitedSubject, under policy: PublishedLimits) -> Allowance {
    part(of: subject).allowances.withLock { allowances in
      if let allowance = allowances[subject] { return allowance }
      let allowance = Allowance(of: subject, under: policy)
      allowances[subject] = allowance
      return allowance
    }
  }

  private func known(_ subject: LimitedSubject) -> Allowance? {
    part(of: subject).allowances.withLock { $0[subject] }
  }
}

// MARK: - Taking

extension Allowances {
  /// What becomes of a call.
  package enum Outcome: Sendable {
    case admitted(Admittance)
    /// To be tried again when the ledger has answered: hand a call-back to ``wait(_:)``.
    case unknown(Waiting)
    case refused(LimitRefusal)
  }

  /// What only the ledger can tell.
  package struct Waiting: Sendable {
    fileprivate let allowance: Allowance
  }

  /// The allowances of the last call of a connection, whose next is likely of the same.
  package struct Memo: Sendable {
    fileprivate var own: Allowance?
    fileprivate var shared: Allowance?

    package init() {}
  }

  /// Takes a call of all its limits, or of none.
  /// - Parameters:
  ///   - mayWait: whether the call could still wait for the ledger.
  ///   - memo: the connection's; it changes how long this takes and nothing else.
  ///   - standings: takes in how the limits stand that the call was held to; none where it has to wait.
  package func take(
    _ call: LimitedCall, mayWait: Bool, memo: inout Memo, standings: inout CallStandings, at now: BootTime
  ) -> Outcome {
    standings.removeAll()
    var own: (allowance: Allowance, taken: Allowance.Taken)?
    if let policy = call.own, let key = call.key {
      let allowance = allowance(of: call.target.of(key), under: policy, &memo.own)
      switch take(of: allowance, under: policy, mayWait, &standings.own, now) {
      case .taken(let taken): own = (allowance, taken)
      case .unknown: return .unknown(Waiting(allowance: allowance))
      case .refused(let refused): return .refused(LimitRefusal(reason: refused.reason, retryIn: refused.retryIn))
      }
    }
    guard let policy = call.shared else { return .admitted(Admittance(own: own, shared: nil)) }
    let allowance = allowance(of: call.target, under: policy, &memo.shared)
    switch take(of: allowance, under: policy, mayWait, &standings.shared, now) {
    case .taken(let taken): return .admitted(Admittance(own: own, shared: (allowance, taken)))
    case .unknown:
      if let own { own.allowance.undo(own.taken) }
      standings.removeAll()
      return .unknown(Waiting(allowance: allowance))
    case .refused(let refused):
      if let own { own.allowance.undo(own.taken) }
      return .refused(LimitRefusal(reason: refused.reason, retryIn: refused.retryIn))
    }
  }

  private func take(
    of allowance: Allowance, under policy: PublishedLimits, _ mayWait: Bool, _ standings: inout LimitStandings,
    _ now: BootTime
  ) -> Allowance.Outcome {
    var isWanted = false
    let outcome = allowance.take(
      under: policy, mayWait: mayWait, isWanted: &isWanted, standings: &standings, at: now)
    if isWanted { want(allowance.subject) }
    return outcome
  }

  /// Has `onAnswer` called, on any thread, when it is time to try again.
  package func wait(_ waiting: Waiting, _ onAnswer: @escaping @Sendable () -> Void) {
    waiting.allowance.wait(onAnswer)
    // Behind it: what was wanted before may have been asked for already, without this one.
    want(waiting.allowance.subject, isUrgent: true)
  }

  private func want(_ subject: LimitedSubject, isUrgent: Bool = false) {
    let isNew = wanted.withLock { $0.append(subject, isUrgent: isUrgent) }
    if isNew { isWanted.yield() }
  }
}

// MARK: - The ledger

extension Allowances {
  /// What the ledger is told and asked at once.
  package struct Batch: Sendable {
    package let requests: [LedgerRequest]
    fileprivate let parts: [(allowance: Allowance, requests: Range<Int>)]

    fileprivate init(_ allowances: [Allowance], isLeaving: Bool, at now: BootTime) {
      var requests: [LedgerRequest] = []
      parts = allowances.map { allowance in
        let start = requests.count
        requests += allowance.ask(isLeaving: isLeaving, at: now)
        return (allowance, start..<requests.count)
      }
      self.requests = requests
    }

    /// Takes in the answers, one for each request, and has those tried again that waited for them.
    package func answered(_ answers: [LedgerAnswer], at now: BootTime) {
      precondition(answers.count == requests.count, "the ledger answers everything")
      for (allowance, range) in parts { allowance.apply(requests[range], answers[range], at: now) }
    }

    /// Takes in that the ledger could not be asked.
    package func failed() {
      for (allowance, range) in parts { allowance.cutOff(requests[range]) }
    }
  }

  /// What is wanted of the ledger now, of at most `count` subjects; nil for nothing, or nothing yet.
  package func nextBatch(ofAtMost count: Int, at now: BootTime) -> Batch? {
    let subjects = wanted.withLock { $0.take(count) }
    var ready: [Allowance] = []
    for allowance in subjects.compactMap({ known($0) }) {
      if allowance.isReady(at: now) { ready.append(allowance) } else { want(allowance.subject, isUrgent: true) }
    }
    return ready.isEmpty ? nil : Batch(ready, isLeaving: false, at: now)
  }

  /// Whether anything is wanted, now or soon.
  package var wantsAnything: Bool { wanted.withLock { !$0.isEmpty } }

  /// Others want what is held of a subject here.
  package func recall(_ subject: LimitedSubject) {
    guard let allowance = known(subject) else { return }
    allowance.recall()
    want(subject)
  }

  /// Wants the ledger to know what was let through some time ago, and forgets subjects that were not called since
  /// `idleSince`.
  package func settle(idleSince: BootTime, at now: BootTime) {
    for part in parts {
      part.allowances.withLock { allowances in
        for (subject, allowance) in allowances {
          if allowance.isUnsettled(at: now) {
            want(subject)
          } else if allowance.lastUse < idleSince {
            allowance.forget()
            allowances[subject] = nil
          }
        }
      }
    }
  }

  /// All that is held, to be given back by a node that lets nothing through any more.
  package func leave(at now: BootTime) -> Batch? {
    let all = parts.flatMap { part in part.allowances.withLock { Array($0.values) } }
    return all.isEmpty ? nil : Batch(all, isLeaving: true, at: now)
  }
}
