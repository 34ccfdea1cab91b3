// Sending without a node that runs, as one call: the executable's "send" and "ping".

using ActorChat.Node.Consoles;
using ActorChat.Node.Serialization;
using ActorChat.Node.Sessions;
using ActorChat.Storage.Sealing;
using Akka.Actor;
using Akka.Configuration;

namespace ActorChat.Node.Control;

/// <summary>One message to one or more recipients, or one ping.</summary>
public static class OneShot
{
    /// <summary>Does it and waits for the outcome.</summary>
    /// <param name="request">What to do.</param>
    /// <param name="settings">The settings, read from <paramref name="config"/>.</param>
    /// <param name="config">The configuration, for Akka.</param>
    public static async Task<Result> RunAsync(Request request, NodeSettings settings, Config config)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(settings);
        using var system = ActorSystem.Create("actorchat-once", config);
        var actor = system.ActorOf(Props.Create(() => new OneShotActor(settings, TimeProvider.System, SystemRandomSource.Instance)), "once");
        var done = await actor.Ask<Result>(request);
        await system.Terminate();
        return done;
    }

    /// <summary>What to do.</summary>
    /// <param name="Recipients">To whom; one for a ping.</param>
    /// <param name="Text">The message; null for a ping.</param>
    /// <param name="StatePath">The state folder; not used for a ping.</param>
    /// <param name="Passphrase">What seals the secure log's key; null for none.</param>
    /// <param name="Timeout">How long it may take in all.</param>
    public sealed record Request(IReadOnlyList<Recipient> Recipients, string? Text, string StatePath, Passphrase? Passphrase, TimeSpan Timeout) : ILocalOnly
    {
        /// <summary>Where a secure log is begun, the new file that gets its verification key; null for none.</summary>
        public string? VerificationKeyPath { get; init; }

        /// <summary>Whether the user may be told the verification key where there is no file for it.</summary>
        public bool MayShowKey { get; init; } = true;

        /// <summary>Shows whom it is for.</summary>
        public override string ToString() => $"{nameof(Request)} to {string.Join(", ", Recipients)}";
    }

    /// <summary>What became of it.</summary>
    public abstract record Result : ILocalOnly
    {
        /// <summary>The message was tried.</summary>
        /// <param name="Events">What became of it, for each recipient.</param>
        /// <param name="Notice">What the user must be told of the log, once; null for nothing.</param>
        public sealed record Sent(IReadOnlyList<NodeEvent.MessageSent> Events, string? Notice) : Result;

        /// <summary>The ping was tried.</summary>
        /// <param name="Failure">Why the other side was not reached or did not prove who it is; null where it was and did.</param>
        /// <param name="PeerName">The name that answered, where no name was expected.</param>
        /// <param name="Steps">The steps of a ping that was answered.</param>
        /// <param name="IsPostQuantum">Whether ML-KEM-768 went into its keys.</param>
        public sealed record Pinged(Failure? Failure, string? PeerName, IReadOnlyList<Step> Steps, bool IsPostQuantum) : Result;

        /// <summary>Another process has the state folder.</summary>
        /// <param name="Reason">Which, and what to do.</param>
        public sealed record InUse(string Reason) : Result;

        /// <summary>It could not even be tried.</summary>
        /// <param name="Reason">Why, and what to do.</param>
        public sealed record CannotStart(string Reason) : Result;
    }
}
