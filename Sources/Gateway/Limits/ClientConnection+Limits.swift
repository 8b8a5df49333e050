import Metering
import Model
import NIOCore
import Routing

/// How a connection's calls are held to their limits: mostly at once, by what this node holds, and else after the ledger
/// has answered, for which a call waits a moment at most.
extension ClientConnection {
  /// Takes a call of its limits, and says whether it goes on; else it is refused, or waits to be decided anew.
  func takeOfLimits(_ route: Route, refusing refuse: (LimitRefusal) -> Void) -> Bool {
    guard let call = LimitedCall(route) else { return true }
    let outcome = loop.shared.allowances.take(
      call, mayWait: limitWait.mayGoOn, memo: &allowances, standings: &standings, at: .now())
    switch outcome {
    case .admitted(let admittance):
      self.admittance = admittance
      if admittance.isBeyond { loop.requests.countBeyond(on: role == .gateway ? .gateway : .check) }
      return true
    case .unknown(let waiting):
      wait(for: waiting)
      return false
    case .refused(let refusal):
      refuse(refusal)
      return false
    }
  }

  private func wait(for waiting: Allowances.Waiting) {
    state = .limiting
    deadline = .distantFuture
    let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
    let number = limitWait.goOn {
      loop.eventLoop.scheduleTask(in: loop.shared.waits.limits) { bound.value.limitsOverdue() }
    }
    loop.shared.allowances.wait(waiting) { bound.execute { $0.limitsAnswered(number) } }
  }

  private func limitsOverdue() {
    guard state == .limiting else { return }
    limitWait.end()
    decideAnew()
  }

  private func limitsAnswered(_ number: Int) {
    guard state == .limiting, limitWait.number == number else { return }
    decideAnew()
  }

  /// Gives back to its quotas a call that came to nothing here or at its backend.
  func giveBack(ifFailed status: Int) {
    guard let admittance else { return }
    if status >= 500 { admittance.giveBack() }
    self.admittance = nil
  }

  /// Forgets what the last call was counted for.
  func beginCounting() {
    limitWait.reset()
    hasTurn = false
    if kept != nil { kept = nil }
    if admittance != nil { admittance = nil }
    if standings.count > 0 { standings.removeAll() }
  }
}

/// A call's waiting for the ledger, over all its attempts.
struct LimitWait {
  private(set) var number = 0
  private var overdue: Scheduled<Void>?
  private var isOver = false

  /// Whether the call may wait, or wait on.
  var mayGoOn: Bool { !isOver }

  /// The call waits, perhaps once more: from the first time on, the time that it may wait goes by.
  /// - Returns: The number of this wait.
  mutating func goOn(_ schedule: () -> Scheduled<Void>) -> Int {
    if overdue == nil { overdue = schedule() }
    number += 1
    return number
  }

  mutating func end() { isOver = true }

  /// Another call begins.
  mutating func reset() {
    overdue?.cancel()
    (overdue, isOver) = (nil, false)
  }
}

extension LimitedCall {
  fileprivate init?(_ route: Route) {
    let own = route.caller?.limits
    guard route.limits != nil || own != nil else { return nil }
    self.init(
      provider: route.target.tenant, group: route.target.group, environment: route.target.environment,
      shared: route.limits, key: route.caller?.subscription, own: own)
  }
}
