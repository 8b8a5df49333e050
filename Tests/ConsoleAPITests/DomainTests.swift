import Contract
import HTTPTypes
import Model
import Postgres
import Store
import TestPostgres
import Testing

@testable import Console

/// Hosts that tenants claim, and who decides whose they are.
@Suite(.latchkey, .serialized)
struct DomainTests {
  @Test func claimsAHostAndTellsWhatToDo() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.group(of: owner)
      let created = try await api.claim("api.acme.example", for: group, as: owner)
      #expect(created.status == 201)
      #expect(
        created.json?.memberNames == [
          "id", "host", "groupId", "groupName", "environment", "state", "verificationToken", "verificationRecord",
          "instructions", "verifiedAt", "createdAt", "updatedAt",
        ])
      #expect(created["host"]?.text == "api.acme.example")
      #expect(created["groupId"]?.text == group && created["groupName"]?.text == "Group pets")
      #expect(created["state"]?.text == "pending" && created["verifiedAt"] == .null)
      let token = try #require(created["verificationToken"]?.text)
      #expect(ID<Domain.Verification>(token) != nil)
      #expect(created["verificationRecord"]?.text == "_latchkey.api.acme.example")
      let instructions = try #require(created["instructions"]?.text)
      for part in [token, "_latchkey.api.acme.example", created.id, "TXT"] { #expect(instructions.contains(part)) }
      let shown = try await api.send(.get, "/domains/\(created.id)", as: owner)
      #expect(shown.json == created.json)
      #expect(shown.headers[.eTag] == created.headers[.eTag])
    }
  }

  @Test(arguments: [
    "API.acme.example", "api.acme.example.", "localhost", "10.0.0.1", "[::1]", "bücher.example", "api.acme.example:80",
    "acme", "gw.example", "acme.gw.example", "a.b.gw.example", "console.corp.example", "x.localhost", "",
  ])
  func refusesWhatNoTenantCanHave(host: String) async throws {
    try await Harness.run(gatewayDomain: "gw.example", listenerHosts: ["127.0.0.1", "console.corp.example"]) { api in
      let owner = try await api.owner(of: "acme")
      let refused = try await api.claim(host, for: try await api.group(of: owner), as: owner)
      #expect(refused.status == 422)
      #expect(refused.pointers == ["/host"])
    }
  }

  @Test func bindsToGroupsOfItsOwnTenantOnly() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let (own, foreign) = (try await api.group(of: acme), try await api.group(of: globex))
      let absent = try await api.claim("a.example.com", for: "\(ID<APIGroup>.random())", as: acme)
      #expect(absent.status == 422 && absent.pointers == ["/groupId"])
      #expect(try await api.claim("a.example.com", for: foreign, as: acme).comparable == absent.comparable)
      #expect(try await api.claim("a.example.com", for: "x", as: acme).comparable == absent.comparable)
      let path = "/domains/\(try await api.claim("a.example.com", for: own, as: acme).id)"
      let moved = try await api.send(.patch, path, as: acme, ["groupId": .string("\(ID<APIGroup>.random())")])
      #expect(moved.status == 422 && moved.pointers == ["/groupId"])
      #expect(try await api.send(.patch, path, as: acme, ["groupId": .string(foreign)]).comparable == moved.comparable)
      #expect(try await api.send(.get, path, as: acme)["groupId"]?.text == own)
    }
  }

  @Test func oneTenantClaimsAHostOnceAndOthersToo() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let (first, second) = (try await api.group(of: acme), try await api.group(of: globex))
      let squatted = try await api.claim("api.acme.example", for: second, as: globex)
      let claimed = try await api.claim("api.acme.example", for: first, as: acme)
      #expect(claimed.status == 201, "a claim keeps nobody out")
      #expect(claimed["verificationToken"] != squatted["verificationToken"])
      let again = try await api.claim("api.acme.example", for: first, as: acme)
      #expect(again.status == 409 && again.code == "domain_exists" && again.pointers == ["/host"])
      _ = try await api.operate { try await $0.approve(.id(claimed.domain), showing: nil) }
      // Nothing tells the other tenant, nor a third.
      let initech = try await api.owner(of: "initech")
      let third = try await api.claim("api.acme.example", for: try await api.group(of: initech), as: initech)
      #expect(third.status == 201 && third["state"]?.text == "pending")
      let verified = try await api.send(.post, "/domains/\(squatted.id)/verify", as: globex)
      #expect(verified.status == 200 && verified.json == squatted.json)
    }
  }

  @Test func listsWhatIsAskedFor() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let (pets, toys) = (try await api.group(of: owner), try await api.group(of: owner, prefix: "toys"))
      for (host, group, environment) in [
        ("a.example.com", pets, "online"), ("b.example.com", pets, "test"), ("c.example.com", toys, "online"),
      ] { #expect(try await api.claim(host, for: group, environment, as: owner).status == 201) }
      _ = try await api.operate { desk in
        let claim = try await desk.domains(state: .pending)[1]
        return try await desk.approve(.host(claim.host), showing: claim.verificationToken)
      }
      for (query, expected) in [
        ("", ["c", "b", "a"]), ("?state=verified", ["b"]), ("?state=pending", ["c", "a"]), ("?state=rejected", []),
        ("?groupId=\(pets)", ["b", "a"]), ("?environment=online", ["c", "a"]), ("?host=c.example.com", ["c"]),
        ("?groupId=\(pets)&environment=online", ["a"]), ("?host=d.example.com", []), ("?limit=2", ["c", "b"]),
      ] {
        let answer = try await api.send(.get, "/domains" + query, as: owner)
        #expect(answer.items.compactMap { $0["host"]?.text?.prefix(1) } == expected.map { $0[...] }, "\(query)")
      }
      let page = try await api.send(.get, "/domains?limit=2", as: owner)
      let cursor = try #require(page["nextCursor"]?.text)
      let rest = try await api.send(.get, "/domains?limit=2&cursor=\(cursor)", as: owner)
      #expect(rest.items.count == 1 && rest["nextCursor"] == .null)
      #expect(try await api.send(.get, "/domains?state=x", as: owner).status == 422)
      let stranger = try await api.owner(of: "globex")
      #expect(try await api.send(.get, "/domains", as: stranger).items.isEmpty)
    }
  }

  @Test func isBoundAnewAndStaysVerified() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let (pets, toys) = (try await api.group(of: owner), try await api.group(of: owner, prefix: "toys"))
      let created = try await api.claim("a.example.com", for: pets, as: owner)
      let path = "/domains/\(created.id)"
      let stale = HTTPFields([.init(name: .ifMatch, value: try #require(created.headers[.eTag]))])
      _ = try await api.operate { try await $0.approve(.id(created.domain), showing: nil) }
      #expect(try await api.send(.patch, path, as: owner, ["environment": "test"], headers: stale).status == 412)
      var moved = Answer?.none
      let wakes = try await api.wakes {
        moved = try await api.send(.patch, path, as: owner, ["environment": "test", "groupId": .string(toys)])
      }
      #expect(wakes == 1 && moved?.status == 200)
      #expect(moved?["groupId"]?.text == toys && moved?["groupName"]?.text == "Group toys")
      #expect(moved?["environment"]?.text == "test" && moved?["state"]?.text == "verified")
      #expect(moved?["instructions"] == .null)
      #expect(try await api.send(.patch, path, as: owner, ["host": "b.example.com"]).status == 422)
      #expect(try await api.send(.patch, path, as: owner, ["state": "verified"]).status == 422)
      #expect(try await api.send(.patch, path, as: owner, ["groupId": .null]).status == 422)
      #expect(try await api.send(.patch, path, as: owner, [:]).status == 200)
      let deletionWakes = try await api.wakes {
        let deleted = try await api.send(.delete, path, as: owner)
        #expect(deleted.status == 204)
      }
      #expect(deletionWakes == 1)
      #expect(try await api.send(.get, path, as: owner).status == 404)
      #expect(try await api.send(.delete, path, as: owner).status == 404)
      #expect(try await api.send(.post, path + "/verify", as: owner).status == 404)
    }
  }

  @Test func goesWithItsGroup() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.group(of: owner)
      let domain = try await api.claim("a.example.com", for: group, as: owner)
      #expect(try await api.send(.delete, "/api-groups/\(group)", as: owner).status == 204)
      #expect(try await api.send(.get, "/domains/\(domain.id)", as: owner).status == 404)
      let events = try await api.send(.get, "/audit-events?entityId=\(domain.id)", as: owner).items
      #expect(events.map { $0["action"]?.text } == ["domain.deleted", "domain.created"])
    }
  }

  @Test func countsAgainstTheQuota() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.group(of: owner)
      _ = try await TestDatabase.current.withPool(user: "latchkey_owner") { pool in
        try await pool.run(Quotas.update(owner.tenant, to: TenantQuotas.Changes(domains: 1)))
      }
      let first = try await api.claim("a.example.com", for: group, as: owner)
      #expect(first.status == 201)
      let refused = try await api.claim("b.example.com", for: group, as: owner)
      #expect(refused.status == 409 && refused.code == "quota_exceeded")
      #expect(try await api.send(.get, "/tenant/quotas", as: owner)["domains"] == ["limit": 1, "used": 1])
      #expect(try await api.send(.delete, "/domains/\(first.id)", as: owner).status == 204)
      #expect(try await api.claim("b.example.com", for: group, as: owner).status == 201)
    }
  }
}

extension Harness {
  func claim(
    _ host: String, for group: String, _ environment: String = "online", as caller: Caller
  ) async throws -> Answer {
    try await send(
      .post, "/domains", as: caller,
      ["host": .string(host), "groupId": .string(group), "environment": .string(environment)])
  }

  /// What an operator does, who holds the owner's login.
  func operate<Value: Sendable>(
    ownHosts: OwnHosts = OwnHosts(), _ body: @escaping @Sendable (Operator) async throws -> Value
  ) async throws -> Value {
    let passwords = try PasswordHasher(.weak)
    let value = try await TestDatabase.current.withPool(user: "latchkey_owner") { pool in
      try await body(Operator(store: Store(pool: pool), passwords: passwords, ownHosts: ownHosts))
    }
    try await passwords.close()
    return value
  }
}

extension Answer {
  /// The id of an answered domain.
  var domain: ID<Domain> { ID(id)! }
}
