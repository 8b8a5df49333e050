import Contract
import FoundationEssentials
package import HTTPTypes
package import Hummingbird
import Model
import NIOCore

/// What a route answers when all is well, described and written.
struct Output<Value: Sendable>: Sendable {
  let description: OutputDescription
  /// The answer, with a receipt if one was asked for.
  let answer: @Sendable (Value, Receipt?) -> RouteAnswer

  static func ok(_ shape: Shape<Value>) -> Output {
    Output(.ok, shape)
  }

  /// - Parameter version: where the value keeps when it was last changed, for its `ETag`.
  static func ok(_ shape: Shape<Value>, version: any KeyPath<Value, Date> & Sendable) -> Output {
    Output(.ok, shape, version: version)
  }

  static func created(_ shape: Shape<Value>) -> Output {
    Output(.created, shape)
  }

  /// - Parameter version: as for `ok`.
  static func created(_ shape: Shape<Value>, version: any KeyPath<Value, Date> & Sendable) -> Output {
    Output(.created, shape, version: version)
  }

  private init(_ description: OutputDescription, answer: @escaping @Sendable (Value, Receipt?) -> RouteAnswer) {
    (self.description, self.answer) = (description, answer)
  }

  private init(
    _ status: HTTPResponse.Status, _ shape: Shape<Value>, version: (any KeyPath<Value, Date> & Sendable)? = nil
  ) {
    description = OutputDescription(status: status, schema: shape.schema, hasVersion: version != nil) {
      _ = try shape.value(of: $0, now: $1)
    }
    answer = { value, receipt in
      RouteAnswer(
        status: status, json: shape.json(value).adding(receipt),
        entityTag: version.map { EntityTag.text(value[keyPath: $0]) })
    }
  }
}

extension Output<Session> {
  /// A session that begins. The browser, if it is one, is known again.
  static var session: Output {
    let shape = Session.shape
    var description = created(shape).description
    description.setsDeviceCookie = true
    return Output(description) { session, _ in
      RouteAnswer(status: .created, json: shape.json(session), device: session.device)
    }
  }
}

extension Output<Void> {
  static var noContent: Output {
    Output(OutputDescription(status: .noContent, schema: nil, hasVersion: false)) { _, receipt in
      receipt.map { RouteAnswer(status: .ok, json: Receipt.shape.json($0)) } ?? RouteAnswer(status: .noContent)
    }
  }
}

extension JSONValue {
  /// An object with a receipt as one more member.
  fileprivate func adding(_ receipt: Receipt?) -> JSONValue {
    guard let receipt, case .object(let members) = self else { return self }
    return .object(members + [.init("receipt", Receipt.shape.json(receipt))])
  }
}

/// What a route answers, before it is bytes.
struct RouteAnswer: Sendable {
  let status: HTTPResponse.Status
  /// `nil` if there is no body.
  var json: JSONValue?
  /// In place of JSON.
  var csv: String?
  var entityTag: String?
  var device: Credential<DeviceCookie>?

  var response: Response {
    var response = json.map { Response(status: status, json: $0) } ?? Response(status: status)
    if let csv { response = Response(status: status, text: csv, mediaType: "text/csv") }
    response.headers[.eTag] = entityTag
    return response
  }
}

extension Output<[UsageReport.Row]> {
  /// A file for spreadsheets.
  static var usageCSV: Output {
    let row = UsageReport.Row.shape
    let example = row.schema.examples.first.flatMap { try? row.value(of: $0, now: .now) }
    let schema: JSONSchema = .keywords([
      .init("type", "string"), .init("examples", [.string(UsageReport.Row.csv(example.map { [$0] } ?? []))]),
    ])
    var description = OutputDescription(status: .ok, schema: schema, hasVersion: false)
    description.mediaType = "text/csv"
    return Output(description) { rows, _ in RouteAnswer(status: .ok, csv: UsageReport.Row.csv(rows)) }
  }
}

extension Response {
  /// An answer that is all of `text`.
  package init(status: HTTPResponse.Status, text: String, mediaType: String) {
    let bytes = ByteBuffer(string: text)
    self.init(
      status: status,
      headers: [.contentType: mediaType, .contentLength: String(bytes.readableBytes)],
      body: ResponseBody(byteBuffer: bytes))
  }

  init(status: HTTPResponse.Status, json: JSONValue, mediaType: String = "application/json") {
    let bytes = json.bytes
    self.init(
      status: status, headers: [.contentType: mediaType, .contentLength: String(bytes.count)],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
