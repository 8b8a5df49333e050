import Foundation
import TestWire
import Testing

@testable import Gateway

/// What the W3C recommendation Trace Context has a gateway do with `traceparent` and `tracestate`.
@Suite(.timeLimit(.minutes(10))) struct TraceTests {
  private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
  private static let parent = "00f067aa0ba902b7"

  /// What the backend gets of a call with these fields.
  private func upstream(_ fields: String) async throws -> (parents: [String], states: [String]) {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port)) { gateway in
        let client = try await gateway.connect()
        try await client.send(request("GET", "/acme/online/echo/x", fields))
        let head = try await backend.accept().readHead()
        let all = lines(head).compactMap { line -> (String, String)? in
          guard let colon = line.firstIndex(of: ":") else { return nil }
          return (line[..<colon].lowercased(), line[line.index(after: colon)...].trimmingPrefix(" ").description)
        }
        return (all.filter { $0.0 == "traceparent" }.map(\.1), all.filter { $0.0 == "tracestate" }.map(\.1))
      }
    }
  }

  private func isBegun(_ parents: [String]) -> Bool {
    guard parents.count == 1, let parent = parents.first else { return false }
    return parent.wholeMatch(of: /00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01/) != nil
      && !parent.contains(Self.trace)
  }

  @Test func beginsATraceWhereNoneCame() async throws {
    let one = try await upstream("")
    let other = try await upstream("")
    #expect(isBegun(one.parents) && isBegun(other.parents) && one.parents != other.parents)
  }

  @Test(arguments: [
    ("traceparent", "00-TRACE-PARENT-01", "01"), ("TraceParent", "00-TRACE-PARENT-00", "00"),
    ("TRACEPARENT", " 00-TRACE-PARENT-01 ", "01"), ("traceparent", "00-TRACE-PARENT-03", "03"),
    // Flags without a meaning are not passed on, and a later version is continued as far as it is understood.
    ("traceparent", "00-TRACE-PARENT-ff", "03"), ("traceparent", "cc-TRACE-PARENT-01", "01"),
    ("traceparent", "cc-TRACE-PARENT-01-what-the-future-will-be-like", "01"),
    ("traceparent", "fe-TRACE-PARENT-00-", "00"),
  ])
  func continuesAProperOneAsItsOwnPart(name: String, value: String, flags: String) async throws {
    let (parents, states) = try await upstream(
      "\(name): \(value.replacing("TRACE", with: Self.trace).replacing("PARENT", with: Self.parent))\r\n"
        + "tracestate: a=1,b=2\r\nTraceState: c=3\r\n")
    try #require(parents.count == 1)
    #expect(parents[0].hasPrefix("00-\(Self.trace)-") && parents[0].hasSuffix("-\(flags)") && parents[0].count == 55)
    #expect(!parents[0].contains(Self.parent))
    #expect(states == ["a=1,b=2", "c=3"])
  }

  @Test(arguments: [
    "", "00", "nonsense", "00-TRACE-PARENT", "00-TRACE-PARENT-", "00-TRACE-PARENT-1", "00-TRACE-PARENT-011",
    "00-TRACE-PARENT-01-", "00-TRACE-PARENT-01-more", "00-TRACE-PARENT-01.", "cc-TRACE-PARENT-01.more",
    "ff-TRACE-PARENT-01", "0-TRACE-PARENT-01", "000-TRACE-PARENT-01", ".0-TRACE-PARENT-01", "FE-TRACE-PARENT-01",
    "00-00000000000000000000000000000000-PARENT-01", "00-TRACE-0000000000000000-01",
    "00-4BF92F3577B34DA6A3CE929D0E0E4736-PARENT-01", "00-TRACE-00F067AA0BA902B7-01", "00-TRACE-PARENT-0A",
    "00-.bf92f3577b34da6a3ce929d0e0e4736-PARENT-01", "00-4bf92f3577b34da6a3ce929d0e0e473-PARENT-01",
    "00-4bf92f3577b34da6a3ce929d0e0e47367-PARENT-01", "00-TRACE-.0f067aa0ba902b7-01", "00-TRACE-00f067aa0ba902b-01",
    "00-TRACE-00f067aa0ba902b71-01", "00_TRACE_PARENT_01", "00-TRACE-PARENT-0x",
    "00-TRACE-PARENT-01\r\ntraceparent: 00-TRACE-PARENT-01", "00-TRACE-PARENT-01, 00-TRACE-PARENT-01",
  ])
  func beginsAnewInPlaceOfAnImproperOne(value: String) async throws {
    let text = value.replacing("TRACE", with: Self.trace).replacing("PARENT", with: Self.parent)
    let (parents, states) = try await upstream("traceparent: \(text)\r\ntracestate: a=1\r\n")
    #expect(isBegun(parents), "\(parents)")
    #expect(states == [], "what came with another trace is not this one's")
  }

  @Test func takesNoneFromATrailer() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port)) { gateway in
        let client = try await gateway.connect()
        try await client.send(
          request(
            "POST", "/acme/online/echo/x", "Transfer-Encoding: chunked\r\n",
            body: "1\r\na\r\n0\r\ntraceparent: 00-\(Self.trace)-\(Self.parent)-01\r\nOther: 1\r\n\r\n"))
        let sent = try await backend.accept().read(through: "Other: 1\r\n\r\n")
        #expect(sent.components(separatedBy: "traceparent").count == 2 && !sent.contains(Self.trace))
      }
    }
  }

  /// For a proxy that puts it into the call that it forwards.
  @Test func isToldToWhoeverChecks() async throws {
    try await RunningGateway.with(World(port: 1)) { gateway in
      let proxy = try await gateway.connectInternally()
      let original = "X-Original-Method: GET\r\nX-Original-URI: /acme/online/echo/x\r\n"
      let fields = original + "traceparent: 00-\(Self.trace)-\(Self.parent)-00\r\n"
      try await proxy.send(request("GET", "/check/nginx", fields))
      let answer = try await proxy.readHead()
      #expect(answer.contains("\r\ntraceparent: 00-\(Self.trace)-") && !answer.contains(Self.parent))
      try await proxy.send(request("GET", "/check/nginx", original))
      let begun = lines(try await proxy.readHead()).filter { $0.hasPrefix("traceparent: ") }.map {
        String($0.dropFirst(13))
      }
      #expect(isBegun(begun))
    }
  }
}
