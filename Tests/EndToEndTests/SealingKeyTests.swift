import Foundation
import TestPostgres
import Testing

/// Where a process has its sealing key from.
@Suite(.timeLimit(.minutes(10))) struct SealingKeyTests {
  @Test func makesAKeyWithItsPrivateServerAndKeepsIt() async throws {
    try await withFolder { folder in
      let file = folder.appending(path: "sealing-key")
      var keys: [String] = []
      for _ in 1...2 {
        try await RunningLatchkey.with(environment: ["LATCHKEY_DATA_DIR": folder.path()]) { latchkey in
          let key = try String(contentsOf: file, encoding: .utf8)
          let mode = try FileManager.default.attributesOfItem(atPath: file.path())[.posixPermissions] as? Int
          #expect(mode == 0o600)
          #expect(!latchkey.log.contains(key.dropFirst(2).prefix(20)))
          #expect(!latchkey.log.contains("LATCHKEY_SEALING_KEY"))
          keys.append(key)
        }
      }
      #expect(keys[0].hasPrefix("1:") && keys[0] == keys[1])

      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path())
      let ending = await RunningLatchkey.run(["serve"], environment: ["LATCHKEY_DATA_DIR": folder.path()])
      #expect(ending.code != 0)
      #expect(ending.output.contains("\(file.path()) is open to other users"))
    }
  }

  @Test(.database) func saysThatAGivenDatabaseHasNoKey() async throws {
    let environment = TestDatabase.current.configuration.environment
    try await RunningLatchkey.with(environment: environment) { latchkey in
      #expect(latchkey.log.contains("LATCHKEY_SEALING_KEY is not set"))
    }
    let key = String(repeating: "5a", count: 32)
    try await RunningLatchkey.with(environment: environment.merging(["LATCHKEY_SEALING_KEY": key]) { $1 }) { latchkey in
      #expect(!latchkey.log.contains("LATCHKEY_SEALING_KEY"))
      #expect(!latchkey.log.contains(key))
    }
  }

  @Test func doesNotRepeatAnInvalidKey() async {
    let ending = await RunningLatchkey.run(["serve"], environment: ["LATCHKEY_SEALING_KEY": "1:canary"])
    #expect(ending.code != 0)
    #expect(ending.output.contains("LATCHKEY_SEALING_KEY") && !ending.output.contains("canary"))
  }

  private func withFolder(_ body: (URL) async throws -> Void) async throws {
    let folder = URL.temporaryDirectory.appending(path: "latchkey-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder)
  }
}
