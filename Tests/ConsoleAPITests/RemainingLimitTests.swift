import Contract
import HTTPTypes
import Model
import TestPostgres
import Testing

/// What is left of limits, to the caller whose key they limit and to the provider who sets them.
@Suite(.latchkey, .serialized)
struct RemainingLimitTests {
  /// A provider whose group lets all callers have 50 an hour and a key 10 a day and 100 a month, and the key's tenant.
  fileprivate struct Cast: Sendable {
    let api: Harness
    let acme, globex: Caller
    let group, key, policy, authorization: String

    init(_ api: Harness) async throws {
      (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      (group, key) = (try await api.liveGroup(of: acme), try await api.key(of: globex))
      policy = try await api.limitPolicy(
        of: acme, name: "Hidden", [["requests": 100, "per": "month"], ["requests": 10, "per": "day"]]
      ).id
      authorization = try await api.authorize(key, for: [(group, "online")], as: acme, under: policy).id
      let shared = try await api.limitPolicy(of: acme, [["requests": 50, "per": "hour"]]).id
      let path = "/api-groups/\(group)/environments/online"
      try #require(try await api.send(.patch, path, as: acme, ["limitPolicyId": .string(shared)]).status == 200)
      self.api = api
    }

    /// Has a gateway tell the ledger what it let through of what it holds, and ask for more.
    func lease(_ period: String, told spent: Int = 0, asking urgent: Int = 0, shared: Bool = false) async throws {
      try await Catalogue.run(
        """
        SELECT l.* FROM lease_limits('gwn_a', '{\(acme.tenant)}', '{\(group)}', '{online}', '{"\(shared ? "" : key)"}',
          '{\(period)}', ARRAY[microseconds_of(date_trunc('\(period)', ledger_time(), 'UTC'))], '{\(spent)}', '{0}',
          '{\(urgent)}', '{0}') AS l
        """)
    }

    var received: String { "/subscription-keys/\(key)/limits" }

    /// What is left by scope and period, as one of the three tells it.
    func left(_ path: String, as caller: Caller) async throws -> [String: JSONValue] {
      let answer = try await api.send(.get, path, as: caller)
      let limits = (answer.items.first ?? answer.json)?["limits"]?.elements ?? []
      return Dictionary(
        uniqueKeysWithValues: limits.map {
          ("\($0["scope"]?.text ?? "") \($0["per"]?.text ?? "")", $0["remaining"] ?? .null)
        })
    }
  }

  private static let now = "2026-11-27T12:00:30Z"

  private func with(_ body: @escaping @Sendable (Cast) async throws -> Void) async throws {
    try await Catalogue.setLedgerTime(Self.now)
    try await Harness.run { api in try await body(Cast(api)) }
  }

  private static func limit(
    _ scope: String, _ requests: Int, per period: String, left: Int, until end: String, mode: String = "enforce"
  ) -> JSONValue {
    [
      "scope": .string(scope), "requests": .integer(requests), "per": .string(period), "mode": .string(mode),
      "remaining": .integer(left), "resetsAt": .string(end),
    ]
  }

  @Test func tellsBothPartiesWhatIsLeftAndUntilWhen() async throws {
    try await with { cast in
      let limits: JSONValue = [
        Self.limit("key", 10, per: "day", left: 10, until: "2026-11-28T00:00:00Z"),
        Self.limit("key", 100, per: "month", left: 100, until: "2026-12-01T00:00:00Z"),
        Self.limit("shared", 50, per: "hour", left: 50, until: "2026-11-27T13:00:00Z"),
      ]
      let target: [JSONValue.Member] = [
        .init("groupId", .string(cast.group)), .init("groupName", "Group pets"), .init("environment", "online"),
        .init("live", true),
      ]
      let received = try await cast.api.send(.get, cast.received, as: cast.globex)
      #expect(received.status == 200 && received["nextCursor"] == .null)
      #expect(
        received.items == [
          .object(
            [
              .init("authorizationId", .string(cast.authorization)),
              .init("provider", ["name": "Tenant acme", "slug": "acme"]),
            ] + target + [.init("limits", limits)])
        ])
      #expect(!received.text.contains("Hidden") && !received.text.contains(cast.policy))
      let given = try await cast.api.send(.get, "/authorizations/\(cast.authorization)/limits", as: cast.acme)
      #expect(given.items == [.object(target + [.init("limits", limits)])])
      let shared = try await cast.api.send(.get, "/api-groups/\(cast.group)/environments/online/limits", as: cast.acme)
      #expect(shared.json == .object(target + [.init("limits", [limits.elements![2]])]))
      let none = try await cast.api.send(.get, "/api-groups/\(cast.group)/environments/test/limits", as: cast.acme)
      #expect(none["limits"] == [] && none["live"] == false)
    }
  }

