// An entry that is added is read back as it was meant, and everything that was there stays byte for byte.

using System.Text;
using ActorChat.Storage.Contacts;
using FsCheck.Xunit;

namespace ActorChat.Storage.Tests.Contacts;

public sealed class DirectoryWriterTests
{
    private const string Alice = "{\"username\": \"alice\", \"password\": \"p\", \"port\": \"5001\", \"ip\": \"h\"}";
    private const string BobLine = "{\"username\": \"bob\", \"password\": \"q\", \"ip\": \"::1\", \"port\": 5002}";

    private static readonly Contact Bob = new("bob", "q", "::1", 5002, "modern", null);

    [Theory]
    [InlineData("", $"[\n  {BobLine}\n]\n")]
    [InlineData("[]", $"[\n  {BobLine}\n]")]
    [InlineData("[\n]\n", $"[\n  {BobLine}\n]\n")]
    [InlineData(" [ ] ", $" [\n  {BobLine}\n ] ")]
    [InlineData($"[{Alice}]", $"[{Alice},\n  {BobLine}\n]")]
    [InlineData($"[\n{Alice}\n]\n", $"[\n{Alice},\n{BobLine}\n]\n")]
    [InlineData($"[\n\t{Alice}  \n\n]\n\n", $"[\n\t{Alice},\n\t{BobLine}  \n\n]\n\n")]
    [InlineData($"[\r\n    {Alice}\r\n]\r\n", $"[\r\n    {Alice},\r\n    {BobLine}\r\n]\r\n")]
    [InlineData($"\r\n[{Alice}]", $"\r\n[{Alice},\r\n  {BobLine}\r\n]")]
    [InlineData($"\uFEFF[\n  {Alice}\n]", $"\uFEFF[\n  {Alice},\n  {BobLine}\n]")]
    public void The_entry_comes_after_the_last_one_in_a_line_of_its_own(string file, string expected)
    {
        var extended = DirectoryWriter.Add(Encoding.UTF8.GetBytes(file), Bob, out var problem);

        Assert.Null(problem);
        Assert.Equal(expected, Encoding.UTF8.GetString(extended!));
        Assert.Equal(Bob, DirectoryReader.Read(extended, out _)!.Contacts[^1]);
    }

    [Property(MaxTest = 300)]
    public void Any_entry_is_read_back_or_refused(string? name, string? password, string? host, ushort port, string? knownAs)
    {
        var contact = new Contact(name ?? "", password ?? "", host ?? "", port, "modern", knownAs);
        var extended = DirectoryWriter.Add(Encoding.UTF8.GetBytes($"[{Alice}]"), contact, out var problem);

        Assert.Equal(extended is null, problem is not null);
        Assert.True(extended is null || DirectoryReader.Read(extended, out _)!.Contacts[^1] == contact);
    }

    [Property(MaxTest = 300)]
    public void Nothing_of_the_old_file_is_lost_wherever_its_white_space_is(byte[] random)
    {
        var next = 0;
        var file = string.Concat(new[] { "", "[", Alice, ",", Alice.Replace("alice", "carol"), "]", "" }.SelectMany(token => new[] { token, Space() }));
        var extended = Encoding.UTF8.GetString(DirectoryWriter.Add(Encoding.UTF8.GetBytes(file), Bob, out _)!);

        var at = extended.IndexOf(BobLine, StringComparison.Ordinal);
        var end = file.LastIndexOf('}') + 1;
        Assert.Equal(file[..end], extended[..end]);
        Assert.Equal(",", extended[end..at].Trim());
        Assert.Equal(file[end..].Trim(), extended[(at + BobLine.Length)..].Trim());
        Assert.EndsWith(file[end..], extended);

        string Space() => random.Length == 0 ? "" : (random[next++ % random.Length] % 6) switch { 0 => " ", 1 => "\n", 2 => "\r\n", 3 => "\t", 4 => "\n  ", _ => "" };
    }

    [Theory]
    [InlineData($"[{Alice}]", "alice", "the name alice is there already: take that entry out first, or choose another name")]
    [InlineData($"[{Alice}]", "a,b", "\"username\" may not hold control characters, commas or @, nor begin or end with a space")]
    [InlineData("", "", "\"username\" is empty")]
    [InlineData("[7]", "bob", "line 1, entry 1: an entry must be a dictionary with username, password, port, ip, profile, as, answers_as, post_quantum")]
    [InlineData("[7, 8]", "bob", "line 1, entry 1: an entry must be a dictionary with username, password, port, ip, profile, as, answers_as, post_quantum (and 1 more; see actorchat directory check)")]
    public void A_name_that_is_there_and_a_file_that_is_broken_are_refused(string file, string name, string expected)
    {
        Assert.Null(DirectoryWriter.Add(Encoding.UTF8.GetBytes(file), Bob with { Username = name }, out var problem));
        Assert.Equal(expected, problem);
    }

    [Fact]
    public void An_entry_that_requires_post_quantum_keys_is_read_as_it_is_written()
    {
        var contact = new Contact("bob", "p", "h", 1, "modern", null, RequiresPostQuantum: true);
        Assert.EndsWith(", \"post_quantum\": \"required\"}", DirectoryWriter.Line(contact), StringComparison.Ordinal);
        Assert.Equal(contact, DirectoryReader.Read(Encoding.UTF8.GetBytes($"[{DirectoryWriter.Line(contact)}]"), out _)!.Find("bob"));
    }

    [Fact]
    public void A_name_stands_in_the_line_as_it_is_written_but_for_what_a_terminal_would_obey()
    {
        var contact = new Contact("Zoë 太郎 \"q\\\u202eevil", "é\u200f\u001b[2J", "h", 1, "classic", "al");
        Assert.Equal(
            "{\"username\": \"Zoë 太郎 \\u0022q\\\\\\u202Eevil\", \"password\": \"é\\u200F\\u001B[2J\", \"ip\": \"h\", \"port\": 1, \"profile\": \"classic\", \"as\": \"al\"}",
            DirectoryWriter.Line(contact));
    }
}
