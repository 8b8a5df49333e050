import Glibc

/// The message of the last failed system call of this thread, such as `Permission denied`.
var lastSystemError: String { String(cString: strerror(errno)) }

/// Repeats a system call that a signal interrupted.
/// - Returns: What it answered, -1 with `errno` set when it failed.
@discardableResult
func retryingInterrupts<Result: SignedInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}
