// Akka's serializer over the Hyperion package (the package Akka.Serialization.Hyperion is not available). A serializer that creates whatever type
// the bytes name is the classic way into a program from outside, so this one creates only the types on its allow-list.

using Akka.Actor;
using Hyperion;

namespace ActorChat.Node.Serialization;

/// <summary>Serializes <see cref="IRemotable"/> messages.</summary>
public sealed class HyperionSerializer : Akka.Serialization.Serializer
{
    // Created when it is first needed: a node whose messages stay in the process is spared the code that Hyperion compiles at its start.
    private readonly Lazy<Hyperion.Serializer> _hyperion = new(() => new Hyperion.Serializer(SerializerOptions.Default
        .WithVersionTolerance(true)
        .WithPreserveObjectReferences(false)
        .WithDisallowUnsafeType(true)
        .WithTypeFilter(AllowList.Instance)));

    /// <summary>The constructor that Akka calls for the configured serializer.</summary>
    public HyperionSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    /// <summary>The number by which Akka knows this serializer on the wire.</summary>
    public override int Identifier => 5301;

    /// <inheritdoc/>
    public override bool IncludeManifest => false;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="obj"/> is not on the allow-list.</exception>
    public override byte[] ToBinary(object obj)
    {
        ArgumentNullException.ThrowIfNull(obj);
        if (!AllowList.Contains(obj.GetType()))
        {
            throw new ArgumentException($"{obj.GetType()} is not on the allow-list: mark it {nameof(IRemotable)}, or {nameof(ILocalOnly)} if it must not leave the process.", nameof(obj));
        }

        using var stream = new MemoryStream();
        _hyperion.Value.Serialize(obj, stream);
        return stream.ToArray();
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The bytes hold something that is not on the allow-list.</exception>
    public override object FromBinary(byte[] bytes, Type type)
    {
        using var stream = new MemoryStream(bytes);
        var message = _hyperion.Value.Deserialize<object>(stream);
        return AllowList.Contains(message.GetType())
            ? message
            : throw new ArgumentException($"{message.GetType()} is not on the allow-list.", nameof(bytes)); // Hyperion creates plain values without asking the filter
    }

    /// <summary>The messages of this assembly that are marked, and the enums in them. Hyperion handles strings, numbers, times and Guids itself.</summary>
    private sealed class AllowList : ITypeFilter
    {
        // Hyperion asks for "Full.Name, Assembly", or for that followed by version and so on; the package's own TypeFilter compares the two spellings and refuses everything.
        private static readonly HashSet<string> Names =
        [
            .. typeof(HyperionSerializer).Assembly.GetTypes().Where(Contains).Select(type => $"{type.FullName}, {type.Assembly.GetName().Name}"),
        ];

        public static AllowList Instance { get; } = new();

        public static bool Contains(Type type) =>
            type.Assembly == typeof(HyperionSerializer).Assembly && type is { IsAbstract: false, IsGenericType: false } &&
            (typeof(IRemotable).IsAssignableFrom(type) || (type.IsEnum && type.IsPublic));

        public bool IsAllowed(string typeName)
        {
            var end = typeName.IndexOf(',', typeName.IndexOf(',', StringComparison.Ordinal) + 1);
            return Names.Contains(end < 0 ? typeName : typeName[..end]);
        }
    }
}
