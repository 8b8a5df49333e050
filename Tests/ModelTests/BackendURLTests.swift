import Testing

@testable import Model

@Suite struct BackendURLTests {
  struct Parts: Sendable {
    let text, host: String
    let port: Int
    let authority, basePath: String
  }

  @Test(arguments: [
    Parts(text: "http://a", host: "a", port: 80, authority: "a", basePath: ""),
    Parts(text: "http://a/", host: "a", port: 80, authority: "a", basePath: ""),
    Parts(
      text: "HTTPS://A.example:8443/v1/", host: "a.example", port: 8443, authority: "a.example:8443", basePath: "/v1"),
    Parts(text: "https://a:443/x/y", host: "a", port: 443, authority: "a", basePath: "/x/y"),
    Parts(text: "http://127.0.0.1:19000", host: "127.0.0.1", port: 19000, authority: "127.0.0.1:19000", basePath: ""),
    Parts(text: "http://[::1]:8080/a", host: "::1", port: 8080, authority: "[::1]:8080", basePath: "/a"),
    Parts(text: "http://my_service", host: "my_service", port: 80, authority: "my_service", basePath: ""),
  ])
  func takesURLsApart(parts: Parts) {
    let url = BackendURL(parts.text)
    #expect(url?.host == parts.host)
    #expect(url?.port == parts.port)
    #expect(url?.authority == parts.authority)
    #expect(url?.basePath == parts.basePath)
    #expect(url?.description == parts.text)
  }

  @Test(arguments: [
    "", "a", "//a", "ftp://a", "file:///etc/passwd", "gopher://a", "http:a", "http://", "http:///a", "http://user@a",
    "http://user:password@a", "http://a?b", "http://a/?b", "http://a#b", "http://a/b#c", "http://a b", "http://a\\b",
    "http://a:0", "http://a:65536", "http://a:", "http://a:x", "http://a:+80", "http://a:80:80", "http://-a",
    "http://a..b",
    "http://a/../b", "http://a//b", "http://a/%2e%2e", "http://a/b%00", "http://a\n", "http://a\r\nHost: b",
    "http://a\t",
    "http://[::1", "http://::1", "http://[::1]x", "http://[a]", "http://é", "http://a/{b}", "http://a%20b",
    "http://" + String(repeating: "a", count: 64), "http://a/" + String(repeating: "b", count: 2048),
  ])
  func refusesEverythingElse(text: String) {
    #expect(BackendURL(text) == nil)
  }
}
