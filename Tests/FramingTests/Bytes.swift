@testable import Framing

/// Reads `text` as one request head.
func requestHead(_ text: String, limits: Limits = Limits()) throws(RequestHeadError) -> RequestHead? {
  try requestHead(Array(text.utf8), limits: limits)
}

func requestHead(_ bytes: [UInt8], limits: Limits = Limits()) throws(RequestHeadError) -> RequestHead? {
  var parser = RequestHeadParser(limits: limits)
  var head = RequestHead()
  return try parser.parse(bytes.span, into: &head) ? head : nil
}

/// Reads `bytes` as one request head that arrives byte by byte.
func requestHeadByteByByte(_ bytes: [UInt8], limits: Limits = Limits()) throws(RequestHeadError) -> RequestHead? {
  var parser = RequestHeadParser(limits: limits)
  var head = RequestHead()
  for count in 1...bytes.count where try parser.parse(bytes.span.extracting(0..<count), into: &head) { return head }
  return nil
}

/// The error that `text` is refused with, or nil.
func refusal(of text: String, limits: Limits = Limits()) -> RequestHeadError? {
  do {
    _ = try requestHead(text, limits: limits)
    return nil
  } catch { return error }
}

func refusalByteByByte(of text: String) -> RequestHeadError? {
  do {
    _ = try requestHeadByteByByte(Array(text.utf8))
    return nil
  } catch { return error }
}

func refusal(of bytes: [UInt8]) -> RequestHeadError? {
  do {
    _ = try requestHead(bytes)
    return nil
  } catch { return error }
}

func responseHead(_ text: String, limits: Limits = Limits()) throws(ResponseHeadError) -> ResponseHead? {
  let bytes = Array(text.utf8)
  var parser = ResponseHeadParser(limits: limits)
  var head = ResponseHead()
  return try parser.parse(bytes.span, into: &head) ? head : nil
}

func refusal(ofResponse text: String, limits: Limits = Limits()) -> ResponseHeadError? {
  do {
    _ = try responseHead(text, limits: limits)
    return nil
  } catch { return error }
}

func string(_ range: ByteRange, in bytes: [UInt8]) -> String { bytes.span.string(range) }

func parse(_ parser: inout RequestHeadParser, _ bytes: ArraySlice<UInt8>, into head: inout RequestHead)
  throws(RequestHeadError) -> Bool
{
  try parser.parse(bytes.span, into: &head)
}

func parse(_ parser: inout ResponseHeadParser, _ bytes: ArraySlice<UInt8>, into head: inout ResponseHead)
  throws(ResponseHeadError) -> Bool
{
  try parser.parse(bytes.span, into: &head)
}
