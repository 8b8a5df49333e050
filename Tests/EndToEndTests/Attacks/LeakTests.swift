import Contract
import Foundation
import NIOHTTP1
import Postgres
import TestPostgres
import TestWire
import Testing

extension AttackTests {
  /// Row 5: the key reaches the backend, a log or an error. Keys of its own are the canaries.
  @Suite struct LeakTests {
    /// Requests with a canary in every place; `KEY` is it, `BASE64` a user's password that it is, `PERCENT` a form of it.
    static let places: [(name: String, request: String)] = [
      ("its own header", "GET PATH/ok HTTP/1.1\r\nHost: a\r\njdcloud-apim-subscription-key: KEY\r\n\r\n"),
      ("its own header, in HTTP/1.0", "GET PATH/ok HTTP/1.0\r\njdcloud-apim-subscription-key: KEY\r\n\r\n"),
      ("the group's header", "GET PATH/ok HTTP/1.1\r\nHost: a\r\nX-Api-Key: KEY\r\n\r\n"),
      ("a bearer", "GET PATH/ok HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer KEY\r\n\r\n"),
      ("a basic password", "GET PATH/ok HTTP/1.1\r\nHost: a\r\nAuthorization: Basic BASE64\r\n\r\n"),
      ("a basic password that is not encoded", "GET PATH/ok HTTP/1.1\r\nHost: a\r\nAuthorization: Basic KEY\r\n\r\n"),
      ("a wrong header", "GET PATH/ok HTTP/1.1\r\nHost: a\r\nX-Key: KEY\r\n\r\n"),
      ("a header's name", "GET PATH/ok HTTP/1.1\r\nHost: a\r\nKEY: a\r\n\r\n"),
      ("a cookie", "GET PATH/ok HTTP/1.1\r\nHost: a\r\nCookie: k=KEY\r\n\r\n"),
      ("the referer", "GET PATH/ok HTTP/1.1\r\nHost: a\r\nReferer: http://a/?k=KEY\r\n\r\n"),
      ("the query", "GET PATH/ok?key=KEY HTTP/1.1\r\nHost: a\r\n\r\n"),
      ("the path", "GET PATH/KEY HTTP/1.1\r\nHost: a\r\n\r\n"),
      ("the group", "GET /acme/online/KEY HTTP/1.1\r\nHost: a\r\n\r\n"),
      ("the host", "GET PATH/ok HTTP/1.1\r\nHost: KEY\r\n\r\n"),
      ("the method", "KEY PATH/ok HTTP/1.1\r\nHost: a\r\n\r\n"),
      ("Connection", "GET PATH/ok HTTP/1.1\r\nHost: a\r\nConnection: KEY\r\n\r\n"),
      ("a forwarding header", "GET PATH/ok HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: KEY\r\n\r\n"),
      ("the request's id", "GET PATH/ok HTTP/1.1\r\nHost: a\r\nX-Request-Id: KEY\r\n\r\n"),
      (
        "two headers", "GET PATH/ok HTTP/1.1\r\nHost: a\r\nX-Api-Key: KEY\r\njdcloud-apim-subscription-key: KEY\r\n\r\n"
      ),
      ("malformed", "GET PATH/ok HTTP/1.1\r\nHost: a\r\njdcloud-apim-subscription-key : KEY\r\n\r\n"),
      ("malformed behind it", "GET PATH/ok HTTP/1.1\r\nHost: a\r\njdcloud-apim-subscription-key: KEY\r\nA b\r\n\r\n"),
      ("another version", "GET PATH/ok HTTP/2.0\r\nHost: a\r\njdcloud-apim-subscription-key: KEY\r\n\r\n"),
      (
        "another coding",
        "POST PATH/ok HTTP/1.1\r\nHost: a\r\njdcloud-apim-subscription-key: KEY\r\nTransfer-Encoding: gzip\r\n\r\n"
      ),
      (
        "an expectation",
        "POST PATH/ok HTTP/1.1\r\nHost: a\r\njdcloud-apim-subscription-key: KEY\r\nExpect: KEY\r\n\r\n"
      ),
      ("no such group", "GET /acme/online/none HTTP/1.1\r\nHost: a\r\njdcloud-apim-subscription-key: KEY\r\n\r\n"),
      (
        "an upgrade",
        "GET PATH/ok HTTP/1.1\r\nHost: a\r\njdcloud-apim-subscription-key: KEY\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
      ),
      (
        "a trailer",
        "POST PATH/ok HTTP/1.1\r\nHost: a\r\njdcloud-apim-subscription-key: KEY\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: KEY\r\nB: PERCENT\r\nX-Api-Key: KEY\r\n\r\n"
      ),
      (
        "a bad body",
        "POST PATH/ok HTTP/1.1\r\nHost: a\r\njdcloud-apim-subscription-key: KEY\r\nTransfer-Encoding: chunked\r\n\r\nKEY\r\n"
      ),
      ("half a head", "GET PATH/ok HTTP/1.1\r\nHost: a\r\njdcloud-apim-subscription-key: KEY"),
    ]

