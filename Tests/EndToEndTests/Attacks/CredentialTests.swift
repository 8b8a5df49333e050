import TestWire
import Testing

extension AttackTests {
  /// Rows 2 and 3: two credentials, and names that are nearly the right one.
  @Suite struct CredentialTests {
    /// Header lines; `GOOD` is a key that would be admitted, `OTHER` one of the same caller that would not.
    static let ambiguous = [
      "jdcloud-apim-subscription-key: GOOD\r\njdcloud-apim-subscription-key: OTHER\r\n",
      "jdcloud-apim-subscription-key: OTHER\r\njdcloud-apim-subscription-key: GOOD\r\n",
      "jdcloud-apim-subscription-key: GOOD\r\njdcloud-apim-subscription-key: GOOD\r\n",
      "jdcloud-apim-subscription-key: GOOD\r\nJDCLOUD-APIM-SUBSCRIPTION-KEY: x\r\n",
      "jdcloud-apim-subscription-key: GOOD\r\njdcloud-apim-subscription-key:\r\n",
      "jdcloud-apim-subscription-key:\r\njdcloud-apim-subscription-key: GOOD\r\n",
      "jdcloud-apim-subscription-key: GOOD, OTHER\r\n", "jdcloud-apim-subscription-key: GOOD,GOOD\r\n",
      "jdcloud-apim-subscription-key: GOOD,\r\n", "jdcloud-apim-subscription-key: GOOD GOOD\r\n",
      "jdcloud-apim-subscription-key: GOOD\r\nX-Api-Key: OTHER\r\n",
      "X-Api-Key: OTHER\r\njdcloud-apim-subscription-key: GOOD\r\n",
      "jdcloud-apim-subscription-key: GOOD\r\nX-Api-Key: GOOD\r\n",
      "jdcloud-apim-subscription-key: GOOD\r\nAuthorization: Bearer OTHER\r\n",
      "X-Api-Key: GOOD\r\nAuthorization: Bearer GOOD\r\n",
    ]

    @Test(arguments: ambiguous) func takesOneCredentialOrNone(fields: String) async throws {
      let target = AttackTarget.current
      let other = try await target.caller.key().secret
      try await target.withGroup(keyHeaders: ["X-Api-Key", "Authorization"]) { group in
        let fields = fields.replacing("GOOD", with: group.secret).replacing("OTHER", with: other)
        let answers = try await group.answers(to: group.request("GET", "/ok", fields, keyed: false))
        #expect(answers.statuses == [401])
        #expect(group.backend.connections.isEmpty)
      }
    }

    @Test(arguments: [
      "?jdcloud-apim-subscription-key=GOOD", "?subscription-key=GOOD", "?x-api-key=GOOD", "/GOOD", "?GOOD=1",
      "?a=b;GOOD",
    ])
    func neverReadsAKeyFromTheTarget(rest: String) async throws {
      try await AttackTarget.current.withGroup(keyHeaders: ["X-Api-Key"]) { group in
        let rest = rest.replacing("GOOD", with: group.secret)
        for keyed in [false, true] {
          let got = try await group.answers(to: group.request("GET", rest, keyed: keyed)).statuses
          #expect(got == [400])
        }
        #expect(group.backend.connections.isEmpty)
      }
    }

    /// The same key under a name that only its case tells from the right one; never upstream.
    @Test(arguments: [
      "jdcloud-apim-subscription-key: ", "JDCLOUD-APIM-SUBSCRIPTION-KEY:", "JdCloud-Apim-Subscription-Key:\t \t",
      "X-Api-Key: ", "x-API-key: ", "Authorization: Bearer ", "AUTHORIZATION: bearer ",
    ])
    func readsTheRightNameInAnyCase(line: String) async throws {
      try await AttackTarget.current.withGroup(keyHeaders: ["X-Api-Key", "Authorization"]) { group in
        let request = group.request("GET", "/ok", "\(line)\(group.secret) \t\r\n", keyed: false)
        let got = try await group.answers(to: request).statuses
        #expect(got == [200])
        #expect(group.backend.requests.count == 1 && !group.backend.text.contains(group.secret))
        #expect(group.backend.values("X-Latchkey-Tenant") == ["globex"])
      }
    }

    static let wrong: [(line: String, status: Int)] = [
      ("jdcloud_apim_subscription_key: GOOD", 400), ("jdcloud-apim-subscription_key: GOOD", 400),
      ("jdcloud.apim.subscription.key: GOOD", 400), ("jdcloud-apim-subscription-key : GOOD", 400),
      ("jdcloud-apim-subscription-key\t: GOOD", 400), (" jdcloud-apim-subscription-key: GOOD", 400),
      ("jdcloud-apim-subscription-key:\r\n GOOD", 400), ("A: b\r\n jdcloud-apim-subscription-key: GOOD", 400),
      ("jdcloud-apim-subscription-key\0: GOOD", 400), ("jdcloud-apim-subscription-key: GOOD\0", 400),
      ("jdcloud-apim-subscription-key: \0GOOD", 400), ("jdcloud-apim-subscription-key: GOOD\n", 400),
      ("jdcloud-apim-subscription-key: GOOD\rA: b", 400), ("jdcloud-apim-subscription-key; GOOD", 400),
      ("jdcloud-apim-subscription-key GOOD", 400), ("jdcloud-apim-subscription-key: \u{b}GOOD", 400),
      ("jdcloud-apim-subscription-k\u{e9}y: GOOD", 400), ("X-Api-Key: GOOD", 400), ("Referer: http://a/?GOOD", 400),
      ("jdcloud-apim-subscription-keys: GOOD", 400), ("Cookie: k=GOOD", 400), ("Authorization: Basic GOOD", 400),
      ("jdcloud-apim-subscription-key: \"GOOD\"", 401), ("jdcloud-apim-subscription-key: Bearer GOOD", 401),
      ("jdcloud-apim-subscription-key: GOODx", 401), ("jdcloud-apim-subscription-key: xGOOD", 401),
    ]

    @Test(arguments: wrong) func refusesAnyOtherNameOrForm(line: String, status: Int) async throws {
      try await AttackTarget.current.withGroup { group in
        let line = line.replacing("GOOD", with: group.secret)
        let answers = try await group.answers(to: group.request("GET", "/ok", "\(line)\r\n", keyed: false))
        #expect(answers.statuses == [status])
        #expect(!answers.contains(group.secret))
        #expect(group.backend.connections.isEmpty)
      }
    }

    /// Each letter of the key in the other case, and what only looks like it.
    @Test func takesNoOtherSpellingOfAKey() async throws {
      try await AttackTarget.current.withGroup { group in
        let secret = Array(group.secret)
        let flipped = secret.indices.compactMap { index -> String? in
          let letter = secret[index]
          guard letter.isLetter else { return nil }
          let other = Character(letter.isUppercase ? letter.lowercased() : letter.uppercased())
          return String(secret[..<index] + [other] + secret[(index + 1)...])
        }
        for spelling in flipped + [
          group.secret.uppercased(), group.secret.lowercased(), String(group.secret.dropLast()) + "\u{301}",
        ] {
          let request = group.request("GET", "/ok", "jdcloud-apim-subscription-key: \(spelling)\r\n", keyed: false)
          let got = try await group.answers(to: request).statuses
          #expect(got == [401])
        }
        #expect(group.backend.connections.isEmpty && flipped.count > 20)
      }
    }
  }
}
