import FoundationEssentials
import Glibc
import Testing

@testable import EmbeddedPostgres

@Suite struct DataDirectoryTests {
  let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  @Test func refusesAFileInItsPlace() throws {
    try "".write(toFile: sandbox.dataDirectory, atomically: false, encoding: .utf8)
    for path in [sandbox.dataDirectory, sandbox.dataDirectory + "/below"] {
      let error = #expect(throws: EmbeddedPostgresError.self) { try DataDirectory(preparing: path) }
      #expect(error?.code == .dataDirectoryUnusable)
      #expect(error?.message.contains(sandbox.dataDirectory) == true)
    }
  }

  @Test func makesItsParentsToo() throws {
    let data = try DataDirectory(preparing: sandbox.root + "/some/where/../here")
    #expect(data.path == sandbox.root + "/some/here")
  }

  @Test(arguments: [0o500, 0o300, 0o000] as [mode_t])
  func refusesADirectoryThatItCannotUse(mode: mode_t) async throws {
    let path = sandbox.dataDirectory
    try #require(mkdir(path, 0o700) == 0)
    if let user = ServerUser(named: "postgres"), isRoot { try #require(chown(path, user.uid, user.gid) == 0) }
    try #require(chmod(path, mode) == 0)
    defer { chmod(path, 0o700) }
    await #expect(processExitsWith: .success) { [path = path as String] in
      try becomeUnprivileged()
      let error = #expect(throws: EmbeddedPostgresError.self) { try DataDirectory(preparing: path) }
      #expect(
        error?.message == "The data directory \(path) (LATCHKEY_DATA_DIR) cannot be read and written: "
          + "Permission denied.")
    }
  }

  @Test func refusesADirectoryThatItCannotMake() async throws {
    let path = sandbox.dataDirectory
    await #expect(processExitsWith: .success) { [path = path as String] in
      try becomeUnprivileged()
      let parent = isRoot ? path : "/proc/nothing"
      let error = #expect(throws: EmbeddedPostgresError.self) { try DataDirectory(preparing: parent) }
      #expect(error?.message.contains("cannot be made") == true)
    }
  }

  @Test func keepsItsPassword() throws {
    let data = try DataDirectory(preparing: sandbox.dataDirectory)
    let password = try data.password()
    #expect(password.count == 64)
    #expect(try data.password() == password)
  }

  @Test func lendsNoConnectionStringToOthers() async throws {
    let data = try DataDirectory(preparing: sandbox.dataDirectory)
    try write("secret", to: data.connectionFile)
    try write("1", to: data.lockFile)
    chmod(data.connectionFile, 0)
    await #expect(processExitsWith: .success) { [path = data.path as String] in
      try becomeUnprivileged()
      let error = #expect(throws: EmbeddedPostgresError.self) {
        try EmbeddedPostgres.runningConnectionString(dataDirectory: path)
      }
      #expect(error?.message.contains("belongs to another user") == true)
    }
  }

  @Test func refusesAnEmptyPassword() throws {
    let data = try DataDirectory(preparing: sandbox.dataDirectory)
    try "".write(toFile: data.passwordFile, atomically: false, encoding: .utf8)
    #expect(throws: EmbeddedPostgresError.self) { try data.password() }
  }
}
