import Contract
import HTTPTypes
import Model
import Testing

/// One of each thing that a request can name, of one tenant, by the name of its path parameter.
typealias Things = [String: String]

extension Harness {
  /// Makes one of each thing. Whatever keeps rows of a tenant keeps some of this one afterwards.
  ///
  /// - Parameters:
  ///   - slug: of the owner's tenant.
  ///   - prefix: of its group.
  func things(of owner: Caller, slug: String, prefix: String) async throws -> Things {
    var things: Things = ["environment": "online"]
    let once: HTTPFields = [HTTPField.Name("Idempotency-Key")!: "once"]
    let key = try await send(.post, "/subscription-keys", as: owner, ["name": "key"], headers: once)
    things["subscriptionKeyId"] = key.id
    things["secretId"] = try await send(.post, "/subscription-keys/\(key.id)/secrets", as: owner).id
    _ = try await send(.get, "/subscription-search?subscriptionId=\(key.id)", as: owner)
    let group = try await group(of: owner, prefix: prefix)
    things["groupId"] = group
    // Of a method that is none here, so that the draft stays as it is.
    let document: JSONValue = [
      "openapi": "3.1.0", "info": ["title": "T", "version": "1"], "paths": ["/skipped": ["trace": [:]]],
    ]
    try #require(try await send(.post, "/api-groups/\(group)/import", as: owner, document).status == 200)
    things["apiId"] = try await api(of: owner, in: group)
    things["revisionId"] = try await revision(of: group, as: owner)
    things["deploymentId"] = try await release(of: group, as: owner).id
    things["limitPolicyId"] = try await limitPolicy(of: owner).id
    let used = try await limitPolicy(of: owner).id
    things["usedLimitPolicyId"] = used
    things["authorizationId"] = try await authorize(key.id, for: [(group, "online")], as: owner, under: used).id
    let limited: JSONValue = ["limitPolicyId": .string(used)]
    for environment in DeploymentEnvironment.allCases {
      let path = "/api-groups/\(group)/environments/\(environment.rawValue)"
      try #require(try await send(.patch, path, as: owner, limited).status == 200)
    }
    things["domainId"] = try await claim("api.\(slug).example", for: group, as: owner).id
    things["accountId"] = try await invite(.viewer, as: owner, email: "invited@\(slug).example").id
    things["accessTokenId"] = try await send(.post, "/access-tokens", as: owner, ["name": "token"]).id
    // Another session than the one that everything is asked by.
    try #require(try await signIn("owner@\(slug).example", tenant: slug).status == 201)
    let sessions = try await send(.get, "/sessions", as: owner).items
    things["sessionId"] = sessions.first { $0["current"] == false }?["id"]?.text
    try await lease(things, of: owner)
    try await use(things, of: owner)
    return things
  }

  /// Has a gateway tell of calls by the tenant's key of its group, some of which are summed already.
  private func use(_ things: Things, of owner: Caller) async throws {
    let group = things["groupId"] ?? ""
    _ = try await Catalogue.texts(
      Self.recordUsage(of: group, key: things["subscriptionKeyId"] ?? "", sequence: 1, for: owner.tenant))
    for (table, unit) in [("usage_minutes", "minute"), ("usage_hours", "hour"), ("usage_days", "day")] {
      try await Catalogue.run(
        """
        SELECT add_usage_partition('\(table)', now());
        INSERT INTO \(table)
        SELECT tenant_id, side, d.dimensions, date_trunc('\(unit)', starts_at, 'UTC'), own_id, other_id,
          CASE d.dimensions WHEN 7 THEN part_id ELSE '' END, environment, outcome, reason, requests, informational, successful, redirected, client_errors, server_errors, bytes_in, bytes_out,
          duration, latencies, last_called_at
        FROM usage_recent
        CROSS JOIN (VALUES (5), (7)) AS d (dimensions)
        WHERE tenant_id = '\(owner.tenant)'
        """)
    }
  }

  /// A statement by which a gateway tells of as many calls as the sequence says, of now; gives whether it was new.
  static func recordUsage(
    of group: String, _ environment: String = "online", api: String = "", key: String = "", secret: String = "",
    outcome: String = "admitted", reason: String = "", sequence: Int, for provider: ID<Tenant>
  ) -> String {
    """
    SELECT record_usage('gwn_\(provider)', \(sequence), ARRAY[(extract(epoch FROM now()) * 1000000)::bigint],
      '{\(provider)}', '{\(group)}', '{\(environment)}', '{"\(api)"}', ARRAY['\(secret)'::bytea], ARRAY['\(key)'],
      '{\(outcome)}', '{"\(reason)"}',
      '{0}', '{\(sequence)}', '{0}', '{0}', '{0}', '{0}', '{10}', '{20}', '{3000}', '{1000000000000}',
      ARRAY[(extract(epoch FROM now()) * 1000000)::bigint])::text
    """
  }

