import Foundation

/// A fresh authority that certifies itself for a name and an address, as files that live as long as this does.
final class TestCertificate: Sendable {
  let certificateFile: String
  let keyFile: String
  private let directory: URL

  init(name: String = "localhost", address: String = "127.0.0.1") throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "latchkey-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    certificateFile = directory.appending(path: "certificate.pem").path()
    keyFile = directory.appending(path: "key.pem").path()
    let openssl = Process()
    openssl.executableURL = URL(filePath: "/usr/bin/env")
    openssl.arguments = [
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj", "/CN=test", "-addext", "subjectAltName=DNS:\(name),IP:\(address)", "-keyout", keyFile, "-out",
      certificateFile,
    ]
    openssl.standardError = FileHandle.nullDevice
    try openssl.run()
    openssl.waitUntilExit()
    guard openssl.terminationStatus == 0 else { throw CocoaError(.fileNoSuchFile) }
  }

  deinit { try? FileManager.default.removeItem(at: directory) }
}
