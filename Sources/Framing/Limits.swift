/// How large a head may be.
package struct Limits: Sendable, Equatable {
  /// All bytes of a head, from the request line to the empty line.
  package var headBytes: Int
  /// Field lines in a head.
  package var fields: Int
  /// All bytes of a trailer section.
  package var trailerBytes: Int

  package init(headBytes: Int = 32 * 1024, fields: Int = 256, trailerBytes: Int = 8 * 1024) {
    self.headBytes = headBytes
    self.fields = fields
    self.trailerBytes = trailerBytes
  }
}
