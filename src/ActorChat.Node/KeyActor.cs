// The node's key arithmetic. Sessions ask here for key agreements; the slow work runs in workers on dispatchers of their own, so that
// no session waits for another's. It keeps what Argon2id made of each password, for the next start too. A name that nobody knows has a
// secret too: a stranger who asks for one gets the same conversation, by the same steps, whether the name is in the directory or not.

using System.Security.Cryptography;
using System.Text;
using ActorChat.Node.Serialization;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using ActorChat.Storage.Sealing;
using Akka.Actor;
using Akka.Event;
using Akka.Routing;

namespace ActorChat.Node;

/// <summary>Caches user secrets and has key agreements run (protocol page, section 4).</summary>
public sealed class KeyActor : ReceiveActor, IWithStash
{
    private const int AgreementWorkers = 2;
    private const int DerivationWorkers = 2;

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<Credential, UserSecret> _ofContacts = [];
    private readonly BoundedCache<Credential, UserSecret> _ofTypedPasswords;
    private readonly Queue<Credential> _urgent = new();
    private readonly Queue<Credential> _background = new();
    private readonly HashSet<Credential> _underDerivation = [];
    private readonly Dictionary<Credential, List<Action<string?>>> _waiting = [];
    private readonly HashSet<Credential> _incomingToPrepare = [];
    private readonly HashSet<Credential> _toPrepare = [];
    private Prepare? _directory;
    private readonly byte[] _decoyKey = new byte[UserSecret.Size];
    private readonly IActorRef _agreements;
    private readonly IActorRef _derivations;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public KeyActor(int maxSecrets, IRandomSource random)
    {
        _ofTypedPasswords = new BoundedCache<Credential, UserSecret>(maxSecrets);
        RandomNumberGenerator.Fill(_decoyKey);
        var worker = Akka.Actor.Props.Create(() => new KeyWorker(random));
        _agreements = Context.ActorOf(worker.WithRouter(new SmallestMailboxPool(AgreementWorkers)).WithDispatcher("key-dispatcher"), "agreements");
        _derivations = Context.ActorOf(worker.WithRouter(new SmallestMailboxPool(DerivationWorkers)).WithDispatcher("derivation-dispatcher"), "derivations");

        Receive<Prepare>(request =>
        {
            _derivations.Tell(new KeyWorker.ReadSecrets(request));
            BecomeStacked(Reading);
        });
        Receive<Initiate>(request => WithSecret(request.Credential, Sender, secret => new KeyWorker.Initiate(secret, request)));
        Receive<Respond>(OnRespond);
        Receive<Complete>(request => _agreements.Forward(request));
        Receive<KeyWorker.Derived>(OnDerived);
        Receive<KeyWorker.NotDerived>(OnNotDerived);
    }

    /// <summary>Akka's stash; set by Akka.</summary>
    public IStash Stash { get; set; } = null!;

    /// <summary>How to make the actor.</summary>
    /// <param name="maxSecrets">How many secrets of typed passwords are kept.</param>
    /// <param name="random">Where private values come from.</param>
    public static Props Props(int maxSecrets, IRandomSource random) => Akka.Actor.Props.Create(() => new KeyActor(maxSecrets, random));

    /// <inheritdoc/>
    protected override void PostStop()
    {
        foreach (var secret in _ofTypedPasswords.Values.Concat(_ofContacts.Values))
        {
            secret.Dispose();
        }

        _directory?.File.Dispose();
        CryptographicOperations.ZeroMemory(_decoyKey);
    }

    // What an earlier start has derived is read before anything else is done.
    private void Reading()
    {
        Receive<KeyWorker.SecretsRead>(read =>
        {
            UseContacts(read.Request, read.Secrets);
            UnbecomeStacked();
            Stash.UnstashAll();
        });
        ReceiveAny(_ => Stash.Stash());
    }

