// What a program may write on a line, and what it is told about a mistake.

using System.Text.Json;
using ActorChat.Node.Consoles;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ActorChat.Node.Tests.Consoles;

public sealed class JsonCommandTests
{
    private const string Good = "{\"to\": {\"address\": \"[::1]:5002\", \"password\": \"p\"}, \"text\": \"hé\\u00e9 \\ud83d\\ude42\", \"ref\": \"r\"}";

    /// <summary>Lines as a decoder hands them out, whole runes only: the pieces of a command, and anything else.</summary>
    private static Gen<string> AnyLine => Gen.OneOf(
        Gen.ListOf(Gen.Elements(
            "{", "}", "[", "]", ":", ",", "\"to\"", "\"text\"", "\"ref\"", "\"address\"", "\"password\"", "\"h:1\"", "\"\\ud800\"", "null", "7", " ")).Select(string.Concat),
        Gen.ListOf(Gen.OneOf(Gen.Choose(0, 0xd7ff), Gen.Choose(0xe000, 0x10ffff)).Select(char.ConvertFromUtf32)).Select(string.Concat),
        Gen.Choose(0, Good.Length - 1).Zip(Gen.Choose(0, 0xd7ff)).Select(change => $"{Good[..change.Item1]}{(char)change.Item2}{Good[(change.Item1 + 1)..]}"));

    [Fact]
    public void A_name_is_one_recipient()
    {
        var command = Parse("{\"to\": \"bob\", \"text\": \"hello\"}");
        Assert.Equal(["bob"], command.Names);
        Assert.Equal((null, null, "hello", null), (command.Address, command.Password, command.Text, command.Reference));
    }

    [Fact]
    public void Several_names_are_several_recipients_and_each_once() =>
        Assert.Equal(["bob", "carol"], Parse("{\"to\": [\"bob\", \"carol\", \"bob\"], \"text\": \"hello\"}").Names);

    [Fact]
    public void An_address_comes_with_its_password()
    {
        var command = Parse("{\"to\": {\"address\": \"[::1]:5002\", \"password\": \" p \"}, \"text\": \"hello\"}");
        Assert.Empty(command.Names);
        Assert.Equal((new HostPort("::1", 5002), " p "), (command.Address, command.Password));
    }

    [Fact]
    public void The_reference_comes_along_and_the_order_does_not_matter() =>
        Assert.Equal("7", Parse(" {\"ref\": \"7\", \"text\": \"hello\", \"to\": \"bob\"} ").Reference);

