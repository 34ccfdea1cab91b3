// The listener with a probe in place of Akka.IO: what it asks of the network, and what it makes of the answers.

using System.Net;
using System.Net.Sockets;
using ActorChat.Node.Tests.Support;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using Akka.Actor;
using Akka.IO;
using Akka.TestKit;

namespace ActorChat.Node.Tests;

public sealed class ListenerActorTests : NodeTestKit
{
    private static readonly IPEndPoint Local = new(IPAddress.IPv6Any, 5001);

    private readonly TestProbe _socket;
    private readonly IActorRef _listener;

    public ListenerActorTests()
        : base("actorchat.listen { max-connections = 2, backlog = 33 }")
    {
        _socket = CreateTestProbe("socket");
        _listener = Sys.ActorOf(ListenerActor.Props(Services));
        Watch(_listener);
        IgnoreMessages(message => message is ListenerActor.Authenticated);
    }

    [Fact]
    public void Any_address_is_one_socket_for_both_families()
    {
        var bind = Bind(_listener, 5001);
        Assert.Equal(Local, bind.LocalAddress);
        Assert.Equal(33, bind.Backlog);

        using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = false };
        Assert.Single(bind.Options).BeforeServerSocketBind(socket);
        Assert.True(socket.DualMode);

        _listener.Tell(new Tcp.Bound(Local), _socket);
        Assert.Equal(new ListenerActor.Listening("any", 5001), ExpectMsg<ListenerActor.Listening>());
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void One_address_is_a_socket_for_it_alone(string address)
    {
        var services = Services with { Settings = Services.Settings with { ListenAddress = address } };
        var listener = Sys.ActorOf(ListenerActor.Props(services));
        var bind = Bind(listener, port: 0);
        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), 0), bind.LocalAddress);
        Assert.Empty(bind.Options);

        listener.Tell(new Tcp.Bound(new IPEndPoint(IPAddress.Parse(address), 40_000)), _socket);
        Assert.Equal(new ListenerActor.Listening(address, 40_000), ExpectMsg<ListenerActor.Listening>());
    }

    [Theory]
    [InlineData(SocketError.AddressAlreadyInUse, "port 5001 is in use; stop the program that has it, or choose another with --port")]
    [InlineData(SocketError.AccessDenied, "no permission to listen on port 5001; choose a port above 1023 with --port")]
    [InlineData(SocketError.AddressNotAvailable, ":: is not an address of this machine; choose one of its own with --listen")]
    [InlineData(SocketError.TooManyOpenSockets, "cannot listen on [::]:5001: ")]
    public void A_socket_that_cannot_be_bound_is_reported_in_words(SocketError error, string reason)
    {
        var bind = Bind(_listener, 5001);
        _listener.Tell(new Tcp.CommandFailed(bind).WithCause(new SocketException((int)error)), TcpManager);
        Assert.StartsWith(reason, ExpectMsg<ListenerActor.CannotListen>().Reason, StringComparison.Ordinal);
        ExpectTerminated(_listener);
    }

    [Fact]
    public void A_failure_inside_another_is_found_and_one_without_a_cause_has_words_too()
    {
        var wrapped = new AggregateException(new SocketException((int)SocketError.AddressAlreadyInUse));
        _listener.Tell(new Tcp.CommandFailed(Bind(_listener, 5001)).WithCause(wrapped), TcpManager);
        Assert.StartsWith("port 5001 is in use", ExpectMsg<ListenerActor.CannotListen>().Reason, StringComparison.Ordinal);
        ExpectTerminated(_listener);

        var other = Sys.ActorOf(ListenerActor.Props(Services));
        other.Tell(new Tcp.CommandFailed(Bind(other, 5001)), TcpManager);
        Assert.Equal("cannot listen on [::]:5001: unknown error", ExpectMsg<ListenerActor.CannotListen>().Reason);
    }

    [Fact]
    public void A_connection_that_comes_before_the_directory_is_held_until_the_node_has_its_name()
    {
        Listen();
        var (first, second) = (Connect(), Connect());
        WaitUntilQuiet(_listener);
        Assert.False(first.HasMessages || second.HasMessages);

        _listener.Tell(new ListenerActor.Accept());
        Assert.NotEqual(SessionOf(first), SessionOf(second));
    }

    [Theory]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8::7", "2001:db8::7")]
    public void A_session_knows_its_peer_by_the_address_that_people_know(string remote, string known)
    {
        Accept();
        SendDh1(SessionOf(Connect(remote)));
        Assert.Equal(IPAddress.Parse(known), Keys.ExpectMsg<KeyActor.Agree>().From);
    }

    [Fact]
    public void A_session_that_fails_while_it_waits_for_its_keys_leaves_neither_its_connection_nor_its_place()
    {
        Accept();
        var (first, second) = (Connect(), Connect());
        var session = Watch(SessionOf(first));
        SessionOf(second);
        SendDh1(session);
        Keys.ExpectMsg<KeyActor.Agree>();
        session.Tell(new KeyActor.Agreed(Agreement: null!, "bob"));
        ExpectTerminated(session);
        first.FishForMessage(message => message is Tcp.Abort);
        MustHappen(() => Connect().ExpectMsg<object>() is Tcp.Register); // the listener learns of the end some time after us
    }

    [Fact]
    public void One_connection_over_the_limit_is_aborted_and_costs_the_others_nothing()
    {
        Accept();
        var (first, second, third) = (Connect(), Connect(), Connect());
        third.ExpectMsg<Tcp.Abort>();
        SessionOf(first);
        SessionOf(second);
    }

    [Fact]
    public void The_limit_holds_for_the_connections_that_were_held_too()
    {
        Listen();
        var connections = new[] { Connect(), Connect(), Connect() };
        _listener.Tell(new ListenerActor.Accept());
        connections[2].ExpectMsg<Tcp.Abort>();
    }

    [Fact]
    public void The_guardian_hears_who_is_there()
    {
        IgnoreNoMessages();
        Listen();
        _listener.Tell(new ListenerActor.Accept());
        var session = SessionOf(Connect());
        _listener.Tell(new ListenerActor.Authenticated("bob"), session);
        Assert.Equal("bob", ExpectMsg<ListenerActor.Authenticated>().Name);
    }

    [Fact]
    public void An_authenticated_peer_takes_no_room_from_the_next()
    {
        var listener = NewListener("max-unauthenticated-per-address = 1");
        var session = SessionOf(ConnectTo(listener));
        ConnectTo(listener).ExpectMsg<Tcp.Abort>();
        listener.Tell(new ListenerActor.Authenticated("bob"), session);
        SessionOf(ConnectTo(listener));
        End(session);
        ConnectTo(listener).ExpectMsg<Tcp.Abort>(); // the second is not authenticated yet, and the end of the first, which was, makes no room
    }

    [Fact]
    public void A_contacts_address_is_let_in_when_strangers_have_taken_all_the_room_for_strangers()
    {
        var listener = NewListener("max-unauthenticated = 1");
        listener.Tell(new ListenerActor.Know([IPAddress.Parse("198.51.100.7")]));
        SessionOf(ConnectTo(listener, "192.0.2.1"));
        ConnectTo(listener, "192.0.2.2").ExpectMsg<Tcp.Abort>();
        SessionOf(ConnectTo(listener, "198.51.100.7"));
    }

    [Fact]
    public void What_comes_before_the_directory_is_held_up_to_a_bound()
    {
        var listener = NewListener("max-unauthenticated = 2", accept: false);
        var held = new[] { ConnectTo(listener), ConnectTo(listener), ConnectTo(listener) };
        held[2].ExpectMsg<Tcp.Abort>();
        listener.Tell(new ListenerActor.Accept());
        SessionOf(held[0]);
        SessionOf(held[1]);
    }

    [Fact]
    public void A_session_that_ends_makes_room_for_one_more()
    {
        Accept();
        var session = SessionOf(Connect());
        SessionOf(Connect());
        Connect().ExpectMsg<Tcp.Abort>();

        End(session);
        MustHappen(() => Connect().ExpectMsg<object>() is Tcp.Register); // the listener learns of the end some time after us
        Connect().ExpectMsg<Tcp.Abort>();
    }

    [Fact]
    public void A_drained_listener_has_waited_for_its_last_session_and_unbinds_only_then()
    {
        Accept();
        var (first, second) = (SessionOf(Connect()), SessionOf(Connect()));
        _listener.Tell(new ListenerActor.Drain());
        WaitUntilQuiet(_listener);
        Connect().ExpectMsg<Tcp.Abort>();

        EndAndBeSeen(first);
        Assert.False(_socket.HasMessages); // an Unbind now would end the conversation that is left
        Assert.False(HasMessages);
        End(second);
        ExpectMsg<ListenerActor.Drained>();
        _socket.ExpectMsg<Tcp.Unbind>();
        WaitUntilQuiet(_listener); // it sends nothing more
    }

    [Fact]
    public void A_listener_without_sessions_is_drained_at_once()
    {
        Accept();
        _listener.Tell(new ListenerActor.Drain());
        ExpectMsg<ListenerActor.Drained>();
        Connect().ExpectMsg<Tcp.Abort>();
    }

    [Fact]
    public void A_socket_that_closes_because_of_the_drain_is_neither_a_failure_nor_the_end_of_a_session()
    {
        Accept();
        var (first, second) = (SessionOf(Connect()), SessionOf(Connect()));
        _listener.Tell(new ListenerActor.Drain());
        WaitUntilQuiet(_listener);
        Watch(_socket.Ref);
        _socket.Ref.Tell(PoisonPill.Instance);
        ExpectTerminated(_socket.Ref);

        EndAndBeSeen(first);
        Assert.False(HasMessages);
        End(second);
        ExpectMsg<ListenerActor.Drained>();
    }

    [Fact]
    public void One_conversation_more_than_a_contact_may_have_ends_at_once_whatever_address_it_comes_from()
    {
        var listener = NewListener("max-connections = 100, max-connections-per-contact = 8");
        var sessions = Enumerable.Range(1, 9).Select(i => Watch(SessionOf(ConnectTo(listener, $"192.0.2.{i}")))).ToArray();
        Array.ForEach(sessions, session => listener.Tell(new ListenerActor.Authenticated("bob"), session));
        ExpectTerminated(sessions[8]);
        var other = SessionOf(ConnectTo(listener, "192.0.2.1"));
        listener.Tell(new ListenerActor.Authenticated("carol"), other); // another contact has a limit of its own
        AssertAreOpen(listener, [.. sessions[..8], other]);

        End(sessions[0]);
        MustHappen(() => // the listener learns of the end some time after us
        {
            var next = SessionOf(ConnectTo(listener, "192.0.2.1"));
            listener.Tell(new ListenerActor.Authenticated("bob"), next);
            WaitUntilQuiet(listener);
            next.Tell(new Identify(null), TestActor);
            return FishForMessage<ActorIdentity>(_ => true).Subject is not null;
        });
    }

    [Fact]
    public void Revoking_contacts_ends_their_conversations_and_no_others()
    {
        var listener = NewListener("max-connections = 100");
        var sessions = Enumerable.Range(1, 5).Select(i => Watch(SessionOf(ConnectTo(listener, $"192.0.2.{i}")))).ToArray();
        foreach (var (session, name) in sessions.Zip(["bob", "carol", "bob", "dave"])) // the fifth has sent no dh_1
        {
            using var secret = new UserSecret(new byte[UserSecret.Size]);
            using var initiation = ModernProfile.Instance.Initiate(secret, name, Timestamp.Now(Clock), SystemRandomSource.Instance);
            session.Tell(new Tcp.Received(ByteString.FromBytes(initiation.Dh1)));
            Keys.ExpectMsg<KeyActor.Agree>(); // authenticated or not: the keys come from an entry that is no longer valid
        }

        listener.Tell(new ListenerActor.Revoke(new HashSet<string> { "bob", "dave", "eve" }));
        IActorRef[] ended = [ExpectMsg<Terminated>().ActorRef, ExpectMsg<Terminated>().ActorRef, ExpectMsg<Terminated>().ActorRef];
        Assert.Equal(new[] { sessions[0], sessions[2], sessions[3] }.Order(), ended.Order());
        AssertAreOpen(listener, [sessions[1], sessions[4]]);
    }

    [Fact]
    public void A_socket_that_fails_while_the_node_runs_is_reported()
    {
        Accept();
        _socket.Ref.Tell(PoisonPill.Instance);
        Assert.StartsWith("the server socket failed", ExpectMsg<ListenerActor.CannotListen>().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_socket_that_fails_before_the_node_has_its_name_is_reported_when_it_has()
    {
        Listen();
        _socket.Ref.Tell(PoisonPill.Instance);
        _listener.Tell(new ListenerActor.Accept());
        Assert.StartsWith("the server socket failed", ExpectMsg<ListenerActor.CannotListen>().Reason, StringComparison.Ordinal);
    }

    private Tcp.Bind Bind(IActorRef listener, int port)
    {
        listener.Tell(new ListenerActor.Bind(port), TestActor);
        var bind = TcpManager.ExpectMsg<Tcp.Bind>();
        Assert.Equal(listener, bind.Handler);
        return bind;
    }

    private void Listen()
    {
        Bind(_listener, 5001);
        _listener.Tell(new Tcp.Bound(Local), _socket);
        ExpectMsg<ListenerActor.Listening>();
    }

    private void Accept()
    {
        Listen();
        _listener.Tell(new ListenerActor.Accept());
    }

    private IActorRef NewListener(string limits, bool accept = true)
    {
        var listener = Sys.ActorOf(ListenerActor.Props(Services with { Settings = NodeSettings.Read(NodeSettings.LoadConfig($"actorchat.listen {{ {limits} }}")) }));
        Bind(listener, 5001);
        listener.Tell(new Tcp.Bound(Local), _socket);
        ExpectMsg<ListenerActor.Listening>();
        if (accept)
        {
            listener.Tell(new ListenerActor.Accept());
        }

        return listener;
    }

    private TestProbe Connect(string remote = "127.0.0.1") => ConnectTo(_listener, remote);

    private TestProbe ConnectTo(IActorRef listener, string remote = "127.0.0.1")
    {
        var connection = CreateTestProbe();
        listener.Tell(new Tcp.Connected(new IPEndPoint(IPAddress.Parse(remote), 40_000), Local), connection);
        return connection;
    }

    private void SendDh1(IActorRef session)
    {
        using var secret = new UserSecret(new byte[UserSecret.Size]);
        using var initiation = ModernProfile.Instance.Initiate(secret, "bob", Timestamp.Now(Clock), SystemRandomSource.Instance);
        session.Tell(new Tcp.Received(ByteString.FromBytes(initiation.Dh1)));
    }

    // Each session still answers after it has handled everything from the listener.
    private void AssertAreOpen(IActorRef listener, IReadOnlyList<IActorRef> sessions)
    {
        WaitUntilQuiet(listener);
        Assert.All(sessions, WaitUntilQuiet);
    }

    // The listener has dealt with a session's end when the session is no longer among its children and it has answered once more after that.
    private void EndAndBeSeen(IActorRef session)
    {
        End(session);
        MustHappen(() => !((ActorRefWithCell)_listener).Children.Contains(session));
        WaitUntilQuiet(_listener);
    }

    private static IActorRef SessionOf(TestProbe connection) => connection.ExpectMsg<Tcp.Register>().Handler;

    private void End(IActorRef session)
    {
        Watch(session);
        session.Tell(Tcp.PeerClosed.Instance);
        ExpectTerminated(session);
    }
}
