// The node's key arithmetic. Sessions ask here for key agreements; the slow work runs in workers on dispatchers of their own, so that
// no session waits for another's. It keeps what Argon2id made of each password. A name that nobody knows has a secret too: a stranger
// who asks for one gets the same conversation, by the same steps, whether the name is in the directory or not.

using System.Security.Cryptography;
using System.Text;
using ActorChat.Node.Serialization;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using Akka.Actor;
using Akka.Event;
using Akka.Routing;

namespace ActorChat.Node;

/// <summary>Caches user secrets and has key agreements run (protocol page, section 4).</summary>
public sealed class KeyActor : ReceiveActor
{
    private const int AgreementWorkers = 2;

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly BoundedCache<Credential, UserSecret> _secrets;
    private readonly Dictionary<Credential, List<Waiting>> _underDerivation = [];
    private readonly HashSet<Credential> _toPrepare = [];
    private readonly List<(Respond Request, IActorRef From)> _heldBack = [];
    private readonly byte[] _decoyKey = new byte[UserSecret.Size];
    private readonly IActorRef _agreements;
    private readonly IActorRef _derivations;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public KeyActor(int maxSecrets, IRandomSource random)
    {
        _secrets = new BoundedCache<Credential, UserSecret>(maxSecrets);
        RandomNumberGenerator.Fill(_decoyKey);
        var worker = Akka.Actor.Props.Create(() => new KeyWorker(random));
        _agreements = Context.ActorOf(worker.WithRouter(new SmallestMailboxPool(AgreementWorkers)).WithDispatcher("key-dispatcher"), "agreements");
        _derivations = Context.ActorOf(worker.WithDispatcher("derivation-dispatcher"), "derivations");

        Receive<Prepare>(OnPrepare);
        Receive<Initiate>(request => WithSecret(request.Credential, new Waiting(secret => new KeyWorker.Initiate(secret, request), Sender)));
        Receive<Respond>(OnRespond);
        Receive<Complete>(request => _agreements.Forward(request));
        Receive<KeyWorker.Derived>(OnDerived);
        Receive<KeyWorker.NotDerived>(OnNotDerived);
    }

    /// <summary>How to make the actor.</summary>
    /// <param name="maxSecrets">The bound of the cache.</param>
    /// <param name="random">Where private values come from.</param>
    public static Props Props(int maxSecrets, IRandomSource random) => Akka.Actor.Props.Create(() => new KeyActor(maxSecrets, random));

    /// <inheritdoc/>
    protected override void PostStop()
    {
        foreach (var secret in _secrets.Values)
        {
            secret.Dispose();
        }

        CryptographicOperations.ZeroMemory(_decoyKey);
    }

    // Derives the secrets of the whole directory ahead of time, those for incoming conversations first: what a stranger sends must not
    // make this node run Argon2id, and a known name must not answer later than an unknown one because its secret is still being made.
    private void OnPrepare(Prepare request)
    {
        foreach (var credential in request.Incoming.Where(credential => !_secrets.TryGet(credential, out _)))
        {
            _toPrepare.Add(credential);
            WithSecret(credential, waiting: null);
        }

        foreach (var credential in request.Outgoing)
        {
            WithSecret(credential, waiting: null);
        }
    }

    private void OnRespond(Respond request)
    {
        if (_toPrepare.Count > 0)
        {
            _heldBack.Add((request, Sender)); // bounded by the listener's limit on connections
            return;
        }

        AnswerInTheSameWay(request, Sender);
    }

    // The decoy is computed for known names too, so that both kinds take the same steps and the same time. It is the same for a name
    // as long as the process runs: a secret that changed would tell that there is none.
    private void AnswerInTheSameWay(Respond request, IActorRef from)
    {
        var decoy = new UserSecret(HMACSHA256.HashData(_decoyKey, Encoding.UTF8.GetBytes(request.InitiatorName)));
        if (request.Credential is { } credential)
        {
            decoy.Dispose();
            WithSecret(credential, new Waiting(secret => new KeyWorker.Respond(secret, request), from));
        }
        else
        {
            _agreements.Tell(new KeyWorker.Respond(decoy, request), from);
        }
    }

    private void WithSecret(Credential credential, Waiting? waiting)
    {
        if (_secrets.TryGet(credential, out var secret))
        {
            if (waiting is not null)
            {
                _agreements.Tell(waiting.Work(secret.Copy()), waiting.From);
            }

            return;
        }

        if (!_underDerivation.TryGetValue(credential, out var others))
        {
            _underDerivation.Add(credential, others = []);
            _derivations.Tell(new KeyWorker.Derive(credential));
        }

        if (waiting is not null)
        {
            others.Add(waiting);
        }
    }

    private void OnDerived(KeyWorker.Derived derived)
    {
        foreach (var waiting in TakeWaiting(derived.Credential))
        {
            _agreements.Tell(waiting.Work(derived.Secret.Copy()), waiting.From);
        }

        _secrets.Add(derived.Credential, derived.Secret)?.Dispose();
        Prepared(derived.Credential);
    }

    private void OnNotDerived(KeyWorker.NotDerived failed)
    {
        _log.Error("The secret for {0} cannot be derived: {1}", failed.Credential, failed.Reason);
        foreach (var waiting in TakeWaiting(failed.Credential))
        {
            waiting.From.Tell(new Failed(failed.Reason));
        }

        Prepared(failed.Credential);
    }

    private List<Waiting> TakeWaiting(Credential credential)
    {
        _underDerivation.Remove(credential, out var waiting);
        return waiting ?? [];
    }

    private void Prepared(Credential credential)
    {
        if (!_toPrepare.Remove(credential) || _toPrepare.Count > 0)
        {
            return;
        }

        foreach (var (request, from) in _heldBack)
        {
            AnswerInTheSameWay(request, from);
        }

        _heldBack.Clear();
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

    /// <summary>Derive these in the background.</summary>
    /// <param name="Incoming">For conversations that contacts begin.</param>
    /// <param name="Outgoing">For conversations that we begin.</param>
    public sealed record Prepare(IReadOnlyList<Credential> Incoming, IReadOnlyList<Credential> Outgoing) : ILocalOnly;

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

    // A request whose secret is not there yet: what to have done with the secret, and who asked.
    private sealed record Waiting(Func<UserSecret, object> Work, IActorRef From);
}
