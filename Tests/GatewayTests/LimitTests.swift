import Metering
import Model
import Routing
import TestWire
import Testing

@testable import Gateway

/// Calls that are held to limits, with a ledger that the test plays.
@Suite(.timeLimit(.minutes(10))) struct LimitTests {
  private static func policy(
    _ limits: [(Int, LimitPeriod)], mode: LimitPolicy.Mode = .enforce, overdraft: Int = 0
  ) -> PublishedLimits {
    PublishedLimits(
      id: .random(), mode: mode,
      limits: limits.map { LimitPolicy.Limit(requests: $0.0, period: $0.1, overdraft: overdraft) })
  }

  private static func mock(_ limits: PublishedLimits?, shared: PublishedLimits? = nil, status: Int = 200) -> World {
    var world = World(backend: .mock(MockResponse(status: status, headers: [], body: "")))
    (world.limits, world.sharedLimits) = (limits, shared)
    return world
  }

  /// A ledger with so much of each limit, in one window, of which others hold nothing.
  private struct Ledger {
    var left: [LimitPeriod: Int64]
    private var lent: [LimitPeriod: Int64] = [:]

    init(_ left: [LimitPeriod: Int64]) { self.left = left }

    mutating func answer(_ request: LedgerRequest, at now: BootTime) -> LedgerAnswer {
      var held = lent[request.period, default: 0]
      // What was given back is lent again; what is beyond is gone.
      held -= min(held, request.spent) + min(held, request.returned)
      let more = min(left[request.period, default: 0], request.urgent + request.ahead)
      left[request.period, default: 0] -= more
      held += more
      lent[request.period] = held
      let window = LentWindow(
        start: 1, length: request.period.leastLength, remaining: .seconds(20), askedAt: now, answeredAt: now)
      return .lent(.init(window: window, held: held, remaining: left[request.period, default: 0], elsewhere: 0))
    }
  }

  private func ledger(of allowances: Allowances, lending left: [LimitPeriod: Int64]) -> Task<Void, Never> {
    Task {
      var ledger = Ledger(left)
      for await _ in allowances.wishes {
        while let batch = allowances.nextBatch(ofAtMost: 10, at: .now()) {
          let now = BootTime.now()
          batch.answered(batch.requests.map { ledger.answer($0, at: now) }, at: now)
        }
      }
    }
  }

  /// What each of these requests is answered, one after the other on a connection.
  private func answers(
    to requests: [String], _ world: World, lending left: [LimitPeriod: Int64]?, internally: Bool = false,
    tally: RequestTally = RequestTally()
  ) async throws -> [[String]] {
    let allowances = Allowances()
    let ledger = left.map { self.ledger(of: allowances, lending: $0) }
    defer { ledger?.cancel() }
    return try await RunningGateway.with(
      // As long as it takes a busy machine, where there is a ledger.
      world, configure: { if left != nil { $0.timeouts.limits = .seconds(60) } }, tally: tally, allowances: allowances
    ) { gateway in
      let client = internally ? try await gateway.connectInternally() : try await gateway.connect()
      var all: [[String]] = []
      for request in requests {
        try await client.send(request)
        let head = try await client.readHead()
        let length = head.firstMatch(of: /Content-Length: (\d+)/).flatMap { Int($0.1) } ?? 0
        if length > 0 { _ = try await client.read(count: length) }
        all.append(lines(head))
      }
      return all
    }
  }

  private func status(_ answer: [String]) -> String { String(answer[0].dropFirst(9).prefix(3)) }

  @Test func refusesWhatIsOverALimitAndSaysHowLimitsStand() async throws {
    let answers = try await answers(
      to: Array(repeating: request(), count: 3), Self.mock(Self.policy([(2, .minute), (9, .day)])),
      lending: [.minute: 2, .day: 9])
    #expect(answers.map(status) == ["200", "200", "429"])
    let policy = "RateLimit-Policy: \"minute\";q=2;w=60, \"day\";q=9;w=86400"
    #expect(answers.allSatisfy { $0.contains(policy) })
    let left = answers.map { answer in
      answer.first { $0.hasPrefix("RateLimit: ") }?.replacing(/t=\d+/, with: "t")
    }
    #expect(
      left == [
        "RateLimit: \"minute\";r=1;t, \"day\";r=8;t", "RateLimit: \"minute\";r=0;t, \"day\";r=7;t",
        "RateLimit: \"minute\";r=0;t, \"day\";r=7;t",
      ])
    let retry = try #require(answers[2].first { $0.hasPrefix("Retry-After: ") }?.dropFirst(13))
    #expect((1...20).contains(try #require(Int(retry))))
  }

  @Test func namesWhatAllCallersShare() async throws {
    let answers = try await answers(
      to: [request()], Self.mock(Self.policy([(2, .minute)]), shared: Self.policy([(7, .hour)])),
      lending: [.minute: 2, .hour: 7])
    #expect(answers[0].contains("RateLimit-Policy: \"minute\";q=2;w=60, \"shared-hour\";q=7;w=3600"))
  }

  @Test func saysNothingWhereNothingLimits() async throws {
    let answers = try await answers(to: [request()], Self.mock(nil), lending: [:])
    #expect(status(answers[0]) == "200")
    #expect(!answers[0].contains { $0.hasPrefix("RateLimit") })
  }

  @Test func countsOnlyWhatIsForwarded() async throws {
    var world = Self.mock(Self.policy([(1, .minute)]))
    world.apis = [APIPattern(method: .get, path: APIPath("/ok")!, match: .exact)]
    let answers = try await answers(
      to: [
        request(keyed: false), request("GET", "/acme/online/echo/none"), request("POST"), request(), request(),
      ], world, lending: [.minute: 1])
    #expect(answers.map(status) == ["401", "404", "405", "200", "429"])
  }

  @Test func countsAndRefusesChecksToo() async throws {
    let check = request(
      "GET", "/check/nginx", "X-Original-Method: GET\r\nX-Original-URI: /acme/online/echo/ok\r\n")
    let answers = try await answers(
      to: [check, check], Self.mock(Self.policy([(1, .minute)])), lending: [.minute: 1], internally: true)
    #expect(answers.map(status) == ["200", "403"])
    #expect(answers[0].contains { $0.hasPrefix("RateLimit: \"minute\";r=0") })
    #expect(answers[1].contains("X-Latchkey-Status: 429"))
    #expect(answers[1].contains { $0.hasPrefix("Retry-After: ") })
  }

  @Test func givesBackToQuotasWhatABackendFailed() async throws {
    let answers = try await answers(
      to: Array(repeating: request(), count: 3), Self.mock(Self.policy([(9, .minute), (1, .day)]), status: 500),
      lending: [.minute: 9, .day: 1])
    #expect(answers.map(status) == ["500", "500", "500"])
  }

  @Test func keepsOfLoadLimitsWhatABackendFailed() async throws {
    let answers = try await answers(
      to: Array(repeating: request(), count: 2), Self.mock(Self.policy([(1, .minute), (1, .day)]), status: 503),
      lending: [.minute: 1, .day: 1])
    #expect(answers.map(status) == ["503", "429"])
  }

  @Test func givesBackWhatNoBackendAnswered() async throws {
    var world = World(port: 1)
    world.limits = Self.policy([(1, .month)])
    let answers = try await answers(to: [request(), request()], world, lending: [.month: 1])
    #expect(answers.map(status) == ["502", "502"])
  }

  @Test func onlyObservesWhereToldSo() async throws {
    let tally = RequestTally()
    let allowances = Allowances()
    let ledger = ledger(of: allowances, lending: [.minute: 1])
    defer { ledger.cancel() }
    let world = Self.mock(Self.policy([(1, .minute)], mode: .observe))
    try await RunningGateway.with(world, tally: tally, allowances: allowances) { gateway in
      let client = try await gateway.connect()
      repeat {
        try await client.send(request())
        #expect(try await client.readHead().hasPrefix("HTTP/1.1 200 "))
      } while tally.countObserved(.tooManyRequests, on: .gateway) == 0
    }
  }

  /// For longer it waits for no ledger.
  @Test func refusesWithoutALedgerAfterAMoment() async throws {
    let answers = try await answers(to: [request()], Self.mock(Self.policy([(9, .minute)])), lending: nil)
    #expect(status(answers[0]) == "429")
    #expect(answers[0].contains("Retry-After: 1"))
  }

  @Test func letsThroughWithoutALedgerWhatThePolicySays() async throws {
    let answers = try await answers(
      to: Array(repeating: request(), count: 3), Self.mock(Self.policy([(9, .minute)], overdraft: 2)), lending: nil)
    #expect(answers.map(status) == ["200", "200", "429"])
  }

  /// What a client sends on while its call waits is its next request.
  @Test func keepsWhatComesWhileACallWaits() async throws {
    let allowances = Allowances()
    let world = Self.mock(Self.policy([(9, .minute)], overdraft: 1))
    try await RunningGateway.with(world, allowances: allowances) { gateway in
      let client = try await gateway.connect()
      try await client.send(request())
      var wishes = allowances.wishes.makeAsyncIterator()
      _ = await wishes.next()
      try await client.send(request("GET", "/acme/online/none/ok"))
      let ledger = self.ledger(of: allowances, lending: [.minute: 9])
      defer { ledger.cancel() }
      #expect(try await client.readHead().hasPrefix("HTTP/1.1 200 "))
      #expect(try await client.readHead().hasPrefix("HTTP/1.1 404 "))
    }
  }

  @Test func bearsClientsThatGoWhileTheyWait() async throws {
    let allowances = Allowances()
    try await RunningGateway.with(Self.mock(Self.policy([(9, .minute)])), allowances: allowances) { gateway in
      var wishes = allowances.wishes.makeAsyncIterator()
      for _ in 0..<5 {
        let gone = try await gateway.connect()
        try await gone.send(request())
        try await gone.close()
      }
      _ = await wishes.next()
      let ledger = self.ledger(of: allowances, lending: [.minute: 9])
      defer { ledger.cancel() }
      let client = try await gateway.connect()
      try await client.send(request())
      #expect(try await client.readHead().hasPrefix("HTTP/1.1 "))
    }
  }
}
