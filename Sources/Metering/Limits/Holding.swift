import Model

/// What this node holds of one limit, and what it knows of the rest: requests that it may let through by itself.
///
/// It is lent by the ledger for one window, and ends by the node's own clock before that window can have ended by the
/// database's: counted from before it was asked for.
struct Holding: Sendable {
  private(set) var limit: LimitPolicy.Limit
  private(set) var window: LentWindow?
  /// How many more requests it may let through.
  private(set) var held: Int64 = 0
  /// Let through since the ledger was told; less than none where more was given back.
  private(set) var spent: Int64 = 0
  /// Of these and those before, by the policy's leave while the ledger could not be reached; and when that begins anew.
  private var overdrawn: Int64 = 0
  private var overdraftEndsAt = BootTime.distantPast
  /// What nobody held when the ledger last answered.
  private var remaining: Int64 = 0
  /// Until then the ledger need not be asked again: there is nothing.
  private var emptyUntil = BootTime.distantPast
  /// Since when others have been asked for what they hold.
  private var recalledAt: BootTime?
  /// When the ledger was last told.
  private var toldAt = BootTime.distantPast
  /// Before then the ledger has nothing new to say.
  private(set) var askAgainAt = BootTime.distantPast
  /// Until then there is no limit, by the ledger's word.
  private var freeUntil = BootTime.distantPast
  /// Whether what is held was lent under another limit than there is now.
  private var isOutdated = false
  private var pace = Pace()

  /// How many seconds ahead a node asks for: long enough for an answer to come and go, short enough that little lies idle.
  private static let foresight = 0.2
  /// It asks anew when what it holds will not last for so many seconds.
  private static let reserve = 0.05
  /// After which it asks anew for what others are giving back, and how long it goes on so: what they have not given back
  /// by then they need, or they are gone.
  private static let recallInterval = Duration.milliseconds(3)
  private static let recallPatience = Duration.milliseconds(50)
  /// After which it asks others anew.
  private static let recallPause = Duration.seconds(1)
  /// After which it asks anew for what may have been given back, or be there because a clock was set right.
  private static let emptyPatience = Duration.seconds(5)
  /// How long it takes the ledger's word for it that there is no limit.
  private static let freeSpan = Duration.seconds(1)
  /// Foreseen where nothing is known.
  private static let least: Int64 = 8

  init(_ limit: LimitPolicy.Limit) { self.limit = limit }

  /// What becomes of a request that comes now.
  enum State: Equatable {
    case held
    /// Only the ledger can tell.
    case unknown
    /// The limit is used up.
    case empty
  }

  func state(at now: BootTime) -> State {
    if now < freeUntil { return .held }
    if held > 0, !isOutdated, isInWindow(at: now) { return .held }
    return now < emptyUntil ? .empty : .unknown
  }

  private func isInWindow(at now: BootTime) -> Bool { window.map { now < $0.usableUntil } ?? false }

  /// Lets a request through, of what is held if anything is.
  mutating func take(at now: BootTime) {
    pace.count(at: now)
    guard now >= freeUntil else { return }
    if held > 0, isInWindow(at: now) { held -= 1 }
    spent += 1
  }

  /// Whether the policy's leave without the ledger is used up in this window.
  func isOverdrawn(at now: BootTime) -> Bool {
    (now < overdraftEndsAt ? overdrawn : 0) >= Int64(limit.overdraft)
  }

  /// Lets a request through by the policy's leave.
  mutating func overdraw(at now: BootTime) {
    if now >= overdraftEndsAt {
      overdrawn = 0
      // Where no window is known, one could have begun just now.
      overdraftEndsAt = now + limit.period.leastLength
      if let window, isInWindow(at: now) { overdraftEndsAt = window.endsAt }
    }
    overdrawn += 1
    take(at: now)
  }

  /// Takes back that a request was let through, if that was in the window that is still held of.
  mutating func giveBack(ofWindow start: Int64) {
    guard let window, start == window.start else { return }
    held += 1
    spent -= 1
    emptyUntil = .distantPast
  }

  /// Whether it is time to ask for more before there is none.
  func isRunningLow(at now: BootTime) -> Bool {
    guard isInWindow(at: now), now >= emptyUntil else { return false }
    return held < pace.expected(within: Self.reserve)
  }

  /// Whether the ledger does not know all that was let through, and it is time that it does.
  func isUnsettled(at now: BootTime) -> Bool {
    guard let interval = limit.period.settlingInterval else { return false }
    return spent != 0 && now >= toldAt + interval
  }

