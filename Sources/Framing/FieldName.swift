/// The field names that the gateway reads, replaces or removes; every other is `other` and forwarded as it came.
package enum FieldName: UInt8, Sendable, CaseIterable {
  case other
  // Framing and hop-by-hop fields, RFC 9110 §7.6.1 and RFC 9112.
  case host, contentLength, transferEncoding, expect, trailer
  case connection, keepAlive, proxyConnection, te, upgrade, http2Settings
  case proxyAuthenticate, proxyAuthorization
  // What the gateway or a proxy before it says about the client.
  case forwarded, via, xForwardedFor, xForwardedHost, xForwardedProto, xForwardedMethod, xForwardedURI
  case xForwardedOther, xRealIP, xRequestID
  // The trace that a call is a part of.
  case traceparent, tracestate
  case xLatchkey
  case xOriginalMethod, xOriginalURI
  // What makes some backends read another method or path than the line says.
  case methodOverride, pathOverride
  // Credentials and the browser's per-origin state.
  case subscriptionKey, authorization
  case cookie, setCookie, serviceWorkerAllowed, clearSiteData
  // What pages of other origins ask and are told; the last is all of the family that is not named here.
  case origin, accessControlRequestMethod, accessControlRequestHeaders, accessControl
  // What answers are read for.
  case date, server, location
}

extension FieldName {
  /// Whether the field is about one connection and is never forwarded (RFC 9110 §7.6.1).
  ///
  /// Fields named by `Connection` are so too, see ``RequestHead/isNamedByConnection(_:in:)``.
  package var isHopByHop: Bool {
    switch self {
    case .connection, .keepAlive, .proxyConnection, .te, .upgrade, .http2Settings, .transferEncoding,
      .proxyAuthenticate, .proxyAuthorization:
      true
    default: false
    }
  }

  /// Whether the field is of the family `Access-Control-…`.
  package var isAccessControl: Bool {
    switch self {
    case .accessControl, .accessControlRequestMethod, .accessControlRequestHeaders: true
    default: false
    }
  }

  /// Whether a trailer section may not hold the field: framing, routing, credentials and what we add
  /// (RFC 9110 §6.5.1). Such a trailer is dropped.
  package var isForbiddenInTrailers: Bool {
    switch self {
    case .other, .date, .server: false
    default: true
    }
  }

  /// The name in `range` of `bytes`, in any case; `_` is not taken for `-`.
  @inline(__always)
  package init(_ bytes: Span<UInt8>, _ range: ByteRange) {
    self = FieldName.named(bytes, range)
  }

  /// Written by length, so that most names are told apart from all of ours without reading them.
  static func named(_ bytes: Span<UInt8>, _ range: ByteRange) -> FieldName {
    switch range.count {
    case 2: return bytes.matches(range, "te") ? .te : .other
    case 3: return bytes.matches(range, "via") ? .via : .other
    case 4:
      if bytes.matches(range, "host") { return .host }
      return bytes.matches(range, "date") ? .date : .other
    case 6:
      if bytes.matches(range, "expect") { return .expect }
      if bytes.matches(range, "cookie") { return .cookie }
      if bytes.matches(range, "origin") { return .origin }
      return bytes.matches(range, "server") ? .server : .other
    case 7:
      if bytes.matches(range, "upgrade") { return .upgrade }
      return bytes.matches(range, "trailer") ? .trailer : .other
    case 8: return bytes.matches(range, "location") ? .location : .other
    case 9:
      if bytes.matches(range, "forwarded") { return .forwarded }
      return bytes.matches(range, "x-real-ip") ? .xRealIP : .other
    case 10:
      if bytes.matches(range, "connection") { return .connection }
      if bytes.matches(range, "keep-alive") { return .keepAlive }
      if bytes.matches(range, "tracestate") { return .tracestate }
      return bytes.matches(range, "set-cookie") ? .setCookie : .other
    case 11 where bytes.matches(range, "traceparent"): return .traceparent
    default: return longNamed(bytes, range)
    }
  }

  private static func longNamed(_ bytes: Span<UInt8>, _ range: ByteRange) -> FieldName {
    switch range.count {
    case 13:
      if bytes.matches(range, "authorization") { return .authorization }
      if bytes.matches(range, "x-http-method") { return .methodOverride }
      if bytes.matches(range, "x-rewrite-url") { return .pathOverride }
    case 14:
      if bytes.matches(range, "content-length") { return .contentLength }
      if bytes.matches(range, "http2-settings") { return .http2Settings }
      if bytes.matches(range, "x-original-uri") { return .xOriginalURI }
      if bytes.matches(range, "x-original-url") { return .pathOverride }
    case 12: if bytes.matches(range, "x-request-id") { return .xRequestID }
    case 15: if bytes.matches(range, "clear-site-data") { return .clearSiteData }
    case 16: if bytes.matches(range, "proxy-connection") { return .proxyConnection }
    case 17:
      if bytes.matches(range, "transfer-encoding") { return .transferEncoding }
      if bytes.matches(range, "x-original-method") { return .xOriginalMethod }
      if bytes.matches(range, "x-method-override") { return .methodOverride }
    case 18: if bytes.matches(range, "proxy-authenticate") { return .proxyAuthenticate }
    case 19: if bytes.matches(range, "proxy-authorization") { return .proxyAuthorization }
    case 22:
      if bytes.matches(range, "x-http-method-override") { return .methodOverride }
      if bytes.matches(range, "service-worker-allowed") { return .serviceWorkerAllowed }
    case 29:
      if bytes.matches(range, "jdcloud-apim-subscription-key") { return .subscriptionKey }
      if bytes.matches(range, "access-control-request-method") { return .accessControlRequestMethod }
    case 30: if bytes.matches(range, "access-control-request-headers") { return .accessControlRequestHeaders }
    default: break
    }
    switch bytes[unchecked: range.lowerBound].lowercased {
    case 0x78: return prefixed(bytes, range)
    case 0x61: return bytes.hasPrefix(range, "access-control-") ? .accessControl : .other
    default: return .other
    }
  }

  /// The families `X-Forwarded-…` and `X-Latchkey-…`.
  private static func prefixed(_ bytes: Span<UInt8>, _ range: ByteRange) -> FieldName {
    if bytes.hasPrefix(range, "x-latchkey-") { return .xLatchkey }
    guard bytes.hasPrefix(range, "x-forwarded-") else { return .other }
    if bytes.matches(range, "x-forwarded-for") { return .xForwardedFor }
    if bytes.matches(range, "x-forwarded-host") { return .xForwardedHost }
    if bytes.matches(range, "x-forwarded-proto") { return .xForwardedProto }
    if bytes.matches(range, "x-forwarded-method") { return .xForwardedMethod }
    if bytes.matches(range, "x-forwarded-uri") { return .xForwardedURI }
    return .xForwardedOther
  }
}
