import Foundation
import Testing

@testable import Sealing

@Suite struct SealingKeyFileTests {
  private static func withFile(_ body: (SealingKeyFile, _ folder: URL) throws -> Void) throws {
    let folder = URL.temporaryDirectory.appending(path: "sealing-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(SealingKeyFile(in: folder.path()), folder)
  }

  private static func mode(of path: String) throws -> Int {
    try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  @Test func makesOneKeyAndKeepsIt() throws {
    try Self.withFile { file, folder in
      #expect(try file.read() == nil)
      let first = try file.readMaking().revealed
      #expect(try file.readMaking().revealed == first)
      #expect(try Self.mode(of: file.path) == 0o600)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path())
      #expect(names == ["sealing-key"])
    }
  }

  @Test func makesOneKeyHoweverManyBeginAtOnce() throws {
    try Self.withFile { file, folder in
      let revealed = Results()
      DispatchQueue.concurrentPerform(iterations: 16) { _ in
        revealed.append((try? file.readMaking().revealed) ?? "none")
      }
      #expect(revealed.all.count == 16)
      #expect(Set(revealed.all).count == 1)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path())
      #expect(names == ["sealing-key"])
    }
  }

  @Test func replacesTheKeysInOneStep() throws {
    try Self.withFile { file, folder in
      let ring = try #require(try file.readMaking().adding())
      try file.replace(by: ring)
      #expect(try file.read()?.revealed == ring.revealed)
      #expect(try Self.mode(of: file.path) == 0o600)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path())
      #expect(names == ["sealing-key"])
    }
  }

  @Test(arguments: [0o640, 0o604, 0o660, 0o666, 0o610, 0o602]) func refusesAFileThatOthersMayUse(_ mode: Int) throws {
    try Self.withFile { file, _ in
      _ = try file.readMaking()
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
      #expect(throws: SealingKeyFileError.self) { try file.readMaking() }
    }
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give files away")) func refusesAnothersFile() throws {
    try Self.withFile { file, _ in
      _ = try file.readMaking()
      #expect(chown(file.path, 65534, 65534) == 0)
      #expect(throws: SealingKeyFileError.self) { try file.readMaking() }
    }
  }

  @Test(arguments: ["", "1:abc", "not a key"]) func refusesAFileWithoutKeys(_ text: String) throws {
    try Self.withFile { file, _ in
      let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
      #expect(FileManager.default.createFile(atPath: file.path, contents: Data(text.utf8), attributes: attributes))
      #expect(throws: SealingKeyFileError.self) { try file.readMaking() }
      let content = try String(contentsOfFile: file.path, encoding: .utf8)
      #expect(content == text)
    }
  }

  @Test func refusesALinkAndAFolder() throws {
    try Self.withFile { file, folder in
      let elsewhere = SealingKeyFile(in: folder.path() + "/elsewhere")
      try FileManager.default.createDirectory(atPath: folder.path() + "/elsewhere", withIntermediateDirectories: false)
      _ = try elsewhere.readMaking()
      try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: elsewhere.path)
      #expect(throws: SealingKeyFileError.self) { try file.readMaking() }
      try FileManager.default.removeItem(atPath: file.path)
      try FileManager.default.createDirectory(atPath: file.path, withIntermediateDirectories: false)
      #expect(throws: SealingKeyFileError.self) { try file.readMaking() }
    }
  }
}

/// What several threads found.
private final class Results: @unchecked Sendable {
  // Checked by the lock that every access takes.
  private let lock = NSLock()
  private var values: [String] = []

  func append(_ value: String) { lock.withLock { values.append(value) } }
  var all: [String] { lock.withLock { values } }
}
