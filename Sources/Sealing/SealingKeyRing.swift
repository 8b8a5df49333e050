/// The keys of an installation: the first seals, all open.
package struct SealingKeyRing: Sendable {
  package let keys: [SealingKey]

  /// `nil` unless there is a key, and one of a version.
  package init?(_ keys: [SealingKey]) {
    guard !keys.isEmpty, Set(keys.map(\.version)).count == keys.count else { return nil }
    self.keys = keys
  }

  /// `nil` unless `text` is a list of keys by comma or line, as in `2:…,1:…`; a single one needs no version, and has 1.
  package init?(_ text: String) {
    let items = text.split { $0 == "," || $0.isNewline }
      .map { String($0.filter { !$0.isWhitespace }) }
    if items.count == 1, !items[0].contains(":") {
      guard let bytes = SealingKey.bytes(items[0]), let key = SealingKey(version: 1, bytes: bytes) else { return nil }
      self.init([key])
    } else {
      let keys = items.compactMap { SealingKey($0) }
      guard keys.count == items.count else { return nil }
      self.init(keys)
    }
  }

  /// The key that seals.
  package var newest: SealingKey { keys[0] }

  package func key(version: UInt32) -> SealingKey? { keys.first { $0.version == version } }

  /// With a new key that seals from now on; nil when the versions are used up.
  package func adding() -> SealingKeyRing? {
    let (version, overflow) = (keys.map(\.version).max() ?? 0).addingReportingOverflow(1)
    guard !overflow, let key = SealingKey.random(version: version) else { return nil }
    return SealingKeyRing([key] + keys)
  }

  /// As it is written to a key file.
  var revealed: String { keys.map(\.revealed).joined(separator: "\n") + "\n" }
}
