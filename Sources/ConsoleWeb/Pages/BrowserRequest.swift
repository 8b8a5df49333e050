import Console
import ConsoleAPI
import Contract
import HTTPTypes
import Hummingbird
import Model
import Store

/// A request on its way to a page: its cookies, who they stand for, and what came with a form.
struct BrowserRequest: Sendable {
  /// Why a form is not taken: it does not come from a page of ours that was shown to this browser.
  struct ForeignForm: Error {}

  let request: Request
  let context: ConsoleContext
  let web: ConsoleWeb
  private let cookies: BrowserCookies
  /// The token that the browser brings, if it may be one.
  private let session: SessionToken?
  /// What forms are tied to before there is a session.
  private let visitValue: String
  private let isFirstVisit: Bool
  private(set) var form = TypedForm()
  private(set) var encoding = FormEncoding.urlencoded

  init(_ request: Request, _ context: ConsoleContext, _ web: ConsoleWeb) {
    (self.request, self.context, self.web) = (request, context, web)
    cookies = web.cookies(for: request, context)
    session = cookies.value(.session, in: request).flatMap { SessionToken($0) }
    let known = cookies.value(.visit, in: request).flatMap { $0.utf8.count == 32 ? $0 : nil }
    visitValue = known ?? Self.randomVisit()
    isFirstVisit = known == nil
  }

  private static func randomVisit() -> String {
    Hexadecimal.encode((0..<16).map { _ in UInt8.random(in: .min ... .max) })
  }

  /// The request with its form read, which is not to be done yet.
  ///
  /// - Throws: ``ForeignForm`` when another site may have sent it.
  func withForm(_ encoding: FormEncoding = .urlencoded) async throws -> BrowserRequest {
    guard request.isFromPage(of: origin) else { throw ForeignForm() }
    var read = self
    do {
      read.form = try await request.form(encoding)
    } catch BodyError.tooLarge {
      // A browser that is answered while it sends shows no answer.
      await request.readToTheEnd()
      throw BodyError.tooLarge
    }
    read.encoding = encoding
    return read
  }

  /// - Throws: ``StaleForm`` unless the form was shown to this session, or this visit before there is one.
  func requireOwnForm() throws {
    guard let token = form[FormToken.field], formToken.matches(token) else { throw StaleForm() }
  }

  /// The page that a form was sent from, as the browser says; nil where it does not, or names none of ours.
  private var wayBack: String? {
    guard let referer = request.headers[.referer], let origin, referer.hasPrefix(origin + "/") else { return nil }
    return ConsoleWeb.ownPath(String(referer.dropFirst(origin.count)))
  }

  /// The console's own origin, as the browser has it; nil where the request names no host.
  private var origin: String? {
    web.authority(of: request, context).map { (cookies.isSecure ? "https://" : "http://") + $0 }
  }

  private var formToken: FormToken { FormToken(of: session?.revealed ?? visitValue) }

  private var language: Language {
    form[Language.field].flatMap(Language.init) ?? cookies.value(.language, in: request).flatMap(Language.init)
      ?? Language(accepting: request.headers[.acceptLanguage])
  }

  /// Where the page is found again by GET: with its query or, for what answers a form, the page that the form is on or
  /// belongs to.
  private var address: String {
    guard request.method != .get else { return request.uri.string }
    var pattern = (context.endpointPath ?? "").split(separator: "/").map(String.init)
    while !pattern.isEmpty, !ConsoleWeb.pages.contains("/" + pattern.joined(separator: "/")) { pattern.removeLast() }
    return "/" + request.uri.path.split(separator: "/").prefix(pattern.count).joined(separator: "/")
  }

  /// - Parameter token: what forms carry, where it is not that of the session that the browser brought.
  func visit(_ token: FormToken? = nil, as principal: Principal? = nil) -> Visit {
    Visit(
      console: web.console(for: request, context, as: principal), language: language, path: request.uri.path,
      address: address, query: TypedForm((try? QueryString.json(of: request)) ?? .object([])), form: form,
      formToken: token ?? formToken,
      parameters: context.parameters, now: web.now(), gatewayURL: web.gatewayURL(),
      origin: origin ?? (cookies.isSecure ? "https://localhost" : "http://localhost"),
      gatewayCaller: web.gatewayCaller)
  }

  /// - Throws: `ConsoleError.notSignedIn`.
  func signedInVisit() async throws -> SignedInVisit {
    guard let session else { throw ConsoleError.notSignedIn }
    let principal = try await web.console.authenticate(session)
    let visit = visit(as: principal)
    let (tenant, account) = try await visit.console.whoAmI(principal)
    return SignedInVisit(visit: visit, principal: principal, tenant: tenant, account: account)
  }

  /// Ends the session that the browser brings, as another takes its place: whoever else has its token is out.
  func endSession() async throws {
    guard let session else { return }
    do {
      let principal = try await web.console.authenticate(session)
      try await visit(as: principal).console.signOut(principal)
    } catch ConsoleError.notSignedIn {}
  }
}

