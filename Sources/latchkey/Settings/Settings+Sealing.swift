import Logging
import Sealing

extension Settings {
  /// The keys that secrets are sealed under: those that were given, or for a private server those of a file in the data
  /// directory, made where there is none; `nil` for a given database without keys.
  ///
  /// - Throws: `SealingKeyFileError`.
  func sealer() throws -> Sealer? {
    if let sealingKeys { return Sealer(sealingKeys) }
    guard databaseURL == nil else { return nil }
    let file = SealingKeyFile(in: dataDirectory)
    return Sealer(try file.readMaking()) { try? file.read() }
  }
}

extension Logger {
  /// Says at the start what will not work.
  func noteMissingSealingKey() {
    warning(
      "no secrets can be kept: LATCHKEY_SEALING_KEY is not set, so backends' secret headers are refused and not sent")
  }
}
