import Testing

@testable import Model

/// What a policy may say, and what a change makes of it.
@Suite struct CORSPolicyTests {
  @Test(arguments: [
    ("*", "*"), ("https://app.example", "https://app.example"), ("HTTPS://App.Example", "https://app.example"),
    ("https://app.example:443", "https://app.example"), ("http://app.example:80", "http://app.example"),
    ("https://app.example:80", "https://app.example:80"), ("http://localhost:3000", "http://localhost:3000"),
    ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("http://[::1]:8080", "http://[::1]:8080"),
    ("https://*.app.example", "https://*.app.example"), ("https://*.App.example:8443", "https://*.app.example:8443"),
    ("https://*.app.example:443", "https://*.app.example"), ("capacitor://localhost", "capacitor://localhost"),
    ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
  ])
  func readsAnOriginAsBrowsersWriteIt(text: String, written: String) throws {
    let origin = try #require(CORSOrigin(text))
    #expect(origin.description == written)
    #expect(CORSOrigin(written) == origin)
  }

  @Test(arguments: [
    "", "null", "app.example", "//app.example", "https:/app.example", "https://", "https://app.example/",
    "https://app.example/x", "https://app.example?", "https://app.example#", "https://user@app.example",
    "https://app.example.", "https://.app.example", "https://a..example", "https://app.example:",
    "https://app.example:0", "https://app.example:65536", "https://app.example:x", "https://app.example :443",
    "https://app.example\r\nX: y", "https://app.example\u{0}", "https://bücher.example", "\u{212A}ttps://a.example",
    "https://\u{212A}.example", "https://*", "https://*.", "https://*.com", "https://*.localhost",
    "https://*.*.example", "https://a.*.example", "https://*a.app.example", "https://*.0.0.1", "https://*.[::1]",
    "*://app.example", "*.app.example", "**", "https://app.example,https://b.example",
    "1ttps://a.example", "ht tps://a.example",
    "https://-a.example", "https://[::1", "https://\(String(repeating: "a", count: 300)).example",
  ])
  func refusesWhatNoBrowserSends(text: String) {
    #expect(CORSOrigin(text) == nil)
  }

  @Test(arguments: ["*", "GET", "PUT", "PROPFIND", "M-SEARCH"])
  func readsMethods(text: String) { #expect(CORSMethod(text)?.description == text) }

  @Test(arguments: ["", "get", "Put", "CONNECT", "TRACE", "TRACK", "GET,PUT", "GET ", "**", "-A", "G\r\nX"])
  func refusesOtherMethods(text: String) { #expect(CORSMethod(text) == nil) }

  @Test(arguments: ["*", "X-A", "content-type", "Authorization"])
  func readsHeaders(text: String) { #expect(CORSHeader(text)?.description == text) }

  @Test(arguments: ["", "X A", "X-*", "a:b", "é", "a,b", "X\r\nY", String(repeating: "x", count: 65)])
  func refusesOtherHeaders(text: String) { #expect(CORSHeader(text) == nil) }

  private static let origin = CORSOrigin("https://app.example")!
  private static let nothing = CORSPolicy.Changes(
    allowedOrigins: nil, allowedMethods: .keep, allowedHeaders: .keep, exposedHeaders: .keep, allowsCredentials: .keep,
    maxAge: .keep)

  @Test func aNewPolicyNeedsOriginsOnly() throws {
    let changes = CORSPolicy.Changes(
      allowedOrigins: [Self.origin], allowedMethods: .keep, allowedHeaders: .clear, exposedHeaders: .keep,
      allowsCredentials: .keep, maxAge: .keep)
    let policy = try changes.applied(to: nil)
    #expect(policy == CORSPolicy(allowedOrigins: [Self.origin]))
    #expect(policy.allowedMethods == [.any] && policy.allowedHeaders == [.any] && policy.maxAge == 5)
    #expect(throws: InvalidInput("/cors/allowedOrigins", "is missing")) { try Self.nothing.applied(to: nil) }
  }

  @Test func aChangeTouchesWhatItNames() throws {
    let policy = CORSPolicy(
      allowedOrigins: [Self.origin], allowedMethods: [CORSMethod("PUT")!], exposedHeaders: [CORSHeader("X-A")!],
      allowsCredentials: true, maxAge: 60)
    #expect(try Self.nothing.applied(to: policy) == policy)
    let changed = try CORSPolicy.Changes(
      allowedOrigins: nil, allowedMethods: .clear, allowedHeaders: .set([]), exposedHeaders: .keep,
      allowsCredentials: .clear, maxAge: .set(0)
    ).applied(to: policy)
    #expect(
      changed
        == CORSPolicy(
          allowedOrigins: [Self.origin], allowedHeaders: [], exposedHeaders: [CORSHeader("X-A")!],
          allowsCredentials: false, maxAge: 0))
  }

  @Test func credentialsNeedNamedOriginsAndHeaders() {
    #expect(CORSPolicy(allowedOrigins: [.any], allowsCredentials: true).flaw?.member == "allowCredentials")
    let exposing = CORSPolicy(allowedOrigins: [Self.origin], exposedHeaders: [.any], allowsCredentials: true)
    #expect(exposing.flaw?.member == "exposedHeaders")
    #expect(CORSPolicy(allowedOrigins: [Self.origin], allowsCredentials: true).flaw == nil)
    #expect(CORSPolicy(allowedOrigins: [.any], exposedHeaders: [.any]).flaw == nil)
  }

  @Test func isNoKeyHeader() {
    for name in ["Origin", "origin", "Access-Control-Request-Headers", "access_control_x"] {
      #expect(KeyHeaderName(name) == nil)
    }
  }
}
