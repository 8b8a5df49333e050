package import Contract
import HTTPTypes
package import Hummingbird
package import NIOCore

/// Why a body was not read.
package enum BodyError: Error {
  case unsupportedMediaType
  case tooLarge
  case notJSON(JSONSyntaxError)
  case notYAML(YAMLSyntaxError)
  /// The client ended before its body did.
  case cutOff
}

extension Request {
  /// Whether there is no body, or one of no length.
  var isBodyEmpty: Bool {
    get async throws {
      do { return try await body.collect(upTo: 0).readableBytes == 0 } catch is NIOTooManyBytesError { return false }
    }
  }

  /// The whole body.
  ///
  /// - Throws: ``BodyError``.
  package func wholeBody(upTo limit: Int) async throws -> ByteBuffer {
    if let length = headers[.contentLength].flatMap(Int.init), length > limit { throw BodyError.tooLarge }
    do {
      return try await body.collect(upTo: limit)
    } catch is NIOTooManyBytesError {
      throw BodyError.tooLarge
    } catch  where !(error is CancellationError) {
      throw BodyError.cutOff
    }
  }

  /// The body as JSON.
  ///
  /// - Parameters:
  ///   - limit: of the body's length.
  ///   - subtype: of `application`, taken besides `json`.
  /// - Throws: ``BodyError``.
  func json(upTo limit: Int, alsoOf subtype: String? = nil) async throws -> JSONValue {
    guard let type = headers[.contentType], Self.isJSON(type, alsoOf: subtype) else {
      throw BodyError.unsupportedMediaType
    }
    let buffer = try await wholeBody(upTo: limit)
    do {
      return try buffer.withUnsafeReadableBytes { bytes throws(JSONSyntaxError) in try JSONValue(parsing: bytes) }
    } catch {
      throw BodyError.notJSON(error)
    }
  }

  /// RFC 8259 §11 defines no parameters; `charset=utf-8` is what many clients add.
  private static func isJSON(_ contentType: String, alsoOf subtype: String?) -> Bool {
    let parts = contentType.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
    guard let type = parts.first, parts.dropFirst().allSatisfy({ ["charset=utf-8", "charset=\"utf-8\""].contains($0) })
    else { return false }
    return type == "application/json" || subtype.map { type == "application/\($0)" } ?? false
  }
}
