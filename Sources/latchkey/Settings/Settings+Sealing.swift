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
    // In this order: what is put there in between is read again.
    _ = try file.readMaking()
    let reload = file.readingChanges()
    return Sealer(try file.readMaking(), reload: reload)
  }
}

extension Settings {
  /// The same for a command, which makes no key.
  ///
  /// - Throws: `SettingsError` where there is none, `SealingKeyFileError`.
  func existingSealer() throws -> Sealer {
    if let sealingKeys { return Sealer(sealingKeys) }
    if databaseURL == nil, let keys = try SealingKeyFile(in: dataDirectory).read() { return Sealer(keys) }
    throw SettingsError(key: SettingKey.sealingKey.environmentName, reason: "is not set, so nothing is sealed")
  }
}

extension Logger {
  /// Says at the start what will not work.
  func noteMissingSealingKey() {
    warning(
      "no secrets can be kept: LATCHKEY_SEALING_KEY is not set, so backends' secret headers are refused and not sent")
  }
}
