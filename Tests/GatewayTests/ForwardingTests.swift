import Model
import TestWire
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct ForwardingTests {
  @Test func forwardsARequestAndItsAnswer() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port, base: "/base")) { gateway in
        let client = try await gateway.connect()
        try await client.send(request("GET", "/acme/online/echo/items/1?q=%2e&x", "Accept: text/plain\r\n"))
        let upstream = try await backend.accept()
        let head = try await upstream.readHead()
        #expect(head.hasPrefix("GET /base/items/1?q=%2e&x HTTP/1.1\r\nHost: 127.0.0.1:\(backend.port)\r\n"))
        #expect(head.contains("\r\nAccept: text/plain\r\n"))
        try await upstream.send(
          "HTTP/1.1 200 Fine\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nX-Own: a\r\nServer: s\r\n\r\nhello")
        let answer = try await client.read(through: "hello")
        #expect(
          answer
            == "HTTP/1.1 200 Fine\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nX-Own: a\r\nServer: s\r\n\r\nhello"
        )
      }
    }
  }

  @Test func usesBothConnectionsAgain() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port)) { gateway in
        let client = try await gateway.connect()
        try await client.send(request())
        let upstream = try await backend.accept()
        for number in 0..<3 {
          _ = try await upstream.readHead()
          try await upstream.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\n\(number)")
          let answer = try await client.read(through: "\r\n\r\n\(number)")
          #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
          if number < 2 { try await client.send(request()) }
        }
        #expect(backend.connections == 1)
      }
    }
  }

  @Test func readsAnAnswerSplitAtEveryByte() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port)) { gateway in
        let client = try await gateway.connect()
        try await client.send(request())
        let upstream = try await backend.accept()
        _ = try await upstream.readHead()
        let answer =
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n"
        for byte in answer.utf8 { try await upstream.send([byte]) }
        let text = try await client.read(through: "\r\nT: 1\r\n\r\n")
        #expect(dechunked(text) == "abcde")
      }
    }
  }

  @Test func readsARequestSplitAtEveryByte() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port)) { gateway in
        let client = try await gateway.connect()
        let text = request(
          "POST", "/acme/online/echo/x", "Transfer-Encoding: chunked\r\n",
          body: "3\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n")
        for byte in text.utf8 { try await client.send([byte]) }
        let upstream = try await backend.accept()
        let forwarded = try await upstream.read(through: "\r\nT: 1\r\n\r\n")
        #expect(dechunked(forwarded) == "abcde")
        #expect(forwarded.contains("\r\nTransfer-Encoding: chunked\r\n"))
      }
    }
  }

  @Test func answersPipelinedRequestsInOrder() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port)) { gateway in
        let client = try await gateway.connect()
        try await client.send(
          request("GET", "/acme/online/echo/1") + request("GET", "/none") + request("GET", "/acme/online/echo/2"))
        let upstream = try await backend.accept()
        #expect(try await upstream.readHead().hasPrefix("GET /1 "))
        try await upstream.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nA")
        #expect(try await client.read(through: "\r\n\r\nA").hasPrefix("HTTP/1.1 200 "))
        #expect(try await client.read(through: "}\n").hasPrefix("HTTP/1.1 404 "))
        #expect(try await upstream.readHead().hasPrefix("GET /2 "))
        try await upstream.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nB")
        #expect(try await client.read(through: "\r\n\r\nB").hasPrefix("HTTP/1.1 200 "))
      }
    }
  }

  @Test(arguments: [
    ("/acme/online/echo", "/base/"), ("/acme/online/echo/", "/base/"), ("/acme/online/echo?q", "/base/?q"),
  ])
  func sendsASlashForAnEmptyPath(path: String, target: String) async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port, base: "/base")) { gateway in
        let client = try await gateway.connect()
        try await client.send(request("GET", path))
        #expect(try await backend.accept().readHead().hasPrefix("GET \(target) HTTP/1.1\r\n"))
      }
    }
  }

  @Test func answersHeadWithoutABody() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port)) { gateway in
        let client = try await gateway.connect()
        try await client.send(request("HEAD"))
        let upstream = try await backend.accept()
        #expect(try await upstream.readHead().hasPrefix("HEAD /ok "))
        try await upstream.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 500\r\n\r\n")
        #expect(
          try await client.readHead() == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 500\r\n\r\n")
        try await client.send(request("GET"))
        #expect(try await upstream.readHead().hasPrefix("GET /ok "))
      }
    }
  }

  @Test(arguments: [204, 304]) func passesBodilessAnswersOn(status: Int) async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port)) { gateway in
        let client = try await gateway.connect()
        try await client.send(request() + request())
        let upstream = try await backend.accept()
        for _ in 0..<2 {
          _ = try await upstream.readHead()
          try await upstream.send("HTTP/1.1 \(status) x\r\nETag: 1\r\n\r\n")
          #expect(try await client.readHead() == "HTTP/1.1 \(status) x\r\nETag: 1\r\n\r\n")
        }
      }
    }
  }

  @Test func framesABodyThatEndsWithTheConnection() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port)) { gateway in
        let client = try await gateway.connect()
        try await client.send(request())
        let upstream = try await backend.accept()
        _ = try await upstream.readHead()
        try await upstream.send("HTTP/1.0 200 OK\r\n\r\nall of it")
        try await upstream.close()
        let answer = try await client.read(through: "0\r\n\r\n")
        #expect(answer.contains("\r\nTransfer-Encoding: chunked\r\n") && dechunked(answer) == "all of it")
        try await client.send(request())
        _ = try await backend.accept().readHead()
      }
    }
  }

  @Test func speaksHTTP10ToThoseWhoDo() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port)) { gateway in
        let key = "jdcloud-apim-subscription-key: \(World.secret.revealed)\r\n"
        let client = try await gateway.connect()
        try await client.send("GET /acme/online/echo/ok HTTP/1.0\r\n\(key)\r\n")
        let upstream = try await backend.accept()
        #expect(try await upstream.readHead().hasPrefix("GET /ok HTTP/1.1\r\nHost: 127.0.0.1:"))
        try await upstream.send(
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        #expect(
          try await client.readToEnd() == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nabc")
        let keeping = try await gateway.connect()
        for _ in 0..<2 {
          try await keeping.send("GET /acme/online/echo/ok HTTP/1.0\r\nConnection: keep-alive\r\n\(key)\r\n")
          _ = try await upstream.readHead()
          try await upstream.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nx")
          let answer = try await keeping.read(through: "\r\n\r\nx")
          #expect(
            answer
              == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\nx")
        }
      }
    }
  }

  @Test func answersForAMockBackend() async throws {
    let mock = MockResponse(status: 418, headers: [.init(name: "X-Mock", value: "yes")], body: "teapot")
    try await RunningGateway.with(World(backend: .mock(mock))) { gateway in
      let client = try await gateway.connect()
      try await client.send(request() + request("HEAD"))
      let answer = try await client.read(through: "teapot")
      #expect(answer.hasPrefix("HTTP/1.1 418 ") && answer.contains("\r\nX-Mock: yes\r\n"))
      #expect(answer.contains("\r\nContent-Length: 6\r\n"))
      #expect(try await client.readHead().contains("\r\nContent-Length: 6\r\n"))
    }
  }
}

/// The data of a chunked body that follows a head.
func dechunked(_ message: String) -> String {
  var data: [UInt8] = []
  guard let start = message.utf8.firstRange(of: "\r\n\r\n".utf8)?.upperBound else { return "" }
  var rest = message.utf8[start...]
  while let end = rest.firstRange(of: "\r\n".utf8),
    let size = Int(String(Substring(rest[..<end.lowerBound])), radix: 16), size > 0
  {
    rest = rest[end.upperBound...]
    data += rest.prefix(size)
    rest = rest.dropFirst(size + 2)
  }
  return String(decoding: data, as: UTF8.self)
}
