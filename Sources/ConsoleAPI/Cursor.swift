import Contract
import Crypto
import FoundationEssentials
package import Model

/// The text by which a client goes on with a list: a position, and a digest that ties it to the list it came from, so
/// that with other filters, for another tenant or made up it is refused rather than misread.
///
/// The digest is not a secret's: who forges one gets nothing but another position in a list of their own.
package enum Cursor {
  package static func text<Entity>(_ position: Position<Entity>, of list: String) -> String {
    let bytes = payload(position)
    return Data(bytes + digest(bytes, of: list)).base64EncodedString()
      .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }

  /// - Throws: ``InvalidInput``.
  package static func position<Entity>(_ text: String, of list: String) throws(InvalidInput) -> Position<Entity> {
    guard let position = parse(text) as Position<Entity>?, Cursor.text(position, of: list) == text else {
      throw InvalidInput("?cursor", "must be the nextCursor of a page of this list with the same filters")
    }
    return position
  }

  private static func parse<Entity>(_ text: String) -> Position<Entity>? {
    let base64 =
      text.replacing("-", with: "+").replacing("_", with: "/")
      + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    guard let data = Data(base64Encoded: base64), data.count >= fixedLength + digestLength else { return nil }
    let name = data.dropFirst(fixedLength).dropLast(digestLength)
    return data.withUnsafeBytes { bytes in
      let microseconds = Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
      let bits = UInt128(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt128.self))
      guard let createdAt = RFC3339.date(microsecondsSince1970: microseconds) else { return nil }
      return name.isEmpty
        ? Position(createdAt: createdAt, id: ID(bits: bits))
        : String(validating: name, as: UTF8.self).map {
          Position(createdAt: createdAt, id: ID(bits: bits), name: $0, in: .byName)
        }
    }
  }

  private static func payload<Entity>(_ position: Position<Entity>) -> [UInt8] {
    let microseconds = RFC3339.microseconds(since1970: position.createdAt).bigEndian
    return withUnsafeBytes(of: microseconds) { Array($0) }
      + withUnsafeBytes(of: position.id.bits.bigEndian) { Array($0) } + Array((position.name ?? "").utf8)
  }

  private static func digest(_ payload: [UInt8], of list: String) -> [UInt8] {
    var hash = SHA256()
    hash.update(data: payload)
    hash.update(data: Data(list.utf8))
    return Array(hash.finalize().prefix(digestLength))
  }

  /// Of a time and an id, behind which there may be a name.
  private static let fixedLength = 24
  private static let digestLength = 8
}

extension Call {
  /// What a list's query asks of the use case.
  func slice<Entity, Filter>(_ query: ListQuery<Filter>) throws -> SliceRequest<Entity> {
    let after: Position<Entity>? = try query.cursor.map { try Cursor.position($0, of: listIdentity) }
    return SliceRequest(limit: query.limit, after: after, order: query.order)
  }

  /// What the use case gave, for the wire.
  func page<Entity>(_ slice: Slice<Entity>) -> Page<Entity> {
    Page(items: slice.items, nextCursor: slice.next.map { Cursor.text($0, of: listIdentity) })
  }
}
