import Contract
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import Testing

@testable import ConsoleAPI

/// What is no HTTP is told in a problem like everything else.
struct BrokenRequestTests {
  @Test(arguments: [
    ("garbage\r\n\r\n", 400, "malformed_request"),
    ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "malformed_request"),
    ("GET / HTTP/1.1\r\nX: \(String(repeating: "x", count: 100_000))\r\n\r\n", 431, "head_too_large"),
  ])
  func answersWithAProblem(bytes: String, status: Int, code: String) async throws {
    let channel = try await channel()
    _ = try? await channel.writeInbound(ByteBuffer(string: bytes))
    let answer = try await answer(of: channel)
    #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
    #expect(answer.contains("Content-Type: application/problem+json\r\n") && answer.contains("Connection: close\r\n"))
    #expect(answer.contains("\"code\":\"\(code)\""))
    #expect(!channel.isActive)
  }

  /// Nobody could tell whose answer it is.
  @Test func answersNothingInTheMiddleOfAnother() async throws {
    let channel = try await channel()
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    try await channel.writeInbound(ByteBuffer(string: head))
    _ = try? await channel.writeInbound(ByteBuffer(string: "x\r\n"))
    #expect(try await answer(of: channel).isEmpty)
  }

  private func channel() async throws -> NIOAsyncTestingChannel {
    let channel = try await NIOAsyncTestingChannel { channel in
      try channel.pipeline.syncOperations.configureHTTPServerPipeline(
        withPipeliningAssistance: false, withErrorHandling: false)
      try channel.pipeline.syncOperations.addHandlers(HTTP1ToHTTPServerCodec(secure: false), BrokenRequestHandler())
    }
    try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
    return channel
  }

  private func answer(of channel: NIOAsyncTestingChannel) async throws -> String {
    var text = ""
    while let bytes = try await channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
    return text
  }
}
