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

  /// Answers a call.
  ///
  /// A body is read before anything is locked, and before it is judged: what was done is repeated also when the same
  /// words would be refused by now.
  ///
  /// - Parameters:
  ///   - request: what `perform` is given.
  ///   - original: the request by which another of the same key is told apart.
  ///   - receipt: waits for what was committed to be in force, if that was asked for.
  func respond(
    to request: Request, sentAs original: Request, limit: Int,
    perform: @Sendable (Request, Console) async throws -> Out, receipt: @Sendable () async -> Receipt?
  ) async throws -> Response {
    guard let key else {
      let result = try await perform(request, console)
      return output.answer(result, await receipt()).response
    }
    let body = try await request.wholeBody(upTo: limit)
    let known = IdempotentRequest(
      key, of: principal.account, method: original.method.rawValue, target: original.head.path ?? "",
      body: body.readableBytesView)
    let outcome = try await console.once(known, as: principal) {
      kept($0, nil)
    } _: { console in
      try await perform(Request(head: request.head, body: RequestBody(buffer: body)), console)
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
