// Says when a conversation may go on: a stranger's key agreement waits after a few wrong guesses, a contact's text when there were too many
// in a minute. It never says no to a person who waits his turn. What can be refused at once, before it costs anything, the listener refuses.

using System.Net;
using ActorChat.Node.Limits;
using ActorChat.Node.Serialization;
using Akka.Actor;

namespace ActorChat.Node;

/// <summary>Slows guesses and floods.</summary>
public sealed class ThrottleActor : ReceiveActor
{
    private readonly NodeSettings _settings;
    private readonly TimeProvider _clock;
    private readonly Guesses _guesses;
    private readonly BoundedCache<string, TokenBucket> _texts;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public ThrottleActor(NodeSettings settings, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _clock = clock;
        _guesses = new Guesses(settings.Guesses);
        _texts = new BoundedCache<string, TokenBucket>(settings.Guesses.Remembered);
        Receive<MayAgree>(request => Answer(_guesses.Count(request.Name, request.Address, Now)));
        Receive<HasProved>(request => _guesses.Proved(request.Name, request.Address));
        Receive<MayStore>(OnMayStore);
    }

    /// <summary>How to make the actor.</summary>
    /// <param name="settings">The limits.</param>
    /// <param name="clock">Its monotonic time is used, never the wall clock.</param>
    public static Props Props(NodeSettings settings, TimeProvider clock) => Akka.Actor.Props.Create(() => new ThrottleActor(settings, clock));

    private TimeSpan Now => _clock.GetElapsedTime(0);

    // A minute's texts may come at once; then one by one, as the bucket fills. Who is one at a time only notices that it takes longer.
    private void OnMayStore(MayStore request)
    {
        if (!_texts.TryGet(request.Name, out var texts))
        {
            texts = new TokenBucket(_settings.TextsPerMinute / 60.0, _settings.TextsPerMinute);
            _texts.Add(request.Name, texts);
        }

        var wait = texts.Take(Now);
        if (wait > _settings.MaxTextWait)
        {
            texts.GiveBack();
            Sender.Tell(new TooMany());
        }
        else
        {
            Answer(wait);
        }
    }

    private void Answer(TimeSpan wait)
    {
        if (wait == TimeSpan.Zero)
        {
            Sender.Tell(new GoOn());
        }
        else
        {
            Context.System.Scheduler.ScheduleTellOnce(wait, Sender, new GoOn(), Self);
        }
    }

    /// <summary>Somebody calls in this name; it may be a guess. Answered by <see cref="GoOn"/>, at once or in a while.</summary>
    public sealed record MayAgree(string Name, IPAddress Address) : ILocalOnly;

    /// <summary>It was no guess.</summary>
    public sealed record HasProved(string Name, IPAddress Address) : ILocalOnly;

    /// <summary>A contact has sent a text. Answered by <see cref="GoOn"/>, at once or in a while, or by <see cref="TooMany"/>.</summary>
    public sealed record MayStore(string Name) : IRemotable;

    /// <summary>Go on now.</summary>
    public sealed record GoOn : IRemotable;

    /// <summary>So many wait already that this one cannot.</summary>
    public sealed record TooMany : IRemotable;
}
