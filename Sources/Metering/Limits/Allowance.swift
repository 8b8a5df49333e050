import Model
import Synchronization

/// What this node may let through of one subject, over all its limits: the hot path's side of the ledger.
///
/// Taking from it costs a lock that hardly anybody else holds, and some subtractions; it never waits and allocates nothing.
package final class Allowance: Sendable {
  package let subject: LimitedSubject
  /// Whether another may have taken its place.
  private let isForgottenFlag = Atomic(false)
  private let state: Mutex<State>

  init(of subject: LimitedSubject, under policy: PublishedLimits) {
    self.subject = subject
    state = Mutex(State(policy))
  }

  var isForgotten: Bool { isForgottenFlag.load(ordering: .relaxed) }

  func forget() { isForgottenFlag.store(true, ordering: .relaxed) }

  /// What becomes of a request.
  package enum Outcome: Sendable {
    /// It is let through, and counted.
    case taken(Taken)
    /// Only the ledger can tell. Nothing is counted.
    case unknown
    /// A limit is used up, or nobody can tell any more. Nothing is counted.
    case refused(Refused)
  }

  /// A request that was let through, and by what it can be given back.
  package struct Taken: Sendable {
    /// The beginnings of the windows that it was counted in, each at its period's place.
    fileprivate let windows: InlineArray<5, Int64>
    /// Whether a limit is used up that is only observed.
    package let isBeyond: Bool
  }

  /// A request that was refused.
  package struct Refused: Sendable {
    package enum Reason: Sendable {
      case usedUp
      /// The ledger did not answer in time, and the policy gives no leave without it.
      case unknowable
    }

    package let reason: Reason
    /// When to try again.
    package let retryIn: Duration
  }
}

// MARK: - Taking

extension Allowance {
  /// Takes one request of every limit, or of none.
  /// - Parameters:
  ///   - mayWait: whether the request could still wait for the ledger.
  ///   - isWanted: set where the ledger should be asked.
  ///   - standings: takes in how its limits stand then, unless only the ledger can tell.
  func take(
    under policy: PublishedLimits, mayWait: Bool, isWanted: inout Bool, standings: inout LimitStandings,
    at now: BootTime
  ) -> Outcome {
    state.withLock { state in
      state.change(to: policy)
      let outcome = state.take(mayWait: mayWait, isWanted: &isWanted, at: now)
      if case .unknown = outcome { return outcome }
      state.describe(to: &standings, at: now)
      return outcome
    }
  }

  /// Takes back all that a request was counted for: it is not made after all.
  func undo(_ taken: Taken) {
    state.withLock { $0.giveBack(taken) { _ in true } }
  }

  /// Gives back to its quotas what a backend failed, as far as their windows have not ended.
  package func giveBack(_ taken: Taken) {
    state.withLock { $0.giveBack(taken, where: \.isQuota) }
  }

  fileprivate struct State {
    var policy: PublishedLimits
    var holdings: [Holding]
    /// Whether the ledger did not answer when it was last asked.
    var isCutOff = false
    var isRecalled = false
    var lastUse = BootTime.distantPast
    var waiters: [@Sendable () -> Void] = []

    init(_ policy: PublishedLimits) {
      self.policy = policy
      holdings = policy.limits.map(Holding.init)
    }
  }
}

extension Allowance.State {
  /// Takes a policy that has changed. What was counted stays counted.
  fileprivate mutating func change(to policy: PublishedLimits) {
    guard policy !== self.policy else { return }
    let isOtherMode = policy.mode != self.policy.mode
    self.policy = policy
    let known = holdings
    holdings = policy.limits.map { limit in
      guard var holding = known.first(where: { $0.limit.period == limit.period }) else { return Holding(limit) }
      holding.change(to: limit, inOtherMode: isOtherMode)
      return holding
    }
  }

  fileprivate mutating func take(mayWait: Bool, isWanted: inout Bool, at now: BootTime) -> Allowance.Outcome {
    lastUse = now
    var (isEmpty, isUnknown) = (false, holdings.isEmpty)
    for index in holdings.indices {
      switch holdings[index].state(at: now) {
      case .held: break
      case .unknown: isUnknown = true
      case .empty: isEmpty = true
      }
    }
    if isUnknown { isWanted = true }
    if policy.mode == .enforce {
      if isEmpty { return .refused(refused(.usedUp, at: now)) }
      if isUnknown {
        if mayWait, !isCutOff { return .unknown }
        guard overdraw(at: now) else { return .refused(refused(.unknowable, at: now)) }
        return .taken(taken(isBeyond: false, at: now))
      }
    }
    for index in holdings.indices {
      holdings[index].take(at: now)
      if holdings[index].isRunningLow(at: now) { isWanted = true }
    }
    return .taken(taken(isBeyond: isEmpty, at: now))
  }

