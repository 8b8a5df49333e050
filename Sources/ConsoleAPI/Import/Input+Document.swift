package import Contract
import Hummingbird
import NIOCore

extension Input {
  /// A document in JSON or YAML, as its `Content-Type` says: it is not guessed.
  static func document(_ shape: Shape<Value>) -> Input {
    let description = InputDescription(
      of: shape, mediaTypes: DocumentFormat.mediaTypes, maximumBodyLength: 4 << 20)
    return Input(description: description) { request, now in
      try QueryString.refuse(in: request)
      guard let format = request.headers[.contentType].flatMap(DocumentFormat.init(contentType:)) else {
        throw BodyError.unsupportedMediaType
      }
      let body = try await request.wholeBody(upTo: description.maximumBodyLength)
      return try shape.value(of: try format.read(body.readableBytesView.withoutMark), now: now)
    }
  }
}

/// How a document is written.
package enum DocumentFormat: Sendable {
  case json, yaml

  /// The first of each kind is the one that a registry has.
  static let mediaTypes = [
    "application/json", "application/yaml", "application/openapi+json", "application/openapi+yaml",
    "application/vnd.oai.openapi+json", "application/vnd.oai.openapi", "application/x-yaml", "text/yaml",
  ]

  private static let jsonTypes = Set([
    "application/json", "application/openapi+json", "application/vnd.oai.openapi+json",
  ])

  /// `nil` for a media type that is not taken. `charset` must be UTF-8; `version` and other parameters say nothing that
  /// the document does not.
  init?(contentType: String) {
    let parts = contentType.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
    guard let type = parts.first, Self.mediaTypes.contains(type),
      parts.dropFirst().allSatisfy({ !$0.hasPrefix("charset=") || $0.hasSuffix("utf-8") || $0.hasSuffix("utf-8\"") })
    else { return nil }
    self = Self.jsonTypes.contains(type) ? .json : .yaml
  }

  /// Of a document that nobody says the format of, as a person's file or pasted text: an object's brace begins JSON.
  package init(guessing bytes: some Collection<UInt8>) {
    let first = bytes.withoutMark.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    self = first == UInt8(ascii: "{") ? .json : .yaml
  }

  /// - Throws: ``BodyError``.
  package func read(_ bytes: [UInt8]) throws -> JSONValue {
    switch self {
    case .yaml: return try YAMLDocument.json(bytes)
    case .json:
      do {
        return try bytes.withUnsafeBytes { bytes in try JSONValue(parsing: bytes, maximumDepth: 200) }
      } catch let error as JSONSyntaxError {
        throw BodyError.notJSON(error)
      }
    }
  }
}

extension Collection<UInt8> {
  /// All but a byte order mark, which some editors begin a file with.
  fileprivate var withoutMark: [UInt8] { Array(starts(with: [0xEF, 0xBB, 0xBF]) ? dropFirst(3) : self[...]) }
}
