// Stands in the place of Akka's own serializer, JSON with type names, which would make any type that a peer names. Nothing is bound to it;
// should something ask for it all the same, by its number or its name, it gets an error, and Newtonsoft.Json is never loaded.

using Akka.Actor;

namespace ActorChat.Node.Serialization;

/// <summary>Serializes nothing.</summary>
public sealed class RefusingSerializer : Akka.Serialization.Serializer
{
    /// <summary>Made by Akka from the configuration, which has settings for the one that this replaces.</summary>
    public RefusingSerializer(ExtendedActorSystem system, Akka.Configuration.Config settings)
        : base(system) => ArgumentNullException.ThrowIfNull(settings);

    /// <summary>The number of Akka's JSON serializer.</summary>
    public override int Identifier => 1;

    /// <inheritdoc/>
    public override bool IncludeManifest => false;

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override byte[] ToBinary(object obj) => throw Refusal();

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override object FromBinary(byte[] bytes, Type type) => throw Refusal();

    private static NotSupportedException Refusal() => new($"Messages are serialized by {nameof(HyperionSerializer)} and its allow-list, or not at all.");
}
