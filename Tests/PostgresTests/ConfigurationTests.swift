import Testing

@testable import Postgres

struct ConfigurationTests {
  @Test(arguments: [
    "postgres://ada:hunter2secret@db.example:5433/app?sslmode=verify-full",
    "host=db.example port=5433 dbname=app user=ada password=hunter2secret sslmode=verify-full",
  ])
  func readsBothFormsAndNeverShowsThePassword(text: String) throws {
    let configuration = try PostgresConfiguration(text)
    #expect(configuration.user == "ada")
    #expect(configuration.database == "app")
    #expect(configuration.description == "host=db.example port=5433 dbname=app user=ada sslmode=verify-full")
    for shown in ["\(configuration)", String(reflecting: configuration), "\([configuration])"] {
      #expect(!shown.contains("hunter2secret"))
    }
    var dumped = ""
    dump(configuration, to: &dumped)
    #expect(!dumped.contains("hunter2secret"))
  }

  @Test(arguments: [
    "postgres://ada:hunter2secret@[::1", "host=x hunter2secret", "nonsense=hunter2secret",
    "postgres://ada:p@hunter2secret:x@host/app", "host=x\0 password=hunter2secret",
  ])
  func refusesAMalformedStringWithoutQuotingIt(text: String) {
    let error = #expect(throws: PostgresError.self) { try PostgresConfiguration(text) }
    #expect(error?.code == .configuration)
    #expect("\(error as Any)".contains("hunter2secret") == false)
  }

  @Test func anotherUserDoesNotInheritThePassword() throws {
    let configuration = try PostgresConfiguration("postgres://ada:secret@h/app?connect_timeout=7")
    let other = configuration.replacing(user: "bob", database: "other", applicationName: "x")
    #expect(other.connection["password"] == nil)
    #expect(other.connection["user"] == "bob")
    #expect(other.connection["dbname"] == "other")
    #expect(other.connection["application_name"] == "x")
    #expect(other.connection["connect_timeout"] == "7")
    #expect(configuration.replacing(user: "bob", password: "own").connection["password"] == "own")
    #expect(configuration.replacing(database: "other").connection["password"] == "secret")
  }

  @Test(arguments: [
    (Duration.milliseconds(1500), "1500"), (.nanoseconds(1), "1"), (.zero, "1"), (.seconds(90_000), "90000000"),
  ])
  func writesDurationsAsMilliseconds(duration: Duration, text: String) {
    #expect(duration.wholeMilliseconds == text)
  }
}