    // Has the secrets of the whole directory derived ahead of time, those for incoming conversations first: what a stranger sends must not
    // make this node run Argon2id. They are kept as long as the directory holds them.
    private void UseContacts(Prepare request, IReadOnlyList<UserSecret>? kept)
    {
        _directory = request;
        HashSet<Credential> credentials = [.. request.Credentials];
        foreach (var (credential, secret) in _ofContacts.Where(known => !credentials.Contains(known.Key)).ToArray())
        {
            _ofContacts.Remove(credential);
            secret.Dispose();
        }

        foreach (var (credential, secret) in request.Credentials.Zip(kept ?? []))
        {
            if (!_ofContacts.TryAdd(credential, secret))
            {
                secret.Dispose();
            }
        }

        _toPrepare.Clear();
        _toPrepare.UnionWith(credentials.Where(credential => !TryGetSecret(credential, out _)));
        _incomingToPrepare.Clear();
        _incomingToPrepare.UnionWith(request.Incoming.Where(_toPrepare.Contains));
        _background.Clear();
        foreach (var credential in request.Credentials.Where(_toPrepare.Contains))
        {
            _background.Enqueue(credential);
        }

        StartDerivations();
    }

    private bool TryGetSecret(Credential credential, out UserSecret secret) =>
        _ofContacts.TryGetValue(credential, out secret!) || _ofTypedPasswords.TryGet(credential, out secret);

    // Until the contacts' secrets are all there, every dh_1 waits for one derivation: a contact whose secret is missing for that one, and
    // everybody else, known or not, for the next that was to be made anyway. So the waiting does not tell who is known, a stranger causes
    // no work that would not be done without him, and a contact does not wait for all the others.
    private void OnRespond(Respond request)
    {
        var from = Sender;
        if (_incomingToPrepare.Count == 0)
        {
            AnswerInTheSameWay(request, from);
            return;
        }

        var awaited = request.Credential is { } own && !TryGetSecret(own, out _) ? own : NextInBackground() ?? _underDerivation.First();
        AwaitDerivation(awaited, _ => AnswerInTheSameWay(request, from));
    }

    // The decoy is computed for known names too, so that both kinds take the same steps and the same time. It is the same for a name
    // as long as the process runs: a secret that changed would tell that there is none.
    private void AnswerInTheSameWay(Respond request, IActorRef from)
    {
        var decoy = new UserSecret(HMACSHA256.HashData(_decoyKey, Encoding.UTF8.GetBytes(request.InitiatorName)));
        if (request.Credential is { } credential)
        {
            decoy.Dispose();
            WithSecret(credential, from, secret => new KeyWorker.Respond(secret, request));
        }
        else
        {
            _agreements.Tell(new KeyWorker.Respond(decoy, request), from);
        }
    }

    private void WithSecret(Credential credential, IActorRef from, Func<UserSecret, object> work)
    {
        if (TryGetSecret(credential, out var secret))
        {
            _agreements.Tell(work(secret.Copy()), from);
            return;
        }

        AwaitDerivation(credential, failure =>
        {
            if (failure is null)
            {
                WithSecret(credential, from, work);
            }
            else
            {
                from.Tell(new Failed(failure));
            }
        });
    }

    // What somebody waits for goes before what is only prepared.
    private void AwaitDerivation(Credential credential, Action<string?> then)
    {
        if (!_waiting.TryGetValue(credential, out var others))
        {
            _waiting.Add(credential, others = []);
        }

        others.Add(then);
        _urgent.Enqueue(credential);
        StartDerivations();
    }

    private void StartDerivations()
    {
        while (_underDerivation.Count < DerivationWorkers && (NextOf(_urgent) ?? NextInBackground()) is { } credential)
        {
            _underDerivation.Add(credential);
            _derivations.Tell(new KeyWorker.Derive(credential));
        }
    }

    private Credential? NextInBackground() => NextOf(_background);

    // A credential may stand in a queue more than once, or be derived already.
    private Credential? NextOf(Queue<Credential> queue)
    {
        while (queue.TryDequeue(out var credential))
        {
            if (!_underDerivation.Contains(credential) && !TryGetSecret(credential, out _))
            {
                return credential;
            }
        }

        return null;
    }

    private void OnDerived(KeyWorker.Derived derived)
    {
        if (_toPrepare.Contains(derived.Credential))
        {
            _ofContacts.Add(derived.Credential, derived.Secret);
        }
        else
        {
            _ofTypedPasswords.Add(derived.Credential, derived.Secret)?.Dispose();
        }

        AfterDerivation(derived.Credential, failure: null);
    }

