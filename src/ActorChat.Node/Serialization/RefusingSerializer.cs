// Takes the place of Akka's own serializer, JSON with type names, which would create any type that a peer names. Nothing is bound to it.
// A request for it by its number or its name gets an error, and Newtonsoft.Json is never loaded.

using Akka.Actor;

namespace ActorChat.Node.Serialization;

/// <summary>Serializes nothing.</summary>
public sealed class RefusingSerializer : Akka.Serialization.Serializer
{
    /// <summary>The constructor that Akka calls, with the settings of the serializer that this replaces.</summary>
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
