// A node as one object: the executable and the end-to-end tests start it, stop it and wait for its exit code.

using ActorChat.Node.Consoles;
using ActorChat.Node.Limits;
using Akka.Actor;
using Akka.Configuration;
using Akka.IO;

namespace ActorChat.Node;

/// <summary>A running node.</summary>
public sealed class ChatNode
{
    private readonly ActorSystem _system;
    private readonly ConsoleQueue _console;
    private readonly IActorRef _guardian;
    private readonly Task<NodeGuardian.Ended> _end;
    private readonly Task _gone;

    private ChatNode(NodeOptions options, NodeSettings settings, Config config, IConsole console)
    {
        // Lines that no log takes are not even made: a session logs each of its states.
        var level = settings.ConsoleLog > settings.FileLog || settings.LogFile.Length == 0 ? settings.ConsoleLog : settings.FileLog;
        var forAkka = $"akka.loglevel = {level}\nakka.io.tcp.write-commands-queue-max-size = {settings.MaxWaitingToSend}";
        _system = ActorSystem.Create("actorchat", ConfigurationFactory.ParseString(forAkka).WithFallback(config));
        _system.Tcp(); // reads its settings now, while a wrong one can still be reported
        _guardian = ActorRefs.Nobody;
        _console = new ConsoleQueue(console, message => _guardian.Tell(message));
        _guardian = _system.ActorOf(
            NodeGuardian.Props(options, settings, _console, TimeProvider.System, SystemRandomSource.Instance), "node");
        _end = _guardian.Ask<NodeGuardian.Ended>(new NodeGuardian.Await());
        _gone = _guardian.WatchAsync();
    }

    /// <summary>Starts a node. Serilog's global logger must be set before.</summary>
    /// <param name="options">What to start.</param>
    /// <param name="settings">The settings, read from <paramref name="config"/>.</param>
    /// <param name="config">The configuration, for Akka.</param>
    /// <param name="console">Where the user is.</param>
    /// <exception cref="SettingsException">Akka does not accept its part of the configuration.</exception>
    public static ChatNode Start(NodeOptions options, NodeSettings settings, Config config, IConsole console)
    {
        try
        {
            return new ChatNode(options, options.Errands is null ? settings with { Connections = Fitting(settings.Connections, console) } : settings, config, console);
        }
        catch (Exception e) when (e is AkkaException or ArgumentException or TypeLoadException)
        {
            throw new SettingsException($"Akka does not take its part of the configuration: {e.Message}", e);
        }
    }

    /// <summary>Begins an orderly stop: no new conversations, those under way finish. A second call stops at once.</summary>
    public void Stop() => _guardian.Tell(new NodeGuardian.Stop());

    /// <summary>Waits for the node to end.</summary>
    /// <returns>The exit code: 0, or 1 when it could not start.</returns>
    public async Task<int> WaitAsync()
    {
        // A guardian that could not be created answers nobody.
        var hasAnswered = await Task.WhenAny(_end, _gone) == _end || _end.IsCompleted;
        if (!hasAnswered)
        {
            _console.Show(new NodeEvent.Problem(NodeGuardian.HasFailed));
        }

        await _system.Terminate();
        _console.Dispose();
        return hasAnswered ? (await _end).ExitCode : 1;
    }

    private static ConnectionLimits Fitting(ConnectionLimits wanted, IConsole console)
    {
        var openFiles = OpenFiles.Limit();
        var possible = wanted.FittingIn(openFiles);
        if (possible.Max < wanted.Max)
        {
            console.Show(new NodeEvent.Notice(
                $"The system lets this process open {openFiles} files, so it takes {possible.Max} connections at once instead of {wanted.Max}; "
                + "ulimit -n raises the one, actorchat.listen.max-connections sets the other."));
        }

        return possible;
    }
}
