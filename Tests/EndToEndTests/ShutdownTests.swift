import Foundation
import NIOCore
import Postgres
import Synchronization
import TestPostgres
import TestWire
import Testing

/// How the binary ends, and what it starts with.
@Suite(.database, .timeLimit(.minutes(10))) struct ShutdownTests {
  /// The path of a released group whose answers the backend holds, once it can be called.
  private func release(_ backend: RecordingBackend, at latchkey: RunningLatchkey) async throws {
    let acme = try await Tenancy("acme", at: latchkey.address(of: "console"))
    _ = try await acme.release("pets", backend: .http(backend.url), accessMode: "open")
    let check = "http://\(latchkey.address(of: "internal"))/check/nginx"
    let headers = [("X-Original-Method", "GET"), ("X-Original-URI", "/acme/online/pets/ready")]
    let answer = try await Caller.untilStatus(200, check, headers: headers)
    try #require(answer.status == 200)
  }

  private static let request = "GET /acme/online/pets/x HTTP/1.1\r\nHost: a\r\n\r\n"

  @Test func endsWhatItBegan() async throws {
    try await RecordingBackend.with(.holds) { backend in
      try await RunningLatchkey.with(environment: TestDatabase.current.configuration.environment) { latchkey in
        try await release(backend, at: latchkey)
        let port = AttackTarget.port(latchkey.address(of: "gateway"))
        // One that asked nothing, one that had an answer, one whose answer goes on, one that is sending its body.
        let silent = try await Wire.connect(to: port)
        let idle = try await Wire.connect(to: port)
        try await idle.send("GET /none HTTP/1.1\r\nHost: a\r\n\r\n")
        let refusal = try await idle.read(through: "}\n")
        #expect(refusal.hasPrefix("HTTP/1.1 404 "))
        let streaming = try await Wire.connect(to: port)
        try await streaming.send(Self.request)
        let begun = try await streaming.read(through: "hello")
        #expect(begun.hasPrefix("HTTP/1.1 200 "))
        let sending = try await Wire.connect(to: port)
        try await sending.send("POST /acme/online/pets/x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello")
        try await eventually { backend.requests.count >= 2 }

        async let code = latchkey.stop(SIGTERM)
        // Nobody new is let in, and who waits for nothing is let go.
        #expect(await silent.readToAnyEnd().text == "")
        #expect(await idle.readToAnyEnd().text == "")
        await #expect(throws: (any Error).self) { try await Wire.connect(to: port) }
        // The others have all the time of the grace period.
        try await sending.send("world")
        try await eventually { backend.heldAnswers >= 2 }
        backend.release()
        let rest = try await streaming.readToEnd()
        #expect(rest == "world")
        let answer = try await sending.readToEnd()
        #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.hasSuffix("\r\n\r\nhelloworld"))
        #expect(answer.contains("\r\nConnection: close\r\n"))
        #expect(await code == 0)
      }
    }
  }

  /// Clients that ask on as soon as they are answered, each until it is told that the answer was the last.
  @Test func losesNoRequestUnderLoad() async throws {
    try await RecordingBackend.with { backend in
      try await RunningLatchkey.with(environment: TestDatabase.current.configuration.environment) { latchkey in
        try await release(backend, at: latchkey)
        let port = AttackTarget.port(latchkey.address(of: "gateway"))
        let answers = Mutex<Int>.Box()
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<64 {
            let wire = try await Wire.connect(to: port)
            group.addTask {
              while true {
                try await wire.send(Self.request)
                let answer = try await wire.read(through: "hello")
                try #require(answer.hasPrefix("HTTP/1.1 200 "))
                answers.increment()
                if answer.contains("\r\nConnection: close\r\n") { return }
              }
            }
          }
          try await eventually { answers.value >= 2000 }
          #expect(await latchkey.stop(SIGTERM) == 0)
          try await group.waitForAll()
        }
        #expect(answers.value == backend.requests.count)
      }
    }
  }

  /// A connection that is kept is told that its answer was the last.
  @Test func announcesThatAKeptConnectionCloses() async throws {
    try await RecordingBackend.with(.holds) { backend in
      try await RunningLatchkey.with(environment: TestDatabase.current.configuration.environment) { latchkey in
        try await release(backend, at: latchkey)
        let port = AttackTarget.port(latchkey.address(of: "gateway"))
        let holder = try await Wire.connect(to: port), halfway = try await Wire.connect(to: port)
        try await holder.send(Self.request)
        _ = try await holder.read(through: "hello")
        try await halfway.send("GET /none HTTP/1.1\r\nHost:")
        // Connections are dealt out among the event loops in turn: once these are closed, every loop is draining.
        var idle: [Wire] = []
        for _ in 0..<System.coreCount { idle.append(try await Wire.connect(to: port)) }
        async let code = latchkey.stop(SIGTERM)
        for wire in idle { #expect(await wire.readToAnyEnd().text == "") }
        try await halfway.send(" a\r\n\r\n")
        let answer = try await halfway.readToEnd()
        #expect(answer.hasPrefix("HTTP/1.1 404 ") && answer.contains("\r\nConnection: close\r\n"))
        backend.release()
        let rest = try await holder.readToEnd()
        #expect(rest == "world")
        #expect(await code == 0)
      }
    }
  }

  /// Ten thousand connections are no use to a process that may have a thousand files open.
  @Test func mayHaveAsManyFilesOpenAsTheSystemLetsIt() async throws {
    let environment = TestDatabase.current.configuration.environment
    try await RunningLatchkey.with(
      environment: environment, launcher: ["/usr/bin/prlimit", "--nofile=256:4096"]
    ) { latchkey in
      let limits = try String(contentsOfFile: "/proc/\(latchkey.pid)/limits", encoding: .utf8)
      let line = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max open files") })
      #expect(line.split(separator: " ").dropFirst(3).prefix(2) == ["4096", "4096"])
    }
  }

  /// More connections than it may have open wait in the system's queue, and are served once others have gone.
  @Test func servesAgainAfterItRanOutOfFiles() async throws {
    let environment = TestDatabase.current.configuration.environment
    try await RunningLatchkey.with(
      environment: environment, launcher: ["/usr/bin/prlimit", "--nofile=256:256"]
    ) { latchkey in
      let port = AttackTarget.port(latchkey.address(of: "gateway"))
      var held: [Wire] = []
      for _ in 0..<400 { held.append(try await Wire.connect(to: port)) }
      let last = try await Wire.connect(to: port)
      try await last.send("GET /none HTTP/1.1\r\nHost: a\r\n\r\n")
      for wire in held { try await wire.close() }
      let answer = try await last.read(through: "}\n")
      #expect(answer.hasPrefix("HTTP/1.1 404 "))
    }
  }
}
