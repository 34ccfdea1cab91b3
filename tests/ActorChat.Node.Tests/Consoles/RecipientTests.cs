// How a user says whom a message goes to.

using ActorChat.Node.Consoles;
using ActorChat.Storage.Contacts;
using FsCheck.Xunit;

namespace ActorChat.Node.Tests.Consoles;

public sealed class RecipientTests
{
    private static readonly Contact Bob = new("bob", "secret of bob", "192.0.2.2", 5002, Contact.DefaultProfile, null);
    private static readonly Contact Carol = new("carol", "secret of carol", "2001:db8::3", 5003, Contact.DefaultProfile, "al");
    private static readonly Contact Two = new("2", "secret of 2", "192.0.2.4", 5004, Contact.DefaultProfile, null);

    [Theory]
    [InlineData("host:5002", "host", 5002)]
    [InlineData("chat.example.org:1", "chat.example.org", 1)]
    [InlineData("chat_node:65535", "chat_node", 65535)]
    [InlineData("bücher.example:5002", "bücher.example", 5002)]
    [InlineData("192.0.2.7:5002", "192.0.2.7", 5002)]
    [InlineData("[::1]:5002", "::1", 5002)]
    [InlineData("[2001:db8::7]:5002", "2001:db8::7", 5002)]
    [InlineData("[fe80::1%eth0]:5002", "fe80::1%eth0", 5002)]
    public void A_host_and_a_port_are_read_and_shown_alike(string text, string host, int port)
    {
        Assert.Equal(new HostPort(host, port), HostPort.Parse(text));
        Assert.Equal(text, HostPort.Parse(text)!.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData(":5002")]
    [InlineData("host")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("host:-1")]
    [InlineData("host:+1")]
    [InlineData("host: 1")]
    [InlineData("host:1 ")]
    [InlineData("host:0x10")]
    [InlineData("host:٣")]
    [InlineData("host:http")]
    [InlineData("::1")]
    [InlineData("::1:5002")] // the whole could be an address, so brackets are needed
    [InlineData("[::1]")]
    [InlineData("[::1]5002")]
    [InlineData("[]:5002")]
    [InlineData("[:5002")]
    [InlineData("[host]:5002")]
    [InlineData("[::g]:5002")]
    [InlineData("http://host:5002")]
    [InlineData("a host:5002")]
    [InlineData("host/path:5002")]
    [InlineData("user@host:5002")]
    [InlineData("ho\u001bst:5002")]
    [InlineData("[[::1]]:5002")]
    [InlineData("[[::1]:7]:5002")]
    [InlineData("[5]:5002")]
    [InlineData("[127.0.0.1]:5002")] // brackets hold an IPv6 address and nothing else
    public void Anything_else_is_not_a_host_and_a_port(string text) => Assert.Null(HostPort.Parse(text));

    [Property(MaxTest = 500)]
    public void Any_text_is_an_address_or_not_and_never_a_failure(string? text)
    {
        var address = HostPort.Parse(text ?? "");
        Assert.True(address is null or { Host.Length: > 0, Port: > 0 });
    }

    [Theory]
    [InlineData("bob", "bob")]
    [InlineData("1", "bob")]
    [InlineData("  bob  ", "bob")]
    [InlineData("bob,carol", "bob carol")]
    [InlineData("carol, 1", "carol bob")]
    [InlineData("bob,,carol,", "bob carol")]
    [InlineData("3", "2")]
    public void Contacts_are_chosen_by_name_or_number(string line, string names) => Assert.Equal(
        names.Split(' '), Choice.Parse(line, Directory).Select(choice => Assert.IsType<Choice.Known>(choice).Contact.Username));

    [Fact]
    public void A_contact_called_2_is_found_by_its_name_and_the_second_one_by_its_own() =>
        Assert.Equal([new Choice.Known(Two), new Choice.Known(Carol)], Choice.Parse("2, carol", Directory));

    [Fact]
    public void Whoever_is_chosen_twice_gets_one_message() =>
        Assert.Equal(
            [new Choice.Known(Bob), new Choice.ByHand(new HostPort("h", 1)), new Choice.Nobody("eve")],
            Choice.Parse("bob, 1, h:1, eve, bob, h:1, eve", Directory));

    [Theory]
    [InlineData("[::1]:5002", "::1")]
    [InlineData("host:5002", "host")]
    public void An_address_is_chosen_by_hand(string line, string host) =>
        Assert.Equal([new Choice.ByHand(new HostPort(host, 5002))], Choice.Parse(line, Directory));

    [Theory]
    [InlineData("eve")]
    [InlineData("Bob")]
    [InlineData("0")]
    [InlineData("4")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("99999999999999999999")]
    [InlineData("bob carol")]
    [InlineData("::1")]
    [InlineData("b\u001bob")]
    public void Any_other_word_is_nobody(string word) => Assert.Equal([new Choice.Nobody(word)], Choice.Parse(word, Directory));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData(" , ,")]
    public void A_line_without_a_word_chooses_nothing(string line) => Assert.Empty(Choice.Parse(line, Directory));

    [Fact]
    public void A_contact_is_called_at_its_address_and_must_answer_by_its_name() =>
        Assert.Equal(new Recipient("bob", "bob", "bob", "192.0.2.2", 5002, TypedPassword: null, "alice"), Recipient.Of(Bob, "alice"));

    [Fact]
    public void A_contact_that_knows_us_by_another_name_is_called_by_that_name() => Assert.Equal("al", Recipient.Of(Carol, "alice").OwnName);

    [Fact]
    public void A_contact_that_calls_itself_something_else_is_expected_to_and_found_by_our_name_for_it()
    {
        var recipient = Recipient.Of(Carol with { AnswersAs = "caroline" }, "alice");
        Assert.Equal(("carol", "carol", "caroline"), (recipient.Label, recipient.ContactName, recipient.ExpectedName));
    }

    [Fact]
    public void Whoever_answers_at_an_address_typed_by_hand_may_have_any_name() => Assert.Equal(
        new Recipient("[::1]:5002", null, null, "::1", 5002, "p", "alice"), Recipient.Of(new HostPort("::1", 5002), "p", "alice"));

    [Fact]
    public void A_recipient_shows_its_label_and_never_its_password()
    {
        Assert.Equal("carol", Recipient.Of(Carol, "alice").ToString());
        Assert.Equal("[2001:db8::3]:5003", Recipient.Of(Carol, "alice").Address);
    }

    private static ContactDirectory Directory => new([Bob, Carol, Two]);
}
