import TestWire
import Testing

extension AttackTests {
  /// Row 1: a path that gateway and backend read differently.
  @Suite struct PathTests {
    /// What follows the group's path, none of which may be read as anything but what it says.
    static let refused = [
      "/..", "/../x", "/a/../b", "/./a", "/a/.", "/a/..", "//a", "/a//b", "//", "/%2e%2e/x", "/%2E./x", "/.%2e/x",
      "/%252e%252e/x", "/a%2fb", "/a%2Fb", "/a%5cb", "/a\\b", "/%5c..%5cb", "/a%252fb", "/%00", "/a%00.json", "/a\0",
      "/..;/x", "/..;a=b/x", "/.;/x", "/%c0%ae%c0%ae/x", "/%c0%af", "/%e0%80%af", "/%u002e", "/%", "/%2", "/%zz",
      "/a b", "/a#b", "/%61dmin", "/\u{7f}", "/a?b#c",
    ]

    @Test(arguments: refused) func refusesAPathThatCanBeReadTwofold(rest: String) async throws {
      try await AttackTarget.current.withGroup { group in
        let answers = try await group.answers(to: group.request("GET", rest))
        #expect(answers.statuses == [400])
        #expect(group.backend.connections.isEmpty)
      }
    }

    /// What goes upstream, byte for byte, if it goes.
    @Test(arguments: [
      ("", "/base/"), ("/", "/base/"), ("/a/", "/base/a/"), ("/a;x=1/b;y", "/base/a;x=1/b;y"), ("/A/b", "/base/A/b"),
      ("/a.b/...c/.d", "/base/a.b/...c/.d"), ("/%E2%82%AC", "/base/%E2%82%AC"), ("/a%20b", "/base/a%20b"),
      ("/a?..//%2e", "/base/a?..//%2e"), ("?a=b", "/base/?a=b"), ("/a??b", "/base/a??b"), ("/a%3Bb", "/base/a%3Bb"),
    ])
    func sendsTheBytesThatItAuthorized(rest: String, upstream: String) async throws {
      try await AttackTarget.current.withGroup { group in
        let got = try await group.answers(to: group.request("GET", rest)).statuses
        #expect(got == [200])
        #expect(group.backend.lines.first == "GET \(upstream) HTTP/1.1")
        #expect(group.backend.requests.count == 1)
      }
    }

    @Test(arguments: refused + ["", "/", "/a;x=1", "/A", "?a=b"])
    func letsNothingInWithoutAKey(rest: String) async throws {
      try await AttackTarget.current.withGroup { group in
        let answers = try await group.answers(to: group.request("GET", rest, keyed: false))
        #expect(answers.statuses == [400] || answers.statuses == [401])
        #expect(group.backend.connections.isEmpty)
      }
    }

    /// From a group that everybody may call into one that needs a key.
    @Test(arguments: [
      "/../%@/x", "/%%2e%%2e/%@/x", "/..%%2f%@/x", "/..;/%@/x", "/..\\%@/x", "//../%@/x", "/./../%@/x",
    ])
    func reachesNoOtherGroupThroughAnOpenOne(detour: String) async throws {
      try await AttackTarget.current.withGroup { closed in
        try await AttackTarget.current.withGroup(accessMode: "open") { open in
          let rest = detour.replacing("%@", with: closed.prefix).replacing("%%", with: "%")
          let got = try await open.answers(to: open.request("GET", rest, keyed: false)).statuses
          #expect(got == [400])
          #expect(open.backend.connections.isEmpty && closed.backend.connections.isEmpty)
        }
      }
    }

    /// Other forms of a target, and other spellings of where the group is.
    @Test(arguments: [
      ("GET http://a%@ HTTP/1.1", 400), ("GET http:%@ HTTP/1.1", 400), ("GET a%@ HTTP/1.1", 400),
      ("GET * HTTP/1.1", 400), ("GET  %@ HTTP/1.1", 400), ("GET %@  HTTP/1.1", 400), ("GET\t%@ HTTP/1.1", 400),
      ("GET /x%@ HTTP/1.1", 404), ("GET %%2F%@ HTTP/1.1", 400), ("GET /%@ HTTP/1.1", 400),
    ])
    func knowsTheGroupInOneFormOnly(line: String, status: Int) async throws {
      try await AttackTarget.current.withGroup { group in
        let line = line.replacing("%@", with: group.path).replacing("%%", with: "%")
        let got = try await group.answers(to: "\(line)\r\nHost: a\r\n\(group.keyLine)\r\n").statuses
        #expect(got == [status])
        #expect(group.backend.connections.isEmpty)
      }
    }

    @Test func tellsTheCaseOfAGroupsPath() async throws {
      try await AttackTarget.current.withGroup { group in
        for path in [group.path.uppercased(), "/Acme/online/\(group.prefix)", "/acme/Online/\(group.prefix)"] {
          let request = "GET \(path)/x HTTP/1.1\r\nHost: a\r\n\(group.keyLine)\r\n"
          let got = try await group.answers(to: request).statuses
          #expect(got == [404])
        }
        #expect(group.backend.connections.isEmpty)
      }
    }
  }
}
