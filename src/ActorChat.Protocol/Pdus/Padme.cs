// How long a text's plaintext is made, so that its length on the wire says little about what was written. Padmé (Nikitin and others, "Reducing Metadata
// Leakage from Encrypted Files and Communication with PURBs", 2019) keeps only the highest bits of a length, as a floating-point number does.

using System.Numerics;

namespace ActorChat.Protocol.Pdus;

/// <summary>The lengths that padded plaintexts have (protocol page, section 7, "Lengths").</summary>
public static class Padme
{
    /// <summary>The shortest length, in bytes: most of what people write to each other fits it.</summary>
    public const int MinLength = 256;

    /// <summary>256, or beyond that <paramref name="length"/> with its last E − S bits made zero by rounding up, where E = floor(log2 L), S = floor(log2 E) + 1:
    /// at most 12 % more.</summary>
    public static int LengthOf(int length)
    {
        if (length <= MinLength)
        {
            return MinLength;
        }

        var e = BitOperations.Log2((uint)length);
        var s = BitOperations.Log2((uint)e) + 1;
        var mask = (1 << (e - s)) - 1;
        return (length + mask) & ~mask;
    }
}
