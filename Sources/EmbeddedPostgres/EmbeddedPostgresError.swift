/// Why the private server cannot be had; the message is one line for the operator, with what to do about it.
package struct EmbeddedPostgresError: Error, Hashable, CustomStringConvertible {
  /// What kind of reason it is.
  package enum Code: Sendable, Hashable {
    /// The data directory, or a file in it, cannot be made, read or written, or belongs to somebody else.
    case dataDirectoryUnusable
    /// Another process holds the data directory.
    case dataDirectoryInUse
    /// The cluster was made by a PostgreSQL of another major version than any that is installed.
    case otherVersion
    /// `initdb` and `postgres` are not installed.
    case notInstalled
    /// There is no user that PostgreSQL could run as.
    case noServerUser
    /// The cluster could not be made.
    case initializationFailed
    /// The server ended, or was not ready in time.
    case startFailed
    /// The operating system refused something that should always work.
    case system
  }

  package let code: Code
  package let message: String
  package var description: String { message }

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}
