// Behaviours that were wrong once: each test failed before its bug was mended.

using ActorChat.Node.Consoles;
using ActorChat.Node.Serialization;
using ActorChat.Node.Tests.Support;
using Akka.Actor;

namespace ActorChat.Node.Tests;

public sealed class RegressionTests : NodeTestKit
{
    [Fact]
    public void A_folder_is_not_a_directory_file()
    {
        var directory = Sys.ActorOf(DirectoryActor.Props(Services.Settings));
        directory.Tell(new DirectoryActor.Load(Path.GetTempPath(), Passphrase: null), TestActor);
        Assert.EndsWith("it cannot be read: it is a folder, or you lack the permission", ExpectMsg<DirectoryActor.NotLoaded>().Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("actorchat { \"listen.backlog\" = nonsense }")]
    [InlineData("actorchat.\"listen.backlog\" = 7")]
    public void A_setting_in_quotes_does_not_pass_for_the_one_it_looks_like(string overrides) => AssertRefused(overrides);

    [Theory]
    [InlineData("actorchat { listen { backlog = 5 } } }\nactorchat.log.file-level = debug")] // file-level stays at info
    [InlineData("} actorchat.listen.backlog = 5")]
    [InlineData("actorchat { listen { backlog = 5")]
    [InlineData("actorchat.log.file = \"chat.log\nactorchat.log.file-level = debug")]
    public void A_brace_or_quote_too_many_or_too_few_does_not_swallow_settings(string overrides) => AssertRefused(overrides);

    [Theory]
    [InlineData("actorchat.stop-deadline = \"١٠ s\"")]
    [InlineData("actorchat.directory.max-size = \"١٠ KiB\"")]
    public void Digits_of_other_scripts_are_a_wrong_value_and_no_crash(string overrides) => AssertRefused(overrides);

    [Theory]
    [InlineData("5002")]
    [InlineData("\"[::1]:5002\"")]
    [InlineData("1.2")]
    public void A_port_or_half_an_address_is_no_address_to_listen_on(string address) => AssertRefused($"actorchat.listen.address = {address}");

    [Fact]
    public void An_unknown_section_is_refused_though_it_is_empty() => AssertRefused("actorchat.lissten {}");

    [Theory]
    [InlineData("[1, 2]")]
    [InlineData("null")]
    [InlineData("{ value = 1 }")]
    public void A_value_of_another_kind_is_answered_with_what_is_allowed_there(string value)
    {
        var message = Assert.Throws<SettingsException>(() => NodeSettings.Read(NodeSettings.LoadConfig($"actorchat.listen.backlog = {value}"))).Message;
        Assert.Contains("a whole number from 1 to 65535", message, StringComparison.Ordinal);
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

    [Theory]
    [InlineData("[[::1]]:5002")]
    [InlineData("[[::1]:7]:5002")]
    [InlineData("[5]:5002")]
    [InlineData("[127.0.0.1]:5002")]
    public void Brackets_hold_an_IPv6_address_and_nothing_else(string text) => Assert.Null(HostPort.Parse(text));

    [Fact]
    public void Plain_values_do_not_come_in_either()
    {
        using var stream = new MemoryStream();
        new Hyperion.Serializer().Serialize("hello", stream);
        Assert.ThrowsAny<Exception>(() => new HyperionSerializer((ExtendedActorSystem)Sys).FromBinary(stream.ToArray(), typeof(object)));
    }

    [Fact]
    public void A_message_is_not_dropped_without_a_word()
    {
        var user = CreateTestProbe();
        user.IgnoreMessages(message => message is RecordingConsole.Shown);
        var input = CreateTestProbe().ChildActorOf(ConsoleInputActor.Props(
            new RecordingConsole(user),
            Services,
            new NodeEvent.Listening("alice", "any", 5001),
            ActorChat.Storage.Contacts.ContactDirectory.Empty,
            isProgram: false));
        user.ExpectMsg<RecordingConsole.Asked>();
        input.Tell(new Typed("@, hello"));
        Assert.IsNotType<Prompt.Message>(user.ExpectMsg<RecordingConsole.Asked>().Prompt); // "To:", as for "@ hello"
    }

    private static void AssertRefused(string overrides) => Assert.Throws<SettingsException>(() => NodeSettings.Read(NodeSettings.LoadConfig(overrides)));
}