// MARK: - Answering

extension BrowserRequest {
  func response(to answer: PageAnswer, _ visit: SignedInVisit) -> Response {
    response(to: answer, visit.visit, shownTo: visit)
  }

  /// In the language that a form was sent to be shown in, that one is spoken from now on.
  func response(to answer: PageAnswer, _ visit: Visit, shownTo signedIn: SignedInVisit? = nil) -> Response {
    var response = answered(answer, visit, shownTo: signedIn)
    if visit.isSwitchingLanguage { response.headers.append(speaking(visit.language)) }
    return response
  }

  private func speaking(_ language: Language) -> HTTPField {
    cookies.setting(.language, to: language.rawValue, lifetime: 365 * 86_400)
  }

  private func answered(_ answer: PageAnswer, _ visit: Visit, shownTo signedIn: SignedInVisit?) -> Response {
    switch answer {
    case .page(let template, let title, let data, let status, let retryAfter):
      let layout = Layout(
        visit, tenant: signedIn?.tenant, account: signedIn?.account, title: title, of: data)
      var response = html(template, data, status: status, layout, visit)
      if let retryAfter { response.headers[.retryAfter] = retryAfter }
      return response
    case .csv(let text, let name):
      var response = Response(status: .ok, text: text, mediaType: "text/csv")
      response.headers[.contentDisposition] = "attachment; filename=\"\(name)\""
      return response
    case .redirect(let path, let done):
      return seeOther(done.map { path + (path.contains("?") ? "&" : "?") + "done=\($0)" } ?? path)
    case .begin(let session, let path):
      return keeping(session, seeOther(path))
    case .resume(let held, let session):
      return keeping(session, resuming(held, of: session))
    case .speak(let language, let path):
      var response = seeOther(path)
      response.headers.append(speaking(language))
      return response
    case .end(let path):
      var response = seeOther(path)
      response.headers.append(cookies.setting(.session, to: nil))
      return response
    }
  }

  /// The page, or the way to sign in, that an error comes to. Nil for one that nobody foresaw.
  func response(to error: any Error, shownTo signedIn: SignedInVisit? = nil) -> Response? {
    let visit = signedIn?.visit ?? visit()
    if error is ForeignForm || error is StaleForm { return problemPage(visit, status: 403, code: "foreign_form") }
    guard let refusal = Refusal(error, path: request.uri.path) else { return nil }
    if refusal.code == .notSignedIn {
      let next = request.method == .get ? request.uri.string : wayBack ?? "/"
      let isOver = session != nil || request.method == .post
      let pairs = (isOver ? ["over=true"] : []) + (next == "/" ? [] : ["next=" + next.percentEncoded])
      var response = seeOther("/sign-in" + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")))
      if session != nil { response.headers.append(cookies.setting(.session, to: nil)) }
      return response
    }
    return problemPage(
      visit, status: refusal.code.status, code: refusal.code.rawValue, retryAfter: refusal.retryAfter, shownTo: signedIn
    )
  }

  func problemPage(
    _ visit: Visit, status: Int, code: String, retryAfter: String? = nil, shownTo signedIn: SignedInVisit? = nil
  ) -> Response {
    var data: [String: any Sendable] = [
      "heading": visit.words["problem." + code], "status": status, "requestID": context.requestID.description,
    ]
    data["about"] = visit.words.texts["problem.\(code).about"]
    if request.method == .post { data["back"] = wayBack }
    if request.method == .get, status >= 500 { data["again"] = visit.address }
    return response(
      to: .page("problem", title: "problem." + code, data, status: status, retryAfter: retryAfter), visit,
      shownTo: signedIn)
  }

  /// For an error that nobody foresaw, with the navigation for whoever is signed in.
  func unforeseenPage() async -> Response {
    let signedIn = try? await signedInVisit()
    return problemPage(signedIn?.visit ?? visit(), status: 500, code: "internal_error", shownTo: signedIn)
  }

  func html(
    _ template: String, _ data: [String: any Sendable], status: Int, _ layout: Layout, _ visit: Visit
  ) -> Response {
    var data = data
    data["layout"] = layout.page
    let text = web.pages.renderFitting(template, data, in: visit.language)
    var response = Response(
      status: HTTPResponse.Status(code: status), headers: [.contentType: "text/html; charset=utf-8"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    if isFirstVisit, session == nil { response.headers.append(cookies.setting(.visit, to: visitValue)) }
    return response
  }

  /// An answer with what a browser keeps of a session that begins.
  private func keeping(_ session: Session, _ response: Response) -> Response {
    var response = response
    response.headers.append(cookies.setting(.session, to: session.token.revealed))
    if let device = session.device { response.headers.append(cookies.setting(device)) }
    return response
  }

  private func seeOther(_ path: String) -> Response {
    Response(status: .seeOther, headers: [.location: path])
  }
}

extension HTTPField.Name {
  fileprivate static let referer = HTTPField.Name("Referer")!
}
