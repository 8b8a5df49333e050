package import Model

/// A slug in place: no reference, so that copying it costs no reference count.
package struct SlugBytes: Sendable, BitwiseCopyable {
  private let bytes: InlineArray<63, UInt8>
  private let count: UInt8

  /// No characters: what stands for the slug of a tenant that is not known yet.
  static let none = SlugBytes()

  private init() {
    bytes = InlineArray(repeating: 0)
    count = 0
  }

  /// What `byte` gives for each place; none when there are more than a slug may have.
  init(count: Int, _ byte: (Int) -> UInt8) {
    var bytes = InlineArray<63, UInt8>(repeating: 0)
    let count = count <= 63 ? count : 0
    for index in 0..<count { bytes[index] = byte(index) }
    self.bytes = bytes
    self.count = UInt8(count)
  }

  package init(_ slug: Slug) {
    var bytes = InlineArray<63, UInt8>(repeating: 0)
    var count = 0
    for byte in slug.description.utf8 {
      bytes[count] = byte
      count += 1
    }
    self.bytes = bytes
    self.count = UInt8(count)
  }

  /// Calls `body` with the slug's 1 to 63 ASCII characters.
  @inline(__always)
  package func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try bytes.span.extracting(..<Int(count)).withUnsafeBytes { (buffer) throws(Failure) in try body(buffer) }
  }
}

extension SlugBytes: CustomStringConvertible {
  package var description: String {
    withBytes { String(decoding: $0, as: UTF8.self) }
  }
}
