import Framing
import NIOCore
import Routing

/// A request's head as the backend gets it: the same bytes, less what is not the backend's to see, and what the gateway
/// adds. Adjacent lines that stay are copied as one.
struct ForwardedRequest {
  let head: RequestHead
  let route: Route
  let backend: HTTPBackend
  let peer: Peer
  let id: RequestID

  /// Appends the head to `output`.
  /// - Parameter input: Begins with the head's first byte.
  func write(from input: ByteBuffer, to output: inout ByteBuffer) {
    input.withUnsafeReadableBytes { bytes in
      output.writeHead(reserve: reserve) { writer in
        writeRequestLine(bytes, &writer)
        writeFields(bytes, input, &writer)
        writeOwnFields(bytes, &writer)
        writer.write("\r\n")
      }
    }
  }

  /// What the client's own head can grow by; what a trusted proxy said is written once more at most.
  private var reserve: Int {
    head.byteCount * (peer.isTrusted ? 2 : 1) + (head.host?.count ?? 0) + backend.basePath.count
      + backend.authority.count + peer.address.count + id.length + 512
  }

  private func writeRequestLine(_ bytes: UnsafeRawBufferPointer, _ writer: inout HeadWriter) {
    writer.write(bytes, head.method.indices)
    writer.write(" ")
    writer.write(backend.basePath)
    if route.apiPath.isEmpty { writer.write("/") } else { writer.write(bytes, route.apiPath.indices) }
    writer.write(bytes, head.path.upperBound..<head.target.upperBound)
    writer.write(" HTTP/1.1\r\nHost: ")
    writer.write(backend.authority)
    writer.write("\r\n")
  }

  /// Copies the lines that stay, in runs.
  private func writeFields(_ bytes: UnsafeRawBufferPointer, _ input: ByteBuffer, _ writer: inout HeadWriter) {
    let span = input.readableBytesUInt8Span
    var runStart = head.fieldsStart
    for index in head.fields.indices {
      let field = head.fields[index]
      if !stays(field, span) {
        writer.write(bytes, runStart..<field.name.lowerBound)
        runStart = head.lineEnd(after: index)
      }
    }
    writer.write(bytes, runStart..<head.fieldsEnd)
  }

  private func stays(_ field: Field, _ bytes: Span<UInt8>) -> Bool {
    switch field.kind {
    case .contentLength: return true
    case .expect: return head.expectsContinue
    case .trailer: return head.body == .chunked
    case .host, .xLatchkey, .xRequestID, .xOriginalMethod, .xOriginalURI, .methodOverride, .pathOverride,
      .subscriptionKey, .xForwardedFor:
      return false
    case .cookie: if route.form == .path { return false }
    case .forwarded, .xForwardedHost, .xForwardedProto, .xForwardedMethod, .xForwardedURI, .xForwardedOther, .xRealIP:
      if !peer.isTrusted { return false }
    case .connection, .keepAlive, .proxyConnection, .te, .upgrade, .http2Settings, .transferEncoding,
      .proxyAuthenticate, .proxyAuthorization:
      return false
    case .other, .authorization, .via, .setCookie, .serviceWorkerAllowed, .clearSiteData, .date, .server, .location:
      break
    }
    return !route.target.isCredential(field, in: bytes) && !head.isNamedByConnection(field, in: bytes)
  }

  /// Ours come last: what the client's `Connection` names is gone by then.
  private func writeOwnFields(_ bytes: UnsafeRawBufferPointer, _ writer: inout HeadWriter) {
    if head.body == .chunked { writer.write("Transfer-Encoding: chunked\r\n") }
    writer.write("Via: 1.1 latchkey\r\nX-Latchkey-Environment: ")
    writer.write(route.target.environment.bytes)
    if let caller = route.caller {
      writer.write("\r\nX-Latchkey-Subscription-Id: ")
      let text = caller.subscriptionText
      for index in text.indices { writer.write(byte: text[index]) }
      writer.write("\r\nX-Latchkey-Tenant: ")
      caller.tenantSlug.withBytes { slug in writer.write(slug, 0..<slug.count) }
    }
    writer.write("\r\nX-Request-Id: ")
    id.write(to: &writer)
    writer.write("\r\n")
    writeForwardedFields(bytes, &writer)
  }

  private func writeForwardedFields(_ bytes: UnsafeRawBufferPointer, _ writer: inout HeadWriter) {
    writer.write("X-Forwarded-For: ")
    if peer.isTrusted {
      for field in head.fields where field.kind == .xForwardedFor && !field.value.isEmpty {
        writer.write(bytes, field.value.indices)
        writer.write(", ")
      }
    }
    writer.write(peer.address)
    if !peer.isTrusted || head.first(.xForwardedProto) == nil { writer.write("\r\nX-Forwarded-Proto: http") }
    if let host = head.host, !peer.isTrusted || head.first(.xForwardedHost) == nil {
      writer.write("\r\nX-Forwarded-Host: ")
      writer.write(bytes, host.indices)
    }
    writer.write("\r\n")
  }
}
