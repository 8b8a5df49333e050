import ArgumentParser
import Sealing
import Store

/// What an operator does about the keys that secrets are sealed under.
struct SealCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "seal", abstract: "Look after the keys that secrets are sealed under.",
    subcommands: [AddKey.self, Rotate.self])

  /// Adds a key to the file in the data directory.
  struct AddKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add a newest key to the file in the data directory, where the keys are there.")

    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let settings = try await options.settings()
      guard settings.sealingKeys == nil, settings.databaseURL == nil else {
        throw SettingsError(
          key: SettingKey.sealingKey.environmentName,
          reason: "is where the keys are: put a new one before them, as in 2:…,1:…")
      }
      let keys = try settings.existingSealer().keys
      guard let added = keys.adding() else { throw SealingFailure(description: "the versions of keys are used up") }
      try SealingKeyFile(in: settings.dataDirectory).replace(by: added)
      print(
        """
        key \(added.newest.version) seals from now on; `latchkey seal rotate` re-seals what is there and says what needs older \
        ones
        """)
    }
  }

  /// Puts everything under the newest key.
  struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Re-seal everything under the newest key, as who holds the database's login.")

    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let settings = try await options.settings()
      let sealer = try settings.existingSealer()
      let outcome = try await OwnersPool.with(settings) { try await Resealing(under: sealer, in: $0).run() }
      print("re-sealed \(outcome.resealed) under key \(sealer.keys.newest.version)")
      guard outcome.failures.isEmpty else {
        throw SealingFailure(description: "could not open:\n" + outcome.failures.joined(separator: "\n"))
      }
      guard outcome.leftUnderOlderKeys == 0 else {
        throw SealingFailure(
          description: """
            \(outcome.leftUnderOlderKeys) are under older keys: see that everything has the new one, then run it again
            """)
      }
      if outcome.importedUnderOlderKeys > 0 {
        print("\(outcome.importedUnderOlderKeys) imported values count under older keys only: keep those")
      } else {
        print("nothing needs an older key any more")
      }
    }
  }
}

/// What kept a key from being changed.
private struct SealingFailure: Error, CustomStringConvertible {
  let description: String
}
