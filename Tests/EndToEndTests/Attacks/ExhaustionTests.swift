import Foundation
import Model
import Synchronization
import TestPostgres
import TestWire
import Testing

extension AttackTests {
  /// Row 21: whatever is sent too much of is refused early, holds only its own connection and leaves memory as it was.
  ///
  /// One test at a time has a process to itself, since it measures what that grows by.
  @Suite(.serialized, .underAttack) struct ExhaustionTests {
    enum TooLarge: String, CaseIterable {
      case manyLines, manyEmptyLines, longValue, longName, manyCookies

      /// Ten thousand lines, or a mebibyte.
      var fields: String {
        switch self {
        case .manyLines: String(repeating: "A: b\r\n", count: 10_000)
        case .manyEmptyLines: String(repeating: "x:\r\n", count: 10_000)
        case .longValue: "A: " + String(repeating: "x", count: 1 << 20) + "\r\n"
        case .longName: String(repeating: "x", count: 1 << 20) + ": a\r\n"
        case .manyCookies: String(repeating: "Cookie: a=b\r\n", count: 80_000)
        }
      }
    }

    @Test(arguments: TooLarge.allCases) func refusesTooLargeAHead(head: TooLarge) async throws {
      try await AttackTarget.current.withGroup { group in
        for method in ["GET", "POST"] {
          let answers = try await group.answers(to: group.request(method, "/ok", head.fields))
          #expect(answers.statuses == [431])
        }
        let line = "GET \(group.path)/\(String(repeating: "a", count: 1 << 20)) HTTP/1.1\r\nHost: a\r\n\r\n"
        let long = try await group.answers(to: line)
        #expect(long.statuses == [431])
        #expect(group.backend.connections.isEmpty)
      }
    }

    @Test func refusesTrailersThatNeverEnd() async throws {
      try await AttackTarget.current.withGroup { group in
        let body = "0\r\n" + String(repeating: "A: b\r\n", count: 20_000)
        let answers = try await group.answers(
          to: group.request("POST", "/ok", "Transfer-Encoding: chunked\r\n", body: body))
        #expect(answers.statuses == [400])
      }
    }

    /// More bodies that do not go on than a backend has connections, and others who call that very backend.
    @Test func oneAddressDoesNotKeepABackendFromTheOthers() async throws {
      let target = AttackTarget.current
      try await target.withGroup(accessMode: "open") { group in
        var slow: [Wire] = []
        for _ in 0..<1100 {
          let wire = try await Wire.connect(to: target.gatewayPort)
          try await wire.send(group.request("POST", "/slow", "Content-Length: 100000\r\n", keyed: false, body: "x"))
          slow.append(wire)
        }
        // So many calls are let through, and one address gets no more.
        try await eventually { group.backend.connections.count >= 675 }
        for _ in 0..<50 {
          let answers = try await group.answers(to: group.request(keyed: false), from: "127.0.0.2")
          #expect(answers.statuses == [200])
        }
        for wire in slow { try await wire.close() }
      }
    }

    /// Answers of 16 MiB to forty who do not read them: the gateway holds next to nothing of any.
    @Test func holdsNoAnswerThatNobodyReads() async throws {
      let target = AttackTarget.current
      try await target.withGroup(behaviour: .answersAtLength(16 << 20)) { group in
        try await target.withGroup { other in
          let before = try target.latchkey.residentMemory
          var deaf: [Wire] = []
          for _ in 0..<40 {
            let wire = try await Wire.connect(to: target.gatewayPort)
            try await wire.pauseReading()
            try await wire.send(group.request())
            deaf.append(wire)
          }
          try await eventually { group.backend.requests.count >= 40 }
          for _ in 0..<50 {
            let answers = try await other.answers(to: other.request())
            #expect(answers.statuses == [200])
          }
          let grown = try target.latchkey.residentMemory - before
          #expect(grown < 48 << 20, "\(grown >> 20) MiB for 640 MiB")
          for wire in deaf { try await wire.close() }
        }
      }
    }

    /// Connections that hold half a head, half a body, or nothing.
    @Test func servesOthersBesideAThousandSlowOnes() async throws {
      let target = AttackTarget.current
      try await target.withGroup { group in
        let before = try target.latchkey.residentMemory
        let halves = [
          "", "G", "GET / HTTP/1.1\r\nHost: a\r\nA: ",
          "GET / HTTP/1.1\r\nHost: a\r\nA: \(String(repeating: "x", count: 16_000))",
          group.request("POST", "/slow", "Content-Length: 100000\r\n", body: "half"),
          group.request("POST", "/slow", "Transfer-Encoding: chunked\r\n", body: "ffff\r\nhalf"),
        ]
        var slow: [Wire] = []
        for number in 0..<1000 {
          let wire = try await Wire.connect(to: target.gatewayPort)
          try await wire.send(halves[number % halves.count])
          slow.append(wire)
        }
        for _ in 0..<50 {
          let answers = try await group.answers(to: group.request())
          #expect(answers.statuses == [200])
        }
        let grown = try target.latchkey.residentMemory - before
        #expect(grown < 96 << 20, "\(grown >> 20) MiB for 1,000 connections")
        for wire in slow { try await wire.close() }
      }
    }

    /// Asks with so many unknown keys, and meanwhile with a known one, which is answered; how often.
    private func serve(beside unknown: Int, _ group: AttackedGroup) async throws -> Int {
      let asked = Mutex<Int>.Box()
      async let flood: Void = {
        try await askWithUnknownKeys(unknown, group)
        asked.increment()
      }()
      var served = 0
      while asked.value == 0 {
        let answers = try await group.answers(to: group.request())
        #expect(answers.statuses == [200])
        served += 1
      }
      try await flood
      return served
    }

    /// More than the gateway remembers anything of: it keeps nothing about a key that it does not know.
    @Test func keepsNothingAboutUnknownKeys() async throws {
      let target = AttackTarget.current
      try await target.withGroup { group in
        // The same before, so that what any load takes once is taken.
        var served = 1 + (try await serve(beside: 10_000, group))
        let before = try target.latchkey.residentMemory
        served += try await serve(beside: 20_000, group)
        let grown = try target.latchkey.residentMemory - before
        #expect(grown < 8 << 20, "\(grown >> 10) KiB for 20,000 keys")
        let answers = try await group.answers(to: group.request())
        #expect(answers.statuses == [200])
        #expect(served > 1 && group.backend.requests.count == served)
      }
    }

    /// Pipelined, each with a key of its own that might be one.
    private func askWithUnknownKeys(_ count: Int, _ group: AttackedGroup) async throws {
      let wire = try await Wire.connect(to: group.target.gatewayPort)
      let batch = 500
      for start in stride(from: 0, to: count, by: batch) {
        let requests = (start..<(start + batch)).map { _ in
          let key = SecretValue.random().revealed
          return "HEAD \(group.path)/ok HTTP/1.1\r\nHost: a\r\njdcloud-apim-subscription-key: \(key)\r\n\r\n"
        }
        async let sent: Void = wire.send(requests.joined())
        for _ in 0..<batch {
          let answer = try await wire.readHead()
          try #require(answer.hasPrefix("HTTP/1.1 401 "))
        }
        try await sent
      }
      try await wire.close()
    }
  }
}
