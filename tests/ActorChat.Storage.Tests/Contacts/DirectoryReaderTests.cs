// What a directory file may hold, and what is said about each mistake.

using System.Text;
using ActorChat.Storage.Contacts;
using FsCheck.Xunit;

namespace ActorChat.Storage.Tests.Contacts;

public sealed class DirectoryReaderTests
{
    private const string Bob = "{\"username\": \"bob\", \"password\": \"p\", \"port\": 5002, \"ip\": \"127.0.0.1\"}";

    [Fact]
    public void A_good_file_gives_its_contacts_in_order()
    {
        var directory = Read($"[{Bob}, {{\"username\": \"carol\", \"password\": \"q\", \"port\": \"5003\", \"ip\": \"::1\", \"profile\": \"modern\", \"as\": \"al\"}}]", out var problems);
        Assert.Empty(problems);
        Assert.Equal(new Contact("bob", "p", "127.0.0.1", 5002, "modern", null), directory!.Contacts[0]);
        Assert.Equal(new Contact("carol", "q", "::1", 5003, "modern", "al"), directory.Find("carol"));
        Assert.Null(directory.Find("Bob"));
        Assert.Null(directory.Without("bob").Find("bob"));
    }

    [Fact]
    public void A_password_that_cannot_be_normalised_here_is_refused_with_the_remedy_and_an_ASCII_one_is_not()
    {
        var file = Encoding.UTF8.GetBytes($"[{Bob},\n{Bob.Replace("bob", "zoe", StringComparison.Ordinal).Replace("\"p\"", "\"caf\u00e9\"", StringComparison.Ordinal)}]");
        Assert.NotNull(DirectoryReader.Read(file, out _, out _, canNormalise: true));
        Assert.Null(DirectoryReader.Read(file, out var problems, out _, canNormalise: false));
        Assert.Equal((2, 2), (Assert.Single(problems).Line, problems[0].Entry));
        Assert.Contains("install ICU", problems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_contact_may_call_itself_something_else_than_we_call_it()
    {
        var contact = new Contact("carol", "q", "::1", 5003, "modern", "al", AnswersAs: "caroline");
        Assert.Equal(contact, Read($"[{DirectoryWriter.Line(contact)}]", out _)!.Find("carol"));
    }

    [Theory]
    [InlineData("", "modern")]
    [InlineData(", \"profile\": \"modern\"", "modern")]
    [InlineData(", \"profile\": \"classic\"", "classic")]
    public void A_contact_speaks_the_profile_of_its_entry_and_modern_where_that_names_none(string member, string profile) =>
        Assert.Equal(profile, Read($"[{Bob[..^1]}{member}}}]", out _)!.Contacts.Single().Profile);

    [Fact]
    public void A_byte_order_mark_is_passed_over() => Assert.NotNull(Read($"\uFEFF[{Bob}]", out _));

    [Theory]
    [InlineData("{}", 1, 0, "must be a list of dictionaries")]
    [InlineData("[\n1]", 2, 1, "must be a dictionary")]
    [InlineData("[\n\n{\"username\": \"bob\"", 3, 0, "not JSON")]
    [InlineData("", 1, 0, "not JSON")]
    [InlineData("[] []", 1, 0, "not JSON")]
    [InlineData("[\n{\"username\": \"bob\",\n\"password\": \"p\",\n\"port\": 5002}]", 2, 1, "\"ip\" is missing")]
    [InlineData("[\n{\"username\": \"bob\",\n\"Password\": \"p\",\n\"port\": 5002, \"ip\": \"h\"}]", 3, 1, "must be in lower case: \"password\"")]
    [InlineData("[\n{\"username\": \"bob\",\n\"colour\": \"red\"}]", 3, 1, "\"colour\" is unknown")]
    [InlineData("[{\"username\": \"bob\", \"username\": \"bob\"}]", 1, 1, "appears twice")]
    [InlineData("[{\"username\": \"bob\", \"password\": \"p\",\n\"port\": 65536, \"ip\": \"h\"}]", 2, 1, "port 65536 is out of range")]
    [InlineData("[{\"username\": \"bob\", \"password\": \"p\",\n\"port\": 0, \"ip\": \"h\"}]", 2, 1, "port 0 is out of range")]
    [InlineData("[{\"username\": \"bob\", \"password\": \"p\",\n\"port\": -1, \"ip\": \"h\"}]", 2, 1, "port -1 is out of range")]
    [InlineData("[{\"username\": \"bob\", \"password\": \"p\",\n\"port\": 5e3, \"ip\": \"h\"}]", 2, 1, "port 5e3 is out of range")]
    [InlineData("[{\"username\": \"bob\", \"password\": \"p\",\n\"port\": \"http\", \"ip\": \"h\"}]", 2, 1, "port http is out of range")]
    [InlineData("[{\"username\": \"bob\", \"password\": \"p\",\n\"port\": true, \"ip\": \"h\"}]", 2, 1, "\"port\" must be a number")]
    [InlineData("[{\"username\": 5, \"password\": \"p\", \"port\": 1, \"ip\": \"h\"}]", 1, 1, "\"username\" must be text in quotes")]
    [InlineData("[{\"username\": \"\", \"password\": \"p\", \"port\": 1, \"ip\": \"h\"}]", 1, 1, "\"username\" is empty")]
    [InlineData("[{\"username\": \"a,b\", \"password\": \"p\", \"port\": 1, \"ip\": \"h\"}]", 1, 1, "may not hold")]
    [InlineData("[{\"username\": \"a\\u001b[2J\", \"password\": \"p\", \"port\": 1, \"ip\": \"h\"}]", 1, 1, "may not hold")]
    [InlineData("[{\"username\": \"\\ud800\", \"password\": \"p\", \"port\": 1, \"ip\": \"h\"}]", 1, 1, "must be text")]
    [InlineData("[{\"username\": \"b\", \"password\": \"\", \"port\": 1, \"ip\": \"h\"}]", 1, 1, "password is empty")]
    [InlineData("[{\"username\": \"b\", \"password\": \"p\", \"port\": 1, \"ip\": \"a b\"}]", 1, 1, "\"ip\" must be")]
    [InlineData("[{\"username\": \"b\", \"password\": \"p\", \"port\": 1, \"ip\": \"h\", \"profile\": \"old\"}]", 1, 1, "profile \"old\" is unknown")]
    [InlineData("[{\"username\": \"b\", \"password\": \"p\", \"port\": 1, \"ip\": \"h\", \"post_quantum\": \"on\"}]", 1, 1, "\"post_quantum\" must be \"required\", or be left out")]
    [InlineData("[{\"username\": \"b\", \"password\": \"p\", \"port\": 1, \"ip\": \"h\", \"profile\": \"classic\", \"post_quantum\": \"required\"}]", 1, 1, "\"post_quantum\" has no place beside \"profile\": \"classic\"")]
    [InlineData("[{\"username\": \"b\", \"password\": \"p\", \"port\": 1, \"ip\": \"h\", \"answers_as\": \"bob\", \"profile\": \"classic\"}]", 1, 1, "\"answers_as\" has no place beside \"profile\": \"classic\"")]
    [InlineData("[{\"username\": \"b\", \"password\": \"p\", \"port\": 1, \"ip\": \"h\", \"profile\": \"Classic\"}]", 1, 1, "profile \"Classic\" is unknown; there is modern, classic")]
    [InlineData("[{\"username\": \"b\", \"password\": \"p\", \"port\": 1, \"ip\": \"h\", \"post_quantum\": true}]", 1, 1, "\"post_quantum\" must be text in quotes")]
    [InlineData("[{\"\\ud800\": 1, \"username\": \"b\", \"password\": \"p\", \"port\": 1, \"ip\": \"h\"}]", 1, 1, "not valid Unicode")]
    public void A_mistake_is_named_with_its_line_and_entry(string file, int line, int entry, string message)
    {
        Assert.Null(Read(file, out var problems));
        Assert.Equal((line, entry), (problems[0].Line, problems[0].Entry));
        Assert.Contains(message, problems[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("al\u200bice")]
    [InlineData("alice\u200d")]
    [InlineData("alice\ufe0f")]
    [InlineData("\u3164")]
    [InlineData("ali\u00adce")]
    [InlineData("alice\u2060")]
    [InlineData("alice\U000e0041")]
    [InlineData("ali\u034fce")]
    [InlineData("al\u2800ice")]
    [InlineData("alice\ufe00")] // the ends of the ranges of variation selectors
    [InlineData("alice\u180b")]
    [InlineData("alice\u180f")]
    [InlineData("alice\U000e0100")]
    [InlineData("alice\U000e01ef")]
    public void A_name_with_what_shows_as_nothing_is_refused(string name) =>
        Assert.StartsWith("holds a character that shows as nothing", DirectoryReader.ProblemWithName(name));

    [Theory]
    [InlineData("alice")]
    [InlineData("Zoë van Dijk")]
    [InlineData("Привет")]
    [InlineData("नमस्ते")]
    [InlineData("김철수")]
    [InlineData("🙂")]
    public void A_name_that_people_have_is_taken(string name) => Assert.Null(DirectoryReader.ProblemWithName(name));

    [Fact]
    public void A_name_has_at_most_255_bytes()
    {
        Assert.Null(DirectoryReader.ProblemWithName(new string('é', 127) + "e"));
        Assert.Equal("is longer than 255 bytes", DirectoryReader.ProblemWithName(new string('é', 128)));
    }

    [Fact]
    public void A_name_that_stands_twice_is_named_with_both_entries()
    {
        Assert.Null(Read($"[{Bob},\n{Bob}]", out var problems));
        Assert.Equal("line 2, entry 2: the name \"bob\" is already that of entry 1: a name may appear only once", problems.Single().ToString());
    }

    [Theory]
    [InlineData("[7, [{}], {}]")]
    [InlineData("{\"colour\": {\"port\": {}, \"colours\": []}, \"x\": 1}")]
    [InlineData("{\"\\ud800\": {\"x\": {}, \"y\": []}, \"x\": 1}")]
    public void What_stands_inside_of_what_is_wrong_is_passed_over(string entry)
    {
        Assert.Null(Read($"[{entry},\n{Bob}, 7]", out var problems));
        Assert.All(problems.SkipLast(1), problem => Assert.Equal((1, 1), (problem.Line, problem.Entry)));
        Assert.DoesNotContain(problems, problem => problem.Message.Contains("\"port\" must", StringComparison.Ordinal) || problem.Message.Contains("colours", StringComparison.Ordinal));
        Assert.Equal((2, 3), (problems[^1].Line, problems[^1].Entry));
    }

    [Fact]
    public void What_is_no_JSON_is_told_in_one_sentence_with_the_line_in_front()
    {
        Assert.Null(Read("[\n{,}]", out var problems));
        Assert.Matches("^line 2: this is not JSON: [^.]+$", problems.Single().ToString());
    }

    [Fact]
    public void Every_problem_is_found_and_not_only_the_first()
    {
        Assert.Null(Read("[{\"username\": \"bob\"}, 7, {\"port\": 0}]", out var problems));
        Assert.Equal([1, 1, 1, 2, 3, 3, 3, 3], problems.Select(problem => problem.Entry));
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_refused()
    {
        Assert.Null(DirectoryReader.Read([(byte)'[', 0xff, (byte)']'], out var problems));
        Assert.Contains("not UTF-8", problems.Single().Message, StringComparison.Ordinal);
    }

    [Property(MaxTest = 500)]
    public void Any_alteration_of_a_good_file_gives_a_directory_or_problems(ushort position, byte value)
    {
        var file = Encoding.UTF8.GetBytes($"[\n{Bob}\n]");
        file[position % file.Length] = value;
        var directory = DirectoryReader.Read(file, out var problems);
        Assert.Equal(directory is null, problems.Count > 0);
    }

    [Fact]
    public void The_sample_is_good_for_alice_and_bob()
    {
        var directory = DirectoryReader.Read(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "directory.sample.json")), out _);
        Assert.Equal([("alice", 5001), ("bob", 5002)], directory!.Contacts.Select(contact => (contact.Username, contact.Port)));
        Assert.Equal(directory.Contacts[0].Password, directory.Contacts[1].Password);
    }

    [Fact]
    public void A_contact_never_shows_its_password()
    {
        var contact = new Contact("bob", "hunter2", "::1", 5002, "modern", null);
        Assert.Equal("bob at [::1]:5002", contact.ToString());
    }

    private static ContactDirectory? Read(string file, out IReadOnlyList<DirectoryProblem> problems) => DirectoryReader.Read(Encoding.UTF8.GetBytes(file), out problems);
}
