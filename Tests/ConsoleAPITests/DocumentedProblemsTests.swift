import Contract
import Foundation
import Testing

/// `docs/problems.md` has each of the console's codes, with its status and its title.
struct DocumentedProblemsTests {
  @Test func namesEveryCode() throws {
    let page = try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/problems.md"),
      encoding: .utf8)
    let section = try #require(page.firstRange(of: "## The gateway's"))
    let rows = page[..<section.lowerBound].split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
    #expect(
      rows.sorted() == ProblemCode.allCases.map { "| `\($0.rawValue)` | \($0.status) | \($0.title) |" }.sorted())
  }
}
