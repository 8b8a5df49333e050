import Contract
import Foundation
import NIOHTTP1
import TestPostgres
import Testing

/// Receipts of a console for changes that real gateways have in force, or don't.
@Suite(.timeLimit(.minutes(10))) struct ReceiptTests {
  /// A console's tenant whose key may call, and gateways with more settings each.
  private func withGateways(
    _ settings: [[String: String]],
    _ body: (Tenancy, _ authorization: String, _ secret: String, [RunningLatchkey]) async throws -> Void
  ) async throws {
    let environment = TestDatabase.current.configuration.environment
    try await RunningLatchkey.with(role: "console", environment: environment) { console in
      let acme = try await Tenancy("acme", at: console.address(of: "console"))
      let (key, secret) = try await acme.key()
      let group = try await acme.release("pets", backend: .mock)
      try await start(settings, environment) { gateways in
        let authorization = try await acme.authorize(key, for: group)
        try await body(acme, authorization, secret, gateways)
      }
    }
  }

  private func start(
    _ settings: [[String: String]], _ environment: [String: String], started: [RunningLatchkey] = [],
    _ body: ([RunningLatchkey]) async throws -> Void
  ) async throws {
    guard started.count < settings.count else { return try await body(started) }
    let own = environment.merging(settings[started.count]) { $1 }
    try await RunningLatchkey.with(role: "gateway", environment: own) { gateway in
      try await start(settings, environment, started: started + [gateway], body)
    }
  }

  private func call(_ gateway: RunningLatchkey, _ secret: String) async throws -> Int {
    let url = "http://\(gateway.address(of: "gateway"))/acme/online/pets/1"
    return try await Caller.call(.GET, url, headers: keyed(secret)).status
  }

  private func names(_ receipt: JSONValue) -> [String] {
    receipt["unconfirmed"]?.elements?.compactMap { $0["name"]?.text } ?? []
  }

  @Test(.database) func theFirstCallAfterAReceiptIsDecidedByTheChange() async throws {
    try await withGateways([[:], [:], ["LATCHKEY_NODE_NAME": "third"]]) { acme, authorization, secret, gateways in
      for round in 0..<10 {
        let id =
          round == 0
          ? authorization
          : try await {
            let key = try await acme.call(.GET, "/subscription-keys").json["items"]?.elements?.first?["id"]?.text
            let group = try await acme.call(.GET, "/api-groups").json["items"]?.elements?.first?["id"]?.text
            return try await acme.authorize(#require(key), for: #require(group))
          }()
        let touched = try await acme.call(.PATCH, "/authorizations/\(id)?wait=10s", ["description": "x"])
        #expect(try touched.json["receipt"]?["enforced"] == true, "\(touched.body)")
        for gateway in gateways { #expect(try await call(gateway, secret) == 200) }
        let answer = try await acme.call(.DELETE, "/authorizations/\(id)?wait=10s")
        #expect(answer.status == 200)
        let receipt = try answer.json
        #expect(receipt["enforced"] == true, "\(answer.body)")
        #expect((receipt["nodes"], receipt["confirmed"]) == (3, 3))
        for gateway in gateways { #expect(try await call(gateway, secret) == 403) }
      }
      let ready = try await Caller.call(.GET, "http://\(gateways[0].address(of: "internal"))/readyz")
      #expect(try ready.json["lease"] == "held")
      let metrics = try await Caller.call(.GET, "http://\(gateways[2].address(of: "internal"))/metrics").body
      for line in [
        "latchkey_node_lease_held 1", "latchkey_snapshot_servable 1",
        "latchkey_gateway_requests_total{listener=\"gateway\",http_response_status_class=\"2xx\"} 10",
        "latchkey_gateway_requests_total{listener=\"gateway\",http_response_status_class=\"4xx\"} 10",
        "# TYPE db_client_connection_wait_time_seconds histogram",
      ] { #expect(metrics.contains(line + "\n"), "\(line) in \(metrics)") }
      #expect(!metrics.contains("acme"), "no tenant is in any label")
    }
  }

  @Test(.database) func aGatewayThatWasKilledIsListed() async throws {
    try await withGateways([["LATCHKEY_NODE_NAME": "one"], ["LATCHKEY_NODE_NAME": "two"]]) {
      acme, authorization, secret, gateways in
      _ = await gateways[1].stop(SIGKILL)
      let answer = try await acme.call(.DELETE, "/authorizations/\(authorization)?wait=300ms")
      #expect(try answer.json["enforced"] == false)
      #expect(names(try answer.json) == ["two"])
      #expect(try await call(gateways[0], secret) == 403)
      // One that stops as it should withdraws.
      _ = await gateways[0].stop(SIGTERM)
      let key = try #require(
        try await acme.call(.GET, "/subscription-keys").json["items"]?.elements?.first?["id"]?.text)
      let after = try await acme.call(.DELETE, "/subscription-keys/\(key)?wait=300ms").json
      #expect((after["nodes"], after["confirmed"]) == (1, 0))
      #expect(names(after) == ["two"])
    }
  }

  @Test(.database) func aRefusingGatewayThatEndsAsItShouldIsForgotten() async throws {
    try await withGateways([["LATCHKEY_WITHOUT_LEASE": "refuse"], [:]]) { acme, authorization, secret, gateways in
      _ = await gateways[0].stop(SIGTERM)
      let receipt = try await acme.call(.DELETE, "/authorizations/\(authorization)?wait=30s").json
      #expect(receipt["enforced"] == true)
      #expect((receipt["nodes"], receipt["confirmed"]) == (1, 1))
      #expect(try await call(gateways[1], secret) == 403)
    }
  }

  /// Stopped for longer than its lease: the receipt counts on its refusal, and it does refuse.
  @Test(.database) func aRefusingGatewayThatStoodStillDecidesNothingByWhatItKnew() async throws {
    try await withGateways([[:], ["LATCHKEY_WITHOUT_LEASE": "refuse"]]) { acme, authorization, secret, gateways in
      let touched = try await acme.call(.PATCH, "/authorizations/\(authorization)?wait=10s", ["description": "x"])
      #expect(try touched.json["receipt"]?["enforced"] == true)
      #expect(try await call(gateways[1], secret) == 200)
      kill(gateways[1].pid, SIGSTOP)
      let early = try await acme.call(.PATCH, "/authorizations/\(authorization)?wait=500ms", ["description": "y"])
      #expect(try early.json["receipt"]?["enforced"] == false, "its lease is not over")
      async let late = call(gateways[1], secret)
      let receipt = try await acme.call(.DELETE, "/authorizations/\(authorization)?wait=20s").json
      kill(gateways[1].pid, SIGCONT)
      #expect(receipt["enforced"] == true)
      #expect((receipt["nodes"], receipt["confirmed"], receipt["refusing"]) == (2, 1, 1))
      #expect([503, 403].contains(try await late), "it was asked before the receipt, and is answered after")
      let statuses = try await (0..<20).asyncMap { _ in try await call(gateways[1], secret) }
      #expect(statuses.allSatisfy { $0 == 503 || $0 == 403 }, "\(statuses)")
      let url = "http://\(gateways[1].address(of: "gateway"))/acme/online/pets/1"
      #expect(try await Caller.untilStatus(403, url, headers: keyed(secret)).status == 403, "it is back")
    }
  }
}

extension Range<Int> {
  fileprivate func asyncMap<Value>(_ body: (Int) async throws -> Value) async rethrows -> [Value] {
    var values: [Value] = []
    for number in self { values.append(try await body(number)) }
    return values
  }
}
