package import Framing

/// What is to be decided: where the method and the path lie in the bytes of a head.
package struct Call: Sendable {
  package let method: ByteRange
  /// Checked by `RequestPath`: begins with `/` and ends before the query.
  package let path: ByteRange
  /// The value of `Host`, or what stands for it, port included; nil for none.
  package let host: ByteRange?
  /// The group that a check's location is bound to; nil when the path names it.
  package let binding: Binding?

  /// A call of another method and path than the head's own, as a check's headers name them.
  package init(method: ByteRange, path: ByteRange, host: ByteRange? = nil, binding: Binding? = nil) {
    (self.method, self.path, self.host, self.binding) = (method, path, host, binding)
  }

  /// The call that the request line makes.
  package init(_ head: borrowing RequestHead) {
    self.init(method: head.method, path: head.path, host: head.host)
  }
}
