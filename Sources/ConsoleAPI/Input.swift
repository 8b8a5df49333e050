import Contract
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// What a route takes besides its path, described and read.
struct Input<Value: Sendable>: Sendable {
  let description: InputDescription
  let read: @Sendable (Request, _ now: Date) async throws -> Value

  /// A JSON body of at most so many bytes.
  static func body(_ shape: Shape<Value>, upTo length: Int = InputDescription().maximumBodyLength) -> Input {
    let description = InputDescription(of: shape, maximumBodyLength: length)
    return Input(description: description) { request, now in
      try QueryString.refuse(in: request)
      return try shape.value(of: try await request.json(upTo: description.maximumBodyLength), now: now)
    }
  }

  /// A JSON body that says what to change (RFC 7396); `If-Match` says of which version.
  static func update(_ shape: Shape<Value>) -> Input {
    let description = InputDescription(of: shape, takesVersion: true)
    return Input(description: description) { request, now in
      try QueryString.refuse(in: request)
      let json = try await request.json(upTo: description.maximumBodyLength, alsoOf: "merge-patch+json")
      return try shape.value(of: json, now: now)
    }
  }

  /// A JSON body, or none, which is as `absent`.
  static func optionalBody(_ shape: Shape<Value>, absent: Value) -> Input {
    let description = InputDescription(of: shape, isBodyRequired: false)
    return Input(description: description) { request, now in
      try QueryString.refuse(in: request)
      if request.headers[.contentType] == nil, try await request.isBodyEmpty { return absent }
      return try shape.value(of: try await request.json(upTo: description.maximumBodyLength), now: now)
    }
  }

  /// Query parameters. An optional one that is empty is as one that is not there.
  static func query(_ shape: Shape<Value>) -> Input {
    guard case .object(let schema) = shape.schema else { preconditionFailure("a query is an object of parameters") }
    return Input(description: InputDescription(query: schema)) { request, now in
      try shape.value(of: try QueryString.json(of: request, for: schema), from: .query, now: now)
    }
  }
}

extension Input<Void> {
  /// No body, or an object without members: what a POST takes that has nothing to say yet.
  static var emptyBody: Input { .optionalBody(Shape<Void>.request("Nothing") {}, absent: ()) }

  /// No query, and no body that is looked at.
  static var nothing: Input {
    Input(description: InputDescription()) { request, _ in try QueryString.refuse(in: request) }
  }
}

extension InputDescription {
  /// A body of this shape.
  init<Value>(
    of shape: Shape<Value>, isBodyRequired: Bool = true, mediaTypes: [String] = InputDescription().mediaTypes,
    maximumBodyLength: Int = InputDescription().maximumBodyLength, takesVersion: Bool = false
  ) {
    self.init(
      body: shape.schema, isBodyRequired: isBodyRequired, mediaTypes: mediaTypes, maximumBodyLength: maximumBodyLength,
      takesVersion: takesVersion
    ) {
      _ = try shape.value(of: $0, now: $1)
    }
  }
}
