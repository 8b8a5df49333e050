import Contract
import Foundation
import HTTPTypes
import Model
import Postgres
import Sealing
import Store
import TestPostgres
import Testing

/// Headers by which a backend knows the gateway: given with a release, sealed, and never shown again.
@Suite(.latchkey, .serialized)
struct BackendHeaderTests {
  private static func backend(_ headers: JSONValue) -> JSONValue {
    ["type": "http", "url": "http://backend.example", "headers": headers]
  }

  private static let headers: JSONValue = [
    ["name": "X-Api-Key", "value": "a canary"], ["name": "Authorization", "value": "Bearer canary"],
  ]

  @Test func showsTheNamesOnly() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.liveGroup(of: owner)
      let released = try await api.release(of: group, as: owner, backend: Self.backend(Self.headers))
      #expect(released.status == 201)
      let names: JSONValue = [["name": "X-Api-Key"], ["name": "Authorization"]]
      #expect(released["backend"] == Self.backend(names))
      let listed = try await api.send(.get, "/api-groups/\(group)/deployments", as: owner)
      #expect(listed.items.map { $0["backend"]?["headers"] } == [names, []])
      #expect(!released.text.contains("canary") && !listed.text.contains("canary"))
    }
  }

  @Test func keepsThemSealedForTheirDeployment() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.liveGroup(of: owner)
      let released = try await api.release(of: group, as: owner, backend: Self.backend(Self.headers))
      let deployment = try #require(ID<Deployment>(released.id))
      let query = Query<[UInt8]>(
        "test.sealed", "SELECT backend_headers_sealed FROM deployments WHERE id = \(released.id)")
      let sealed = try await api.database.only(query)
      #expect(!String(decoding: sealed, as: UTF8.self).contains("canary"))
      let sealer = try #require(SealingKeyRing(String(repeating: "5a", count: 32)).map { Sealer($0) })
      let place = SealedPlace(backendHeadersOf: deployment, in: owner.tenant)
      let opened = try sealer.open(sealed, for: .backendHeaders, at: place)
      #expect(String(decoding: opened, as: UTF8.self) == "X-Api-Key: a canary\r\nAuthorization: Bearer canary\r\n")
    }
  }

  private static func same(as deployment: String) -> JSONValue {
    ["type": "deployment", "deploymentId": .string(deployment)]
  }

  @Test func goesBackToABackendWithItsHeaders() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.liveGroup(of: owner)
      let first = try await api.release(of: group, as: owner, backend: Self.backend(Self.headers))
      _ = try await api.release(of: group, as: owner)
      let again = try await api.release(of: group, as: owner, backend: Self.same(as: first.id))
      #expect(again.status == 201)
      #expect(again["backend"] == first["backend"])
      #expect(again.id != first.id && !again.text.contains("canary"))
      let deployment = try #require(ID<Deployment>(again.id))
      let query = Query<[UInt8]>(
        "test.sealed", "SELECT backend_headers_sealed FROM deployments WHERE id = \(again.id)")
      let sealer = try #require(SealingKeyRing(String(repeating: "5a", count: 32)).map { Sealer($0) })
      let place = SealedPlace(backendHeadersOf: deployment, in: owner.tenant)
      let opened = try sealer.open(try await api.database.only(query), for: .backendHeaders, at: place)
      #expect(String(decoding: opened, as: UTF8.self) == "X-Api-Key: a canary\r\nAuthorization: Bearer canary\r\n")
    }
  }

  @Test func goesBackToOwnDeploymentsOnly() async throws {
    try await Harness.run { api in
      let (owner, stranger) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let group = try await api.liveGroup(of: owner)
      let others = try await api.liveGroup(of: owner, prefix: "other")
      let other = try await api.release(of: others, as: owner)
      let foreign = try await api.release(of: try await api.liveGroup(of: stranger), as: stranger)
      for id in [other.id, foreign.id, "dep_00000000000000000000000000", "x"] {
        let refused = try await api.release(of: group, as: owner, backend: Self.same(as: id))
        #expect(refused.status == 422, "\(id)")
        #expect(refused.pointers == ["/backend/deploymentId"], "\(id)")
      }
      let missing = try await api.release(of: group, as: owner, backend: ["type": "deployment"])
      #expect(missing.pointers == ["/backend/deploymentId"])
      let listed = try await api.send(.get, "/api-groups/\(group)/deployments", as: owner)
      #expect(listed.items.count == 1)
    }
  }

  @Test func saysThatThereIsNoKey() async throws {
    try await Harness.run(sealer: nil) { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.liveGroup(of: owner)
      let refused = try await api.release(of: group, as: owner, backend: Self.backend(Self.headers))
      #expect(refused.status == 409)
      #expect(refused.code == "no_sealing_key")
      #expect(try await api.send(.get, "/api-groups/\(group)/deployments", as: owner).items.count == 1)
      for headers in [[], .null] as [JSONValue] {
        #expect(try await api.release(of: group, as: owner, backend: Self.backend(headers)).status == 201)
      }
    }
  }

  private static let bad: [(JSONValue, [String])] = [
    ("x", [""]), ([["name": "A"]], ["/0/value"]), ([["value": "a"]], ["/0/name"]), (["x"], ["/0"]),
    ([["name": "A", "value": "b", "more": 1]], ["/0/more"]), ([["name": "Host", "value": "a"]], ["/0/name"]),
    ([["name": "X-Latchkey-Tenant", "value": "a"]], ["/0/name"]),
    ([["name": "Content-Length", "value": "a"]], ["/0/name"]),
    ([["name": "Transfer_Encoding", "value": "a"]], ["/0/name"]),
    ([["name": "A", "value": "b\r\nC: d"]], ["/0/value"]), ([["name": "A", "value": ""]], ["/0/value"]),
    ([["name": "A-B", "value": "1"], ["name": "a_b", "value": "2"]], ["/1"]),
    (.array((0...16).map { ["name": .string("A\($0)"), "value": "a"] }), [""]),
  ]

  @Test func refusesBadOnesAndRepeatsNoValue() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.liveGroup(of: owner)
      for (headers, pointers) in Self.bad {
        let refused = try await api.release(of: group, as: owner, backend: Self.backend(headers))
        #expect(refused.status == 422, "\(headers)")
        #expect(refused.pointers == pointers.map { "/backend/headers" + $0 }, "\(headers)")
      }
      let long = String(repeating: "canary", count: 1000)
      let refused = try await api.release(
        of: group, as: owner, backend: Self.backend([["name": "A", "value": .string(long)]]))
      #expect(refused.status == 422 && !refused.text.contains("canary"))
    }
  }

  @Test func putsEverythingUnderTheNewestKey() async throws {
    let key = String(repeating: "5a", count: 32)
    let newer = "2:\(String(repeating: "6b", count: 32))"
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.liveGroup(of: owner)
      for _ in 1...3 { _ = try await api.release(of: group, as: owner, backend: Self.backend(Self.headers)) }
      let both = Sealer(try #require(SealingKeyRing("\(newer),1:\(key)")))
      try await TestDatabase.current.withPool(user: "latchkey_owner", maximumConnections: 1) { pool in
        // One that was moved from another row opens nowhere, and keeps nobody from the rest.
        let moved = Query<Void>(
          "test.move",
          """
          UPDATE deployments SET backend_headers_sealed = (
            SELECT backend_headers_sealed FROM deployments WHERE ended_at IS NULL)
          WHERE id = (SELECT min(id) FROM deployments WHERE ended_at IS NOT NULL AND backend_headers_sealed IS NOT NULL)
          """)
        try await pool.execute(moved)
        let first = try await Resealing(under: both, in: pool).run()
        #expect(first.resealed == 2)
        #expect(first.failures.count == 1)
        #expect(try await Resealing(under: both, in: pool).run().resealed == 0)
      }
      let query = Query<Int64>(
        "test.version",
        "SELECT count(*) FROM deployments WHERE substring(backend_headers_sealed FOR 4) = '\\x00000002'")
      #expect(try await api.database.only(query) == 2)
    }
  }
}