    private void OnNotDerived(KeyWorker.NotDerived failed)
    {
        _log.Error("The secret for {0} cannot be derived: {1}", failed.Credential, failed.Reason);
        AfterDerivation(failed.Credential, failed.Reason);
    }

    private void AfterDerivation(Credential credential, string? failure)
    {
        _underDerivation.Remove(credential);
        _incomingToPrepare.Remove(credential);
        if (_toPrepare.Remove(credential) && _toPrepare.Count == 0)
        {
            KeepSecrets();
        }

        if (_waiting.Remove(credential, out var waiting))
        {
            waiting.ForEach(then => then(failure));
        }

        StartDerivations();
    }

    private void KeepSecrets()
    {
        UserSecret[] secrets = [.. _directory!.Credentials.Select(credential => TryGetSecret(credential, out var secret) ? secret.Copy() : null).OfType<UserSecret>()];
        _derivations.Tell(new KeyWorker.WriteSecrets(_directory, secrets));
    }

    /// <summary>What a user secret is made of.</summary>
    /// <param name="Profile">The profile that derives it.</param>
    /// <param name="Password">The password shared with the contact.</param>
    /// <param name="InitiatorName">The user name in dh_1.</param>
    public sealed record Credential(IProfile Profile, string Password, string InitiatorName) : ILocalOnly
    {
        /// <summary>Shows the name only.</summary>
        public override string ToString() => InitiatorName;
    }

    /// <summary>Have the secrets of these ready, from the file or derived in the background, and forget those of an earlier directory.</summary>
    /// <param name="Incoming">For conversations that contacts begin.</param>
    /// <param name="Outgoing">For conversations that we begin.</param>
    /// <param name="File">Where they are kept from one start to the next.</param>
    /// <param name="Fingerprint">32 bytes that stand for the directory and our own name.</param>
    public sealed record Prepare(IReadOnlyList<Credential> Incoming, IReadOnlyList<Credential> Outgoing, SecretsFile File, byte[] Fingerprint) : ILocalOnly
    {
        /// <summary>All of them, in the order of the file.</summary>
        public IEnumerable<Credential> Credentials => Incoming.Concat(Outgoing);
    }

    /// <summary>Begin a key agreement. Answered by <see cref="Initiated"/> or <see cref="Failed"/>.</summary>
    /// <param name="Credential">The contact's password and our own name.</param>
    /// <param name="Timestamp">For the dh_1, in seconds since the Unix epoch.</param>
    public sealed record Initiate(Credential Credential, double Timestamp) : ILocalOnly;

    /// <summary>Complete a key agreement that was begun. Answered by <see cref="Agreed"/>, <see cref="Refused"/> or <see cref="Failed"/>.</summary>
    /// <param name="Initiation">What <see cref="Initiated"/> brought.</param>
    /// <param name="Dh2">The responder's PDU.</param>
    public sealed record Complete(IInitiation Initiation, Pdu Dh2) : ILocalOnly;

    /// <summary>Answer a dh_1. Answered by <see cref="Agreed"/>, <see cref="Refused"/> or <see cref="Failed"/>.</summary>
    /// <param name="Profile">The profile to speak.</param>
    /// <param name="InitiatorName">The user name in the dh_1.</param>
    /// <param name="Credential">The contact's credential; null when nobody has this name.</param>
    /// <param name="Dh1">The initiator's PDU.</param>
    /// <param name="ResponderName">Our own name as the contact knows it.</param>
    /// <param name="Timestamp">For the dh_2, in seconds since the Unix epoch.</param>
    public sealed record Respond(IProfile Profile, string InitiatorName, Credential? Credential, Pdu Dh1, string ResponderName, double Timestamp) : ILocalOnly;

    /// <summary>A key agreement has begun. The receiver owns it.</summary>
    public sealed record Initiated(IInitiation Initiation) : ILocalOnly;

    /// <summary>The keys are agreed. The receiver owns them.</summary>
    public sealed record Agreed(Agreement Agreement) : ILocalOnly;

    /// <summary>The peer's body is malformed or its public value must be refused.</summary>
    public sealed record Refused : IRemotable;

    /// <summary>This side could not do its part.</summary>
    /// <param name="Reason">Why, without secrets.</param>
    public sealed record Failed(string Reason) : IRemotable;
}
