import Contract
import HTTPTypes
import Model
import TestPostgres
import Testing

/// Who may not is told that and nothing else, whatever it sends: what a request is like is the business of who may send it.
///
/// Of every operation and every role that `docs/roles.md` says no to, and of a token where a session is needed.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(10)))
struct LowRoleTests {
  /// A token may delete itself, so that the path has to be looked at.
  private static let hangingOnThePath = ["deleteAccessToken"]

  @Test func isToldThatItMayNotWhateverItSends() async throws {
    try await Harness.run { api in
      let (owner, roles) = (try await api.owner(of: "acme"), try DocumentedRoles())
      let operations = Operations(of: api.documented.document).signedIn
      for role in DocumentedRoles.columns {
        let caller = try await api.caller(role, besides: owner)
        let refused = operations.filter { operation in
          roles.cell(operation.id, role) == "no" && !Self.hangingOnThePath.contains(operation.id)
        }
        #expect(refused.isEmpty == (role == .owner))
        for operation in refused {
          let usual = try await api.send(operation.method, operation.path, as: caller, operation.body)
          #expect(usual.status == 403, "\(operation.id)")
          #expect(usual.code == (role == nil ? "session_required" : "forbidden"), "\(operation.id)")
          for flaw in Flaw.all where flaw.isIn(operation) {
            let answer = try await api.send(flaw.request(for: operation), as: caller)
            #expect(
              answer.comparable == usual.comparable, "\(operation.id) as \(role?.rawValue ?? "token"), \(flaw.name)")
          }
        }
      }
    }
  }
}

/// What can be wrong with a request.
private struct Flaw {
  let name: String
  var body: String?
  var header: (name: String, value: String)?
  var contentType: String? = "application/json"
  var query = ""
  var hasNoSuchPath = false

  static let all = [
    Flaw(name: "nothing", contentType: nil), Flaw(name: "no body", body: ""), Flaw(name: "no members", body: "{}"),
    Flaw(name: "an unknown member", body: #"{"unknown": 1}"#), Flaw(name: "no object", body: "[]"),
    Flaw(name: "null", body: "null"), Flaw(name: "half an object", body: "{"),
    Flaw(name: "another type", body: "name=x", contentType: "application/x-www-form-urlencoded"),
    Flaw(name: "a query", query: "unknown=1"), Flaw(name: "a path of no id", hasNoSuchPath: true),
    Flaw(name: "no version", header: ("If-Match", "1")), Flaw(name: "no key", header: ("Idempotency-Key", "")),
  ]

  /// A body of what takes none is looked at by nobody.
  func isIn(_ operation: Operations.Operation) -> Bool {
    if hasNoSuchPath { return operation.parameters.contains { $0.hasSuffix("Id") } }
    return body == nil || operation.body != nil || operation.method == .post
  }

  func request(for operation: Operations.Operation) -> FlawedRequest {
    var path = operation.path
    if hasNoSuchPath {
      path = operation.template
      for parameter in operation.parameters {
        path = path.replacing("{\(parameter)}", with: parameter.hasSuffix("Id") ? "none" : "test")
      }
    }
    if !query.isEmpty { path += (path.contains("?") ? "&" : "?") + query }
    var headers: HTTPFields = [:]
    headers[.contentType] = body == nil ? nil : contentType
    if let header { headers[HTTPField.Name(header.name)!] = header.value }
    return FlawedRequest(method: operation.method, path: path, headers: headers, body: body.map { Array($0.utf8) })
  }
}

private struct FlawedRequest {
  let method: HTTPRequest.Method
  let path: String
  let headers: HTTPFields
  let body: [UInt8]?
}

extension Harness {
  fileprivate func send(_ request: FlawedRequest, as caller: Caller) async throws -> Answer {
    try await send(request.method, request.path, as: caller, bytes: request.body, headers: request.headers)
  }
}
