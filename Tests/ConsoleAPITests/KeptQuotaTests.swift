import Contract
import HTTPTypes
import Model
import TestPostgres
import Testing

/// What the database keeps of a tenant is bound too, whether it can be deleted again or not.
@Suite(.latchkey, .serialized)
struct KeptQuotaTests {
  private func used(_ quota: String, by owner: Caller, in api: Harness) async throws -> JSONValue? {
    try await api.send(.get, "/tenant/quotas", as: owner)[quota]?["used"]
  }

  @Test func countsTheAPIsOfAllRevisions() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.group(of: owner)
      for path in ["/a", "/b"] { _ = try await api.api(of: owner, in: group, path: path) }
      try await limit(owner.tenant, TenantQuotas.Changes(revisionAPIs: 5))
      func freeze(_ version: String) async throws -> Answer {
        try await api.send(.post, "/api-groups/\(group)/revisions", as: owner, ["version": .string(version)])
      }
      for version in ["0.0.1", "0.0.2"] { #expect(try await freeze(version).status == 201) }
      #expect(try await freeze("0.0.3").code == "quota_exceeded")
      #expect(try await used("revisionApis", by: owner, in: api) == 4)
      // They go with their group.
      #expect(try await api.send(.delete, "/api-groups/\(group)", as: owner).status == 204)
      #expect(try await used("revisionApis", by: owner, in: api) == 0)
    }
  }

  @Test func countsDeploymentsThatHaveEnded() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.liveGroup(of: owner)
      try await limit(owner.tenant, TenantQuotas.Changes(deployments: 2))
      #expect(try await api.release(of: group, as: owner).status == 201)
      #expect(try await api.release(of: group, as: owner).code == "quota_exceeded")
      #expect(try await api.send(.delete, "/api-groups/\(group)/deployments/online", as: owner).status == 204)
      #expect(try await used("deployments", by: owner, in: api) == 2)
      #expect(try await api.send(.delete, "/api-groups/\(group)", as: owner).status == 204)
      #expect(try await used("deployments", by: owner, in: api) == 0)
    }
  }

  @Test func countsWhoMaySignInAndByWhat() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      try await limit(owner.tenant, TenantQuotas.Changes(accounts: 2, accessTokens: 1))
      let invitee = try await api.invite(.viewer, as: owner)
      let another: JSONValue = ["email": "another@acme.example", "name": "Another", "role": "viewer"]
      #expect(try await api.send(.post, "/accounts", as: owner, another).code == "quota_exceeded")
      #expect(try await api.send(.delete, invitee.path, as: owner).status == 204)
      #expect(try await api.send(.post, "/accounts", as: owner, another).status == 201)
      _ = try await api.accessToken(of: owner)
      #expect(try await api.send(.post, "/access-tokens", as: owner, ["name": "x"]).code == "quota_exceeded")
      #expect(try await used("accounts", by: owner, in: api) == 2)
      #expect(try await used("accessTokens", by: owner, in: api) == 1)
    }
  }
}