  /// Lets a request through without the ledger: of what is held, and else by the policy's leave. False, and nothing is
  /// counted, where a limit has neither.
  private mutating func overdraw(at now: BootTime) -> Bool {
    if holdings.isEmpty { return false }
    for index in holdings.indices
    where holdings[index].state(at: now) != .held && holdings[index].isOverdrawn(at: now) { return false }
    for index in holdings.indices {
      if holdings[index].state(at: now) == .held {
        holdings[index].take(at: now)
      } else {
        holdings[index].overdraw(at: now)
      }
    }
    return true
  }

  private func taken(isBeyond: Bool, at now: BootTime) -> Allowance.Taken {
    var windows = InlineArray<5, Int64>(repeating: .min)
    for index in holdings.indices {
      windows[holdings[index].limit.period.ordinal] = holdings[index].window?.start ?? .min
    }
    return Allowance.Taken(windows: windows, isBeyond: isBeyond)
  }

  private func refused(_ reason: Allowance.Refused.Reason, at now: BootTime) -> Allowance.Refused {
    var retryIn = Duration.seconds(1)
    if reason == .usedUp {
      for holding in holdings where holding.state(at: now) == .empty {
        retryIn = max(retryIn, holding.resetsIn(at: now))
      }
    }
    return Allowance.Refused(reason: reason, retryIn: retryIn)
  }

  fileprivate func describe(to standings: inout LimitStandings, at now: BootTime) {
    standings.removeAll()
    for index in holdings.indices { standings.append(holdings[index].standing(at: now)) }
  }

  fileprivate mutating func giveBack(_ taken: Allowance.Taken, where isGiven: (LimitPeriod) -> Bool) {
    for index in holdings.indices where isGiven(holdings[index].limit.period) {
      holdings[index].giveBack(ofWindow: taken.windows[holdings[index].limit.period.ordinal])
    }
  }
}

// MARK: - The ledger

extension Allowance {
  /// Has `onAnswer` called, on any thread, when the ledger has answered, or could not be asked.
  func wait(_ onAnswer: @escaping @Sendable () -> Void) { state.withLock { $0.waiters.append(onAnswer) } }

  /// Others want what is held here.
  func recall() { state.withLock { $0.isRecalled = true } }

  /// Whether the ledger may have something new to say.
  func isReady(at now: BootTime) -> Bool { state.withLock { $0.holdings.allSatisfy { $0.askAgainAt <= now } } }

  /// Whether the ledger should be told something that nobody waits for.
  func isUnsettled(at now: BootTime) -> Bool {
    state.withLock { $0.holdings.contains { $0.isUnsettled(at: now) } }
  }

  /// When it was last taken of.
  var lastUse: BootTime { state.withLock(\.lastUse) }

  /// What the ledger is to be told and asked now: of those limits alone that have something to say, since each costs the
  /// ledger the same.
  /// - Parameter isLeaving: whether all that is held is to be given back.
  func ask(isLeaving: Bool, at now: BootTime) -> [LedgerRequest] {
    state.withLock { state in
      let isReturning = isLeaving || state.isRecalled
      let waiting = Int64(state.waiters.count)
      state.isRecalled = false
      return state.holdings.indices.compactMap { index in
        guard isReturning || state.holdings[index].isDue(waiting: waiting, at: now) else { return nil }
        let window = state.holdings[index].window
        let (spent, returned) = state.holdings[index].settle(returningAll: isReturning, at: now)
        return LedgerRequest(
          subject: subject, period: state.holdings[index].limit.period, window: window, spent: spent,
          returned: returned, urgent: waiting, ahead: isReturning ? 0 : state.holdings[index].foreseen)
      }
    }
  }

  /// Takes in what the ledger answered to what ``ask(isLeaving:at:)`` gave, one answer for each, and wakes who waits.
  func apply(_ requests: some Collection<LedgerRequest>, _ answers: some Collection<LedgerAnswer>, at now: BootTime) {
    let waiters = state.withLock { state in
      if !requests.isEmpty { state.isCutOff = false }
      for (request, answer) in zip(requests, answers) {
        guard let index = state.holdings.firstIndex(where: { $0.limit.period == request.period }) else { continue }
        state.holdings[index].apply(answer, at: now)
      }
      return state.takeWaiters()
    }
    for waiter in waiters { waiter() }
  }

  /// Takes in that the ledger could not be asked.
  func cutOff(_ requests: some Collection<LedgerRequest>) {
    let waiters = state.withLock { state in
      state.isCutOff = true
      for request in requests {
        guard let index = state.holdings.firstIndex(where: { $0.limit.period == request.period }) else { continue }
        state.holdings[index].unsettle(request)
      }
      return state.takeWaiters()
    }
    for waiter in waiters { waiter() }
  }
}

extension Allowance.State {
  fileprivate mutating func takeWaiters() -> [@Sendable () -> Void] {
    defer { waiters = [] }
    return waiters
  }
}