  /// It is still to be had; but not what a gateway holds that is gone.
  @Test func countsWhatGatewaysHoldAsLeftWhileTheyLive() async throws {
    try await with { cast in
      try await Catalogue.run(
        """
        INSERT INTO gateway_nodes (id, name, lease_expires_at, refuses_at)
        VALUES ('gwn_a', 'a', now() + interval '1 hour', now() + interval '1 hour')
        """)
      try await cast.lease("day", asking: 5)
      try await cast.lease("day", told: 3)
      try await cast.lease("hour", asking: 20, shared: true)
      try await cast.lease("hour", told: 20, shared: true)
      for (path, caller) in [
        (cast.received, cast.globex), ("/authorizations/\(cast.authorization)/limits", cast.acme),
      ] {
        #expect(
          try await cast.left(path, as: caller) == ["key day": 7, "key month": 100, "shared hour": 30], "\(path)")
      }
      #expect(
        try await cast.left("/api-groups/\(cast.group)/environments/online/limits", as: cast.acme)
          == ["shared hour": 30])
      try await Catalogue.run("UPDATE gateway_nodes SET lease_expires_at = now() - interval '1 second'")
      #expect(try await cast.left(cast.received, as: cast.globex)["key day"] == 5)
      try await Catalogue.run("DELETE FROM gateway_nodes")
      #expect(try await cast.left(cast.received, as: cast.globex)["key day"] == 5)
    }
  }

  @Test func isWholeAgainOnceTheWindowHasPassed() async throws {
    try await with { cast in
      for period in ["day", "month"] {
        try await cast.lease(period, asking: 10)
        try await cast.lease(period, told: 10)
      }
      #expect(
        try await cast.left(cast.received, as: cast.globex) == ["key day": 0, "key month": 90, "shared hour": 50])
      try await Catalogue.setLedgerTime("2026-11-27T23:59:59.999999Z")
      #expect(try await cast.left(cast.received, as: cast.globex)["key day"] == 0)
      try await Catalogue.setLedgerTime("2026-11-28T00:00:00Z")
      let answer = try await cast.api.send(.get, cast.received, as: cast.globex)
      #expect(
        answer.items.first?["limits"]?.elements?.prefix(2).map(\.self) == [
          Self.limit("key", 10, per: "day", left: 10, until: "2026-11-29T00:00:00Z"),
          Self.limit("key", 100, per: "month", left: 90, until: "2026-12-01T00:00:00Z"),
        ])
      // A clock that was set back: the window that had begun goes on.
      try await Catalogue.setLedgerTime("2026-11-26T23:30:00Z")
      #expect(try await cast.left(cast.received, as: cast.globex)["key day"] == 0)
    }
  }

  @Test func goesByThePolicyAsItIsNow() async throws {
    try await with { cast in
      try await cast.lease("day", asking: 8)
      try await cast.lease("day", told: 8)
      let path = "/limit-policies/\(cast.policy)"
      for (requests, left) in [(20, 12), (8, 0), (3, 0), (9, 1)] {
        let limits: JSONValue = [["requests": .integer(requests), "per": "day"]]
        #expect(try await cast.api.send(.patch, path, as: cast.acme, ["limits": limits]).status == 200)
        #expect(
          try await cast.left(cast.received, as: cast.globex) == ["key day": .integer(left), "shared hour": 50])
      }
      #expect(try await cast.api.send(.patch, path, as: cast.acme, ["mode": "observe"]).status == 200)
      let limits = try await cast.api.send(.get, cast.received, as: cast.globex).items.first?["limits"]?.elements
      #expect(limits?.map { $0["mode"] } == ["observe", "enforce"])
      #expect(
        try await cast.api.send(
          .patch, "/authorizations/\(cast.authorization)", as: cast.acme, ["limitPolicyId": .null]
        ).status == 200)
      #expect(try await cast.left(cast.received, as: cast.globex) == ["shared hour": 50])
    }
  }

  @Test func listsWhatLimitsTheKeyAndNothingElse() async throws {
    try await with { cast in
      let toys = try await cast.api.liveGroup(of: cast.acme, prefix: "toys")
      let unlimited = try await cast.api.authorize(cast.key, for: [(toys, "online")], as: cast.acme)
      #expect(unlimited.status == 201)
      let other = try await cast.api.key(of: cast.globex)
      #expect(try await cast.api.send(.get, "/subscription-keys/\(other)/limits", as: cast.globex).items == [])
      var items = try await cast.api.send(.get, cast.received, as: cast.globex).items
      #expect(items.map { $0["groupId"]?.text } == [cast.group])
      #expect(try await cast.api.send(.get, "/authorizations/\(unlimited.id)/limits", as: cast.acme).items == [])
      let path = "/authorizations/\(cast.authorization)"
      // What is over does not count, and what is offline may come back.
      #expect(
        try await cast.api.send(.delete, "/api-groups/\(cast.group)/deployments/online", as: cast.acme).status == 204)
      items = try await cast.api.send(.get, cast.received, as: cast.globex).items
      #expect(items.map { $0["live"] } == [false] && items.first?["limits"]?.elements?.count == 3)
      try await Catalogue.run("UPDATE authorizations SET expires_at = now()")
      #expect(try await cast.api.send(.get, cast.received, as: cast.globex).items == [])
      #expect(try await cast.api.send(.get, path + "/limits", as: cast.acme).items.count == 1)
      try await Catalogue.run("UPDATE authorizations SET expires_at = NULL")
      #expect(
        try await cast.api.send(
          .patch, "/subscription-keys/\(cast.key)", as: cast.globex, ["providers": ["initech"]]
        ).status == 200)
      #expect(try await cast.api.send(.get, cast.received, as: cast.globex).items == [])
    }
  }

  @Test func goesOnTargetByTarget() async throws {
    try await with { cast in
      let environments = ["test", "preview", "online"]
      let toys = try await cast.api.liveGroup(of: cast.acme, prefix: "toys")
      for environment in environments {
        #expect(try await cast.api.release(of: toys, to: environment, as: cast.acme).status == 201)
      }
      let given = try await cast.api.authorize(
        cast.key, for: environments.map { (toys, $0) }, as: cast.acme, under: cast.policy)
      var (cursor, seen) = ("", [String]())
      for _ in 0..<4 {
        let page = try await cast.api.send(.get, cast.received + "?limit=1" + cursor, as: cast.globex)
        #expect(page.items.count == 1)
        let item = page.items.first
        seen.append("\(item?["authorizationId"]?.text ?? "") \(item?["environment"]?.text ?? "")")
        cursor = "&cursor=\(page["nextCursor"]?.text ?? "none")"
      }
      #expect(seen == environments.map { "\(given.id) \($0)" } + ["\(cast.authorization) online"])
      #expect(cursor == "&cursor=none")
      let whole = try await cast.api.send(.get, cast.received, as: cast.globex).items
      #expect(whole.map { "\($0["authorizationId"]?.text ?? "") \($0["environment"]?.text ?? "")" } == seen)
      let next = try await cast.api.send(.get, cast.received + "?limit=2", as: cast.globex)["nextCursor"]?.text ?? ""
      let parts = next.split(separator: ".").map(String.init)
      let other = "\(ID<APIGroup>.random())"
      for broken in [
        "x", parts[0], "\(parts[0]).\(parts[1]).online", "\(parts[0]).\(other).\(parts[2])", "..", next + ".x",
      ] {
        let refused = try await cast.api.send(.get, cast.received + "?cursor=\(broken)", as: cast.globex)
        #expect(refused.status == 422 && refused.pointers == ["?cursor"], "\(broken)")
      }
    }
  }

  /// A caller is told of its own, and each provider of what it gave.
  @Test func tellsOnePartyNothingOfTheOthers() async throws {
    try await with { cast in
      let absent = try await cast.api.send(
        .get, "/subscription-keys/\(ID<SubscriptionKey>.random())/limits", as: cast.acme)
      #expect(absent.status == 404)
      #expect(try await cast.api.send(.get, cast.received, as: cast.acme).comparable == absent.comparable)
      for path in [
        "/authorizations/\(cast.authorization)/limits", "/api-groups/\(cast.group)/environments/online/limits",
      ] {
        #expect(try await cast.api.send(.get, path, as: cast.globex).comparable == absent.comparable, "\(path)")
      }
      // Another provider's limits of the same key are its own.
      let initech = try await cast.api.owner(of: "initech")
      let (group, policy) = (
        try await cast.api.liveGroup(of: initech), try await cast.api.limitPolicy(of: initech).id
      )
      let given = try await cast.api.authorize(cast.key, for: [(group, "online")], as: initech, under: policy).id
      #expect(
        try await cast.left("/authorizations/\(given)/limits", as: initech) == ["key minute": 100])
      let received = try await cast.api.send(.get, cast.received, as: cast.globex).items
      #expect(received.map { $0["provider"]?["slug"]?.text } == ["initech", "acme"])
    }
  }
}

