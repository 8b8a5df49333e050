import Framing
import NIOCore
import Routing

extension ByteBuffer {
  /// Appends a request's head as the backend gets it: the same bytes, less what is not the backend's to see, and what the
  /// gateway adds. Adjacent lines that stay are copied as one.
  /// - Parameters:
  ///   - input: Begins with the head's first byte.
  ///   - ownHeaders: Those by which the backend knows the gateway; nil when it has none.
  ///   - trace: What the backend's part of the trace belongs to.
  mutating func write(
    _ head: RequestHead, _ input: ByteBuffer, on route: Route, to backend: HTTPBackend,
    with ownHeaders: BackendHeaders?, from peer: Peer, as id: RequestID, in trace: TraceContext
  ) {
    // What the client's own head can grow by; what a trusted proxy said is written once more at most.
    let reserve =
      head.byteCount * (peer.isTrusted ? 2 : 1) + (head.host?.count ?? 0) + backend.basePath.count
      + backend.authority.count + (ownHeaders?.lines.count ?? 0) + peer.address.count + id.length + 640
    input.withUnsafeReadableBytes { bytes in
      writeHead(reserve: reserve) { writer in
        writer.writeRequestLine(head, bytes, route, backend)
        writer.writeFields(head, bytes, input.readableBytesUInt8Span, route, ownHeaders, peer, trace)
        if let ownHeaders { writer.write(ownHeaders.lines) }
        writer.writeOwnFields(head, route)
        writer.write("X-Request-Id: ")
        id.write(to: &writer)
        writer.write("\r\ntraceparent: ")
        writer.write(trace)
        writer.writeForwardedFields(head, bytes, peer)
        writer.write("\r\n\r\n")
      }
    }
  }
}

extension HeadWriter {
  fileprivate mutating func writeRequestLine(
    _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ route: Route, _ backend: HTTPBackend
  ) {
    write(bytes, head.method.indices)
    write(" ")
    write(backend.basePath)
    if route.apiPath.isEmpty { write("/") } else { write(bytes, route.apiPath.indices) }
    write(bytes, head.path.upperBound..<head.target.upperBound)
    write(" HTTP/1.1\r\nHost: ")
    write(backend.authority)
    write("\r\n")
  }

  /// Copies the lines that stay, in runs.
  fileprivate mutating func writeFields(
    _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ span: Span<UInt8>, _ route: Route,
    _ ownHeaders: BackendHeaders?, _ peer: Peer, _ trace: TraceContext
  ) {
    var runStart = head.fieldsStart
    for index in head.fields.indices {
      let field = head.fields[index]
      if !field.stays(in: head, span, route, peer, trace) || ownHeaders?.replace(field, in: span) ?? false {
        write(bytes, runStart..<field.name.lowerBound)
        runStart = head.lineEnd(after: index)
      }
    }
    write(bytes, runStart..<head.fieldsEnd)
  }

  /// Ours come last: what the client's `Connection` names is gone by then.
  fileprivate mutating func writeOwnFields(_ head: RequestHead, _ route: Route) {
    if head.body == .chunked { write("Transfer-Encoding: chunked\r\n") }
    write("Via: 1.1 latchkey\r\nX-Latchkey-Environment: ")
    write(route.target.environment.bytes)
    write("\r\n")
    guard let caller = route.caller else { return }
    write("X-Latchkey-Subscription-Id: ")
    write(caller.subscriptionText)
    write("\r\nX-Latchkey-Tenant: ")
    caller.tenantSlug.withBytes { slug in write(slug, 0..<slug.count) }
    write("\r\n")
  }

  /// The last of these lines ends with the head.
  fileprivate mutating func writeForwardedFields(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ peer: Peer) {
    write("\r\nX-Forwarded-For: ")
    if peer.isTrusted {
      for field in head.fields where field.kind == .xForwardedFor && !field.value.isEmpty {
        write(bytes, field.value.indices)
        write(", ")
      }
    }
    write(peer.address)
    if !peer.isTrusted || head.first(.xForwardedProto) == nil { write("\r\nX-Forwarded-Proto: http") }
    if let host = head.host, !peer.isTrusted || head.first(.xForwardedHost) == nil {
      write("\r\nX-Forwarded-Host: ")
      write(bytes, host.indices)
    }
  }
}

extension BackendHeaders {
  /// Whether a field of a client's has the name of one of these, or one that some backend takes for it.
  func replace(_ field: Field, in bytes: Span<UInt8>) -> Bool {
    names.contains { name in
      bytes.matches(field.name, name: name.span, ByteRange(0, name.count), takingUnderscoreForDash: true)
    }
  }
}

extension Field {
  /// Whether the backend gets the field as the client sent it.
  fileprivate func stays(
    in head: RequestHead, _ bytes: Span<UInt8>, _ route: Route, _ peer: Peer, _ trace: TraceContext
  ) -> Bool {
    switch kind {
    case .contentLength: return true
    case .expect: return head.expectsContinue
    case .trailer: return head.body == .chunked
    case .host, .xLatchkey, .xRequestID, .xOriginalMethod, .xOriginalURI, .methodOverride, .pathOverride,
      .subscriptionKey, .xForwardedFor, .traceparent:
      return false
    case .tracestate: if !trace.isContinued { return false }
    case .cookie: if route.form == .path { return false }
    case .forwarded, .xForwardedHost, .xForwardedProto, .xForwardedMethod, .xForwardedURI, .xForwardedOther, .xRealIP:
      if !peer.isTrusted { return false }
    case .connection, .keepAlive, .proxyConnection, .te, .upgrade, .http2Settings, .transferEncoding,
      .proxyAuthenticate, .proxyAuthorization:
      return false
    case .other, .authorization, .via, .setCookie, .serviceWorkerAllowed, .clearSiteData, .date, .server, .location,
      .origin, .accessControl, .accessControlRequestMethod, .accessControlRequestHeaders:
      break
    }
    return !route.target.isCredential(self, in: bytes) && !head.isNamedByConnection(self, in: bytes)
  }
}
