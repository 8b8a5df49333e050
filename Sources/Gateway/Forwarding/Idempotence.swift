import Framing
import NIOCore

/// Which methods may be sent again when nothing of an answer was seen (RFC 9110 §9.2.2).
enum Idempotence {
  /// - Parameter head: The forwarded head, which begins with the method as the client's did.
  static func of(_ method: ByteRange, in head: ByteBuffer) -> Bool {
    let bytes = head.readableBytesUInt8Span
    switch method.count {
    case 3: return bytes.matches(method, "get") || bytes.matches(method, "put")
    case 4: return bytes.matches(method, "head")
    case 6: return bytes.matches(method, "delete")
    case 7: return bytes.matches(method, "options")
    default: return false
    }
  }
}