/// The limits of a call that is explained.
@Suite(.latchkey, .serialized)
struct ExplainedLimitTests {
  fileprivate typealias Cast = RemainingLimitTests.Cast

  private func with(_ body: @escaping @Sendable (Cast) async throws -> Void) async throws {
    try await Catalogue.setLedgerTime("2026-11-27T12:00:30Z")
    try await Harness.run { api in try await body(Cast(api)) }
  }

  private func ask(_ cast: Cast, as caller: Caller, of key: String? = nil, at: String? = nil) async throws -> Answer {
    try await cast.api.send(
      .post, "/explain", as: caller,
      [
        "subscriptionId": .string(key ?? cast.key), "method": "GET", "url": "/acme/online/pets/pets",
        "at": at.map(JSONValue.string) ?? .null,
      ])
  }

  private func limits(_ answer: Answer) -> [String] {
    answer["limits"]?.elements?.map { limit in
      let (scope, period) = (limit["scope"]?.text ?? "", limit["per"]?.text ?? "")
      return "\(scope) \(period) \(limit["remaining"].map(\.bytes).map { String(decoding: $0, as: UTF8.self) } ?? "")"
    } ?? []
  }

  private func verdict(_ answer: Answer) -> String { answer["rules"]?.elements?.last?["result"]?.text ?? "" }

