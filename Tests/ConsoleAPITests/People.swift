import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

/// An account that was invited, and the token that its person was handed.
struct Invitee: Sendable {
  let id: String
  let email: String
  let token: String
  var path: String { "/accounts/\(id)" }
}

extension Harness {
  /// Invites a person.
  func invite(_ role: Role, as owner: Caller, email: String? = nil) async throws -> Invitee {
    let email = email ?? "\(ID<Account>.random().description.dropFirst(4))@invited.example"
    let answer = try await send(
      .post, "/accounts", as: owner,
      ["email": .string(email), "name": "Invited", "role": .string(role.rawValue)])
    try #require(answer.status == 201)
    return Invitee(
      id: answer.id, email: email, token: try #require(answer["invitation"]?["token"]?.text))
  }

  func accept(_ token: String, password: String = Harness.password) async throws -> Answer {
    try await send(.post, "/invitations", ["token": .string(token), "password": .string(password)])
  }

  /// A person who was invited, and accepted.
  func member(_ role: Role, besides owner: Caller) async throws -> Caller {
    let invitee = try await invite(role, as: owner)
    return try #require(Caller(try await accept(invitee.token)))
  }

  /// The value of a new access token.
  func accessToken(
    of caller: Caller, _ draft: JSONValue = ["name": "CI"]
  ) async throws -> String {
    let answer = try await send(.post, "/access-tokens", as: caller, draft)
    try #require(answer.status == 201)
    return try #require(answer["value"]?.text)
  }

  func signIn(
    _ email: String, tenant: String = "acme", password: String = Harness.password, from address: String? = nil
  ) async throws -> Answer {
    let headers: HTTPFields = address.map { [HTTPField.Name("X-Forwarded-For")!: $0] } ?? [:]
    return try await signIn(email, tenant: tenant, password: password, headers: headers)
  }

  func signIn(
    _ email: String, tenant: String = "acme", password: String = Harness.password, headers: HTTPFields
  ) async throws -> Answer {
    try await send(
      .post, "/sessions",
      ["tenant": .string(tenant), "email": .string(email), "password": .string(password)], headers: headers)
  }
}

extension Caller {
  /// The same account with another credential.
  func showing(_ token: String) -> Caller {
    Caller(tenant: tenant, account: account, token: token)
  }

  var path: String { "/accounts/\(account)" }
}
