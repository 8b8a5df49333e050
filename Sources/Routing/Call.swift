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
  /// Whether another proxy asks, which has chosen the backend already and may have done so by the path alone.
  let isCheck: Bool

  /// A call of another method and path than the head's own, as a check's headers name them.
  package init(method: ByteRange, path: ByteRange, host: ByteRange? = nil, binding: Binding? = nil) {
    self.init(method: method, path: path, host: host, binding: binding, isCheck: true)
  }

  private init(method: ByteRange, path: ByteRange, host: ByteRange?, binding: Binding?, isCheck: Bool) {
    (self.method, self.path, self.host, self.binding, self.isCheck) = (method, path, host, binding, isCheck)
  }

  /// The call that the request line makes.
  package init(_ head: borrowing RequestHead) {
    self.init(method: head.method, path: head.path, host: head.host, binding: nil, isCheck: false)
  }
}
