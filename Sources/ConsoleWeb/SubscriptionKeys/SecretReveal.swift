import Console
import Model

extension SignedInVisit {
  /// The one page that shows a secret, as the answer to the form that made it. It has nothing that would leave it by a
  /// slip: not even the choice of the language.
  ///
  /// - Parameter address: of something that the key may call; nil while it may call nothing.
  func reveal(
    _ issued: SubscriptionKey.IssuedSecret, of key: SubscriptionKey, title: String, address: String?
  ) -> PageAnswer {
    var page: [String: any Sendable] = [
      "revealsSecret": true, "heading": words[title], "id": key.id.description, "name": key.name.description,
      "isFirst": key.secrets.count <= 1, "hasAddress": address != nil, "canAuthorize": may(.manageAuthorizations),
    ]
    page["value"] = issued.value?.revealed
    page["command"] = issued.value.map { CallCommand(secret: $0, address: address, gateway: visit.gatewayURL).text }
    return .page("subscription-keys.revealed", title: title, page)
  }
}

/// A call that can be pasted into a shell.
struct CallCommand {
  let text: String

  /// - Parameter address: what the call begins with; nil for one whose parts are still to be put in.
  init(secret: SecretValue, address: String?, gateway: GatewayURL) {
    let url = address.map { $0 + "/PATH" } ?? gateway.shown + "/PROVIDER/ENVIRONMENT/GROUP/PATH"
    text = "curl \(Self.quoted(url)) -H \(Self.quoted("jdcloud-apim-subscription-key: \(secret.revealed)"))"
  }

  /// As one word of a POSIX shell, whatever is in it.
  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("'", with: "'\\''") + "'"
  }
}
