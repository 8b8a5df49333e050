import Framing
import Routing

/// How another proxy tells the request that it asks about. Each form reads its own headers and no other's, since a
/// client can send those of the other.
enum CheckForm: Sendable {
  /// `X-Original-Method` and `X-Original-URI`, as nginx is configured to send.
  case nginx
  /// `X-Forwarded-Method`, `X-Forwarded-Uri` and `X-Forwarded-Host`, as Traefik and Caddy send.
  case forwarded

  /// The form that is asked for at this path; nil at every other.
  init?(path: ByteRange, _ bytes: Span<UInt8>) {
    if bytes.matches(path, "/check/nginx") {
      self = .nginx
    } else if bytes.matches(path, "/check/forwarded") {
      self = .forwarded
    } else {
      return nil
    }
  }

  /// The call that `head` asks about.
  /// - Throws: When a header is missing or doubled, or what it says could not be forwarded.
  func call(_ head: RequestHead, _ bytes: Span<UInt8>, _ bindings: inout BindingMemo) throws(RequestHeadError) -> Call {
    let method = try required(self == .nginx ? .xOriginalMethod : .xForwardedMethod, head)
    let uri = try required(self == .nginx ? .xOriginalURI : .xForwardedURI, head)
    let host = self == .nginx ? nil : try head.only(.xForwardedHost)
    try OriginalRequest.checkMethod(bytes, method)
    let path = try OriginalRequest.path(bytes, uri)
    if let host, !HostField.isValid(bytes, host) { throw .invalidHost }
    guard let query = head.query else { return Call(method: method, path: path, host: host) }
    guard let binding = bindings.binding(query, in: bytes) else { throw .invalidQuery }
    return Call(method: method, path: path, host: host, binding: binding)
  }

  /// A refusal as the proxy can take it: nginx knows 401 and 403 only, and reads no body. Every proxy takes a 2xx for
  /// leave to forward, so the answer to a preflight is none either: its status stands in `X-Latchkey-Status`.
  func adapt(_ answer: LocalAnswer) -> LocalAnswer {
    guard self == .nginx || answer.status < 300 else { return answer }
    var adapted = answer
    adapted.body = .none
    if answer.status != 401, answer.status != 403 {
      adapted.fields += Array("X-Latchkey-Status: \(answer.status)\r\n".utf8)
      adapted.status = 403
    }
    return adapted
  }

  private func required(_ kind: FieldName, _ head: RequestHead) throws(RequestHeadError) -> ByteRange {
    guard let value = try head.only(kind), !value.isEmpty else { throw .malformedRequestLine }
    return value
  }
}
