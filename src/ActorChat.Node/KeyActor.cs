// The only actor that uses passwords. It knows the contacts by name and answers two requests: agree keys with this dh_1, and begin a key agreement
// with this recipient. How long a guess waits, who is known, what secret a name has and the arithmetic (a third of a millisecond) are all
// in here. No message carries a password out of it, and only Initiated carries a user secret: a copy, which completes the agreement with the dh_2.
// Outside the actor run only Argon2id, one password at a time, and the secrets file.

using System.Net;
using System.Security.Cryptography;
using System.Text;
using ActorChat.Node.Limits;
using ActorChat.Node.Serialization;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Sealing;
using Akka.Actor;
using Akka.Event;

namespace ActorChat.Node;

/// <summary>Agrees keys (protocol page, sections 4 and 6), and keeps the user secrets for that.</summary>
/// <remarks>
/// <para>
/// While secrets for incoming conversations are still to be derived, the time of the answer to a dh_1 must not tell whether its name is known, and
/// a contact must not wait for all the others. The rule: the first dh_1 of a name is answered when <c>keys.turn</c> derivations have ended since it
/// came, or when nothing is missing any more. Every later dh_1 of that name is answered at the same time as the first. What is derived meanwhile does
/// not show: first what a waiting contact needs, then the next in the directory's order.
/// </para>
/// <para>
/// Why this reveals nothing: derivations follow one another without a gap, each takes the same time for every name, and their total number
/// depends on the directory only. A name's turn is counted in derivations from its first dh_1, by the same rule for every name. The answer
/// to an unknown name uses its decoy, and so does the answer to a known name whose secret is still missing at its turn.
/// </para>
/// <para>
/// Why strangers do not hold contacts up: nothing is derived for an unknown name, so a waiting contact's secret is the next to be derived however many
/// strangers come. A stranger who uses a contact's name has that contact's secret derived earlier, once, and only while he stays connected. It takes
/// more than half of <c>keys.turn</c> such names at once to make another contact miss its turn. That contact is answered as if its password were
/// wrong, and gets through when it calls again.
/// </para>
/// <para>
/// A name has one profile, the one of its entry. In any other profile it is unknown. In a profile whose secrets take no time to derive nothing is
/// ever missing, so its dh_1 is answered at once, for every name.
/// </para>
/// </remarks>
public sealed class KeyActor : ReceiveActor, IWithTimers
{
    // Fewer derivations than this take less than two seconds, so the user is not told of them.
    private const int MinToldMissing = 16;

    private readonly NodeSettings _settings;
    private readonly TimeProvider _clock;
    private readonly IRandomSource _random;
    private readonly KnownProfiles _profiles;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly AgreementOptions _options;
    private readonly UserSecrets _secrets;
    private readonly Guesses _guesses;
    private readonly GuessCounts<string> _failedConfirmations;
    private readonly byte[] _decoyKey = new byte[UserSecret.Size];
    private readonly List<Request> _waiting = [];
    private readonly BoundedCache<string, long> _turns;
    private ContactDirectory _contacts = ContactDirectory.Empty;
    private string _ownName = "";
    private SecretsFile? _file;
    private Task _fileWork = Task.CompletedTask;
    private bool _isReading;
    private bool _isWriting;
    private bool _hasUnwritten;
    private bool _isDeriving;
    private bool _lastWasOurs;
    private long _derivations;
    private int _toldMissing;

    /// <inheritdoc cref="Props(NodeSettings, TimeProvider, IRandomSource, KnownProfiles)"/>
    public KeyActor(NodeSettings settings, TimeProvider clock, IRandomSource random, KnownProfiles profiles)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(profiles);
        _settings = settings;
        _clock = clock;
        _random = random;
        _profiles = profiles;
        _options = new AgreementOptions(settings.TextsPerConversation, settings.PostQuantum);
        _secrets = new UserSecrets(settings.MaxSecrets);
        _guesses = new Guesses(settings.Guesses);
        _failedConfirmations = new GuessCounts<string>(settings.Guesses);
        _turns = new BoundedCache<string, long>(settings.Guesses.Remembered);
        RandomNumberGenerator.Fill(_decoyKey);

