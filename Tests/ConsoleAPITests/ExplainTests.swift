import Contract
import HTTPTypes
import Model
import TestPostgres
import Testing

/// What the gateway would decide, and what each party may know of it.
@Suite(.latchkey, .serialized)
struct ExplainTests {
  /// A provider with a released group, a caller with a key, and a stranger.
  private struct Cast: Sendable {
    let api: Harness
    let acme, globex: Caller
    let group, key: String

    func ask(
      _ method: String = "GET", _ url: String = "/acme/online/pets/1", of key: String? = nil, as caller: Caller,
      at: String? = nil, origin: String? = nil, requestMethod: String? = nil
    ) async throws -> Answer {
      var body: [JSONValue.Member] = [
        .init("subscriptionId", .string(key ?? self.key)), .init("method", .string(method)), .init("url", .string(url)),
      ]
      if let at { body.append(.init("at", .string(at))) }
      if let origin { body.append(.init("origin", .string(origin))) }
      if let requestMethod { body.append(.init("accessControlRequestMethod", .string(requestMethod))) }
      return try await api.send(.post, "/explain", as: caller, .object(body))
    }

    func authorize(expiresAt: String? = nil) async throws {
      var body: [JSONValue.Member] = [
        .init("type", "subscriptionKey"), .init("subscriptionId", .string(key)),
        .init("targets", [["groupId": .string(group), "environment": "online"]]),
      ]
      if let expiresAt { body.append(.init("expiresAt", .string(expiresAt))) }
      #expect(try await api.send(.post, "/authorizations", as: acme, .object(body)).status == 201)
    }
  }

