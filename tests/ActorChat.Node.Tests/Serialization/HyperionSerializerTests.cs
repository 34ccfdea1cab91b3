// The serializer's allow-list: types on it come back as they were, and no other type is written or read.

using System.Diagnostics;
using ActorChat.Node.Consoles;
using ActorChat.Node.Serialization;
using ActorChat.Node.Sessions;
using ActorChat.Node.Tests.Support;
using ActorChat.Storage.Contacts;
using Akka.Actor;
using Hyperion;

namespace ActorChat.Node.Tests.Serialization;

public sealed class HyperionSerializerTests : NodeTestKit
{
    private static readonly Guid Id = Guid.NewGuid();

    /// <summary>At least one of each type. Where a member may be null, one sample has it and one has not.</summary>
    private static readonly object[] Samples =
    [
        new ConsoleInputActor.Ended(),
        new DirectoryActor.Reload(),
        new DirectoryActor.NotLoaded("line 1: this is not JSON"),
        new Failure(FailureKind.NotInDirectory, "eve"),
        new Failure(FailureKind.WrongPassword),
        new InboxActor.Answer(3, null),
        new InboxActor.Answer(0, "the disk is full\n\u001b\ud83d\ude42"),
        new InitiatorSession.Ended(null),
        new InitiatorSession.Ended(new Failure(FailureKind.Stopping)),
        new InitiatorSession.Finished(Id, Outcome.Delivered, null, null),
        new InitiatorSession.Finished(Id, Outcome.Unknown, new Failure(FailureKind.ClocksDiffer, "31 seconds"), "bob"),
        new InputEnded(),
        new KeyActor.Failed("no ICU here"),
        new KeyActor.Refused(),
        new ListenerActor.Accept(),
        new ListenerActor.Authenticated("alice"),
        new ListenerActor.MayTakeTexts(),
        new ListenerActor.Bind(65_535),
        new ListenerActor.CannotListen("port 5001 is in use"),
        new ListenerActor.Drain(),
        new ListenerActor.Drained(),
        new ListenerActor.Listening("any", 5001),
        new NodeGuardian.Await(),
        new NodeGuardian.Ended(1),
        new NodeGuardian.Stop(),
        new OutboxActor.Cancel("bob"),
        new OutboxActor.IsThere("bob"),
        new OutboxActor.ListWaiting(AsEvents: true),
        new OutboxActor.ListWaiting(AsEvents: false),
        new OutboxActor.FinishAll(),
        new OutboxActor.Finished(),
        new OutboxActor.GiveUp(),
        new OutboxActor.Retry(),
        new OutboxActor.Stop(),
        new OutboxActor.TellWhenThereIsRoom(),
        new OutboxActor.ThereIsRoom(),
        new SecureLogActor.Close(),
        new TakenBack(),
        new Session.EndNow("the node is stopping"),
        new SecureLogActor.HasClosed(),
        new SecureLogActor.Lost("somebody else has written"),
        new SecureLogActor.NotOpened("in use", IsInUse: true),
        new SecureLogActor.NotRecalled("the log is closed"),
        new SecureLogActor.NotStored(Id, "the disk is full"),
        new SecureLogActor.Stored(Id, 1L << 40),
    ];

    private readonly Serializer _permissive = new(SerializerOptions.Default.WithVersionTolerance(true).WithDisallowUnsafeType(false));

    [Fact]
    public void There_is_a_sample_of_every_message_that_may_leave_the_process() =>
        Assert.Equal(MessageTypes.Remotable.Select(type => type.FullName).Order(), Samples.Select(sample => sample.GetType().FullName).Distinct().Order());

    [Fact]
    public void Every_message_that_may_leave_the_process_comes_back_as_it_was() => Assert.All(Samples, sample =>
    {
        var serializer = Assert.IsType<HyperionSerializer>(Sys.Serialization.FindSerializerFor(sample));
        Assert.Equal(5301, serializer.Identifier);
        var copy = serializer.FromBinary(serializer.ToBinary(sample), sample.GetType());
        Assert.Equal(sample, copy);
        Assert.NotSame(sample, copy);
    });

    [Fact]
    public void What_is_not_on_the_list_does_not_go_out()
    {
        var serializer = NewSerializer();
        object[] others =
        [
            "hello", 7, Id, new object(), new[] { "hello" }, new List<string>(), new InvalidOperationException(), typeof(Process), PoisonPill.Instance,
            new Typed("secret"), new Contact("bob", "secret", "h", 1, "modern", null), new Recipient("bob", "bob", "bob", "h", 1, "secret", "alice"),
            new DirectoryActor.Loaded(ContactDirectory.Empty), new Gadget("x"), new NodeEvent.Problem("p"), new Failure[] { new(FailureKind.Stopping) },
        ];
        Assert.All(others, other =>
        {
            var refused = Assert.Throws<ArgumentException>(() => serializer.ToBinary(other));
            Assert.Contains($"{other.GetType()} is not on the allow-list", refused.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void What_is_not_on_the_list_does_not_come_in()
    {
        var serializer = NewSerializer();
        object[] others =
        [
            new Gadget("x"), new List<Gadget> { new("x") }, new Dictionary<string, Gadget> { ["x"] = new("x") },
            new Gadget[] { new("x") }, new InvalidOperationException("x"), new UriBuilder(), new System.Net.IPEndPoint(1, 1), new Tuple<string>("x"),
            new Typed("secret"), new Contact("bob", "secret", "h", 1, "modern", null), new DirectoryActor.Loaded(ContactDirectory.Empty), new NodeEvent.Problem("p"),
            DayOfWeek.Friday, new FileInfo("/x"), new Failure[] { new(FailureKind.Stopping) },
        ];
        Assert.All(others, other =>
        {
            var bytes = PermissiveBytes(other);
            Assert.IsType(other.GetType(), _permissive.Deserialize<object>(new MemoryStream(bytes))); // without the allow-list they are read, so it is the list that refuses them
            Assert.ThrowsAny<Exception>(() => serializer.FromBinary(bytes, typeof(object)));
        });
    }

    [Fact]
    public void Akkas_own_serializer_which_makes_any_type_is_not_there()
    {
        using var system = ActorSystem.Create("node", NodeSettings.LoadConfig());
        Assert.Throws<NotSupportedException>(() => system.Serialization.Deserialize("\"hello\""u8.ToArray(), 1, typeof(string)));
    }

    [Fact]
    public void A_type_itself_does_not_come_in() =>
        Assert.ThrowsAny<Exception>(() => NewSerializer().FromBinary(PermissiveBytes(typeof(Process)), typeof(object)));

    [Fact]
    public void Plain_values_do_not_come_in_either() =>
        Assert.ThrowsAny<Exception>(() => NewSerializer().FromBinary(PermissiveBytes("hello"), typeof(object)));

    [Fact]
    public void Bytes_of_a_message_on_the_list_come_in_whoever_wrote_them() =>
        Assert.Equal(new KeyActor.Failed("Αλίκη 🙂"), NewSerializer().FromBinary(PermissiveBytes(new KeyActor.Failed("Αλίκη 🙂")), typeof(object)));

    private HyperionSerializer NewSerializer() => new((ExtendedActorSystem)Sys);

    private byte[] PermissiveBytes(object message)
    {
        using var stream = new MemoryStream();
        _permissive.Serialize(message, stream);
        return stream.ToArray();
    }

    /// <summary>A class of another assembly, as an attacker would name one to have it created.</summary>
    private sealed record Gadget(string Command);
}