        Receive<UseContacts>(OnUseContacts);
        Receive<Agree>(OnAgree);
        Receive<HasProved>(proved => _guesses.Proved(proved.Name, proved.From));
        Receive<Initiate>(OnInitiate);
        Receive<KeyConfirmation>(OnKeyConfirmation);
        Receive<MayGoOn>(held =>
        {
            held.Request.IsHeld = false;
            AnswerThoseWhoseTimeHasCome();
        });
        Receive<Terminated>(gone => DropRequestsOf(gone.ActorRef));
        Receive<Derived>(OnDerived);
        Receive<NotDerived>(OnNotDerived);
        Receive<SecretsRead>(OnSecretsRead);
        Receive<SecretsWritten>(OnSecretsWritten);
        Receive<MayWrite>(_ => WriteSecrets());
        Receive<DeadLetter>(letter => letter.Message is Agreed or Initiated, letter => ((IDisposable)letter.Message).Dispose()); // its session is gone
    }

    /// <summary>Akka's timers; set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    // Whether a dh_1 may have to wait for its contact's secret.
    private bool IsPreparing => _isReading || _secrets.IsIncomingMissing;

    private TimeSpan Now => _clock.GetElapsedTime(0);

    /// <summary>The keys of a node that has all profiles.</summary>
    /// <param name="settings">The limits.</param>
    /// <param name="clock">The wall clock for timestamps, and its monotonic time for the waits.</param>
    /// <param name="random">Where private values come from.</param>
    public static Props Props(NodeSettings settings, TimeProvider clock, IRandomSource random) => Props(settings, clock, random, KnownProfiles.All);

    /// <summary>The keys of a node that has these profiles.</summary>
    internal static Props Props(NodeSettings settings, TimeProvider clock, IRandomSource random, KnownProfiles profiles) =>
        Akka.Actor.Props.Create(() => new KeyActor(settings, clock, random, profiles));

    /// <inheritdoc/>
    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _secrets.Dispose();
        CryptographicOperations.ZeroMemory(_decoyKey);
        if (_file is { } file)
        {
            _fileWork.ContinueWith(_ => file.Dispose(), TaskScheduler.Default);
        }
    }

    // An entry with our own name is left out: somebody who calls in our name is a stranger.
    private void OnUseContacts(UseContacts request)
    {
        _contacts = request.Contacts.Without(request.OwnName);
        _ownName = request.OwnName;
        Credential[] incoming = [.. _contacts.Contacts.Select(OfIncoming)];
        _hasUnwritten |= _secrets.Use(incoming, _contacts.Contacts.Select(
            contact => new Credential(_profiles.Named(contact.Profile), contact.Password, contact.As ?? _ownName)));
        if (request.Secrets is { } file && _file is null)
        {
            _file = file;
            _isReading = true;
            var reading = Task.Run(file.Read);
            _fileWork = reading;
            reading.PipeTo(Self, success: records => new SecretsRead(records, Problem: null), failure: e => new SecretsRead([], e.GetBaseException().Message));
        }

        GoOn();
    }

    // Without the file everything is derived again, which is only slower.
    private void OnSecretsRead(SecretsRead read)
    {
        _isReading = false;
        if (read.Problem is not null)
        {
            _log.Warning("The secrets derived earlier cannot be read, so they are derived again: {0}", read.Problem);
        }

        _hasUnwritten |= _secrets.AddKept(read.Records, _file!);
        GoOn();
    }

    // Step 1. A name that no directory can hold is refused. The wait for guesses and the wait for the name's turn follow the same rules for every
    // name, known or not, and run at the same time.
    private void OnAgree(Agree request)
    {
        var name = request.Offer.InitiatorName;
        if (DirectoryReader.ProblemWithName(name) is not null)
        {
            Sender.Tell(new Refused());
            return;
        }

        var profile = _profiles.Named(request.Offer.Profile);
        Take(new Incoming(Sender, request.Offer, profile, profile.DerivesSlowly ? TurnOf(name) : _derivations), _guesses.Guess(name, request.From, Now));
    }

    private long TurnOf(string name)
    {
        if (!IsPreparing)
        {
            return _derivations;
        }

        if (!_turns.TryGet(name, out var turn))
        {
            turn = _derivations + _settings.KeyTurn;
            _turns.Add(name, turn);
        }

        return turn;
    }

    private void OnInitiate(Initiate request)
    {
        var recipient = request.Recipient;
        if ((recipient.TypedPassword ?? ContactOf(recipient)?.Password) is { } password)
        {
            Take(new Outgoing(Sender, new Credential(_profiles.Named(recipient.Profile), password, recipient.OwnName), RequiresPostQuantum(recipient.RequiresPostQuantum)), _failedConfirmations.WaitOfNext(recipient.Address, Now));
        }
        else
        {
            Sender.Tell(new Failed($"{Printable.Line(recipient.Label)} is not in the directory any more, or with another profile"));
        }
    }

    // The contact's entry must still name the profile that the session was begun for.
    private Contact? ContactOf(Recipient recipient) =>
        recipient.ContactName is { } name && _contacts.Find(name) is { } contact && contact.Profile == recipient.Profile ? contact : null;

    // Whoever answers at a contact's address has one guess at the password for each conversation that we begin.
    private void OnKeyConfirmation(KeyConfirmation confirmation)
    {
        if (confirmation.Good)
        {
            _failedConfirmations.Forget(confirmation.Recipient.Address);
        }
        else
        {
            _failedConfirmations.Guess(confirmation.Recipient.Address, Now);
        }
    }

    private void Take(Request request, TimeSpan wait)
    {
        request.IsHeld = wait > TimeSpan.Zero;
        if (MayAnswer(request))
        {
            Answer(request);
            return;
        }

        if (_waiting.Count >= _settings.MaxWaitingForKeys)
        {
            request.Asker.Tell(new Failed("too many conversations wait for their keys"));
            return;
        }

        _waiting.Add(request);
        Context.Watch(request.Asker);
        if (request.IsHeld)
        {
            Timers.StartSingleTimer(request, new MayGoOn(request), wait);
        }

        StartDerivation();
    }

    private bool MayAnswer(Request request) => !request.IsHeld && request switch
    {
        Incoming incoming => !IsPreparing || _derivations >= incoming.Turn,
        Outgoing outgoing => _secrets.Find(outgoing.Credential) is not null,
        _ => true,
    };

    private void AnswerThoseWhoseTimeHasCome()
    {
        foreach (var request in _waiting.Where(MayAnswer).ToArray())
        {
            Remove(request);
            Answer(request);
        }
    }

    private void Remove(Request request)
    {
        _waiting.Remove(request);
        Timers.Cancel(request);
        if (!_waiting.Exists(other => other.Asker.Equals(request.Asker)))
        {
            Context.Unwatch(request.Asker);
        }
    }

    private void DropRequestsOf(IActorRef asker)
    {
        foreach (var request in _waiting.Where(request => request.Asker.Equals(asker)).ToArray())
        {
            Remove(request);
        }
    }

    // The session must hear of a failure now, not at its deadline.
    private void Answer(Request request)
    {
        try
        {
            request.Asker.Tell(request is Incoming incoming ? AnswerTo(incoming) : Begin((Outgoing)request));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _log.Error(e, "Key arithmetic failed");
            request.Asker.Tell(new Failed(e.Message));
        }
    }

    // The decoy is computed for known names too, so that both kinds take the same steps and the same time. A name keeps its decoy as long as the
    // process runs: a secret that changed would show that the name is unknown. A dh_1 that cannot lead to required post-quantum keys is answered with
    // the decoy too, as a wrong password would be, so the answer does not tell who requires them.
    private object AnswerTo(Incoming request)
    {
        using var decoy = new UserSecret(HMACSHA256.HashData(_decoyKey, Encoding.UTF8.GetBytes(request.Offer.InitiatorName)));
        var credential = CredentialOf(request);
        var isPostQuantum = request.Offer.IsPostQuantum && _settings.PostQuantum != PostQuantum.Off;
        var isGoodEnough = isPostQuantum || !RequiresPostQuantum(_contacts.Find(request.Offer.InitiatorName) is { RequiresPostQuantum: true });
        var secret = _secrets.FindOfContact(credential) is { } found && isGoodEnough ? found : decoy;
        if (_secrets.IsMissingIncoming(credential))
        {
            _secrets.Prefer(credential); // it has missed its turn, and must not miss the next
        }

        return request.Profile.Respond(secret, request.Offer, _ownName, Timestamp.Now(_clock), _random, _options) is { } agreement
            ? new Agreed(agreement, request.Offer.InitiatorName)
            : new Refused();
    }

    private Initiated Begin(Outgoing request) => new(
        request.Credential.Profile.Initiate(_secrets.Find(request.Credential)!, request.Credential.InitiatorName, Timestamp.Now(_clock), _random, _options),
        request.RequiresPostQuantum);

    private bool RequiresPostQuantum(bool inItsEntry) => inItsEntry || _settings.PostQuantum == PostQuantum.Required;

    // A stranger gets a credential too, so that the look-up is the same as for a contact. It is never found, since no contact's password is empty.
    private Credential CredentialOf(Incoming request) =>
        _contacts.Find(request.Offer.InitiatorName) is { } contact && contact.Profile == request.Profile.Name
            ? OfIncoming(contact)
            : new Credential(request.Profile, Password: "", request.Offer.InitiatorName);

    private Credential OfIncoming(Contact contact) => new(_profiles.Named(contact.Profile), contact.Password, contact.Username);

    private void GoOn()
    {
        if (!IsPreparing)
        {
            _turns.Clear();
        }

        AnswerThoseWhoseTimeHasCome();
        WriteSecrets();
        StartDerivation();
        TellProgress();
    }

    // Many new passwords take so long that the user should know why the processor is busy.
    private void TellProgress()
    {
        var missing = _isReading ? 0 : _secrets.Missing;
        if (missing != _toldMissing && (_toldMissing > 0 || missing >= MinToldMissing))
        {
            _toldMissing = missing;
            Context.Parent.Tell(new Preparing(missing));
        }
    }

    private void StartDerivation()
    {
        if (_isDeriving || _isReading || NextToDerive() is not { } credential)
        {
            return;
        }

        _isDeriving = true;
        LowPriority.Run(credential.Derive).PipeTo(
            Self, success: secret => new Derived(credential, secret), failure: e => new NotDerived(credential, e.GetBaseException().Message));
    }

    // What somebody waits for comes before what is only prepared. Our own calls and those of contacts take turns.
    private Credential? NextToDerive()
    {
        var ours = _waiting.OfType<Outgoing>().Select(request => request.Credential).FirstOrDefault(credential => _secrets.Find(credential) is null);
        var theirs = _waiting.OfType<Incoming>().Select(CredentialOf).FirstOrDefault(_secrets.IsMissingIncoming);
        _lastWasOurs = ours is not null && (theirs is null || !_lastWasOurs);
        return (_lastWasOurs ? ours : theirs) ?? _secrets.NextToDerive();
    }

    private void OnDerived(Derived derived)
    {
        _isDeriving = false;
        _derivations++;
        _hasUnwritten |= _secrets.Add(derived.Credential, derived.Secret);
        GoOn();
    }

    // A contact without a secret is answered as a stranger is: a failure that only contacts get would reveal who is one.
    private void OnNotDerived(NotDerived failed)
    {
        _isDeriving = false;
        _derivations++;
        _log.Error("The secret for {0} cannot be derived: {1}", failed.Credential, failed.Reason);
        _secrets.GiveUp(failed.Credential);
        foreach (var request in _waiting.OfType<Outgoing>().Where(request => request.Credential == failed.Credential).ToArray())
        {
            Remove(request);
            request.Asker.Tell(new Failed(failed.Reason));
        }

        GoOn();
    }

    // The first new secret is written at once, the next ones together after a while.
    private void WriteSecrets()
    {
        if (!_hasUnwritten || _isWriting || _isReading || _file is not { } file || Timers.IsTimerActive(nameof(MayWrite)))
        {
            return;
        }

        _hasUnwritten = false;
        _isWriting = true;
        Timers.StartSingleTimer(nameof(MayWrite), new MayWrite(), _settings.SecretsWriteInterval);
        var records = _secrets.Records(file);
        var writing = Task.Run(() =>
        {
            file.Write(records);
            CryptographicOperations.ZeroMemory(records);
        });
        _fileWork = writing;
        writing.PipeTo(Self, success: () => new SecretsWritten(Problem: null), failure: e => new SecretsWritten(e.GetBaseException().Message));
    }

    private void OnSecretsWritten(SecretsWritten written)
    {
        _isWriting = false;
        if (written.Problem is not null)
        {
            _log.Warning("The derived secrets cannot be kept, so the next start derives them again: {0}", written.Problem);
        }

        WriteSecrets();
    }

    /// <summary>To the parent: how many secrets of the directory are still to be derived, an eighth of a second each. Told once there are many, and then until none is left.</summary>
    public sealed record Preparing(int Missing) : ILocalOnly;

    /// <summary>Use these contacts from now on. Their secrets are read or derived; those of contacts that are gone are dropped.</summary>
    /// <param name="Contacts">The directory; an entry with our own name is left out.</param>
    /// <param name="OwnName">Our name in each dh_2.</param>
    /// <param name="Secrets">Where secrets are kept from one start to the next; the actor owns it. Null where nothing is kept.</param>
    public sealed record UseContacts(ContactDirectory Contacts, string OwnName, SecretsFile? Secrets) : ILocalOnly;

    /// <summary>Agree keys with whoever sent this. Answered by <see cref="Agreed"/>, <see cref="Refused"/> or <see cref="Failed"/>, with a delay after wrong
    /// guesses and while secrets are still to be derived. A request whose session has ended is dropped.</summary>
    /// <param name="Offer">What the initiator's dh_1 says.</param>
    /// <param name="From">Where it came from.</param>
    public sealed record Agree(Offer Offer, IPAddress From) : ILocalOnly;

    /// <summary>This dh_1 was no guess: its sender has proved that it knows the password.</summary>
    /// <param name="Name">The user name in the dh_1.</param>
    /// <param name="From">Where it came from.</param>
    public sealed record HasProved(string Name, IPAddress From) : ILocalOnly;

    /// <summary>Begin a key agreement. Answered by <see cref="Initiated"/> or <see cref="Failed"/>, with a delay after failed key confirmations at that address.</summary>
    /// <param name="Recipient">With whom. Its typed password is used, or else the contact's.</param>
    public sealed record Initiate(Recipient Recipient) : ILocalOnly;

    /// <summary>A conversation that we began has shown whether the other side has the same keys. If not, the next one with that address waits,
    /// as incoming guesses do; if so, nothing is held against that address any more.</summary>
    /// <param name="Recipient">With whom.</param>
    /// <param name="Good">Whether it had the same keys, and so knows the password.</param>
    public sealed record KeyConfirmation(Recipient Recipient, bool Good) : ILocalOnly;

    /// <summary>A key agreement has begun. The receiver owns it.</summary>
    /// <param name="Initiation">The dh_1, and what completes it.</param>
    /// <param name="RequiresPostQuantum">Whether keys without ML-KEM-768 will not do.</param>
    public sealed record Initiated(IInitiation Initiation, bool RequiresPostQuantum = false) : ILocalOnly, IDisposable
    {
        /// <summary>Clears the private value and the copy of the user secret, for when nobody waits for them any more.</summary>
        public void Dispose() => Initiation.Dispose();
    }

    /// <summary>The keys are agreed. The receiver owns them.</summary>
    /// <param name="Agreement">The dh_2 to send, and the keys.</param>
    /// <param name="InitiatorName">The user name in the dh_1, which is not proved yet.</param>
    public sealed record Agreed(Agreement Agreement, string InitiatorName) : ILocalOnly, IDisposable
    {
        /// <summary>Clears the keys, for when nobody waits for them any more.</summary>
        public void Dispose() => Agreement.Keys.Dispose();
    }

    /// <summary>The dh_1's name is impossible, or its public value must be refused.</summary>
    public sealed record Refused : IRemotable;

    /// <summary>This side could not do its part.</summary>
    /// <param name="Reason">Why, without secrets.</param>
    public sealed record Failed(string Reason) : IRemotable;

    private sealed record MayGoOn(Request Request) : ILocalOnly;

    private sealed record MayWrite : ILocalOnly;

    private sealed record Derived(Credential Credential, UserSecret Secret) : ILocalOnly;

    private sealed record NotDerived(Credential Credential, string Reason) : ILocalOnly;

    private sealed record SecretsRead(byte[] Records, string? Problem) : ILocalOnly;

    private sealed record SecretsWritten(string? Problem) : ILocalOnly;

    // A request that is not answered yet, compared by identity: one asker may have several.
    private abstract class Request(IActorRef asker)
    {
        public IActorRef Asker => asker;

        // Whether it waits because of wrong guesses.
        public bool IsHeld { get; set; }
    }

    // Turn: how many derivations must have ended before its name is answered.
    private sealed class Incoming(IActorRef asker, Offer offer, IProfile profile, long turn) : Request(asker)
    {
        public Offer Offer => offer;

        public IProfile Profile => profile;

        public long Turn => turn;
    }

    private sealed class Outgoing(IActorRef asker, Credential credential, bool requiresPostQuantum) : Request(asker)
    {
        public Credential Credential => credential;

        public bool RequiresPostQuantum => requiresPostQuantum;
    }
}
