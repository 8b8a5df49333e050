import Gateway

extension Settings {
  /// - Returns: a share of all calls, or within it `nil` for none at all.
  static func accessLog(_ text: String) -> AccessLog.Share?? {
    switch text.lowercased() {
    case "off": return .some(nil)
    case "full": return .all
    default:
      guard let ratio = Double(text), (0...1).contains(ratio) else { return nil }
      return ratio == 1 ? .all : .ratio(ratio)
    }
  }

  static func place(_ text: String) -> AccessLogFile.Place {
    switch text {
    case "stdout": .standardOutput
    case "stderr": .standardError
    default: .file(text)
    }
  }

  /// The file that calls are written to, opened; `nil` where they are not written down.
  ///
  /// - Throws: `SettingsError`.
  func openAccessLog() throws -> AccessLogFile? {
    guard accessLog != nil else { return nil }
    do throws(AccessLogFile.Failure) {
      return try AccessLogFile(accessLogPlace)
    } catch {
      throw SettingsError(key: SettingKey.accessLogFile.environmentName, reason: "\(error)")
    }
  }
}
