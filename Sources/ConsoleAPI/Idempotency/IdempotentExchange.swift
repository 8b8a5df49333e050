import Console
import Contract
import HTTPTypes
import Hummingbird
import Model
import NIOCore

/// A signed-in call that, if it came with an `Idempotency-Key`, is done once however often it is sent.
struct IdempotentExchange<Out: Sendable>: Sendable {
  /// `nil` for a call that is done each time.
  let key: IdempotencyKey?
  let principal: Principal
  let console: Console
  let output: Output<Out>

  /// Answers a call, whose body is judged by `work`: what was done is repeated also when the same words would be refused
  /// by now.
  ///
  /// - Parameters:
  ///   - request: as it was sent, by which another of the same key is told apart.
  ///   - body: all of its body.
  ///   - receipt: waits for what was committed to be in force, if that was asked for.
  func respond(
    to request: Request, _ body: ByteBuffer, _ work: Work<Out>, receipt: @Sendable () async -> Receipt?
  ) async throws -> Response {
    guard let key else {
      let result = try await work.done(by: console)
      return output.answer(result, await receipt()).response
    }
    let known = console.idempotentRequest(
      key, of: principal, method: request.method.rawValue, target: request.head.path ?? "",
      body: body.readableBytesView)
    let outcome =
      switch work {
      case .atOnce(let perform): try await console.once(known, as: principal, keeping: { kept($0, nil) }, perform)
      case .prepared(let prepare):
        try await console.once(known, as: principal, keeping: { kept($0, nil) }, preparing: prepare)
      }
    switch outcome {
    case .repeated(let answer): return IdempotentReplay.response(answer)
    case .done(let result):
      let receipt = await receipt()
      if receipt != nil { try await console.keep(kept(result, receipt).body, for: known, as: principal) }
      return output.answer(result, receipt).response
    }
  }

  private func kept(_ result: Out, _ receipt: Receipt?) -> KeptAnswer {
    IdempotentReplay.keeping(output.answer(result, receipt), of: output.description.schema)
  }
}

/// What a call does.
enum Work<Out: Sendable>: Sendable {
  /// All of it in the transaction that begins with the call's key, if it came with one.
  case atOnce(@Sendable (Console) async throws -> Out)
  /// Something first, outside of it: what has to stay whatever becomes of the rest, and what takes long.
  case prepared(@Sendable (Console) async throws -> @Sendable (Console) async throws -> Out)

  func done(by console: Console) async throws -> Out {
    switch self {
    case .atOnce(let perform): try await perform(console)
    case .prepared(let prepare): try await prepare(console)(console)
    }
  }
}

/// The answer that is repeated, and how it tells that it is.
enum IdempotentReplay {
  /// The member that a repeated answer has in place of the secrets that the first one showed.
  static let secretsOmitted = "secretsOmitted"

  static func keeping(_ answer: RouteAnswer, of schema: JSONSchema?) -> KeptAnswer {
    let json = answer.json.map { json -> JSONValue in
      guard let schema, schema.hasWhatIsShownOnce else { return json }
      guard case .object(let members) = schema.withoutWhatIsShownOnce(json) else { return json }
      return .object(members + [.init(secretsOmitted, true)])
    }
    return KeptAnswer(status: answer.status.code, entityTag: answer.entityTag, body: json?.bytes ?? [])
  }

  static func response(_ answer: KeptAnswer) -> Response {
    var response = Response(status: HTTPResponse.Status(code: answer.status))
    if !answer.body.isEmpty {
      response.headers = [.contentType: "application/json", .contentLength: String(answer.body.count)]
      response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body))
    }
    response.headers[.eTag] = answer.entityTag
    response.headers[.idempotentReplayed] = "true"
    return response
  }
}

extension Request {
  /// What the client names the change by; `nil` if it does not.
  ///
  /// - Throws: ``InvalidInput``.
  var idempotencyKey: IdempotencyKey? {
    get throws {
      let fields = headers[values: .idempotencyKey]
      guard let field = fields.first else { return nil }
      guard fields.count == 1, let key = IdempotencyKey(field) else {
        throw InvalidInput("Idempotency-Key", IdempotencyKey.constraint.requirement)
      }
      return key
    }
  }
}

extension HTTPField.Name {
  fileprivate static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
  fileprivate static let idempotentReplayed = HTTPField.Name("Idempotent-Replayed")!
}
