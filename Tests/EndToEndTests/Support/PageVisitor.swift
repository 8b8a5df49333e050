import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

/// A browser without a screen: keeps cookies, sends forms as their pages have them, and follows no redirect by itself.
struct PageVisitor {
  let console: String
  private(set) var cookies: [String: String] = [:]

  init(at console: String) { self.console = console }

  /// What it sends to every port of the console's host.
  var cookieField: String { cookies.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "; ") }

  mutating func get(_ path: String, accept: String = "text/html,*/*;q=0.8") async throws -> Answer {
    try await visit(.GET, path, [("Accept", accept)], nil)
  }

  /// Looks at a page and sends its form.
  ///
  /// - Parameter page: another page that has a form, where this one is not shown to whoever asks.
  mutating func submit(_ path: String, _ fields: [String: String], from page: String? = nil) async throws -> Answer {
    let page = try await get(page ?? path)
    let token = try #require(page.body.firstMatch(of: /name="formToken" value="([^"]+)"/)?.1)
    let pairs = fields.merging(["formToken": String(token)]) { $1 }.map { "\(encoded($0.key))=\(encoded($0.value))" }
    return try await visit(
      .POST, path,
      [
        ("Content-Type", "application/x-www-form-urlencoded"), ("Origin", "http://\(console)"), ("Accept", "text/html"),
      ],
      pairs.joined(separator: "&"))
  }

  /// Signs a tenant up, and is its owner from then on.
  mutating func signUp(_ slug: String) async throws {
    let answer = try await submit(
      "/sign-up",
      [
        "name": slug.capitalized, "slug": slug, "owner/name": "Owner", "owner/email": "owner@\(slug).example",
        "owner/password": "correct horse battery",
      ])
    try #require(answer.status == 303, "\(answer.body)")
  }

  private mutating func visit(
    _ method: HTTPMethod, _ path: String, _ headers: [(String, String)], _ body: String?
  ) async throws -> Answer {
    var request = HTTPClientRequest(url: "http://\(console)\(path)")
    request.method = method
    request.headers.add(contentsOf: headers)
    if !cookies.isEmpty { request.headers.add(name: "Cookie", value: cookieField) }
    if let body { request.body = .bytes(Array(body.utf8)) }
    let answer = try await Self.answer(to: request)
    for cookie in answer.headers["Set-Cookie"] {
      let pair = cookie.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1).map(String.init)
      cookies[pair[0]] = pair.count > 1 ? pair[1] : nil
    }
    return answer
  }

  private static func answer(to request: HTTPClientRequest) async throws -> Answer {
    let configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
      let response = try await client.execute(request, timeout: .seconds(30))
      let body = try await response.body.collect(upTo: 1 << 22)
      return Answer(status: Int(response.status.code), headers: response.headers, body: String(buffer: body))
    }
  }

  private func encoded(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
  }
}
