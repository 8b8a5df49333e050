import NIOCore
import Testing

@testable import Gateway

struct HeadWriterTests {
  /// Every number of digits, at both ends, and some between.
  @Test func writesNumbersAsTheyAreWritten() {
    var numbers = [0, Int.max, Int.max - 1]
    var power = 1
    for _ in 0..<18 {
      power *= 10
      numbers += [power - 1, power, power + 1, power / 7 * 3]
    }
    for number in numbers {
      var buffer = ByteBuffer()
      buffer.writeHead(reserve: 19) { $0.write(decimal: number) }
      #expect(String(buffer: buffer) == "\(number)")
    }
  }
}
