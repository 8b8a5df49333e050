import Foundation
import Model

/// The table of `docs/roles.md`: who may call what.
struct DocumentedRoles {
  struct Row {
    let operation: String
    /// `yes`, `no` or `own`, in the order of ``DocumentedRoles/columns``.
    let cells: [String]
  }

  /// Accounts by their role; nil is an owner's access token.
  static let columns: [Role?] = [.viewer, .developer, .admin, .owner, nil]

  let rows: [Row]

  init() throws {
    let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/roles.md")
    rows = try String(contentsOf: page, encoding: .utf8).split(separator: "\n").compactMap { line in
      guard let match = line.wholeMatch(of: /\| `(\w+)` \|((?: (?:yes|no|own) \|){5})/) else { return nil }
      let cells = match.2.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      return Row(operation: String(match.1), cells: cells)
    }
  }

  /// What the page says of an operation and a role; nil if it says nothing.
  func cell(_ operation: String, _ role: Role?) -> String? {
    guard let row = rows.first(where: { $0.operation == operation }) else { return nil }
    return zip(Self.columns, row.cells).first { $0.0 == role }?.1
  }
}

extension Harness {
  /// An account of this role, signed in; or an owner's, by an access token.
  func caller(_ role: Role?, besides owner: Caller) async throws -> Caller {
    let account = try await account(role ?? .owner, besides: owner)
    return role == nil ? account.showing(try await accessToken(of: account)) : account
  }
}
