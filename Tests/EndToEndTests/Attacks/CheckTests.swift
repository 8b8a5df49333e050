import TestWire
import Testing

extension AttackTests {
  /// Row 26: a check that trusts the wrong header.
  @Suite struct CheckTests {
    private func ask(_ form: String, _ fields: String) async throws -> String {
      let wire = try await Wire.connect(to: AttackTarget.current.internalPort)
      try await wire.send("GET /check/\(form) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
      try await wire.finish()
      return await wire.readToAnyEnd().text
    }

    /// What the proxy says of the request, in the words of its form.
    private func original(_ form: String, _ uri: String) -> String {
      form == "nginx"
        ? "X-Original-Method: GET\r\nX-Original-URI: \(uri)\r\n"
        : "X-Forwarded-Method: GET\r\nX-Forwarded-Uri: \(uri)\r\nX-Forwarded-Host: a\r\n"
    }

    /// A client that was let through to a group it may call sends the other form's words for one it may, and cannot get
    /// into this one by them.
    @Test(arguments: ["nginx", "forwarded"]) func readsItsOwnWordsAlone(form: String) async throws {
      let target = AttackTarget.current
      let other = form == "nginx" ? "forwarded" : "nginx"
      try await target.withGroup(isAuthorized: false) { closed in
        try await target.withGroup { mine in
          let key = mine.keyLine
          let inMine = original(form, "\(mine.path)/x"), inClosed = original(form, "\(closed.path)/x")
          let otherMine = original(other, "\(mine.path)/x"), otherClosed = original(other, "\(closed.path)/x")
          let got = try await ask(form, key + inMine).statuses
          #expect(got == [200])
          for fields in [inClosed, inClosed + otherMine, otherMine + inClosed] {
            let got = try await ask(form, key + fields).statuses
            #expect(got == [403])
          }
          for fields in [inMine + otherClosed, otherClosed + inMine] {
            let got = try await ask(form, key + fields).statuses
            #expect(got == [200])
          }
          // Without its own words it decides nothing.
          let missing = try await ask(form, key + otherMine)
          #expect(missing.statuses == [form == "nginx" ? 403 : 400])
          #expect(form != "nginx" || missing.contains("X-Latchkey-Status: 400\r\n"))
          #expect(mine.backend.connections.isEmpty && closed.backend.connections.isEmpty)
        }
      }
    }

    @Test(arguments: [
      ("nginx", "X-Original-URI"), ("nginx", "X-Original-Method"), ("forwarded", "X-Forwarded-Uri"),
      ("forwarded", "X-Forwarded-Method"), ("forwarded", "X-Forwarded-Host"), ("nginx", "x-original-uri"),
    ])
    func refusesADoubledWord(form: String, name: String) async throws {
      let target = AttackTarget.current
      try await target.withGroup(isAuthorized: false) { closed in
        try await target.withGroup { mine in
          let value =
            name.lowercased().hasSuffix("uri") ? "\(mine.path)/x" : name.hasSuffix("Host") ? "a" : "GET"
          let doubled = "\(name): \(value)\r\n"
          for fields in [
            doubled + original(form, "\(closed.path)/x"), original(form, "\(mine.path)/x") + doubled,
          ] {
            let answer = try await ask(form, mine.keyLine + fields)
            #expect(answer.statuses == [form == "nginx" ? 403 : 400])
            #expect(!answer.contains("X-Latchkey-Tenant"))
          }
        }
      }
    }

    /// A proxy copies what it gets: an empty header overwrites the client's forged one, a missing one lets it through.
    @Test(arguments: ["nginx", "forwarded"]) func namesEveryIdentityAlsoThatOfNobody(form: String) async throws {
      try await AttackTarget.current.withGroup(accessMode: "open") { group in
        let forged = "X-Latchkey-Tenant: forged\r\nX-Latchkey-Subscription-Id: forged\r\n"
        let answer = try await ask(form, forged + original(form, "\(group.path)/x"))
        #expect(answer.statuses == [200] && !answer.contains("forged"))
        #expect(answer.contains("\r\nX-Latchkey-Tenant: \r\n"))
        #expect(answer.contains("\r\nX-Latchkey-Subscription-Id: \r\n"))
        #expect(answer.contains("\r\nContent-Length: 0\r\n") && answer.hasSuffix("\r\n\r\n"))
      }
    }

    /// The paths of row 1, told by a proxy.
    @Test(arguments: PathTests.refused.filter { !$0.contains("\0") && !$0.contains("\u{7f}") })
    func judgesAPathAsIfItHadComeByItself(rest: String) async throws {
      try await AttackTarget.current.withGroup { group in
        for form in ["nginx", "forwarded"] {
          let answer = try await ask(form, group.keyLine + original(form, group.path + rest))
          #expect(answer.statuses == [form == "nginx" ? 403 : 400])
        }
      }
    }
  }
}
