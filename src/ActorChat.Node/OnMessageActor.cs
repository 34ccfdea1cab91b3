// Runs the user's command for each message that arrives (inbox.on-message). It is separate from the inbox, so that a command that is slow, hangs or is missing
// holds up no message: a few run at a time, a few wait, and for more than that it is not run, but counted. A program that must miss nothing uses the feed.

using System.ComponentModel;
using System.Diagnostics;
using ActorChat.Node.Serialization;
using Akka.Actor;
using Akka.Event;

namespace ActorChat.Node;

/// <summary>Runs a command for each message.</summary>
public sealed class OnMessageActor : ReceiveActor
{
    private readonly NodeSettings _settings;
    private readonly IReadOnlyList<string> _command;
    private readonly TimeProvider _clock;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Queue<Arrived> _waiting = new();
    private int _running;
    private int _leftOut;

    /// <summary>Waits for messages.</summary>
    /// <param name="settings">The command, and its limits.</param>
    /// <param name="clock">For its deadline.</param>
    public OnMessageActor(NodeSettings settings, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _command = CommandWords.Split(settings.OnMessage)!;
        _clock = clock;
        Receive<Arrived>(OnArrived);
        Receive<Ended>(OnEnded);
    }

    /// <inheritdoc cref="OnMessageActor(NodeSettings, TimeProvider)"/>
    public static Props Props(NodeSettings settings, TimeProvider clock) => Akka.Actor.Props.Create(() => new OnMessageActor(settings, clock));

    /// <summary>Kills the commands that still run.</summary>
    protected override void PostStop()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private void OnArrived(Arrived message)
    {
        if (_running < _settings.OnMessageAtOnce)
        {
            Begin(message);
        }
        else if (_waiting.Count < _settings.OnMessageWaiting)
        {
            _waiting.Enqueue(message);
        }
        else
        {
            _leftOut++;
        }
    }

    private void OnEnded(Ended ended)
    {
        _running--;
        if (ended.Problem is not null)
        {
            _log.Warning("inbox.on-message: {0} {1}", _command[0], ended.Problem);
        }

        if (_waiting.TryDequeue(out var next))
        {
            Begin(next);
        }

        if (_leftOut > 0 && _waiting.Count == 0)
        {
            _log.Warning("inbox.on-message: {0} was not run for {1} messages, because too many waited", _command[0], _leftOut);
            _leftOut = 0;
        }
    }

    private void Begin(Arrived message)
    {
        _running++;
        var stopping = _stopping.Token;
        Task.Run(() => RunAsync(message, stopping)).PipeTo(Self, success: problem => new Ended(problem), failure: e => new Ended($"failed: {e.GetBaseException().Message}"));
    }

    // The command's output is discarded: our standard output may be a program's, and the output may repeat the text. Null when it ended well, else why not.
    private async Task<string?> RunAsync(Arrived message, CancellationToken stopping)
    {
        using var deadline = new CancellationTokenSource(_settings.OnMessageDeadline, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(_command[0], _command.Skip(1))
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, CreateNoWindow = true,
                Environment = { ["ACTORCHAT_FROM"] = message.From, ["ACTORCHAT_ID"] = $"{message.Id}" },
            },
        };
        try
        {
            process.Start();
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            return $"cannot be run: {e.Message}";
        }

        using var killing = either.Token.Register(() => process.Kill(entireProcessTree: true));
        var talk = Task.WhenAll(
            Tell(process.StandardInput.BaseStream, message.Text),
            process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, either.Token),
            process.StandardError.BaseStream.CopyToAsync(Stream.Null, either.Token));
        await process.WaitForExitAsync(CancellationToken.None); // the deadline kills it
        _ = talk.ContinueWith(ended => ended.Exception, TaskScheduler.Default); // a program that it started may keep its output open
        return deadline.IsCancellationRequested ? $"was killed after {_settings.OnMessageDeadline.TotalSeconds:0.###} s"
            : process.ExitCode != 0 ? $"ended with exit code {process.ExitCode}" : null;
    }

    // The command need not read the text.
    private static async Task Tell(Stream input, string text)
    {
        try
        {
            await using (input)
            {
                await input.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text));
            }
        }
        catch (IOException)
        {
            // It has ended, or has closed its standard input.
        }
    }

    /// <summary>A message has arrived.</summary>
    /// <param name="From">The contact's name.</param>
    /// <param name="Id">The sender's id for it.</param>
    /// <param name="Text">The text.</param>
    public sealed record Arrived(string From, Guid Id, string Text) : ILocalOnly
    {
        /// <summary>Shows everything but the text.</summary>
        public override string ToString() => $"{nameof(Arrived)} {Id} from {From}";
    }

    private sealed record Ended(string? Problem) : ILocalOnly;
}
