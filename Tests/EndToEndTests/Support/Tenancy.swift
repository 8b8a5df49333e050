import Contract
import Foundation
import NIOHTTP1
import Testing

/// A tenant with its owner signed in, calling the console of one node.
struct Tenancy {
  let slug: String
  let console: String
  let token: String

  /// Somebody who is signed in already.
  init(slug: String, console: String, token: String) {
    (self.slug, self.console, self.token) = (slug, console, token)
  }

  /// Signs a tenant up.
  init(_ slug: String, at console: String) async throws {
    let owner: JSONValue = [
      "email": .string("owner@\(slug).example"), "name": "Owner", "password": .string(UUID().uuidString),
    ]
    let body: JSONValue = ["name": .string(slug.capitalized), "slug": .string(slug), "owner": owner]
    let answer = try await Caller.call(.POST, "http://\(console)/v1/tenants", headers: Self.json, body: body.string)
    try #require(answer.status == 201, "\(answer.body)")
    (self.slug, self.console) = (slug, console)
    token = try #require(answer.json["token"]?.text)
  }

  func call(_ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil) async throws -> Answer {
    let headers = Self.json + [("Authorization", "Bearer \(token)")]
    return try await Caller.call(method, "http://\(console)/v1\(path)", headers: headers, body: body?.string)
  }

  /// What a POST created.
  func make(_ path: String, _ body: JSONValue) async throws -> JSONValue {
    let answer = try await call(.POST, path, body)
    try #require(answer.status == 201, "POST \(path): \(answer.body)")
    return try answer.json
  }

  /// The id and the secret of a new subscription key.
  func key() async throws -> (id: String, secret: String) {
    let key = try await make("/subscription-keys", ["name": "test"])
    return (try #require(key["id"]?.text), try #require(key["secrets"]?.elements?.first?["value"]?.text))
  }

  /// The id of a new group that takes every call, released to an environment.
  func release(
    _ prefix: String, backend: JSONValue, environment: String = "online", accessMode: String = "required",
    keyHeaders: [JSONValue] = []
  ) async throws -> String {
    let draft: JSONValue = [
      "name": .string(prefix), "prefix": .string(prefix), "accessMode": .string(accessMode),
      "keyHeaders": .array(keyHeaders),
    ]
    let group = try #require(try await make("/api-groups", draft)["id"]?.text)
    _ = try await make("/api-groups/\(group)/apis", ["name": "all", "method": "ANY", "path": "/", "match": "prefix"])
    _ = try await make("/api-groups/\(group)/revisions", ["version": "0.0.1"])
    _ = try await make(
      "/api-groups/\(group)/deployments",
      ["version": "0.0.1", "environment": .string(environment), "backend": backend])
    return group
  }

  /// The id of a new authorization.
  func authorize(_ key: String, for group: String, environment: String = "online") async throws -> String {
    let target: JSONValue = ["groupId": .string(group), "environment": .string(environment)]
    let draft: JSONValue = ["type": "subscriptionKey", "subscriptionId": .string(key), "targets": [target]]
    return try #require(try await make("/authorizations", draft)["id"]?.text)
  }

  private static let json = [("Content-Type", "application/json")]
}

extension JSONValue {
  var string: String { String(decoding: bytes, as: UTF8.self) }

  static func http(_ url: String) -> JSONValue { ["type": "http", "url": .string(url)] }
  static let mock: JSONValue = ["type": "mock", "status": 200, "headers": [:], "body": "mocked"]
}
