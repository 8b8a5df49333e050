import Contract
import HTTPTypes
import TestPostgres
import Testing

/// A provider with a group that is live in `online` and `test`, and another tenant whose key is authorized for both.
struct DryRunSetup {
  let api: Harness
  let acme, globex: Caller
  let group, key, secret, pets, toys, authorization, policy: String

  /// What is told of a change that is tried.
  func trying(
    _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil, as caller: Caller
  ) async throws -> Answer {
    try await api.send(method, path + (path.contains("?") ? "&" : "?") + "dryRun=true", as: caller, body)
  }

  /// Has a gateway tell of as many calls as `count`, a power of two, by the key or without one.
  func record(
    _ count: Int, _ environment: String = "online", api: String = "", key: String? = nil,
    outcome: String = "admitted", reason: String = "", ago: String = "0 seconds"
  ) async throws {
    let record = Harness.recordUsage(
      of: group, environment, api: api, key: key ?? self.key, outcome: outcome, reason: reason, sequence: count,
      for: acme.tenant)
    try await Catalogue.run(record.replacing("epoch FROM now()", with: "epoch FROM now() - interval '\(ago)'"))
  }
}

extension DryRunSetup {
  static func run(_ body: @escaping @Sendable (DryRunSetup) async throws -> Void) async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let group = try await api.group(of: acme)
      let pets = try await api.api(of: acme, in: group)
      let toys = try await api.api(of: acme, in: group, path: "/toys")
      _ = try await api.revision(of: group, as: acme)
      for environment in ["online", "test"] {
        try #require(try await api.release(of: group, to: environment, as: acme).status == 201)
      }
      let key = try await api.key(of: globex)
      let secret = try await api.send(.post, "/subscription-keys/\(key)/secrets", as: globex).id
      let policy = try await api.limitPolicy(of: acme).id
      let authorization = try await api.authorize(
        key, for: [(group, "online"), (group, "test")], as: acme, under: policy)
      try #require(authorization.status == 201)
      try await body(
        DryRunSetup(
          api: api, acme: acme, globex: globex, group: group, key: key, secret: secret, pets: pets, toys: toys,
          authorization: authorization.id, policy: policy))
    }
  }
}
