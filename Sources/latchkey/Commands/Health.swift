import ArgumentParser
import AsyncHTTPClient
import Foundation
import Gateway
import NIOCore
import NIOHTTP1

/// Asks a probe over plain HTTP, for images that have no other client.
struct Health: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Exit with 0 if a probe answers 2xx, with 1 if not.")

  @Option(help: "What to ask (/readyz of the internal listener).")
  var url: String?
  @Option(help: ArgumentHelp("How long to wait.", valueName: "seconds"))
  var timeout: Int64 = 3
  @OptionGroup var options: SettingsOptions

  func run() async throws {
    let url = if let url { url } else { Self.probe(of: try await options.settings().internalAddress) }
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    let client = HTTPClient(configuration: configuration)
    let outcome = await Self.outcome(of: url, on: client, within: .seconds(timeout))
    try await client.shutdown()
    if let failure = outcome {
      FileHandle.standardError.write(Data("\(url): \(failure)\n".utf8))
      throw ExitCode.failure
    }
  }

  /// What was wrong, or `nil`.
  private static func outcome(of url: String, on client: HTTPClient, within time: TimeAmount) async -> String? {
    do {
      let response = try await client.execute(HTTPClientRequest(url: url), timeout: time)
      return (200..<300).contains(response.status.code) ? nil : "\(response.status.code)"
    } catch {
      return "\(error)"
    }
  }

  private static func probe(of address: ListenAddress) -> String {
    let reachable = address.isWildcard ? ListenAddress(host: "127.0.0.1", port: address.port) : address
    return "http://\(reachable)/readyz"
  }
}
