import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import Testing

@testable import ConsoleAPI

/// threats.md, row 21: a request is there whole within a minute, or its connection ends.
struct LateRequestTests {
  private static let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"

  @Test(arguments: ["", "x"])
  func refusesOneThatIsNotThereInTime(part: String) async throws {
    let channel = try await channel(Self.head + part)
    await channel.testingEventLoop.advanceTime(by: .seconds(59))
    #expect(channel.isActive)
    await channel.testingEventLoop.advanceTime(by: .seconds(1))
    let answer = try await answer(of: channel)
    #expect(answer.hasPrefix("HTTP/1.1 408 ") && answer.contains("Connection: close\r\n"))
    #expect(answer.contains("\"code\":\"request_timeout\""))
    #expect(!channel.isActive)
    await #expect(throws: (any Error).self) { try await self.write(.head(HTTPResponse(status: .ok)), to: channel) }
  }

  /// However little of it comes at a time.
  @Test func countsFromTheHead() async throws {
    let channel = try await channel("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")
    for _ in 0..<5 {
      await channel.testingEventLoop.advanceTime(by: .seconds(11))
      try await channel.writeInbound(ByteBuffer(string: "x"))
    }
    #expect(channel.isActive)
    await channel.testingEventLoop.advanceTime(by: .seconds(5))
    #expect(!channel.isActive)
  }

  @Test func leavesOneThatIsThereItsTime() async throws {
    let channel = try await channel(Self.head + "xx")
    await channel.testingEventLoop.advanceTime(by: .hours(1))
    #expect(channel.isActive)
    try await write(.head(HTTPResponse(status: .ok, headerFields: [.contentLength: "0"])), .end(nil), to: channel)
    // The next one has a minute of its own.
    try await channel.writeInbound(ByteBuffer(string: Self.head))
    await channel.testingEventLoop.advanceTime(by: .seconds(59))
    try await channel.writeInbound(ByteBuffer(string: "xx"))
    await channel.testingEventLoop.advanceTime(by: .hours(1))
    #expect(channel.isActive)
    #expect(try await answer(of: channel).contains("408") == false)
  }

  /// Nobody could tell whose answer it is.
  @Test(arguments: [true, false])
  func saysNothingBehindAnotherAnswer(isWhole: Bool) async throws {
    let channel = try await channel(Self.head + "x")
    try await write(.head(HTTPResponse(status: .ok, headerFields: [.contentLength: "0"])), to: channel)
    if isWhole { try await write(.end(nil), to: channel) }
    await channel.testingEventLoop.advanceTime(by: .minutes(1))
    #expect(!channel.isActive)
    #expect(try await answer(of: channel).contains("408") == false)
  }

  private func write(_ parts: HTTPResponsePart..., to channel: NIOAsyncTestingChannel) async throws {
    for part in parts { try await channel.writeOutbound(part) }
  }

  private func channel(_ bytes: String) async throws -> NIOAsyncTestingChannel {
    let channel = try await NIOAsyncTestingChannel { channel in
      try channel.pipeline.syncOperations.configureHTTPServerPipeline(
        withPipeliningAssistance: false, withErrorHandling: false)
      try channel.pipeline.syncOperations.addHandlers(
        HTTP1ToHTTPServerCodec(secure: false), BrokenRequestHandler(), LateRequestHandler())
    }
    try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
    try await channel.writeInbound(ByteBuffer(string: bytes))
    return channel
  }

  private func answer(of channel: NIOAsyncTestingChannel) async throws -> String {
    var text = ""
    while let bytes = try await channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
    return text
  }
}
