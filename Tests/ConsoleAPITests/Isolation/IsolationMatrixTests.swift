import Contract
import HTTPTypes
import Model
import TestPostgres
import Testing

/// Every route with every foreign id, in the path, the query and the body, as every role: another tenant's is, byte for
/// byte, as one that never was (threats, row 9). The routes and the places of ids are those of the OpenAPI document.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct IsolationMatrixTests {
  /// Where anybody's key may be named, which is what subscription ids are for.
  private static let anybodys = [
    "createAuthorization /subscriptionId", "explain /subscriptionId", "searchSubscription ?subscriptionId",
    // The foreign key is one that this tenant has authorized.
    "listAuthorizations ?subscriptionId",
  ]

  @Test(.latchkey) func foreignIsAbsent() async throws { try await foreignIsAbsentEverywhere() }

  @Test(.latchkeyWithoutPolicies) func foreignIsAbsentWithoutPolicies() async throws {
    try await foreignIsAbsentEverywhere()
  }

  private func foreignIsAbsentEverywhere() async throws {
    try await Twins.run { twins in
      let roles = try DocumentedRoles()
      // So that a key can be authorized there, but for what is wrong with the request.
      let released = try await twins.api.release(of: twins.own["groupId"] ?? "", to: "test", as: twins.acme)
      try #require(released.status == 201)
      var callers: [(Role?, Caller)] = []
      for role in DocumentedRoles.columns {
        callers.append((role, try await twins.api.caller(role, besides: twins.acme)))
      }
      try await twins.leavingStrangersAlone {
        for operation in Operations(of: twins.api.documented.document).signedIn {
          for (role, caller) in callers {
            guard let cell = roles.cell(operation.id, role) else {
              Issue.record("docs/roles.md has no row for \(operation.id)")
              continue
            }
            try await Row(twins: twins, operation: operation, caller: caller, role: role, cell: cell).check()
          }
        }
      }
    }
  }

  /// One operation as one role.
  private struct Row {
    let twins: Twins
    let operation: Operations.Operation
    let caller: Caller
    let role: Role?
    let cell: String

    func check() async throws {
      for parameter in operation.parameters where parameter != "environment" { try await checkPath(parameter) }
      for name in operation.idsInQuery where !anybodys.contains("\(operation.id) ?\(name)") {
        try await checkQuery(name)
      }
      for pointer in operation.idsInBody where !anybodys.contains("\(operation.id) \(pointer)") {
        try await checkBody(pointer)
      }
      if cell == "no", operation.parameters.isEmpty {
        expectRefusal(try await ask(twins.requests.path(of: operation)), "")
      }
    }

    private func checkPath(_ parameter: String) async throws {
      guard let (absent, foreign) = ids(of: parameter) else { return }
      // The other names are those of things that are there, so that only this one can be what is missing.
      for others in operation.parameters.count > 1 ? [twins.own, twins.foreign] : [twins.own] {
        func ask(_ id: String) async throws -> Answer {
          try await self.ask(twins.requests.path(of: operation, others.merging([parameter: id]) { $1 }))
        }
        let (absent, found) = (try await ask(absent), try await ask(foreign))
        expectRefusal(absent, "{\(parameter)}")
        if cell == "yes" { #expect(absent.status == 404, "\(label) {\(parameter)}: \(absent.text)") }
        if cell == "own" { #expect([403, 404].contains(absent.status), "\(label) {\(parameter)}: \(absent.text)") }
        #expect(found.comparable == absent.comparable, "\(label) {\(parameter)}")
      }
    }

    private func checkQuery(_ name: String) async throws {
      guard let (absent, foreign) = ids(of: name) else { return }
      let (absentAnswer, found) = (
        try await ask(twins.requests.path(of: operation, query: [name: absent])),
        try await ask(twins.requests.path(of: operation, query: [name: foreign]))
      )
      expectRefusal(absentAnswer, "?\(name)")
      #expect(found.comparable == absentAnswer.comparable, "\(label) ?\(name)")
    }

    private func checkBody(_ pointer: String) async throws {
      let segments = pointer.dropFirst().split(separator: "/")
      guard let name = segments.last, let (absent, foreign) = ids(of: String(name)) else { return }
      func ask(_ id: String) async throws -> Answer {
        guard let body = twins.requests.body(of: operation)?.replacing(segments, with: id) else {
          Issue.record("\(operation.id): no request of the matrix has anything at \(pointer)")
          return try await self.ask(twins.requests.path(of: operation))
        }
        return try await self.ask(twins.requests.path(of: operation), body)
      }
      let (absentAnswer, found) = (try await ask(absent), try await ask(foreign))
      expectRefusal(absentAnswer, pointer)
      if cell == "yes" {
        #expect(absentAnswer.status == 422, "\(label) \(pointer): \(absentAnswer.text)")
        #expect(absentAnswer.pointers == [pointer], "\(label) \(pointer): \(absentAnswer.text)")
      }
      #expect(found.comparable == absentAnswer.comparable, "\(label) \(pointer)")
    }

    private var label: String { "\(operation.id) as \(role?.rawValue ?? "token")" }

    /// A role too low is told so, whatever it asks for.
    private func expectRefusal(_ answer: Answer, _ place: String) {
      guard cell == "no" else { return }
      #expect(answer.status == 403, "\(label) \(place): \(answer.text)")
      #expect(answer.code == (role == nil ? "session_required" : "forbidden"), "\(label) \(place)")
    }

    /// An id that nothing has, and one that something of the other tenant's has.
    private func ids(of name: String) -> (absent: String, foreign: String)? {
      guard let foreign = twins.foreign[OwnRequests.otherNames[name] ?? name] else {
        Issue.record("\(operation.id): the matrix has nothing that \(name) names")
        return nil
      }
      return ("\(foreign.prefix(4))\(ID<SubscriptionKey>.random().description.dropFirst(4))", foreign)
    }

    private func ask(_ path: String, _ body: JSONValue? = nil) async throws -> Answer {
      try await twins.api.send(operation.method, path, as: caller, body ?? twins.requests.body(of: operation))
    }
  }
}
