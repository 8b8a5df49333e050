#if canImport(Glibc)
  import Glibc
#endif

/// The process's allocator.
enum Allocator {
  #if canImport(Glibc)
    /// malloc_trim(3), which the Swift module of the C library leaves out; nil where the library has none.
    private static let trim: (@convention(c) (Int) -> Int32)? = dlsym(nil, "malloc_trim").map {
      unsafeBitCast($0, to: (@convention(c) (Int) -> Int32).self)
    }
  #endif

  /// Gives back to the system what is free, which glibc by itself keeps: after a load, as much as was loaded.
  static func returnUnused() {
    #if canImport(Glibc)
      _ = trim?(0)
    #endif
  }
}
