// Does one piece of slow work after another for the KeyActor, on a dispatcher of its own: arithmetic, and the file of secrets.

using System.Security.Cryptography;
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
        Receive<ReadSecrets>(request => Sender.Tell(new SecretsRead(request.Request, Read(request.Request))));
        Receive<WriteSecrets>(Write);
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

    // Without the file everything is derived anew, which is slower and no worse.
    private UserSecret[]? Read(KeyActor.Prepare request)
    {
        try
        {
            var bytes = request.File.Read(request.Fingerprint);
            UserSecret[]? secrets = bytes is not null && bytes.Length == request.Credentials.Count() * UserSecret.Size
                ? [.. bytes.Chunk(UserSecret.Size).Select(secret => new UserSecret(secret))]
                : null;
            CryptographicOperations.ZeroMemory(bytes);
            return secrets;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.Warning("The secrets derived earlier cannot be read, so they are derived anew: {0}", e.Message);
            return null;
        }
    }

    // One that could not be derived has left a gap, and then the order says nothing: nothing is kept.
    private void Write(WriteSecrets request)
    {
        var bytes = new byte[request.Secrets.Length * UserSecret.Size];
        for (var i = 0; i < request.Secrets.Length; i++)
        {
            using var secret = request.Secrets[i];
            secret.CopyTo(bytes.AsSpan(i * UserSecret.Size));
        }

        try
        {
            if (request.Secrets.Length == request.Request.Credentials.Count())
            {
                request.Request.File.Write(request.Request.Fingerprint, bytes);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.Warning("The derived secrets cannot be kept, so the next start derives them anew: {0}", e.Message);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    internal sealed record ReadSecrets(KeyActor.Prepare Request) : ILocalOnly;

    internal sealed record SecretsRead(KeyActor.Prepare Request, UserSecret[]? Secrets) : ILocalOnly;

    internal sealed record WriteSecrets(KeyActor.Prepare Request, UserSecret[] Secrets) : ILocalOnly;

    internal sealed record Derive(KeyActor.Credential Credential) : ILocalOnly;

    internal sealed record Derived(KeyActor.Credential Credential, UserSecret Secret) : ILocalOnly;

    internal sealed record NotDerived(KeyActor.Credential Credential, string Reason) : ILocalOnly;

    internal sealed record Initiate(UserSecret Secret, KeyActor.Initiate Request) : ILocalOnly;

    internal sealed record Respond(UserSecret Secret, KeyActor.Respond Request) : ILocalOnly;
}
