import Foundation
import Glibc

/// A file system of a few megabytes in memory, to be filled.
package enum SmallDisk {
  /// Whether there can be one here: only root mounts.
  package static let isPossible = geteuid() == 0

  /// Mounts one that the directory's owner owns.
  package static func mount(on directory: String, megabytes: Int) throws {
    var owner = stat()
    guard stat(directory, &owner) == 0 else { throw CommandError(description: "\(directory): errno \(errno)") }
    let options = "size=\(megabytes)m,mode=0700,uid=\(owner.st_uid),gid=\(owner.st_gid)"
    guard Glibc.mount("tmpfs", directory, "tmpfs", 0, options) == 0 else {
      throw CommandError(description: "no file system can be mounted: errno \(errno)")
    }
  }

  /// Lets nothing be written any more, or again.
  package static func remount(_ directory: String, isReadOnly: Bool) throws {
    let flags = UInt(MS_REMOUNT) | (isReadOnly ? UInt(MS_RDONLY) : 0)
    guard Glibc.mount(nil, directory, nil, flags, nil) == 0 else {
      throw CommandError(description: "\(directory) cannot be mounted again: errno \(errno)")
    }
  }

  /// Leaves no page free.
  package static func fill(_ directory: String) {
    let file = open(directory + "/ballast", O_WRONLY | O_CREAT, 0o600)
    let page = [UInt8](repeating: 1, count: 4096)
    while write(file, page, page.count) > 0 {}
    close(file)
  }

  package static func unmount(_ directory: String) { umount2(directory, Int32(MNT_DETACH)) }
}

extension PrivateServer {
  /// Whether a server can have a disk of its own here: only root mounts.
  package static let canHaveOwnDisk = SmallDisk.isPossible

  /// Leaves no byte free on the server's disk.
  package nonisolated func fillDisk() async throws {
    try await Command.run(
      script: "dd if=/dev/zero of=\"$1\" bs=64k 2>/dev/null || test -s \"$1\"", arguments: [ballast])
  }

  /// Gives the space back.
  package nonisolated func freeDisk() throws { try FileManager.default.removeItem(atPath: ballast) }

  private nonisolated var ballast: String { dataDirectory + "/../ballast" }
}
