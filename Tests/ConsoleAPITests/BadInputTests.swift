import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

/// "Every field of every call: too long, empty, wrong type, unknown member …: a problem that names the member, and
/// nothing changed."
@Suite(.latchkey, .serialized)
struct BadInputTests {
  private static func text(_ count: Int) -> JSONValue { .string(String(repeating: "x", count: count)) }

  private static let badNames: [JSONValue] = [
    "", "   ", text(101), 1, true, .null, [], [:], "a\u{0}b", "a\nb", "a\u{7F}b", "a\u{9B}b",
  ]
  private static let badRemarks: [JSONValue] = ["", text(1001), 1, [], "a\u{0}b", "a\u{1B}[0m"]
  private static let badTimes: [JSONValue] = [
    "", "tomorrow", 1, "2001-01-01T00:00:00Z", "2099-02-30T00:00:00Z", "2099-01-01", "2099-01-01T00:00:00",
    "2099-01-01T24:00:00Z", "10000-01-01T00:00:00Z", "2099-01-01T00:00:00+24:00",
  ]
  private static let badSlugs: [JSONValue] = ["", "A", "-a", "a-", "a_b", "ä", text(64), 1, .null, "a\u{0}"]
  private static let badEmails: [JSONValue] = [
    "", "x", "@x", "x@", "a@b@c", "a b@c", "ä@c.example", "a@ä.example", "a@c.example\u{0}", text(255), 1, .null,
  ]
  private static let badPasswords: [JSONValue] = ["", "elevenchars", text(257), 1, .null]

