// Loads, validates and watches the directory file, and reports each change. When a later load fails, the last good directory stays
// in use. It also finds out where contacts may call from. All work on files and names runs outside the actor.

using System.Net;
using ActorChat.Node.Serialization;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Sealing;
using Akka.Actor;

namespace ActorChat.Node;

/// <summary>The node's contacts.</summary>
public sealed class DirectoryActor : ReceiveActor, IWithTimers
{
    private readonly NodeSettings _settings;
    private readonly HostResolver _resolver;
    private DirectorySource? _source;
    private FileSystemWatcher? _watcher;
    private IActorRef _owner = ActorRefs.Nobody;
    private byte[]? _taken;
    private byte[]? _seen;
    private string? _told;
    private bool _wasGone; // at the last look
    private bool _isReading;
    private bool _mustRead;
    private ContactAddresses _addresses = ContactAddresses.None;
    private bool _isResolving;

    /// <inheritdoc cref="Props(NodeSettings, HostResolver)"/>
    public DirectoryActor(NodeSettings settings, HostResolver resolver)
    {
        _settings = settings;
        _resolver = resolver;
        Receive<Load>(OnLoad);
        Receive<Watching>(OnWatching);
        Receive<Reload>(_ =>
        {
            _told = null;
            _mustRead = true;
            Read();
        });
        Receive<Changed>(_ => LookSoon());
        Receive<Look>(_ => Read());
        Receive<HasRead>(OnRead);
        Receive<Resolve>(_ => ResolveNames());
        Receive<HasResolved>(OnResolved);
    }

    /// <summary>Akka's timers; set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>A directory whose host names the system's resolver looks up.</summary>
    /// <param name="settings">The limits and intervals.</param>
    public static Props Props(NodeSettings settings) => Props(settings, (host, deadline) => Dns.GetHostAddressesAsync(host, deadline));

