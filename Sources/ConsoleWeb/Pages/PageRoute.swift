import Console
import ConsoleAPI
import HTTPTypes
import Hummingbird

/// One page, or what a form of it does. Every POST is a form of a page of ours, or refused.
struct PageRoute: Sendable {
  let method: HTTPRequest.Method
  let path: RouterPath
  let respond: @Sendable (BrowserRequest) async throws -> Response

  /// A page for whoever is signed in and may see it; others are asked to sign in first, or told that they may not.
  static func get(
    _ path: RouterPath, requires permission: Permission = .anyRole,
    _ body: @escaping @Sendable (SignedInVisit) async throws -> PageAnswer
  ) -> PageRoute {
    signedIn(.get, path, permission, body)
  }

  /// What a form of such a page does. What it cannot do is told on a page of its own, unless `body` catches it.
  ///
  /// - Parameter permission: what its use case requires, which is asked before the form is looked at.
  static func post(
    _ path: RouterPath, requires permission: Permission,
    _ body: @escaping @Sendable (SignedInVisit) async throws -> PageAnswer
  ) -> PageRoute {
    signedIn(.post, path, permission, body)
  }

  /// The same for a form that a file comes with.
  ///
  /// - Parameter tooLarge: The page for one that is not read, as there is too much of it.
  static func upload(
    _ path: RouterPath, requires permission: Permission,
    tooLarge: @escaping @Sendable (SignedInVisit) async throws -> PageAnswer,
    _ body: @escaping @Sendable (SignedInVisit) async throws -> PageAnswer
  ) -> PageRoute {
    let route = signedIn(.post, path, permission, encoding: .multipart, body)
    let refusal = signedIn(.get, path, permission, tooLarge)
    return PageRoute(path) { request in
      do {
        return try await route.respond(request)
      } catch BodyError.tooLarge {
        return try await refusal.respond(request)
      }
    }
  }

  /// A page for anyone.
  static func open(
    _ path: RouterPath, _ body: @escaping @Sendable (Visit) async throws -> PageAnswer
  ) -> PageRoute {
    open(.get, path, .urlencoded, body)
  }

  /// What a form of such a page does.
  static func openPost(
    _ path: RouterPath, _ encoding: FormEncoding = .urlencoded,
    _ body: @escaping @Sendable (Visit) async throws -> PageAnswer
  ) -> PageRoute {
    open(.post, path, encoding, body)
  }

  private static func signedIn(
    _ method: HTTPRequest.Method, _ path: RouterPath, _ permission: Permission, encoding: FormEncoding = .urlencoded,
    _ body: @escaping @Sendable (SignedInVisit) async throws -> PageAnswer
  ) -> PageRoute {
    PageRoute(method, path, encoding, needsSession: true) { request in
      let visit = try await request.signedInVisit()
      do {
        try visit.principal.require(permission)
        return try await request.response(to: body(visit), visit)
      } catch {
        if method == .post, let held = await request.held(after: error, needsSession: true) { return held }
        // What was refused is told where one is, with the way to everything else.
        guard let response = request.response(to: error, shownTo: visit) else { throw error }
        return response
      }
    }
  }

  private static func open(
    _ method: HTTPRequest.Method, _ path: RouterPath, _ encoding: FormEncoding,
    _ body: @escaping @Sendable (Visit) async throws -> PageAnswer
  ) -> PageRoute {
    PageRoute(method, path, encoding, needsSession: false) { request in
      let visit = request.visit()
      let answer = try await body(visit)
      switch answer {
      case .begin, .resume: try await request.endSession()
      case .page, .csv, .redirect, .speak, .end: break
      }
      return request.response(to: answer, visit)
    }
  }

  private init(_ path: RouterPath, posted: @escaping @Sendable (BrowserRequest) async throws -> Response) {
    (method, self.path, respond) = (.post, path, posted)
  }

  private init(
    _ method: HTTPRequest.Method, _ path: RouterPath, _ encoding: FormEncoding, needsSession: Bool,
    respond: @escaping @Sendable (BrowserRequest) async throws -> Response
  ) {
    (self.method, self.path) = (method, path)
    self.respond = { request in
      if let way = request.wayWithoutSecret { return way }
      guard method == .post else { return try await respond(request) }
      let read = try await request.withForm(encoding)
      do {
        try read.requireOwnForm()
        return try await respond(read)
      } catch {
        guard let held = await read.held(after: error, needsSession: needsSession) else { throw error }
        return held
      }
    }
  }
}
