import Testing

@testable import Framing

@Suite struct FieldNameTests {
  static let names: [(String, FieldName)] = [
    ("Host", .host), ("Content-Length", .contentLength), ("Transfer-Encoding", .transferEncoding),
    ("Expect", .expect), ("Trailer", .trailer), ("Connection", .connection), ("Keep-Alive", .keepAlive),
    ("Proxy-Connection", .proxyConnection), ("TE", .te), ("Upgrade", .upgrade), ("HTTP2-Settings", .http2Settings),
    ("Proxy-Authenticate", .proxyAuthenticate), ("Proxy-Authorization", .proxyAuthorization),
    ("Forwarded", .forwarded), ("Via", .via), ("X-Forwarded-For", .xForwardedFor),
    ("X-Forwarded-Host", .xForwardedHost), ("X-Forwarded-Proto", .xForwardedProto),
    ("X-Forwarded-Method", .xForwardedMethod), ("X-Forwarded-Uri", .xForwardedURI),
    ("X-Forwarded-Port", .xForwardedOther), ("X-Forwarded-", .xForwardedOther), ("X-Real-IP", .xRealIP),
    ("X-Request-Id", .xRequestID), ("traceparent", .traceparent), ("tracestate", .tracestate),
    ("X-Latchkey-Tenant", .xLatchkey), ("X-Latchkey-", .xLatchkey),
    ("X-Latchkey-Whatever-Comes-Next-And-Is-Long", .xLatchkey), ("X-Original-Method", .xOriginalMethod),
    ("X-Original-URI", .xOriginalURI), ("X-Original-URL", .pathOverride), ("X-Rewrite-URL", .pathOverride),
    ("X-HTTP-Method-Override", .methodOverride), ("X-HTTP-Method", .methodOverride),
    ("X-Method-Override", .methodOverride), ("jdcloud-apim-subscription-key", .subscriptionKey),
    ("Authorization", .authorization), ("Cookie", .cookie), ("Set-Cookie", .setCookie),
    ("Service-Worker-Allowed", .serviceWorkerAllowed), ("Clear-Site-Data", .clearSiteData), ("Date", .date),
    ("Server", .server), ("Location", .location), ("Origin", .origin),
    ("Access-Control-Request-Method", .accessControlRequestMethod),
    ("Access-Control-Request-Headers", .accessControlRequestHeaders), ("Access-Control-", .accessControl),
    ("Access-Control-Allow-Origin", .accessControl), ("Access-Control-Request-Metho", .accessControl),
    ("Access-Control", .other), ("Accept-Language", .other), ("Origins", .other),
    ("Accept", .other), ("X-Api-Key", .other), ("X", .other), ("Hosts", .other), ("Hos", .other),
    ("X-Latchkey", .other), ("X-Forwarded", .other), ("User-Agent", .other), ("Content-Type", .other),
  ]

  @Test(arguments: names)
  func knowsNamesInAnyCase(name: String, kind: FieldName) {
    for spelling in [name, name.lowercased(), name.uppercased()] {
      let bytes = Array(spelling.utf8)
      let read = FieldName(bytes.span, ByteRange(0, bytes.count))
      #expect(read == kind)
    }
  }

  @Test func namesEveryKind() {
    #expect(Set(Self.names.map(\.1)) == Set(FieldName.allCases))
  }

  @Test(arguments: names.filter { $0.1 != .other && $0.0.contains("-") })
  func refusesNamesThatAliasOursWithUnderscores(name: String, kind: FieldName) {
    let alias = name.split(separator: "-", omittingEmptySubsequences: false).joined(separator: "_")
    #expect(refusal(of: "GET / HTTP/1.1\r\nHost: a\r\n\(alias): 1\r\n\r\n") == .aliasedFieldName)
  }

  @Test func leavesOtherUnderscoresAlone() {
    #expect(refusal(of: "GET / HTTP/1.1\r\nHost: a\r\nX_Other: 1\r\n\r\n") == nil)
  }

  @Test func marksHopByHopFields() {
    let hopByHop = FieldName.allCases.filter(\.isHopByHop)
    #expect(
      hopByHop == [
        .transferEncoding, .connection, .keepAlive, .proxyConnection, .te, .upgrade, .http2Settings,
        .proxyAuthenticate, .proxyAuthorization,
      ])
  }

  @Test(arguments: [
    ("X-Key", "x-key", true), ("X_Key", "X-KEY", true), ("X-Kez", "X-Key", false), ("X-Key", "X-Ke", false),
  ])
  func comparesNamesTakingUnderscoresForDashes(one: String, other: String, same: Bool) {
    let (left, right) = (Array(one.utf8), Array(other.utf8))
    let ranges = (ByteRange(0, left.count), ByteRange(0, right.count))
    let matches = left.span.matches(ranges.0, name: right.span, ranges.1, takingUnderscoreForDash: true)
    #expect(matches == same)
  }

  @Test func writesItsSetsOutCorrectly() {
    let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    #expect(ByteSet.token == ByteSet(letters + "!#$%&'*+-.^_`|~"))
    #expect(ByteSet.path == ByteSet(letters + "-._~!$&'()*+,;=:@/"))
    #expect(ByteSet.hostName == ByteSet(letters + "-._"))
    #expect(ByteSet.ipv6 == ByteSet("0123456789abcdefABCDEF:."))
  }
}
