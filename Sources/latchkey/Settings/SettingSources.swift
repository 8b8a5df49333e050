import Configuration
import Foundation
import SystemPackage

/// Where settings come from: flags, else the environment, else a file, else defaults.
///
/// The file has the environment's names, a `NAME=value` line each; a name in it that no setting has is refused.
struct SettingSources {
  private let reader: ConfigReader

  init(flags: [SettingKey: String], environment: [String: String], file: String?) async throws {
    let values = flags.map { (AbsoluteConfigKey($0.path), ConfigValue(.string($1), isSecret: $0.isSecret)) }
    var providers: [any ConfigProvider] = [
      InMemoryProvider(name: "flags", values: Dictionary(uniqueKeysWithValues: values)),
      EnvironmentVariablesProvider(environmentVariables: environment, secretsSpecifier: Self.secrets),
    ]
    if let file {
      providers.append(try await Self.provider(file: file))
    }
    reader = ConfigReader(providers: providers)
  }

  /// What is set, or `nil`. Set to nothing is as not set.
  func text(_ key: SettingKey) -> String? {
    let text = reader.string(forKey: ConfigKey(key.path), isSecret: key.isSecret)
    return text?.isEmpty == true ? nil : text
  }

  /// What is set, parsed, or `nil`.
  /// - Throws: `SettingsError` with `expectation` if it can't be parsed. A secret is not repeated.
  func value<Value>(_ key: SettingKey, _ expectation: String, parse: (String) -> Value?) throws -> Value? {
    guard let text = text(key) else { return nil }
    guard let value = parse(text) else {
      let shown = key.isSecret ? "its value" : "'\(text)'"
      throw SettingsError(key: key.environmentName, reason: "\(shown) is not \(expectation)")
    }
    return value
  }

  private static var secrets: SecretsSpecifier<String, String> {
    .specific(Set(SettingKey.allCases.filter(\.isSecret).map(\.environmentName)))
  }

  private static func provider(file: String) async throws -> EnvironmentVariablesProvider {
    let text: String
    do {
      text = try String(contentsOfFile: file, encoding: .utf8)
    } catch {
      throw SettingsError(key: "LATCHKEY_CONFIG_FILE", reason: "cannot read '\(file)'")
    }
    for line in text.split(whereSeparator: \.isNewline) where !line.drop(while: \.isWhitespace).hasPrefix("#") {
      let name = line.prefix { $0 != "=" }.trimmingCharacters(in: .whitespaces)
      guard name.isEmpty || SettingKey.isKnown(environmentName: name) else {
        throw SettingsError(key: name, reason: "no such setting, in '\(file)'")
      }
    }
    return try await EnvironmentVariablesProvider(
      environmentFilePath: FilePath(file), secretsSpecifier: secrets)
  }
}
