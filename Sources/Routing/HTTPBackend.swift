package import Model
import Synchronization

/// An HTTP backend's base URL and its parts as they are sent.
package final class HTTPBackend: Sendable {
  package let url: BackendURL
  /// What `Host` says.
  package let authority: [UInt8]
  /// Empty, or begins with `/` and does not end in one.
  package let basePath: [UInt8]
  /// The headers by which the backend knows the gateway; nil when it has none.
  package let sealed: SealedHeaders?
  private let opened = AtomicLazyReference<OpenedHeaders>()

  init(_ url: BackendURL, sealed: SealedHeaders? = nil) {
    self.url = url
    self.sealed = sealed
    authority = Array(url.authority.utf8)
    basePath = Array(url.basePath.utf8)
  }

  /// The backend's own headers, opened at the first call for the life of this target; nil when they could not be.
  ///
  /// - Parameters:
  ///   - open: Makes their lines. Where several threads come first together, each is asked, and what one made is kept.
  ///   - onFailure: Told why they could not be opened, by one thread, once.
  package func headers<Failure: Error>(
    opening open: (SealedHeaders) throws(Failure) -> [UInt8], onFailure: (SealedHeaders, Failure) -> Void
  ) -> BackendHeaders? {
    guard let sealed else { return nil }
    if let opened = opened.load() { return opened.headers }
    let failure: Failure
    do throws(Failure) {
      let mine = OpenedHeaders(headers: BackendHeaders(lines: try open(sealed)))
      return opened.storeIfNil(mine).headers
    } catch {
      failure = error
    }
    let mine = OpenedHeaders(headers: nil)
    let kept = opened.storeIfNil(mine)
    if kept === mine { onFailure(sealed, failure) }
    return kept.headers
  }
}

/// A backend's own headers as the database has them, and where that is.
package struct SealedHeaders: Sendable {
  package let bytes: [UInt8]
  package let tenant: ID<Tenant>
  package let deployment: ID<Deployment>
}

/// A backend's own headers in the clear. They don't print.
package struct BackendHeaders: Sendable {
  /// As they are sent: field lines, each with its CRLF.
  package let lines: [UInt8]
  package let names: [[UInt8]]

  package init(lines: [UInt8]) {
    self.lines = lines
    names = lines.split(separator: UInt8(ascii: "\n")).map { line in Array(line.prefix { $0 != UInt8(ascii: ":") }) }
  }
}

extension BackendHeaders: CustomStringConvertible, CustomReflectable {
  package var description: String { "BackendHeaders(…)" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

private final class OpenedHeaders: Sendable {
  /// Nil when they could not be opened.
  let headers: BackendHeaders?

  init(headers: BackendHeaders?) {
    self.headers = headers
  }
}
