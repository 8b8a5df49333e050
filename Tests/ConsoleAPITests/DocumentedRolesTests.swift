import Contract
import Foundation
import HTTPTypes
import Model
import TestPostgres
import Testing

/// `docs/roles.md` says who may call what; here is whether that is so, for every operation that there is.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(3)))
struct DocumentedRolesTests {
  private struct Row {
    let operation: String
    /// The cells behind the operation's.
    let cells: [String]
  }

  private static let columns: [Role?] = [.viewer, .developer, .admin, .owner, nil]

  private func rows() throws -> [Row] {
    let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/roles.md")
    return try String(contentsOf: page, encoding: .utf8).split(separator: "\n").compactMap { line in
      guard let match = line.wholeMatch(of: /\| `(\w+)` \|((?: (?:yes|no|own) \|){5})/) else { return nil }
      let cells = match.2.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      return Row(operation: String(match.1), cells: cells)
    }
  }

  @Test func namesEveryOperationThatNeedsAnAccountOnce() async throws {
    try await Harness.run { api in
      let named = try rows().map(\.operation)
      let served = Operations(of: api.documented.document).signedIn.map(\.id)
      #expect(named.sorted() == served.sorted(), "docs/roles.md has a row for each operation")
    }
  }

  @Test func saysWhatIsAnswered() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let operations = Operations(of: api.documented.document)
      for row in try rows() {
        guard let operation = operations.signedIn.first(where: { $0.id == row.operation }) else { continue }
        for (role, cell) in zip(Self.columns, row.cells) {
          let caller = try await caller(role, besides: owner, api)
          let (path, body) = (operation.path, operation.body)
          let answer = try await api.send(operation.method, path, as: caller, body)
          let refusal = role == nil ? "session_required" : "forbidden"
          #expect(
            (answer.code == refusal) == (cell == "no"), "\(row.operation) \(role?.rawValue ?? "token"): \(answer.text)")
        }
      }
    }
  }

  /// An account of this role, signed in; or by an access token.
  private func caller(_ role: Role?, besides owner: Caller, _ api: Harness) async throws -> Caller {
    let account = try await api.account(role ?? .owner, besides: owner)
    return role == nil ? account.showing(try await api.accessToken(of: account)) : account
  }
}
