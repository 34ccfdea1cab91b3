// Does one piece of slow arithmetic after another for the KeyActor, on a dispatcher of its own.

using ActorChat.Node.Serialization;
using ActorChat.Protocol.Cryptography;
using Akka.Actor;
using Akka.Event;

namespace ActorChat.Node;

/// <summary>Derives user secrets and runs key agreements. It answers whoever the KeyActor asks for.</summary>
internal sealed class KeyWorker : ReceiveActor
{
    private readonly ILoggingAdapter _log = Context.GetLogger();

    public KeyWorker(IRandomSource random)
    {
        Receive<Derive>(request => Answer(
            () => new Derived(request.Credential, request.Credential.Profile.DeriveUserSecret(request.Credential.Password, request.Credential.InitiatorName)),
            reason => new NotDerived(request.Credential, reason)));
        Receive<Initiate>(request => Answer(() =>
        {
            using var secret = request.Secret;
            var credential = request.Request.Credential;
            return new KeyActor.Initiated(credential.Profile.Initiate(secret, credential.InitiatorName, request.Request.Timestamp, random));
        }));
        Receive<Respond>(request => Answer(() =>
        {
            using var secret = request.Secret;
            var (profile, _, _, dh1, responderName, timestamp) = request.Request;
            return profile.Respond(secret, dh1, responderName, timestamp, random) is { } agreement ? new KeyActor.Agreed(agreement) : new KeyActor.Refused();
        }));
        Receive<KeyActor.Complete>(request => Answer(() =>
            request.Initiation.Complete(request.Dh2) is { } agreement ? new KeyActor.Agreed(agreement) : new KeyActor.Refused()));
    }

    // Whoever asked must hear of a failure now and not at its deadline.
    private void Answer(Func<object> work, Func<string, object>? failed = null)
    {
        try
        {
            Sender.Tell(work());
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _log.Error(e, "Key arithmetic failed");
            Sender.Tell(failed?.Invoke(e.Message) ?? new KeyActor.Failed(e.Message));
        }
    }

    internal sealed record Derive(KeyActor.Credential Credential) : ILocalOnly;

    internal sealed record Derived(KeyActor.Credential Credential, UserSecret Secret) : ILocalOnly;

    internal sealed record NotDerived(KeyActor.Credential Credential, string Reason) : ILocalOnly;

    internal sealed record Initiate(UserSecret Secret, KeyActor.Initiate Request) : ILocalOnly;

    internal sealed record Respond(UserSecret Secret, KeyActor.Respond Request) : ILocalOnly;
}