    [Fact]
    public void A_text_may_hold_anything_that_JSON_can_write() =>
        Assert.Equal("a\nb\u0000\u001b🙂", Parse("{\"to\": \"bob\", \"text\": \"a\\nb\\u0000\\u001b\\ud83d\\ude42\"}").Text);

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("hello", "not JSON")]
    [InlineData("{\"to\": \"bob\", \"text\": \"hello\"", "not JSON")]
    [InlineData("{\"to\": \"bob\", \"text\": \"hello\"} {}", "not JSON")]
    [InlineData("{\"to\": \"bob\", \"text\": \"hello\",}", "not JSON")]
    [InlineData("{'to': 'bob', 'text': 'hello'}", "not JSON")]
    [InlineData("{\"to\": \"bob\", \"text\": \"a\", \"text\": \"b\"}", "Duplicate property 'text'")]
    [InlineData("{\"to\": {\"address\": \"a:1\", \"address\": \"b:1\", \"password\": \"p\"}, \"text\": \"a\"}", "Duplicate property 'address'")]
    [InlineData("[]", "a line must be {")]
    [InlineData("\"bob\"", "a line must be {")]
    [InlineData("null", "a line must be {")]
    [InlineData("{}", "a line must be {")]
    [InlineData("{\"to\": \"bob\"}", "a line must be {")]
    [InlineData("{\"text\": \"hello\"}", "a line must be {")]
    [InlineData("{\"to\": \"bob\", \"text\": 7}", "a line must be {")]
    [InlineData("{\"to\": \"bob\", \"text\": null}", "a line must be {")]
    [InlineData("{\"to\": \"bob\", \"text\": \"hello\", \"ref\": 7}", "a line must be {")]
    [InlineData("{\"to\": \"bob\", \"text\": \"hello\", \"ref\": null}", "a line must be {")]
    [InlineData("{\"to\": 7, \"text\": \"hello\"}", "a line must be {")]
    [InlineData("{\"to\": null, \"text\": \"hello\"}", "a line must be {")]
    [InlineData("{\"to\": [], \"text\": \"hello\"}", "a line must be {")]
    [InlineData("{\"to\": [\"bob\", 7], \"text\": \"hello\"}", "a line must be {")]
    [InlineData("{\"to\": [[\"bob\"]], \"text\": \"hello\"}", "a line must be {")]
    [InlineData("{\"to\": {}, \"text\": \"hello\"}", "a line must be {")]
    [InlineData("{\"to\": {\"address\": \"h:1\"}, \"text\": \"hello\"}", "a line must be {")]
    [InlineData("{\"to\": {\"address\": \"h:1\", \"password\": \"\"}, \"text\": \"hello\"}", "a line must be {")]
    [InlineData("{\"to\": {\"address\": \"h:1\", \"password\": 7}, \"text\": \"hello\"}", "a line must be {")]
    [InlineData("{\"to\": {\"password\": \"p\"}, \"text\": \"hello\"}", "a line must be {")]
    [InlineData("{\"to\": {\"address\": \"h\", \"password\": \"p\"}, \"text\": \"hello\"}", "the address \"h\" is not host:port")]
    [InlineData("{\"to\": {\"address\": \"::1:5002\", \"password\": \"p\"}, \"text\": \"hello\"}", "an IPv6 address as [::1]:5002")]
    [InlineData("{\"to\": \"bob\", \"text\": \"hello\", \"reff\": \"7\"}", "the member \"reff\" is unknown")]
    [InlineData("{\"To\": \"bob\", \"text\": \"hello\"}", "the member \"To\" is unknown")]
    [InlineData("{\"to\": \"bob\", \"text\": \"\\ud800\"}", "half a surrogate pair")]
    [InlineData("{\"to\": \"\\udc00\", \"text\": \"hello\"}", "half a surrogate pair")]
    [InlineData("{\"to\": [\"bob\", \"\\ud800\"], \"text\": \"hello\"}", "half a surrogate pair")]
    [InlineData("{\"\\ud800\": \"bob\"}", "half a surrogate pair")]
    public void A_mistake_is_said(string line, string problem)
    {
        Assert.Null(JsonCommand.Parse(line, out var said));
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [Property(MaxTest = 1000)]
    public Property Any_line_gives_a_command_or_a_problem() => Prop.ForAll(Arb.From(AnyLine), line =>
    {
        var command = JsonCommand.Parse(line, out var problem);
        Assert.True(command is null ? problem.Length > 0 : command.Names.Count > 0 != command.Address is not null);
    });

    [Property(MaxTest = 300)]
    public Property Any_text_arrives_as_the_program_wrote_it() => Prop.ForAll(
        Arb.From(Gen.ListOf(Gen.OneOf(Gen.Choose(0, 0xd7ff), Gen.Choose(0xe000, 0x10ffff)).Select(char.ConvertFromUtf32)).Select(string.Concat)),
        text => Assert.Equal(text, Parse(JsonSerializer.Serialize(new { to = "bob", text })).Text));

    [Fact]
    public void A_command_shows_whom_it_is_for_and_neither_text_nor_password()
    {
        Assert.Equal("JsonCommand to bob, carol", Parse("{\"to\": [\"bob\", \"carol\"], \"text\": \"hello\"}").ToString());
        Assert.Equal("JsonCommand to [::1]:5002", Parse(Good).ToString());
    }

    [Theory]
    [InlineData(0xd800)]
    [InlineData(0xdc00)]
    public void A_line_with_half_a_surrogate_pair_is_a_mistake_like_any_other(int half)
    {
        Assert.Null(JsonCommand.Parse($"{{\"to\": \"bob\", \"text\": \"{(char)half}\"}}", out var problem));
        Assert.Contains("half a surrogate pair", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_member_beside_an_address_is_said()
    {
        Assert.Null(JsonCommand.Parse("{\"to\": {\"address\": \"h:1\", \"password\": \"p\", \"profile\": \"x\"}, \"text\": \"hello\"}", out var problem));
        Assert.Contains("\"profile\" is unknown", problem, StringComparison.Ordinal);
    }

    private static JsonCommand Parse(string line)
    {
        var command = JsonCommand.Parse(line, out var problem);
        Assert.True(command is not null, problem);
        return command;
    }
}
