// Loading the directory from real files, and who is found in it.

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

    private readonly string _folder = Directory.CreateTempSubdirectory("actorchat").FullName;
    private readonly IActorRef _directory;

    public DirectoryActorTests() => _directory = Sys.ActorOf(DirectoryActor.Props(MaxSize, TimeSpan.FromMilliseconds(700)));

    [Fact]
    public void A_good_file_is_in_force_as_soon_as_it_is_loaded()
    {
        Assert.Null(LookUp("bob"));
        Assert.Equal("bob", Load(Bob).Contacts.Single().Username);
        Assert.Equal(new Contact("bob", "p", "127.0.0.1", 5002, "modern", null), LookUp("bob"));
        Assert.Null(LookUp("Bob"));
        Assert.Null(LookUp(""));
    }

    [Fact]
    public void A_later_file_takes_the_place_of_the_one_before()
    {
        Load(Bob);
        Load(Bob.Replace("bob", "carol", StringComparison.Ordinal));
        Assert.Null(LookUp("bob"));
        Assert.NotNull(LookUp("carol"));
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

    [Fact]
    public void The_last_good_one_stays_in_force_after_a_load_that_failed()
    {
        Load(Bob);
        NotLoaded(Write("[]]"));
        NotLoaded(Path.Combine(_folder, "nothing.json"));
        NotLoaded(_folder);
        Assert.NotNull(LookUp("bob"));
    }

    [Fact]
    public void Our_own_name_is_nobody_to_talk_to()
    {
        Load(Bob);
        _directory.Tell(new DirectoryActor.UseName("bob"));
        Assert.Null(LookUp("bob"));
        Load(Bob);
        Assert.Null(LookUp("bob"));
        _directory.Tell(new DirectoryActor.UseName("alice"));
        Assert.NotNull(LookUp("bob"));
    }

    [Fact]
    public void A_changed_file_is_loaded_once_it_has_been_the_same_for_two_looks()
    {
        var path = Write(Bob);
        _directory.Tell(new DirectoryActor.Load(path, Passphrase: null), TestActor);
        ExpectMsg<DirectoryActor.Loaded>();
        Look();
        WaitUntilQuiet(_directory);

        File.WriteAllText(path, Bob.Replace("bob", "caroline", StringComparison.Ordinal));
        Look();
        WaitUntilQuiet(_directory);
        Look();
        Assert.Equal("caroline", ExpectMsg<DirectoryActor.Loaded>().Directory.Contacts.Single().Username);
        Look();
        WaitUntilQuiet(_directory);
    }

    [Fact]
    public void A_changed_file_that_is_bad_is_reported_once_and_one_that_is_gone_not_at_all()
    {
        var path = Write(Bob);
        _directory.Tell(new DirectoryActor.Load(path, Passphrase: null), TestActor);
        ExpectMsg<DirectoryActor.Loaded>();
        File.WriteAllText(path, "[");
        Look();
        Look();
        ExpectMsg<DirectoryActor.NotLoaded>();
        File.Delete(path);
        Look();
        Look();
        WaitUntilQuiet(_directory);
        Assert.NotNull(LookUp("bob"));
    }

    [Fact]
    public void A_reload_looks_at_once()
    {
        var path = Write(Bob);
        _directory.Tell(new DirectoryActor.Load(path, Passphrase: null), TestActor);
        ExpectMsg<DirectoryActor.Loaded>();
        File.WriteAllText(path, "[]");
        _directory.Tell(new DirectoryActor.Reload(), TestActor);
        Assert.Empty(ExpectMsg<DirectoryActor.Loaded>().Directory.Contacts);
    }

    [Theory]
    [InlineData("sesame", null)]
    [InlineData(null, "the file is sealed; give its passphrase")]
    [InlineData("wrong", "The passphrase is wrong")]
    public void A_sealed_file_is_opened_with_the_passphrase(string? passphrase, string? problem)
    {
        var path = Write(SealedFile.Seal(Encoding.UTF8.GetBytes(Bob), "sesame"));
        var directory = Sys.ActorOf(DirectoryActor.Props(4096, TimeSpan.FromMilliseconds(700)));
        directory.Tell(new DirectoryActor.Load(path, passphrase), TestActor);
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
    public void A_file_that_cannot_be_read_is_tried_at_each_look_and_told_once()
    {
        var path = Write(Bob);
        using (var locked = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            NotLoaded(path);
            for (var look = 0; look < 5; look++)
            {
                Look();
                ExpectNoMsg(TimeSpan.FromMilliseconds(100));
            }
        }

        Look(); // the file has not changed, and yet:
        Assert.Equal("bob", ExpectMsg<DirectoryActor.Loaded>().Directory.Contacts.Single().Username);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        Directory.Delete(_folder, recursive: true);
    }

    private void Look() => ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromMilliseconds(700));

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

    private Contact? LookUp(string name)
    {
        _directory.Tell(new DirectoryActor.LookUp(name), TestActor);
        return ExpectMsg<DirectoryActor.LookedUp>().Contact;
    }

    private string Write(string content) => Write(Encoding.UTF8.GetBytes(content));

    private string Write(byte[] content)
    {
        var path = Path.Combine(_folder, $"{Guid.NewGuid():N}.json");
        File.WriteAllBytes(path, content);
        return path;
    }
}
