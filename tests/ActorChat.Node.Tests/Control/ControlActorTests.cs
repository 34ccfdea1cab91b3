// The socket in the state folder: who may use it, and what must not close it.

using System.Net.Sockets;
using System.Text.Json;
using ActorChat.Node.Consoles;
using ActorChat.Node.Control;
using ActorChat.Node.Tests.Support;
using ActorChat.Storage;
using Akka.Actor;
using Akka.TestKit;

namespace ActorChat.Node.Tests.Control;

public sealed class ControlActorTests : NodeTestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("actorchat-control-").FullName;
    private readonly TestProbe _outbox;

    public ControlActorTests()
    {
        _outbox = CreateTestProbe();
        _outbox.SetAutoPilot(new DelegateAutoPilot((sender, message) =>
        {
            if (message is OutboxActor.Submit submit)
            {
                foreach (var name in submit.Command.Names)
                {
                    sender.Tell(new OutboxActor.Sent(new NodeEvent.MessageSent(name, submit.Command.Reference, Guid.Empty, Outcome.Delivered, null, null)));
                }
            }

            return AutoPilot.KeepRunning;
        }));
    }

    private string SocketPath => ControlActor.PathIn(_folder);

    [Fact]
    public async Task A_caller_who_could_not_be_let_in_does_not_close_the_door()
    {
        var attempts = 0;
        var control = Sys.ActorOf(ControlActor.Props(_folder, _outbox, socket => ++attempts <= 2
            ? Task.FromException<Socket>(new SocketException((int)SocketError.TooManyOpenSockets))
            : socket.AcceptAsync()));
        var submitted = SubmitAsync();
        await AwaitAssertAsync(
            () =>
            {
                ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(1));
                Assert.True(submitted.IsCompleted);
            },
            Patience);
        Assert.Equal("delivered", await submitted);
        Sys.Stop(control);
    }

    [Fact]
    public async Task A_node_that_ends_leaves_its_successors_socket_alone()
    {
        var first = Sys.ActorOf(ControlActor.Props(_folder, _outbox));
        Assert.Equal("delivered", await SubmitAsync());
        var second = Sys.ActorOf(ControlActor.Props(_folder, _outbox));
        WaitUntilQuiet(second);
        Assert.True(await first.GracefulStop(Patience));
        Assert.Equal("delivered", await SubmitAsync());
        Assert.Equal([SocketPath], Directory.EnumerateFileSystemEntries(_folder));
        if (OperatingSystem.IsLinux())
        {
            Assert.True(await second.GracefulStop(Patience));
            Assert.Empty(Directory.EnumerateFileSystemEntries(_folder)); // it removes its own socket
        }
    }

    [Fact]
    public void The_socket_is_its_owners_alone_whatever_the_folder_is()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        WaitUntilQuiet(Sys.ActorOf(ControlActor.Props(_folder, _outbox)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketPath));
    }

    [Fact]
    public async Task Nothing_is_said_to_a_socket_where_others_may_put_theirs()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var theirs = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        theirs.Bind(new UnixDomainSocketEndPoint(SocketPath));
        theirs.Listen();
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_111_111);
        var refusal = await Assert.ThrowsAsync<UntrustedException>(() => ControlClient.TryConnectAsync(_folder, CancellationToken.None));
        Assert.StartsWith($"{_folder} may be written by others (mode 777); ", refusal.Message);

        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_000_000);
        File.SetUnixFileMode(SocketPath, (UnixFileMode)0b111_111_111);
        refusal = await Assert.ThrowsAsync<UntrustedException>(() => ControlClient.TryConnectAsync(_folder, CancellationToken.None));
        Assert.StartsWith($"{SocketPath} may be written by others (mode 777); ", refusal.Message);
        Assert.False(theirs.Poll(0, SelectMode.SelectRead)); // nobody has called
    }

    [Fact]
    public async Task Where_nobody_listens_there_is_no_node()
    {
        Assert.Null(await ControlClient.TryConnectAsync(_folder, CancellationToken.None));
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            var bound = Path.Combine(_folder, "bound");
            dead.Bind(new UnixDomainSocketEndPoint(bound));
            File.Move(bound, SocketPath);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(SocketPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }

        Assert.True(Path.Exists(SocketPath));
        Assert.Null(await ControlClient.TryConnectAsync(_folder, CancellationToken.None));
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        Directory.Delete(_folder, recursive: true);
    }

    // Tries until there is a socket, which the actor makes by itself.
    private async Task<string?> SubmitAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        Stream? node;
        while ((node = await ControlClient.TryConnectAsync(_folder, patience.Token)) is null)
        {
            await Task.Yield();
            patience.Token.ThrowIfCancellationRequested();
        }

        await using (node)
        {
            var outcomes = new List<string?>();
            await foreach (var answer in ControlClient.SubmitAsync(node, JsonSerializer.Serialize(new { to = "bob", text = "hi" }), patience.Token))
            {
                outcomes.Add(answer.GetProperty("outcome").GetString());
            }

            return Assert.Single(outcomes);
        }
    }
}