  /// Whether there is something to ask the ledger, for the sake of so many that wait, or to tell it.
  func isDue(waiting: Int64, at now: BootTime) -> Bool {
    switch state(at: now) {
    case .unknown: true
    case .empty: isUnsettled(at: now)
    case .held: now >= freeUntil && (held < waiting || isRunningLow(at: now) || isUnsettled(at: now))
    }
  }

  /// What the ledger is told is told, and what is given back is held no more.
  mutating func settle(returningAll: Bool, at now: BootTime) -> (spent: Int64, returned: Int64) {
    toldAt = now
    // Of no window that the ledger would know it by: told once there is one.
    guard window != nil else { return (0, 0) }
    let returned = returningAll || isOutdated ? held : 0
    let settled = (spent: spent, returned: returned)
    spent = 0
    held -= returned
    return settled
  }

  /// How many more than wait are worth asking for.
  var foreseen: Int64 { max(0, max(Self.least, pace.expected(within: Self.foresight)) - held) }

  /// What was told did not arrive, as far as is known. What was given back is gone, for it may have been lent to others.
  mutating func unsettle(_ request: LedgerRequest) {
    if request.window?.start == window?.start { spent += request.spent }
  }

  /// What the ledger answered to what it was last told.
  mutating func apply(_ answer: LedgerAnswer, at now: BootTime) {
    isOutdated = false
    switch answer {
    case .unlimited: (freeUntil, held, spent) = (now + Self.freeSpan, 0, 0)
    case .lent(let loan):
      // What was let through before any window was known counts in this one.
      if let window, loan.window.start != window.start {
        (spent, overdraftEndsAt, recalledAt) = (0, .distantPast, nil)
      }
      window = loan.window
      // What was let through, or given back, while the answer was on its way is not in it.
      held = max(0, loan.held - spent)
      remaining = max(0, loan.remaining)
      freeUntil = .distantPast
      wait(for: loan, at: now)
    }
  }

  /// Knows when to ask again, where there is nothing.
  private mutating func wait(for loan: LedgerAnswer.Loan, at now: BootTime) {
    (emptyUntil, askAgainAt) = (.distantPast, .distantPast)
    guard held == 0, loan.remaining <= 0 else {
      recalledAt = nil
      return
    }
    guard loan.elsewhere > 0 else {
      (emptyUntil, recalledAt) = (min(loan.window.endsAt, now + Self.emptyPatience), nil)
      return
    }
    let since = recalledAt ?? now
    if now < since + Self.recallPatience {
      (recalledAt, askAgainAt) = (since, now + Self.recallInterval)
    } else {
      (emptyUntil, recalledAt) = (min(loan.window.endsAt, now + Self.recallPause), nil)
    }
  }

  /// What a changed policy says. What was counted stays counted; what is held has to be lent anew, also where it was not
  /// held to before, and more may have been given back than was taken.
  mutating func change(to limit: LimitPolicy.Limit, inOtherMode isOtherMode: Bool) {
    isOutdated = isOutdated || isOtherMode || limit.requests != self.limit.requests
    self.limit = limit
    (emptyUntil, freeUntil) = (.distantPast, .distantPast)
  }

  /// How the limit stands, for who is told.
  func standing(at now: BootTime) -> LimitStanding {
    let isCurrent = isInWindow(at: now)
    return LimitStanding(
      period: limit.period, requests: Int64(limit.requests),
      remaining: isCurrent ? min(held + remaining, Int64(limit.requests)) : 0,
      windowSeconds: window?.seconds ?? limit.period.leastLength.components.seconds,
      secondsLeft: window.map { max(0, $0.endsAt.nanoseconds - now.nanoseconds + 999_999_999) / 1_000_000_000 } ?? 0)
  }

  /// When the present window ends; no time where none is known.
  func resetsIn(at now: BootTime) -> Duration {
    window.map { max(.zero, now.duration(to: $0.endsAt)) } ?? .zero
  }
}

extension LimitPeriod {
  /// After which the ledger is told what was let through, wanted or not; nil for what is over by then. It loses nothing that
  /// it is not told, for what is lent counts as spent: who asks what is left sees it that much later.
  fileprivate var settlingInterval: Duration? {
    switch self {
    case .second: nil
    case .minute: .seconds(2)
    case .hour, .day, .month: .seconds(5)
    }
  }
}
