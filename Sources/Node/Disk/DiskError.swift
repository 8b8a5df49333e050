#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the disk refused, with the system's reason.
package struct DiskError: Error, CustomStringConvertible {
  package let description: String

  init(_ path: String, _ what: String, code: Int32 = errno) {
    description = "\(path) cannot be \(what): \(String(cString: strerror(code)))"
  }

  init(_ description: String) {
    self.description = description
  }
}
