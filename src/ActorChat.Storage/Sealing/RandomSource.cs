// Where salts, IVs and keys come from. A test that replays a log from a vector passes its own source; everything else uses the default.

namespace ActorChat.Storage.Sealing;

/// <summary>Fills <paramref name="destination"/> with random bytes, as the system's own generator does.</summary>
public delegate void RandomSource(Span<byte> destination);

/// <summary>Takes random bytes from a source in larger pieces: a call for 16 bytes costs as much as one for hundreds. The bytes stay in memory for a
/// while before they are used, so this is for IVs, never for keys.</summary>
internal sealed class RandomPool(RandomSource source)
{
    private readonly byte[] _bytes = new byte[512];
    private int _taken = 512;

    /// <summary>A <see cref="RandomSource"/> for at most 512 bytes at once.</summary>
    public void Fill(Span<byte> destination)
    {
        if (_bytes.Length - _taken < destination.Length)
        {
            source(_bytes);
            _taken = 0;
        }

        _bytes.AsSpan(_taken, destination.Length).CopyTo(destination);
        _taken += destination.Length;
    }
}