    /// <summary>A directory with another name service.</summary>
    internal static Props Props(NodeSettings settings, HostResolver resolver) => Akka.Actor.Props.Create(() => new DirectoryActor(settings, resolver));

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _watcher?.Dispose();
        if (!_isReading)
        {
            _source?.Dispose();
        }
    }

    // The file is watched before it is read, so that no change is missed in between.
    private void OnLoad(Load request)
    {
        _owner = Sender;
        _told = null;
        var source = new DirectorySource(request.Path, request.Passphrase, _settings.MaxDirectorySize);
        var self = Self;
        Task.Run(() => source.Watch(() => self.Tell(new Changed()))).PipeTo(
            Self, success: watcher => new Watching(source, watcher), failure: _ => new Watching(source, Watcher: null));
    }

    private void OnWatching(Watching watching)
    {
        _watcher?.Dispose();
        if (!_isReading)
        {
            _source?.Dispose();
        }

        (_source, _watcher) = (watching.Source, watching.Watcher);
        (_taken, _seen) = (null, null);
        Timers.StartPeriodicTimer(nameof(DirectoryActor), new Look(), _settings.DirectoryCheckInterval);
        _mustRead = true;
        Read();
    }

    // Each sign of a change postpones the look, so that a file that is being saved is not read over and over.
    private void LookSoon() => Timers.StartSingleTimer(nameof(Look), new Look(), _settings.DirectorySettleTime);

    private void Read()
    {
        if (_isReading || _source is not { } source)
        {
            return;
        }

        _isReading = true;
        var (taken, seen) = (_taken, _seen);
        Func<Sighting> work = _mustRead ? source.Read : () => source.Look(taken, seen);
        _mustRead = false;
        Task.Run(work).PipeTo(Self, success: sighting => new HasRead(source, sighting));
    }

    private void OnRead(HasRead read)
    {
        _isReading = false;
        if (read.Source == _source)
        {
            Take(read.Sighting);
        }
        else
        {
            read.Source.Dispose();
        }

        if (_mustRead)
        {
            Read();
        }
    }

    private void Take(Sighting sighting)
    {
        var wasGone = _wasGone;
        _wasGone = sighting is Sighting.Gone;
        switch (sighting)
        {
            case Sighting.Nothing when wasGone:
                _told = null; // it is back as it was
                break;
            case Sighting.Gone gone when wasGone:
                TellOnce(gone.Reason);
                break;
            case Sighting.Gone:
                LookSoon();
                break;
            case Sighting.Changing changing:
                _seen = changing.Fingerprint;
                LookSoon();
                break;
            case Sighting.Good good:
                (_taken, _seen, _told) = (good.Fingerprint, null, null);
                _owner.Tell(new Loaded(good.Directory));
                _addresses = _addresses.Of(good.Directory);
                TellAddresses();
                ResolveNames();
                break;
            case Sighting.Bad bad:
                (_taken, _seen, _told) = (bad.Fingerprint, null, null);
                _owner.Tell(new NotLoaded(bad.Reason));
                break;
            case Sighting.NotRead failed:
                OnNotRead(failed);
                break;
        }
    }

    // The reason why a file cannot be read may pass without a change to the file. So it is tried again, and reported once.
    private void OnNotRead(Sighting.NotRead failed)
    {
        if (failed.MayPass)
        {
            _taken = null;
            LookSoon();
        }

        TellOnce(failed.Reason);
    }

    private void TellOnce(string reason)
    {
        if (reason != _told)
        {
            _told = reason;
            _owner.Tell(new NotLoaded(reason));
        }
    }

    private void ResolveNames()
    {
        if (_isResolving || !_addresses.HasNames)
        {
            return;
        }

        _isResolving = true;
        var asked = _addresses;
        Task.Run(() => asked.ResolveAsync(_resolver, _settings.ResolveDeadline)).PipeTo(Self, success: answer => new HasResolved(asked, answer));
    }

    private void OnResolved(HasResolved resolved)
    {
        _isResolving = false;
        if (resolved.Asked != _addresses)
        {
            ResolveNames(); // the directory has changed meanwhile
            return;
        }

        var before = _addresses.All;
        _addresses = resolved.Answer;
        Timers.StartSingleTimer(nameof(Resolve), new Resolve(), _settings.ResolveInterval);
        if (!_addresses.All.ToHashSet().SetEquals(before))
        {
            TellAddresses();
        }
    }

    private void TellAddresses() => _owner.Tell(new AddressesResolved(_addresses.All));

    /// <summary>Load a file and watch it. Answered by <see cref="Loaded"/> or <see cref="NotLoaded"/>, now and whenever the file has changed.</summary>
    /// <param name="Path">The directory file.</param>
    /// <param name="Passphrase">What opens it if it is sealed; null for none. It is not kept once the file is loaded.</param>
    public sealed record Load(string Path, Passphrase? Passphrase) : ILocalOnly
    {
        /// <summary>Shows the path only.</summary>
        public override string ToString() => $"{nameof(Load)} {Path}";
    }

    /// <summary>Load the file again now.</summary>
    public sealed record Reload : IRemotable;

    /// <summary>The file is good, and its contacts replace those from before.</summary>
    /// <param name="Directory">Its contacts.</param>
    public sealed record Loaded(ContactDirectory Directory) : ILocalOnly;

    /// <summary>The file is not good; the contacts from before stay.</summary>
    /// <param name="Reason">File, line, entry, what is wrong and what to do.</param>
    public sealed record NotLoaded(string Reason) : IRemotable;

    /// <summary>Contacts may call from these addresses, which replace those told before. Told after each <see cref="Loaded"/>, and when the addresses of a
    /// host name have changed.</summary>
    public sealed record AddressesResolved(IReadOnlyList<IPAddress> Addresses) : ILocalOnly;

    private sealed record Watching(DirectorySource Source, FileSystemWatcher? Watcher) : ILocalOnly;

    private sealed record Changed : ILocalOnly;

    private sealed record Look : ILocalOnly;

    private sealed record HasRead(DirectorySource Source, Sighting Sighting) : ILocalOnly;

    private sealed record Resolve : ILocalOnly;

    private sealed record HasResolved(ContactAddresses Asked, ContactAddresses Answer) : ILocalOnly;
}
