import Contract
import HTTPTypes
import Synchronization
import Testing

extension Harness {
  /// The id of a new group of this prefix.
  func group(
    of caller: Caller, prefix: String = "pets", accessMode: String = "required"
  ) async throws -> String {
    let answer = try await send(
      .post, "/api-groups", as: caller,
      ["name": .string("Group \(prefix)"), "prefix": .string(prefix), "accessMode": .string(accessMode)])
    try #require(answer.status == 201)
    return answer.id
  }

  /// The id of a new API of a group.
  func api(of caller: Caller, in group: String, path: String = "/pets") async throws -> String {
    let answer = try await send(
      .post, "/api-groups/\(group)/apis", as: caller,
      ["name": "List", "method": "GET", "path": .string(path), "match": "exact"])
    try #require(answer.status == 201)
    return answer.id
  }

  /// The id of a new revision of a group.
  func revision(_ version: String = "0.0.1", of group: String, as caller: Caller) async throws -> String {
    let answer = try await send(
      .post, "/api-groups/\(group)/revisions", as: caller, ["version": .string(version)])
    try #require(answer.status == 201)
    return answer.id
  }

  func release(
    _ version: String = "0.0.1", of group: String, to environment: String = "online", as caller: Caller,
    backend: JSONValue = ["type": "http", "url": "http://backend.example:9000/base"]
  ) async throws -> Answer {
    try await send(
      .post, "/api-groups/\(group)/deployments", as: caller,
      ["version": .string(version), "environment": .string(environment), "backend": backend])
  }

  /// The id of a new group with one API, released to an environment.
  func liveGroup(
    of caller: Caller, prefix: String = "pets", accessMode: String = "required", environment: String = "online"
  ) async throws -> String {
    let group = try await group(of: caller, prefix: prefix, accessMode: accessMode)
    _ = try await api(of: caller, in: group)
    _ = try await revision(of: group, as: caller)
    try #require(try await release(of: group, to: environment, as: caller).status == 201)
    return group
  }

  /// How often the gateways were woken while `body` ran.
  func wakes(during body: () async throws -> Void) async rethrows -> Int {
    let before = wakes.count.withLock { $0 }
    try await body()
    return wakes.count.withLock { $0 } - before
  }
}

extension JSONValue {
  /// The names of an object's members, in order.
  var memberNames: [String] {
    guard case .object(let members) = self else { return [] }
    return members.map(\.name)
  }
}

extension Answer {
  /// A list's items.
  var items: [JSONValue] { self["items"]?.elements ?? [] }

  /// What an object of `environments` says of one of them.
  func environment(_ name: String) -> JSONValue? {
    self["environments"]?.elements?.first { $0["environment"]?.text == name }
  }
}

/// Texts that are shown and stored as given: SQL, patterns, markup, direction marks, composed and decomposed letters.
let awkwardTexts = [
  "Robert'); DROP TABLE api_groups;--", "100% _under_ \\back\\", "<script>alert(\"1\")</script>",
  "\u{202E}evil\u{200F}",
  "e\u{301} \u{E9} \u{212B}", "\u{1F469}\u{200D}\u{1F4BB} \u{FEFF}", " padded ",
]

extension Harness {
  /// Authorizes a key for groups, each in an environment.
  func authorize(
    _ key: String, for targets: [(group: String, environment: String)], as caller: Caller,
    expiresAt: JSONValue = .null, under policy: String? = nil
  ) async throws -> Answer {
    let targets = targets.map { JSONValue.target($0.group, $0.environment) }
    return try await send(
      .post, "/authorizations", as: caller,
      [
        "type": "subscriptionKey", "subscriptionId": .string(key), "targets": .array(targets), "expiresAt": expiresAt,
        "limitPolicyId": policy.map(JSONValue.string) ?? .null,
      ])
  }
}

extension JSONValue {
  /// A target of an authorization, as requests name it.
  static func target(_ group: String, _ environment: String = "online") -> JSONValue {
    ["groupId": .string(group), "environment": .string(environment)]
  }
}
