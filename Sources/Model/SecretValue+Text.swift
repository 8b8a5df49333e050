extension SecretValue {
  /// What a client of ours received; `nil` unless it is well formed.
  package init?(_ text: String) {
    var text = text
    guard text.withUTF8({ Self.isWellFormed(UnsafeRawBufferPointer($0)) }) else { return nil }
    self.init(revealing: text)
  }
}
