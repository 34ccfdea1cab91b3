// The figures of an independent implementation, from interop/vectors.

using System.Text.Json;
using ActorChat.Protocol.Cryptography;

namespace ActorChat.Protocol.Tests;

internal static class Vectors
{
    public static JsonElement Load(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", name)));
        return document.RootElement.Clone();
    }

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static byte[] Hex(this JsonElement element, string name) => Convert.FromHexString(element.Text(name));
}

/// <summary>Hands out prepared bytes, and fails when asked for others than those.</summary>
internal sealed class ScriptedRandom(params byte[][] values) : IRandomSource
{
    private readonly Queue<byte[]> _values = new(values);

    public void Fill(Span<byte> destination)
    {
        var next = _values.Dequeue();
        Assert.Equal(next.Length, destination.Length);
        next.CopyTo(destination);
    }
}
