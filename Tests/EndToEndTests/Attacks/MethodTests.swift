import TestWire
import Testing

extension AttackTests {
  /// Row 19: methods that slip past a check, or are another one to the backend.
  @Suite struct MethodTests {
    @Test(arguments: ["OPTIONS", "HEAD", "PATCH", "PROPFIND", "FOO", "get", "Options", "QUERY"])
    func asksForAKeyWhateverTheMethod(method: String) async throws {
      try await AttackTarget.current.withGroup { group in
        let preflight = "Origin: http://b\r\nAccess-Control-Request-Method: GET\r\n"
        for fields in ["", preflight] {
          let answers = try await group.answers(to: group.request(method, "/ok", fields, keyed: false))
          #expect(answers.statuses == [401])
        }
        #expect(group.backend.connections.isEmpty)
      }
    }

    @Test(arguments: ["CONNECT", "TRACE", "connect", "Trace"]) func neverTunnelsNorEchoes(method: String) async throws {
      try await AttackTarget.current.withGroup(accessMode: "open") { group in
        let answers = try await group.answers(to: group.request(method))
        #expect(answers.statuses == [501] && !answers.contains(group.secret))
        #expect(group.backend.connections.isEmpty)
      }
    }

    /// An API for GET is no API for POST, whatever else the request says its method is.
    @Test(arguments: ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "x-http-method-override"])
    func readsTheMethodFromTheLineAlone(name: String) async throws {
      try await AttackTarget.current.withGroup { group in
        let request = group.request("POST", "/ok", "\(name): DELETE\r\nContent-Length: 0\r\n")
        let got = try await group.answers(to: request).statuses
        #expect(got == [200])
        #expect(group.backend.requests == ["POST /base/ok"] && !group.backend.text.contains("DELETE"))
      }
    }

    /// We do not upgrade, and neither does the backend: the bytes that follow are HTTP/1, and need a key.
    @Test(arguments: ["h2c", "websocket", "TLS/1.3"]) func upgradesToNothing(name: String) async throws {
      try await AttackTarget.current.withGroup { group in
        let fields = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: \(name)\r\nHTTP2-Settings: AAMAAABkAARAAAAA\r\n"
        let follows = ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", group.request("GET", "/smuggled", keyed: false)]
        for (next, status) in zip(follows, [505, 401]) {
          let answers = try await group.answers(to: group.request("GET", "/ok", fields) + next)
          #expect(answers.statuses == [200, status])
        }
        #expect(group.backend.requests == ["GET /base/ok", "GET /base/ok"])
        #expect(group.backend.values("Upgrade") == [] && group.backend.values("HTTP2-Settings") == [])
      }
    }
  }
}
