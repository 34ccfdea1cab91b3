// A profile whose secrets cost nothing, so that a test can count derivations, hold them up, make them fail and see which secret was used.

using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using ActorChat.Storage.Contacts;

namespace ActorChat.Node.Tests.Support;

internal sealed class FakeProfile : IProfile
{
    private readonly SemaphoreSlim _mayEnd = new(0);
    private volatile bool _isHeld;

    /// <summary>The names for which a derivation has begun, in order.</summary>
    public ConcurrentQueue<string> Begun { get; } = new();

    /// <summary>The secrets that were derived, which the KeyActor owns.</summary>
    public ConcurrentQueue<UserSecret> Derived { get; } = new();

    /// <summary>The secrets that key agreements were given, which the KeyActor owns.</summary>
    public ConcurrentQueue<UserSecret> Used { get; } = new();

    /// <summary>The timestamps that dh_1 and dh_2 were made with.</summary>
    public ConcurrentQueue<double> Timestamps { get; } = new();

    /// <summary>What they were told to announce.</summary>
    public ConcurrentQueue<AgreementOptions> Options { get; } = new();

    /// <summary>Names whose derivation fails.</summary>
    public ConcurrentDictionary<string, string> Failing { get; } = new();

    public bool RefusesAgreements { get; set; }

    public bool FailsAgreements { get; set; }

    public string Name => Contact.DefaultProfile; // it is there in its place

    public PduFormat Format => PduFormat.Modern;

    public bool MaySendStepsTogether => true;

    public bool AcknowledgesStep9 => false;

    public bool DerivesSlowly => true;

    public string? GivesAway => null;

    /// <summary>How often a secret was derived for a name.</summary>
    public int DerivationsOf(string name) => Begun.Count(begun => begun == name);

    /// <summary>From now on each derivation waits until it is let end.</summary>
    public void Hold() => _isHeld = true;

    /// <summary>Lets one derivation end, now or when it has begun.</summary>
    public void LetOneEnd() => _mayEnd.Release();

    /// <summary>Lets all end.</summary>
    public void LetAllEnd()
    {
        _isHeld = false;
        _mayEnd.Release(1_000_000);
    }

    public UserSecret DeriveUserSecret(string password, string initiatorName)
    {
        Begun.Enqueue(initiatorName);
        if (_isHeld)
        {
            Assert.True(_mayEnd.Wait(TimeSpan.FromSeconds(30)));
        }

        if (Failing.TryGetValue(initiatorName, out var reason))
        {
            throw new PlatformNotSupportedException(reason);
        }

        var secret = new UserSecret(SHA256.HashData(Encoding.UTF8.GetBytes($"{password} {initiatorName}")));
        Derived.Enqueue(secret);
        return secret;
    }

    public string KeysInWords(bool isPostQuantum) => "fake";

    public IInitiation Initiate(UserSecret userSecret, string initiatorName, double timestamp, IRandomSource random, AgreementOptions? options = null)
    {
        Used.Enqueue(userSecret);
        Timestamps.Enqueue(timestamp);
        Options.Enqueue(options!);
        ThrowIfFailing();
        return new Initiation(Fingerprint(userSecret));
    }

    public Agreement? Respond(UserSecret userSecret, Offer offer, string responderName, double timestamp, IRandomSource random, AgreementOptions? options = null)
    {
        Used.Enqueue(userSecret);
        Timestamps.Enqueue(timestamp);
        Options.Enqueue(options!);
        ThrowIfFailing();
        return RefusesAgreements ? null : AgreementOf(Fingerprint(userSecret));
    }

    public Offer? ReadOffer(Pdu dh1) => ModernProfile.Instance.ReadOffer(dh1);

    public byte[]? WriteText(TextMessage message, int maxSize, bool pads = false) => throw new NotSupportedException();

    public TextMessage? ReadText(ReadOnlySpan<byte> plaintext, IRandomSource random) => throw new NotSupportedException();

    /// <summary>Tells secrets apart through what is made of them; they do not show their bytes.</summary>
    public static byte[] Fingerprint(UserSecret secret)
    {
        using var channel = new SealedChannel(PduFormat.Modern, KeyChain.Derive(secret, [], "initiator"u8), KeyChain.Derive(secret, [], "responder"u8));
        return channel.Respond(new byte[SealedChannel.ChallengeSize]);
    }

    /// <summary>Whether a secret has been cleared.</summary>
    public static bool IsCleared(UserSecret secret) => Record.Exception(() => Fingerprint(secret)) is ObjectDisposedException;

    private static Agreement AgreementOf(byte[] dh2)
    {
        using var secret = new UserSecret(new byte[UserSecret.Size]);
        return new Agreement(dh2, new SessionKeys(KeyChain.Derive(secret, [], "initiator"u8), KeyChain.Derive(secret, [], "responder"u8)), null);
    }

    private void ThrowIfFailing()
    {
        if (FailsAgreements)
        {
            throw new InvalidOperationException("out of luck");
        }
    }

    private sealed class Initiation(byte[] dh1) : IInitiation
    {
        public byte[] Dh1 => dh1;

        public Agreement? Complete(Pdu dh2) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
