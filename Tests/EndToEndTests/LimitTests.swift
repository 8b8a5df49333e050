import Contract
import NIOHTTP1
import Postgres
import TestPostgres
import Testing

/// Limits that a provider sets through the console, held to by real gateways.
@Suite(.database, .timeLimit(.minutes(10))) struct LimitTests {
  /// A key that is authorized under a policy of so many requests a month.
  private struct Limited {
    let acme: Tenancy
    let policy, group, key, secret, authorization: String

    init(_ requests: Int, overdraft: Int = 0, at latchkey: RunningLatchkey) async throws {
      acme = try await Tenancy("acme", at: latchkey.address(of: "console"))
      let limit: JSONValue = [
        "requests": .number("\(requests)"), "per": "month", "overdraft": .number("\(overdraft)"),
      ]
      policy = try #require(
        try await acme.make("/limit-policies", ["name": "few", "limits": [limit]])["id"]?.text)
      group = try await acme.release("pets", backend: .mock)
      (key, secret) = try await acme.key()
      authorization = try await Self.authorize(key, for: group, under: policy, by: acme)
    }

    static func authorize(
      _ key: String, for group: String, under policy: String, by acme: Tenancy
    ) async throws -> String {
      let target: JSONValue = ["groupId": .string(group), "environment": "online"]
      let draft: JSONValue = [
        "type": "subscriptionKey", "subscriptionId": .string(key), "targets": [target],
        "limitPolicyId": .string(policy),
      ]
      return try #require(try await acme.make("/authorizations?wait=20s", draft)["id"]?.text)
    }
  }

  private func url(_ latchkey: RunningLatchkey) -> String {
    "http://\(latchkey.address(of: "gateway"))/acme/online/pets/1"
  }

  /// How many of so many calls are let through; the others are over the limit.
  private func admitted(of calls: Int, _ secret: String, at urls: [String]) async throws -> Int {
    try await withThrowingTaskGroup(of: Int.self) { group in
      for call in 0..<calls {
        group.addTask { try await Caller.call(.GET, urls[call % urls.count], headers: keyed(secret)).status }
      }
      var admitted = 0
      for try await status in group {
        #expect(status == 200 || status == 429)
        if status == 200 { admitted += 1 }
      }
      return admitted
    }
  }

  @Test func aKeyIsHeldToItsLimitOverAllNodesWhateverIsReplaced() async throws {
    let environment = TestDatabase.current.configuration.environment
    try await RunningLatchkey.with(environment: environment) { first in
      try await RunningLatchkey.with(role: "gateway", environment: environment) { second in
        let limited = try await Limited(20, at: first)
        let (acme, urls) = (limited.acme, [url(first), url(second)])
        for url in urls {
          #expect(try await Caller.untilStatus(200, url, headers: keyed(limited.secret)).status == 200)
        }
        var sum = 2
        while try await Caller.call(.GET, urls[0], headers: keyed(limited.secret)).status == 200 { sum += 1 }
        sum += try await admitted(of: 60, limited.secret, at: urls)
        #expect(sum == 20)
        let refused = try await Caller.call(.GET, urls[0], headers: keyed(limited.secret))
        #expect(refused.status == 429)
        #expect(try refused.json["code"] == "limit_exceeded")
        #expect(refused.headers.first(name: "RateLimit-Policy")?.hasPrefix("\"month\";q=20;w=") == true)
        #expect(refused.headers.first(name: "RateLimit")?.hasPrefix("\"month\";r=0;t=") == true)
        #expect(try #require(refused.headers.first(name: "Retry-After").flatMap { Int($0) }) > 0)

        // Another secret, another authorization and the key disabled meanwhile begin nothing anew.
        let rotated = try await acme.make("/subscription-keys/\(limited.key)/secrets?wait=20s", [:])
        let secret = try #require(rotated["value"]?.text)
        #expect(try await admitted(of: 4, secret, at: urls) == 0)
        for state in ["disabled", "active"] {
          let path = "/subscription-keys/\(limited.key)?wait=20s"
          #expect(try await acme.call(.PATCH, path, ["state": .string(state)]).status == 200)
        }
        #expect(
          try await acme.call(.DELETE, "/authorizations/\(limited.authorization)?wait=20s").status < 300)
        _ = try await Limited.authorize(limited.key, for: limited.group, under: limited.policy, by: acme)
        #expect(try await admitted(of: 4, limited.secret, at: urls) == 0)

        // A limit that is raised lets through what it allows more.
        let raised: JSONValue = ["limits": [["requests": 25, "per": "month"]]]
        #expect(try await acme.call(.PATCH, "/limit-policies/\(limited.policy)?wait=20s", raised).status == 200)
        var more = 0
        while try await Caller.call(.GET, urls[0], headers: keyed(limited.secret)).status == 200 { more += 1 }
        more += try await admitted(of: 20, limited.secret, at: urls)
        #expect(more == 5)
      }
    }
  }

  @Test func withoutTheDatabaseANodeSpendsWhatItHoldsAndWhatThePolicyLeavesIt() async throws {
    let server = try await PrivateServer.start(settings: ["synchronous_commit": "on"])
    do {
      try await RunningLatchkey.with(environment: server.configuration.environment) { latchkey in
        let limited = try await Limited(1_000_000, overdraft: 3, at: latchkey)
        let url = url(latchkey)
        #expect(try await Caller.untilStatus(200, url, headers: keyed(limited.secret)).status == 200)
        await server.stop()
        var answer = try await Caller.call(.GET, url, headers: keyed(limited.secret))
        var calls = 0
        while answer.status == 200, calls < 10_000 {
          calls += 1
          answer = try await Caller.call(.GET, url, headers: keyed(limited.secret))
        }
        #expect(calls >= 3)
        #expect(answer.status == 429)
        #expect(try answer.json["code"] == "limit_unavailable")
        try await server.start()
        #expect(try await Caller.untilStatus(200, url, headers: keyed(limited.secret)).status == 200)
      }
    } catch {
      await server.remove()
      throw error
    }
    await server.remove()
  }
}
