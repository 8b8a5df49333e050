import Framing
import Routing

/// What the query of a connection's last check came to: a proxy sends the same one with every check of a location.
struct BindingMemo {
  private var query: [UInt8] = []
  /// Where it lay: what a binding strips is told by its place.
  private var start = -1
  private var binding: Binding?

  /// What the query at `range` binds to; nil when it is none.
  mutating func binding(_ range: ByteRange, in bytes: Span<UInt8>) -> Binding? {
    let given = bytes.extracting(range.indices)
    guard start == range.lowerBound, given.isSame(as: query.span) else {
      query = (0..<given.count).map { given[$0] }
      start = range.lowerBound
      binding = Binding(query: range, in: bytes)
      return binding
    }
    return binding
  }
}