  private func with(_ mode: String = "required", _ body: @escaping @Sendable (Cast) async throws -> Void) async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let group = try await api.group(of: acme, accessMode: mode)
      _ = try await api.api(of: acme, in: group, path: "/{id}")
      _ = try await api.revision(of: group, as: acme)
      #expect(try await api.release(of: group, as: acme).status == 201)
      try await body(
        Cast(api: api, acme: acme, globex: globex, group: group, key: try await api.key(of: globex)))
    }
  }

  private func results(of answer: Answer) -> [String] { results(answer) }

  private func results(_ answer: Answer) -> [String] {
    #expect(answer.status == 200, "\(answer.text)")
    return answer["rules"]?.elements?.compactMap { $0["result"]?.text } ?? []
  }

  @Test(arguments: ["ftp://gateway/acme/online/pets/1", "wss://gateway/acme/online/pets/1"])
  func tellsThatTheGatewayReadsNoSuchTarget(url: String) async throws {
    try await with { cast in
      try await cast.authorize()
      let answer = try await cast.ask("GET", url, as: cast.globex)
      #expect(answer["forwarded"] == false)
      #expect(answer["status"] == 400)
    }
  }

  @Test func tellsEachRuleOnTheWay() async throws {
    try await with { cast in
      let refused = try await cast.ask(as: cast.globex)
      #expect(refused["forwarded"] == false && refused["status"] == 403)
      #expect(
        results(refused) == ["passed", "passed", "passed", "passed", "passed", "refused", "notReached", "notReached"])
      #expect(
        refused["rules"]?.elements?.compactMap { $0["rule"]?.text }
          == ["request", "exposedSecret", "deployment", "cors", "credential", "authorization", "api", "limits"])
      try await cast.authorize()
      let admitted = try await cast.ask(as: cast.globex)
      #expect(admitted["forwarded"] == true && admitted["status"] == .null)
      #expect(results(admitted) == Array(repeating: "passed", count: 8))
      #expect(try await cast.ask("POST", as: cast.globex)["status"] == 405)
      #expect(try await cast.ask("GET", "/acme/online/pets/1/2", as: cast.globex)["status"] == 404)
      #expect(
        try await results(of: cast.ask("GET", "/acme/test/pets/1", as: cast.globex))
          == ["passed", "passed", "refused"] + Array(repeating: "notReached", count: 5))
      #expect(
        try await results(of: cast.ask("GET", "https://api.example/acme/online/pets/1?q=1#x", as: cast.globex)).count
          == 8)
    }
  }

  @Test(arguments: [
    "/acme/online/pets/../1", "/acme//pets", "no path", "/acme/online/pets/1\r\nX: y", "http://\r\nX: y/", "/%zz",
  ])
  func saysThatTheGatewayReadsNoSuchRequest(url: String) async throws {
    try await with { cast in
      let answer = try await cast.ask("GET", url, as: cast.globex)
      #expect(results(answer).first == "refused")
      #expect(answer["forwarded"] == false)
    }
  }

  @Test func anOwnKeysFlawIsToldToItsTenantOnly() async throws {
    try await with { cast in
      try await cast.authorize()
      #expect(
        try await cast.api.send(.patch, "/subscription-keys/\(cast.key)", as: cast.globex, ["state": "disabled"]).status
          == 200)
      let own = try await cast.ask(as: cast.globex)
      #expect(own["status"] == 401)
      #expect(own["rules"]?.elements?[4]["detail"]?.text == "The key is disabled.")
      let providers = try await cast.ask(as: cast.acme)
      #expect(results(providers) == ["passed", "passed", "passed", "passed", "assumed", "passed", "passed", "passed"])
      #expect(providers["target"]?["groupId"]?.text == cast.group)
      #expect(own["target"] == .null, "the group is another's")
    }
  }

  @Test func asksForAnotherTime() async throws {
    try await with { cast in
      try await cast.authorize(expiresAt: "2100-01-01T00:00:00Z")
      #expect(try await cast.ask(as: cast.globex)["forwarded"] == true)
      #expect(try await cast.ask(as: cast.globex, at: "2099-12-31T23:59:59.999999Z")["forwarded"] == true)
      let later = try await cast.ask(as: cast.globex, at: "2100-01-01T00:00:00Z")
      #expect(later["status"] == 403)
      #expect(later["rules"]?.elements?[5]["detail"]?.text == "The key's authorization has expired.")
    }
  }

  @Test func tellsTheProviderWhatObservingWouldRefuse() async throws {
    try await with("observe") { cast in
      let answer = try await cast.ask(as: cast.acme)
      #expect(answer["forwarded"] == true)
      #expect(
        results(answer) == ["passed", "passed", "passed", "passed", "assumed", "wouldRefuse", "passed", "passed"])
      try await cast.authorize()
      #expect(
        try await results(of: cast.ask(as: cast.acme))
          == ["passed", "passed", "passed", "passed", "assumed", "passed", "passed", "passed"])
    }
  }

  /// Calling it does not tell whether a group that refuses nobody observes.
  @Test func tellsNobodyElseThatAGroupObserves() async throws {
    try await with("observe") { cast in
      let answer = try await cast.ask(as: cast.globex)
      #expect(
        results(answer) == ["passed", "passed", "passed", "passed", "notJudged", "notJudged", "passed", "passed"])
      try await cast.authorize()
      #expect(try await cast.ask(as: cast.globex).text == answer.text)
      let path = "/subscription-keys/\(cast.key)"
      #expect(try await cast.api.send(.patch, path, as: cast.globex, ["state": "disabled"]).status == 200)
      #expect(try await cast.ask(as: cast.globex).text == answer.text)
      let missed = try await cast.ask("PUT", as: cast.globex)
      #expect(missed["status"] == 405)
      let group = "/api-groups/\(cast.group)"
      #expect(try await cast.api.send(.patch, group, as: cast.acme, ["accessMode": "open"]).status == 200)
      #expect(try await cast.ask(as: cast.globex).text == answer.text)
      #expect(try await cast.ask("PUT", as: cast.globex).text == missed.text)
    }
  }

  @Test func nobodyAsksForAKeyWhereTheGroupIsOpen() async throws {
    try await with("open") { cast in
      let answer = try await cast.ask(as: cast.globex)
      #expect(
        results(answer) == ["passed", "passed", "passed", "passed", "notJudged", "notJudged", "passed", "passed"])
    }
  }

  @Test func knowsThatAPolicyAnswersAPreflight() async throws {
    try await with { cast in
      let origin = "https://app.example"
      func preflight(_ origin: String = origin, _ method: String = "PUT", as caller: Caller) async throws -> Answer {
        try await cast.ask("OPTIONS", as: caller, origin: origin, requestMethod: method)
      }
      let without = try await preflight(as: cast.globex)
      #expect(without["status"] == 401, "a preflight carries no key")
      #expect(
        results(without) == [
          "passed", "passed", "passed", "passed", "refused", "notReached", "notReached", "notReached",
        ])
      #expect(without["rules"]?.elements?[3]["detail"]?.text?.contains("has no cors policy") == true)

      let policy: JSONValue = ["allowedOrigins": [.string(origin)], "allowedMethods": ["PUT"]]
      #expect(
        try await cast.api.send(.patch, "/api-groups/\(cast.group)", as: cast.acme, ["cors": policy]).status == 200)
      for (answer, detail) in [
        (try await preflight(as: cast.globex), "allows the origin and the method"),
        (try await preflight(as: cast.acme), "allows the origin and the method"),
        (try await preflight(origin, "DELETE", as: cast.globex), "and not the method"),
        (try await preflight("https://evil.example", as: cast.globex), "does not name the origin"),
      ] {
        #expect(answer["forwarded"] == false && answer["status"] == 204)
        #expect(
          results(answer) == ["passed", "passed", "passed", "answered"] + Array(repeating: "notReached", count: 4))
        #expect(answer["rules"]?.elements?[3]["detail"]?.text?.contains(detail) == true)
      }
      try await cast.authorize()
      let call = try await cast.ask(as: cast.globex, origin: origin)
      #expect(call["forwarded"] == true && results(call) == Array(repeating: "passed", count: 8))
      #expect(call["rules"]?.elements?[3]["detail"]?.text?.contains("may read the answer") == true)
      let foreign = try await cast.ask(as: cast.globex, origin: "https://evil.example")
      #expect(foreign["forwarded"] == true)
      #expect(foreign["rules"]?.elements?[3]["detail"]?.text?.contains("keeps the answer") == true)
      #expect(try await cast.ask(as: cast.globex)["rules"]?.elements?[3]["detail"] == .null)
      let smuggled = try await cast.ask(as: cast.globex, origin: "a\r\nX: y")
      #expect(smuggled["status"] == 400 && results(smuggled).first == "refused")
    }
  }

  @Test func neitherPartyIsNobody() async throws {
    try await with { cast in
      let stranger = try await cast.api.owner(of: "initech")
      let absent = try await cast.ask(of: "\(ID<SubscriptionKey>.random())", as: stranger)
      #expect(absent.status == 422)
      #expect(absent.pointers == ["/subscriptionId"])
      #expect(try await cast.ask(as: stranger).comparable == absent.comparable)
      #expect(try await cast.ask(of: "x", as: stranger).comparable == absent.comparable)
      #expect(try await cast.ask("GET", "/acme/test/pets/1", as: cast.acme).status == 200, "its own group, wherever")
      #expect(try await cast.ask("GET", "/globex/online/pets/1", as: cast.acme).status == 422)
      #expect(try await cast.ask(of: "\(ID<SubscriptionKey>.random())", as: cast.acme).status == 422)
      #expect(try await cast.api.send(.post, "/explain", as: nil, [:]).status == 401)
    }
  }

  @Test func countsAsASearch() async throws {
    try await Harness.run(searchesPerMinute: 2) { api in
      let owner = try await api.owner(of: "acme")
      let key = try await api.key(of: owner)
      let question: JSONValue = ["subscriptionId": .string(key), "method": "GET", "url": "/acme/online/x/y"]
      var statuses: [Int] = []
      for _ in 0..<5 { statuses.append(try await api.send(.post, "/explain", as: owner, question).status) }
      // Two each minute, of which no more than two can have begun meanwhile.
      #expect(statuses.contains(200) && statuses.contains(429))
    }
  }
}
