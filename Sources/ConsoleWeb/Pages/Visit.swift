import Console
import Foundation
import Hummingbird
import Model

/// One request of a browser: who asks, in which language, for what.
struct Visit: Sendable {
  let console: Console
  let language: Language
  let path: String
  /// Where the page is found again: with its query, unless a form was sent.
  let address: String
  var query: TypedForm
  let form: TypedForm
  let formToken: FormToken
  let parameters: Parameters
  let now: Date
  let gatewayURL: GatewayURL
  /// The console's own origin, as the browser has it.
  let origin: String
  let gatewayCaller: GatewayCaller

  var words: Words { .of(language) }
}

/// A visit of somebody who is signed in.
struct SignedInVisit: Sendable {
  var visit: Visit
  let principal: Principal
  let tenant: Tenant
  let account: Account

  var console: Console { visit.console }
  var words: Words { visit.words }

  /// Whether a page should offer what takes this; the use case refuses besides.
  func may(_ permission: Permission) -> Bool { principal.has(permission) }
}

/// What a page answers.
enum PageAnswer: Sendable {
  /// A template with its data, and the key of the page's title.
  ///
  /// `retryAfter` is the value of `Retry-After`, where there is a time to wait.
  case page(String, title: String, [String: any Sendable], status: Int = 200, retryAfter: String? = nil)
  /// Comma-separated values, kept by the browser as a file of this name.
  case csv(String, named: String)
  /// Another page, by GET; `saying` is the key, below `done.`, of what was done, which that page then says.
  case redirect(to: String, saying: String? = nil)
  /// A session that begins, and the page that comes first.
  case begin(Session, at: String)
  /// A session that begins, and a form that goes on where another one ended.
  case resume(HeldForm, Session)
  /// Another page, in this language from now on.
  case speak(Language, at: String)
  /// The session is over.
  case end(at: String)
}
