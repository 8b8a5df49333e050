import Console
import ConsoleAPI
import Contract
import HTTPTypes
import Hummingbird
import Model

/// What a browser is answered whose form could not be taken for the moment.
extension BrowserRequest {
  /// Why a form is not taken that a page of ours sent: it was shown to another session, or before there was one.
  struct StaleForm: Error {}

  /// The page that keeps what was typed; nil for an error that is told otherwise, and where nothing was typed.
  func held(after error: any Error, needsSession: Bool) async -> Response? {
    guard let reason = await reason(of: error, needsSession: needsSession) else { return nil }
    guard let held = HeldForm(form, to: request.uri.string, encoding) else {
      // What a page only asked is asked again, once somebody has signed in.
      guard case .over = reason else { return nil }
      return response(to: ConsoleError.notSignedIn)
    }
    switch reason {
    case .over: return heldSignIn(held)
    case .stale(let signedIn):
      return heldPage(
        held, "held.stale", status: 403, signedIn?.visit ?? visit(), tenant: signedIn?.tenant, signedIn?.account)
    case .away: return heldPage(held, "held.away", status: 503, visit())
    case .failed:
      AnsweringMiddleware.logUnforeseen(error, request, context)
      let signedIn = try? await signedInVisit()
      return heldPage(
        held, "held.failed", status: 500, signedIn?.visit ?? visit(), tenant: signedIn?.tenant, signedIn?.account)
    }
  }

  private enum Reason {
    case away, over, failed
    case stale(SignedInVisit?)
  }

  private func reason(of error: any Error, needsSession: Bool) async -> Reason? {
    if error is CancellationError { return nil }
    guard error is StaleForm else {
      switch Refusal(error, path: request.uri.path)?.code {
      case .unavailable: return .away
      case .notSignedIn where needsSession: return .over
      case nil, .internalError: return .failed
      default: return nil
      }
    }
    guard needsSession else { return .stale(nil) }
    do {
      return .stale(try await signedInVisit())
    } catch {
      return await reason(of: error, needsSession: true)
    }
  }

  /// The way back in, with what was typed below it.
  private func heldSignIn(_ held: HeldForm) -> Response {
    let visit = visit()
    return response(
      to: ConsoleWeb.heldSignIn(held, ConsoleWeb.signInForm.page(words: visit.words), visit.words, status: 401), visit)
  }

  /// What was typed, once somebody has signed in again.
  func resuming(_ held: HeldForm, of session: Session) -> Response {
    heldPage(
      held, "held.resumed", status: 200, visit(FormToken(of: session.token.revealed)), tenant: session.tenant,
      session.account)
  }

  private func heldPage(
    _ held: HeldForm, _ word: String, status: Int, _ visit: Visit, tenant: Tenant? = nil, _ account: Account? = nil
  ) -> Response {
    var page = held.page(visit.words, isCarried: false)
    page["heading"] = visit.words[word]
    page["about"] = visit.words[word + ".about"]
    page["path"] = held.path
    page["submit"] = visit.words["held.submit"]
    if status == 500 { page["requestID"] = context.requestID.description }
    return html(
      "held", page, status: status, Layout(visit, tenant: tenant, account: account, title: word, of: page), visit)
  }
}

extension ConsoleWeb {
  /// The page that a sign-in is on which carries a form along.
  static func heldSignIn(
    _ held: HeldForm, _ signIn: [String: any Sendable], _ words: Words, status: Int
  ) -> PageAnswer {
    var page = held.page(words, isCarried: true)
    page.merge(signIn) { $1 }
    page["heading"] = words["held.over"]
    page["about"] = words["held.over.about"]
    page["path"] = "/sign-in"
    return .page("held", title: "held.over", page, status: status)
  }
}
