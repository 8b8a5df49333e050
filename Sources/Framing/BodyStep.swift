/// What a body decoder found at the front of the bytes it was given.
package struct BodyStep: Sendable, Equatable {
  /// Bytes of framing, to be passed over first.
  package var framing: Int
  /// Bytes of the body itself, behind the framing.
  package var data: Int
  /// The body ends after these bytes.
  package var isEnd: Bool

  package init(framing: Int = 0, data: Int = 0, isEnd: Bool = false) {
    self.framing = framing
    self.data = data
    self.isEnd = isEnd
  }

  /// Nothing can be taken until more bytes arrive.
  package var needsMore: Bool { framing == 0 && data == 0 && !isEnd }
}

/// Why a body is not believed. The connection it came on is of no more use.
package enum BodyError: Error, Sendable, Equatable {
  case invalidChunkSize
  case chunkTooLarge
  /// Chunk extensions are refused: nobody uses them but those who smuggle requests.
  case chunkExtension
  case invalidLineEnding
  case trailersTooLarge
  case invalidTrailer
}
