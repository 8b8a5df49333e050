package import Model
import Store

extension Console {
  /// The same console, for a browser that shows this; nil for whoever shows nothing of the kind.
  package func shown(_ device: Credential<DeviceCookie>?) -> Console {
    var console = self
    console.device = device
    return console
  }

  /// An attempt at an account's password, here and now.
  func attempt(at tenant: Slug, _ email: EmailAddress) -> SignInAttempt {
    SignInAttempt(tenant: tenant, email: email, address: store.address, device: device?.digest)
  }
}
