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

/// The operations of a document, each with a request that it reads.
private struct Operations {
  struct Operation {
    let id: String
    let method: HTTPRequest.Method
    let path: String
    let body: JSONValue?
  }

  private(set) var signedIn: [Operation] = []
  private let document: JSONValue

  init(of document: JSONValue) {
    self.document = document
    guard case .object(let paths) = document["paths"] else { return }
    for path in paths {
      guard case .object(let operations) = path.value else { continue }
      for operation in operations where operation.value["security"]?.elements?.isEmpty == false {
        signedIn.append(
          Operation(
            id: operation.value["operationId"]?.text ?? "", method: .init(operation.name.uppercased())!,
            path: filled(path.name, operation.value["parameters"]?.elements ?? []), body: body(of: operation.value)))
      }
    }
  }

  /// A path with ids of nothing, and what its query cannot do without.
  private func filled(_ template: String, _ parameters: [JSONValue]) -> String {
    var (path, query) = (template, [String]())
    for parameter in parameters {
      guard let name = parameter["name"]?.text, parameter["required"] == true,
        let text = parameter["schema"].flatMap(sample)?.text
      else { continue }
      if parameter["in"]?.text == "path" { path = path.replacing("{\(name)}", with: text) }
      if parameter["in"]?.text == "query" { query.append("\(name)=\(text)") }
    }
    return query.isEmpty ? path : path + "?" + query.joined(separator: "&")
  }

  private func body(of operation: JSONValue) -> JSONValue? {
    guard case .object(let contents) = operation["requestBody"]?["content"] else { return nil }
    return contents.first?.value["schema"].flatMap(sample)
  }

  /// A value that a schema takes, with as few members as it can have.
  private func sample(_ schema: JSONValue) -> JSONValue? {
    if let name = schema["$ref"]?.text?.split(separator: "/").last {
      return document["components"]?["schemas"]?[String(name)].flatMap(sample)
    }
    if let choice = (schema["oneOf"] ?? schema["anyOf"] ?? schema["allOf"])?.elements?.first { return sample(choice) }
    if let word = schema["enum"]?.elements?.first ?? schema["const"] { return word }
    switch schema["type"]?.text {
    case "object":
      let names = schema["required"]?.elements?.compactMap(\.text) ?? []
      return .object(
        names.compactMap { name in
          schema["properties"]?[name].flatMap(sample).map { JSONValue.Member(name, $0) }
        })
    case "array":
      guard case .integer(let count) = schema["minItems"] ?? 0, count > 0 else { return [] }
      return .array(Array(repeating: schema["items"].flatMap(sample) ?? .null, count: count))
    case "integer": return schema["minimum"] ?? 1
    case "boolean": return true
    case "string": return .string(text(schema))
    default: return nil
    }
  }

  private func text(_ schema: JSONValue) -> String {
    let pattern = schema["pattern"]?.text ?? ""
    if schema["format"]?.text == "date-time" { return "2099-01-01T00:00:00Z" }
    if let prefix = pattern.firstMatch(of: /^\^([a-z]{3})_\[0-7\]/)?.1 {
      return "\(prefix)_" + String(repeating: "0", count: 26)
    }
    let candidates = [
      "x", "x1", "0.0.1", "/x", "http://backend.example", "a@b.example", "correct horse battery", "backend.example",
      "10s", "203.0.113.0/24", "GET", "https://backend.example/",
    ]
    guard case .integer(let least) = schema["minLength"] ?? 0 else { return "" }
    return candidates.first { candidate in
      candidate.count >= least && (try? Regex(pattern)).map { candidate.contains($0) } ?? true
    } ?? String(repeating: "x", count: least)
  }
}
