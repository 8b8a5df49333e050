import Console
import Contract
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Model

/// One operation of the API: what it is, and how it answers.
struct Route: Sendable {
  let operation: Operation
  let respond: @Sendable (Request, ConsoleContext, ConsoleAPI) async throws -> Response

  /// A route for signed-in accounts. Which of them may what is the use case's to say.
  ///
  /// - Parameter problems: what it may refuse with beyond ``Operation/problems``.
  init<In: Sendable, Out: Sendable>(
    _ method: HTTPRequest.Method, _ path: RoutePath, _ id: String, _ summary: String, takes input: Input<In>,
    gives output: Output<Out>, problems: [ProblemCode] = [],
    perform: @escaping @Sendable (Call, In) async throws -> Out
  ) {
    operation = Operation(
      method: method, path: path, id: id, summary: summary, access: .signedIn, input: input.description,
      output: output.description, ownProblems: problems)
    respond = { request, context, api in
      let principal = try await api.authenticate(request)
      let value = try await input.read(request, api.now())
      let call = Call(
        console: api.console, principal: principal, expectedVersion: EntityTag.expectation(of: request),
        parameters: context.parameters, listIdentity: try Self.listIdentity(request, principal))
      return output.response(try await perform(call, value))
    }
  }

  /// A route for anyone.
  static func open<In: Sendable, Out: Sendable>(
    _ method: HTTPRequest.Method, _ path: RoutePath, _ id: String, _ summary: String, takes input: Input<In>,
    gives output: Output<Out>, problems: [ProblemCode] = [],
    perform: @escaping @Sendable (Console, In) async throws -> Out
  ) -> Route {
    let operation = Operation(
      method: method, path: path, id: id, summary: summary, access: .anyone, input: input.description,
      output: output.description, ownProblems: problems)
    return Route(operation) { request, _, api in
      let value = try await input.read(request, api.now())
      return output.response(try await perform(api.console, value))
    }
  }

  private init(
    _ operation: Operation,
    respond: @escaping @Sendable (Request, ConsoleContext, ConsoleAPI) async throws -> Response
  ) {
    (self.operation, self.respond) = (operation, respond)
  }

  /// See ``Call/listIdentity``.
  private static func listIdentity(_ request: Request, _ principal: Principal) throws -> String {
    guard request.method == .get, case .object(let members) = try QueryString.json(of: request) else { return "" }
    let filters = members.filter { $0.name != "cursor" && $0.name != "limit" }.sorted { $0.name < $1.name }
    let identity: JSONValue = [
      "tenant": .string(principal.tenant.description), "path": .string(request.uri.path), "filters": .object(filters),
    ]
    return String(decoding: identity.bytes, as: UTF8.self)
  }
}
