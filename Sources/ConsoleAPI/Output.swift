import Contract
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Model
import NIOCore

/// What a route answers when all is well, described and written.
struct Output<Value: Sendable>: Sendable {
  let description: OutputDescription
  /// The answer, with a receipt if one was asked for.
  let response: @Sendable (Value, Receipt?) -> Response

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

  private init(_ description: OutputDescription, response: @escaping @Sendable (Value, Receipt?) -> Response) {
    (self.description, self.response) = (description, response)
  }

  private init(
    _ status: HTTPResponse.Status, _ shape: Shape<Value>, version: (any KeyPath<Value, Date> & Sendable)? = nil
  ) {
    description = OutputDescription(status: status, schema: shape.schema, hasVersion: version != nil)
    response = { value, receipt in
      var response = Response(status: status, json: shape.json(value).adding(receipt))
      if let version { response.headers[.eTag] = EntityTag.text(value[keyPath: version]) }
      return response
    }
  }
}

extension Output<Void> {
  static var noContent: Output {
    Output(OutputDescription(status: .noContent, schema: nil, hasVersion: false)) { _, receipt in
      receipt.map { Response(status: .ok, json: Receipt.shape.json($0)) } ?? Response(status: .noContent)
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

extension Response {
  init(status: HTTPResponse.Status, json: JSONValue, mediaType: String = "application/json") {
    let bytes = json.bytes
    self.init(
      status: status, headers: [.contentType: mediaType, .contentLength: String(bytes.count)],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
