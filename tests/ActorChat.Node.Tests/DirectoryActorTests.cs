// Loading the directory from real files, noticing their changes, and finding the addresses from which contacts may call.

using System.Net;
using System.Text;
using ActorChat.Node.Tests.Support;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Sealing;
using Akka.Actor;
using Akka.TestKit;

namespace ActorChat.Node.Tests;

public sealed class DirectoryActorTests : NodeTestKit
{
    private const int MaxSize = 200;
    private const string Bob = "[{\"username\": \"bob\", \"password\": \"p\", \"port\": 5002, \"ip\": \"127.0.0.1\"}]";

    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Never = TimeSpan.FromDays(1000);

    private readonly string _folder = Directory.CreateTempSubdirectory("actorchat").FullName;
    private readonly Dictionary<string, IPAddress[]> _hosts = [];
    private readonly IActorRef _directory;

    public DirectoryActorTests()
    {
        IgnoreMessages(message => message is DirectoryActor.AddressesResolved); // the tests about addresses use another probe
        _directory = NewDirectoryActor(Poll);
    }

    private TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    [Fact]
    public void A_good_file_is_loaded() =>
        Assert.Equal(new Contact("bob", "p", "127.0.0.1", 5002, "modern", null), Load(Bob).Contacts.Single());

    [Fact]
    public void Another_file_may_be_loaded_in_its_place()
    {
        Load(Bob);
        Assert.Equal("carol", Load(Named("carol")).Contacts.Single().Username);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named_with_the_remedy()
    {
        AssertNotLoaded(Path.Combine(_folder, "nothing.json"), "there is no such file; give the directory file's name with --directory");
        AssertNotLoaded(Path.Combine(_folder, "nowhere", "nothing.json"), "there is no such file");
    }

    [Fact]
    public void A_folder_is_refused() => AssertNotLoaded(_folder, $"{_folder}: it cannot be read: it is a folder, or you lack the permission");

    [Fact]
    public void A_file_of_exactly_the_limit_passes_and_one_byte_more_does_not()
    {
        Load(Bob.PadRight(MaxSize));
        AssertNotLoaded(Write(Bob.PadRight(MaxSize + 1)), $"the file is larger than {MaxSize} bytes; is it the right one? (directory.max-size raises the limit)");
    }

    [Theory]
    [InlineData("", "line 1: this is not JSON")]
    [InlineData("hello", "line 1: this is not JSON")]
    [InlineData("{}", "line 1: the file must be a list of dictionaries")]
    [InlineData("[\n{\"username\": \"bob\", \"password\": \"p\", \"port\": 0, \"ip\": \"h\"}]", "line 2, entry 1: the port 0 is out of range: it must be 1 to 65535")]
    [InlineData("[\n\n{\"username\": \"bob\"}]", "line 3, entry 1: the key \"password\" is missing (and 2 more; see actorchat directory check)")]
    public void A_mistake_in_the_file_is_named_with_file_and_line(string content, string problem)
    {
        var path = Write(content);
        Assert.StartsWith($"{path}, {problem}", NotLoaded(path).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_text_are_named() => AssertNotLoaded(Write([0xff, 0xfe, 0x00]), "the file is not UTF-8 text: save it as UTF-8");

    [Theory]
    [InlineData("written over")]
    [InlineData("put in its place")]
    public void A_change_is_noticed_by_itself(string how)
    {
        var path = Write(Bob);
        var directory = NewDirectoryActor(Never);
        directory.Tell(new DirectoryActor.Load(path, Passphrase: null), TestActor);
        ExpectMsg<DirectoryActor.Loaded>();
        if (how == "written over")
        {
            File.WriteAllText(path, Named("caroline"));
        }
        else
        {
            File.Move(Write(Named("caroline")), path, overwrite: true);
        }

        Assert.Equal("caroline", ExpectWhileTimePasses<DirectoryActor.Loaded>(Settle).Directory.Contacts.Single().Username);
        WaitUntilQuiet(directory);
    }

    [Fact]
    public void Where_nothing_tells_of_a_change_an_edit_of_the_same_size_and_time_is_noticed_all_the_same()
    {
        var (path, target) = LinkTo(Write(Bob)); // the link is watched, not its target
        Start(path);
        var time = File.GetLastWriteTimeUtc(target);
        File.WriteAllText(target, Named("rob"));
        File.SetLastWriteTimeUtc(target, time);
        Assert.Equal("rob", ExpectWhileTimePasses<DirectoryActor.Loaded>(Poll).Directory.Contacts.Single().Username);
    }

    [Fact]
    public void A_file_that_is_still_being_saved_is_not_loaded_until_it_has_been_the_same_twice()
    {
        var path = Write(Bob);
        using var source = new DirectorySource(path, passphrase: null, MaxSize);
        var taken = Assert.IsType<Sighting.Good>(source.Read()).Fingerprint;
        Assert.IsType<Sighting.Nothing>(source.Look(taken, seen: null));
        File.WriteAllText(path, Bob[..20]);
        var half = Assert.IsType<Sighting.Changing>(source.Look(taken, seen: null)).Fingerprint;
        File.WriteAllText(path, Named("rob"));
        var whole = Assert.IsType<Sighting.Changing>(source.Look(taken, half)).Fingerprint;
        Assert.Equal("rob", Assert.IsType<Sighting.Good>(source.Look(taken, whole)).Directory.Contacts.Single().Username);
    }

    [Fact]
    public void A_changed_file_that_is_bad_is_reported_once_and_one_that_is_gone_too()
    {
        var (path, target) = LinkTo(Write(Bob));
        Start(path);
        File.WriteAllText(target, "[");
        ExpectWhileTimePasses<DirectoryActor.NotLoaded>(Poll);
        File.Delete(target);
        Assert.EndsWith("the directory file is gone", ExpectWhileTimePasses<DirectoryActor.NotLoaded>(Poll).Reason, StringComparison.Ordinal);
        for (var look = 0; look < 3; look++)
        {
            Look(Poll);
        }

        WaitUntilQuiet(_directory);
        File.WriteAllText(target, Bob);
        ExpectWhileTimePasses<DirectoryActor.Loaded>(Poll);
    }

    [Fact]
    public void A_file_that_is_away_for_one_look_only_is_not_reported()
    {
        var (path, target) = LinkTo(Write(Bob));
        Start(path);
        File.Delete(target);
        Look(Poll);
        File.WriteAllText(target, Bob);
        Look(Poll);
        Look(Poll);
        WaitUntilQuiet(_directory);
    }

    [Fact]
    public void A_reload_looks_at_once()
    {
        var path = Write(Bob);
        Start(path);
        File.WriteAllText(path, "[]");
        _directory.Tell(new DirectoryActor.Reload(), TestActor);
        Assert.Empty(ExpectMsg<DirectoryActor.Loaded>().Directory.Contacts);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_tried_again_and_told_once()
    {
        var path = Write(Bob);
        using (var locked = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            NotLoaded(path);
            for (var look = 0; look < 5; look++)
            {
                Look(Settle);
            }

            WaitUntilQuiet(_directory);
        }

        Assert.Equal("bob", ExpectWhileTimePasses<DirectoryActor.Loaded>(Settle).Directory.Contacts.Single().Username); // it is read again although it has not changed
    }

    [Theory]
    [InlineData("sesame", null)]
    [InlineData(null, "the file is sealed; give its passphrase")]
    [InlineData("wrong", "The passphrase is wrong")]
    public void A_sealed_file_is_opened_with_the_passphrase(string? passphrase, string? problem)
    {
        Begin(WriteSealed(Bob), passphrase);
        if (problem is null)
        {
            Assert.Equal("bob", ExpectMsg<DirectoryActor.Loaded>().Directory.Contacts.Single().Username);
        }
        else
        {
            Assert.Contains(problem, ExpectMsg<DirectoryActor.NotLoaded>().Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_passphrase_is_not_kept_and_what_a_command_writes_in_the_files_place_is_read_without_it()
    {
        var path = WriteSealed(Bob);
        var directory = Begin(path, "sesame");
        ExpectMsg<DirectoryActor.Loaded>();
        DirectoryFile.Write(path, Encoding.UTF8.GetBytes(Named("carol")), Passphrase.Of("sesame"));
        directory.Tell(new DirectoryActor.Reload(), TestActor);
        Assert.Equal("carol", ExpectMsg<DirectoryActor.Loaded>().Directory.Contacts.Single().Username);

        SealedFile.Write(path, Encoding.UTF8.GetBytes(Bob), "sesame"u8); // another salt
        directory.Tell(new DirectoryActor.Reload(), TestActor);
        Assert.EndsWith(
            "the file was sealed again, and its passphrase is not kept while the node runs; start the node again",
            ExpectMsg<DirectoryActor.NotLoaded>().Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Contacts_may_call_from_their_addresses_and_from_those_that_their_host_names_have()
    {
        _hosts["home.example"] = [IPAddress.Parse("192.0.2.7"), IPAddress.Parse("2001:db8::7")];
        var owner = CreateTestProbe();
        var directory = NewDirectoryActor(Never, maxSize: 4096);
        directory.Tell(new DirectoryActor.Load(Write(At("127.0.0.1", "home.example", "away.example")), Passphrase: null), owner);
        owner.ExpectMsg<DirectoryActor.Loaded>();
        Assert.Equal(["127.0.0.1"], Addresses(owner)); // the name server has not answered yet
        Assert.Equal(["127.0.0.1", "192.0.2.7", "2001:db8::7"], Addresses(owner));

        lock (_hosts)
        {
            _hosts.Remove("home.example"); // its earlier addresses are kept
            _hosts["away.example"] = [IPAddress.Parse("198.51.100.1")];
        }

        MustHappen(() =>
        {
            Scheduler.Advance(Services.Settings.ResolveInterval);
            return owner.HasMessages;
        });
        Assert.Equal(["127.0.0.1", "192.0.2.7", "2001:db8::7", "198.51.100.1"], Addresses(owner));
    }

    [Fact]
    public void A_contact_that_has_left_the_directory_has_no_address_any_more()
    {
        _hosts["home.example"] = [IPAddress.Parse("192.0.2.7")];
        var owner = CreateTestProbe();
        var path = Write(At("home.example"));
        _directory.Tell(new DirectoryActor.Load(path, Passphrase: null), owner);
        owner.FishForMessage(message => message is DirectoryActor.AddressesResolved { Addresses.Count: 1 });
        File.WriteAllText(path, "[]");
        _directory.Tell(new DirectoryActor.Reload());
        owner.FishForMessage(message => message is DirectoryActor.AddressesResolved { Addresses.Count: 0 });
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Named(string name) => Bob.Replace("bob", name, StringComparison.Ordinal);

    private static string At(params string[] hosts) =>
        $"[{string.Join(", ", hosts.Select((host, i) => Bob[1..^1].Replace("127.0.0.1", host, StringComparison.Ordinal).Replace("bob", $"{i}", StringComparison.Ordinal)))}]";

    private static string[] Addresses(TestProbe owner) => [.. owner.ExpectMsg<DirectoryActor.AddressesResolved>().Addresses.Select(address => $"{address}")];

    private IActorRef NewDirectoryActor(TimeSpan checkInterval, int maxSize = MaxSize) => Sys.ActorOf(DirectoryActor.Props(
        Services.Settings with { MaxDirectorySize = maxSize, DirectorySettleTime = Settle, DirectoryCheckInterval = checkInterval },
        (host, _) =>
        {
            lock (_hosts)
            {
                return _hosts.TryGetValue(host, out var addresses) ? Task.FromResult(addresses) : Task.FromException<IPAddress[]>(new IOException("no name server"));
            }
        }));

    private void Look(TimeSpan time)
    {
        Scheduler.Advance(time);
        WaitUntilQuiet(_directory);
    }

    private T ExpectWhileTimePasses<T>(TimeSpan step)
    {
        MustHappen(() =>
        {
            Scheduler.Advance(step);
            return HasMessages;
        });
        return ExpectMsg<T>();
    }

    private IActorRef Begin(string path, string? passphrase)
    {
        var directory = NewDirectoryActor(Never, maxSize: 4096);
        directory.Tell(new DirectoryActor.Load(path, passphrase is null ? null : Passphrase.Of(passphrase)), TestActor);
        return directory;
    }

    private void Start(string path)
    {
        _directory.Tell(new DirectoryActor.Load(path, Passphrase: null), TestActor);
        ExpectMsg<DirectoryActor.Loaded>();
    }

    private ContactDirectory Load(string content)
    {
        _directory.Tell(new DirectoryActor.Load(Write(content), Passphrase: null), TestActor);
        return ExpectMsg<DirectoryActor.Loaded>().Directory;
    }

    private void AssertNotLoaded(string path, string reason)
    {
        var said = NotLoaded(path).Reason;
        Assert.StartsWith(path, said, StringComparison.Ordinal);
        Assert.Contains(reason, said, StringComparison.Ordinal);
    }

    private DirectoryActor.NotLoaded NotLoaded(string path)
    {
        _directory.Tell(new DirectoryActor.Load(path, Passphrase: null), TestActor);
        return ExpectMsg<DirectoryActor.NotLoaded>();
    }

    private (string Link, string Target) LinkTo(string target)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, $"{Guid.NewGuid():N}")).FullName;
        var link = Path.Combine(folder, "directory.json");
        File.CreateSymbolicLink(link, target);
        return (link, target);
    }

    private string WriteSealed(string content) => Write(SealedFile.Seal(Encoding.UTF8.GetBytes(content), "sesame"u8, new Argon2Cost(1, 8)));

    private string Write(string content) => Write(Encoding.UTF8.GetBytes(content));

    private string Write(byte[] content)
    {
        var path = Path.Combine(_folder, $"{Guid.NewGuid():N}.json");
        File.WriteAllBytes(path, content);
        return path;
    }
}
