import NIOCore
import NIOPosix

/// Bytes to a listener and back, for what no HTTP client would send.
enum RawCall {
  /// Sends `text` and gives what comes, up to `end` or the connection's own end.
  static func send(_ text: String, to address: String, until end: String) async throws -> String {
    let parts = address.split(separator: ":")
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: String(parts[0]), port: Int(parts[1])!) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(string: text))
      var received = ""
      for try await bytes in inbound {
        received += String(buffer: bytes)
        if received.contains(end) { break }
      }
      return received
    }
  }
}
