import Console
import ConsoleAPI
import HTTPTypes
import Hummingbird

/// One page, or what a form of it does.
struct PageRoute: Sendable {
  let method: HTTPRequest.Method
  let path: RouterPath
  let respond: @Sendable (BrowserRequest) async throws -> Response

  /// A page for whoever is signed in; others are asked to sign in first.
  static func get(
    _ path: RouterPath, _ body: @escaping @Sendable (SignedInVisit) async throws -> PageAnswer
  ) -> PageRoute {
    PageRoute(method: .get, path: path) { request in
      let visit = try await request.signedInVisit()
      return try await request.response(to: body(visit), visit)
    }
  }

  /// What a form of such a page does. What it cannot do is told on a page of its own, unless `body` catches it.
  static func post(
    _ path: RouterPath, _ body: @escaping @Sendable (SignedInVisit) async throws -> PageAnswer
  ) -> PageRoute {
    PageRoute(method: .post, path: path) { request in
      let request = try await request.withForm()
      let visit = try await request.signedInVisit()
      return try await request.response(to: body(visit), visit)
    }
  }

  /// A page for anyone.
  static func open(
    _ path: RouterPath, _ body: @escaping @Sendable (Visit) async throws -> PageAnswer
  ) -> PageRoute {
    PageRoute(method: .get, path: path) { request in
      let visit = request.visit()
      return try await request.response(to: body(visit), visit)
    }
  }

  /// What a form of such a page does.
  static func openPost(
    _ path: RouterPath, _ body: @escaping @Sendable (Visit) async throws -> PageAnswer
  ) -> PageRoute {
    PageRoute(method: .post, path: path) { request in
      let request = try await request.withForm()
      let visit = request.visit()
      return try await request.response(to: body(visit), visit)
    }
  }
}
