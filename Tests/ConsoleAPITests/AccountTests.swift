import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

@Suite(.latchkey, .serialized)
struct AccountTests {
  static let draft: JSONValue = ["email": "jo@acme.example", "name": "Jo", "role": "developer"]

  @Test func invitesAPersonAndShowsTheTokenOnce() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let created = try await api.send(.post, "/accounts", as: owner, Self.draft)
      #expect(created.status == 201)
      #expect((created["state"], created["role"], created["email"]) == ("invited", "developer", "jo@acme.example"))
      let token = try #require(created["invitation"]?["token"]?.text)
      #expect(token.wholeMatch(of: /inv_[0-9A-Za-z]{49}/) != nil)
      let shown = try await api.send(.get, "/accounts/\(created.id)", as: owner)
      #expect(shown["invitation"] == nil)
      #expect(shown.headers[.eTag] == created.headers[.eTag])
      let list = try await api.send(.get, "/accounts", as: owner)
      #expect(list.items.map { $0["id"]?.text } == [created.id, owner.account.description])
      #expect(list.items.first == shown.json)
      let digest = try await api.database.only(
        Query<[UInt8]>("test.digest", "SELECT token_digest FROM invitations"))
      #expect(digest == SecretDigest(hashing: token).bytes)
      let left = try await api.database.only(
        Query<Double>("test.left", "SELECT extract(epoch FROM expires_at - now())::float8 FROM invitations"))
      #expect((604_740...604_800).contains(left))
    }
  }

  @Test func pagesThroughAccounts() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let (first, second) = (try await api.invite(.viewer, as: owner), try await api.invite(.admin, as: owner))
      let page = try await api.send(.get, "/accounts?limit=2", as: owner)
      #expect(page.items.map { $0["id"]?.text } == [second.id, first.id])
      let cursor = try #require(page["nextCursor"]?.text)
      let rest = try await api.send(.get, "/accounts?limit=2&cursor=\(cursor)", as: owner)
      #expect(rest.items.map { $0["id"]?.text } == [owner.account.description])
      #expect(try await api.send(.get, "/access-tokens?cursor=\(cursor)", as: owner).pointers == ["?cursor"])
      #expect(try await api.send(.get, "/accounts?role=viewer", as: owner).pointers == ["?role"])
    }
  }

  @Test func changesAnAccountOfTheVersionThatWasRead() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let invitee = try await api.invite(.viewer, as: owner)
      let tag = try #require(try await api.send(.get, invitee.path, as: owner).headers[.eTag])
      let changed = try await api.send(
        .patch, invitee.path, as: owner, ["name": "Joanna", "role": "admin"], headers: [.ifMatch: tag])
      #expect(changed.status == 200)
      #expect((changed["name"], changed["role"], changed["state"]) == ("Joanna", "admin", "invited"))
      #expect(changed.headers[.eTag] != tag)
      let stale = try await api.send(.patch, invitee.path, as: owner, ["name": "X"], headers: [.ifMatch: tag])
      #expect(stale.code == "precondition_failed")
      #expect(try await api.send(.get, invitee.path, as: owner)["name"] == "Joanna")
    }
  }

  @Test func namesEveryBadMember() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let invitee = try await api.invite(.viewer, as: owner)
      let roles: [JSONValue] = ["", "root", "Owner", 1, .null]
      let names: [JSONValue] = ["", " ", 1, .null, .string(String(repeating: "x", count: 101)), "a\u{0}b"]
      for (member, values) in [
        ("role", roles), ("name", names), ("email", ["", "x", 1, .null, "a@b@c", "ä@b.example"]),
      ] {
        for value in values {
          let answer = try await api.send(
            .post, "/accounts", as: owner, Self.draft.replacing("/\(member)", with: value))
          #expect(answer.status == 422, "\(member): \(value)")
          #expect(answer.pointers == ["/\(member)"], "\(member): \(value)")
        }
      }
      for (member, values) in [
        ("role", roles), ("name", names), ("state", ["invited", "", 1, .null]), ("email", ["a@b.example"]),
        ("password", [.string(Harness.password)]), ("id", ["acc_x"]),
      ] {
        for value in values {
          let answer = try await api.send(.patch, invitee.path, as: owner, .object([.init(member, value)]))
          #expect(answer.pointers == ["/\(member)"], "\(member): \(value)")
        }
      }
      let empty = try await api.send(.post, "/accounts", as: owner, ["state": "active"])
      #expect(empty.pointers.sorted() == ["/email", "/name", "/role", "/state"])
      #expect(try await api.send(.get, "/accounts", as: owner).items.count == 2)
    }
  }

  @Test func refusesAnAddressThatTheTenantHas() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let draft = Self.draft.replacing("/email", with: "OWNER@acme.example")
      let taken = try await api.send(.post, "/accounts", as: acme, draft)
      #expect(taken.status == 409)
      #expect(taken.code == "email_taken")
      #expect(taken.pointers == ["/email"])
      #expect(try await api.send(.post, "/accounts", as: globex, draft).status == 201)
    }
  }

  /// threats.md, row 24.
  @Test(arguments: awkwardTexts)
  func keepsNamesAsGiven(text: String) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let created = try await api.send(
        .post, "/accounts", as: owner, Self.draft.replacing("/name", with: .string(text)))
      let path = "/accounts/\(created.id)"
      #expect(
        try await api.send(.get, path, as: owner)["name"]?.text?.unicodeScalars.elementsEqual(text.unicodeScalars)
          == true)
      let token = try await api.send(.post, "/access-tokens", as: owner, ["name": .string(text)])
      let shown = try await api.send(.get, "/access-tokens/\(token.id)", as: owner)
      #expect(shown["name"]?.text?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
    }
  }

  @Test func aChangeHoldsAtOnceForSessionsAndTokens() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let member = try await api.member(.admin, besides: owner)
      let program = member.showing(try await api.accessToken(of: member))
      let group: JSONValue = ["name": "G", "prefix": "g", "accessMode": "open"]
      #expect(try await api.send(.patch, member.path, as: owner, ["role": "viewer"]).status == 200)
      for caller in [member, program] {
        #expect(try await api.send(.post, "/api-groups", as: caller, group).code == "forbidden")
        #expect(try await api.send(.get, "/accounts", as: caller).status == 200)
      }
      #expect(try await api.send(.patch, member.path, as: owner, ["role": "admin"]).status == 200)
      #expect(try await api.send(.post, "/api-groups", as: program, group).status == 201)

      #expect(try await api.send(.patch, member.path, as: owner, ["state": "disabled"])["state"] == "disabled")
      for caller in [member, program] { #expect(try await api.send(.get, "/me", as: caller).status == 401) }
      let email = try #require(try await api.send(.get, member.path, as: owner)["email"]?.text)
      #expect(try await api.signIn(email).code == "wrong_credentials")
      // What was closed by itself stays closed.
      #expect(try await api.send(.patch, member.path, as: owner, ["state": "active"])["state"] == "active")
      #expect(try await api.send(.get, "/me", as: member).status == 401)
      #expect(try await api.send(.get, "/me", as: program).status == 200)
      let again = try #require(Caller(try await api.signIn(email)))

      #expect(try await api.send(.delete, member.path, as: owner).status == 204)
      for caller in [program, again] { #expect(try await api.send(.get, "/me", as: caller).status == 401) }
      #expect(try await api.send(.get, member.path, as: owner).status == 404)
      #expect(try await api.signIn(email).code == "wrong_credentials")
    }
  }

  @Test func keepsWhatADeletedAccountMade() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let member = try await api.member(.developer, besides: owner)
      let key = try await api.key(of: member)
      #expect(try await api.send(.delete, member.path, as: owner).status == 204)
      let kept = try await api.send(.get, "/subscription-keys/\(key)", as: owner)
      #expect(kept.status == 200)
      #expect(kept["createdBy"] == .null)
    }
  }
}

