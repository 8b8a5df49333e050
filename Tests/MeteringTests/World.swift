import Metering
import Model

/// Some nodes, requests that reach them, and the ledger that they share, in a time that goes by only as the world says.
struct World {
  private struct Node {
    let allowances = Allowances()
    /// How much later the node's clock is than the world's.
    let offset: Duration
    var isAsking = false
    var isReachable = true
    /// Since when each waits.
    var waiting: [BootTime] = []
  }

  private enum Event {
    case request(Int)
    case arrives(Int, Allowances.Batch, askedAt: BootTime)
    case answers(Int, Allowances.Batch, [ModelLedger.Answer], askedAt: BootTime)
    case fails(Int, Allowances.Batch)
    case recalled(Int)
    case look(Int)
  }

  private var nodes: [Node]
  private(set) var ledger: ModelLedger
  private let call: LimitedCall
  private var events: [(at: Int64, order: Int, event: Event)] = []
  private var sequence = 0
  private var now: Int64 = 1_000_000_000_000
  private var random: SplitMix
  /// How requests are shared out among the nodes.
  var weights: [Double]
  private(set) var admittedByWindow: [Int64: Int] = [:]
  private(set) var refused = 0
  private(set) var longestWait = Duration.zero

  var admitted: [(key: Int64, value: Int)] { admittedByWindow.sorted { $0.key < $1.key } }

  init(nodes: Int, limit: Int, period: LimitPeriod, overdraft: Int = 0, seed: UInt64) {
    var random = SplitMix(state: seed)
    let policy = PublishedLimits(
      id: ID(bits: 4), mode: .enforce,
      limits: [LimitPolicy.Limit(requests: limit, period: period, overdraft: overdraft)])
    call = LimitedCall(
      provider: ID(bits: 1), group: ID(bits: 2), environment: .online, shared: policy, key: nil, own: nil)!
    self.nodes = (0..<nodes).map { _ in Node(offset: .milliseconds(Int64(random.next() % 1_000_000))) }
    weights = Array(repeating: 1, count: nodes)
    ledger = ModelLedger(limit: Int64(limit), length: period.leastLength.nanoseconds, nodes: nodes)
    self.random = random
  }

  /// Cuts nodes off from the ledger, or lets them reach it again.
  mutating func reach(_ isReachable: Bool) {
    for node in nodes.indices { nodes[node].isReachable = isReachable }
  }

  /// Has requests come for so long, at random.
  mutating func run(for duration: Duration, requestsPerSecond: Double) {
    let end = now + duration.nanoseconds
    var arrival = now + Int64(random.gap() / requestsPerSecond * 1e9)
    while true {
      let index = events.indices.min { (events[$0].at, events[$0].order) < (events[$1].at, events[$1].order) }
      if let index, events[index].at < min(arrival, end) {
        let (at, _, event) = events.remove(at: index)
        now = at
        handle(event)
      } else if arrival < end {
        now = arrival
        handle(.request(pick()))
        arrival += Int64(random.gap() / requestsPerSecond * 1e9)
      } else {
        break
      }
    }
    now = end
  }

  private mutating func push(_ at: Int64, _ event: Event) {
    sequence += 1
    events.append((at, sequence, event))
  }

  private mutating func pick() -> Int {
    var place = random.uniform() * weights.reduce(0, +)
    for (index, weight) in weights.enumerated() {
      place -= weight
      if place < 0 { return index }
    }
    return weights.count - 1
  }

  private func clock(_ node: Int) -> BootTime { BootTime(nanoseconds: now) + nodes[node].offset }

  /// Of a message between a node and the ledger: a millisecond or so.
  private mutating func delay() -> Int64 { 100_000 + Int64(random.gap() * 700_000) }

