import AsyncHTTPClient
import Contract
import Foundation
import NIOCore
import NIOHTTP1
import Testing

/// One answer, read to its end.
struct Answer {
  let status: Int
  let headers: HTTPHeaders
  let body: String

  /// The body as JSON; a body that is none is a failure of the test.
  var json: JSONValue {
    get throws { try JSONValue(parsing: Array(body.utf8)) }
  }
}

/// Calls listeners over HTTP.
enum Caller {
  static func call(
    _ method: HTTPMethod = .GET, _ url: String, headers: [(String, String)] = [], body: String? = nil
  ) async throws -> Answer {
    var request = HTTPClientRequest(url: url)
    request.method = method
    request.headers.add(contentsOf: headers)
    if let body { request.body = .bytes(Array(body.utf8)) }
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
    let bytes = try await response.body.collect(upTo: 1 << 22)
    return Answer(status: Int(response.status.code), headers: response.headers, body: String(buffer: bytes))
  }

  /// Asks until the answer has this status, for twenty seconds at most; gives the last answer either way.
  /// - Parameter isRight: what must hold of it besides.
  static func untilStatus(
    _ status: Int, _ url: String, headers: [(String, String)] = [], and isRight: (Answer) -> Bool = { _ in true }
  ) async throws -> Answer {
    let deadline = ContinuousClock.now + .seconds(20)
    var answer = try await call(.GET, url, headers: headers)
    while answer.status != status || !isRight(answer), ContinuousClock.now < deadline {
      answer = try await call(.GET, url, headers: headers)
    }
    return answer
  }
}

/// The header of a call with this secret.
func keyed(_ secret: String) -> [(String, String)] { [("jdcloud-apim-subscription-key", secret)] }
