import Contract
import Foundation
import HTTPTypes
import Model
import TestPostgres
import Testing

/// Every route with every kind of foreign id: another tenant's is, byte for byte, as one that never was (threats, row 9).
@Suite(.latchkey, .serialized, .timeLimit(.minutes(3)))
struct IsolationMatrixTests {
  /// One of each thing that a path can name, of one tenant.
  private typealias Things = [String: String]

  /// What is no thing of a tenant's, but a word of the API.
  private static let words = ["environment": "online"]

  /// Bodies that no schema describes in full.
  private static let bodies: [String: JSONValue] = [
    "importAPIs": ["openapi": "3.1.0", "info": ["title": "x", "version": "1"], "paths": [:]]
  ]

  @Test func foreignIsAbsentInEveryPath() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let own = try await things(of: acme, in: api)
      let foreign = try await things(of: globex, in: api)
      let before = try await events(of: globex, in: api)
      for operation in Operations(of: api.documented.document).signedIn {
        let named = operation.parameters.filter { Self.words[$0] == nil }
        for parameter in named {
          guard let foreignID = foreign[parameter], let ownID = own[parameter] else {
            Issue.record("\(operation.template): the matrix has no {\(parameter)}")
            continue
          }
          let absentID = Self.absent(like: ownID)
          // The other names are those of things that are there, so that only this one can be what is missing.
          for others in [own, foreign] {
            let (absent, found) = (
              try await ask(operation, others.merging([parameter: absentID]) { $1 }, as: acme, in: api),
              try await ask(operation, others.merging([parameter: foreignID]) { $1 }, as: acme, in: api)
            )
            #expect(absent.status == 404, "\(operation.id) {\(parameter)}: \(absent.text)")
            #expect(found.comparable == absent.comparable, "\(operation.id) {\(parameter)}")
          }
        }
      }
      #expect(try await events(of: globex, in: api) == before, "nothing of another's was changed")
    }
  }

  @Test func foreignIsAbsentInBodies() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let own = try await things(of: acme, in: api)
      let foreign = try await things(of: globex, in: api)
      let key = try #require(own["subscriptionKeyId"])
      func authorize(_ group: String) async throws -> Answer {
        try await api.send(
          .post, "/authorizations", as: acme,
          [
            "type": "subscriptionKey", "subscriptionId": .string(key),
            "targets": [["groupId": .string(group), "environment": "online"]],
          ])
      }
      let foreignGroup = try #require(foreign["groupId"])
      let absent = try await authorize(Self.absent(like: foreignGroup))
      #expect(absent.status == 422)
      #expect(absent.pointers == ["/targets/0/groupId"])
      #expect(try await authorize(foreignGroup).comparable == absent.comparable)
    }
  }

  /// An id of the same kind that nothing has.
  private static func absent(like id: String) -> String {
    let prefix = id.split(separator: "_").first ?? ""
    return "\(prefix)_" + ID<SubscriptionKey>.random().description.dropFirst(4)
  }

  private func ask(
    _ operation: Operations.Operation, _ things: Things, as caller: Caller, in api: Harness
  ) async throws -> Answer {
    var path = operation.template
    for parameter in operation.parameters {
      path = path.replacing("{\(parameter)}", with: Self.words[parameter] ?? things[parameter] ?? "")
    }
    let query = operation.path.drop { $0 != "?" }
    return try await api.send(operation.method, path + query, as: caller, Self.bodies[operation.id] ?? operation.body)
  }

  private func events(of caller: Caller, in api: Harness) async throws -> JSONValue? {
    try await api.send(.get, "/audit-events?limit=200", as: caller)["items"]
  }

  private func things(of owner: Caller, in api: Harness) async throws -> Things {
    var things: Things = [:]
    let key = try await api.send(.post, "/subscription-keys", as: owner, ["name": "key"])
    things["subscriptionKeyId"] = key.id
    things["secretId"] = try await api.send(.post, "/subscription-keys/\(key.id)/secrets", as: owner).id
    let group = try await api.group(of: owner)
    things["groupId"] = group
    things["apiId"] = try await api.api(of: owner, in: group)
    things["revisionId"] = try await api.revision(of: group, as: owner)
    _ = try await api.release(of: group, as: owner)
    things["authorizationId"] = try await api.send(
      .post, "/authorizations", as: owner,
      [
        "type": "subscriptionKey", "subscriptionId": .string(key.id),
        "targets": [["groupId": .string(group), "environment": "online"]],
      ]
    ).id
    things["accountId"] = try await api.send(
      .post, "/accounts", as: owner, ["email": "somebody@example.com", "name": "Somebody", "role": "viewer"]
    ).id
    things["accessTokenId"] = try await api.send(.post, "/access-tokens", as: owner, ["name": "token"]).id
    things["sessionId"] = try await api.send(.get, "/sessions", as: owner)["items"]?.elements?.first?["id"]?.text
    return things
  }
}
