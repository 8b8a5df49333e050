import Testing

@testable import Gateway

@Suite struct BackendNetworksTests {
  static let publicAddresses = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00::1"]
  static let loopback = ["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1", "::7f00:1", "64:ff9b::7f00:1"]
  static let privateAddresses = [
    "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd12::1", "fc00::1",
    "::ffff:10.0.0.1", "64:ff9b::10.1.2.3", "2002:0a00:0001::1",
  ]
  static let never = [
    "0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.0.1", "224.0.0.1", "239.1.1.1", "255.255.255.255",
    "100.100.100.200", "::", "fe80::1", "febf::1", "ff02::1", "fd00:ec2::254", "::ffff:169.254.169.254",
    "::a9fe:a9fe", "64:ff9b::169.254.169.254", "64:ff9b:1::169.254.169.254", "2002:a9fe:a9fe::1",
    "2001:0:1:2:3:4:5601:5601",
  ]
  static let reserved = [
    "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "240.0.0.1", "2001:db8::1", "100::1",
    "fec0::1", "::2:0:0:1", "2001:10::1",
  ]

  private func allows(_ text: String, _ networks: BackendNetworks, port: Int = 80) throws -> Bool {
    networks.allows(try #require(IPAddress(text)), port: port) { _ in false }
  }

  @Test(arguments: publicAddresses) func allowsPublicAddresses(address: String) throws {
    #expect(try allows(address, BackendNetworks()))
  }

  @Test(arguments: loopback) func allowsLoopbackOnlyWhereTold(address: String) throws {
    #expect(try !allows(address, BackendNetworks()))
    #expect(try !allows(address, BackendNetworks(allowsPrivate: true)))
    #expect(try allows(address, BackendNetworks(allowsLoopback: true)))
  }

  @Test(arguments: privateAddresses) func allowsPrivateOnlyWhereTold(address: String) throws {
    #expect(try !allows(address, BackendNetworks()))
    #expect(try !allows(address, BackendNetworks(allowsLoopback: true)))
    #expect(try allows(address, BackendNetworks(allowsPrivate: true)))
  }

  @Test(arguments: never) func neverAllowsSomeWhateverIsTold(address: String) throws {
    let all = try #require(BackendNetworks("loopback, private, 0.0.0.0/0, ::/0"))
    #expect(try !allows(address, all))
  }

  @Test(arguments: reserved) func allowsReservedOnesOnlyByTheirRange(address: String) throws {
    #expect(try !allows(address, BackendNetworks(allowsLoopback: true, allowsPrivate: true)))
    #expect(try allows(address, try #require(BackendNetworks("0.0.0.0/0,::/0"))))
  }

  @Test func neverDialsAListener() throws {
    var networks = BackendNetworks(allowsLoopback: true, allowsPrivate: true)
    networks.forbiddenEndpoints = [
      .init(address: IPAddress("127.0.0.1")!, port: 5432), .init(address: IPAddress("::")!, port: 8000),
    ]
    #expect(try !allows("127.0.0.1", networks, port: 5432))
    #expect(try !allows("::ffff:127.0.0.1", networks, port: 5432))
    #expect(try allows("127.0.0.1", networks, port: 5433))
    #expect(try !allows("127.0.0.2", networks, port: 8000))
    #expect(try allows("10.0.0.9", networks, port: 8000))
    #expect(!networks.allows(IPAddress("10.0.0.9")!, port: 8000) { $0 == IPAddress("10.0.0.9") })
  }

  @Test(arguments: [
    ("", true), ("loopback", true), ("loopback,private,10.1.0.0/16", true), ("fd00::/8", true), ("10.0.0.1", true),
    ("public", false), ("10.0.0.0/33", false), ("10.0.0.1/8", false), ("10.0.0/8", false), ("loopback private", false),
    ("::1/129", false), ("10.0.0.0/-1", false), ("10.0.0.0/", false), ("0x0a.0.0.1", false), ("010.0.0.1", false),
  ])
  func readsItsText(text: String, valid: Bool) {
    #expect((BackendNetworks(text) != nil) == valid)
  }

  @Test(arguments: [
    ("1.2.3.4", IPAddress.v4(0x0102_0304)), ("::", .v6(high: 0, low: 0)), ("::1", .v6(high: 0, low: 1)),
    ("1:2:3:4:5:6:7:8", .v6(high: 0x0001_0002_0003_0004, low: 0x0005_0006_0007_0008)),
    ("1::8", .v6(high: 0x0001_0000_0000_0000, low: 8)), ("::1.2.3.4", .v6(high: 0, low: 0x0102_0304)),
  ])
  func readsAddresses(text: String, address: IPAddress) { #expect(IPAddress(text) == address) }

  @Test(arguments: [
    "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.", ":", ":::", "1::2::3", "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9", "::12345", "::g", "::1%eth0", "[::1]", "::+1", "1.2.3.4::", "2130706433", "127.1",
  ])
  func refusesOtherTexts(text: String) { #expect(IPAddress(text) == nil) }
}
