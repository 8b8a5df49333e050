import Framing
import Metering
import NIOCore
import Routing

extension ByteBuffer {
  /// Appends an answer's head as the client gets it.
  /// - Parameters:
  ///   - input: Begins with the head's first byte.
  ///   - form: How the client named the group: by path, all tenants are one origin to its browser; a host is its tenant's.
  ///   - connection: The `Connection` line, or nothing.
  ///   - crossOrigin: What is said in place of the backend's `Access-Control-…`; nil: those are its own business.
  ///   - standings: What is said of limits; nothing where none counted.
  mutating func write(
    _ head: ResponseHead, _ input: ByteBuffer, framing: Exchange.AnswerFraming, form: Addressing.Form,
    connection: StaticString, crossOrigin: CrossOriginFields?, standings: CallStandings
  ) {
    input.withUnsafeReadableBytes { bytes in
      // A cookie's line is written anew, with a blank after its colon that it may not have had.
      let added = (crossOrigin?.length ?? 0) + standings.length
      let isSandboxed = form == .path && !head.isInformational && head.mayBeDocument(in: input.readableBytesUInt8Span)
      writeHead(reserve: head.byteCount + head.fields.count + 384 + added) { writer in
        writer.write("HTTP/1.1 ")
        writer.write(bytes, head.statusText.indices)
        // The blank before the reason has to be there, also before none (RFC 9112 §4).
        writer.write(head.statusText.count == 3 ? " \r\n" : "\r\n")
        writer.writeFields(head, bytes, input.readableBytesUInt8Span, framing, form, crossOrigin != nil)
        if let crossOrigin, !head.isInformational { writer.write(crossOrigin) }
        writer.write(standings)
        if isSandboxed { writer.write(DocumentSandbox.line) }
        if framing == .chunked { writer.write("Transfer-Encoding: chunked\r\n") }
        writer.write(connection)
        writer.write("\r\n")
      }
    }
  }
}

extension HeadWriter {
  fileprivate mutating func writeFields(
    _ head: ResponseHead, _ bytes: UnsafeRawBufferPointer, _ span: Span<UInt8>, _ framing: Exchange.AnswerFraming,
    _ form: Addressing.Form, _ hasPolicy: Bool
  ) {
    var runStart = head.fieldsStart
    for index in head.fields.indices {
      let field = head.fields[index]
      if !field.stays(in: head, span, framing, form, hasPolicy) {
        write(bytes, runStart..<field.name.lowerBound)
        runStart = head.lineEnd(after: index)
        if field.kind == .setCookie, form != .path { SetCookie(field).write(bytes, &self) }
      }
    }
    write(bytes, runStart..<head.fieldsEnd)
  }
}

extension Field {
  /// Whether the client gets the field as the backend sent it.
  fileprivate func stays(
    in head: ResponseHead, _ bytes: Span<UInt8>, _ framing: Exchange.AnswerFraming, _ form: Addressing.Form,
    _ hasPolicy: Bool
  ) -> Bool {
    switch kind {
    case .other: break
    case .contentLength: return head.status >= 200 && head.status != 204
    case .setCookie: return false
    case .serviceWorkerAllowed, .clearSiteData: if form == .path { return false }
    case .trailer: return framing == .chunked
    case .accessControl, .accessControlRequestMethod, .accessControlRequestHeaders: if hasPolicy { return false }
    default: if kind.isHopByHop { return false }
    }
    return !head.isNamedByConnection(self, in: bytes)
  }
}

/// A cookie at a tenant's host: without `Domain`, so that it stays with that host. The host above may have others under it
/// that are other tenants', or ours.
struct SetCookie {
  private let field: Field

  init(_ field: Field) { self.field = field }

  /// Writes the line less every attribute that is named `Domain`.
  func write(_ bytes: UnsafeRawBufferPointer, _ writer: inout HeadWriter) {
    writer.write("Set-Cookie: ")
    var start = field.value.lowerBound
    var isFirst = true
    for index in field.value.lowerBound...field.value.upperBound
    where index == field.value.upperBound || bytes[index] == UInt8(ascii: ";") {
      if isFirst || !isDomain(bytes, start, index) {
        if !isFirst { writer.write(";") }
        writer.write(bytes, start..<index)
      }
      isFirst = false
      start = index + 1
    }
    writer.write("\r\n")
  }

  private func isDomain(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Bool {
    let name = bytes[start..<end].prefix { $0 != UInt8(ascii: "=") }.filter { $0 != 0x20 && $0 != 0x09 }
    return name.map(\.lowercased) == Array("domain".utf8)
  }
}
