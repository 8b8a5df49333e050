/// CRC-32 as in zlib, PNG and Ethernet (ISO 3309, polynomial 0xEDB88320 reflected).
enum CRC32 {
  /// Four tables in a row: what a byte does to the checksum once 0, 1, 2 or 3 more bytes have passed.
  private static let tables: [UInt32] = {
    var tables = (0..<256).map(summed)
    for index in 256..<1024 {
      let former = tables[index - 256]
      tables.append(former >> 8 ^ tables[Int(former & 0xFF)])
    }
    return tables
  }()

  private static func summed(_ byte: Int) -> UInt32 {
    var value = UInt32(byte)
    for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    return value
  }

  /// Four bytes at a time: each secret that is presented is summed.
  static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    tables.withUnsafeBufferPointer { tables in
      var sum: UInt32 = ~0
      var offset = 0
      while offset + 4 <= bytes.count {
        sum ^= UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        let near = tables[768 + Int(sum & 0xFF)] ^ tables[512 + Int(sum >> 8 & 0xFF)]
        let far = tables[256 + Int(sum >> 16 & 0xFF)] ^ tables[Int(sum >> 24)]
        sum = near ^ far
        offset += 4
      }
      for byte in bytes[offset...] { sum = sum >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] }
      return ~sum
    }
  }
}
