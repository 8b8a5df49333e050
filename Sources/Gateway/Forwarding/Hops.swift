import Framing

/// How often a request has passed gateways of this kind, by the `Via` that each adds (RFC 9110 §7.6.3).
///
/// A loop through a gateway comes back with one more each time, until it is refused.
enum Hops {
  static func count(in head: RequestHead, _ bytes: Span<UInt8>) -> Int {
    var hops = 0
    for field in head.fields {
      guard case .via = field.kind else { continue }
      bytes.forEachElement(field.value) { element in
        if bytes.matches(element, "1.1 latchkey") { hops += 1 }
      }
    }
    return hops
  }
}