    @Test func showsAKeyToNobody() async throws {
      let target = AttackTarget.current
      var canaries: [String] = []
      try await target.withGroup(keyHeaders: ["X-Api-Key", "Authorization"]) { group in
        for place in Self.places {
          for isAuthorized in [true, false] {
            let canary = try await target.caller.key()
            if isAuthorized { try await authorize(canary, for: group) }
            canaries.append(canary.secret)
            let request = Self.put(canary.secret, into: place.request.replacing("PATH", with: group.path))
            let answers = try await group.answers(to: request)
            #expect(!answers.contains(canary.secret), "\(place.name)")
            #expect(isAuthorized || !answers.statuses.contains(200), "\(place.name)")
          }
        }
        #expect(group.backend.requests.count >= 5)
        for form in canaries.flatMap(Self.forms) { #expect(!group.backend.text.contains(form)) }
      }
      canaries.append(try await retried())
      canaries.append(try await unreachable())
      try await expectNobodyWrote(canaries)
    }

    /// The canary as it is, in base64 as a password, and percent-encoded.
    private static func forms(of secret: String) -> [String] {
      [secret, Data("user:\(secret)".utf8).base64EncodedString(), secret.replacing("_", with: "%5F")]
    }

    private static func put(_ secret: String, into request: String) -> String {
      zip(["KEY", "BASE64", "PERCENT"], forms(of: secret)).reduce(request) { $0.replacing($1.0, with: $1.1) }
    }

    /// Nor a value that a provider brought along, wherever one is taken for a credential: it has no form to be known by.
    @Test func showsAnImportedKeyToNobody() async throws {
      let target = AttackTarget.current
      let names: Set<String> = [
        "its own header", "its own header, in HTTP/1.0", "the group's header", "a bearer", "two headers", "malformed",
        "malformed behind it", "another version", "another coding", "no such group", "an upgrade", "half a head",
      ]
      let places = Self.places.filter { names.contains($0.name) }
      #expect(places.count == names.count)
      var canaries: [String] = []
      try await target.withGroup(keyHeaders: ["X-Api-Key", "Authorization"]) { group in
        for place in places {
          let value = "brought-\(UUID().uuidString)"
          let made = try await target.provider.make("/subscription-keys", ["name": "brought", "value": .string(value)])
          try await authorize((try #require(made["id"]?.text), value), for: group)
          canaries.append(value)
          let request = Self.put(value, into: place.request.replacing("PATH", with: group.path))
          let answers = try await group.answers(to: request)
          #expect(!answers.contains(value), "\(place.name)")
        }
        #expect(group.backend.requests.count >= 5)
        for canary in canaries { #expect(!group.backend.text.contains(canary)) }
      }
      try await expectNobodyWrote(canaries)
    }

    /// Nor what signs a person in.
    @Test func writesNoSignInDown() async throws {
      let target = AttackTarget.current
      let password = UUID().uuidString, wrong = UUID().uuidString
      let slug = "hooli"
      let owner: JSONValue = ["email": "o@hooli.example", "name": "O", "password": .string(password)]
      let console = "http://\(target.latchkey.address(of: "console"))/v1"
      let json = [("Content-Type", "application/json")]
      let made = try await Caller.call(
        .POST, "\(console)/tenants", headers: json,
        body: (["name": "Hooli", "slug": .string(slug), "owner": owner] as JSONValue).string)
      let token = try #require(made.json["token"]?.text)
      for attempt in [password, wrong] {
        let body: JSONValue = ["tenant": .string(slug), "email": "o@hooli.example", "password": .string(attempt)]
        let answer = try await Caller.call(.POST, "\(console)/sessions", headers: json, body: body.string)
        #expect(answer.status == (attempt == password ? 201 : 401))
      }
      _ = try await Caller.call(.GET, "\(console)/me", headers: [("Authorization", "Bearer \(token)")])
      _ = try await Caller.call(.GET, "\(console)/me?token=\(token)", headers: [("Authorization", "Bearer x\(token)")])
      try await expectNobodyWrote([password, wrong, token])
    }

    private func authorize(_ key: (id: String, secret: String), for group: AttackedGroup) async throws {
      _ = try await group.target.provider.authorize(key.id, for: group.id)
      let check = "http://\(group.target.latchkey.address(of: "internal"))/check/nginx"
      let headers = [("X-Original-Method", "GET"), ("X-Original-URI", "\(group.path)/ready")] + keyed(key.secret)
      #expect(try await Caller.untilStatus(200, check, headers: headers).status == 200)
    }

    /// A request that is sent again because the backend gave up its connection.
    private func retried() async throws -> String {
      try await AttackTarget.current.withGroup(behaviour: .answersOncePerConnection) { group in
        let canary = try await group.target.caller.key()
        try await authorize(canary, for: group)
        let wire = try await Wire.connect(to: group.target.gatewayPort)
        for number in 0..<3 {
          try await wire.send(
            "GET \(group.path)/\(number) HTTP/1.1\r\nHost: a\r\njdcloud-apim-subscription-key: \(canary.secret)\r\n\r\n"
          )
          #expect(try await wire.read(through: "hello").hasPrefix("HTTP/1.1 200 "))
        }
        #expect(group.backend.connections.count > 1 && group.backend.requests.count > 3)
        #expect(!group.backend.text.contains(canary.secret))
        return canary.secret
      }
    }

    /// A request whose backend is not there.
    private func unreachable() async throws -> String {
      let target = AttackTarget.current
      let prefix = "g" + UUID().uuidString.prefix(8).lowercased()
      let canary = try await target.caller.key()
      let group = try await target.provider.release(prefix, backend: .http("http://127.0.0.1:1/"))
      _ = try await target.provider.authorize(canary.id, for: group)
      let url = "http://\(target.latchkey.address(of: "gateway"))/acme/online/\(prefix)/x"
      let answer = try await Caller.untilStatus(502, url, headers: keyed(canary.secret))
      #expect(answer.status == 502 && !answer.body.contains(canary.secret))
      return canary.secret
    }

    /// Looks where a process or its database writes: its log, its metrics, the database's log, its statistics of
    /// statements, and every table.
    private func expectNobodyWrote(_ canaries: [String]) async throws {
      let target = AttackTarget.current
      let serverLog = try String(contentsOfFile: target.server.logFile, encoding: .utf8)
      let metrics = try await Caller.call(.GET, "http://\(target.latchkey.address(of: "internal"))/metrics").body
      let statements = try await psql("SELECT query FROM pg_stat_statements")
      let dump = try await Command.run(
        script: "pg_dump -h \"$1\" -U postgres --data-only postgres", arguments: [target.server.configuration.host!])
      #expect(serverLog.contains("INSERT INTO subscription_secrets") && serverLog.contains("arameters: $1 = "))
      #expect(statements.contains("subscription_secrets") && dump.contains("subscription_secrets"))
      #expect(target.latchkey.log.contains("\"kind\":\"call\""))
      for canary in canaries {
        #expect(!target.latchkey.log.contains(canary))
        #expect(!serverLog.contains(canary))
        #expect(!statements.contains(canary))
        #expect(!dump.contains(canary))
        #expect(!metrics.contains(canary))
      }
    }

    private func psql(_ query: String) async throws -> String {
      try await Command.run(
        script:
          "psql -h \"$1\" -U postgres -XAtqc 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements' -c \"$2\" postgres",
        arguments: [AttackTarget.current.server.configuration.host!, query])
    }
  }
}