  @Test func tellsBothPartiesWhatLimitsTheCall() async throws {
    try await with { cast in
      for caller in [cast.globex, cast.acme] {
        let answer = try await ask(cast, as: caller)
        #expect(answer["forwarded"] == true && verdict(answer) == "passed")
        #expect(limits(answer) == ["key day 10", "key month 100", "shared hour 50"])
        #expect(!answer.text.contains("Hidden") && !answer.text.contains(cast.policy))
      }
      try await cast.lease("day", asking: 10)
      try await cast.lease("day", told: 10)
      for caller in [cast.globex, cast.acme] {
        let answer = try await ask(cast, as: caller)
        #expect(answer["forwarded"] == false && answer["status"] == 429 && verdict(answer) == "refused")
        #expect(limits(answer) == ["key day 0", "key month 100", "shared hour 50"])
        #expect(
          answer["rules"]?.elements?.last?["detail"]?.text == "A limit is used up until 2026-11-28T00:00:00Z.")
        let later = try await ask(cast, as: caller, at: "2099-01-01T00:00:00Z")
        #expect(later["forwarded"] == true && limits(later).first == "key day 10")
      }
      let path = "/limit-policies/\(cast.policy)"
      #expect(try await cast.api.send(.patch, path, as: cast.acme, ["mode": "observe"]).status == 200)
      let observed = try await ask(cast, as: cast.globex)
      #expect(observed["forwarded"] == true && observed["status"] == .null && verdict(observed) == "wouldRefuse")
    }
  }

  @Test func whatAllShareRefusesToo() async throws {
    try await with { cast in
      try await cast.lease("hour", asking: 50, shared: true)
      try await cast.lease("hour", told: 50, shared: true)
      let answer = try await ask(cast, as: cast.globex)
      #expect(answer["status"] == 429 && limits(answer).last == "shared hour 0")
    }
  }

  /// As the call itself would, which is told in its `RateLimit`.
  @Test func tellsWhoIsNotAuthorizedWhatAllShareAndNoMore() async throws {
    try await with { cast in
      let (group, other) = ("/api-groups/\(cast.group)", try await cast.api.key(of: cast.globex))
      let refused = try await ask(cast, as: cast.globex, of: other)
      #expect(refused["status"] == 403 && limits(refused) == [] && verdict(refused) == "notReached")
      var told: [String] = []
      for mode in ["open", "observe"] {
        #expect(try await cast.api.send(.patch, group, as: cast.acme, ["accessMode": .string(mode)]).status == 200)
        let answer = try await ask(cast, as: cast.globex, of: other)
        #expect(limits(answer) == ["shared hour 50"])
        let own = try await ask(cast, as: cast.globex)
        #expect(limits(own) == ["key day 10", "key month 100", "shared hour 50"])
        told += [answer.text + own.text]
      }
      #expect(Set(told).count == 1, "whether the group observes is not told")
      #expect(
        try await cast.api.send(
          .patch, group + "/environments/online", as: cast.acme, ["limitPolicyId": .null]
        ).status == 200)
      let free = try await ask(cast, as: cast.globex, of: other)
      #expect(limits(free) == [])
      #expect(free["rules"]?.elements?.last?["detail"]?.text == "Nothing limits the call.")
    }
  }
}
