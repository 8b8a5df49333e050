import Foundation
import Glibc

/// Why something outside could not be done; with what the program printed.
package struct CommandError: Error, CustomStringConvertible {
  package let description: String
}

/// Programs run to their end, as the system user that may run PostgreSQL.
package enum Command {
  /// Runs a program with arguments.
  ///
  /// - Throws: ``CommandError`` with its output when it ends otherwise than with 0.
  package static func run(_ command: [String]) async throws {
    try await run(script: "exec \"$@\"", arguments: command)
  }

  /// Runs a shell script, whose `$1` and so on are the arguments.
  ///
  /// - Returns: what it printed.
  @discardableResult
  package static func run(script: String, arguments: [String] = []) async throws -> String {
    var name = Array("/tmp/latchkey-output-XXXXXX".utf8CString)
    let output = mkstemp(&name)
    guard output >= 0 else { throw CommandError(description: "no temporary file: errno \(errno)") }
    unlink(name)
    let file = FileHandle(fileDescriptor: output, closeOnDealloc: true)
    let code = try await ChildProcess(script, arguments: arguments, output: output).ended()
    try file.seek(toOffset: 0)
    let text = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    guard code == 0 else { throw CommandError(description: "\(arguments.first ?? "script") failed (\(code)): \(text)") }
    return text
  }
}

/// The PostgreSQL installed on this machine, and who may run it.
enum Installation {
  /// PostgreSQL refuses to run as root, so root runs it as the package's user.
  static let asServerUser: [String] =
    geteuid() == 0 ? ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []

  /// Where a program of the server is: in the newest of Debian's directories, else on the path.
  static func path(_ program: String) -> String {
    let root = "/usr/lib/postgresql"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    let newest = versions.compactMap { Int($0) }.sorted(by: >).map { "\(root)/\($0)/bin/\(program)" }
    return newest.first { FileManager.default.isExecutableFile(atPath: $0) } ?? program
  }
}

/// Makes a directory that only the server's user (and root) can enter; its path is short, as a socket's must be.
func makePrivateDirectory() async throws -> String {
  let path = try await Command.run(script: "mktemp -d /tmp/lkpg-XXXXXXXX")
  return path.trimmingCharacters(in: .whitespacesAndNewlines)
}
