import Foundation

// Writes a Swift source that holds the given files as string literals, in the order given and by their paths below a
// folder:
//
//     embed-files OUTPUT FOLDER FILE…

let arguments = CommandLine.arguments.dropFirst()
guard let output = arguments.first, let folder = arguments.dropFirst().first else {
  fatalError("usage: embed-files OUTPUT FOLDER FILE…")
}

/// A literal with as many `#` as keep the text's own quotes and backslashes from ending or escaping anything.
func literal(_ text: String) -> String {
  let hashes = String(repeating: "#", count: 3)
  precondition(!text.contains("\"\"\"" + hashes) && !text.contains("\\" + hashes), "choose a longer delimiter")
  return "\(hashes)\"\"\"\n\(text)\n\"\"\"\(hashes)"
}

let entries = try arguments.dropFirst(2).map { path in
  let name = path.dropFirst(folder.count).drop { $0 == "/" }
  return "    (\"\(name)\", \(literal(try String(contentsOfFile: path, encoding: .utf8)))),\n"
}
let source = """
  enum EmbeddedFiles {
    /// The files' names and texts.
    static let all: [(name: String, text: String)] = [
  \(entries.joined())  ]
  }

  """
try source.write(toFile: output, atomically: true, encoding: .utf8)
