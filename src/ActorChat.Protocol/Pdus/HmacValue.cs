// The HMAC of a PDU, stored inline in the object that holds it, which saves an array for each PDU.

using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace ActorChat.Protocol.Pdus;

/// <summary>An HMAC-SHA256, 32 bytes.</summary>
[InlineArray(Size)]
internal struct HmacValue
{
    /// <summary>The length in bytes.</summary>
    public const int Size = SHA256.HashSizeInBytes;

    private byte _first;
}
