import Contract
import HTTPTypes
import Model
import TestPostgres
import Testing

/// `docs/roles.md` says who may call what; here is whether that is so, for every operation that there is.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(10)))
struct DocumentedRolesTests {
  @Test func namesEveryOperationThatNeedsAnAccountOnce() async throws {
    try await Harness.run { api in
      let named = try DocumentedRoles().rows.map(\.operation)
      let served = Operations(of: api.documented.document).signedIn.map(\.id)
      #expect(named.sorted() == served.sorted(), "docs/roles.md has a row for each operation")
    }
  }

  /// By the routes, which ask before they look at a request, and by the use cases alone.
  @Test(arguments: [true, false]) func saysWhatIsAnswered(routesAskFirst: Bool) async throws {
    try await Harness.run(routesAskFirst: routesAskFirst) { api in
      let owner = try await api.owner(of: "acme")
      let operations = Operations(of: api.documented.document)
      for row in try DocumentedRoles().rows {
        guard let operation = operations.signedIn.first(where: { $0.id == row.operation }) else { continue }
        for (role, cell) in zip(DocumentedRoles.columns, row.cells) {
          let caller = try await api.caller(role, besides: owner)
          let (path, body) = (operation.path, operation.body)
          let answer = try await api.send(operation.method, path, as: caller, body)
          let refusal = role == nil ? "session_required" : "forbidden"
          #expect(
            (answer.code == refusal) == (cell == "no"), "\(row.operation) \(role?.rawValue ?? "token"): \(answer.text)")
        }
      }
    }
  }
}
