import Gateway

extension Settings {
  /// The error under the name of the setting that is to blame; others as they are.
  func naming(_ error: any Error) -> any Error {
    guard let error = error as? GatewayError else { return error }
    let key: SettingKey =
      switch error {
      case .unreadableAuthorities: .backendCAFile
      case .addressInUse(let address), .cannotListen(let address, _): self.key(of: address)
      }
    return SettingsError(key: key.environmentName, reason: "\(error)")
  }

  private func key(of address: ListenAddress) -> SettingKey {
    switch address {
    case consoleAddress: .consoleAddress
    case gatewayAddress: .gatewayAddress
    default: .internalAddress
    }
  }
}
