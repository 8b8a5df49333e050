package import Model
package import Routing

/// A point in time by two clocks, so that a later process can tell how long ago it was: boot time, which nobody can set
/// and which begins anew with the machine, and the wall clock, which goes on.
package struct Moment: Hashable, Sendable {
  package var wall: UnixTime
  package var boot: BootTime
  /// Which start of the machine `boot` counts from; empty where that is not known.
  package var bootID: String

  package init(wall: UnixTime, boot: BootTime, bootID: String) {
    (self.wall, self.boot, self.bootID) = (wall, boot, bootID)
  }

  package static func now() -> Moment {
    Moment(wall: .now(), boot: .now(), bootID: thisBoot)
  }

  /// How long before `now` this was; nil where nobody can tell, since the wall clock was set back meanwhile.
  ///
  /// Within one start of the machine it is no shorter than boot time says, whatever became of the wall clock.
  package func age(at now: Moment) -> Duration? {
    let byWall = wall.duration(to: now.wall)
    if !bootID.isEmpty, bootID == now.bootID, boot <= now.boot { return max(byWall, boot.duration(to: now.boot)) }
    return byWall < .zero ? nil : byWall
  }

  /// As a line of a file has it.
  var line: String { "\(wall.microseconds) \(boot.nanoseconds) \(bootID)" }

  init?(line: some StringProtocol) {
    let parts = line.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 3, let wall = Int64(parts[0]), let boot = Int64(parts[1]) else { return nil }
    self.init(
      wall: UnixTime(microseconds: wall), boot: BootTime(nanoseconds: boot), bootID: String(parts[2]))
  }

  /// Linux's own name for it, a line.
  private static let thisBoot: String = {
    let line = try? DiskFile(path: "/proc/sys/kernel/random/boot_id").read { _, source in
      try [UInt8](unsafeUninitializedCapacity: 64) { $1 = try source(UnsafeMutableRawBufferPointer($0)) }
    }
    return String(decoding: line?.prefix { $0 != UInt8(ascii: "\n") } ?? [], as: UTF8.self)
  }()
}
