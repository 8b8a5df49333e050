import ArgumentParser
import Foundation
import Gateway
import HTTPTypes
import Hummingbird
import Logging
import ServiceLifecycle
import UnixSignals

/// A backend for trying things out: it answers each request with what it received.
struct Echo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a backend that answers each request with what it received.")

  @Option(help: ArgumentHelp("Where to listen.", valueName: "host:port"))
  var address = "127.0.0.1:9000"

  func run() async throws {
    guard let address = ListenAddress(address) else {
      throw ValidationError("--address: '\(address)' is not HOST:PORT")
    }
    var logger = Logger(label: "latchkey.echo", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = .notice
    let responder = CallbackResponder<BasicRequestContext> { request, _ in try await Self.answer(request) }
    let server = HTTPService("echo", on: address, responder: responder, logger: logger)
    try await ServiceGroup(
      services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
    ).run()
  }

  /// What was received, as JSON: method, path, query, header lines in order and the body as text.
  private struct Received: Encodable {
    let method, path: String
    let query: String?
    let headers: [String: String]
    let body: String
  }

  private static func answer(_ request: Request) async throws -> Response {
    let body = try await request.body.collect(upTo: 1 << 20)
    let received = Received(
      method: request.method.rawValue,
      path: request.uri.path,
      query: request.uri.query,
      headers: Dictionary(
        request.headers.map { ($0.name.canonicalName, $0.value) }, uniquingKeysWith: { "\($0), \($1)" }),
      body: String(buffer: body))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let json = try encoder.encode(received)
    return Response(
      status: .ok, headers: [.contentType: "application/json"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: json + [UInt8(ascii: "\n")])))
  }
}
