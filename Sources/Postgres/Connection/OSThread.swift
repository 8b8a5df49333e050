#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Starts a detached thread of the operating system, outside the cooperative pool, where calls may block.
///
/// - Returns: false when the system has none left; `body` is then not called.
func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
  let box = Unmanaged.passRetained(ThreadBody(run: body))
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  #if canImport(Glibc)
    var thread = pthread_t()
    let code = pthread_create(&thread, &attributes, { runBody($0!) }, box.toOpaque())
  #else
    var thread: pthread_t?
    let code = pthread_create(&thread, &attributes, { runBody($0) }, box.toOpaque())
  #endif
  if code != 0 { box.release() }
  return code == 0
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void
  init(run: @escaping @Sendable () -> Void) { self.run = run }
}

private func runBody(_ box: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
  Unmanaged<ThreadBody>.fromOpaque(box).takeRetainedValue().run()
  return nil
}
