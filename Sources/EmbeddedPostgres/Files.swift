import FoundationEssentials
import Glibc

/// The path with every link, `.` and `..` resolved, or nil if there is no such file.
func canonicalPath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}

/// The owner of a file, or nil if there is none that we can see.
func owner(of path: String) -> uid_t? {
  var status = stat()
  return lstat(path, &status) == 0 ? status.st_uid : nil
}

/// The text of a small file without its last line's end, or nil if it cannot be read.
func contents(of path: String) -> String? {
  guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
  return text.hasSuffix("\n") ? String(text.dropLast()) : text
}

/// Makes a directory with exactly this mode, whatever the umask, for `user` if that is another one than ourselves.
func makeDirectory(_ path: String, mode: mode_t, for user: ServerUser? = nil) throws {
  guard mkdir(path, mode) == 0, chmod(path, mode) == 0 else {
    throw EmbeddedPostgresError(.dataDirectoryUnusable, "The directory \(path) cannot be made: \(lastSystemError).")
  }
  try give(path, to: user)
}

/// Replaces a file by one that has `text`, never leaving half of it, with mode 0600.
func write(_ text: String, to path: String, for user: ServerUser? = nil) throws {
  let draft = path + ".new"
  unlink(draft)
  let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
  let bytes = Array((text + "\n").utf8)
  guard descriptor >= 0 else { throw unwritable(path) }
  let written = Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
  close(descriptor)
  guard written else { throw unwritable(path) }
  try give(draft, to: user)
  guard rename(draft, path) == 0 else { throw unwritable(path) }
}

/// Removes a file or a directory with all that it has, as far as that goes.
func removeTree(_ path: String) {
  try? FileManager.default.removeItem(atPath: path)
}

/// So many random bytes from the system, in hexadecimal.
func randomHex(bytes: Int) -> String {
  var random = SystemRandomNumberGenerator()
  return (0..<bytes).map { _ in
    let byte = String(random.next() as UInt8, radix: 16)
    return byte.count == 1 ? "0" + byte : byte
  }.joined()
}

private func give(_ path: String, to user: ServerUser?) throws {
  guard let user, user.isAnother else { return }
  guard lchown(path, user.uid, user.gid) == 0 else {
    throw EmbeddedPostgresError(.system, "\(path) cannot be given to user '\(user.name)': \(lastSystemError).")
  }
}

private func unwritable(_ path: String) -> EmbeddedPostgresError {
  EmbeddedPostgresError(.dataDirectoryUnusable, "The file \(path) cannot be written: \(lastSystemError).")
}
