import Framing
package import Model

/// A set of request methods, as `Allow` tells it (RFC 9110 §10.2.1).
package struct Methods: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// What an API of `method` takes: `GET` takes `HEAD` too (RFC 9110 §9.3.2), `ANY` every one.
  package init(takenBy method: APIMethod) {
    switch method {
    case .get: self = [.get, .head]
    case .head: self = .head
    case .post: self = .post
    case .put: self = .put
    case .patch: self = .patch
    case .delete: self = .delete
    case .options: self = .options
    case .any: self = [.get, .head, .post, .put, .patch, .delete, .options]
    }
  }

  package static let get = Methods(rawValue: 1 << 0)
  package static let head = Methods(rawValue: 1 << 1)
  package static let post = Methods(rawValue: 1 << 2)
  package static let put = Methods(rawValue: 1 << 3)
  package static let patch = Methods(rawValue: 1 << 4)
  package static let delete = Methods(rawValue: 1 << 5)
  package static let options = Methods(rawValue: 1 << 6)

  private static let names = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

  /// The value of an `Allow` field, as in `GET, HEAD`.
  package var fieldValue: String {
    Self.names.enumerated().filter { contains(Methods(rawValue: 1 << UInt8($0.offset))) }.map(\.element)
      .joined(separator: ", ")
  }
}

extension APIMethod {
  /// The method in `range`, in the case it is defined in (RFC 9110 §9.1); `nil` for one that only `ANY` takes.
  init?(_ bytes: Span<UInt8>, _ range: ByteRange) {
    switch range.count {
    case 3 where bytes.areExactly(range, "GET"): self = .get
    case 3 where bytes.areExactly(range, "PUT"): self = .put
    case 4 where bytes.areExactly(range, "POST"): self = .post
    case 4 where bytes.areExactly(range, "HEAD"): self = .head
    case 5 where bytes.areExactly(range, "PATCH"): self = .patch
    case 6 where bytes.areExactly(range, "DELETE"): self = .delete
    case 7 where bytes.areExactly(range, "OPTIONS"): self = .options
    default: return nil
    }
  }

  /// How closely an API of this method fits a call of `method`: 0 is the same method, then `GET` for `HEAD`, then
  /// `ANY`; `nil` when it does not.
  @inline(__always)
  func distance(to method: APIMethod?) -> Int? {
    if self == .any { return 2 }
    if self == method { return 0 }
    return self == .get && method == .head ? 1 : nil
  }
}