  private mutating func handle(_ event: Event) {
    switch event {
    case .request(let node):
      nodes[node].waiting.append(clock(node))
      serve(node)
    case .look(let node): serve(node)
    case .recalled(let node):
      nodes[node].allowances.recall(call.target)
      ask(node)
    case .arrives(let node, let batch, let askedAt):
      let answers = batch.requests.map { ledger.lease($0, by: node, at: now) }
      if answers.contains(where: \.isRecall) {
        for other in nodes.indices where other != node { push(now + delay(), .recalled(other)) }
      }
      push(now + delay(), .answers(node, batch, answers, askedAt: askedAt))
    case .answers(let node, let batch, let answers, let askedAt):
      nodes[node].isAsking = false
      batch.answered(answers.map { $0.read(askedAt: askedAt, answeredAt: clock(node)) }, at: clock(node))
      serve(node)
    case .fails(let node, let batch):
      nodes[node].isAsking = false
      batch.failed()
      serve(node)
    }
  }

  /// Has all that wait try again.
  private mutating func serve(_ node: Int) {
    var still: [BootTime] = []
    for since in nodes[node].waiting {
      let waited = since.duration(to: clock(node))
      switch nodes[node].allowances.take(call, mayWait: waited < .milliseconds(50), at: clock(node)) {
      case .admitted:
        admittedByWindow[now / ledger.length, default: 0] += 1
        longestWait = max(longestWait, waited)
      case .refused: refused += 1
      case .unknown(let waiting):
        nodes[node].allowances.wait(waiting) {}
        still.append(since)
      }
    }
    nodes[node].waiting = still
    if !still.isEmpty { push(now + 5_000_000, .look(node)) }
    ask(node)
  }

  private mutating func ask(_ node: Int) {
    guard !nodes[node].isAsking,
      let batch = nodes[node].allowances.nextBatch(ofAtMost: 10, at: clock(node))
    else { return }
    nodes[node].isAsking = true
    let isReachable = nodes[node].isReachable
    push(
      now + delay(), isReachable ? .arrives(node, batch, askedAt: clock(node)) : .fails(node, batch))
  }
}

/// The ledger's rules, as `lease_limits` has them.
struct ModelLedger {
  struct Answer {
    let start, end, toldAt, held, remaining, elsewhere: Int64
    let isRecall: Bool

    func read(askedAt: BootTime, answeredAt: BootTime) -> LedgerAnswer {
      let window = LentWindow(
        start: start, length: .nanoseconds(end - start), remaining: .nanoseconds(end - toldAt), askedAt: askedAt,
        answeredAt: answeredAt)
      return .lent(LedgerAnswer.Loan(window: window, held: held, remaining: remaining, elsewhere: elsewhere))
    }
  }

  let limit: Int64
  let length: Int64
  /// What all nodes hold.
  var leased: Int64 { leases.reduce(0, +) }
  private var start: Int64 = .min
  private var spent: Int64 = 0
  private var leases: [Int64]

  init(limit: Int64, length: Int64, nodes: Int) {
    (self.limit, self.length) = (limit, length)
    leases = Array(repeating: 0, count: nodes)
  }

  mutating func lease(_ request: LedgerRequest, by node: Int, at now: Int64) -> Answer {
    let current = now / length * length
    if current > start { (start, spent, leases) = (current, 0, leases.map { _ in 0 }) }
    if request.window?.start == start {
      let settled = max(min(request.spent, leases[node]), -spent)
      spent += settled + max(0, request.spent - settled)
      leases[node] -= settled
      leases[node] -= min(request.returned, leases[node])
    }
    let free = max(0, limit - spent - leases.reduce(0, +))
    let more = min(free, request.urgent + min(request.ahead, max(0, free - request.urgent) / Int64(2 * leases.count)))
    leases[node] += more
    let all = leases.reduce(0, +)
    precondition(spent + all <= limit, "the ledger lends no more than there is")
    return Answer(
      start: start, end: start + length, toldAt: now, held: leases[node], remaining: limit - spent - all,
      elsewhere: all - leases[node], isRecall: more < request.urgent && all > leases[node])
  }
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Between arrivals: one on average.
  mutating func gap() -> Double { uniform() + uniform() }
}

extension Duration {
  var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}

extension Allowances {
  /// What becomes of a call that comes alone.
  func take(_ call: LimitedCall, mayWait: Bool, at now: BootTime) -> Outcome {
    var (memo, standings) = (Memo(), CallStandings())
    return take(call, mayWait: mayWait, memo: &memo, standings: &standings, at: now)
  }
}
