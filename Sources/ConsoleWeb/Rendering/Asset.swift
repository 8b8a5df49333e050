import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Model

/// A file that pages load. A browser asks each time whether it has changed.
struct Asset: Sendable {
  let path: String
  private let text: String
  private let mediaType: String
  private let entityTag: String

  static let all: [Asset] = EmbeddedFiles.all.compactMap { file in
    guard file.name.hasPrefix("Assets/") else { return nil }
    return Asset(name: String(file.name.dropFirst(7)), text: file.text)
  }

  private init(name: String, text: String) {
    path = "/assets/" + name
    self.text = text
    let types = ["css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"]
    mediaType = types[String(name.split(separator: ".").last ?? "")] ?? "text/plain"
    entityTag = "\"" + Hexadecimal.encode(SHA256.hash(data: Data(text.utf8)).prefix(8)) + "\""
  }

  func response(to request: Request) -> Response {
    let headers: HTTPFields = [
      .contentType: mediaType + "; charset=utf-8", .cacheControl: "no-cache", .eTag: entityTag,
    ]
    guard request.headers[.ifNoneMatch] != entityTag else { return Response(status: .notModified, headers: headers) }
    return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }
}