extension AccountTests {
  /// The audit tells of what is done to accounts, and of no token.
  @Test func isWrittenDownWithoutSecrets() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let invitee = try await api.invite(.viewer, as: owner)
      let member = try #require(Caller(try await api.accept(invitee.token)))
      let value = try await api.accessToken(of: member)
      #expect(try await api.send(.get, "/me", as: member.showing(value)).status == 200)
      #expect(try await api.send(.patch, member.path, as: owner, ["role": "admin"]).status == 200)
      #expect(try await api.send(.delete, member.path, as: owner).status == 204)
      let events = try await api.send(.get, "/audit-events?limit=200", as: owner)
      let actions = events.items.compactMap { $0["action"]?.text }
      for action in [
        "account.created", "invitation.created", "invitation.deleted", "account.updated", "accessToken.created",
        "accessToken.deleted", "account.deleted",
      ] {
        #expect(actions.contains(action), "\(action)")
      }
      #expect(!actions.contains("accessToken.updated"), "a use is no event")
      for secret in [invitee.token, value, member.token] { #expect(!events.text.contains(secret)) }
    }
  }

  @Test func repeatsAnAnswerWithoutWhatItShowedOnce() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      for (path, body) in [
        ("/accounts", Self.draft), ("/access-tokens", ["name": "CI"]),
        ("/accounts/\(try await api.invite(.viewer, as: owner).id)/invitation", nil),
      ] as [(String, JSONValue?)] {
        let key: HTTPFields = [HTTPField.Name("Idempotency-Key")!: "k" + path.replacing("/", with: "-")]
        let first = try await api.send(.post, path, as: owner, body, headers: key)
        let again = try await api.send(.post, path, as: owner, body, headers: key)
        #expect(first.status == 201)
        #expect(again.status == 201)
        let secret = first["value"] ?? first["token"] ?? first["invitation"]?["token"]
        #expect(try !again.text.contains(#require(secret?.text)))
        #expect(again["id"] == first["id"])
      }
    }
  }
}
