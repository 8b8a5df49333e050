import Console
import Contract
import HTTPTypes
import Model
import TestPostgres
import Testing

@Suite(.latchkey, .serialized)
struct TenantTests {
  static let draft: JSONValue = [
    "name": "Acme", "slug": "acme",
    "owner": ["email": "jo@acme.example", "name": "Jo", "password": "correct horse battery"],
  ]

  @Test func signsATenantUpAndItsOwnerIn() async throws {
    try await Harness.run { api in
      let answer = try await api.send(.post, "/tenants", Self.draft)
      #expect(answer.status == 201)
      #expect(answer["tenant"]?["slug"]?.text == "acme")
      #expect(answer["tenant"]?["state"]?.text == "active")
      #expect(answer["account"]?["role"]?.text == "owner")
      #expect(!answer.text.contains("correct horse"))
      let caller = try #require(Caller(answer))
      let me = try await api.send(.get, "/me", as: caller)
      #expect(me.status == 200)
      #expect(me["account"]?["email"]?.text == "jo@acme.example")
      #expect(me["tenant"] == answer["tenant"])
    }
  }

  @Test func refusesASlugThatIsTaken() async throws {
    try await Harness.run { api in
      _ = try await api.owner(of: "acme")
      let answer = try await api.send(.post, "/tenants", Self.draft)
      #expect(answer.status == 409)
      #expect(answer.code == "slug_taken")
      #expect(answer.pointers == ["/slug"])
      #expect(!answer.text.contains("ten_"))
    }
  }

  @Test func refusesToSignUpWhereThatIsClosed() async throws {
    try await Harness.run(signUp: .closed) { api in
      let answer = try await api.send(.post, "/tenants", Self.draft)
      #expect(answer.status == 403)
      #expect(answer.code == "sign_up_closed")
    }
  }

  @Test func showsAndRenamesOnesOwnTenant() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let before = try await api.send(.get, "/tenant", as: acme)
      #expect(before["id"]?.text == acme.tenant.description)
      let tag = try #require(before.headers[.eTag])
      let renamed = try await api.send(.patch, "/tenant", as: acme, ["name": "Ajax"], headers: [.ifMatch: tag])
      #expect(renamed.status == 200)
      #expect(renamed["name"]?.text == "Ajax")
      #expect(renamed["slug"]?.text == "acme")
      #expect(try await api.send(.patch, "/tenant", as: acme, ["name": "B"], headers: [.ifMatch: tag]).status == 412)
      #expect(try await api.send(.patch, "/tenant", as: acme, ["slug": "b"]).pointers == ["/slug"])
      #expect(try await api.send(.get, "/tenant", as: globex)["name"]?.text == "Tenant globex")
    }
  }

  @Test func letsOnlyAnOwnerRename() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let admin = try await api.account(.admin, besides: owner)
      #expect(try await api.send(.patch, "/tenant", as: admin, ["name": "B"]).code == "forbidden")
      #expect(try await api.send(.get, "/tenant", as: admin).status == 200)
    }
  }
}