  @Test func namesEveryBadMemberOfANewKey() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      for (member, values) in [
        ("name", Self.badNames), ("description", Self.badRemarks), ("expiresAt", Self.badTimes),
      ] {
        for value in values {
          let answer = try await api.send(.post, "/subscription-keys", as: owner, .draft(member, value))
          #expect(answer.status == 422, "\(member): \(value)")
          #expect(answer.pointers == ["/\(member)"], "\(member): \(value)")
        }
      }
      let all = try await api.send(
        .post, "/subscription-keys", as: owner,
        ["name": "", "description": 1, "expiresAt": "x", "nam~e/": 1, "description": "twice"])
      #expect(all.pointers.sorted() == ["/description", "/description", "/expiresAt", "/name", "/nam~0e~1"])
      #expect(try await api.send(.post, "/subscription-keys", as: owner, [:]).pointers == ["/name"])
      #expect(try await api.send(.get, "/subscription-keys", as: owner)["items"] == [])
    }
  }

  @Test func namesEveryBadMemberOfAnUpdate() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let path = "/subscription-keys/\(try await api.key(of: owner))"
      let before = try await api.send(.get, path, as: owner)
      let states: [JSONValue] = ["", "Active", "deleted", 1, .null]
      for (member, values) in [
        ("name", Self.badNames), ("description", Self.badRemarks), ("expiresAt", Self.badTimes), ("state", states),
        ("id", ["sub_x"]), ("secrets", [[]]), ("createdAt", ["2099-01-01T00:00:00Z"]),
      ] {
        for value in values {
          let answer = try await api.send(.patch, path, as: owner, .object([.init(member, value)]))
          #expect(answer.status == 422, "\(member): \(value)")
          #expect(answer.pointers == ["/\(member)"], "\(member): \(value)")
        }
      }
      #expect(try await api.send(.patch, "/tenant", as: owner, ["name": .null]).pointers == ["/name"])
      #expect(try await api.send(.post, path + "/secrets", as: owner, ["x": 1]).pointers == ["/x"])
      #expect(try await api.send(.get, path, as: owner).json == before.json)
    }
  }

  @Test func namesEveryBadMemberOfASignUpAndSignIn() async throws {
    try await Harness.run { api in
      for (pointer, values) in [
        ("/name", Self.badNames), ("/slug", Self.badSlugs), ("/owner", [.null, 1, [], "x"]),
        ("/owner/name", Self.badNames), ("/owner/email", Self.badEmails), ("/owner/password", Self.badPasswords),
      ] {
        for value in values {
          let answer = try await api.send(.post, "/tenants", TenantTests.draft.replacing(pointer, with: value))
          #expect(answer.status == 422, "\(pointer): \(value)")
          #expect(answer.pointers == [pointer], "\(pointer): \(value)")
        }
      }
      let credentials: JSONValue = ["tenant": "acme", "email": "a@b.example", "password": "correct horse"]
      for (pointer, values) in [
        ("/tenant", Self.badSlugs), ("/email", Self.badEmails), ("/password", Self.badPasswords),
      ] {
        for value in values {
          let answer = try await api.send(.post, "/sessions", credentials.replacing(pointer, with: value))
          #expect(answer.status == 422, "\(pointer): \(value)")
          #expect(answer.pointers == [pointer], "\(pointer): \(value)")
        }
      }
      let empty = try await api.send(.post, "/tenants", ["owner": [:], "x": 1])
      #expect(
        empty.pointers.sorted() == ["/name", "/owner/email", "/owner/name", "/owner/password", "/slug", "/x"])
      #expect(try await api.database.only(Query<Int>("test.count", "SELECT count(*) FROM tenants")) == 0)
    }
  }

  /// threats.md, rows 11 and 24.
  @Test(arguments: [
    #"'; DROP TABLE tenants; --"#, #"" OR ""=""#, "%", "_", #"\"#, #"\u0027"#, "$1", "<script>alert(1)</script>",
    "&lt;b&gt;", "\u{202E}gnirts", "\u{200F}", "e\u{301}", "\u{E9}", "\u{1F469}\u{200D}\u{1F680}", " padded ",
    "\u{FFFE}", "\u{10FFFF}", "NULL", "../..", "{{7*7}}", "\u{212A}", "\u{FEFF}x",
  ])
  func keepsTextsAsGiven(text: String) async throws {
    try await Harness.run { api in
      var draft = TenantTests.draft
      for pointer in ["/name", "/owner/name"] { draft = draft.replacing(pointer, with: .string(text)) }
      let signedUp = try await api.send(.post, "/tenants", draft)
      let owner = try #require(Caller(signedUp))
      #expect(signedUp["tenant"]?["name"]?.text?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
      #expect(signedUp["account"]?["name"]?.text?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
      let created = try await api.send(
        .post, "/subscription-keys", as: owner,
        ["name": .string(text), "description": .string(text + "\n\t" + text)])
      let shown = try await api.send(.get, "/subscription-keys/\(created.id)", as: owner)
      #expect(shown["name"]?.text?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
      #expect(shown["description"]?.text?.unicodeScalars.elementsEqual((text + "\n\t" + text).unicodeScalars) == true)
      let updated = try await api.send(
        .patch, "/subscription-keys/\(created.id)", as: owner,
        ["name": .string(text + text), "description": .string(text)])
      #expect(updated["name"]?.text?.unicodeScalars.elementsEqual((text + text).unicodeScalars) == true)
      #expect(updated["description"]?.text?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
      let query = text.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      let found = try await api.send(.get, "/subscription-keys?q=\(query)", as: owner)
      #expect(found["items"]?.elements?.count == 1)
      #expect(try await api.send(.get, "/subscription-search?subscriptionId=\(query)", as: owner).status == 404)
      #expect(!shown.text.contains("<script"))
    }
  }
}

extension JSONValue {
  /// A good draft of a key, but for one member.
  fileprivate static func draft(_ member: String, _ value: JSONValue) -> JSONValue {
    .object([.init("name", "Key"), .init("description", "D")].filter { $0.name != member } + [.init(member, value)])
  }

  /// The same with another value at a pointer to a member.
  func replacing(_ pointer: String, with value: JSONValue) -> JSONValue {
    guard case .object(let members) = self else { return self }
    let path = pointer.dropFirst().split(separator: "/", maxSplits: 1)
    return .object(
      members.map { member in
        guard member.name == path[0] else { return member }
        return .init(member.name, path.count == 1 ? value : member.value.replacing("/" + path[1], with: value))
      })
  }
}
