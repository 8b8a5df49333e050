import TestWire
import Testing

extension AttackTests {
  /// Rows 4 and 27: identities that a client forges, and ours that it tries to have removed.
  @Suite struct HeaderTests {
    static let ours = [
      "X-Latchkey-Subscription-Id", "X-Latchkey-Tenant", "X-Latchkey-Environment", "X-Request-Id", "X-Forwarded-For",
      "X-Forwarded-Proto", "X-Forwarded-Host",
    ]
    static let forged =
      ours + [
        "x-LATCHKEY-tenant", "X-Latchkey-Anything", "Forwarded", "X-Real-IP", "X-Forwarded-Port", "X-Forwarded-Prefix",
        "X-Original-URI", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri", "X-Original-Method",
        "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "Proxy-Authorization",
      ]

    enum Caller: String, CaseIterable {
      case required, observe, openWithKey, openWithout

      var accessMode: String { self == .required || self == .observe ? rawValue : "open" }
      var isKeyed: Bool { self != .openWithout }
      /// Whether it is admitted as who it is.
      var isKnown: Bool { self == .required || self == .observe }
    }

    @Test(arguments: Caller.allCases) func showsTheBackendOursAlone(caller: Caller) async throws {
      try await AttackTarget.current.withGroup(accessMode: caller.accessMode) { group in
        for name in Self.forged {
          // Before and behind the key, once and twice.
          let line = "\(name): forged\r\n"
          for fields in [line, line + "A: b\r\n" + line] {
            let request = group.request("GET", "/ok", fields, keyed: caller.isKeyed)
            let got = try await group.answers(to: request).statuses
            #expect(got == [200], "\(name)")
          }
        }
        let backend = group.backend
        let count = Self.forged.count * 2
        #expect(backend.requests.count == count && !backend.text.contains("forged"))
        #expect(backend.values("X-Latchkey-Environment") == Array(repeating: "online", count: count))
        #expect(backend.values("X-Forwarded-For") == Array(repeating: "127.0.0.1", count: count))
        let tenants = caller.isKnown ? Array(repeating: "globex", count: count) : []
        #expect(backend.values("X-Latchkey-Tenant") == tenants)
        #expect(backend.values("X-Latchkey-Subscription-Id").count == tenants.count)
        #expect(Set(backend.values("X-Request-Id")).count == count)
      }
    }

    /// Names that some servers take for ours.
    @Test(arguments: [
      "X_Latchkey_Tenant", "X-Latchkey_Tenant", "X.Latchkey.Tenant", "X_Forwarded_For", "X-Forwarded_Host",
      "X_Request_Id",
      "X-Latchkey-Tenant ", "X-Latchkey-Tenant\0",
    ])
    func refusesNamesThatAreTakenForOurs(name: String) async throws {
      try await AttackTarget.current.withGroup(accessMode: "open") { group in
        let got = try await group.answers(to: group.request("GET", "/ok", "\(name): forged\r\n")).statuses
        #expect(got == [400])
        #expect(group.backend.connections.isEmpty)
      }
    }

    @Test(arguments: ours + ["Host", "Content-Length", "Transfer-Encoding", "Via"], ["", "close, ", "keep-alive, "])
    func keepsOursThatConnectionNames(name: String, before: String) async throws {
      try await AttackTarget.current.withGroup { group in
        let fields = "Connection: \(before)\(name)\r\nConnection: X-Mine\r\nX-Mine: 1\r\nContent-Length: 2\r\n"
        let answers = try await group.answers(to: group.request("POST", "/ok", fields, body: "ab"))
        #expect(answers.statuses == [200])
        for name in Self.ours { #expect(group.backend.values(name).count == 1, "\(name)") }
        #expect(group.backend.values("X-Latchkey-Tenant") == ["globex"])
        #expect(group.backend.values("X-Latchkey-Subscription-Id") == [group.target.key.id])
        #expect(group.backend.values("Content-Length") == ["2"] && group.backend.values("Host").count == 1)
        #expect(group.backend.values("X-Mine") == [] && group.backend.values("Connection") == [])
      }
    }

    /// The key itself cannot be had passed on by naming it.
    @Test(arguments: ["jdcloud-apim-subscription-key", "X-Api-Key"])
    func removesTheKeyThatConnectionNames(name: String) async throws {
      try await AttackTarget.current.withGroup(keyHeaders: ["X-Api-Key"]) { group in
        let fields = "Connection: \(name)\r\n\(name): \(group.secret)\r\n"
        let got = try await group.answers(to: group.request("GET", "/ok", fields, keyed: false)).statuses
        #expect(got == [200])
        #expect(!group.backend.text.contains(group.secret))
      }
    }
  }
}
