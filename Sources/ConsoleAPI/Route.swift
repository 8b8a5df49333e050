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
  ///   - reached: which calls it takes something from, so that one may try it first: see ``Console/dryRun(reaching:as:now:_:)``.
  init<In: Sendable, Out: Sendable>(
    _ method: HTTPRequest.Method, _ path: RoutePath, _ id: String, _ summary: String,
    _ about: String = "", requires permission: Permission, takes input: Input<In>, gives output: Output<Out>,
    problems: [ProblemCode] = [], takesWait: Bool = false,
    reaching reached: (@Sendable (Call, In) throws -> ReachedCalls)? = nil,
    perform: @escaping @Sendable (Call, In) async throws -> Out
  ) {
    self.init(
      method, path, id, summary, about, requires: permission, takes: input, gives: output, problems: problems,
      takesWait: takesWait, reaching: reached
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
      takesWait: false, reaching: nil
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
    problems: [ProblemCode], takesWait: Bool, reaching reached: (@Sendable (Call, In) throws -> ReachedCalls)?,
    work: @escaping @Sendable (@escaping @Sendable (Console) async throws -> (Call, In)) -> Work<Out>
  ) {
    let operation = Operation(
      method: method, path: path, id: id, summary: summary, about: about, permission: permission,
      input: input.description, output: output.description, ownProblems: problems, takesWait: takesWait,
      takesDryRun: reached != nil)
    self.operation = operation
    respond = { request, context, api in
      let (request, body, principal) = try await api.arrival(of: request, for: operation, requiring: permission)
      let (asked, bare) = try Self.asked(of: request, for: operation, at: api.now())
      let wait = asked.wait
      let witness = wait.map { _ in CommitWitness() }
      let console = api.console(for: request, context, as: principal)
      let once = IdempotentExchange(
        key: try operation.takesIdempotencyKey ? request.idempotencyKey : nil, principal: principal,
        console: witness.map(console.witnessed) ?? console, output: output)
      let read: @Sendable (Console) async throws -> (Call, In) = { console in
        let value = try await input.read(bare, api.now())
        let call = Call(
          console: console, principal: principal, expectedVersion: EntityTag.expectation(of: bare),
          parameters: context.parameters, listIdentity: try Self.listIdentity(bare, principal))
        return (call, value)
      }
      if asked.isDryRun, let reached {
        let (call, value) = try await read(console)
        let found = try await console.dryRun(reaching: try reached(call, value), as: principal, now: api.now()) {
          _ = try await work { console in (call.by(console), value) }.done(by: $0)
        }
        return RouteAnswer(status: .ok, json: DryRun.shape.json(found)).response
      }
      return try await once.respond(to: request, body, work(read)) {
        guard let wait, let witness else { return nil }
        return await api.console.receipt(for: witness, within: wait)
      }
    }
  }

  /// How long a request wants to wait for gateways, whether its change is only tried, and the request without these
  /// parameters.
  private static func asked(
    of request: Request, for operation: Operation, at now: Date
  ) throws -> ((wait: Duration?, isDryRun: Bool), Request) {
    var (wait, isDryRun, rest): (Duration?, Bool, Request) = (nil, false, request)
    if operation.takesWait { (wait, rest) = try asked(WaitQuery.query, of: rest, \.wait, at: now) }
    if operation.takesDryRun { (isDryRun, rest) = try asked(DryRunQuery.query, of: rest, \.isDryRun, at: now) }
    return ((wait, isDryRun), rest)
  }

  private static func asked<Query, Value>(
    _ query: Shape<Query>, of request: Request, _ path: KeyPath<Query, Value>, at now: Date
  ) throws -> (Value, Request) {
    let (given, rest) = try QueryString.split(request, names: query.schema.members?.map(\.name) ?? [])
    var head = request.head
    head.path = request.uri.path + (rest.isEmpty ? "" : "?" + rest)
    return (
      try query.value(of: given, from: .query, now: now)[keyPath: path], Request(head: head, body: request.body)
    )
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
