import Console
import Contract
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Model
import Store

/// One operation of the API: what it is, and how it answers.
struct Route: Sendable {
  let operation: Operation
  let respond: @Sendable (Request, ConsoleContext, ConsoleAPI) async throws -> Response

  /// A route for signed-in accounts.
  ///
  /// - Parameters:
  ///   - summary: what it does, in a sentence.
  ///   - about: what else a client's author should know of it.
  ///   - permission: what its use case requires, which is asked here before anything else of the request is looked at.
  ///   - problems: what it may refuse with beyond ``Operation/problems``.
  ///   - takesWait: whether gateways go by what it changes, so that one may wait for them.
  init<In: Sendable, Out: Sendable>(
    _ method: HTTPRequest.Method, _ path: RoutePath, _ id: String, _ summary: String,
    _ about: String = "", requires permission: Permission, takes input: Input<In>, gives output: Output<Out>,
    problems: [ProblemCode] = [], takesWait: Bool = false,
    perform: @escaping @Sendable (Call, In) async throws -> Out
  ) {
    self.init(
      method, path, id, summary, about, requires: permission, takes: input, gives: output, problems: problems,
      takesWait: takesWait
    ) { read in
      .atOnce { console in
        let (call, value) = try await read(console)
        return try await perform(call, value)
      }
    }
  }

  /// A route of which something is done before the transaction that an `Idempotency-Key` begins: see ``Work``.
  ///
  /// - Parameter prepare: gives what is then done in it.
  init<In: Sendable, Out: Sendable>(
    _ method: HTTPRequest.Method, _ path: RoutePath, _ id: String, _ summary: String,
    _ about: String = "", requires permission: Permission, takes input: Input<In>, gives output: Output<Out>,
    problems: [ProblemCode] = [],
    prepare: @escaping @Sendable (Call, In) async throws -> @Sendable (Console) async throws -> Out
  ) {
    self.init(
      method, path, id, summary, about, requires: permission, takes: input, gives: output, problems: problems,
      takesWait: false
    ) { read in
      .prepared { console in
        let (call, value) = try await read(console)
        return try await prepare(call, value)
      }
    }
  }

  /// - Parameter work: what is done, given how to read what is asked for.
  private init<In: Sendable, Out: Sendable>(
    _ method: HTTPRequest.Method, _ path: RoutePath, _ id: String, _ summary: String,
    _ about: String, requires permission: Permission, takes input: Input<In>, gives output: Output<Out>,
    problems: [ProblemCode], takesWait: Bool,
    work: @escaping @Sendable (@escaping @Sendable (Console) async throws -> (Call, In)) -> Work<Out>
  ) {
    let operation = Operation(
      method: method, path: path, id: id, summary: summary, about: about, permission: permission,
      input: input.description, output: output.description, ownProblems: problems, takesWait: takesWait)
    self.operation = operation
    respond = { request, context, api in
      let (request, body, principal) = try await api.arrival(of: request, for: operation, requiring: permission)
      let (wait, bare) = takesWait ? try Self.wait(of: request, at: api.now()) : (nil, request)
      let witness = wait.map { _ in CommitWitness() }
      let console = api.console(for: request, context, as: principal)
      let once = IdempotentExchange(
        key: try operation.takesIdempotencyKey ? request.idempotencyKey : nil, principal: principal,
        console: witness.map(console.witnessed) ?? console, output: output)
      let work = work { console in
        let value = try await input.read(bare, api.now())
        let call = Call(
          console: console, principal: principal, expectedVersion: EntityTag.expectation(of: bare),
          parameters: context.parameters, listIdentity: try Self.listIdentity(bare, principal))
        return (call, value)
      }
      return try await once.respond(to: request, body, work) {
        guard let wait, let witness else { return nil }
        return await api.console.receipt(for: witness, within: wait)
      }
    }
  }

  /// How long a request wants to wait for gateways, and the request without that parameter.
  private static func wait(of request: Request, at now: Date) throws -> (Duration?, Request) {
    let (query, rest) = try QueryString.split(request, names: WaitQuery.query.schema.members?.map(\.name) ?? [])
    let wait = try WaitQuery.query.value(of: query, from: .query, now: now)
    var head = request.head
    head.path = request.uri.path + (rest.isEmpty ? "" : "?" + rest)
    return (wait.wait, Request(head: head, body: request.body))
  }

  /// A route for anyone.
  static func open<In: Sendable, Out: Sendable>(
    _ method: HTTPRequest.Method, _ path: RoutePath, _ id: String, _ summary: String,
    _ about: String = "", takes input: Input<In>, gives output: Output<Out>, problems: [ProblemCode] = [],
    perform: @escaping @Sendable (Console, In) async throws -> Out
  ) -> Route {
    let operation = Operation(
      method: method, path: path, id: id, summary: summary, about: about, permission: nil, input: input.description,
      output: output.description, ownProblems: problems)
    return Route(operation) { request, context, api in
      let value = try await input.read(request, api.now())
      let answer = output.answer(try await perform(api.console(for: request, context), value), nil)
      var response = answer.response
      if let device = answer.device { response.headers.append(api.cookies(for: request, context).setting(device)) }
      return response
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