  /// Has a gateway hold some of the limits of the tenant's group and of its key there.
  private func lease(_ things: Things, of owner: Caller) async throws {
    let group = things["groupId"] ?? ""
    for key in ["", things["subscriptionKeyId"] ?? ""] {
      try await Catalogue.run(
        """
        SELECT l.* FROM unnest('{second,minute,hour,day,month}'::text[]) AS p (period)
        CROSS JOIN LATERAL lease_limits('gwn_a', '{\(owner.tenant)}', '{\(group)}', '{online}', '{"\(key)"}',
          ARRAY[p.period], '{0}', '{0}', '{0}', '{1}', '{0}') AS l
        """)
    }
  }
}

/// Requests about a tenant's own things that are answered with 2xx.
struct OwnRequests {
  let things: Things
  let slug: String

  /// What a query or a body names, by the name that the thing has in paths.
  static let otherNames = [
    "subscriptionId": "subscriptionKeyId", "entityId": "subscriptionKeyId", "against": "revisionId",
  ]

  /// Bodies that do what an operation is for, where the least that its schema takes does not.
  func body(of operation: Operations.Operation) -> JSONValue? {
    let (target, limitPolicy) = (
      JSONValue.target(things["groupId"] ?? ""), JSONValue.string(things["usedLimitPolicyId"] ?? "")
    )
    return switch operation.id {
    case "changePassword": ["current": .string(Harness.password), "new": "another horse battery"]
    case "createAPI": ["name": "Other", "method": "GET", "path": "/other", "match": "exact"]
    case "createRevision": ["version": "0.0.2"]
    case "release":
      [
        "version": "0.0.1", "environment": "test",
        "backend": ["type": "deployment", "deploymentId": .string(things["deploymentId"] ?? "")],
      ]
    case "createAuthorization":
      [
        "type": "subscriptionKey", "subscriptionId": .string(things["subscriptionKeyId"] ?? ""),
        "targets": [.target(things["groupId"] ?? "", "test")], "limitPolicyId": limitPolicy,
      ]
    case "createDomain":
      ["host": "other.acme.example", "groupId": .string(things["groupId"] ?? ""), "environment": "online"]
    case "updateDomain": ["groupId": .string(things["groupId"] ?? ""), "environment": "test"]
    case "updateAuthorization": ["description": "Changed", "targets": [target], "limitPolicyId": limitPolicy]
    case "updateAPIGroup": ["name": "Changed", "cors": ["allowedOrigins": ["*"], "maxAgeSeconds": 1]]
    case "updateSubscriptionKey", "updateAPI", "updateAccount", "updateTenant", "updateLimitPolicy":
      ["name": "Changed"]
    case "updateEnvironment": ["accessMode": "observe", "limitPolicyId": limitPolicy]
    case "updateSecret": ["expiresAt": "2099-01-01T00:00:00Z"]
    case "explain":
      [
        "subscriptionId": .string(things["subscriptionKeyId"] ?? ""), "method": "GET",
        "url": .string("/\(slug)/online/pets/pets"),
      ]
    case "importAPIs": Self.document
    default: operation.body
    }
  }

  /// One operation is as in the draft, one is new.
  private static let document: JSONValue = [
    "openapi": "3.1.0", "info": ["title": "Pets", "version": "1"],
    "paths": [
      "/pets": ["get": ["summary": "Imported", "responses": ["200": ["description": "All"]]]],
      "/stores": ["get": ["summary": "Imported", "responses": ["200": ["description": "All"]]]],
    ],
  ]

  /// The path and query, some of the things replaced by others.
  func path(of operation: Operations.Operation, _ replaced: Things = [:], query: [String: String] = [:]) -> String {
    var path = operation.template
    for parameter in operation.parameters {
      path = path.replacing("{\(parameter)}", with: replaced[parameter] ?? things[parameter] ?? "")
    }
    var items = operation.path.split(separator: "?").dropFirst().first.map { [String($0)] } ?? []
    for (name, value) in query {
      items.removeAll { $0.hasPrefix(name + "=") }
      items.append("\(name)=\(value)")
    }
    return items.isEmpty ? path : path + "?" + items.joined(separator: "&")
  }
}

extension JSONValue {
  /// The same with another text at a pointer; nil if there is nothing at it.
  func replacing(_ pointer: some Collection<Substring>, with text: String) -> JSONValue? {
    guard let name = pointer.first else { return .string(text) }
    switch self {
    case .object(var members):
      guard let place = members.firstIndex(where: { $0.name == name }),
        let value = members[place].value.replacing(pointer.dropFirst(), with: text)
      else { return nil }
      members[place] = Member(members[place].name, value)
      return .object(members)
    case .array(var elements):
      guard let place = Int(name), elements.indices.contains(place),
        let value = elements[place].replacing(pointer.dropFirst(), with: text)
      else { return nil }
      elements[place] = value
      return .array(elements)
    default: return nil
    }
  }
}
