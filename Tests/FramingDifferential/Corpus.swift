import Foundation

/// The kept inputs: what HTTP is known to be read differently by, and what was found by fuzzing.
package struct Corpus: Sendable {
  package struct Entry: Sendable, CustomStringConvertible {
    package let name: String
    package let traffic: Traffic
    package var description: String { name }
  }

  package let entries: [Entry]

  /// All files of `Corpus/requests` and `Corpus/responses`, which hold what was sent and nothing else.
  package static func load() throws -> Corpus {
    let folder = Bundle.module.resourceURL?.appending(path: "Corpus") ?? URL(filePath: "Corpus")
    let entries = try Traffic.Direction.allCases.flatMap { direction in
      let files = try FileManager.default.contentsOfDirectory(
        at: folder.appending(path: direction.rawValue), includingPropertiesForKeys: nil)
      return try files.sorted { $0.path() < $1.path() }.map { file in
        Entry(
          name: "\(direction.rawValue)/\(file.lastPathComponent)",
          traffic: Traffic(direction, Array(try Data(contentsOf: file))))
      }
    }
    return Corpus(entries: entries)
  }

  func bytes(_ direction: Traffic.Direction) -> [[UInt8]] {
    entries.filter { $0.traffic.direction == direction }.map(\.traffic.bytes)
  }
}
