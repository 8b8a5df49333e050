/// A setting that the process can't start with. The description is the one line for the operator.
struct SettingsError: Error, CustomStringConvertible {
  /// The setting's name in the environment, as in `LATCHKEY_CONSOLE_ADDRESS`.
  let key: String
  let reason: String

  var description: String { "\(key): \(reason)" }
}
