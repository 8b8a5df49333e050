import Foundation
import Logging
import Model
import ServiceLifecycle
import TestWire
import Testing

@testable import Gateway

/// Where the access log is written to.
@Suite(.timeLimit(.minutes(10))) struct AccessLogFileTests {
  private func withFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    let folder = URL.temporaryDirectory.appending(path: "latchkey-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
  }

  private func write(_ text: String, to file: AccessLogFile, while goesOn: () -> Bool = { true }) -> Int {
    Array(text.utf8).withUnsafeBytes { file.write($0, while: goesOn).lost }
  }

  @Test func appendsAndFollowsAFileThatIsMovedAway() async throws {
    try await withFolder { folder in
      let (path, moved) = (folder.appending(path: "calls").path(), folder.appending(path: "calls.1").path())
      try "before\n".write(toFile: path, atomically: false, encoding: .utf8)
      let file = try AccessLogFile(.file(path))
      #expect(write("one\n", to: file) == 0)
      try FileManager.default.moveItem(atPath: path, toPath: moved)
      #expect(write("two\n", to: file) == 0)
      try file.reopen()
      #expect(write("three\n", to: file) == 0)
      #expect(try String(contentsOfFile: moved, encoding: .utf8) == "before\none\ntwo\n")
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "three\n")
    }
  }

  @Test func countsWhatAFullDiskDoesNotTake() throws {
    let file = try AccessLogFile(.file("/dev/full"))
    #expect(write("one\ntwo\n", to: file) == 2)
  }

  /// Others write to it too: whole lines only, also when its reader takes nothing for a while.
  @Test func writesWholeLinesToAPipeOrNone() async throws {
    try await withFolder { folder in
      let path = folder.appending(path: "pipe").path()
      try #require(mkfifo(path, 0o600) == 0)
      // Open for both, so that neither end waits for the other.
      let reader = open(path, O_RDWR | O_NONBLOCK)
      defer { close(reader) }
      let file = try AccessLogFile(.file(path))
      let lines = (0..<2_000).map { "{\"line\":\($0),\"text\":\"\(String(repeating: "x", count: 90))\"}" }
      let lost = write(lines.map { $0 + "\n" }.joined(), to: file) { false }
      #expect(lost > 0 && lost < 2_000)
      var taken = [UInt8](repeating: 0, count: 1 << 20)
      let count = read(reader, &taken, taken.count)
      let read = String(decoding: taken[..<max(0, count)], as: UTF8.self)
      #expect(read.hasSuffix("\n") && read.split(separator: "\n").map(String.init) == Array(lines.prefix(2_000 - lost)))
      #expect(write("again\n", to: file) == 0)
    }
  }

  @Test func sayWhyAFileCannotBeOpened() {
    let failure = #expect(throws: AccessLogFile.Failure.self) { try AccessLogFile(.file("/nonexistent/calls")) }
    #expect(failure?.description == "cannot open '/nonexistent/calls': No such file or directory")
  }

  /// What was handed over before is written, and then the service ends.
  @Test func writesTheRestBeforeItStops() async throws {
    try await withFolder { folder in
      let path = folder.appending(path: "calls").path()
      let log = AccessLog(.all)
      let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      let services = ServiceGroup(
        services: [AccessLogWriter(log, to: try AccessLogFile(.file(path)), logger: quiet)], logger: quiet)
      async let ending: Void = services.run()
      let world = World(backend: .mock(.init(status: 204, headers: [], body: "")))
      try await RunningGateway.with(world, accessLog: log) { gateway in
        let client = try await gateway.connect()
        for _ in 0..<3 {
          try await client.send(request())
          _ = try await client.readHead()
        }
      }
      await services.triggerGracefulShutdown()
      try await ending
      #expect(try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").count == 3)
      #expect(log.counts == (written: 3, dropped: 0))
    }
  }
}
