// What "directory add" tells the other side about us, and where it leaves a placeholder.

using ActorChat.Storage.Contacts;

namespace ActorChat.Node.Tests;

public sealed class OwnEntryTests
{
    private static readonly StartSettings Start = new(Name: null, Port: 5001, Address: null, Directory: "", State: "");

    private static readonly ContactDirectory Directory = new([Entry("alice", "192.0.2.1", 5001), Entry("al", "192.0.2.1", 6001), Entry("bob", "192.0.2.2", 5001)]);

    [Fact]
    public void The_entry_of_this_machine_and_the_usual_port_is_ours() =>
        Assert.Equal(new OwnEntry("alice", new HostPort("192.0.2.1", 5001), null, null, IsFromFile: true), Find());

    [Fact]
    public void Another_port_is_another_entry() =>
        Assert.Equal(new OwnEntry("al", new HostPort("example.org", 6001), null, null, IsFromFile: true), Find(at: new HostPort("example.org", 6001)));

    [Fact]
    public void A_name_that_is_in_the_file_has_its_address() =>
        Assert.Equal(new OwnEntry("al", new HostPort("192.0.2.1", 6001), "al", "alice", IsFromFile: true), Find(me: "al"));

    [Fact]
    public void A_name_other_than_our_own_goes_into_our_entry_as_well() =>
        Assert.Equal(new OwnEntry("ally", new HostPort("192.0.2.9", 5001), "ally", "alice", IsFromFile: false), Find("ally", new HostPort("192.0.2.9", 5001)));

    [Theory]
    [InlineData(null, false, "YOUR-NAME, YOUR-ADDRESS and port 0")]
    [InlineData("alice", false, "YOUR-ADDRESS and port 0")]
    [InlineData(null, true, "YOUR-NAME and port 0")]
    public void What_is_not_known_is_a_placeholder_that_no_node_takes(string? me, bool hasAddress, string missing)
    {
        var own = OwnEntry.Find(ContactDirectory.Empty, me, hasAddress ? new HostPort("192.0.2.1", 5001) : null, Start, _ => true);

        Assert.False(own.IsKnown);
        Assert.Equal(missing, own.Missing);
        Assert.Contains("port 0 is out of range", DirectoryWriter.Problem(own.For("p")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_other_sides_entry_holds_our_name_our_address_and_the_shared_password() =>
        Assert.Equal(new Contact("alice", "p", "192.0.2.1", 5001, "modern", null), Find().For("p"));

    [Fact]
    public void The_other_sides_entry_says_what_this_node_answers_where_the_other_side_knows_it_by_another_name() =>
        Assert.Equal(new Contact("ally", "p", "192.0.2.9", 5001, "modern", null, AnswersAs: "alice"), Find("ally", new HostPort("192.0.2.9", 5001)).For("p"));

    [Fact]
    public void The_settings_tell_what_the_directory_does_not()
    {
        var start = Start with { Name = "zoe", Address = new HostPort("home.example.org", 5001) };
        Assert.Equal(new OwnEntry("zoe", new HostPort("home.example.org", 5001), null, null, IsFromFile: false), OwnEntry.Find(ContactDirectory.Empty, null, null, start, _ => true));
        Assert.Equal("alice", OwnEntry.Find(Directory, null, null, start, host => host == "192.0.2.1").Name);
    }

    private static OwnEntry Find(string? me = null, HostPort? at = null) => OwnEntry.Find(Directory, me, at, Start, host => host == "192.0.2.1");

    private static Contact Entry(string name, string host, int port) => new(name, "secret", host, port, "modern", null);
}
